//! The JSON format, version 1. Other programs rely on it: fields may be added, none may change.

use std::io::{self, Write};

use serde::Serialize;

use super::Report;
use crate::diagnostic::{Diagnostic, Fix, Note};
use crate::source::{Source, Sources, Span};

pub(super) fn write(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let sources = report.sources;
    let summary = report.summary();
    let document = Document {
        version: 1,
        findings: report.findings.iter().map(|finding| Finding::new(sources, finding)).collect(),
        notes: report.notes.iter().map(|note| NoteEntry::new(sources, note)).collect(),
        summary: Numbers { files: summary.files, findings: report.findings.len(), fixable: summary.fixable },
    };
    serde_json::to_writer(&mut *out, &document)?;
    out.write_all(b"\n")
}

#[derive(Serialize)]
struct Document<'a> {
    version: u32,
    findings: Vec<Finding<'a>>,
    notes: Vec<NoteEntry<'a>>,
    summary: Numbers,
}

#[derive(Serialize)]
struct Finding<'a> {
    rule: &'a str,
    severity: &'a str,
    message: &'a str,
    help: Option<&'a str>,
    path: &'a str,
    start: Position,
    end: Position,
    related: Vec<Related<'a>>,
    fix: Option<FixEntry<'a>>,
    no_fix: Option<&'a str>,
    configurations: &'a [String],
}

impl<'a> Finding<'a> {
    fn new(sources: &'a Sources, finding: &'a Diagnostic) -> Finding<'a> {
        let (path, start, end) = range(sources, finding.primary.span);
        let related = finding.related.iter().map(|label| {
            let (path, start, end) = range(sources, label.span);
            Related { path, start, end, message: &label.message }
        });
        Finding {
            rule: finding.rule,
            severity: finding.severity.name(),
            message: &finding.message,
            help: finding.help.as_deref(),
            path,
            start,
            end,
            related: related.collect(),
            fix: finding.fix.as_ref().map(|fix| FixEntry::new(sources, fix)),
            no_fix: finding.no_fix.as_deref(),
            configurations: &finding.configurations,
        }
    }
}

#[derive(Serialize)]
struct Related<'a> {
    path: &'a str,
    start: Position,
    end: Position,
    message: &'a str,
}

#[derive(Serialize)]
struct FixEntry<'a> {
    applicability: &'a str,
    message: &'a str,
    edits: Vec<EditEntry<'a>>,
}

impl<'a> FixEntry<'a> {
    fn new(sources: &'a Sources, fix: &'a Fix) -> FixEntry<'a> {
        let edits = fix.edits.iter().map(|edit| {
            let (path, start, end) = range(sources, edit.span);
            EditEntry { path, start: start.offset, end: end.offset, replacement: &edit.replacement }
        });
        FixEntry { applicability: fix.applicability.name(), message: &fix.message, edits: edits.collect() }
    }
}

/// A replacement of the bytes from `start` to `end` of the file on disk.
#[derive(Serialize)]
struct EditEntry<'a> {
    path: &'a str,
    start: u64,
    end: u64,
    replacement: &'a str,
}

#[derive(Serialize)]
struct NoteEntry<'a> {
    message: &'a str,
    path: Option<&'a str>,
    start: Option<Position>,
    end: Option<Position>,
}

impl<'a> NoteEntry<'a> {
    fn new(sources: &'a Sources, note: &'a Note) -> NoteEntry<'a> {
        let message = &note.message;
        match note.span.map(|span| range(sources, span)) {
            None => NoteEntry { message, path: None, start: None, end: None },
            Some((path, start, end)) => NoteEntry { message, path: Some(path), start: Some(start), end: Some(end) },
        }
    }
}

#[derive(Serialize)]
struct Numbers {
    files: usize,
    findings: usize,
    fixable: usize,
}

/// Line and column count from 1, columns in code points; the offset is in bytes of the file.
#[derive(Serialize)]
struct Position {
    line: u32,
    column: u32,
    offset: u64,
}

impl Position {
    fn new(source: &Source, offset: u32) -> Position {
        let place = source.place(offset);
        Position { line: place.line, column: place.column, offset: source.file_offset(offset) }
    }
}

fn range(sources: &Sources, span: Span) -> (&str, Position, Position) {
    let source = sources.get(span.file);
    let span = source.clamp(span);
    (source.path(), Position::new(source, span.start), Position::new(source, span.end))
}
