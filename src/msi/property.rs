//! When a property's value can be trusted, as `data/properties.tsv` has it, and the restart manager's
//! session key, which is the one that most readers miss.

use std::sync::LazyLock;

use rustc_hash::{FxHashMap, FxHashSet};

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
    /// Whether a read outside of it is wrong by itself.
    pub is_checked: bool,
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
    data::rows::<7>(include_str!("../../data/properties.tsv"))
        .map(|[name, from, until, tables, check, ..]| {
            let is_checked = check == "read";
            (name, Window { from: bound(from), until: bound(until), is_checked, tables: TableSet::parse(tables) })
        })
        .collect()
});

/// The window of a property; `None` for one that has its value all the time, or that nobody knows.
pub fn window(property: &str) -> Option<&'static Window> {
    WINDOWS.get(property)
}

/// The properties that an action takes away.
pub fn cleared() -> impl Iterator<Item = &'static str> {
    data::rows::<7>(include_str!("../../data/properties.tsv")).filter(|row| row[2] != "end").map(|row| row[0])
}

/// Names that have their values only from an action on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// Properties with a search.
    Search,
    /// Properties of Upgrade rows.
    Upgrade,
    /// Keys of directories, as properties.
    Directory,
    /// States of components and features, in conditions.
    State,
    /// Paths of files and components, in formatted text.
    Path,
}

/// What `data/property_families.tsv` says of a family.
#[derive(Clone, Copy, Debug)]
pub struct FamilyWindow {
    /// The action after which the values are there.
    pub from: &'static str,
    pub is_error: bool,
    /// What a reader gets before that.
    pub before: &'static str,
}

impl Family {
    const ALL: [Family; 5] = [Family::Search, Family::Upgrade, Family::Directory, Family::State, Family::Path];

    /// From when on the family has values.
    pub fn window(self) -> FamilyWindow {
        let name = match self {
            Family::Search => "search",
            Family::Upgrade => "upgrade",
            Family::Directory => "directory",
            Family::State => "state",
            Family::Path => "path",
        };
        let row = data::rows::<5>(include_str!("../../data/property_families.tsv")).find(|row| row[0] == name);
        let [_, from, severity, before, _] = row.unwrap_or([""; 5]);
        FamilyWindow { from, is_error: severity == "error", before }
    }
}

static BEGINNINGS: LazyLock<Vec<&'static str>> = LazyLock::new(|| {
    let fixed = WINDOWS.values().filter(|window| window.is_checked).filter_map(|window| window.from);
    let mut all: Vec<&str> = fixed.chain(Family::ALL.map(|family| family.window().from)).collect();
    all.sort_unstable();
    all.dedup();
    all
});

/// The actions that give properties and families their values.
pub fn beginnings() -> &'static [&'static str] {
    &BEGINNINGS
}

/// The properties that Windows Installer itself knows, in their own spelling.
pub fn standard() -> impl Iterator<Item = &'static str> {
    standard_groups().map(|[property, _]| property)
}

static STANDARD: LazyLock<FxHashSet<&'static str>> = LazyLock::new(|| standard().collect());

/// Whether Windows Installer itself knows a property of that name.
pub fn is_standard(name: &str) -> bool {
    STANDARD.contains(name)
}

fn standard_groups() -> impl Iterator<Item = [&'static str; 2]> {
    data::rows::<2>(include_str!("../../data/standard_properties.tsv"))
}

/// The directories that every package may take for granted: that of the installation, and folders of the system.
pub fn standard_directories() -> impl Iterator<Item = &'static str> {
    let folders = standard_groups().filter(|[_, group]| *group == "folder").map(|[name, _]| name);
    folders.chain([ROOT_DIRECTORY, "ProgramFiles6432Folder", "CommonFiles6432Folder", "System6432Folder"])
}

/// Whether a directory's key is a folder of the system, whose property always has its value.
pub fn is_system_folder(name: &str) -> bool {
    let folder = name.replace("6432Folder", "Folder");
    standard_groups().any(|[standard, group]| group == "folder" && standard == folder)
}

/// The entry points of WiX's library that run a command line, with the property that each takes it from.
pub fn quiet_exec() -> impl Iterator<Item = (&'static str, &'static str)> {
    data::rows::<2>(include_str!("../../data/quiet_exec.tsv")).map(|[entry, property]| (entry, property))
}

/// Whether a property is private: a name with a lower-case letter is not handed from the dialogs to the
/// execution, and no command line sets it (page `private-properties`).
pub fn is_private(name: &str) -> bool {
    name.contains(|letter: char| letter.is_lowercase())
}

/// What an action in the installation script can ask for (page
/// `obtaining-context-information-for-deferred-execution-custom-actions`); the product's code not when it commits.
pub fn is_known_in_script(name: &str, commits: bool) -> bool {
    matches!(name, CUSTOM_ACTION_DATA | "UserSID") || (name == "ProductCode" && !commits)
}

/// The property from which an action in the installation script gets what it was handed.
pub const CUSTOM_ACTION_DATA: &str = "CustomActionData";

/// How much of an interface is shown (page `uilevel`).
pub const UI_LEVEL: &str = "UILevel";

/// The directory around all others, which every package has (page `targetdir`).
pub const ROOT_DIRECTORY: &str = "TARGETDIR";

/// The features that are to be removed; [`REMOVES_ALL`] only after validation (page `remove`).
pub const REMOVE: &str = "REMOVE";
pub const REMOVES_ALL: &str = "ALL";

#[cfg(test)]
mod tests {
    use super::{Family, SESSION_KEY, WINDOWS, window};
    use crate::msi::standard_action;

    #[test]
    fn windows_are_bounded_by_standard_actions() {
        for (property, window) in WINDOWS.iter() {
            for bound in [window.from, window.until].into_iter().flatten() {
                assert!(standard_action(bound).is_some(), "{property}: {bound}");
            }
        }
        for family in Family::ALL {
            assert!(standard_action(family.window().from).is_some(), "{family:?}");
        }
        assert_eq!(window(SESSION_KEY).and_then(|window| window.until), Some("InstallValidate"));
    }
}
