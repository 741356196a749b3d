//! Lines that differ, and the hunks that they make with the lines around them.

use std::fmt;
use std::ops::Range;

use memchr::{memchr, memchr_iter, memrchr_iter};
use similar::{Algorithm, DiffOp, capture_diff_slices};

use super::CONTEXT;
use super::window::Window;

/// Lines that go and the lines that come in their place; byte ranges of whole lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Change {
    pub(super) old: Range<usize>,
    pub(super) new: Range<usize>,
}

/// Compares the lines of a window. With a byte order mark, a first line equals only a first line.
pub(super) fn changes(old: &str, new: &str, window: &Window, byte_order_mark: bool) -> Vec<Change> {
    let (old, old_starts) = lines(old, &window.old, byte_order_mark);
    let (new, new_starts) = lines(new, &window.new, byte_order_mark);
    let ops = capture_diff_slices(Algorithm::Myers, &old, &new);
    let changes = ops.into_iter().filter(|op| !matches!(op, DiffOp::Equal { .. })).map(|op| {
        let bytes = |lines: Range<usize>, starts: &[usize]| starts[lines.start]..starts[lines.end];
        Change { old: bytes(op.old_range(), &old_starts), new: bytes(op.new_range(), &new_starts) }
    });
    changes.collect()
}

/// The lines of a range, each with whether it holds the byte order mark; and where each of them
/// starts, and the last one ends.
fn lines<'a>(text: &'a str, range: &Range<usize>, byte_order_mark: bool) -> (Vec<(bool, &'a str)>, Vec<usize>) {
    let mut lines = Vec::new();
    let mut starts = vec![range.start];
    let mut at = range.start;
    for line in text.get(range.clone()).unwrap_or_default().split_inclusive('\n') {
        lines.push((byte_order_mark && at == 0, line));
        at += line.len();
        starts.push(at);
    }
    (lines, starts)
}

/// Changes near each other, with the equal lines around and between them.
#[derive(Debug)]
pub(super) struct Hunk<'a> {
    pub(super) changes: &'a [Change],
    /// Where the hunk starts and ends in the old text.
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) old_lines: Lines,
    pub(super) new_lines: Lines,
}

/// A range of lines, displayed as in a hunk's header.
#[derive(Clone, Copy, Debug)]
pub(super) struct Lines {
    /// Number of lines before the range.
    before: usize,
    count: usize,
}

impl fmt::Display for Lines {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.count {
            0 => write!(f, "{},0", self.before),
            1 => write!(f, "{}", self.before + 1),
            count => write!(f, "{},{count}", self.before + 1),
        }
    }
}

/// Groups changes whose context would touch.
pub(super) fn group<'a>(old: &str, new: &str, changes: &'a [Change]) -> Vec<Hunk<'a>> {
    let (old, new) = (old.as_bytes(), new.as_bytes());
    let near = |one: &Change, next: &Change| {
        let between = &old[one.old.end..next.old.start];
        memchr_iter(b'\n', between).take(2 * CONTEXT + 1).count() <= 2 * CONTEXT
    };
    let (mut counted, mut old_before, mut new_before) = (0, 0, 0);
    let mut hunks = Vec::new();
    for changes in changes.chunk_by(near) {
        let ([first, .., last] | [first @ last]) = changes else { continue };
        let start = context_before(old, first.old.start);
        let end = context_after(old, last.old.end);
        let equal = count(&old[counted..start]);
        old_before += equal;
        new_before += equal;
        let gone: usize = changes.iter().map(|change| count(&old[change.old.clone()])).sum();
        let come: usize = changes.iter().map(|change| count(&new[change.new.clone()])).sum();
        let old_lines = Lines { before: old_before, count: count(&old[start..end]) };
        let new_lines = Lines { before: new_before, count: old_lines.count - gone + come };
        hunks.push(Hunk { changes, start, end, old_lines, new_lines });
        old_before += old_lines.count;
        new_before += new_lines.count;
        counted = end;
    }
    hunks
}

/// Number of lines; the last one may lack its end.
fn count(text: &[u8]) -> usize {
    memchr_iter(b'\n', text).count() + usize::from(!text.is_empty() && !text.ends_with(b"\n"))
}

/// Start of the context before a line.
fn context_before(text: &[u8], at: usize) -> usize {
    // The first line end found backwards is that of the line before `at`.
    memrchr_iter(b'\n', &text[..at]).nth(CONTEXT).map_or(0, |end| end + 1)
}

/// End of the context from a line on.
fn context_after(text: &[u8], at: usize) -> usize {
    (0..CONTEXT).fold(at, |at, _| memchr(b'\n', &text[at..]).map_or(text.len(), |end| at + end + 1))
}
