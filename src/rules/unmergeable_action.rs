use super::{Check, Findings, Rule};
use crate::diagnostic::Severity;
use crate::model::Model;
use crate::sequence::{ProblemKind, Step};

pub(super) const RULE: Rule = Rule {
    name: "unmergeable-action",
    severity: Severity::Error,
    by_default: true,
    doc: include_str!("unmergeable_action.md"),
    check: Check::Package(check),
};

fn check(model: &Model<'_>, findings: &mut Findings) {
    for (schedule, problem) in model.problems(&[ProblemKind::NumberInModule, ProblemKind::RelativeInModule]) {
        let Some(entry) = problem.entries.first() else { continue };
        let (action, reason) = (problem.action, Step { entry }.reason());
        let (message, help) = match problem.kind {
            ProblemKind::NumberInModule => (
                format!("`{action}` has a number, but what is in a module gets its place when it is merged"),
                format!("place `{action}` Before or After another action"),
            ),
            _ => (
                format!("`{action}` is a standard action, which a module cannot place around others"),
                "give it a number, or leave its place to the package".to_owned(),
            ),
        };
        if let Some(finding) = findings.report_problem(schedule, problem, message, reason) {
            finding.help(help);
        }
    }
}
