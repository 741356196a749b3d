use super::{Check, Findings, Rule};
use crate::diagnostic::Severity;
use crate::project::Project;

pub(super) const RULE: Rule = Rule {
    name: "malformed-xml",
    severity: Severity::Error,
    by_default: true,
    doc: include_str!("malformed_xml.md"),
    check: Check::Project(check),
};

fn check(project: &Project, findings: &mut Findings) {
    for error in &project.errors {
        let finding = findings.report("", error.message.clone(), error.span, String::new());
        if let Some((span, label)) = error.related {
            finding.label(span, label);
        }
        if let Some(help) = error.help {
            finding.help(help);
        }
    }
}
