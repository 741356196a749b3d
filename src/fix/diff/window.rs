//! Where two texts may differ, as windows of whole lines. All text outside of the windows is equal.

use std::ops::Range;

use memchr::{memchr, memchr_iter, memrchr};

/// How many lines have to be equal for the texts to count as in step again.
const IN_STEP: usize = 3;

/// How many lines are searched for that place before the rest is taken for one window.
const SEARCH: usize = 200;

/// Lines of the old text, and the lines of the new text that stand in their place; byte ranges.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Window {
    pub(super) old: Range<usize>,
    pub(super) new: Range<usize>,
}

/// The lines that differ, found by stepping through both texts at once. Equal stretches cost no
/// more than comparing their bytes.
pub(super) fn between(old: &str, new: &str) -> Vec<Window> {
    let (old, new) = (old.as_bytes(), new.as_bytes());
    let mut windows = Vec::new();
    let (mut at, mut new_at) = (0, 0);
    while old[at..] != new[new_at..] {
        let equal = common_prefix(&old[at..], &new[new_at..]);
        let equal = line_start(&old[at..], at_most(equal, &old[at..]));
        at += equal;
        new_at += equal;
        let (mut old_end, mut new_end) = (at, new_at);
        if at == 0 {
            // Only a first line can hold the byte order mark: it is never equal to another line.
            (old_end, new_end) = (next_line(old), next_line(new));
        }
        let (gone, come) = out_of_step(&old[old_end..], &new[new_end..]);
        windows.push(Window { old: at..old_end + gone, new: new_at..new_end + come });
        (at, new_at) = (old_end + gone, new_end + come);
    }
    windows
}

/// How many bytes of each text to skip until the texts are in step again: the fewest lines, or all
/// lines but the equal ones at the end if that place is far.
fn out_of_step(old: &[u8], new: &[u8]) -> (usize, usize) {
    let (old_lines, new_lines) = (first_lines(old), first_lines(new));
    let (old_last, new_last) = (old_lines.len() - 1, new_lines.len() - 1);
    for skipped in 0..=(old_last + new_last).min(2 * SEARCH) {
        for gone in skipped.saturating_sub(new_last)..=skipped.min(old_last) {
            let (at, new_at) = (old_lines[gone], new_lines[skipped - gone]);
            if in_step(&old[at..], &new[new_at..]) {
                return (at, new_at);
            }
        }
    }
    let equal = common_suffix(old, new);
    let equal = equal - next_line(&old[old.len() - equal..]);
    (old.len() - equal, new.len() - equal)
}

/// Where the first lines start; the end of the last of them comes last.
fn first_lines(text: &[u8]) -> Vec<usize> {
    let mut starts = vec![0];
    starts.extend(memchr_iter(b'\n', text).map(|at| at + 1).take(SEARCH));
    if starts.len() <= SEARCH && starts.last() != Some(&text.len()) {
        starts.push(text.len());
    }
    starts
}

/// Whether the next lines are equal, or all that is left is.
fn in_step(old: &[u8], new: &[u8]) -> bool {
    let next_lines = |text| <[u8]>::split_inclusive(text, |&byte| byte == b'\n').take(IN_STEP);
    next_lines(old).eq(next_lines(new))
}

/// Length of the first line with its end.
fn next_line(text: &[u8]) -> usize {
    memchr(b'\n', text).map_or(text.len(), |at| at + 1)
}

/// Start of the line that holds `at`.
fn line_start(text: &[u8], at: usize) -> usize {
    memrchr(b'\n', &text[..at]).map_or(0, |at| at + 1)
}

fn at_most(offset: usize, text: &[u8]) -> usize {
    offset.min(text.len())
}

/// Compared in blocks, which is as fast as memory allows, and by bytes in the first that differs.
fn common_prefix(one: &[u8], other: &[u8]) -> usize {
    const BLOCK: usize = 4096;
    let blocks = one.chunks(BLOCK).zip(other.chunks(BLOCK)).take_while(|(one, other)| one == other);
    let equal: usize = blocks.map(|(block, _)| block.len()).sum();
    equal + one[equal..].iter().zip(&other[equal..]).take_while(|(one, other)| one == other).count()
}

fn common_suffix(one: &[u8], other: &[u8]) -> usize {
    one.iter().rev().zip(other.iter().rev()).take_while(|(one, other)| one == other).count()
}
