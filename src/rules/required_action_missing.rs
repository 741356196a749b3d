use super::{Check, Findings, Rule};
use crate::diagnostic::Severity;
use crate::model::Model;
use crate::msi::placement;
use crate::wix::Rarity;

pub(super) const RULE: Rule = Rule {
    name: "required-action-missing",
    severity: Severity::Warning,
    by_default: true,
    doc: include_str!("required_action_missing.md"),
    check: Check::Package(check),
};

fn check(model: &Model<'_>, findings: &mut Findings) {
    // A module gets them from the product that it is merged into.
    if !model.package.is_product() || !model.package.holds(Rarity::Suppressed) {
        return;
    }
    // Only who takes an action out lacks it: WiX adds those that a product needs.
    for entry in model.package.entries().filter(|entry| entry.suppress && entry.library.is_none()) {
        let name = &*entry.action.text;
        let needed = placement::required().find(|needed| needed.action == name && needed.is_needed_in(entry.table));
        let Some(needed) = needed.filter(|_| model.schedule(entry.table).row(name).is_none()) else { continue };
        let table = entry.table.name();
        let message = format!("`{name}` is taken out of {table}: nothing there {}", needed.does);
        let subject = format!("{table}/{name}");
        let finding = findings.report(&subject, message, entry.span, "taken out here".to_owned());
        finding.help("leave the element out, and WiX schedules the action in its own place");
    }
}
