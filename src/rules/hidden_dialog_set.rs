use super::{Check, Findings, Rule};
use crate::diagnostic::Severity;
use crate::model::Model;

pub(super) const RULE: Rule = Rule {
    name: "hidden-dialog-set",
    severity: Severity::Error,
    by_default: true,
    doc: include_str!("hidden_dialog_set.md"),
    check: Check::Package(check),
};

fn check(model: &Model<'_>, findings: &mut Findings) {
    let package = &model.package;
    for (name, span) in package.sections.iter().flat_map(|section| &section.ui_references) {
        if package.hides_ui(name) {
            let message = format!("`{name}` is a set of dialogs that only its library can see, so WiX builds nothing");
            let finding = findings.report(name, message, *span, "referred to as in v3".to_owned());
            finding.help(format!("write <ui:WixUI Id=\"{name}\"/>, with the namespace of the UI extension"));
        }
    }
}
