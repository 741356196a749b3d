use super::{Check, Findings, Rule};
use crate::diagnostic::Severity;
use crate::model::Model;
use crate::msi::{Table, placement};
use crate::wix::{EntryKind, Position, Rarity};

pub(super) const RULE: Rule = Rule {
    name: "standard-action-wrong-table",
    severity: Severity::Warning,
    by_default: true,
    doc: include_str!("standard_action_wrong_table.md"),
    check: Check::Package(check),
};

fn check(model: &Model<'_>, findings: &mut Findings) {
    if !model.package.holds(Rarity::PlacedStandard) {
        return;
    }
    // Without a place of its own the action cannot stand there at all, of which another rule tells.
    let placed = model
        .package
        .entries()
        .filter(|entry| entry.kind == EntryKind::Standard && !entry.suppress && entry.position != Position::Default);
    for entry in placed.filter(|entry| entry.library.is_none()) {
        let name = &*entry.action.text;
        if placement::may_stand_in(name, entry.table) != Some(false) {
            continue;
        }
        let table = entry.table.name();
        let message = format!("`{name}` stands in {table}, where it may not be");
        let finding = findings.report_row(name, message, entry);
        let allowed = Table::ALL.into_iter().filter(|&table| placement::may_stand_in(name, table) == Some(true));
        let allowed: Vec<&str> = allowed.map(Table::name).collect();
        finding.help(format!("it may stand in {}", allowed.join(", ")));
    }
}
