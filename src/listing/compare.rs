//! Two listings of the same package, side by side.

use rustc_hash::FxHashMap;
use similar::{Algorithm, DiffOp, capture_diff_slices};

use super::{Line, LineKind, Listing};
use crate::msi::Table;
use crate::sequence::is_of_default_upgrade;
use crate::wix::{Generation, Library};

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
    /// It stays, as another toolset calls it.
    Renamed,
    /// It runs between the same ones, at another number.
    Number,
}

impl Comparison {
    /// What differs between `old` and `new`; either may be missing.
    pub fn of(old: Option<&Listing>, new: Option<&Listing>) -> Comparison {
        let title = new.or(old).map_or("", Listing::title).to_owned();
        let pair = Pair { old, new };
        let all = [old, new].into_iter().flatten().flat_map(|listing| &listing.tables);
        let mut tables: Vec<Table> = all.map(|sequence| sequence.table).collect();
        tables.sort_by_key(|table| table.name());
        tables.dedup();
        let changes = |table| TableChanges { table, lines: pair.changes(table) };
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

/// The listings that are compared.
struct Pair<'l> {
    old: Option<&'l Listing>,
    new: Option<&'l Listing>,
}

impl Pair<'_> {
    fn changes(&self, table: Table) -> Vec<Changed> {
        let lines = |listing: Option<&Listing>| {
            let found = listing.and_then(|listing| listing.tables.iter().find(|sequence| sequence.table == table));
            found.map_or(Vec::new(), |sequence| sequence.lines.clone())
        };
        let (mut old, new) = (lines(self.old), lines(self.new));
        let names = |lines: &[Line]| lines.iter().map(|line| line.action.clone()).collect::<Vec<_>>();
        let by_name = |lines: &[Line]| -> FxHashMap<String, Line> {
            lines.iter().map(|line| (line.action.clone(), line.clone())).collect()
        };
        let after = by_name(&new);
        let called = self.rename(&mut old, &after);
        let before = by_name(&old);
        let mut changed = Vec::new();
        for operation in capture_diff_slices(Algorithm::Myers, &names(&old), &names(&new)) {
            let (gone, come) = match operation {
                DiffOp::Equal { old_index, len, .. } => {
                    let same = &old[old_index..old_index + len];
                    changed.extend(same.iter().map(|line| stayed(line, &after, called.get(&line.action))));
                    continue;
                }
                operation => (operation.old_range(), operation.new_range()),
            };
            // What only moved is told once, where it is now.
            let removed = old[gone].iter().filter(|line| !after.contains_key(&line.action));
            changed.extend(removed.map(|line| one(line, Change::Removed, self.removed(line))));
            changed.extend(new[come].iter().map(|line| match before.get(&line.action) {
                Some(was) => {
                    let reason = moved(was, line, [self.old, self.new].map(is_v3));
                    Changed { before: was.number, ..one(line, Change::Moved, Some(reason)) }
                }
                None => one(line, Change::Added, self.added(line)),
            }));
        }
        changed
    }

    /// Calls extensions' actions as the new toolset does, where it has them; tells what they were called.
    fn rename(&self, old: &mut [Line], after: &FxHashMap<String, Line>) -> FxHashMap<String, String> {
        let mut called = FxHashMap::default();
        let Some(new) = self.new.filter(|new| self.old.is_some_and(|old| old.generation != new.generation)) else {
            return called;
        };
        let library = Library::of(new.generation);
        let name = |action: &str| {
            let name = library.renamed(action, new.platform)?;
            (!after.contains_key(action) && after.contains_key(name)).then(|| name.to_owned())
        };
        for line in old {
            if let Some(name) = name(&line.action) {
                called.insert(name.clone(), std::mem::replace(&mut line.action, name));
            }
            if let Some((_, target)) = &mut line.hangs {
                *target = name(target).unwrap_or_else(|| std::mem::take(target));
            }
        }
        called
    }

    fn added(&self, line: &Line) -> Option<String> {
        let upgrade = |listing: Option<&Listing>| listing.is_some_and(|listing| listing.has_default_upgrade);
        let of_upgrade = upgrade(self.new) && !upgrade(self.old) && is_of_default_upgrade(&line.action);
        match self.new {
            Some(new) if of_upgrade && line.is_of_itself() => {
                Some(format!("comes with the major upgrade that {} adds by itself", new.generation.name()))
            }
            Some(new) => adds(line).then(|| format!("{} adds it by itself", toolset(new, self.old))),
            None => None,
        }
    }

    fn removed(&self, line: &Line) -> Option<String> {
        let new = self.new.filter(|_| adds(line))?;
        Some(format!("{} does not add it", toolset(new, self.old)))
    }
}

/// What to call a toolset: by its generation, where the other one is of another.
fn toolset(listing: &Listing, other: Option<&Listing>) -> &'static str {
    match other {
        Some(other) if other.generation != listing.generation => listing.generation.name(),
        _ => "WiX",
    }
}

/// Whether WiX has added an action.
fn adds(line: &Line) -> bool {
    line.kind == LineKind::Standard && line.is_of_itself()
}

fn is_v3(listing: Option<&Listing>) -> bool {
    listing.is_some_and(|listing| listing.generation == Generation::V3)
}

fn one(line: &Line, change: Change, reason: Option<String>) -> Changed {
    let (before, after) = if change == Change::Removed { (line.number, None) } else { (None, line.number) };
    Changed { action: line.action.clone(), before, after, change, reason }
}

/// An action that runs between the same others; `called`: under another name.
fn stayed(was: &Line, after: &FxHashMap<String, Line>, called: Option<&String>) -> Changed {
    let is = after.get(&was.action).unwrap_or(was);
    let condition = |text: &str| if text.is_empty() { "none".to_owned() } else { format!("`{text}`") };
    let (change, reason) = match called {
        _ if was.condition != is.condition => {
            let [was, is] = [was, is].map(|line| condition(&line.condition));
            let called = called.map_or(String::new(), |name| format!("was called `{name}`, and "));
            (Change::Condition, Some(format!("{called}its condition was {was}, and is {is}")))
        }
        Some(name) => (Change::Renamed, Some(format!("was called `{name}`"))),
        None if was.number == is.number => (Change::Same, None),
        None => (Change::Number, None),
    };
    Changed { action: was.action.clone(), before: was.number, after: is.number, change, reason }
}

/// Why an action runs at another place; `v3`: whether that toolset gave the places.
fn moved(was: &Line, is: &Line, v3: [bool; 2]) -> String {
    let side = |(before, target): &(bool, String)| format!("{} `{target}`", if *before { "Before" } else { "After" });
    match (&was.hangs, &is.hangs) {
        (Some(old), Some(new)) if old == new && v3[0] != v3[1] => {
            format!("v3 orders what is {} by name, v4 and later as it is linked", side(new))
        }
        (Some(old), Some(new)) if old == new => format!("others that are {} come in another order", side(new)),
        (Some(old), Some(new)) => format!("it was {}, and is {}", side(old), side(new)),
        (None, Some(new)) => format!("it had a number, and is {}", side(new)),
        (Some(old), None) => format!("it was {}, and has a number", side(old)),
        (None, None) => "it has another number".to_owned(),
    }
}
