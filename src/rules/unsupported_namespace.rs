use super::{Check, Findings, Rule};
use crate::diagnostic::Severity;
use crate::preprocess::Namespace;
use crate::project::Project;

pub(super) const RULE: Rule = Rule {
    name: "unsupported-namespace",
    severity: Severity::Warning,
    by_default: true,
    doc: include_str!("unsupported_namespace.md"),
    check: Check::Project(check),
};

fn check(project: &Project, findings: &mut Findings) {
    for (namespace, span) in &project.foreign {
        let (message, help) = match namespace {
            Namespace::V2 => (
                "this source is written for WiX v2, which wixlint does not read",
                "WixCop of the v3 toolset converts it",
            ),
            Namespace::V3 | Namespace::V4 => ("the root element is not `Wix`", "check only WiX sources"),
            Namespace::Absent | Namespace::Extension(_) | Namespace::Declared(_) | Namespace::Foreign => (
                "the root element is not in a namespace of WiX, which refuses to build it",
                "declare xmlns=\"http://wixtoolset.org/schemas/v4/wxs\" for v4 and later, or check only WiX sources",
            ),
        };
        findings.report("", message.to_owned(), *span, "the root element".to_owned()).help(help);
    }
}
