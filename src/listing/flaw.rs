//! What the toolset refuses of a table, or warns of, as a line for each.

use super::{Written, at, place};
use crate::model::{Missing, Model};
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
    let problems = model.problems_in(schedule).filter(|problem| !is_told(schedule, problem));
    let problems = problems.map(|problem| flaw(model, schedule, problem, sources));
    let package = &model.package;
    let refusals = package.sections.iter().flat_map(|section| &section.refusals);
    let refusals = refusals.filter(|refusal| refusal.until.is_none_or(|until| package.generation < until));
    let is_here = |span: Span| package.entries().any(|entry| entry.table == table && entry.span == span);
    let refusals = refusals.filter(|refusal| is_here(refusal.span)).map(|refusal| Flaw {
        action: refusal.subject.clone(),
        text: refusal.message.clone(),
        place: at(refusal.span, sources),
        refused: true,
    });
    refusals.chain(problems).collect()
}

/// Whether the circle that hides actions is the one that the toolset refuses.
fn is_told(schedule: &Schedule<'_>, problem: &Problem<'_>) -> bool {
    let is_in =
        |other: &Problem<'_>| other.entries.iter().any(|own| problem.entries.iter().any(|it| it.span == own.span));
    problem.kind == ProblemKind::SilentCycle
        && schedule.problems.iter().any(|other| other.kind == ProblemKind::Cycle && is_in(other))
}

fn flaw(model: &Model<'_>, schedule: &Schedule<'_>, problem: &Problem<'_>, sources: &Sources) -> Flaw {
    let place = match (problem.entries.first(), problem.asked) {
        (Some(entry), _) => place(entry, sources),
        (None, Some(span)) => at(span, sources),
        (None, None) => Written::Default,
    };
    let leads_nowhere =
        matches!(problem.kind, ProblemKind::MissingTarget | ProblemKind::Undefined | ProblemKind::NoNumber);
    let missing = leads_nowhere.then(|| Missing::of(model, schedule, problem));
    let is_certain = missing.as_ref().is_none_or(Missing::is_certain);
    Flaw {
        action: problem.action.to_owned(),
        text: format!("`{}` {}", problem.action, text(problem, missing.as_ref())),
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
