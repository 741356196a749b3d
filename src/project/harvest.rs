//! What a `Files` element finds: WiX v5 and later expand it from the disk before they link.
//!
//! Sources are mostly checked before a build has made what they package. So only a folder that holds
//! files, none of which is meant, is taken for one in which nothing is found.

use super::pattern::matches;
use crate::preprocess::Files;
use crate::source::Sources;
use crate::wix::{Document, Text};

/// So many entries of folders are looked at; in larger trees something is taken to be found.
const MOST_ENTRIES: usize = 20_000;

/// Adds the rows that the elements of a document make.
pub(super) fn look(document: &mut Document, files: &dyn Files, sources: &Sources) {
    for section in &mut document.sections {
        if section.harvests.iter().any(|pattern| finds(pattern, files, sources)) {
            section.add_harvested();
        }
    }
}

/// Whether a pattern finds a file, or may once there are any.
fn finds(pattern: &Text, files: &dyn Files, sources: &Sources) -> bool {
    let source = sources.get(pattern.span.file).path();
    let folder = source.rsplit_once('/').map_or("", |(folder, _)| folder);
    let pattern = pattern.text.replace('\\', "/");
    if pattern.starts_with('/') || pattern.contains(':') {
        // Somewhere on the machine that builds.
        return true;
    }
    let parts: Vec<&str> = pattern.split('/').collect();
    let literal = parts.iter().take_while(|part| !part.contains(['*', '?'])).count().min(parts.len() - 1);
    let (base, wanted) = parts.split_at(literal);
    let base: Vec<&str> = [folder].into_iter().chain(base.iter().copied()).filter(|part| !part.is_empty()).collect();
    let base = if base.is_empty() { ".".to_owned() } else { base.join("/") };
    let (mut open, mut seen, mut is_filled) = (vec![String::new()], 0, false);
    while let Some(below) = open.pop() {
        let Some(names) = files.list(&format!("{base}/{below}")) else { return true };
        seen += names.len();
        for name in names {
            let path = format!("{below}{name}");
            if name.ends_with('/') {
                open.push(path);
            } else if matches(&wanted.join("/"), &path) {
                return true;
            } else {
                is_filled = true;
            }
        }
        if seen > MOST_ENTRIES {
            return true;
        }
    }
    !is_filled
}
