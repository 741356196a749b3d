use super::{Check, Findings, Rule};
use crate::diagnostic::Severity;
use crate::model::Model;
use crate::wix::{Execute, Kind, Rarity, Return};

pub(super) const RULE: Rule = Rule {
    name: "rollback-or-script-async",
    severity: Severity::Warning,
    by_default: true,
    doc: include_str!("rollback_or_script_async.md"),
    check: Check::Package(check),
};

fn check(model: &Model<'_>, findings: &mut Findings) {
    if !model.package.holds(Rarity::AsyncAction) {
        return;
    }
    for action in model.package.actions().filter(|action| action.returns != Return::Waits) {
        let what = match (action.execute, action.kind) {
            (Some(Execute::Rollback), _) => "a rollback action",
            (_, Kind::Script(_)) => "a script",
            _ => continue,
        };
        let name = &action.id.text;
        let message = format!(
            "`{name}` is {what} and says Return=\"{}\", but Windows Installer runs {what} only while it waits",
            action.returns.name()
        );
        let finding = findings.report(name, message, action.span, format!("{what} that nobody is to wait for"));
        finding.help("Return=\"check\" lets it fail, Return=\"ignore\" goes on whatever it returns");
    }
}
