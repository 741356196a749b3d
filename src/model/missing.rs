//! A name in a sequence that leads nowhere: what was meant, and whether it leads nowhere for certain.

use rustc_hash::FxHashMap;

use super::Model;
use crate::msi::{self, Table};
use crate::sequence::{Problem, ProblemKind, Schedule};
use crate::wix::{Entry, EntryKind};

/// How alike two names have to be for one to be a misspelling of the other, from 0 to 1.
const LIKENESS: f32 = 0.8;

/// How many names are compared with all that would do: it takes as long as there are such names. Where
/// more lead nowhere, the rest is not misspelt.
const GUESSES: usize = 100;

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

/// The names that lead nowhere among the problems of a table, in their order.
pub fn missing<'m, 'w>(
    model: &'m Model<'w>,
    schedule: &'m Schedule<'w>,
    problems: impl Iterator<Item = &'m Problem<'w>>,
) -> impl Iterator<Item = (&'m Problem<'w>, Missing<'m, 'w>)> {
    let (mut defined, mut scheduled) = (None, None);
    problems.filter(|problem| KINDS.contains(&problem.kind)).map(move |problem| {
        let mut missing = Missing::of(model, schedule, problem);
        missing.meant = model.package.renamed(missing.name).or_else(|| {
            let names = match missing.kind {
                ProblemKind::Undefined => defined.get_or_insert_with(|| Names::defined(model)),
                _ => scheduled.get_or_insert_with(|| Names::scheduled(model, schedule)),
            };
            names.nearest(missing.name, missing.owner())
        });
        (problem, missing)
    })
}

/// What is wrong where a name leads nowhere.
const KINDS: [ProblemKind; 4] =
    [ProblemKind::MissingTarget, ProblemKind::Undefined, ProblemKind::NoNumber, ProblemKind::NothingToOverride];

impl<'m, 'w> Missing<'m, 'w> {
    fn of(model: &'m Model<'w>, schedule: &'m Schedule<'w>, problem: &'m Problem<'w>) -> Missing<'m, 'w> {
        let entry = problem.entries.first().copied();
        let target = entry.and_then(Entry::target).filter(|_| match problem.kind {
            ProblemKind::MissingTarget => true,
            // v3 takes what a SetProperty hangs on for a custom action.
            ProblemKind::Undefined => entry.is_some_and(|entry| entry.kind == EntryKind::SetProperty),
            _ => false,
        });
        let name = target.map_or(problem.action, |target| &target.text);
        Missing { model, schedule, kind: problem.kind, entry, name, meant: None }
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

    /// Whether a SetProperty stands in both sequences because nothing says otherwise, and what it hangs on stands
    /// in that of the execution only.
    pub fn is_for_execute(&self) -> bool {
        let both = |entry: &Entry| entry.kind == EntryKind::SetProperty && entry.sequence.is_none();
        let execute = match self.schedule.table {
            Table::InstallUi => Table::InstallExecute,
            Table::AdminUi => Table::AdminExecute,
            _ => return false,
        };
        self.entry.is_some_and(both) && self.model.schedule(execute).row(self.name).is_some()
    }

    fn is_renamed(&self) -> bool {
        self.model.package.renamed(self.name).is_some()
    }

    /// Whether another table holds the action.
    pub fn is_elsewhere(&self) -> bool {
        self.model.schedules.iter().any(|schedule| schedule.row(self.name).is_some())
    }
}

/// The names that would do in a place.
struct Names<'m> {
    all: Vec<&'m str>,
    /// By their lower case.
    folded: FxHashMap<String, &'m str>,
    guessed: FxHashMap<&'m str, Option<&'m str>>,
}

impl<'m> Names<'m> {
    fn of(names: impl Iterator<Item = &'m str>) -> Names<'m> {
        let mut known = Names { all: Vec::new(), folded: FxHashMap::default(), guessed: FxHashMap::default() };
        for name in names {
            known.all.push(name);
            known.folded.entry(name.to_ascii_lowercase()).or_insert(name);
        }
        known
    }

    fn defined(model: &'m Model<'_>) -> Names<'m> {
        let sections = model.package.candidates.iter();
        Names::of(sections.flat_map(|section| &section.actions).map(|action| &*action.id.text))
    }

    fn scheduled(model: &'m Model<'_>, schedule: &'m Schedule<'_>) -> Names<'m> {
        let table = schedule.table;
        let standard = msi::standard_actions().filter(|action| action.number_in(table).is_some());
        let library = model.package.library().entries().filter(|entry| entry.table == table);
        let scheduled = schedule.rows.iter().map(|row| row.action);
        let known = scheduled.chain(standard.map(|action| action.name));
        Names::of(known.chain(library.map(|entry| &*entry.action.text)))
    }

    /// The nearest name but that of the action itself.
    fn nearest(&mut self, name: &'m str, owner: &str) -> Option<&'m str> {
        let is_other = |near: &&'m str| *near != name && *near != owner;
        let same = self.folded.get(&name.to_ascii_lowercase()).copied().filter(is_other);
        if same.is_some() {
            return same;
        }
        let guessed = self.guessed.len();
        let near = self.guessed.entry(name).or_insert_with(|| {
            (guessed < GUESSES).then(|| similar::get_close_matches(name, &self.all, 1, LIKENESS).first().copied())?
        });
        near.filter(is_other)
    }
}

/// The name among `known` that was probably meant.
pub fn nearest<'k>(name: &'k str, known: impl Iterator<Item = &'k str>) -> Option<&'k str> {
    Names::of(known.filter(|known| *known != name)).nearest(name, "")
}
