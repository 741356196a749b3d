use super::{Check, Findings, Rule};
use crate::diagnostic::Severity;
use crate::model::Model;
use crate::msi::Table;
use crate::wix::{Kind, Rarity};

pub(super) const RULE: Rule = Rule {
    name: "error-action-unconditional",
    severity: Severity::Warning,
    by_default: true,
    doc: include_str!("error_action_unconditional.md"),
    check: Check::Package(check),
};

fn check(model: &Model<'_>, findings: &mut Findings) {
    if !model.package.holds(Rarity::ErrorAction) {
        return;
    }
    // Who forbids administrative installations or advertising does it in their tables, and means it.
    let schedule = model.schedule(Table::InstallExecute);
    for turn in model.turns_in(schedule).filter(|turn| turn.is_unconditional()) {
        let Some(definition) = turn.definition().filter(|action| action.kind == Kind::Error) else { continue };
        // With a negative number it runs when the installation has ended.
        let Some(entry) = turn.own().filter(|_| turn.row.number.is_none_or(|number| number > 0)) else { continue };
        let action = turn.row.action;
        let message =
            format!("`{action}` shows an error and has no condition: every installation, repair and removal ends here");
        let finding = findings.report_row(action, message, entry);
        finding.label(definition.span, "the error");
        finding.help("give the entry the condition under which the installation must not go on");
    }
}
