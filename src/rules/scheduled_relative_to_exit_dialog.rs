use super::{Check, Findings, Rule};
use crate::diagnostic::Severity;
use crate::model::Model;
use crate::sequence::{ProblemKind, Step};

pub(super) const RULE: Rule = Rule {
    name: "scheduled-relative-to-exit-dialog",
    severity: Severity::Error,
    by_default: true,
    doc: include_str!("scheduled_relative_to_exit_dialog.md"),
    check: Check::Package(check),
};

fn check(model: &Model<'_>, findings: &mut Findings) {
    for (schedule, problem) in model.problems(&[ProblemKind::RelativeToExit]) {
        let [entry, exit @ ..] = &problem.entries[..] else { continue };
        let (action, reason) = (problem.action, Step { entry }.reason());
        let target = exit.first().map_or("an exit action", |exit| &exit.action.text);
        let message =
            format!("`{action}` is placed around `{target}`, which has no place: it runs when the sequence ends");
        let Some(finding) = findings.report_problem(schedule, problem, message, reason) else { continue };
        for exit in exit {
            finding.label(exit.span, format!("OnExit makes `{}` run when the sequence ends", exit.action.text));
        }
        finding
            .help(format!("hang `{action}` on an action that has a number, the last one before the end for example"));
    }
}
