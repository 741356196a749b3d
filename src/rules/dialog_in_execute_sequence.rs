use super::{Check, Findings, Rule};
use crate::diagnostic::Severity;
use crate::model::Model;
use crate::wix::{EntryKind, Generation, Rarity};

pub(super) const RULE: Rule = Rule {
    name: "dialog-in-execute-sequence",
    severity: Severity::Warning,
    by_default: true,
    doc: include_str!("dialog_in_execute_sequence.md"),
    check: Check::Package(check),
};

fn check(model: &Model<'_>, findings: &mut Findings) {
    // v3 refuses it, of which another rule tells.
    if model.package.generation == Generation::V3 || !model.package.holds(Rarity::LostDialog) {
        return;
    }
    let shown = model.package.entries().filter(|entry| entry.kind == EntryKind::Dialog && !entry.suppress);
    for entry in shown.filter(|entry| !entry.table.is_ui() && entry.library.is_none()) {
        let (dialog, table) = (&entry.action.text, entry.table.name());
        let message = format!("the dialog `{dialog}` stands in {table}, which runs without dialogs");
        let finding = findings.report_row(dialog, message, entry);
        finding.help("show it in InstallUISequence or AdminUISequence");
    }
}
