use super::{Check, Findings, Rule};
use crate::diagnostic::Severity;
use crate::model::{Model, Turn};
use crate::msi::property;
use crate::wix::{CustomAction, Execute};

pub(super) const RULE: Rule = Rule {
    name: "quiet-exec-property-name",
    severity: Severity::Warning,
    by_default: true,
    doc: include_str!("quiet_exec_property_name.md"),
    check: Check::Package(check),
};

fn check(model: &Model<'_>, findings: &mut Findings) {
    let dialogs = || model.package.sections.iter().flat_map(|section| &section.dialog_properties);
    let by_dialog = |name: &str| {
        let ran = model.run_by_dialogs().filter_map(|action| model.flows.of_action(action)?.writes);
        ran.chain(dialogs().map(String::as_str)).any(|set| set == name)
    };
    let is_set = |name: &str| {
        model.writers(name).next().is_some() || model.valued().any(|valued| valued == name) || by_dialog(name)
    };
    // Code that nobody has seen may set any of them.
    let other_code =
        |turn: Turn<'_, '_>| turn.runs_code() && turn.definition().is_some_and(|action| quiet(action).is_none());
    let actions: Vec<(&CustomAction, &'static str)> = model.package.actions().filter_map(quiet).collect();
    for (action, at_once) in &actions {
        let id = &*action.id.text;
        let Some(when) = action.execute else { continue };
        let (wanted, wrong) = if when.is_in_script() { (id, *at_once) } else { (*at_once, id) };
        // What another action takes is not meant for this one.
        let is_taken = || {
            let others = actions.iter().filter(|(other, _)| other.id.text != id);
            others.into_iter().any(|(other, property)| {
                let immediate = other.execute.is_some_and(|when: Execute| !when.is_in_script());
                *property == wrong && immediate
            })
        };
        if is_set(wanted) || !is_set(wrong) || is_taken() || model.turns().any(other_code) {
            continue;
        }
        let message = format!(
            "`{id}` is {} action and takes its command line from `{wanted}`, which nothing sets; `{wrong}` is set instead",
            if when.is_in_script() { format!("a {}", when.name()) } else { "an immediate".to_owned() }
        );
        let finding = findings.report(id, message, action.span, format!("runs what `{wanted}` says"));
        for other in
            model.package.actions().filter(|other| other.target.as_ref().is_some_and(|target| target.text == wrong))
        {
            finding.label(other.span, format!("sets `{wrong}`"));
        }
        finding.help(format!("set `{wanted}` instead of `{wrong}`"));
    }
}

/// The property from which an action of WiX's own library takes its command line when it runs at once.
fn quiet(action: &CustomAction) -> Option<(&CustomAction, &'static str)> {
    let entry = action.called.as_ref()?.entry.as_ref()?;
    property::quiet_exec().find(|(name, _)| *name == entry.text).map(|(_, property)| (action, property))
}
