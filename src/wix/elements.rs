//! What most elements mean, as `data/elements.tsv` has it, and which tables bring which actions.

use std::sync::LazyLock;

use rustc_hash::FxHashMap;

use super::{Dialect, Generation};
use crate::data;
use crate::msi::Table;

/// A set of tables of `data/table_actions.tsv`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tables(u64);

impl Tables {
    /// Adds the table of that name; one that brings no action is not kept.
    pub(super) fn insert(&mut self, table: &str) {
        if let Some(at) = TABLE_ACTIONS.iter().position(|row| row.table == table) {
            self.0 |= 1 << at;
        }
    }

    pub(super) fn insert_all(&mut self, tables: Tables) {
        self.0 |= tables.0;
    }

    /// Both sets as one.
    pub fn union(self, other: Tables) -> Tables {
        Tables(self.0 | other.0)
    }

    fn contains(self, at: usize) -> bool {
        self.0 & 1 << at != 0
    }
}

/// The standard actions that a table brings along.
struct TableActions {
    table: &'static str,
    /// Whether v3 does it too.
    in_v3: bool,
    actions: Vec<(Table, &'static str)>,
    /// The table that an `EnsureTable` of it counts as in v6 and later.
    ensure: &'static str,
}

static TABLE_ACTIONS: LazyLock<Vec<TableActions>> = LazyLock::new(|| {
    data::rows::<4>(include_str!("../../data/table_actions.tsv"))
        .map(|[table, dialect, actions, ensure]| TableActions {
            table,
            in_v3: dialect != "v4+",
            actions: actions.split(' ').flat_map(placed).collect(),
            ensure,
        })
        .collect()
});

/// `name@tables` as one pair for each table.
fn placed(action: &'static str) -> impl Iterator<Item = (Table, &'static str)> {
    let (name, tables) = action.split_once('@').unwrap_or((action, ""));
    tables.chars().filter_map(move |table| match table {
        'I' => Some((Table::InstallExecute, name)),
        'U' => Some((Table::InstallUi, name)),
        'A' => Some((Table::Advertise, name)),
        _ => None,
    })
}

/// The standard actions that WiX adds because `tables` have rows and `ensured` were asked for.
pub fn table_actions(
    tables: Tables,
    ensured: Tables,
    generation: Generation,
) -> impl Iterator<Item = (Table, &'static str)> {
    counting(tables, ensured, generation).flat_map(|row| row.actions.iter().copied())
}

/// The first of the tables because of which WiX adds a standard action to a sequence table.
pub fn table_bringing(
    action: (Table, &str),
    tables: Tables,
    ensured: Tables,
    generation: Generation,
) -> Option<&'static str> {
    let row = counting(tables, ensured, generation).find(|row| row.actions.contains(&action))?;
    Some(row.table.split('.').next().unwrap_or(row.table))
}

/// The tables that bring their actions.
fn counting(tables: Tables, ensured: Tables, generation: Generation) -> impl Iterator<Item = &'static TableActions> {
    let all = tables.union(match generation {
        Generation::V3 => ensured,
        Generation::V4 | Generation::V5 => Tables::default(),
        Generation::V6 | Generation::V7 => counted(ensured),
    });
    let rows = TABLE_ACTIONS.iter().enumerate();
    rows.filter(move |(at, row)| all.contains(*at) && (row.in_v3 || generation != Generation::V3)).map(|(_, row)| row)
}

/// What ensured tables count as in v6 and later.
fn counted(ensured: Tables) -> Tables {
    let mut counted = Tables::default();
    for (at, row) in TABLE_ACTIONS.iter().enumerate() {
        if ensured.contains(at) {
            counted.insert(row.ensure);
        }
    }
    counted
}

/// One row of `data/elements.tsv`.
pub(super) struct Meaning {
    pub(super) attribute: &'static str,
    pub(super) role: Role,
}

pub(super) enum Role {
    Define(&'static str),
    Refer(&'static str),
    /// Rows of these tables, when the attribute has the value (`None`: any).
    Table(Tables, Option<&'static str>),
    /// The element, or its attribute, is known from that generation on; `true`: as a child of Package.
    Since(Generation, bool),
}

type Meanings = FxHashMap<&'static str, Vec<Meaning>>;

static MEANINGS: [LazyLock<Meanings>; 2] = [LazyLock::new(|| load("v3")), LazyLock::new(|| load("v4"))];

fn load(dialect: &str) -> Meanings {
    let mut meanings = Meanings::default();
    for [own, element, attribute, role, kind] in data::rows(include_str!("../../data/elements.tsv")) {
        if own == "both" || own == dialect {
            meanings.entry(element).or_default().push(meaning(attribute, role, kind));
        }
    }
    meanings
}

fn meaning(attribute: &'static str, role: &str, kind: &'static str) -> Meaning {
    let (attribute, value) = match attribute.split_once('=') {
        Some((attribute, value)) => (attribute, Some(value)),
        None => (attribute, None),
    };
    let role = match role {
        "define" => Role::Define(kind),
        "refer" => Role::Refer(kind),
        "since" => {
            let (name, parent) = kind.split_once('/').unwrap_or((kind, ""));
            Role::Since(Generation::from_name(name).unwrap_or(Generation::V7), !parent.is_empty())
        }
        _ => {
            let mut tables = Tables::default();
            tables.insert(kind);
            Role::Table(tables, value)
        }
    };
    Meaning { attribute, role }
}

/// What an element means in a dialect, apart from what code compiles.
pub(super) fn meanings(dialect: Dialect, element: &str) -> &'static [Meaning] {
    let at = usize::from(dialect == Dialect::V4);
    MEANINGS[at].get(element).map_or(&[], Vec::as_slice)
}

#[cfg(test)]
mod tests {
    use super::TABLE_ACTIONS;
    use crate::data;
    use crate::msi;
    use crate::wix::Generation;

    fn is_known(table: &str) -> bool {
        TABLE_ACTIONS.iter().any(|row| row.table == table)
    }

    /// A misspelt name would silently bring nothing.
    #[test]
    fn tables_that_elements_fill_bring_actions() {
        for [_, element, _, role, kind] in data::rows(include_str!("../../data/elements.tsv")) {
            assert!(matches!(role, "define" | "refer" | "table" | "since"), "{element}: {role}");
            let since = Generation::from_name(kind.split('/').next().unwrap_or_default());
            assert!(role != "since" || since.is_some(), "{element}: {kind}");
            assert!(role != "table" || is_known(kind), "{element}: no table {kind} in table_actions.tsv");
        }
        for code in [include_str!("compiler.rs"), include_str!("compiler/special.rs"), include_str!("schedule.rs")] {
            for call in code.split("add_table(\"").skip(1) {
                let table = call.split('"').next().unwrap_or_default();
                assert!(is_known(table), "{table}");
            }
        }
        for table in ["Class", "ProgId", "Extension", "TypeLib", "MIME", "MoveFile", "DuplicateFile"] {
            assert!(is_known(table), "{table}");
        }
    }

    #[test]
    fn what_tables_bring_are_standard_actions_of_these_sequences() {
        for row in TABLE_ACTIONS.iter() {
            assert!(!row.actions.is_empty(), "{} brings nothing", row.table);
            assert!(row.ensure == "-" || is_known(row.ensure), "{}: {}", row.table, row.ensure);
            for &(table, name) in &row.actions {
                let action = msi::standard_action(name);
                assert!(action.is_some_and(|action| action.number_in(table).is_some()), "{}: {name}", row.table);
            }
        }
    }
}
