//! What rules look at: a linked package with its tables, and what its actions read and write.

mod index;
mod missing;
mod spelling;
mod turns;
mod windows;

use rustc_hash::FxHashSet;

use crate::msi::{self, Table, property};
use crate::project::Package;
use crate::reads::{self, Declared, Flow, Flows, Read};
use crate::sequence::{Problem, ProblemKind, Row, Schedule};
use crate::wix::{Entry, Execute};

use index::Index;

pub use missing::{Missing, missing, nearest};
pub use spelling::Spelling;
pub use turns::Turn;
pub use windows::{EarlyRead, What};

/// A package, worked out.
#[derive(Debug)]
pub struct Model<'w> {
    pub package: Package<'w>,
    /// One for each table, in the order of [`Table::ALL`].
    pub schedules: Vec<Schedule<'w>>,
    pub flows: Flows<'w>,
    /// Other configurations give other numbers to what is found in this one.
    pub numbers_differ: bool,
    briefs: turns::Briefs,
    index: Index,
}

/// A place in a sequence at which a property is read.
#[derive(Clone, Debug)]
pub struct Reader<'m, 'w> {
    pub schedule: &'m Schedule<'w>,
    pub row: &'m Row<'w>,
    pub entry: &'w Entry,
    pub read: Read<'w>,
    /// When the read happens: a condition is evaluated at once, whatever it is the condition of.
    /// `None`: it cannot be known.
    pub when: Option<Execute>,
}

impl<'w> Model<'w> {
    pub fn new(package: Package<'w>, declared: &Declared) -> Model<'w> {
        let schedules = Schedule::compute_all(&package);
        let flows = Flows::of(&package, declared);
        let briefs = turns::Briefs::of(&schedules, &flows);
        Model { package, schedules, flows, numbers_differ: false, briefs, index: Index::default() }
    }

    pub fn schedule(&self, table: Table) -> &Schedule<'w> {
        &self.schedules[table as usize]
    }

    /// Every place at which `property` is read, table by table, in the order in which they run. A
    /// row that no source of this package authored is left out: nobody here can change it.
    pub fn readers(&self, property: &str) -> Vec<Reader<'_, 'w>> {
        let mut readers = Vec::new();
        // Few actions read any one property; most rows need not be looked up among all flows.
        let reading: FxHashSet<&str> = self.flows.readers_of(property).collect();
        for schedule in &self.schedules {
            for row in &schedule.rows {
                let reads = reading.contains(row.action);
                if !reads && !row.condition.contains(property) {
                    continue;
                }
                let Some(entry) = row.entry.filter(|entry| entry.library.is_none()) else { continue };
                let reader = |read: Read<'w>, when| Reader { schedule, row, entry, read, when };
                let flow = self.flows.of_action(row.action).filter(|_| reads);
                let own = flow.and_then(|flow| flow.read_of(property));
                let when = self.flows.execute(row.action);
                readers.extend(own.map(|read| reader(read.clone(), when)));
                // An immediate action reads at the same moment as its condition.
                if (own.is_none() || when.is_none_or(Execute::is_in_script))
                    && let Some(read) = reads::of_condition(entry).read_of(property)
                {
                    readers.push(reader(read.clone(), Some(Execute::Immediate)));
                }
            }
        }
        readers
    }

    /// What the toolset would refuse or warn of, table by table. Of a library nobody knows what it will
    /// be linked with, but a circle stays one; nor is an overridable entry beside a plain one wrong
    /// in the first toolset of its dialect.
    pub fn problems(&self, kinds: &[ProblemKind]) -> impl Iterator<Item = (&Schedule<'w>, &Problem<'w>)> {
        let all =
            self.schedules.iter().flat_map(|schedule| self.problems_in(schedule).map(move |found| (schedule, found)));
        all.filter(move |(_, problem)| kinds.contains(&problem.kind))
    }

    /// The same for one table, of all kinds.
    pub fn problems_in<'m>(&'m self, schedule: &'m Schedule<'w>) -> impl Iterator<Item = &'m Problem<'w>> {
        schedule.problems.iter().filter(|problem| self.is_certain(problem))
    }

    fn is_certain(&self, problem: &Problem<'_>) -> bool {
        let package = &self.package;
        match problem.kind {
            ProblemKind::Cycle | ProblemKind::SilentCycle => true,
            _ if package.entry.is_none() => false,
            ProblemKind::VirtualConflict => package.build.generation_is_known,
            _ => true,
        }
    }

    /// Where a standard action stands in a table. A module does not hold the ones that nothing in it
    /// names, but will be merged into a product that does.
    pub fn standard_place(&self, schedule: &Schedule<'w>, action: &str) -> Option<i32> {
        match schedule.row(action) {
            Some(row) => row.place(),
            None if self.package.is_product() => None,
            None => msi::standard_action(action)?.number_in(schedule.table),
        }
    }

    /// The place of the action that takes `property` away in this table, with the action's name.
    pub fn cleared(&self, schedule: &Schedule<'w>, property: &str) -> Option<(&'static str, i32)> {
        let window = property::window(property).filter(|window| window.holds_in(schedule.table))?;
        let until = window.until?;
        Some((until, self.standard_place(schedule, until)?))
    }

    /// Whether a read is an immediate one, at or behind the action that takes `property` away.
    pub fn is_late(&self, reader: &Reader<'_, '_>, property: &str) -> bool {
        let immediate = reader.when.is_some_and(|when| !when.is_in_script());
        let Some((clearing, cleared)) = self.cleared(reader.schedule, property) else { return false };
        immediate && reader.row.action != clearing && reader.row.place().is_some_and(|place| place >= cleared)
    }

    /// Whether the numbers of a table are those that people will see in the package.
    pub fn has_numbers(&self, schedule: &Schedule<'w>) -> bool {
        let known = || self.package.sections.iter().all(|section| !section.has_unknown_extension);
        schedule.exact && self.package.is_product() && known()
    }

    /// Whether a message may name the numbers of a table: they are known, and the same wherever it is true.
    pub fn shows_numbers(&self, schedule: &Schedule<'w>) -> bool {
        !self.numbers_differ && self.has_numbers(schedule)
    }

    /// What an action in a table touches: its own doing and its condition.
    pub fn flow(&self, row: &Row<'w>) -> Flow<'w> {
        let mut flow = self.flows.of_action(row.action).cloned().unwrap_or_default();
        if let Some(entry) = row.entry {
            let condition = reads::of_condition(entry);
            flow.reads.extend(condition.reads);
            flow.costs = flow.costs.take().or(condition.costs);
        }
        flow
    }
}
