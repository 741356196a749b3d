//! GitLab's code quality report: a list of findings, each with a fingerprint.

use std::io::{self, Write};

use serde_json::json;

use super::{Report, fingerprint, in_one_line};
use crate::diagnostic::Severity;

pub(super) fn write(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let findings = report.findings.iter().zip(fingerprint::all(report)).map(|(finding, fingerprint)| {
        let region = report.region(finding.primary.span);
        let severity = match finding.severity {
            Severity::Error => "major",
            Severity::Warning => "minor",
            Severity::Info => "info",
        };
        json!({
            "description": in_one_line(finding),
            "check_name": finding.rule,
            "fingerprint": fingerprint,
            "severity": severity,
            "location": {
                "path": region.plain_path(),
                "lines": { "begin": region.start.line, "end": region.end.line },
            },
        })
    });
    serde_json::to_writer_pretty(&mut *out, &findings.collect::<Vec<_>>())?;
    out.write_all(b"\n")
}
