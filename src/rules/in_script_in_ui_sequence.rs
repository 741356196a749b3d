use rustc_hash::FxHashSet;

use super::{Check, Findings, Rule};
use crate::diagnostic::Severity;
use crate::model::Model;
use crate::msi::Table;
use crate::wix::{CustomAction, Execute};

pub(super) const RULE: Rule = Rule {
    name: "in-script-in-ui-sequence",
    severity: Severity::Warning,
    by_default: true,
    doc: include_str!("in_script_in_ui_sequence.md"),
    check: Check::Package(check),
};

fn check(model: &Model<'_>, findings: &mut Findings) {
    for table in [Table::InstallUi, Table::AdminUi] {
        for turn in model.turns_in(model.schedule(table)) {
            let Some(when) = turn.execute().filter(|when| when.is_in_script()) else { continue };
            let Some(entry) = turn.own() else { continue };
            let action = turn.row.action;
            let message = format!(
                "`{action}` is a {} action and stands in {}, where no installation script is written: it cannot run",
                when.name(),
                table.name()
            );
            let finding = findings.report_row(action, message, entry);
            if let Some(definition) = turn.definition().filter(|definition| definition.span != entry.span) {
                finding.label(definition.span, format!("Execute=\"{}\"", when.name()));
            }
            finding.help(format!("schedule `{action}` in {}", Table::InstallExecute.name()));
        }
    }
    check_dialogs(model, findings);
}

/// What a control starts runs as what a sequence of dialogs does.
fn check_dialogs(model: &Model<'_>, findings: &mut Findings) {
    let mut told = FxHashSet::default();
    for called in model.package.sections.iter().flat_map(|section| &section.dialog_actions) {
        let definition: Option<&CustomAction> = model.flows.definition(&called.text);
        let when = definition.and_then(|action| action.execute).filter(|when: &Execute| when.is_in_script());
        let Some((definition, when)) = definition.zip(when) else { continue };
        if !told.insert(called.span) {
            continue;
        }
        let message = format!(
            "a dialog starts `{}`, which is a {} action, and no installation script is written then: it cannot run",
            called.text,
            when.name()
        );
        let finding = findings.report(&called.text, message, called.span, "started here".to_owned());
        finding.label(definition.span, format!("Execute=\"{}\"", when.name()));
        finding.help(format!("schedule `{}` in {}", called.text, Table::InstallExecute.name()));
    }
}
