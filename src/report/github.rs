//! Workflow commands of GitHub Actions, which become annotations of the changed files.
//!
//! A step gets at most ten annotations of a level: the first ones of each become commands, the rest are lines of the log.

use std::io::{self, Write};

use super::{Report, Style, in_one_line};
use crate::diagnostic::{Diagnostic, Severity};
use crate::source::Printable;

/// So many annotations of a level are shown for a step.
const MOST: usize = 10;

pub(super) fn write(report: &Report<'_>, style: &Style, out: &mut dyn Write) -> io::Result<()> {
    let mut rest = Vec::new();
    for severity in [Severity::Error, Severity::Warning, Severity::Info] {
        let found = report.findings.iter().filter(|finding| finding.severity == severity);
        for (at, finding) in found.enumerate() {
            if at < MOST {
                command(report, finding, out)?;
            } else {
                rest.push(finding);
            }
        }
    }
    if !rest.is_empty() {
        writeln!(out, "GitHub shows {MOST} annotations of a level for a step; these are the other findings:")?;
    }
    for finding in rest {
        let place = report.place(finding.primary.span);
        writeln!(
            out,
            "{place}: {}[{}] {}",
            finding.severity.name(),
            finding.rule,
            plain(&Printable(&in_one_line(finding)).to_string())
        )?;
    }
    for note in report.shown_notes() {
        writeln!(out, "{}", plain(&report.in_the_log(&note)))?;
    }
    report.write_summary(style, out)
}

fn command(report: &Report<'_>, finding: &Diagnostic, out: &mut dyn Write) -> io::Result<()> {
    let level = match finding.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "notice",
    };
    let region = report.region(finding.primary.span);
    let (start, end) = (region.start, region.end);
    write!(out, "::{level} file={},line={},endLine={}", property(region.plain_path()), start.line, end.line)?;
    // Columns count only where the whole is in one line.
    if start.line == end.line {
        write!(out, ",col={},endColumn={}", start.column, end.column)?;
    }
    writeln!(out, ",title=wixlint {}::{}", property(finding.rule), data(&Printable(&in_one_line(finding)).to_string()))
}

/// What stands behind the command.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// The value of a property.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

/// A line that is no command.
fn plain(text: &str) -> String {
    text.replace("::", ":\u{200B}:")
}
