//! What the toolset refuses of a table, or warns of, as a line for each.

use rustc_hash::{FxHashMap, FxHashSet};

use super::{Written, at, place};
use crate::model::{Missing, Model, missing};
use crate::msi::Table;
use crate::sequence::{Problem, ProblemKind, Schedule};
use crate::source::{Sources, Span};

/// Something that is wrong with an action of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flaw {
    pub action: String,
    /// What is wrong, as a sentence.
    pub text: String,
    pub place: Written,
    /// Whether the toolset builds no package because of it.
    pub refused: bool,
}

/// All that is known to be wrong with a table.
pub(super) fn flaws(model: &Model<'_>, table: Table, sources: &Sources) -> Vec<Flaw> {
    let schedule = model.schedule(table);
    let told = told(schedule);
    let is_told = |problem: &Problem<'_>| {
        problem.kind == ProblemKind::SilentCycle && problem.entries.iter().any(|entry| told.contains(&entry.span))
    };
    let nowhere: FxHashMap<_, _> = missing(model, schedule, model.problems_in(schedule))
        .map(|(problem, missing)| (std::ptr::from_ref(problem), missing))
        .collect();
    let problems = model.problems_in(schedule).filter(|problem| !is_told(problem));
    let problems = problems.map(|problem| flaw(problem, nowhere.get(&std::ptr::from_ref(problem)), sources));
    let package = &model.package;
    let refusals = package.sections.iter().flat_map(|section| &section.refusals);
    let refusals = refusals.filter(|refusal| refusal.until.is_none_or(|until| package.generation < until));
    let here: FxHashSet<Span> =
        package.entries().filter(|entry| entry.table == table).map(|entry| entry.span).collect();
    let refusals = refusals.filter(|refusal| here.contains(&refusal.span)).map(|refusal| Flaw {
        action: refusal.subject.clone(),
        text: refusal.message.clone(),
        place: at(refusal.span, sources),
        refused: true,
    });
    refusals.chain(problems).collect()
}

/// The entries in circles that the toolset refuses: that it hides those circles too need not be said.
fn told(schedule: &Schedule<'_>) -> FxHashSet<Span> {
    let refused = schedule.problems.iter().filter(|problem| problem.kind == ProblemKind::Cycle);
    refused.flat_map(|problem| &problem.entries).map(|entry| entry.span).collect()
}

fn flaw(problem: &Problem<'_>, missing: Option<&Missing<'_, '_>>, sources: &Sources) -> Flaw {
    let place = match (problem.entries.first(), problem.asked) {
        (Some(entry), _) => place(entry, sources),
        (None, Some(span)) => at(span, sources),
        (None, None) => Written::Default,
    };
    let is_certain = missing.is_none_or(Missing::is_certain);
    Flaw {
        action: problem.action.to_owned(),
        text: format!("`{}` {}", problem.action, text(problem, missing)),
        place,
        refused: is_certain && !problem.kind.is_warning(),
    }
}

/// The rest of a sentence that begins with the action.
fn text(problem: &Problem<'_>, missing: Option<&Missing<'_, '_>>) -> String {
    let others: Vec<String> = problem.entries[1.min(problem.entries.len())..]
        .iter()
        .map(|entry| format!("`{}`", entry.action.text))
        .collect();
    let others = others.join(", ");
    let name = missing.map_or("", |missing| missing.name);
    match problem.kind {
        ProblemKind::Duplicate => "is scheduled twice".to_owned(),
        ProblemKind::TwoVirtual => "has two overridable entries".to_owned(),
        ProblemKind::TwoPlain => "has two entries, and neither may be overridden".to_owned(),
        ProblemKind::SuppressedPlain => "is suppressed, but its entry is not overridable".to_owned(),
        ProblemKind::VirtualConflict => "has a virtual entry, which another one does not override".to_owned(),
        ProblemKind::NothingToOverride => "overrides an entry that is not there".to_owned(),
        ProblemKind::Cycle | ProblemKind::SilentCycle if others.is_empty() => "waits for itself".to_owned(),
        ProblemKind::Cycle => format!("waits for itself through {others}"),
        ProblemKind::SilentCycle => format!("waits for itself through {others}; all are left out without a word"),
        ProblemKind::RelativeToExit => format!("hangs on {others}, which runs when the sequence ends"),
        ProblemKind::NoRoom => "finds no free number beside what it hangs on".to_owned(),
        ProblemKind::SameNumber => format!("has the same number as {others}"),
        ProblemKind::Undefined if name == problem.action => "is a custom action that nothing defines".to_owned(),
        ProblemKind::Undefined => format!("leads to the custom action `{name}`, which nothing defines"),
        ProblemKind::MissingTarget if problem.entries.is_empty() => "is asked for, but nothing schedules it".to_owned(),
        ProblemKind::MissingTarget => format!("hangs on `{name}`, which nothing schedules in this table"),
        ProblemKind::NumberInModule => "has a number, which a module cannot give it".to_owned(),
        ProblemKind::RelativeInModule => "is Before or After another, which a module cannot say of it".to_owned(),
        ProblemKind::NoNumber => "has no place of its own in this table".to_owned(),
    }
}
