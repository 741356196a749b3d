use super::{Check, Findings, Rule};
use crate::diagnostic::Severity;
use crate::model::Model;
use crate::msi::condition::{self, Operand, operands, parse};
use crate::msi::operation::Operation;
use crate::msi::property::{self, Family};
use crate::msi::{self, Table};
use crate::sequence::Step;
use crate::wix::Section;

pub(super) const RULE: Rule = Rule {
    name: "in-script-before-remove-existing-products",
    severity: Severity::Error,
    by_default: true,
    doc: include_str!("in_script_before_remove_existing_products.md"),
    check: Check::Package(check),
};

fn check(model: &Model<'_>, findings: &mut Findings) {
    let schedule = model.schedule(Table::InstallExecute);
    let Some(removal) = schedule.row(msi::REMOVAL) else { return };
    let (begin, end) = msi::TRANSACTION;
    let bounds = model.standard_place(schedule, begin).zip(model.standard_place(schedule, end));
    let Some(((begun, ended), removed)) = bounds.zip(removal.place()) else { return };
    if removed <= begun || removed > ended {
        return;
    }
    // What was written before the script was last run does no harm any more.
    let run = msi::EXECUTES_SCRIPT.iter().filter_map(|action| Some((schedule.row(action)?.place()?, *action)));
    let (from, since) = run.filter(|(place, _)| *place < removed).max().unwrap_or((begun, begin));
    for turn in model.turns_in(schedule) {
        let Some(when) = turn.execute().filter(|when| when.is_in_script()) else { continue };
        let Some((entry, place)) = turn.own().zip(turn.row.place()) else { continue };
        let between = place > from && place < removed;
        if !between
            || !holds_in_upgrade(model, turn.row.condition)
            || condition::exclude(turn.row.condition, removal.condition)
        {
            continue;
        }
        let (action, removal_name) = (turn.row.action, msi::REMOVAL);
        let message = format!(
            "`{action}`, a {} action, is written into the installation script between {since} and {removal_name}: the upgrade fails",
            when.name()
        );
        let finding = findings.report_row(action, message, entry);
        if let Some(removal) = removal.entry {
            finding.label(removal.span, format!("{removal_name} {}", Step { entry: removal }.reason()));
        }
        finding.help(format!(
            "schedule `{action}` After=\"{removal_name}\", or let old products be removed before {begin} or after {}",
            msi::EXECUTES_SCRIPT[0]
        ));
    }
}

/// Whether the condition holds while a product is installed that replaces another, or may hold for all that the
/// package decides: what properties of the author's own are for nobody knows.
fn holds_in_upgrade(model: &Model<'_>, condition: &str) -> bool {
    let detected = Some(Family::Upgrade.window().from);
    let rows = |pick: fn(&Section) -> &Vec<String>, name: &str| {
        model.package.sections.iter().any(|section| pick(section).iter().any(|property| property == name))
    };
    let upgrade = |name: &str| match name {
        // What is only detected is not removed.
        _ if rows(|section| &section.detect_only, name) => Some(false),
        _ if property::window(name).and_then(|window| window.from) == detected => Some(true),
        _ => rows(|section| &section.upgrade_properties, name).then_some(true),
    };
    let operation = Operation::FirstInstallation;
    let has_value = |name: &str| operation.has_value(name).or_else(|| upgrade(name));
    let is_known = |name: &str| has_value(name).is_some() || property::is_standard(name);
    let Ok(parsed) = parse(condition) else { return false };
    let holds = parsed.map_or(Some(true), |parsed| parsed.truth_during(operation, &upgrade));
    let mut operands = operands(condition).into_iter();
    holds.unwrap_or_else(|| operands.all(|(_, operand)| matches!(operand, Operand::Property(name) if is_known(name))))
}
