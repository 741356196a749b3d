//! Edits become text; edits that disturb each other are refused.
//!
//! Two edits disturb each other if they replace the same text, if one inserts into text that the
//! other replaces, or if both insert at the same place, where nothing says which goes first. An
//! edit that several fixes have in common is made once.

use std::collections::BTreeMap;
use std::fmt;

use crate::diagnostic::{Edit, Fix};
use crate::source::{FileId, Span};

/// Why a list of edits has no result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Conflict {
    /// Both want to decide about the same text.
    Overlap(Edit, Edit),
    /// The edit does not lie in the text, or cuts a character.
    OutsideText(Edit),
}

impl fmt::Display for Conflict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let range = |edit: &Edit| format!("{}..{}", edit.span.start, edit.span.end);
        match self {
            Conflict::Overlap(one, other) => write!(f, "the edits of {} and {} overlap", range(one), range(other)),
            Conflict::OutsideText(edit) => write!(f, "the edit of {} does not lie in the text", range(edit)),
        }
    }
}

impl std::error::Error for Conflict {}

/// Makes the edits of one file, given in any order.
///
/// # Errors
/// Two of the edits disturb each other, or one does not fit the text.
pub fn apply(text: &str, edits: &[Edit]) -> Result<String, Conflict> {
    let mut result = String::with_capacity(text.len() + edits.iter().map(|edit| edit.replacement.len()).sum::<usize>());
    let mut done = 0;
    let mut last: Option<&Edit> = None;
    for edit in in_order(edits) {
        if let Some(last) = last.filter(|last| disturb(last.span, edit.span)) {
            return Err(Conflict::Overlap(last.clone(), edit.clone()));
        }
        let range = edit.span.range();
        if text.get(range.clone()).is_none() {
            return Err(Conflict::OutsideText(edit.clone()));
        }
        result.push_str(&text[done..range.start]);
        result.push_str(&edit.replacement);
        done = range.end;
        last = Some(edit);
    }
    result.push_str(&text[done..]);
    Ok(result)
}

/// The edits in the order of their places, each one once.
fn in_order(edits: &[Edit]) -> Vec<&Edit> {
    let mut edits: Vec<_> = edits.iter().collect();
    edits.sort();
    edits.dedup();
    edits
}

/// Whether two different edits, the first of which is not behind the second, disturb each other.
fn disturb(first: Span, second: Span) -> bool {
    first == second || (first.file == second.file && first.end > second.start)
}

/// Chooses from fixes those that can be made together: each one whole or not at all, and an
/// earlier one rather than a later one.
pub fn select<'a>(fixes: impl IntoIterator<Item = &'a Fix>) -> Vec<&'a Fix> {
    let mut accepted = Accepted::default();
    fixes.into_iter().filter(|fix| accepted.add(fix)).collect()
}

/// All edits of the fixes that were chosen, by their place. They do not overlap, so that a new edit
/// can only be disturbed by the one before it and the one after it.
#[derive(Debug, Default)]
struct Accepted<'a>(BTreeMap<(FileId, u32, u32), &'a str>);

impl<'a> Accepted<'a> {
    /// Takes in a fix, unless one of its edits is in the way of another.
    fn add(&mut self, fix: &'a Fix) -> bool {
        let mut added = Vec::new();
        for edit in &fix.edits {
            let key = (edit.span.file, edit.span.start, edit.span.end);
            match self.0.get(&key) {
                Some(&replacement) if replacement == edit.replacement => {}
                None if self.has_room(edit.span) => {
                    self.0.insert(key, &edit.replacement);
                    added.push(key);
                }
                _ => {
                    for key in added {
                        self.0.remove(&key);
                    }
                    return false;
                }
            }
        }
        true
    }

    fn has_room(&self, span: Span) -> bool {
        let key = (span.file, span.start, span.end);
        let taken = |(&(file, start, end), _): (&(FileId, u32, u32), _)| Span { file, start, end };
        let before = self.0.range(..key).next_back().map(taken);
        let after = self.0.range(key..).next().map(taken);
        !before.is_some_and(|before| disturb(before, span)) && !after.is_some_and(|after| disturb(span, after))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::diagnostic::Applicability;
    use crate::source::{Source, Sources};

    fn files() -> [FileId; 2] {
        let mut sources = Sources::default();
        ["a.wxs", "b.wxs"].map(|path| sources.add(Arc::new(Source::decode(path, Vec::new()).unwrap())))
    }

    fn edit(file: FileId, start: u32, end: u32, replacement: &str) -> Edit {
        Edit { span: Span { file, start, end }, replacement: replacement.to_owned() }
    }

    fn fix(edits: Vec<Edit>) -> Fix {
        Fix { applicability: Applicability::Safe, message: String::new(), edits, moves: Vec::new() }
    }

    #[test]
    fn edits_are_made_in_any_order_and_once() {
        let [a, _] = files();
        let edits = [edit(a, 4, 5, "E"), edit(a, 0, 0, "<"), edit(a, 4, 5, "E"), edit(a, 5, 5, ">"), edit(a, 1, 3, "")];
        assert_eq!(apply("abcdef", &edits).unwrap(), "<adE>f");
        assert_eq!(apply("", &[edit(a, 0, 0, "x")]).unwrap(), "x");
    }

    #[test]
    fn disturbing_edits_are_refused() {
        let [a, _] = files();
        let overlap = |one: Edit, other: Edit| {
            assert_eq!(apply("abcdef", &[other.clone(), one.clone()]), Err(Conflict::Overlap(one, other)));
        };
        overlap(edit(a, 0, 3, "x"), edit(a, 2, 4, "x"));
        overlap(edit(a, 0, 3, "x"), edit(a, 0, 3, "y"));
        overlap(edit(a, 0, 3, "x"), edit(a, 1, 1, "y"));
        overlap(edit(a, 2, 2, "x"), edit(a, 2, 2, "y"));
        overlap(edit(a, 0, 5, "x"), edit(a, 1, 2, "y"));
    }

    #[test]
    fn edits_outside_of_the_text_are_refused() {
        let [a, _] = files();
        for edit in [edit(a, 2, 9, ""), edit(a, 9, 9, "x"), edit(a, 0, 1, "")] {
            assert_eq!(apply("é", std::slice::from_ref(&edit)), Err(Conflict::OutsideText(edit)));
        }
    }

    #[test]
    fn a_fix_is_chosen_whole_or_not_at_all() {
        let [a, b] = files();
        let first = fix(vec![edit(a, 0, 5, "x"), edit(b, 10, 20, "y")]);
        let in_the_way = fix(vec![edit(a, 6, 7, "z"), edit(b, 12, 12, "z")]);
        let beside = fix(vec![edit(a, 5, 7, "w"), edit(b, 20, 20, "w")]);
        let shared = fix(vec![edit(b, 10, 20, "y"), edit(b, 30, 31, "v")]);
        let same_place = fix(vec![edit(b, 20, 20, "u")]);
        let with_itself = fix(vec![edit(a, 50, 60, ""), edit(a, 55, 56, "")]);
        let after_it = fix(vec![edit(a, 50, 60, "t")]);
        let fixes = [&first, &in_the_way, &beside, &shared, &same_place, &with_itself, &after_it];
        assert_eq!(select(fixes), [&first, &beside, &shared, &after_it]);
    }
}
