use rustc_hash::FxHashSet;

use super::{Check, Findings, Rule};
use crate::diagnostic::Severity;
use crate::model::Model;
use crate::msi::Table;
use crate::msi::formatted::{Reference, references};
use crate::source::Span;
use crate::wix::{CustomAction, Execute};

pub(super) const RULE: Rule = Rule {
    name: "secret-in-custom-action-data",
    severity: Severity::Warning,
    by_default: true,
    doc: include_str!("secret_in_custom_action_data.md"),
    check: Check::Package(check),
};

fn check(model: &Model<'_>, findings: &mut Findings) {
    let properties = model.package.sections.iter().flat_map(|section| &section.properties);
    let hidden: FxHashSet<&str> =
        properties.filter(|property| property.hidden).map(|property| &*property.id.text).collect();
    if hidden.is_empty() {
        return;
    }
    for action in model.package.actions() {
        let Some(target) = action.target.as_ref().map(|target| &*target.text) else { continue };
        let Some((secret, span)) = secret(action, &hidden) else { continue };
        let receiver = model
            .flows
            .definition(target)
            .filter(|receiver| receiver.execute.is_some_and(Execute::is_in_script) && !receiver.may_hide_target);
        // Who hides what is handed over knows about the log.
        let Some(receiver) = receiver.filter(|_| !hidden.contains(target)) else { continue };
        let runs = |table| model.schedule(table).row(&action.id.text).is_some_and(|row| row.condition.trim() != "0");
        if !runs(Table::InstallExecute) && !runs(Table::AdminExecute) {
            continue;
        }
        let message = format!(
            "`{}` hands `{secret}`, which is hidden, to `{target}`, which does not hide what it is handed: the value comes into the log",
            action.id.text
        );
        let finding = findings.report(&action.id.text, message, span, format!("`{secret}` is handed over here"));
        finding.label(receiver.span, "HideTarget=\"yes\" is missing");
        finding.help(format!("say HideTarget=\"yes\" on `{target}`; WiX then hides the property of that name as well"));
    }
}

/// The first hidden property that the assigned value is made of.
fn secret<'a>(action: &'a CustomAction, hidden: &FxHashSet<&str>) -> Option<(&'a str, Span)> {
    action.formatted.iter().find_map(|(_, text)| {
        references(&text.text).into_iter().find_map(|(offset, reference)| match reference {
            Reference::Property(name) if hidden.contains(name) => Some((name, text.part(offset, name.len()))),
            _ => None,
        })
    })
}
