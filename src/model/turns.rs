//! The rows of a package's tables with what their actions do, looked up once for all rules.

use super::Model;
use crate::msi::{self, Table};
use crate::reads::{Doing, Flow, Flows};
use crate::sequence::{Row, Schedule};
use crate::wix::{CustomAction, Entry, Execute};

/// A row, whose turn comes when its table is run, with what its action does.
#[derive(Clone, Copy, Debug)]
pub struct Turn<'m, 'w> {
    pub schedule: &'m Schedule<'w>,
    pub row: &'m Row<'w>,
    flows: &'m Flows<'w>,
    brief: Brief,
}

/// What most rules ask of a row first, side by side: what it comes from lies all over the memory.
#[derive(Clone, Copy, Debug)]
struct Brief {
    /// Where the action is among the flows.
    doing: Option<u32>,
    /// When its code runs; `None` where that cannot be known.
    when: Option<Execute>,
    /// A source of this package places it.
    is_own: bool,
    /// It gives a value to a property or directory, and takes it away.
    assigns: bool,
    clears: bool,
}

/// For each table as many as it has rows.
#[derive(Debug)]
pub(super) struct Briefs(Vec<Vec<Brief>>);

impl Briefs {
    pub(super) fn of(schedules: &[Schedule<'_>], flows: &Flows<'_>) -> Briefs {
        let briefs = |schedule: &Schedule<'_>| schedule.rows.iter().map(|row| Brief::of(row, flows)).collect();
        Briefs(schedules.iter().map(briefs).collect())
    }
}

impl Brief {
    fn of(row: &Row<'_>, flows: &Flows<'_>) -> Brief {
        // Of a custom action with the name of a standard one nothing runs.
        let at = flows.position(row.action).filter(|_| msi::standard_action(row.action).is_none());
        let doing = at.map(|at| flows.at(at));
        let definition = doing.and_then(|doing| doing.definition);
        Brief {
            doing: at.and_then(|at| u32::try_from(at).ok()),
            when: doing.map_or(Some(Execute::Immediate), Doing::execute),
            is_own: row.entry.is_some_and(|entry| entry.library.is_none()),
            assigns: definition.is_some_and(|action| action.target.is_some()),
            clears: definition.is_some_and(CustomAction::clears),
        }
    }
}

impl<'w> Model<'w> {
    /// Every row, table by table, in the order in which they run.
    pub fn turns(&self) -> impl Iterator<Item = Turn<'_, 'w>> {
        self.schedules.iter().flat_map(|schedule| self.turns_in(schedule))
    }

    /// The rows of one table.
    pub fn turns_in<'m>(&'m self, schedule: &'m Schedule<'w>) -> impl Iterator<Item = Turn<'m, 'w>> {
        let briefs = self.briefs.0[schedule.table as usize].iter();
        let rows = schedule.rows.iter().zip(briefs);
        rows.map(move |(row, brief)| Turn { schedule, row, flows: &self.flows, brief: *brief })
    }

    pub(super) fn turn(&self, (table, at): (Table, usize)) -> Turn<'_, 'w> {
        let schedule = self.schedule(table);
        Turn { schedule, row: &schedule.rows[at], flows: &self.flows, brief: self.briefs.0[table as usize][at] }
    }
}

impl<'m, 'w> Turn<'m, 'w> {
    fn doing(&self) -> Option<&'m Doing<'w>> {
        self.brief.doing.map(|at| self.flows.at(at as usize))
    }

    /// What the action itself does, its condition apart.
    pub fn flow(&self) -> Option<&'m Flow<'w>> {
        self.doing().map(|doing| &doing.flow)
    }

    /// The custom action's definition, where the package holds it.
    pub fn definition(&self) -> Option<&'w CustomAction> {
        self.doing().and_then(|doing| doing.definition)
    }

    /// When the action's code runs; `None` where that cannot be known.
    pub fn execute(&self) -> Option<Execute> {
        self.brief.when
    }

    /// The action's definition, where all that it does is to assign a property or directory.
    pub fn assignment(&self) -> Option<&'w CustomAction> {
        self.brief.assigns.then(|| self.definition()).flatten()
    }

    /// Whether it takes the value of a property away.
    pub fn clears(&self) -> bool {
        self.brief.clears
    }

    /// Whether the action surely does what it does at its turn.
    pub fn is_immediate(&self) -> bool {
        self.execute().is_some_and(|when| !when.is_in_script())
    }

    /// The entry that places the row, if a source of this package has it.
    pub fn own(&self) -> Option<&'w Entry> {
        self.row.entry.filter(|_| self.brief.is_own)
    }

    /// Whether the turn comes in every run.
    pub fn is_unconditional(&self) -> bool {
        matches!(self.row.condition.trim(), "" | "1")
    }

    /// Whether code of the package's own runs at once, which may set anything.
    pub fn runs_code(&self) -> bool {
        let immediate = self.execute().is_none_or(|when| !when.is_in_script());
        immediate && self.definition().is_some() && self.flow().is_some_and(|flow| flow.opaque)
    }

    /// Whether code that nobody has seen, or a library, runs at the turn: it may set anything.
    pub fn is_opaque(&self) -> bool {
        let immediate = self.execute().is_none_or(|when| !when.is_in_script());
        let code = self.flow().is_some_and(|flow| flow.opaque);
        immediate && (code || (self.row.entry.is_some() && !self.brief.is_own))
    }
}
