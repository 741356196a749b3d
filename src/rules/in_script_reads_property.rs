use super::{Check, Findings, Rule};
use crate::diagnostic::Severity;
use crate::model::Model;
use crate::msi::property::{self, SESSION_KEY};
use crate::reads::{Evidence, Read};
use crate::wix::Execute;

pub(super) const RULE: Rule = Rule {
    name: "in-script-reads-property",
    severity: Severity::Error,
    by_default: true,
    doc: include_str!("in_script_reads_property.md"),
    check: Check::Package(check),
};

fn check(model: &Model<'_>, findings: &mut Findings) {
    for turn in model.turns() {
        let Some(when) = turn.execute().filter(|when| when.is_in_script()) else { continue };
        let Some((entry, flow)) = turn.own().zip(turn.flow().filter(|flow| !flow.asks_when)) else { continue };
        let is_missing = |read: &&Read<'_>| {
            let name = &*read.property;
            // The session key has a rule of its own.
            matches!(read.evidence, Evidence::Code | Evidence::Script)
                && name != SESSION_KEY
                && !property::is_known_in_script(name, when == Execute::Commit)
        };
        for read in flow.reads.iter().filter(is_missing) {
            let (action, name) = (turn.row.action, &read.property);
            let message = format!(
                "`{action}` is a {} action and reads `{name}`, which the installation script does not hold: it gets nothing",
                when.name()
            );
            let subject = format!("{}/{action} {name}", turn.schedule.table.name());
            let finding = findings.report(&subject, message, entry.span, format!("`{action}` is scheduled here"));
            if let Some(definition) = turn.definition() {
                finding.label(definition.span, format!("Execute=\"{}\" puts it into the script", when.name()));
            }
            finding.label_read(read, "read here");
            finding.help(format!(
                "hand it over: set the property `{action}` before the action, and read {}",
                property::CUSTOM_ACTION_DATA
            ));
        }
    }
}
