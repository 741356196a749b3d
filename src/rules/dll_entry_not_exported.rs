use super::{Check, Findings, Rule};
use crate::diagnostic::Severity;
use crate::model::Model;
use crate::model::nearest;

pub(super) const RULE: Rule = Rule {
    name: "dll-entry-not-exported",
    severity: Severity::Error,
    by_default: true,
    doc: include_str!("dll_entry_not_exported.md"),
    check: Check::Package(check),
};

fn check(model: &Model<'_>, findings: &mut Findings) {
    for action in model.package.actions() {
        let Some(call) = action.call().filter(|call| call.script.is_none()) else { continue };
        let dll = model.package.code.dll_of(&call.stream);
        let Some((dll, exports)) = dll.and_then(|dll| Some((dll, dll.exports.as_ref()?))) else { continue };
        let Some(entry) = action.called.as_ref().and_then(|called| called.entry.as_ref()) else { continue };
        if exports.contains(&entry.text) {
            continue;
        }
        let message = format!(
            "`{}` calls `{}`, which {} does not export: the action fails when its turn comes",
            action.id.text, entry.text, dll.path
        );
        let finding = findings.report(&action.id.text, message, entry.span, "no export of the DLL".to_owned());
        finding.help(match nearest(&entry.text, exports.iter().map(String::as_str)) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "export the function, or correct the name".to_owned(),
        });
    }
}
