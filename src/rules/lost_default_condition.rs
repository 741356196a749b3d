use super::{Check, Findings, Rule};
use crate::diagnostic::Severity;
use crate::model::Model;
use crate::msi;
use crate::wix::{EntryKind, Generation};

pub(super) const RULE: Rule = Rule {
    name: "lost-default-condition",
    severity: Severity::Info,
    by_default: true,
    doc: include_str!("lost_default_condition.md"),
    check: Check::Package(check),
};

fn check(model: &Model<'_>, findings: &mut Findings) {
    for schedule in &model.schedules {
        for row in &schedule.rows {
            let Some(entry) = row.entry.filter(|entry| entry.kind == EntryKind::Standard) else { continue };
            let lost = msi::standard_action(row.action)
                .filter(|action| action.number_in(schedule.table).is_some())
                .map_or("", |action| action.condition(model.package.generation == Generation::V3));
            if lost.is_empty() || entry.condition.is_some() {
                continue;
            }
            let (action, table) = (row.action, schedule.table.name());
            let message =
                format!("`{action}` loses its default condition `{lost}`: an element that says none has none");
            let finding =
                findings.report(&format!("{table}/{action}"), message, entry.span, "says no condition".into());
            finding.help(format!(
                "write the condition `{lost}` if the action is only to be placed, or leave the element out"
            ));
        }
    }
}
