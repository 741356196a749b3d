//! When a property's value can be trusted, as `data/properties.tsv` has it, and the restart manager's
//! session key, which is the one that most readers miss.

use std::sync::LazyLock;

use rustc_hash::FxHashMap;

use super::{Table, TableSet};
use crate::data;

/// The property that holds the key of the installer's Restart Manager session.
pub const SESSION_KEY: &str = "MsiRestartManagerSessionKey";

/// The action from whose end on component and feature states and the paths of directories, files
/// and components are known (pages `costfinalize-action`, `formatted`, `conditional-statement-syntax`).
pub const COSTS_KNOWN_AFTER: &str = "CostFinalize";

/// The first version of Windows Installer that sets [`SESSION_KEY`], as `InstallerVersion` counts
/// (page `not-supported-in-windows-installer-version-3-1`).
pub const SESSION_KEY_VERSION: u32 = 400;

/// The part of a sequence in which a property's value can be trusted.
#[derive(Debug)]
pub struct Window {
    /// The action after which the value is there; `None`: from the start.
    pub from: Option<&'static str>,
    /// The action that takes it away; `None`: it stays.
    pub until: Option<&'static str>,
    tables: TableSet,
}

impl Window {
    /// Whether the window says something about `table`.
    pub fn holds_in(&self, table: Table) -> bool {
        self.tables.contains(table)
    }
}

static WINDOWS: LazyLock<FxHashMap<&'static str, Window>> = LazyLock::new(|| {
    let bound = |name: &'static str| (!matches!(name, "start" | "end")).then_some(name);
    data::rows::<6>(include_str!("../../data/properties.tsv"))
        .map(|[name, from, until, tables, ..]| {
            (name, Window { from: bound(from), until: bound(until), tables: TableSet::parse(tables) })
        })
        .collect()
});

/// The window of a property; `None` for one that has its value all the time, or that nobody knows.
pub fn window(property: &str) -> Option<&'static Window> {
    WINDOWS.get(property)
}

/// The properties that an action takes away.
pub fn cleared() -> impl Iterator<Item = &'static str> {
    data::rows::<6>(include_str!("../../data/properties.tsv")).filter(|row| row[2] != "end").map(|row| row[0])
}

#[cfg(test)]
mod tests {
    use super::{SESSION_KEY, WINDOWS, window};
    use crate::msi::standard_action;

    #[test]
    fn windows_are_bounded_by_standard_actions() {
        for (property, window) in WINDOWS.iter() {
            for bound in [window.from, window.until].into_iter().flatten() {
                assert!(standard_action(bound).is_some(), "{property}: {bound}");
            }
        }
        assert_eq!(window(SESSION_KEY).and_then(|window| window.until), Some("InstallValidate"));
    }
}
