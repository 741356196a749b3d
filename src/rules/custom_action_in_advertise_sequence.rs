use super::{Check, Findings, Rule};
use crate::diagnostic::Severity;
use crate::model::Model;
use crate::msi::Table;
use crate::wix::Kind;

pub(super) const RULE: Rule = Rule {
    name: "custom-action-in-advertise-sequence",
    severity: Severity::Warning,
    by_default: true,
    doc: include_str!("custom_action_in_advertise_sequence.md"),
    check: Check::Package(check),
};

fn check(model: &Model<'_>, findings: &mut Findings) {
    let schedule = model.schedule(Table::Advertise);
    for turn in model.turns_in(schedule) {
        let runs_code = |kind| matches!(kind, Kind::Dll(_) | Kind::Exe(_) | Kind::Script(_));
        let Some(definition) = turn.definition().filter(|action| runs_code(action.kind)) else { continue };
        let Some(entry) = turn.own() else { continue };
        let (action, table) = (turn.row.action, schedule.table.name());
        let message = format!("`{action}` runs code and stands in {table}, where custom actions may not run any");
        let finding = findings.report_row(action, message, entry);
        finding.label(definition.span, "the code");
        finding.help(format!("take `{action}` out of the table; nothing is installed while a product is advertised"));
    }
}
