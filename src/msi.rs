//! What the engine does: the sequence tables, the standard actions and their places, the kinds of
//! custom actions, the property lifetimes. Nothing here knows how WiX writes any of it.

pub mod condition;
pub mod formatted;
pub mod operation;
pub mod placement;
pub mod property;

use std::sync::LazyLock;

use rustc_hash::FxHashMap;

use crate::data;

/// The actions between which Windows Installer collects a script and runs it, and rolls back what fails
/// (pages `installinitialize-action`, `installfinalize-action`).
pub const TRANSACTION: (&str, &str) = ("InstallInitialize", "InstallFinalize");

/// The action that checks what the installation is about to do, and after which the Restart Manager's
/// session is over (page `installvalidate-action`).
pub const VALIDATION: &str = "InstallValidate";

/// A place at which a sequence passes from one part to the next, as `data/boundaries.tsv` has it.
#[derive(Debug)]
pub struct Boundary {
    pub action: &'static str,
    /// Whether it is right before the action; else right after it.
    pub before: bool,
    pub label: &'static str,
}

/// All boundaries, in the order in which a sequence passes them.
pub fn boundaries() -> impl Iterator<Item = Boundary> {
    let rows = data::rows::<3>(include_str!("../data/boundaries.tsv"));
    rows.map(|[action, side, label]| Boundary { action, before: side == "before", label })
}

/// What runs the installation script: only behind one of these are files and registry values in place,
/// and code may have waited for that (pages `installexecute-action`, `installfinalize-action`).
pub const EXECUTES_SCRIPT: [&str; 3] = ["InstallExecute", "InstallExecuteAgain", "InstallFinalize"];

/// The action that removes what an upgrade replaces (page `removeexistingproducts-action`).
pub const REMOVAL: &str = "RemoveExistingProducts";

/// The action that asks for a restart in the middle of an installation (page `forcereboot-action`).
pub const FORCED_REBOOT: &str = "ForceReboot";

/// A sequence table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Table {
    AdminUi,
    AdminExecute,
    Advertise,
    InstallUi,
    InstallExecute,
}

impl Table {
    /// All of them, in the order of the enum.
    pub const ALL: [Table; 5] =
        [Table::AdminUi, Table::AdminExecute, Table::Advertise, Table::InstallUi, Table::InstallExecute];

    /// The table's name in the MSI.
    pub fn name(self) -> &'static str {
        match self {
            Table::AdminUi => "AdminUISequence",
            Table::AdminExecute => "AdminExecuteSequence",
            Table::Advertise => "AdvtExecuteSequence",
            Table::InstallUi => "InstallUISequence",
            Table::InstallExecute => "InstallExecuteSequence",
        }
    }

    /// The table of that name.
    pub fn from_name(name: &str) -> Option<Table> {
        Table::ALL.into_iter().find(|table| table.name() == name)
    }

    /// Whether the table's actions run in the process that shows the dialogs.
    pub fn is_ui(self) -> bool {
        matches!(self, Table::AdminUi | Table::InstallUi)
    }

    fn from_data(name: &str) -> Option<Table> {
        Table::ALL.into_iter().find(|table| {
            table.name().strip_suffix("Sequence") == Some(name) || (name == "Advt" && *table == Table::Advertise)
        })
    }
}

/// A set of sequence tables.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TableSet(u8);

impl TableSet {
    pub fn contains(self, table: Table) -> bool {
        self.0 & (1 << table as u8) != 0
    }

    fn parse(names: &str) -> TableSet {
        TableSet(names.split(',').filter_map(Table::from_data).fold(0, |set, table| set | 1 << table as u8))
    }
}

/// A standard action, as `data/standard_actions.tsv` has it.
#[derive(Debug)]
pub struct StandardAction {
    pub name: &'static str,
    /// The number it has unless the source says otherwise; some have none and must be placed.
    number: Option<i32>,
    tables: TableSet,
    always: TableSet,
    condition: &'static str,
    /// Whether it does nothing unless another table has rows for it.
    pub idle: bool,
    /// Whether it surely writes to the installation script.
    pub writes: bool,
}

impl StandardAction {
    /// Its default number in `table`.
    pub fn number_in(&self, table: Table) -> Option<i32> {
        self.number.filter(|_| self.tables.contains(table))
    }

    /// Whether it has a default number in any table.
    pub fn has_number(&self) -> bool {
        self.number.is_some()
    }

    /// Whether every product has it in `table`.
    pub fn is_always_in(&self, table: Table) -> bool {
        self.always.contains(table)
    }

    /// Its default condition. `v3` is whether WiX v3 writes the table, which has one condition more.
    pub fn condition(&self, v3: bool) -> &'static str {
        match self.condition.strip_prefix("v3: ") {
            Some(condition) if v3 => condition,
            Some(_) => "",
            None => self.condition,
        }
    }
}

static STANDARD: LazyLock<Vec<StandardAction>> = LazyLock::new(|| {
    data::rows::<7>(include_str!("../data/standard_actions.tsv"))
        .map(|[name, number, tables, always, condition, idle, writes]| StandardAction {
            name,
            number: number.parse().ok(),
            tables: TableSet::parse(tables),
            always: TableSet::parse(always),
            condition,
            idle: idle == "yes",
            writes: writes == "yes",
        })
        .collect()
});

static BY_NAME: LazyLock<FxHashMap<&'static str, &'static StandardAction>> =
    LazyLock::new(|| STANDARD.iter().map(|action| (action.name, action)).collect());

/// The standard action of that name; names are case sensitive.
pub fn standard_action(name: &str) -> Option<&'static StandardAction> {
    BY_NAME.get(name).copied()
}

/// All standard actions, by their default numbers.
pub fn standard_actions() -> impl Iterator<Item = &'static StandardAction> {
    STANDARD.iter()
}
