//! Who runs when: the sequence tables of a package, as WiX numbers them.
//!
//! `demand` collects who asked for which place, `schedule` gives the numbers, `explain` tells the
//! chain of reasons for one of them. Tables never influence each other.

mod collate;
mod demand;
mod explain;
mod schedule;
mod siblings;
mod unresolved;

use crate::msi::Table;
use crate::project::Package;
use crate::source::Span;
use crate::wix::Entry;

pub use demand::is_of_default_upgrade;
pub use explain::{Step, chain};
pub use siblings::{Siblings, siblings};

/// One sequence table of a package.
#[derive(Debug)]
pub struct Schedule<'w> {
    pub table: Table,
    /// By number, then by name; rows without a number come last.
    pub rows: Vec<Row<'w>>,
    pub problems: Vec<Problem<'w>>,
    /// What hangs on a loop: it has no place, and in v3 it is left out without a word.
    pub lost: Vec<&'w Entry>,
    /// Whether every number is the toolset's own. Where a place is unknown, its neighbours' numbers
    /// may differ from it, but not which side of an anchor they stand on.
    pub exact: bool,
    index: demand::Index<'w>,
}

/// An action in a sequence table.
#[derive(Clone, Debug)]
pub struct Row<'w> {
    pub action: &'w str,
    /// `None`: it cannot be known.
    pub number: Option<i32>,
    pub condition: &'w str,
    /// The entry that places it; `None` for a standard action in its own place.
    pub entry: Option<&'w Entry>,
}

impl Row<'_> {
    /// Where it stands: numbers in their order, then the actions that run when the sequence ends.
    pub fn place(&self) -> Option<i32> {
        self.number.map(|number| if number < 0 { i32::MAX + number } else { number })
    }
}

/// Something that the toolset refuses, or warns of, or that leaves a place unknown.
#[derive(Clone, Debug)]
pub struct Problem<'w> {
    pub kind: ProblemKind,
    /// The action it is about.
    pub action: &'w str,
    /// The entries it is about: first the one at which the toolset has its error, then those that it
    /// cannot stand beside. Of a loop all, each before the one that it hangs on.
    pub entries: Vec<&'w Entry>,
    /// What asks for the action, where that is no entry.
    pub asked: Option<Span>,
}

impl<'w> Problem<'w> {
    fn of(kind: ProblemKind, entries: Vec<&'w Entry>) -> Problem<'w> {
        let action = entries.first().map_or("", |entry| &entry.action.text);
        Problem { kind, action, entries, asked: None }
    }
}

/// What is wrong with an entry. The numbers are the toolset's own, the same in all its tools.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ProblemKind {
    /// 0091: scheduled twice in one section, or, in v5 and later, anywhere.
    Duplicate,
    /// 0168: two overridable entries.
    TwoVirtual,
    /// 0170: two plain entries.
    TwoPlain,
    /// 0172: a plain entry cannot be suppressed.
    SuppressedPlain,
    /// 0176: placed around itself.
    Cycle,
    /// In v3 a cycle of three or more, with everything that hangs on it, vanishes without a word.
    SilentCycle,
    /// 0177: relative to an action that runs when the sequence ends.
    RelativeToExit,
    /// 0179: no number is free next to the action it is relative to.
    NoRoom,
    /// 0094: relative to an action that nothing schedules in this table.
    MissingTarget,
    /// 0094: names something that no source defines. It may come from an extension.
    Undefined,
    /// 0001: a standard action without a number of its own here, in its own place.
    NoNumber,
    /// 7008: overrides what no source and no library lets it.
    NothingToOverride,
    /// 7009: a plain entry beside a virtual one.
    VirtualConflict,
    /// 0174: in a module, a custom action or dialog with a number.
    NumberInModule,
    /// 0175: in a module, a standard action that is Before or After another.
    RelativeInModule,
    /// 1050: two anchors with one number.
    SameNumber,
}

impl ProblemKind {
    /// Whether the toolset builds the package all the same.
    pub fn is_warning(self) -> bool {
        matches!(self, ProblemKind::SameNumber | ProblemKind::SilentCycle)
    }
}

impl<'w> Schedule<'w> {
    /// Computes one table of a package.
    pub fn compute(package: &Package<'w>, table: Table) -> Schedule<'w> {
        Schedule::of(package, table, &demand::by_table(package)[table as usize])
    }

    fn of(package: &Package<'w>, table: Table, authored: &[demand::Authored<'w>]) -> Schedule<'w> {
        schedule::number(demand::collect(package, table, authored), package.generation, table)
    }

    /// All tables of a package, in the order of [`Table::ALL`].
    pub fn compute_all(package: &Package<'w>) -> Vec<Schedule<'w>> {
        let authored = demand::by_table(package);
        Table::ALL.into_iter().zip(&authored).map(|(table, authored)| Schedule::of(package, table, authored)).collect()
    }

    /// The row of that action.
    pub fn row(&self, action: &str) -> Option<&Row<'w>> {
        self.position(action).map(|at| &self.rows[at])
    }

    /// Where in `rows` that action stands.
    pub fn position(&self, action: &str) -> Option<usize> {
        self.index.get(action).copied()
    }
}
