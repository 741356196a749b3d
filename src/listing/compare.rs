//! Two listings of the same package, side by side.

use rustc_hash::FxHashMap;
use similar::{Algorithm, DiffOp, capture_diff_slices};

use super::{Line, LineKind, Listing, Sequence};
use crate::msi::Table;
use crate::wix::Generation;

/// What differs between two listings.
#[derive(Clone, Debug)]
pub struct Comparison {
    pub title: String,
    pub tables: Vec<TableChanges>,
}

/// What differs in a table.
#[derive(Clone, Debug)]
pub struct TableChanges {
    pub table: Table,
    /// In the order in which the new table runs; what is gone stands where it was.
    pub lines: Vec<Changed>,
}

/// An action of either table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Changed {
    pub action: String,
    pub before: Option<i32>,
    pub after: Option<i32>,
    pub change: Change,
    /// Why, where that can be told.
    pub reason: Option<String>,
}

/// What has become of an action.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    Same,
    Added,
    Removed,
    /// It runs before or after others than it did.
    Moved,
    /// It stays, with another condition.
    Condition,
}

impl Comparison {
    /// What differs between `old` and `new`; either may be missing.
    pub fn of(old: Option<&Listing>, new: Option<&Listing>) -> Comparison {
        let generations = [old, new].map(|listing| listing.map(|listing| listing.generation));
        let title = new.or(old).map_or("", Listing::title).to_owned();
        let [old, new] = [old, new].map(|listing| listing.map_or(&[][..], |listing| &listing.tables));
        let mut tables: Vec<Table> = old.iter().chain(new).map(|sequence| sequence.table).collect();
        tables.sort_by_key(|table| table.name());
        tables.dedup();
        let lines = |list: &[Sequence], table| {
            list.iter().find(|sequence| sequence.table == table).map_or(Vec::new(), |sequence| sequence.lines.clone())
        };
        let changes =
            |table| TableChanges { table, lines: changes(&lines(old, table), &lines(new, table), generations) };
        Comparison { title, tables: tables.into_iter().map(changes).collect() }
    }

    pub fn is_empty(&self) -> bool {
        self.tables.iter().all(TableChanges::is_empty)
    }
}

impl TableChanges {
    pub fn is_empty(&self) -> bool {
        self.lines.iter().all(|line| line.change == Change::Same)
    }
}

fn changes(old: &[Line], new: &[Line], generations: [Option<Generation>; 2]) -> Vec<Changed> {
    let names = |lines: &[Line]| lines.iter().map(|line| line.action.clone()).collect::<Vec<_>>();
    let by_name = |lines: &[Line]| -> FxHashMap<String, Line> {
        lines.iter().map(|line| (line.action.clone(), line.clone())).collect()
    };
    let (before, after) = (by_name(old), by_name(new));
    let mut changed = Vec::new();
    for operation in capture_diff_slices(Algorithm::Myers, &names(old), &names(new)) {
        let (gone, come) = match operation {
            DiffOp::Equal { old_index, len, .. } => {
                changed.extend(old[old_index..old_index + len].iter().map(|line| stayed(line, &after)));
                continue;
            }
            operation => (operation.old_range(), operation.new_range()),
        };
        // What only moved is told once, where it is now.
        let removed = old[gone].iter().filter(|line| !after.contains_key(&line.action));
        changed.extend(removed.map(|line| one(line, Change::Removed, None)));
        changed.extend(new[come].iter().map(|line| match before.get(&line.action) {
            Some(was) => {
                Changed { before: was.number, reason: moved(was, line, generations), ..one(line, Change::Moved, None) }
            }
            None => one(line, Change::Added, added(line)),
        }));
    }
    changed
}

fn one(line: &Line, change: Change, reason: Option<String>) -> Changed {
    let (before, after) = if change == Change::Removed { (line.number, None) } else { (None, line.number) };
    Changed { action: line.action.clone(), before, after, change, reason }
}

fn stayed(was: &Line, after: &FxHashMap<String, Line>) -> Changed {
    let is = after.get(&was.action).unwrap_or(was);
    let same = was.condition == is.condition;
    let condition = |text: &str| if text.is_empty() { "none".to_owned() } else { format!("`{text}`") };
    let reason = (!same)
        .then(|| format!("its condition was {}, and is {}", condition(&was.condition), condition(&is.condition)));
    let change = if same { Change::Same } else { Change::Condition };
    Changed { action: was.action.clone(), before: was.number, after: is.number, change, reason }
}

/// Why an action runs at another place.
fn moved(was: &Line, is: &Line, generations: [Option<Generation>; 2]) -> Option<String> {
    let side = |(before, target): &(bool, String)| format!("{} `{target}`", if *before { "Before" } else { "After" });
    match (&was.hangs, &is.hangs) {
        (Some(old), Some(new)) if old == new && is_v3(generations[0]) != is_v3(generations[1]) => {
            Some(format!("what is {} is ordered by name in v3, by its place in the sources since v4", side(new)))
        }
        (Some(old), Some(new)) if old == new => Some(format!("others that are {} come in another order", side(new))),
        (Some(old), Some(new)) => Some(format!("it was {}, and is {}", side(old), side(new))),
        (None, Some(new)) => Some(format!("it had a number, and is {}", side(new))),
        (Some(old), None) => Some(format!("it was {}, and has a number", side(old))),
        (None, None) => Some("it has another number".to_owned()),
    }
}

fn added(line: &Line) -> Option<String> {
    let of_itself = line.kind == LineKind::Standard && line.is_of_itself();
    of_itself.then(|| "WiX adds it by itself".to_owned())
}

fn is_v3(generation: Option<Generation>) -> bool {
    generation == Some(Generation::V3)
}
