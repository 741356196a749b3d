use std::sync::Arc;

use super::{Check, Findings, Rule};
use crate::diagnostic::{Applicability, Fix, Severity};
use crate::model::{Model, Turn};
use crate::msi::Table;
use crate::msi::property;
use crate::reschedule::Rescheduling;
use crate::sequence::{Row, Schedule, Step};
use crate::wix::{CustomAction, Entry, Execute};

pub(super) const RULE: Rule = Rule {
    name: "custom-action-data-set-late",
    severity: Severity::Error,
    by_default: true,
    doc: include_str!("custom_action_data_set_late.md"),
    check: Check::Package(check),
};

fn check(model: &Model<'_>, findings: &mut Findings) {
    if !model.turns().any(|turn| turn.execute().is_some_and(Execute::is_in_script)) {
        return;
    }
    for (Turn { schedule, row, .. }, entry, action) in model.assignments() {
        let Some(target) = action.target.as_ref().map(|target| &*target.text) else { continue };
        let in_script =
            model.flows.definition(target).and_then(|target| target.execute).is_some_and(Execute::is_in_script);
        let Some(receiver) = schedule.row(target).filter(|_| in_script && !action.clears()) else { continue };
        if row.place().is_none() || row.place() <= receiver.place() {
            continue;
        }
        // It has its data without the assignment, which then is meant for something else.
        let in_time = |other: Turn<'_, '_>| {
            let before = other.schedule.table == schedule.table && other.row.place() < receiver.place();
            let dialogs = other.schedule.table.is_ui() && !schedule.table.is_ui() && !property::is_private(target);
            dialogs || (before && (other.is_unconditional() || other.row.condition == row.condition))
        };
        if model.is_valued(target) || model.writers(target).any(in_time) {
            continue;
        }
        report(model, schedule, (row, entry), (action, receiver), findings);
    }
}

fn report<'w>(
    model: &Model<'w>,
    schedule: &Schedule<'w>,
    (row, entry): (&Row<'w>, &Entry),
    (action, receiver): (&CustomAction, &Row<'w>),
    findings: &mut Findings,
) {
    let target = receiver.action;
    let numbers = match (row.number, receiver.number) {
        (Some(own), Some(other)) if model.shows_numbers(schedule) => format!(" at {own}, after `{target}` ({other})"),
        _ => format!(" after `{target}`"),
    };
    let message = format!("`{}` sets the data of `{target}`{numbers} has taken it: what it sets is lost", row.action);
    let finding = findings.report_row(row.action, message, entry);
    if let Some(other) = receiver.entry {
        finding.label(other.span, format!("`{target}` {}", Step { entry: other }.reason()));
    }
    if action.span != entry.span {
        finding.label(action.span, "the data");
    }
    finding.help(format!("schedule `{}` Before=\"{target}\"", row.action));
    let wanted = std::iter::once(row.action).collect();
    let table: Table = schedule.table;
    match Rescheduling::new(model, table, wanted, target).candidates(row.action) {
        // Code that nobody has seen may have set the data in time.
        Ok(candidates) if model.first_code(schedule.table).is_some_and(|first| first < receiver.place()) => {
            let unsafe_fix = |fix: &Arc<Fix>| Arc::new(Fix { applicability: Applicability::Unsafe, ..(**fix).clone() });
            finding.candidates = candidates.iter().map(unsafe_fix).collect();
        }
        Ok(candidates) => finding.candidates = candidates,
        Err(reason) => finding.diagnostic.no_fix = Some(reason),
    }
}
