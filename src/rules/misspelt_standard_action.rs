use super::{Check, Findings, Rule};
use crate::diagnostic::Severity;
use crate::model::{Model, nearest};
use crate::msi;
use crate::wix::{Dialect, Entry, EntryKind};

pub(super) const RULE: Rule = Rule {
    name: "misspelt-standard-action",
    severity: Severity::Error,
    by_default: true,
    doc: include_str!("misspelt_standard_action.md"),
    check: Check::Package(check),
};

fn check(model: &Model<'_>, findings: &mut Findings) {
    for section in model.package.sections.iter().filter(|section| section.dialect == Dialect::V4) {
        for entry in section.entries.iter().filter(|entry| is_no_action(model, entry)) {
            let (action, table) = (&*entry.action.text, entry.table.name());
            let message = format!("`{action}` is no standard action, but WiX writes it into {table} all the same");
            let finding =
                findings.report(&format!("{table}/{action}"), message, entry.span, "taken for an action".to_owned());
            finding.help(match nearest(action, msi::standard_actions().map(|action| action.name)) {
                Some(near) => format!("did you mean <{near}>?"),
                None => format!("delete the element, or schedule a custom action: <Custom Action=\"{action}\" .../>"),
            });
        }
    }
}

/// Whether an element is named like nothing that can run.
fn is_no_action(model: &Model<'_>, entry: &Entry) -> bool {
    let action = &*entry.action.text;
    let defined = || ["CustomAction", "Dialog"].iter().any(|kind| model.package.defines(kind, action));
    entry.kind == EntryKind::Standard && !entry.suppress && msi::standard_action(action).is_none() && !defined()
}
