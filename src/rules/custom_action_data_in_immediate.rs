use super::{Check, Findings, Rule};
use crate::diagnostic::Severity;
use crate::model::Model;
use crate::msi::property::CUSTOM_ACTION_DATA;

pub(super) const RULE: Rule = Rule {
    name: "custom-action-data-in-immediate",
    severity: Severity::Error,
    by_default: true,
    doc: include_str!("custom_action_data_in_immediate.md"),
    check: Check::Package(check),
};

fn check(model: &Model<'_>, findings: &mut Findings) {
    for reader in model.readers(CUSTOM_ACTION_DATA).into_iter().filter(|reader| reader.is_immediate()) {
        if model.is_valued(CUSTOM_ACTION_DATA) || model.writers(CUSTOM_ACTION_DATA).next().is_some() {
            return;
        }
        let action = reader.row.action;
        if model.flows.of_action(action).is_some_and(|flow| flow.asks_when) {
            continue;
        }
        let message = format!(
            "`{action}` runs at once, where {CUSTOM_ACTION_DATA} is empty: only the installation script holds it"
        );
        let subject = format!("{}/{action}", reader.schedule.table.name());
        let finding = findings.report(&subject, message, reader.entry.span, format!("`{action}` is scheduled here"));
        finding.label_read(&reader.read, "read here");
        finding.help("read the property itself, or let the action run with Execute=\"deferred\"");
    }
}
