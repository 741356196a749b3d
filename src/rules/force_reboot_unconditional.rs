use super::{Check, Findings, Rule};
use crate::diagnostic::Severity;
use crate::model::Model;
use crate::msi::{self, Table};

pub(super) const RULE: Rule = Rule {
    name: "force-reboot-unconditional",
    severity: Severity::Warning,
    by_default: true,
    doc: include_str!("force_reboot_unconditional.md"),
    check: Check::Package(check),
};

fn check(model: &Model<'_>, findings: &mut Findings) {
    let schedule = model.schedule(Table::InstallExecute);
    let Some(row) = schedule.row(msi::FORCED_REBOOT) else { return };
    let Some(entry) = row.entry.filter(|entry| entry.library.is_none()) else { return };
    if !matches!(row.condition.trim(), "" | "1") {
        return;
    }
    let message = format!(
        "{} has no condition: every installation, repair and removal asks for a restart, and restarts when it is silent",
        msi::FORCED_REBOOT
    );
    let finding = findings.report_row(msi::FORCED_REBOOT, message, entry);
    finding.help("give it the condition under which a restart is needed, with NOT AFTERREBOOT");
}
