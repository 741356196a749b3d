//! Findings as editors take them.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::lines::Lines;
use super::{Client, Server};
use crate::diagnostic::{Diagnostic, Note, Severity};
use crate::rules::{RULES, UNUSED_SUPPRESSION};
use crate::source::{FileId, Span};

/// So many findings of a file are told; editors draw each of them.
const MOST: usize = 1_000;

/// For each address, its diagnostics.
pub(super) type Published = BTreeMap<String, Vec<Value>>;

/// What is said about one file.
#[derive(Default)]
struct Told<'t> {
    findings: Vec<&'t Diagnostic>,
    notes: Vec<(Span, &'t Note)>,
}

impl Server<'_> {
    /// Everything that is to be shown now.
    pub(super) fn diagnostics(&self) -> Published {
        let (findings, notes) = self.workspace.findings();
        let mut files: BTreeMap<FileId, Told<'_>> = BTreeMap::new();
        for finding in findings {
            files.entry(finding.primary.span.file).or_default().findings.push(finding);
        }
        for note in notes {
            if let Some(span) = note.span.filter(|span| !span.is_nowhere()) {
                files.entry(span.file).or_default().notes.push((span, note));
            }
        }
        files.into_iter().map(|(file, told)| (self.uri(file), self.of_file(file, told))).collect()
    }

    fn of_file(&self, file: FileId, mut told: Told<'_>) -> Vec<Value> {
        let lines = self.lines(file);
        told.findings.sort_by_key(|finding| (finding.severity, finding.primary.span, finding.rule));
        let findings = told.findings.into_iter().map(|finding| self.diagnostic(finding, &lines));
        let notes = told.notes.into_iter().map(|(span, note)| {
            json!({ "range": lines.range(span), "severity": 4, "source": "wixlint", "message": note.message })
        });
        findings.chain(notes).take(MOST).collect()
    }

    /// One finding of the file that the lines are of.
    pub(super) fn diagnostic(&self, finding: &Diagnostic, lines: &Lines<'_>) -> Value {
        let Client { related_information, .. } = self.client;
        let severity = match finding.severity {
            Severity::Error => 1,
            Severity::Warning => 2,
            Severity::Info => 3,
        };
        let mut message = finding.message.clone();
        if let Some(when) = finding.when() {
            message += &format!(" ({when})");
        }
        if let Some(help) = &finding.help {
            message += &format!("\nhelp: {help}");
        }
        let mut diagnostic = json!({
            "range": lines.range(finding.primary.span),
            "severity": severity,
            "code": finding.rule,
            "source": "wixlint",
            "message": message,
        });
        let rule = RULES.iter().find(|rule| rule.name == finding.rule);
        if let Some(rule) = rule {
            diagnostic["codeDescription"] = json!({ "href": rule.url() });
        }
        if related_information {
            let labels = std::iter::once(&finding.primary).chain(&finding.related);
            let labels = labels.filter(|label| !label.message.is_empty() && !label.span.is_nowhere());
            let related =
                labels.map(|label| json!({ "location": self.location(label.span), "message": label.message }));
            diagnostic["relatedInformation"] = related.collect();
        }
        if finding.rule == UNUSED_SUPPRESSION {
            // What can go is shown faded.
            diagnostic["tags"] = json!([1]);
        }
        diagnostic
    }
}
