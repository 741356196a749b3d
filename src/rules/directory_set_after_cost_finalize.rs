use super::{Check, Findings, Rule};
use crate::diagnostic::Severity;
use crate::model::{Model, Turn};
use crate::msi::property;
use crate::wix::Kind;

pub(super) const RULE: Rule = Rule {
    name: "directory-set-after-cost-finalize",
    severity: Severity::Error,
    by_default: true,
    doc: include_str!("directory_set_after_cost_finalize.md"),
    check: Check::Package(check),
};

fn check(model: &Model<'_>, findings: &mut Findings) {
    for (Turn { schedule, row, .. }, entry, action) in model.assignments() {
        let target = action.target.as_ref().map_or("", |target| &target.text);
        let costed = model.standard_place(schedule, property::COSTS_KNOWN_AFTER);
        let late = costed.is_some_and(|costed| row.place().is_some_and(|place| place >= costed));
        if !late || action.kind != Kind::SetProperty || !is_directory(model, target) {
            continue;
        }
        let message = format!(
            "`{}` sets the directory `{target}` as a property after {}, when its path is fixed: it keeps the one that it has",
            row.action,
            property::COSTS_KNOWN_AFTER
        );
        let finding = findings.report_row(row.action, message, entry);
        if action.span != entry.span {
            finding.label(action.span, format!("sets `{target}`"));
        }
        finding.help(format!(
            "schedule it Before=\"{}\", or change the path with a SetDirectory",
            property::COSTS_KNOWN_AFTER
        ));
    }
}

/// Whether it is the key of a directory; the outermost one need not stand in the sources.
fn is_directory(model: &Model<'_>, name: &str) -> bool {
    name == property::ROOT_DIRECTORY || model.package.defines("Directory", name)
}
