use super::{Check, Findings, Rule};
use crate::diagnostic::Severity;
use crate::model::Model;
use crate::msi;

pub(super) const RULE: Rule = Rule {
    name: "custom-action-shadows-standard-action",
    severity: Severity::Error,
    by_default: true,
    doc: include_str!("custom_action_shadows_standard_action.md"),
    check: Check::Package(check),
};

fn check(model: &Model<'_>, findings: &mut Findings) {
    for standard in msi::standard_actions() {
        let name = standard.name;
        let Some(definition) = model.flows.definition(name) else { continue };
        let message = format!("the custom action `{name}` is named like a standard action, and is never called");
        let finding = findings.report(name, message, definition.span, "defined here".to_owned());
        finding.help(format!("give it a name of its own; where `{name}` is scheduled, the standard action runs"));
    }
}
