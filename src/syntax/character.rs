//! Which characters XML 1.0 (fifth edition) allows, and where.

use std::ops::Range;

const NAME_START: u8 = 1;
const NAME_PART: u8 = 2;
const SPACE: u8 = 4;

static CLASSES: [u8; 128] = classes();

const fn classes() -> [u8; 128] {
    let mut classes = [0; 128];
    let mut byte = 0;
    while byte < 128 {
        classes[byte as usize] = match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'_' | b':' => NAME_START | NAME_PART,
            b'0'..=b'9' | b'-' | b'.' => NAME_PART,
            b' ' | b'\t' | b'\n' | b'\r' => SPACE,
            _ => 0,
        };
        byte += 1;
    }
    classes
}

pub(super) fn is_space(byte: u8) -> bool {
    byte < 128 && CLASSES[byte as usize] & SPACE != 0
}

pub(super) fn is_blank(text: &str) -> bool {
    text.bytes().all(is_space)
}

/// The first position at or after `at` that lies between two characters.
pub(super) fn next_boundary(text: &str, at: usize) -> usize {
    (at..text.len()).find(|&at| text.is_char_boundary(at)).unwrap_or(text.len())
}

/// The first position at or after `at` that holds no white space.
pub(super) fn skip_spaces(text: &str, at: usize) -> usize {
    let rest = text.as_bytes().get(at..).unwrap_or_default();
    at + rest.iter().position(|&byte| !is_space(byte)).unwrap_or(rest.len())
}

/// Where the name that starts at `at` ends; `at` itself if no name starts there.
pub(super) fn name_end(text: &str, at: usize) -> usize {
    part_end(text, at, NAME_START)
}

/// Where the name token (a name that may start with any name character) at `at` ends.
pub(super) fn token_end(text: &str, at: usize) -> usize {
    part_end(text, at, NAME_PART)
}

fn part_end(text: &str, start: usize, first: u8) -> usize {
    let bytes = text.as_bytes();
    let mut at = start;
    let mut wanted = first;
    while let Some(&byte) = bytes.get(at) {
        if byte < 128 {
            if CLASSES[byte as usize] & wanted == 0 {
                break;
            }
            at += 1;
        } else {
            match text.get(at..).and_then(|rest| rest.chars().next()) {
                Some(char) if is_foreign_name_char(char, wanted) => at += char.len_utf8(),
                _ => break,
            }
        }
        wanted = NAME_PART;
    }
    at
}

/// Whether a character outside ASCII may stand in a name.
fn is_foreign_name_char(char: char, wanted: u8) -> bool {
    match char {
        '\u{C0}'..='\u{D6}'
        | '\u{D8}'..='\u{F6}'
        | '\u{F8}'..='\u{2FF}'
        | '\u{370}'..='\u{37D}'
        | '\u{37F}'..='\u{1FFF}'
        | '\u{200C}'..='\u{200D}'
        | '\u{2070}'..='\u{218F}'
        | '\u{2C00}'..='\u{2FEF}'
        | '\u{3001}'..='\u{D7FF}'
        | '\u{F900}'..='\u{FDCF}'
        | '\u{FDF0}'..='\u{FFFD}'
        | '\u{10000}'..='\u{EFFFF}' => true,
        '\u{B7}' | '\u{300}'..='\u{36F}' | '\u{203F}'..='\u{2040}' => wanted == NAME_PART,
        _ => false,
    }
}

/// Whether a document may hold the character, written out or as a reference.
pub(super) fn is_allowed(char: char) -> bool {
    !matches!(char, '\0'..='\u{8}' | '\u{B}' | '\u{C}' | '\u{E}'..='\u{1F}' | '\u{FFFE}' | '\u{FFFF}')
}

/// No file needs to hear more often that it holds forbidden characters.
const MOST_RUNS: usize = 20;

/// The first runs of characters that no document may hold.
pub(super) fn forbidden_runs(text: &str) -> Vec<Range<usize>> {
    // Small enough to stay in the cache, large enough for the loop over bytes to run in SIMD.
    const STEP: usize = 256;
    let mut runs: Vec<Range<usize>> = Vec::new();
    for (number, step) in text.as_bytes().chunks(STEP).enumerate() {
        // 0xEF opens U+F000 to U+FFFF, which holds the two forbidden characters past the controls.
        let suspicious = step.iter().fold(false, |found, &byte| {
            found | ((byte < b' ') & (byte != b'\t') & (byte != b'\n') & (byte != b'\r')) | (byte == 0xEF)
        });
        if suspicious && runs.len() < MOST_RUNS {
            collect_forbidden(text, number * STEP, step.len(), &mut runs);
        }
    }
    runs
}

fn collect_forbidden(text: &str, from: usize, len: usize, runs: &mut Vec<Range<usize>>) {
    let (start, end) = (next_boundary(text, from), next_boundary(text, from + len));
    let step = text.get(start..end).unwrap_or_default();
    for (at, char) in step.char_indices().filter(|&(_, char)| !is_allowed(char)) {
        let run = start + at..start + at + char.len_utf8();
        match runs.last_mut() {
            Some(last) if last.end == run.start => last.end = run.end,
            _ => runs.push(run),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_end_where_the_recommendation_says() {
        for (text, end) in [
            ("a-1.b c", 5),
            ("1a", 0),
            (":x=", 2),
            ("\u{e9}t\u{e9}>", 5),
            ("a\u{b7}", 3),
            ("\u{b7}a", 0),
            ("\u{d7}", 0),
        ] {
            assert_eq!(name_end(text, 0), end, "{text:?}");
        }
    }

    #[test]
    fn forbidden_characters_are_found_across_steps() {
        for at in [0, 1, 253, 254, 255, 256, 511] {
            let text = format!("{}\u{FFFE}\u{1}{}", "x".repeat(at), "\u{FFFD}\t".repeat(200));
            assert_eq!(forbidden_runs(&text), vec![at..at + 4], "at {at}");
        }
    }
}
