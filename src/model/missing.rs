//! A name in a sequence that leads nowhere: what was meant, and whether it leads nowhere for certain.

use super::Model;
use crate::msi;
use crate::sequence::{Problem, ProblemKind, Schedule};
use crate::wix::{Entry, EntryKind};

/// How alike two names have to be for one to be a misspelling of the other, from 0 to 1.
const LIKENESS: f32 = 0.8;

/// A name that leads nowhere.
#[derive(Debug)]
pub struct Missing<'m, 'w> {
    model: &'m Model<'w>,
    pub schedule: &'m Schedule<'w>,
    pub kind: ProblemKind,
    /// Who names it; `None`: rows that remove products.
    pub entry: Option<&'w Entry>,
    pub name: &'m str,
    /// What was probably meant.
    pub meant: Option<&'m str>,
}

impl<'m, 'w> Missing<'m, 'w> {
    pub fn of(model: &'m Model<'w>, schedule: &'m Schedule<'w>, problem: &'m Problem<'w>) -> Missing<'m, 'w> {
        let entry = problem.entries.first().copied();
        let target = entry.and_then(Entry::target).filter(|_| match problem.kind {
            ProblemKind::MissingTarget => true,
            // v3 takes what a SetProperty hangs on for a custom action.
            ProblemKind::Undefined => entry.is_some_and(|entry| entry.kind == EntryKind::SetProperty),
            _ => false,
        });
        let name = target.map_or(problem.action, |target| &target.text);
        let mut missing = Missing { model, schedule, kind: problem.kind, entry, name, meant: None };
        missing.meant = missing.nearest();
        missing
    }

    /// The name of the same action in this toolset, or the nearest one that would do here.
    fn nearest(&self) -> Option<&'m str> {
        let package = &self.model.package;
        if let Some(renamed) = package.renamed(self.name) {
            return Some(renamed);
        }
        if self.kind == ProblemKind::Undefined {
            let defined = package.candidates.iter().flat_map(|section| &section.actions);
            return nearest(self.name, defined.map(|action| &*action.id.text));
        }
        let table = self.schedule.table;
        let standard = msi::standard_actions().filter(|action| action.number_in(table).is_some());
        let library = package.library().entries().filter(|entry| entry.table == table);
        let scheduled = self.schedule.rows.iter().map(|row| row.action).filter(|name| *name != self.owner());
        let known = scheduled.chain(standard.map(|action| action.name));
        nearest(self.name, known.chain(library.map(|entry| &*entry.action.text)))
    }

    /// The action whose entry names it.
    pub fn owner(&self) -> &'m str {
        self.entry.map_or("", |entry| &entry.action.text)
    }

    /// Whether no source that nobody has shown can bring what is missing.
    pub fn is_certain(&self) -> bool {
        let misspelt = || self.meant.is_some_and(|meant| meant.eq_ignore_ascii_case(self.name));
        let fixed = msi::standard_action(self.name).is_some_and(|action| action.has_number());
        let hidden = self.schedule.row(self.name).is_some();
        self.model.package.is_closed()
            || misspelt()
            || match self.kind {
                ProblemKind::NoNumber => true,
                ProblemKind::MissingTarget => fixed || hidden || self.is_renamed(),
                ProblemKind::Undefined => self.is_renamed(),
                _ => false,
            }
    }

    fn is_renamed(&self) -> bool {
        self.model.package.renamed(self.name).is_some()
    }

    /// Whether another table holds the action.
    pub fn is_elsewhere(&self) -> bool {
        self.model.schedules.iter().any(|schedule| schedule.row(self.name).is_some())
    }
}

/// The name among `known` that was probably meant.
pub fn nearest<'k>(name: &str, known: impl Iterator<Item = &'k str>) -> Option<&'k str> {
    let known: Vec<&str> = known.filter(|known| *known != name).collect();
    let same = known.iter().find(|known| known.eq_ignore_ascii_case(name)).copied();
    same.or_else(|| similar::get_close_matches(name, &known, 1, LIKENESS).first().copied())
}
