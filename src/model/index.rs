//! What rules ask of a package again and again, worked out when the first one asks.

use std::sync::OnceLock;

use rustc_hash::{FxHashMap, FxHashSet};

use super::{Model, Turn};
use crate::msi::Table;
use crate::sequence::Schedule;
use crate::wix::Entry;

/// What is filled in later cannot borrow from the package: rows are told by their places, names are copies.
#[derive(Debug, Default)]
pub(super) struct Index {
    writers: OnceLock<Vec<At>>,
    valued: OnceLock<FxHashSet<Box<str>>>,
    run_by_dialogs: OnceLock<FxHashSet<Box<str>>>,
    /// For each table.
    hanging: [OnceLock<FxHashMap<Box<str>, Vec<usize>>>; Table::ALL.len()],
    code: [OnceLock<Option<Option<i32>>>; Table::ALL.len()],
}

/// A row: its table, and its place among the rows of that.
type At = (Table, usize);

impl<'w> Model<'w> {
    /// The rows that are known to give a property a value at their turn, table by table.
    pub fn writers<'m>(&'m self, property: &str) -> impl Iterator<Item = Turn<'m, 'w>> {
        let writers = self.index.writers.get_or_init(|| self.all_writers());
        let first = writers.partition_point(|&place| self.written(place) < Some(property));
        let own = writers[first..].iter().take_while(move |&&place| self.written(place) == Some(property));
        own.map(|&place| self.turn(place))
    }

    /// Sorted by the property's name.
    fn all_writers(&self) -> Vec<At> {
        let all =
            Table::ALL.into_iter().flat_map(|table| (0..self.schedule(table).rows.len()).map(move |at| (table, at)));
        let mut writers: Vec<At> = all.filter(|&place| self.written(place).is_some()).collect();
        writers.sort_by_key(|&place| self.written(place));
        writers
    }

    fn written(&self, place: At) -> Option<&'w str> {
        self.turn(place).flow().and_then(|flow| flow.writes)
    }

    /// Whether a property has a value before any action runs, or gets one from a search.
    pub fn is_valued(&self, property: &str) -> bool {
        let properties = || self.package.sections.iter().flat_map(|section| &section.properties);
        let valued =
            || properties().filter(|property| property.valued).map(|property| (*property.id.text).into()).collect();
        self.index.valued.get_or_init(valued).contains(property)
    }

    /// Whether a dialog runs an action.
    pub fn is_run_by_dialog(&self, action: &str) -> bool {
        self.index.run_by_dialogs.get_or_init(|| self.run_by_dialogs().map(Into::into).collect()).contains(action)
    }

    /// The entries of a table that are Before or After an action.
    pub fn hanging<'m>(&'m self, schedule: &'m Schedule<'w>, action: &str) -> impl Iterator<Item = &'w Entry> {
        let hanging = self.index.hanging[schedule.table as usize].get_or_init(|| {
            let mut hanging: FxHashMap<Box<str>, Vec<usize>> = FxHashMap::default();
            for (at, row) in schedule.rows.iter().enumerate() {
                if let Some(target) = row.entry.and_then(Entry::target) {
                    hanging.entry((*target.text).into()).or_default().push(at);
                }
            }
            hanging
        });
        hanging.get(action).into_iter().flatten().filter_map(|&at| schedule.rows[at].entry)
    }

    /// The first place of a table at which code of the package's own runs at once, which may set anything; it is
    /// `None` itself where it cannot be known.
    pub fn first_code(&self, table: Table) -> Option<Option<i32>> {
        *self.index.code[table as usize].get_or_init(|| {
            self.turns_in(self.schedule(table)).filter(Turn::runs_code).map(|turn| turn.row.place()).min()
        })
    }
}
