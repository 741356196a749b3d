//! Positions as editors count them: lines and columns from 0, columns in the units that both sides agreed on.

use serde_json::{Value, json};

use crate::source::{Source, Span};

/// What a column counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Units {
    Utf8,
    Utf16,
}

/// Where the lines of a text begin. To an editor a lone carriage return ends one, too.
pub(super) struct Lines<'s> {
    source: &'s Source,
    starts: Vec<u32>,
    units: Units,
}

impl<'s> Lines<'s> {
    pub(super) fn of(source: &'s Source, units: Units) -> Lines<'s> {
        let bytes = source.text().as_bytes();
        let ends = memchr::memchr2_iter(b'\n', b'\r', bytes);
        let ends = ends.filter(|&at| bytes[at] == b'\n' || bytes.get(at + 1) != Some(&b'\n'));
        let starts = std::iter::once(0).chain(ends.map(|at| at as u32 + 1)).collect();
        Lines { source, starts, units }
    }

    /// The position of a byte of the text.
    pub(super) fn position(&self, offset: u32) -> Value {
        let line = self.starts.partition_point(|&start| start <= offset).saturating_sub(1);
        let start = self.starts.get(line).copied().unwrap_or_default();
        let character = match self.units {
            Units::Utf8 => offset - start,
            Units::Utf16 => self.source.units_before(offset) - self.source.units_before(start),
        };
        json!({ "line": line, "character": character })
    }

    pub(super) fn range(&self, span: Span) -> Value {
        json!({ "start": self.position(span.start), "end": self.position(span.end) })
    }

    /// The byte at a position; a column behind the end of its line stands for that end.
    pub(super) fn offset(&self, position: &Value) -> u32 {
        let number = |name: &str| position[name].as_u64().unwrap_or_default() as usize;
        let text = self.source.text();
        let Some(&start) = self.starts.get(number("line")) else { return self.source.end() };
        let next = self.starts.get(number("line") + 1).map_or(text.len(), |&next| next as usize);
        let line = text.get(start as usize..next).unwrap_or_default().trim_end_matches(['\n', '\r']);
        let mut left = number("character");
        let length = line.char_indices().find(|(_, character)| {
            let width = match self.units {
                Units::Utf8 => character.len_utf8(),
                Units::Utf16 => character.len_utf16(),
            };
            let is_there = left < width;
            left = left.saturating_sub(width);
            is_there
        });
        start + length.map_or(line.len(), |(at, _)| at) as u32
    }

    /// The bytes between two positions.
    pub(super) fn span(&self, range: &Value) -> std::ops::Range<usize> {
        let [start, end] = ["start", "end"].map(|end| self.offset(&range[end]) as usize);
        start..end.max(start)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Lines, Units};
    use crate::source::Source;

    #[test]
    fn places_go_there_and_back() {
        let source = Source::of_text("a.wxs", "ä😀b\r\nc\rd\n".to_owned());
        for (units, places) in [
            (Units::Utf8, [(0, 0, 0), (2, 0, 2), (6, 0, 6), (7, 0, 7), (9, 1, 0), (10, 1, 1), (11, 2, 0), (13, 3, 0)]),
            (Units::Utf16, [(0, 0, 0), (2, 0, 1), (6, 0, 3), (7, 0, 4), (9, 1, 0), (10, 1, 1), (11, 2, 0), (13, 3, 0)]),
        ] {
            let lines = Lines::of(&source, units);
            for (offset, line, character) in places {
                let position = json!({ "line": line, "character": character });
                assert_eq!(lines.position(offset), position);
                assert_eq!(lines.offset(&position), offset);
            }
            assert_eq!(lines.offset(&json!({ "line": 0, "character": 99 })), 7, "a line ends before its end");
            assert_eq!(lines.offset(&json!({ "line": 9, "character": 0 })), 13);
        }
        let inside = json!({ "line": 0, "character": 2 });
        assert_eq!(Lines::of(&source, Units::Utf16).offset(&inside), 2, "half a character is its start");
    }
}
