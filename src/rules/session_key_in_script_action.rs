use super::{Check, Findings, Rule};
use crate::diagnostic::Severity;
use crate::model::Model;
use crate::msi::property::SESSION_KEY;

pub(super) const RULE: Rule = Rule {
    name: "session-key-in-script-action",
    severity: Severity::Error,
    by_default: true,
    doc: include_str!("session_key_in_script_action.md"),
    check: Check::Package(check),
};

fn check(model: &Model<'_>, findings: &mut Findings) {
    for reader in model.readers(SESSION_KEY) {
        let Some(when) = reader.when.filter(|when| when.is_in_script()) else { continue };
        let action = reader.row.action;
        let message = format!(
            "`{action}` is a {} action and can never read {SESSION_KEY}: it runs from the installation script, which does not hold the property",
            when.name()
        );
        let subject = format!("{}/{action}", reader.schedule.table.name());
        let finding = findings.report(&subject, message, reader.entry.span, format!("`{action}` is scheduled here"));
        if let Some(definition) = model.flows.definition(action) {
            finding.label(definition.span, format!("Execute=\"{}\" puts it into the script", when.name()));
        }
        finding.label_read(&reader.read, "the key is read here");
        finding.help(
            "join the Restart Manager session in an immediate action that is scheduled Before=\"InstallValidate\"",
        );
        finding.diagnostic.no_fix =
            Some("moving the action does not help, it would have to become an immediate one".to_owned());
    }
}
