//! Where standard actions may stand, and which an installation needs, as `data/standard_order.tsv`,
//! `data/standard_tables.tsv` and `data/required_actions.tsv` have it.

use std::sync::LazyLock;

use super::{Table, TableSet};
use crate::data;

/// The pairs of standard actions of which the first has to come before the second, where both are in a table.
pub fn orders() -> impl Iterator<Item = (&'static str, &'static str)> {
    ORDERS.iter().copied()
}

static ORDERS: LazyLock<Vec<(&str, &str)>> = LazyLock::new(|| {
    data::rows::<3>(include_str!("../../data/standard_order.tsv")).map(|[first, then, _]| (first, then)).collect()
});

/// Whether a standard action may stand in a table; `None` for a name that is none.
pub fn may_stand_in(action: &str, table: Table) -> Option<bool> {
    let mut rows = data::rows::<2>(include_str!("../../data/standard_tables.tsv"));
    rows.find(|row| row[0] == action).map(|[_, tables]| TableSet::parse(tables).contains(table))
}

/// A standard action that an installation needs.
#[derive(Debug)]
pub struct Required {
    pub action: &'static str,
    tables: TableSet,
    /// Whether it has to run every time.
    pub every_time: bool,
    /// What is missing without it.
    pub does: &'static str,
}

impl Required {
    /// Whether it has to be in a table.
    pub fn is_needed_in(&self, table: Table) -> bool {
        self.tables.contains(table)
    }
}

/// All that an installation needs, in the order in which they run.
pub fn required() -> impl Iterator<Item = Required> {
    let rows = data::rows::<4>(include_str!("../../data/required_actions.tsv"));
    rows.map(|[action, tables, condition, does]| Required {
        action,
        tables: TableSet::parse(tables),
        every_time: condition == "never",
        does,
    })
}

#[cfg(test)]
mod tests {
    use super::{may_stand_in, orders, required};
    use crate::msi::{Table, standard_action, standard_actions};

    #[test]
    fn the_tables_name_standard_actions() {
        for (first, then) in orders() {
            for action in [first, then] {
                assert!(standard_action(action).is_some(), "{first}, {then}: {action}");
            }
        }
        for needed in required() {
            assert!(standard_action(needed.action).is_some(), "{}", needed.action);
        }
    }

    /// WiX's own numbers keep every order, and its own places are allowed.
    #[test]
    fn the_defaults_are_right() {
        for table in Table::ALL {
            for action in standard_actions().filter(|action| action.number_in(table).is_some()) {
                assert_eq!(may_stand_in(action.name, table), Some(true), "{} in {}", action.name, table.name());
            }
            for (first, then) in orders() {
                let number = |name| standard_action(name).and_then(|action| action.number_in(table));
                if let (Some(before), Some(after)) = (number(first), number(then)) {
                    assert!(before < after, "{first} {before}, {then} {after} in {}", table.name());
                }
            }
        }
    }
}
