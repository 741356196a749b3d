//! Comments that silence what is left, put before the elements that it is about.

use std::collections::BTreeMap;

use crate::diagnostic::{Diagnostic, Edit};
use crate::source::{FileId, Source, Sources, Span};
use crate::suppress::PREFIX;
use crate::syntax::{Event, Reader};

/// The edits that add comments about findings, each with the reason. What lies in no element gets none.
pub fn comments<'f>(findings: impl Iterator<Item = &'f Diagnostic>, reason: &str, sources: &Sources) -> Vec<Edit> {
    let mut wanted: BTreeMap<FileId, BTreeMap<u32, Vec<&'static str>>> = BTreeMap::new();
    for finding in findings {
        let place = finding.primary.span;
        let elements = wanted.entry(place.file).or_default();
        if let Some(element) = element_around(sources.get(place.file).text(), place) {
            let rules = elements.entry(element).or_default();
            if !rules.contains(&finding.rule) {
                rules.push(finding.rule);
            }
        }
    }
    let edits = wanted.into_iter().flat_map(|(file, elements)| {
        let source = sources.get(file);
        elements.into_iter().map(move |(element, mut rules)| {
            rules.sort_unstable();
            let reason = if reason.is_empty() { String::new() } else { format!(" {reason}") };
            let comment = format!("<!-- {PREFIX} ignore[{}]{reason} -->", rules.join(", "));
            // One that is there already and has not helped will not do so twice.
            let is_there = source.text()[..element as usize].trim_end().ends_with(&comment);
            let replacement = in_line(source, element, &comment);
            (!is_there).then_some(Edit { span: Span { file, start: element, end: element }, replacement })
        })
    });
    edits.flatten().collect()
}

/// Where the innermost element begins that a place is in.
fn element_around(text: &str, place: Span) -> Option<u32> {
    let mut reader = Reader::new(place.file, text);
    let mut open = Vec::new();
    while let Some(event) = reader.next() {
        let (Event::Start { span, .. }
        | Event::End { span }
        | Event::Text { span }
        | Event::Reference { span }
        | Event::CData { span, .. }
        | Event::Comment { span, .. }
        | Event::Instruction { span, .. }
        | Event::Doctype { span }) = event;
        let is_here = span.start <= place.start && place.start < span.end;
        match event {
            Event::Start { span, .. } if is_here => return Some(span.start),
            _ if is_here => return open.last().copied(),
            Event::Start { span, empty: false, .. } => open.push(span.start),
            Event::End { .. } => drop(open.pop()),
            _ => {}
        }
    }
    None
}

/// A comment as a line of its own before what begins at `at`.
fn in_line(source: &Source, at: u32, comment: &str) -> String {
    let before = &source.text()[..at as usize];
    let line = before.rsplit('\n').next().unwrap_or(before);
    // As the line before ends, else as this one does.
    let ended = before.strip_suffix(line).filter(|before| !before.is_empty());
    let ended = ended.or_else(|| source.text()[at as usize..].split_inclusive('\n').next()).unwrap_or_default();
    let end = if ended.ends_with("\r\n") { "\r\n" } else { "\n" };
    let indent: String = line.chars().take_while(|c| matches!(c, ' ' | '\t')).collect();
    // Behind another element in the same line it would speak of that one.
    let begin = if line.len() == indent.len() { String::new() } else { format!("{end}{indent}") };
    format!("{begin}{comment}{end}{indent}")
}
