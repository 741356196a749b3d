use super::{Check, Findings, Rule};
use crate::diagnostic::Severity;
use crate::model::Model;
use crate::model::{EarlyRead, What};

pub(super) const RULE: Rule = Rule {
    name: "property-read-before-set",
    severity: Severity::Warning,
    by_default: true,
    doc: include_str!("property_read_before_set.md"),
    check: Check::Package(check),
};

fn check(model: &Model<'_>, findings: &mut Findings) {
    for early in model.early_reads() {
        let (action, entry, from) = (early.row.action, early.entry, early.window.from);
        let (name, verb) = match &early.read {
            What::Property(read) => (format!("`{}`", read.property), "sets it"),
            // What no source shows has a description in place of a name.
            What::Costs(costs) if costs.what.contains(' ') => (costs.what.to_string(), "works it out"),
            What::Costs(costs) => (format!("`{}`", costs.what), "works it out"),
        };
        let (own, other) = places(model, &early);
        let message =
            format!("`{action}` reads {name}{own} before {from}{other} {verb}: it gets {}", early.window.before);
        let finding = findings.report_row(&format!("{action} {name}"), message, entry);
        if early.window.is_error {
            finding.diagnostic.severity = Severity::Error;
        }
        match &early.read {
            What::Property(read) => finding.label_read(read, "read here"),
            What::Costs(costs) if costs.span.is_nowhere() => finding,
            What::Costs(costs) => finding.label(costs.span, "needed here"),
        };
        finding.help(format!("schedule `{action}` After=\"{from}\", or do without the value"));
    }
}

/// The place of the read and that of the value, where they are the package's.
fn places(model: &Model<'_>, early: &EarlyRead<'_, '_>) -> (String, String) {
    match early.row.number {
        Some(number) if model.shows_numbers(early.schedule) => (format!(" at {number},"), format!(" ({})", early.from)),
        _ => Default::default(),
    }
}
