use super::{Check, Findings, Rule};
use crate::diagnostic::Severity;
use crate::model::{Model, Turn};
use crate::msi::condition::{Operand, operands};
use crate::msi::property::{self, Family};
use crate::sequence::Schedule;
use crate::source::Span;
use crate::wix::Text;
use rustc_hash::FxHashSet;

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
    let initial: FxHashSet<&str> = model.valued().collect();
    for condition in model.package.sections.iter().flat_map(|section| &section.launch_conditions) {
        for (offset, operand) in operands(&condition.text) {
            let later = match operand {
                Operand::Environment(_) => None,
                Operand::State(_) => Some((Family::State.window().from, Span::NOWHERE)),
                Operand::Property(name) if initial.contains(name) => None,
                Operand::Property(name) => {
                    let in_time = |turn: Turn<'_, '_>| {
                        let place = turn.row.place();
                        place.is_none() || place < model.standard_place(turn.schedule, CHECKS)
                    };
                    match model.writers(name).next() {
                        None => fixed(model, name),
                        Some(_) if model.writers(name).any(in_time) => None,
                        Some(Turn { row, .. }) => {
                            Some((row.action, row.entry.map_or(Span::NOWHERE, |entry| entry.span)))
                        }
                    }
                }
            };
            if let Some(later) = later {
                report(condition, offset, operand, later, findings);
            }
        }
    }
}

/// The standard action that sets a property, where it runs later wherever both run.
fn fixed<'m>(model: &'m Model<'_>, name: &str) -> Option<(&'m str, Span)> {
    let from = property::window(name).filter(|window| window.is_checked)?.from?;
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
