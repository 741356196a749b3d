//! The form in which MSBuild expects errors and warnings of the tools that it calls.
//!
//! `path(line,column,endLine,endColumn): error rule: text`. There are no other levels: what is worth knowing only is a line
//! that MSBuild passes on.

use std::io::{self, Write};

use super::{Report, Style, in_one_line};
use crate::source::Printable;

pub(super) fn write(report: &Report<'_>, style: &Style, out: &mut dyn Write) -> io::Result<()> {
    for finding in report.findings {
        let region = report.region(finding.primary.span);
        let (start, end) = (region.start, region.end);
        let (path, level, rule) = (Printable(region.path), finding.severity.name(), finding.rule);
        let range = format!("{},{},{},{}", start.line, start.column, end.line, end.column);
        writeln!(out, "{path}({range}): {level} {rule}: {}", Printable(&in_one_line(finding)))?;
    }
    for note in report.shown_notes() {
        writeln!(out, "{}", report.in_the_log(&note))?;
    }
    report.write_summary(style, out)
}
