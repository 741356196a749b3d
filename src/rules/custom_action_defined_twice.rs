use rustc_hash::FxHashMap;

use super::{Check, Findings, Rule};
use crate::diagnostic::Severity;
use crate::model::Model;
use crate::wix::{CustomAction, Section};

pub(super) const RULE: Rule = Rule {
    name: "custom-action-defined-twice",
    severity: Severity::Error,
    by_default: true,
    doc: include_str!("custom_action_defined_twice.md"),
    check: Check::Package(check),
};

fn check(model: &Model<'_>, findings: &mut Findings) {
    let package = &model.package;
    let mut first: FxHashMap<&str, (&Section, &CustomAction)> = FxHashMap::default();
    for &section in &package.candidates {
        for action in &section.actions {
            let id = &*action.id.text;
            let Some(&(other, defined)) = first.get(id) else {
                first.insert(id, (section, action));
                continue;
            };
            let one_build = package.build.is_whole || defined.span.file == action.span.file;
            let same = std::ptr::eq(section, other);
            if !action.id.is_known() || !one_build || !(same || package.refers_to("CustomAction", id)) {
                continue;
            }
            let message = format!("`{id}` is defined twice, and WiX cannot tell which one is meant");
            let finding = findings.report(id, message, action.span, "defined again here".to_owned());
            finding.label(defined.span, "first defined here").help("give one of them another name, or leave it out");
        }
    }
}
