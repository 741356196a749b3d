//! SARIF 2.1.0, which code scanning services take.

use std::io::{self, Write};

use serde_json::{Map, Value, json};

use super::{Region, Report, fingerprint};
use crate::diagnostic::{Diagnostic, Fix, Label, Severity};
use crate::source::{FileId, Span};

const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";

pub(super) fn write(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let mut rules: Vec<&str> = report.findings.iter().map(|finding| finding.rule).collect();
    rules.sort_unstable();
    rules.dedup();
    let results = report.findings.iter().zip(fingerprint::all(report));
    let results = results.map(|(finding, fingerprint)| result(report, finding, &rules, &fingerprint));
    let notes = report.notes.iter().map(|note| {
        let mut entry = json!({ "level": "note", "message": { "text": note.message } });
        if let Some(span) = note.span {
            entry["locations"] = json!([{ "physicalLocation": physical(report, span) }]);
        }
        entry
    });
    let failures = report.failures.iter().map(|failure| json!({ "level": "error", "message": { "text": failure } }));
    let invocation = json!({
        "executionSuccessful": report.failures.is_empty(),
        "toolExecutionNotifications": failures.chain(notes).collect::<Vec<_>>(),
    });
    let document = json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "wixlint",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": rules.iter().map(|name| rule(report, name)).collect::<Vec<_>>(),
            } },
            "columnKind": "unicodeCodePoints",
            "invocations": [invocation],
            "results": results.collect::<Vec<_>>(),
        }],
    });
    serde_json::to_writer_pretty(&mut *out, &document)?;
    out.write_all(b"\n")
}

/// A rule with its page.
fn rule(report: &Report<'_>, name: &str) -> Value {
    let mut rule = json!({ "id": name });
    if let Some(page) = (report.page)(name) {
        let summary = page.text.lines().nth(2).unwrap_or_default();
        rule["shortDescription"] = json!({ "text": summary });
        rule["fullDescription"] = json!({ "text": summary });
        rule["help"] = json!({ "text": page.text, "markdown": page.text });
        rule["helpUri"] = json!(page.url);
    }
    let worst = report.findings.iter().filter(|finding| finding.rule == name).map(|finding| finding.severity).min();
    rule["defaultConfiguration"] = json!({ "level": worst.map_or("warning", level) });
    rule
}

fn result(report: &Report<'_>, finding: &Diagnostic, rules: &[&str], fingerprint: &str) -> Value {
    let when = finding.when().map(|when| format!(" ({when})")).unwrap_or_default();
    let help = finding.help.as_ref().map(|help| format!("\n{help}")).unwrap_or_default();
    let mut result = json!({
        "ruleId": finding.rule,
        "ruleIndex": rules.iter().position(|rule| *rule == finding.rule),
        "level": level(finding.severity),
        "message": { "text": format!("{}{when}{help}", finding.message) },
        "locations": [location(report, &finding.primary)],
        "partialFingerprints": { "wixlint/v1": fingerprint },
    });
    if !finding.related.is_empty() {
        let related = finding.related.iter().enumerate().map(|(id, label)| {
            let mut location = location(report, label);
            location["id"] = json!(id + 1);
            location
        });
        result["relatedLocations"] = related.collect();
    }
    if let Some(fix) = &finding.fix {
        result["fixes"] = json!([self::fix(report, fix)]);
    }
    result
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "note",
    }
}

fn location(report: &Report<'_>, label: &Label) -> Value {
    let mut location = json!({ "physicalLocation": physical(report, label.span) });
    if !label.message.is_empty() {
        location["message"] = json!({ "text": label.message });
    }
    location
}

fn physical(report: &Report<'_>, span: Span) -> Value {
    let region = report.region(span);
    json!({ "artifactLocation": { "uri": uri(region.path) }, "region": range(region) })
}

fn range(region: Region<'_>) -> Value {
    json!({
        "startLine": region.start.line,
        "startColumn": region.start.column,
        "endLine": region.end.line,
        "endColumn": region.end.column,
    })
}

fn fix(report: &Report<'_>, fix: &Fix) -> Value {
    let mut files: Vec<FileId> = fix.edits.iter().map(|edit| edit.span.file).collect();
    files.sort_unstable();
    files.dedup();
    let changes = files.into_iter().map(|file| {
        let edits = fix.edits.iter().filter(|edit| edit.span.file == file).map(|edit| {
            json!({
                "deletedRegion": range(report.region(edit.span)),
                "insertedContent": { "text": edit.replacement },
            })
        });
        let replacements: Vec<Value> = edits.collect();
        json!({ "artifactLocation": { "uri": uri(report.sources.get(file).path()) }, "replacements": replacements })
    });
    let mut value = Map::new();
    value
        .insert("description".to_owned(), json!({ "text": format!("{} ({})", fix.message, fix.applicability.name()) }));
    value.insert("artifactChanges".to_owned(), changes.collect());
    Value::Object(value)
}

/// A path as a URI: relative, or of a file on this machine.
fn uri(path: &str) -> String {
    let path = path.strip_prefix("./").unwrap_or(path).replace('\\', "/");
    let mut uri = String::with_capacity(path.len());
    match path.as_bytes() {
        [b'/', ..] => uri.push_str("file://"),
        [_, b':', ..] => uri.push_str("file:///"),
        _ => {}
    }
    for byte in path.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => uri.push(char::from(byte)),
            // A drive's colon; another one would make a scheme of what is before it.
            b':' if uri.starts_with("file:") => uri.push(':'),
            other => uri.push_str(&format!("%{other:02X}")),
        }
    }
    uri
}
