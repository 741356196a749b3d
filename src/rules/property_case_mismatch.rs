use std::sync::Arc;

use super::{Check, Findings, Rule};
use crate::diagnostic::{Applicability, Edit, Fix, Severity};
use crate::model::{Model, Spelling};
use crate::msi::{condition, formatted, property};
use crate::wix::{Entry, Text};

pub(super) const RULE: Rule = Rule {
    name: "property-case-mismatch",
    severity: Severity::Warning,
    by_default: true,
    doc: include_str!("property_case_mismatch.md"),
    check: Check::Package(check),
};

fn check(model: &Model<'_>, findings: &mut Findings) {
    // Of a library nobody knows what it is linked with.
    if model.package.entry.is_none() {
        return;
    }
    let own = |entry: &&Entry| entry.library.is_none();
    let conditions = model.package.entries().filter(own).filter_map(|entry| entry.condition.as_ref());
    let launch = model.package.sections.iter().flat_map(|section| &section.launch_conditions);
    let asked = conditions.chain(launch).flat_map(|text| condition::properties(&text.text).map(move |at| (text, at)));
    let formatted = model.package.actions().flat_map(|action| &action.formatted);
    let formatted = formatted.flat_map(|(_, text)| formatted::properties(&text.text).map(move |at| (text, at)));
    // With another condition the action runs at other times.
    let asked = asked.map(|(text, at)| (text, at, Applicability::Unsafe));
    let all = asked.chain(formatted.map(|(text, at)| (text, at, Applicability::Safe)));
    // A name without lower-case letters may come from a command line.
    let unknown: Vec<_> = all
        .filter(|(text, (_, name), _)| property::is_private(name) && text.is_known() && !model.has_property(name))
        .collect();
    if unknown.is_empty() {
        return;
    }
    let known = Spelling::of(model);
    for (text, (offset, name), applicability) in unknown {
        if let Some(meant) = known.meant(name) {
            report(text, (offset, name), &meant, applicability, findings);
        }
    }
}

fn report(
    text: &Text,
    (offset, name): (usize, &str),
    meant: &str,
    applicability: Applicability,
    findings: &mut Findings,
) {
    let message =
        format!("`{name}` is no property, but `{meant}` is: names are told apart by case, and this one is empty");
    let finding = findings.report(name, message, text.part(offset, name.len()), "read here".to_owned());
    finding.help(format!("write `{meant}`"));
    match text.exact_part(offset, name.len()) {
        Some(span) => {
            let edits = vec![Edit { span, replacement: meant.to_owned() }];
            let message = match applicability {
                Applicability::Unsafe => format!("write `{meant}`, which changes when the condition holds"),
                Applicability::Safe => format!("write `{meant}`"),
            };
            let fix = Fix { applicability, message, edits, moves: Vec::new() };
            finding.candidates = Arc::new([Arc::new(fix)]);
        }
        None => finding.diagnostic.no_fix = Some("the name is not written as it is read".to_owned()),
    }
}
