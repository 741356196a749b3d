use super::{Check, Findings, Rule};
use crate::diagnostic::Severity;
use crate::model::Model;
use crate::sequence::{Problem, ProblemKind, Schedule, Step};
use crate::wix::Entry;

pub(super) const RULE: Rule = Rule {
    name: "sequence-cycle",
    severity: Severity::Error,
    by_default: true,
    doc: include_str!("sequence_cycle.md"),
    check: Check::Package(check),
};

fn check(model: &Model<'_>, findings: &mut Findings) {
    for (schedule, problem) in model.problems(&[ProblemKind::Cycle, ProblemKind::SilentCycle]) {
        let Some(first) = problem.entries.first() else { continue };
        let reason = Step { entry: first }.reason();
        let Some(finding) = findings.report_problem(schedule, problem, message(schedule, problem), reason) else {
            continue;
        };
        for entry in &problem.entries[1..] {
            finding.label(entry.span, format!("and `{}` {}", entry.action.text, Step { entry }.reason()));
        }
        for entry in schedule.lost.iter().filter(|entry| ends_in(schedule, entry, problem)) {
            finding.label(
                entry.span,
                format!("`{}` is lost with them: it {}", entry.action.text, Step { entry }.reason()),
            );
        }
        finding.help("hang one of them on an action outside of the circle, or give it a number");
    }
}

fn message(schedule: &Schedule<'_>, problem: &Problem<'_>) -> String {
    let table = schedule.table.name();
    let names: Vec<String> = problem.entries.iter().map(|entry| format!("`{}`", entry.action.text)).collect();
    let circle = match &names[..] {
        [one] => format!("{one} is placed around itself in {table}"),
        [one, other] => format!("{one} and {other} wait for each other in {table}"),
        [most @ .., last] => format!("{} and {last} wait for each other in a circle in {table}", most.join(", ")),
        [] => String::new(),
    };
    match problem.kind {
        ProblemKind::SilentCycle => circle + ", so WiX leaves them out of the package without a word",
        _ => circle + ", so WiX cannot place them and builds nothing",
    }
}

/// Whether what an entry hangs on leads into that circle.
fn ends_in(schedule: &Schedule<'_>, entry: &Entry, problem: &Problem<'_>) -> bool {
    let mut at = entry;
    for _ in 0..=schedule.lost.len() {
        let Some(target) = at.target() else { return false };
        if problem.entries.iter().any(|entry| entry.action.text == target.text) {
            return true;
        }
        match schedule.lost.iter().find(|entry| entry.action.text == target.text) {
            Some(next) => at = next,
            None => return false,
        }
    }
    false
}
