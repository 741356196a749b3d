use super::{Check, Findings, Rule};
use crate::diagnostic::Severity;
use crate::model::Model;
use crate::wix::{Execute, Kind, Rarity};

pub(super) const RULE: Rule = Rule {
    name: "no-impersonate-immediate",
    severity: Severity::Warning,
    by_default: true,
    doc: include_str!("no_impersonate_immediate.md"),
    check: Check::Package(check),
};

fn check(model: &Model<'_>, findings: &mut Findings) {
    if !model.package.holds(Rarity::Unimpersonated) {
        return;
    }
    for action in model.package.actions().filter(|action| action.refuses_impersonation) {
        let runs_code = matches!(action.kind, Kind::Dll(_) | Kind::Exe(_) | Kind::Script(_));
        let Some(when) = action.execute.filter(|when| runs_code && !when.is_in_script()) else { continue };
        let name = &action.id.text;
        let message = format!(
            "`{name}` says Impersonate=\"no\" and runs with Execute=\"{}\": it has the rights of the user all the same",
            when.name()
        );
        let finding = findings.report(name, message, action.span, "the attribute has no effect here".to_owned());
        finding.help(format!(
            "what needs the rights of the system has to be {}; else leave Impersonate out",
            Execute::Deferred.name()
        ));
    }
}
