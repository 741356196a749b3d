//! Comments that silence what is left, put before the elements that it is about.

use std::collections::{BTreeMap, BTreeSet};

use crate::diagnostic::{Diagnostic, Edit};
use crate::source::{FileId, Source, Sources, Span};
use crate::suppress::PREFIX;
use crate::syntax::{Event, Reader};

/// The edits that add comments about findings, each with the reason. What lies in no element gets none.
pub fn comments<'f>(findings: impl Iterator<Item = &'f Diagnostic>, reason: &str, sources: &Sources) -> Vec<Edit> {
    let mut found: BTreeMap<FileId, Vec<(u32, &'static str)>> = BTreeMap::new();
    for finding in findings {
        found.entry(finding.primary.span.file).or_default().push((finding.primary.span.start, finding.rule));
    }
    let edits = found.into_iter().flat_map(|(file, found)| {
        let source = sources.get(file);
        by_element(file, source.text(), found).into_iter().map(move |(element, rules)| {
            let reason = if reason.is_empty() { String::new() } else { format!(" {reason}") };
            let rules: Vec<&str> = rules.into_iter().collect();
            let comment = format!("<!-- {PREFIX} ignore[{}]{reason} -->", rules.join(", "));
            // One that is there already and has not helped will not do so twice.
            let is_there = source.text()[..element as usize].trim_end().ends_with(&comment);
            let replacement = in_line(source, element, &comment);
            (!is_there).then_some(Edit { span: Span { file, start: element, end: element }, replacement })
        })
    });
    edits.flatten().collect()
}

/// What is found in a file, by where the innermost element begins that its place is in.
fn by_element<'r>(file: FileId, text: &str, mut found: Vec<(u32, &'r str)>) -> BTreeMap<u32, BTreeSet<&'r str>> {
    found.sort_unstable();
    let mut left = found.into_iter().peekable();
    let mut elements: BTreeMap<u32, BTreeSet<&str>> = BTreeMap::new();
    let mut reader = Reader::new(file, text);
    let mut open = Vec::new();
    while let Some(event) = reader.next().filter(|_| left.peek().is_some()) {
        let (Event::Start { span, .. }
        | Event::End { span }
        | Event::Text { span }
        | Event::Reference { span }
        | Event::CData { span, .. }
        | Event::Comment { span, .. }
        | Event::Instruction { span, .. }
        | Event::Doctype { span }) = event;
        let element = match event {
            Event::Start { span, .. } => Some(span.start),
            _ => open.last().copied(),
        };
        while let Some((place, rule)) = left.next_if(|(place, _)| *place < span.end) {
            if let Some(element) = element.filter(|_| span.start <= place) {
                elements.entry(element).or_default().insert(rule);
            }
        }
        match event {
            Event::Start { span, empty: false, .. } => open.push(span.start),
            Event::End { .. } => drop(open.pop()),
            _ => {}
        }
    }
    elements
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
