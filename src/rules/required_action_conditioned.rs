use super::{Check, Findings, Rule};
use crate::diagnostic::Severity;
use crate::model::Model;
use crate::msi::{self, Table, placement};

pub(super) const RULE: Rule = Rule {
    name: "required-action-conditioned",
    severity: Severity::Warning,
    by_default: true,
    doc: include_str!("required_action_conditioned.md"),
    check: Check::Package(check),
};

fn check(model: &Model<'_>, findings: &mut Findings) {
    for table in [Table::InstallExecute, Table::AdminExecute, Table::Advertise] {
        let schedule = model.schedule(table);
        for needed in placement::required().filter(|needed| needed.every_time && needed.action != msi::VALIDATION) {
            let name = needed.action;
            let entry = schedule.row(name).and_then(|row| row.entry).filter(|entry| entry.library.is_none());
            let condition = entry.and_then(|entry| entry.condition.as_ref()).filter(|condition| condition.is_known());
            let Some((entry, condition)) = entry.zip(condition) else { continue };
            if matches!(condition.text.trim(), "" | "1") {
                continue;
            }
            let message = format!(
                "`{name}` has a condition, and has to run every time: where it does not hold, nothing in {} {}",
                table.name(),
                needed.does
            );
            let subject = format!("{}/{name}", table.name());
            let finding = findings.report(&subject, message, entry.span, "has a condition".to_owned());
            if condition.span != entry.span {
                finding.label(condition.span, "the condition");
            }
            finding.help("leave the condition out; what is not to happen can be left out by the states of features and components");
        }
    }
}
