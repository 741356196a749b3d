use super::{Check, Findings, Rule};
use crate::diagnostic::Severity;
use crate::project::Project;
use crate::source::DecodeError;

pub(super) const RULE: Rule = Rule {
    name: "unreadable-encoding",
    severity: Severity::Error,
    by_default: true,
    doc: include_str!("unreadable_encoding.md"),
    check: Check::Project(check),
};

fn check(project: &Project, findings: &mut Findings) {
    for (span, error) in &project.undecodable {
        let (message, label) = match error {
            DecodeError::Unsupported(name) => {
                (format!("the encoding `{name}` is not one that wixlint reads"), "declared here")
            }
            DecodeError::Invalid { encoding, offset } => {
                (format!("the file is not valid {encoding}: see byte {offset}"), "what stands before it could be read")
            }
        };
        let finding = findings.report("", message, *span, label.to_owned());
        finding.help("save the file as UTF-8, or declare the encoding it is in: windows-1252 or UTF-16");
    }
}
