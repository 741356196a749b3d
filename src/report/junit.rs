//! JUnit's XML: each finding a test case that fails, and one that passes where nothing is found.

use std::borrow::Cow;
use std::io::{self, Write};

use quick_xml::escape::escape;

use super::{Report, in_one_line};

pub(super) fn write(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let count = report.findings.len();
    let tests = count.max(1);
    writeln!(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>")?;
    writeln!(out, "<testsuites name=\"wixlint\" tests=\"{tests}\" failures=\"{count}\" errors=\"0\">")?;
    writeln!(out, "  <testsuite name=\"wixlint\" tests=\"{tests}\" failures=\"{count}\" errors=\"0\">")?;
    if count == 0 {
        writeln!(out, "    <testcase name=\"{} files\" classname=\"wixlint\" />", report.files)?;
    }
    for finding in report.findings {
        let region = report.region(finding.primary.span);
        let (path, line, column) = (text(region.plain_path()), region.start.line, region.start.column);
        let message = in_one_line(finding);
        // Of test cases with the same names, a server may keep one.
        let name = format!("{} at {line}:{column}", finding.rule);
        writeln!(out, "    <testcase name=\"{name}\" classname=\"{path}\" file=\"{path}\" line=\"{line}\">")?;
        writeln!(out, "      <failure type=\"{}\" message=\"{}\">", finding.severity.name(), text(&message))?;
        writeln!(out, "{path}:{line}:{column}: {}", text(&message))?;
        writeln!(out, "      </failure>\n    </testcase>")?;
    }
    writeln!(out, "  </testsuite>\n</testsuites>")
}

/// A text as XML takes it, without the characters that XML cannot hold.
fn text(text: &str) -> Cow<'_, str> {
    let is_held = |c: char| matches!(c, '\t' | ' '..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}' | '\u{10000}'..);
    if text.chars().all(is_held) {
        return escape(text);
    }
    let held: String = text.chars().map(|c| if is_held(c) { c } else { '\u{FFFD}' }).collect();
    Cow::Owned(escape(held.as_str()).into_owned())
}
