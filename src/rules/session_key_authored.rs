use super::{Check, Findings, Rule};
use crate::diagnostic::Severity;
use crate::model::Model;
use crate::msi::property::SESSION_KEY;

pub(super) const RULE: Rule = Rule {
    name: "session-key-authored",
    severity: Severity::Warning,
    by_default: true,
    doc: include_str!("session_key_authored.md"),
    check: Check::Package(check),
};

fn check(model: &Model<'_>, findings: &mut Findings) {
    let message = format!("{SESSION_KEY} is set here, but it belongs to Windows Installer, which sets and clears it");
    let help = "read the property, and leave its value to Windows Installer";
    for property in model.package.sections.iter().flat_map(|section| &section.properties) {
        if property.valued && property.id.text == SESSION_KEY {
            findings.report(SESSION_KEY, message.clone(), property.span, "gives it a value".to_owned()).help(help);
        }
    }
    for action in model.package.actions() {
        if action.target.as_ref().is_some_and(|target| target.text == SESSION_KEY) {
            let label = format!("`{}` assigns it", action.id.text);
            findings.report(&action.id.text, message.clone(), action.span, label).help(help);
        }
    }
}
