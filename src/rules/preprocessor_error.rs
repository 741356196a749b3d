use super::{Check, Findings, Rule};
use crate::diagnostic::Severity;
use crate::project::World;

pub(super) const RULE: Rule = Rule {
    name: "preprocessor-error",
    severity: Severity::Error,
    by_default: true,
    doc: include_str!("preprocessor_error.md"),
    check: Check::World(check),
};

fn check(world: &World, findings: &mut Findings) {
    for mistake in &world.mistakes {
        let message = format!("{}; WiX stops here", mistake.kind.message());
        let label = if mistake.begin.is_some() { "the file ends" } else { "this instruction or element" };
        let finding = findings.report(&mistake.kind.message(), message, mistake.span, label.to_owned());
        if let Some(begin) = mistake.begin {
            finding.label(begin, "it begins here");
        }
        finding.help(mistake.kind.help());
    }
}
