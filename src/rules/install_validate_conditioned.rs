use super::{Check, Findings, Rule};
use crate::diagnostic::Severity;
use crate::model::Model;
use crate::msi::property::SESSION_KEY;
use crate::msi::{self, Table};

pub(super) const RULE: Rule = Rule {
    name: "install-validate-conditioned",
    severity: Severity::Warning,
    by_default: true,
    doc: include_str!("install_validate_conditioned.md"),
    check: Check::Package(check),
};

fn check(model: &Model<'_>, findings: &mut Findings) {
    let name = msi::VALIDATION;
    for table in [Table::InstallExecute, Table::AdminExecute, Table::Advertise] {
        let entry = model.schedule(table).row(name).and_then(|row| row.entry).filter(|entry| entry.library.is_none());
        let condition = entry.and_then(|entry| entry.condition.as_ref()).filter(|condition| condition.is_known());
        let Some((entry, condition)) = entry.zip(condition) else { continue };
        if matches!(condition.text.trim(), "" | "1") {
            continue;
        }
        let message = format!(
            "{name} has a condition: where it does not hold, nobody checks for room and for files in use, and {SESSION_KEY} stays"
        );
        let subject = format!("{}/{name}", table.name());
        let finding = findings.report(&subject, message, entry.span, "has a condition".to_owned());
        if condition.span != entry.span {
            finding.label(condition.span, "the condition");
        }
        finding
            .help("leave the condition out; properties of the Restart Manager decide what is done about files in use");
    }
}
