use super::{Check, Findings, Rule};
use crate::diagnostic::Severity;
use crate::model::Model;
use crate::msi::Table;
use crate::msi::property::SESSION_KEY;
use crate::wix::EntryKind;

pub(super) const RULE: Rule = Rule {
    name: "session-key-in-ui-sequence",
    severity: Severity::Warning,
    by_default: true,
    doc: include_str!("session_key_in_ui_sequence.md"),
    check: Check::Package(check),
};

fn check(model: &Model<'_>, findings: &mut Findings) {
    for reader in model.readers(SESSION_KEY).into_iter().filter(|reader| reader.schedule.table.is_ui()) {
        let table = reader.schedule.table;
        let action = reader.row.action;
        let service = if table == Table::InstallUi { Table::InstallExecute } else { Table::AdminExecute };
        if model.schedule(service).row(action).is_some() {
            continue;
        }
        let message = format!(
            "`{action}` reads {SESSION_KEY} in {}, where the process that shows the dialogs does not have it",
            table.name()
        );
        let subject = format!("{}/{action}", table.name());
        let finding = findings.report(&subject, message, reader.entry.span, format!("stands in {} only", table.name()));
        finding.label_read(&reader.read, "the key is read here");
        finding.help(match reader.entry.kind {
            EntryKind::Dialog => "leave it out of the condition: here it is always empty".to_owned(),
            _ => format!("schedule `{action}` in {} Before=\"InstallValidate\"", service.name()),
        });
    }
    from_dialogs(model, findings);
}

/// Readers that a dialog runs and no execute sequence does.
fn from_dialogs(model: &Model<'_>, findings: &mut Findings) {
    for run in model.package.sections.iter().flat_map(|section| &section.dialog_actions) {
        let action = &*run.text;
        let Some(read) = model.flows.of_action(action).and_then(|flow| flow.read_of(SESSION_KEY)) else { continue };
        if Table::ALL.into_iter().any(|table| model.schedule(table).row(action).is_some()) {
            continue;
        }
        let message =
            format!("`{action}` reads {SESSION_KEY} from a dialog, where the process that shows it does not have it");
        let finding = findings.report(action, message, run.span, "a dialog runs it".to_owned());
        finding.label_read(read, "the key is read here");
        finding.help(format!("schedule `{action}` in {} Before=\"InstallValidate\"", Table::InstallExecute.name()));
    }
}
