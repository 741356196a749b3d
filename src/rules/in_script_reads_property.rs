use super::{Check, Findings, Rule};
use crate::diagnostic::Severity;
use crate::model::Model;
use crate::msi::property::{self, SESSION_KEY};
use crate::reads::Evidence;
use crate::wix::Execute;

pub(super) const RULE: Rule = Rule {
    name: "in-script-reads-property",
    severity: Severity::Error,
    by_default: true,
    doc: include_str!("in_script_reads_property.md"),
    check: Check::Package(check),
};

fn check(model: &Model<'_>, findings: &mut Findings) {
    for reader in model.all_readers() {
        let Some(when) = reader.when.filter(|when| when.is_in_script()) else { continue };
        let name = &*reader.read.property;
        let is_seen = matches!(reader.read.evidence, Evidence::Code | Evidence::Script);
        // The session key has a rule of its own.
        if !is_seen || name == SESSION_KEY || property::is_known_in_script(name, when == Execute::Commit) {
            continue;
        }
        let action = reader.row.action;
        if model.flows.of_action(action).is_some_and(|flow| flow.asks_when) {
            continue;
        }
        let message = format!(
            "`{action}` is a {} action and reads `{name}`, which the installation script does not hold: it gets nothing",
            when.name()
        );
        let subject = format!("{}/{action} {name}", reader.schedule.table.name());
        let finding = findings.report(&subject, message, reader.entry.span, format!("`{action}` is scheduled here"));
        if let Some(definition) = model.flows.definition(action) {
            finding.label(definition.span, format!("Execute=\"{}\" puts it into the script", when.name()));
        }
        finding.label_read(&reader.read, "read here");
        finding.help(format!(
            "hand it over: set the property `{action}` before the action, and read {}",
            property::CUSTOM_ACTION_DATA
        ));
    }
}
