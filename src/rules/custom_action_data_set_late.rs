use super::{Check, Findings, Rule};
use crate::diagnostic::Severity;
use crate::model::{Model, Turn};
use crate::msi::Table;
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
    for (Turn { schedule, row, .. }, entry, action) in model.assignments() {
        let Some(target) = action.target.as_ref().map(|target| &*target.text) else { continue };
        let in_script =
            model.flows.definition(target).and_then(|target| target.execute).is_some_and(Execute::is_in_script);
        let Some(receiver) = schedule.row(target).filter(|_| in_script && !is_cleared(action)) else { continue };
        if row.place().is_none() || row.place() <= receiver.place() {
            continue;
        }
        // A later assignment may mean to forget what an earlier one has handed over.
        let earlier =
            |other: Turn<'_, '_>| other.schedule.table == schedule.table && other.row.place() < receiver.place();
        if model.writers(target).any(earlier) {
            continue;
        }
        report(model, schedule, (row, entry), (action, receiver), findings);
    }
}

/// Whether the assignment only takes the value away.
fn is_cleared(action: &CustomAction) -> bool {
    action.formatted.iter().all(|(_, text)| matches!(text.text.trim(), "" | "{}"))
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
    let message = format!("`{}` sets the data of `{target}`{numbers} has taken it: it gets nothing", row.action);
    let subject = format!("{}/{}", schedule.table.name(), row.action);
    let finding = findings.report(&subject, message, entry.span, Step { entry }.reason());
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
        Ok(candidates) => finding.candidates = candidates,
        Err(reason) => finding.diagnostic.no_fix = Some(reason),
    }
}
