use super::{Check, Findings, Rule};
use crate::diagnostic::Severity;
use crate::model::Model;
use crate::msi::property::SESSION_KEY;
use crate::wix::Execute;

pub(super) const RULE: Rule = Rule {
    name: "session-key-first-sequence",
    severity: Severity::Warning,
    by_default: true,
    doc: include_str!("session_key_first_sequence.md"),
    check: Check::Package(check),
};

fn check(model: &Model<'_>, findings: &mut Findings) {
    for reader in model.readers(SESSION_KEY).into_iter().filter(|reader| !reader.schedule.table.is_ui()) {
        let action = reader.row.action;
        let Some(definition) = model.flows.definition(action) else { continue };
        let Some(when @ (Execute::FirstSequence | Execute::OncePerProcess)) = definition.execute else { continue };
        let message = format!(
            "`{action}` reads {SESSION_KEY} with Execute=\"{}\", so it is skipped where the key is whenever the dialogs ran first",
            when.name()
        );
        let subject = format!("{}/{action}", reader.schedule.table.name());
        let finding =
            findings.report(&subject, message, definition.span, format!("runs with Execute=\"{}\"", when.name()));
        if reader.entry.span != definition.span {
            finding.label(reader.entry.span, format!("scheduled in {}", reader.schedule.table.name()));
        }
        finding.help("let it run with Execute=\"immediate\"");
    }
}
