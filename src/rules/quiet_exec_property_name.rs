use rustc_hash::{FxHashMap, FxHashSet};

use super::{Check, Findings, Rule};
use crate::diagnostic::Severity;
use crate::model::{Model, Turn};
use crate::msi::property;
use crate::wix::CustomAction;

pub(super) const RULE: Rule = Rule {
    name: "quiet-exec-property-name",
    severity: Severity::Warning,
    by_default: true,
    doc: include_str!("quiet_exec_property_name.md"),
    check: Check::Package(check),
};

/// So many actions that set the wrong property are shown.
const SHOWN: usize = 6;

fn check(model: &Model<'_>, findings: &mut Findings) {
    let actions: Vec<(&CustomAction, &'static str)> = model.package.actions().filter_map(quiet).collect();
    // Code that nobody has seen may set any of them.
    let other_code =
        |turn: Turn<'_, '_>| turn.runs_code() && turn.definition().is_some_and(|action| quiet(action).is_none());
    if actions.is_empty() || model.turns().any(other_code) {
        return;
    }
    let given = model.package.sections.iter().flat_map(|section| &section.dialog_properties).map(String::as_str);
    let ran = model.run_by_dialogs().filter_map(|action| model.flows.of_action(action)?.writes);
    let by_dialog: FxHashSet<&str> = given.chain(ran).collect();
    let is_set = |name: &str| model.writers(name).next().is_some() || model.is_valued(name) || by_dialog.contains(name);
    let mut setting: FxHashMap<&str, Vec<&CustomAction>> = FxHashMap::default();
    for action in model.package.actions() {
        if let Some(target) = &action.target {
            setting.entry(&target.text).or_default().push(action);
        }
    }
    let mut taking: FxHashMap<&str, Vec<&str>> = FxHashMap::default();
    for (action, at_once) in &actions {
        if action.execute.is_some_and(|when| !when.is_in_script()) {
            taking.entry(at_once).or_default().push(&action.id.text);
        }
    }
    for (action, at_once) in &actions {
        let id = &*action.id.text;
        let Some(when) = action.execute else { continue };
        let (wanted, wrong) = if when.is_in_script() { (id, *at_once) } else { (*at_once, id) };
        // What another action takes is not meant for this one.
        let is_taken = || taking.get(wrong).is_some_and(|others| others.iter().any(|other| *other != id));
        if is_set(wanted) || !is_set(wrong) || is_taken() {
            continue;
        }
        let message = format!(
            "`{id}` is {} action and takes its command line from `{wanted}`, which nothing sets; `{wrong}` is set instead",
            if when.is_in_script() { format!("a {}", when.name()) } else { "an immediate".to_owned() }
        );
        let finding = findings.report(id, message, action.span, format!("runs what `{wanted}` says"));
        for other in setting.get(wrong).into_iter().flatten().take(SHOWN) {
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
