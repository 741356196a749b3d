//! One source line on the screen: what of it is shown, and which columns of that are marked.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use crate::source::needs_escape;

/// What stands for a tab. Terminals disagree about tab stops, and marks have to stay below their
/// text.
const TAB: &str = "    ";

/// The part of a line to show, and whether the line goes on beyond it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Line<'a> {
    pub(super) before: &'a str,
    pub(super) marked: &'a str,
    pub(super) after: &'a str,
    pub(super) cut_before: bool,
    pub(super) cut_after: bool,
}

/// A line as it is printed.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Picture {
    pub(super) text: String,
    /// Columns before the marks.
    pub(super) indent: usize,
    /// Columns to mark; at least one.
    pub(super) marks: usize,
}

/// Lays a line out in `width` columns. If it is too long, the indentation goes first. The start of
/// the marked text is always to be seen; the text around it gets the room that is left, and
/// `ellipsis` stands for what is left out.
pub(super) fn lay_out(line: &Line<'_>, width: usize, ellipsis: &str) -> Picture {
    let dedented = Line { before: line.before.trim_start(), ..*line };
    let dedented = if line.cut_before { line } else { &dedented };
    let whole = [line, dedented].into_iter().find_map(|line| whole(line, width));
    whole.unwrap_or_else(|| cut(dedented, width, ellipsis))
}

/// The whole line, if it fits.
fn whole(line: &Line<'_>, width: usize) -> Option<Picture> {
    let pieces = [line.before, line.marked, line.after].map(|text| head(text, width));
    let [before, marked, after] = &pieces;
    let fits = before.width + marked.width.max(1) + after.width <= width && pieces.iter().all(|piece| piece.whole);
    (fits && !line.cut_before && !line.cut_after).then(|| join(before, marked, after, ["", ""]))
}

/// The marked text and what fits around it.
fn cut(line: &Line<'_>, width: usize, ellipsis: &str) -> Picture {
    let room = width.saturating_sub(2 * ellipsis.width()).max(8);
    let marked = head(line.marked, room);
    let free = room - marked.width.max(1).min(room);
    let half = free / 2;
    // A side that needs less than its half leaves the rest to the other.
    let needed = head(line.after, half).width;
    let before = tail(line.before, free - needed);
    let after = if marked.whole { head(line.after, free.saturating_sub(before.width)) } else { Piece::default() };
    let cut_before = line.cut_before || !before.whole;
    let cut_after = line.cut_after || !marked.whole || !after.whole;
    join(&before, &marked, &after, [cut_before, cut_after].map(|cut| if cut { ellipsis } else { "" }))
}

fn join(before: &Piece, marked: &Piece, after: &Piece, [left, right]: [&str; 2]) -> Picture {
    Picture {
        text: [left, &before.text, &marked.text, &after.text, right].concat(),
        indent: left.width() + before.width,
        marks: marked.width.max(1),
    }
}

/// Text with tabs and control characters replaced.
#[derive(Debug)]
struct Piece {
    text: String,
    width: usize,
    /// Whether nothing was left out.
    whole: bool,
}

impl Default for Piece {
    fn default() -> Piece {
        Piece { text: String::new(), width: 0, whole: true }
    }
}

/// As much of the start of `text` as fits.
fn head(text: &str, room: usize) -> Piece {
    if is_plain(text) {
        let shown = &text[..text.len().min(room)];
        return Piece { text: shown.to_owned(), width: shown.len(), whole: shown.len() == text.len() };
    }
    let mut piece = Piece::default();
    let mut used = 0;
    for character in text.chars() {
        used += columns(character);
        if used > room {
            piece.whole = false;
            break;
        }
        push(&mut piece.text, character);
    }
    // Measured as a whole: characters that join into one picture are narrower than their sum.
    piece.width = piece.text.width();
    piece
}

/// As much of the end of `text` as fits.
fn tail(text: &str, room: usize) -> Piece {
    let mut used = 0;
    let fits = |&(_, character): &(usize, char)| {
        used += columns(character);
        used <= room
    };
    let start = text.char_indices().rev().take_while(fits).last().map_or(text.len(), |(at, _)| at);
    Piece { whole: start == 0, ..head(&text[start..], usize::MAX) }
}

/// Whether every byte is one column and harmless.
fn is_plain(text: &str) -> bool {
    text.bytes().all(|byte| (b' '..=b'~').contains(&byte))
}

/// How many columns what stands for a character takes.
fn columns(character: char) -> usize {
    match character {
        '\t' => TAB.len(),
        _ if needs_escape(character) => character.escape_default().len(),
        _ => character.width().unwrap_or(0),
    }
}

/// Appends what stands for a character.
fn push(out: &mut String, character: char) {
    match character {
        '\t' => out.push_str(TAB),
        _ if needs_escape(character) => out.extend(character.escape_default()),
        _ => out.push(character),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The picture of a line whose marked part stands in brackets, two lines of text.
    fn draw(line: &str, width: usize) -> String {
        let (before, rest) = line.split_once('[').unwrap();
        let (marked, after) = rest.split_once(']').unwrap();
        let line = Line { before, marked, after, cut_before: false, cut_after: false };
        let picture = lay_out(&line, width, "…");
        assert!(picture.text.width() <= width.max(12), "{picture:?}");
        format!("{}\n{}{}", picture.text, " ".repeat(picture.indent), "^".repeat(picture.marks))
    }

    #[test]
    fn marks_stay_below_their_text() {
        assert_eq!(draw("ab[cd]ef", 20), "abcdef\n  ^^");
        assert_eq!(draw("\ta[\tb]", 20), "    a    b\n     ^^^^^");
        assert_eq!(draw("漢[字]x", 20), "漢字x\n  ^^");
        assert_eq!(draw("👩\u{200d}🔧[é]", 20), "👩\u{200d}🔧é\n  ^");
        assert_eq!(draw("\u{1b}[x]", 20), "\\u{1b}x\n      ^");
        assert_eq!(draw("ab[]", 20), "ab\n  ^");
    }

    #[test]
    fn indentation_goes_before_text() {
        assert_eq!(draw("          <a[ b='c']/>", 16), "<a b='c'/>\n  ^^^^^^");
    }

    #[test]
    fn long_lines_are_cut_around_the_marks() {
        assert_eq!(draw("aaaaaaaaaaaaaaaaaaaa[XX]bbbbbbbbbbbbbbbbbbbb", 16), "…aaaaaaXXbbbbbb…\n       ^^");
        assert_eq!(draw("a[XX]bbbbbbbbbbbbbbbbbbbbbbbb", 16), "aXXbbbbbbbbbbb…\n ^^");
        assert_eq!(draw("aaaaaaaaaaaaaaaaaaaaaaaaaa[XX]b", 16), "…aaaaaaaaaaaXXb\n            ^^");
        assert_eq!(draw("aaaaaaaa[XXXXXXXXXXXXXXXXXXXXXXX]b", 16), "…XXXXXXXXXXXXXX…\n ^^^^^^^^^^^^^^");
        assert_eq!(draw("漢漢漢漢漢漢漢漢[字]漢漢漢漢漢漢漢漢", 16), "…漢漢漢字漢漢漢…\n       ^^");
    }
}
