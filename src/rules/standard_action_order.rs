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
        // One entry may have passed many actions.
        let mut passed: Vec<Passed<'_, '_>> = Vec::new();
        for (first, then) in placement::orders() {
            let Some((before, after)) = schedule.row(first).zip(schedule.row(then)) else { continue };
            let moved =
                [before, after].into_iter().find_map(|row| Some((row, row.entry.filter(|entry| is_moved(entry))?)));
            let Some((row, entry)) = moved.filter(|_| is_reversed(before, after)) else { continue };
            let works = |action: &str| works(model, schedule, action);
            // A rule of its own tells where old products may be removed.
            let is_removal = [first, then].contains(&msi::REMOVAL);
            if is_removal || condition::exclude(before.condition, after.condition) || !works(first) || !works(then) {
                continue;
            }
            let (other, is_early) = if row.action == first { (after, false) } else { (before, true) };
            match passed.iter_mut().find(|one| one.entry.span == entry.span && one.is_early == is_early) {
                Some(one) => one.others.push(other),
                None => passed.push(Passed { row, entry, is_early, others: vec![other] }),
            }
        }
        passed.iter().for_each(|one| report(one, findings));
    }
}

/// A moved action, and those that it has passed.
struct Passed<'m, 'w> {
    row: &'m Row<'w>,
    entry: &'w Entry,
    /// It runs too early, else too late.
    is_early: bool,
    others: Vec<&'m Row<'w>>,
}

fn report(passed: &Passed<'_, '_>, findings: &mut Findings) {
    let (action, entry) = (passed.row.action, passed.entry);
    let names: Vec<String> = passed.others.iter().map(|row| format!("`{}`", row.action)).collect();
    let names = match &names[..] {
        [rest @ .., last] if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        _ => names.concat(),
    };
    let has = if passed.others.len() == 1 { "has" } else { "have" };
    let (side, order) = if passed.is_early { ("before", "first") } else { ("after", "later") };
    let message = format!("`{action}` runs {side} {names}, which {has} to come {order}");
    let finding = findings.report_row(&format!("{action} {side}"), message, entry);
    for entry in passed.others.iter().filter_map(|row| row.entry).filter(|other| other.span != entry.span) {
        finding.label(entry.span, format!("`{}` {}", entry.action.text, Step { entry }.reason()));
    }
    let other = if passed.is_early { "after" } else { "before" };
    finding.help(format!("schedule `{action}` {other} {names}, or leave it at its own number"));
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
