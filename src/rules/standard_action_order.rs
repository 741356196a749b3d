use super::{Check, Findings, Rule};
use crate::diagnostic::Severity;
use crate::model::Model;
use crate::msi::{self, Table, condition, placement};
use crate::sequence::{Row, Schedule, Step};
use crate::wix::{Entry, EntryKind, Position, Rarity, table_bringing};

pub(super) const RULE: Rule = Rule {
    name: "standard-action-order",
    severity: Severity::Warning,
    by_default: true,
    doc: include_str!("standard_action_order.md"),
    check: Check::Package(check),
};

fn check(model: &Model<'_>, findings: &mut Findings) {
    // In their own places all are in order.
    if !model.package.holds(Rarity::PlacedStandard) {
        return;
    }
    for schedule in &model.schedules {
        for (first, then) in placement::orders() {
            let Some((before, after)) = schedule.row(first).zip(schedule.row(then)) else { continue };
            let moved =
                [before, after].into_iter().find_map(|row| Some((row, row.entry.filter(|entry| is_moved(entry))?)));
            let Some((moved, entry)) = moved.filter(|_| is_reversed(before, after)) else { continue };
            let works = |action: &str| works(model, schedule, action);
            if condition::exclude(before.condition, after.condition) || !works(first) || !works(then) {
                continue;
            }
            report(schedule, (before, after), (moved, entry), findings);
        }
    }
}

fn report(
    schedule: &Schedule<'_>,
    (before, after): (&Row<'_>, &Row<'_>),
    (moved, entry): (&Row<'_>, &Entry),
    findings: &mut Findings,
) {
    let (first, then) = (before.action, after.action);
    let message = format!("`{then}` runs before `{first}`, which has to come first");
    let subject = format!("{}/{first}/{then}", schedule.table.name());
    let finding = findings.report(&subject, message, entry.span, Step { entry }.reason());
    let other = if moved.action == first { after } else { before };
    if let Some(entry) = other.entry.filter(|other| other.span != entry.span) {
        finding.label(entry.span, format!("`{}` {}", other.action, Step { entry }.reason()));
    }
    finding.help(if moved.action == first {
        format!("schedule `{first}` before `{then}`")
    } else {
        format!("schedule `{then}` after `{first}`")
    });
}

/// Whether a source gives a standard action another place than its own.
fn is_moved(entry: &Entry) -> bool {
    let is_placed = matches!(entry.position, Position::Before(_) | Position::After(_) | Position::Number(_));
    entry.kind == EntryKind::Standard && is_placed && !entry.suppress && entry.library.is_none()
}

fn is_reversed(before: &Row<'_>, after: &Row<'_>) -> bool {
    before.place().zip(after.place()).is_some_and(|(before, after)| before > after)
}

/// Whether the action has anything to do: some do nothing unless a table has rows for them.
fn works(model: &Model<'_>, schedule: &Schedule<'_>, action: &str) -> bool {
    let table = if schedule.table == Table::AdminExecute { Table::InstallExecute } else { schedule.table };
    let package = &model.package;
    let brings = || {
        let mut sections = package.sections.iter();
        sections.any(|section| {
            table_bringing((table, action), section.tables, section.ensured, package.generation).is_some()
        })
    };
    msi::standard_action(action).is_some_and(|standard| !standard.idle) || brings()
}
