use super::{Check, Findings, Rule};
use crate::diagnostic::Severity;
use crate::model::Model;
use crate::sequence::{Problem, ProblemKind, Schedule, Step, chain};
use crate::wix::Entry;

pub(super) const RULE: Rule = Rule {
    name: "no-room-for-action",
    severity: Severity::Error,
    by_default: true,
    doc: include_str!("no_room_for_action.md"),
    check: Check::Package(check),
};

/// So many reasons of a long chain are shown before its end.
const SHOWN: usize = 6;

fn check(model: &Model<'_>, findings: &mut Findings) {
    for (schedule, problem) in model.problems(&[ProblemKind::NoRoom]) {
        let mut steps = chain(schedule, problem.action);
        let first = steps.next();
        let rest: Vec<_> = steps.collect();
        // What WiX adds by itself is told at the place that leaves it no room.
        let anchor = rest.last().or(first.as_ref()).map(|step| step.entry).or(problem.entries.first().copied());
        let Some(anchor) = anchor else { continue };
        let label = first.map_or_else(|| Step { entry: anchor }.reason(), |step| step.reason());
        let message = message(schedule, problem, anchor);
        let Some(finding) = findings.report_problem(schedule, problem, message, label) else { continue };
        for step in rest.iter().take(SHOWN) {
            finding.label(step.entry.span, format!("which {}", step.reason()));
        }
        if let Some(last) = rest.last().filter(|_| rest.len() > SHOWN) {
            let more = rest.len() - SHOWN;
            finding.label(last.entry.span, format!("and so on, {more} more, until one {}", last.reason()));
        }
        finding.help("place some of the actions that hang there somewhere else, or leave more numbers between the two");
    }
}

fn message(schedule: &Schedule<'_>, problem: &Problem<'_>, last: &Entry) -> String {
    let action = problem.action;
    let anchor = last.target().map_or(&*last.action.text, |target| &target.text);
    let number = |name: &str| schedule.row(name).and_then(|row| row.number);
    let (own, fixed) = (number(action), number(anchor));
    let neighbour = schedule.rows.iter().find(|row| {
        let hangs = row.entry.and_then(Entry::target).is_some();
        row.number == own && row.action != action && !hangs
    });
    let (Some(own), Some(fixed)) = (own, fixed) else {
        return format!("`{action}` does not fit next to `{anchor}`: no number is free there");
    };
    let end = if own < fixed {
        format!("the lowest number, {}", own + 1)
    } else {
        format!("the highest number, {}", own - 1)
    };
    let end = neighbour.map_or(end, |row| format!("`{}` ({own})", row.action));
    format!("`{action}` does not fit between `{anchor}` ({fixed}) and {end}: no number is free, so WiX builds nothing")
}
