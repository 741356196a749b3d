use std::sync::Arc;

use super::{Check, Finding, Findings, Rule};
use crate::diagnostic::{Applicability, Fix, Severity};
use crate::model::Model;
use crate::reads::Flow;
use crate::reschedule;
use crate::sequence::{Row, Schedule, Step, chain};
use crate::wix::Position;

pub(super) const RULE: Rule = Rule {
    name: "duplicate-sequence-number",
    severity: Severity::Warning,
    by_default: true,
    doc: include_str!("duplicate_sequence_number.md"),
    check: Check::Package(check),
};

/// Where more actions of a table share numbers, which of them to hang on which is for their author.
const MOST_FIXES: usize = 16;

fn check(model: &Model<'_>, findings: &mut Findings) {
    for schedule in model.schedules.iter().filter(|schedule| model.has_numbers(schedule) && is_built(schedule)) {
        let pairs = schedule.rows.windows(2);
        let tied: Vec<_> = pairs.filter(|pair| pair[0].number.is_some() && pair[0].number == pair[1].number).collect();
        for pair in &tied {
            let (first, second) = (&pair[0], &pair[1]);
            match report(schedule, first, second, findings) {
                Some(finding) if tied.len() <= MOST_FIXES => offer(model, schedule, [first, second], finding),
                Some(finding) => finding.diagnostic.no_fix = Some("too many actions share numbers".to_owned()),
                None => {}
            }
        }
    }
}

/// Whether the toolset writes the table at all.
fn is_built(schedule: &Schedule<'_>) -> bool {
    schedule.problems.iter().all(|problem| problem.kind.is_warning())
}

/// The finding, unless its actions run at an end of the sequence, where neither can be placed.
fn report<'f>(
    schedule: &Schedule<'_>,
    first: &Row<'_>,
    second: &Row<'_>,
    findings: &'f mut Findings,
) -> Option<&'f mut Finding> {
    let own = |row: &Row<'_>| row.entry.is_some_and(|entry| entry.library.is_none());
    // At the later one, unless only the other is the author's.
    let (at, other) = if own(second) { (second, first) } else { (first, second) };
    let entry = at.entry.filter(|_| own(at))?;
    let table = schedule.table.name();
    let (action, beside, number) = (at.action, other.action, at.number.unwrap_or_default());
    let runs_at_end = number < 0;
    let message = match runs_at_end {
        true => format!("`{action}` and `{beside}` run at the same end of {table}, where Windows Installer takes one"),
        false => format!("`{action}` and `{beside}` are both {number} in {table}: nobody knows which one runs first"),
    };
    let finding = findings.report_row(&format!("{action} {beside}"), message, entry);
    if let Some(other) = other.entry {
        finding.label(other.span, format!("`{beside}` {}", Step { entry: other }.reason()));
    }
    finding.help(match runs_at_end {
        true => "leave one of them out, or let one do both".to_owned(),
        false => format!("hang one of the two on the other, such as After=\"{}\"", first.action),
    });
    (!runs_at_end).then_some(finding)
}

fn offer(model: &Model<'_>, schedule: &Schedule<'_>, [first, second]: [&Row<'_>; 2], finding: &mut Finding) {
    let applicability = if interact(model, first, second) { Applicability::Unsafe } else { Applicability::Safe };
    let ways = [(second, first), (first, second)].into_iter().flat_map(|(row, other)| hung(schedule, row, other));
    let (fixes, reasons): (Vec<_>, Vec<_>) = ways.partition(Result::is_ok);
    let fixes = fixes.into_iter().flatten().map(|fix| Arc::new(Fix { applicability, ..fix }));
    finding.candidates = fixes.collect();
    if finding.candidates.is_empty() {
        finding.diagnostic.no_fix = reasons.into_iter().find_map(Result::err);
    }
}

/// Whether it matters which of the two comes first: one sets what the other reads or sets.
fn interact(model: &Model<'_>, first: &Row<'_>, second: &Row<'_>) -> bool {
    let (one, other) = (model.flow(first), model.flow(second));
    let touches = |flow: &Flow<'_>, property: &str| flow.writes == Some(property) || flow.read_of(property).is_some();
    one.writes.is_some_and(|property| touches(&other, property))
        || other.writes.is_some_and(|property| touches(&one, property))
}

/// Ways to hang an action on the other one of its number, or that which it hangs on and whose number is
/// the author's.
fn hung(schedule: &Schedule<'_>, row: &Row<'_>, other: &Row<'_>) -> Vec<Result<Fix, String>> {
    let anchor = chain(schedule, row.action).last().map(|step| step.entry);
    let anchor =
        anchor.filter(|entry| matches!(entry.position, Position::Number(_)) && entry.action.text != row.action);
    let entries = row.entry.into_iter().chain(anchor).filter(|entry| entry.library.is_none());
    entries.flat_map(|entry| ["After", "Before"].map(|name| reschedule::hang(entry, name, other.action))).collect()
}
