use super::{Check, Findings, Rule};
use crate::diagnostic::Severity;
use crate::model::{Model, Turn};
use crate::msi::property;
use crate::wix::{EntryKind, Generation, Kind};

pub(super) const RULE: Rule = Rule {
    name: "set-directory-before-cost-finalize",
    severity: Severity::Error,
    by_default: true,
    doc: include_str!("set_directory_before_cost_finalize.md"),
    check: Check::Package(check),
};

fn check(model: &Model<'_>, findings: &mut Findings) {
    for (Turn { schedule, row, .. }, entry, action) in model.assignments() {
        let costed = model.standard_place(schedule, property::COSTS_KNOWN_AFTER);
        let early = costed.is_some_and(|costed| row.place().is_some_and(|place| place < costed));
        // v3 makes an assignment of a property of the element.
        let is_property = entry.kind == EntryKind::SetDirectory && model.package.generation == Generation::V3;
        if !early || action.kind != Kind::SetDirectory || is_property {
            continue;
        }
        let target = action.target.as_ref().map_or("", |target| &target.text);
        let message = format!(
            "`{}` sets the path of the directory `{target}` before {}, when there is none to be set",
            row.action,
            property::COSTS_KNOWN_AFTER
        );
        let finding = findings.report_row(row.action, message, entry);
        if action.span != entry.span {
            finding.label(action.span, format!("sets the path of `{target}`"));
        }
        finding.help(format!(
            "schedule it After=\"{}\", or set the property `{target}` instead",
            property::COSTS_KNOWN_AFTER
        ));
    }
}
