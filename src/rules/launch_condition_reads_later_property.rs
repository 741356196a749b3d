use super::{Check, Findings, Rule};
use crate::diagnostic::Severity;
use crate::model::{Model, Turn};
use crate::msi::condition::{self, Operand, operands};
use crate::msi::property::{self, Family};
use crate::sequence::Schedule;
use crate::source::Span;
use crate::wix::Text;

pub(super) const RULE: Rule = Rule {
    name: "launch-condition-reads-later-property",
    severity: Severity::Warning,
    by_default: true,
    doc: include_str!("launch_condition_reads_later_property.md"),
    check: Check::Package(check),
};

/// The action that checks the conditions.
const CHECKS: &str = "LaunchConditions";

fn check(model: &Model<'_>, findings: &mut Findings) {
    for condition in model.package.sections.iter().flat_map(|section| &section.launch_conditions) {
        for (offset, operand) in operands(&condition.text) {
            let later = match operand {
                Operand::Environment(_) => None,
                Operand::State(_) => fixed(model, Family::State.window().from),
                Operand::Property(name) if model.is_valued(name) => None,
                Operand::Property(name) => later(model, name),
            };
            if let Some(later) = later {
                report(condition, offset, operand, later, findings);
            }
        }
    }
}

/// The action that alone sets a property, and sets it too late.
fn later<'m>(model: &'m Model<'_>, name: &str) -> Option<(&'m str, Span)> {
    if let Some(window) = property::window(name) {
        return fixed(model, window.from.filter(|_| window.is_checked)?);
    }
    // Most names have no writer, which is the quickest to find out.
    let first = model.writers(name).next()?;
    let is_checked = |schedule: &Schedule<'_>, place: Option<i32>| {
        place.is_some_and(|place| model.standard_place(schedule, CHECKS).is_some_and(|at| at < place))
    };
    let runs_code =
        |schedule: &Schedule<'_>| model.first_code(schedule.table).is_some_and(|place| !is_checked(schedule, place));
    let mut upgrades = model.package.sections.iter().flat_map(|section| &section.upgrade_properties);
    if property::is_standard(name)
        || upgrades.any(|upgrade| upgrade == name)
        || !model.writers(name).all(|turn| is_checked(turn.schedule, turn.row.place()) && gives(&turn, name))
        || model.schedules.iter().any(runs_code)
    {
        return None;
    }
    Some((first.row.action, first.row.entry.map_or(Span::NOWHERE, |entry| entry.span)))
}

/// Whether it gives a property a value that has none: not if it takes it away or looks at what it is.
fn gives(turn: &Turn<'_, '_>, name: &str) -> bool {
    let asks = condition::properties(turn.row.condition).any(|(_, asked)| asked == name);
    let reads = turn.flow().is_some_and(|flow| flow.read_of(name).is_some());
    !asks && !reads && !turn.clears()
}

/// An action of Windows Installer, where it runs too late wherever both run.
fn fixed<'m>(model: &Model<'_>, from: &'m str) -> Option<(&'m str, Span)> {
    let later = |schedule: &Schedule<'_>| Some(schedule.row(from)?.place()? > schedule.row(CHECKS)?.place()?);
    let all: Vec<bool> = model.schedules.iter().filter_map(later).collect();
    (!all.is_empty() && all.iter().all(|later| *later)).then_some((from, Span::NOWHERE))
}

fn report(condition: &Text, offset: usize, operand: Operand<'_>, (by, span): (&str, Span), findings: &mut Findings) {
    let name = match operand {
        Operand::Property(name) | Operand::State(name) | Operand::Environment(name) => name,
    };
    let message = format!("a launch condition reads `{name}`, which `{by}` sets only after {CHECKS} has checked it");
    let at = condition.part(offset, name.len());
    let finding = findings.report(&format!("{name}/{by}"), message, at, "checked here".to_owned());
    if !span.is_nowhere() {
        finding.label(span, format!("`{by}` sets it"));
    }
    finding.help(format!("let it be set Before=\"{CHECKS}\", in every sequence that checks it"));
}
