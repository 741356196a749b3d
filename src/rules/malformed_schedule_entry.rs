use super::{Check, Findings, Rule};
use crate::diagnostic::Severity;
use crate::model::Model;

pub(super) const RULE: Rule = Rule {
    name: "malformed-schedule-entry",
    severity: Severity::Error,
    by_default: true,
    doc: include_str!("malformed_schedule_entry.md"),
    check: Check::Package(check),
};

fn check(model: &Model<'_>, findings: &mut Findings) {
    let package = &model.package;
    for refusal in package.candidates.iter().flat_map(|section| &section.refusals) {
        let applies = |until| package.build.generation_is_known && package.generation < until;
        if !refusal.until.is_none_or(applies) {
            continue;
        }
        let message = format!("{}, so WiX builds nothing", refusal.message);
        let label = format!("refused with {}{:04}", package.generation.prefix(), refusal.number);
        findings.report(&refusal.subject, message, refusal.span, label);
    }
}
