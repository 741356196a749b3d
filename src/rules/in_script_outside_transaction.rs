use super::{Check, Findings, Rule};
use crate::diagnostic::Severity;
use crate::model::Model;
use crate::msi::{self, Table};
use crate::wix::Execute;

pub(super) const RULE: Rule = Rule {
    name: "in-script-outside-transaction",
    severity: Severity::Error,
    by_default: true,
    doc: include_str!("in_script_outside_transaction.md"),
    check: Check::Package(check),
};

fn check(model: &Model<'_>, findings: &mut Findings) {
    for table in [Table::InstallExecute, Table::AdminExecute] {
        let schedule = model.schedule(table);
        let (begin, end) = msi::TRANSACTION;
        let bounds = model.standard_place(schedule, begin).zip(model.standard_place(schedule, end));
        let Some((from, until)) = bounds else { continue };
        for turn in model.turns_in(schedule) {
            let Some(when) = turn.execute().filter(|when| when.is_in_script()) else { continue };
            let Some((entry, place)) = turn.own().zip(turn.row.place()) else { continue };
            let (side, bound) = match place {
                _ if place < from => ("before", begin),
                _ if place > until => ("after", end),
                _ => continue,
            };
            let action = turn.row.action;
            let at = match (turn.row.number, schedule.row(bound).and_then(|row| row.number)) {
                (Some(own), Some(other)) if own > 0 && model.shows_numbers(schedule) => {
                    format!("at {own}, {side} {bound} ({other})")
                }
                _ => format!("{side} {bound}"),
            };
            let kind = when.name();
            let message = format!(
                "`{action}` is a {kind} action and stands {at}: there is no installation script to write it into, and the installation fails"
            );
            let finding = findings.report_row(action, message, entry);
            if let Some(definition) = turn.definition().filter(|definition| definition.span != entry.span) {
                finding.label(definition.span, format!("Execute=\"{kind}\""));
            }
            let stands = if when == Execute::Commit {
                "its code runs when the script has succeeded"
            } else {
                "its code runs with the script"
            };
            finding.help(format!("schedule `{action}` After=\"{begin}\" and before {end}; {stands}"));
        }
    }
}
