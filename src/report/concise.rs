//! One line for each finding: `path:line:column: severity[rule] message`, and `[*]` where a safe
//! fix exists.

use std::io::{self, Write};

use super::paint::Role;
use super::{Report, Style};
use crate::diagnostic::{Applicability, Diagnostic};
use crate::source::Printable;

pub(super) fn write(report: &Report<'_>, style: &Style, out: &mut dyn Write) -> io::Result<()> {
    for finding in report.findings {
        let place = style.paint(Role::Strong, report.place(finding.primary.span));
        let severity = style.paint(finding.severity.into(), finding.severity.name());
        let message = Printable(&finding.message);
        let mark = if is_fixable(finding) { " [*]" } else { "" };
        let when = finding.when().map(|when| format!(" ({})", Printable(&when))).unwrap_or_default();
        let rule = style.link(finding.rule, || report.url(finding.rule));
        writeln!(out, "{place}: {severity}[{rule}] {message}{when}{mark}")?;
    }
    for note in report.shown_notes() {
        if let Some(span) = note.span {
            write!(out, "{}: ", style.paint(Role::Strong, report.place(span)))?;
        }
        writeln!(out, "{}: {}", style.paint(Role::Info, "note"), Printable(&note.message))?;
    }
    report.write_summary(style, out)
}

fn is_fixable(finding: &Diagnostic) -> bool {
    finding.fix.as_ref().is_some_and(|fix| fix.applicability == Applicability::Safe)
}
