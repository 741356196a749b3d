use super::{Check, Findings, Rule};
use crate::diagnostic::Severity;
use crate::model::Model;
use crate::msi::{self, Table};
use crate::sequence::Step;

pub(super) const RULE: Rule = Rule {
    name: "remove-existing-products-misplaced",
    severity: Severity::Error,
    by_default: true,
    doc: include_str!("remove_existing_products_misplaced.md"),
    check: Check::Package(check),
};

fn check(model: &Model<'_>, findings: &mut Findings) {
    let schedule = model.schedule(Table::InstallExecute);
    let Some(row) = schedule.row(msi::REMOVAL) else { return };
    let Some((entry, place)) = row.entry.filter(|entry| entry.library.is_none()).zip(row.place()) else { return };
    let place_of = |action: &str| model.standard_place(schedule, action);
    let (begin, end) = msi::TRANSACTION;
    let bounds = place_of(msi::VALIDATION).zip(place_of(begin)).zip(place_of(end));
    let Some(((validated, begun), ended)) = bounds else { return };
    let has_run = || {
        let mut run = msi::EXECUTES_SCRIPT.iter().filter_map(|action| schedule.row(action)?.place());
        run.any(|run| run > begun && run < place)
    };
    let (why, after) = if place < validated {
        (format!("stands before {}", msi::VALIDATION), None)
    } else if place > begun && place < ended && !has_run() {
        let mut between =
            schedule.rows.iter().filter(|row| msi::standard_action(row.action).is_some_and(|own| own.writes));
        let Some(writes) = between.find(|row| row.place().is_some_and(|other| other > begun && other < place)) else {
            return;
        };
        (format!("stands after {}, which has written to the installation script", writes.action), writes.entry)
    } else {
        return;
    };
    let message = format!("{} {why}: the upgrade fails", msi::REMOVAL);
    let finding = findings.report_row(msi::REMOVAL, message, entry);
    if let Some(entry) = after {
        finding.label(entry.span, Step { entry }.reason());
    }
    let [execute, again, _] = msi::EXECUTES_SCRIPT;
    finding.help(format!(
        "schedule it After=\"{}\", \"{begin}\", \"{execute}\", \"{again}\" or \"{end}\"",
        msi::VALIDATION
    ));
}
