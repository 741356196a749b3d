//! Entity and character references, and the values that hold them.

use std::borrow::Cow;

use super::character::{is_allowed, name_end};

/// What an `&` begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reference<'s> {
    /// `&#65;`, `&#x41;` or one of the five predefined entities.
    Char(char),
    /// A well-formed reference to another entity.
    Entity(&'s str),
    /// A reference to a character that no document may hold.
    Forbidden,
    /// No reference at all.
    Malformed,
}

/// Reads the reference at the start of `raw`, which begins with `&`, and tells where it ends. A
/// malformed one ends where it stops to look like a reference.
pub(super) fn read(raw: &str) -> (Reference<'_>, usize) {
    let bytes = raw.as_bytes();
    if bytes.get(1) == Some(&b'#') {
        return read_number(raw);
    }
    let end = name_end(raw, 1);
    let name = raw.get(1..end).unwrap_or_default();
    if name.is_empty() || bytes.get(end) != Some(&b';') {
        return (Reference::Malformed, end);
    }
    let reference = predefined(name).map_or(Reference::Entity(name), Reference::Char);
    (reference, end + 1)
}

fn read_number(raw: &str) -> (Reference<'_>, usize) {
    let (radix, start) = if raw.as_bytes().get(2) == Some(&b'x') { (16, 3) } else { (10, 2) };
    let mut value = 0u32;
    let mut end = start;
    for byte in raw.bytes().skip(start) {
        let Some(digit) = char::from(byte).to_digit(radix) else { break };
        // Past the last character every number is as wrong as the next.
        value = (value * radix + digit).min(0x11_0000);
        end += 1;
    }
    if end == start || raw.as_bytes().get(end) != Some(&b';') {
        return (Reference::Malformed, end);
    }
    match char::from_u32(value).filter(|&char| is_allowed(char)) {
        Some(char) => (Reference::Char(char), end + 1),
        None => (Reference::Forbidden, end + 1),
    }
}

fn predefined(name: &str) -> Option<char> {
    Some(match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        _ => return None,
    })
}

/// The character that a whole reference (`&amp;`, `&#65;`, `&#x41;`) stands for. None if it is
/// malformed, or refers to an entity that only a document type declaration could explain.
pub fn decode_reference(raw: &str) -> Option<char> {
    match raw.starts_with('&').then(|| read(raw))? {
        (Reference::Char(char), end) if end == raw.len() => Some(char),
        _ => None,
    }
}

/// Character data with its line ends as XML reads them: every one is a line feed.
pub fn decode_text(raw: &str) -> Cow<'_, str> {
    let mut rest = raw;
    let mut decoded = String::new();
    while let Some(at) = memchr::memchr(b'\r', rest.as_bytes()) {
        decoded.push_str(&rest[..at]);
        decoded.push('\n');
        rest = &rest[at + 1..];
        rest = rest.strip_prefix('\n').unwrap_or(rest);
    }
    if rest.len() == raw.len() {
        return Cow::Borrowed(raw);
    }
    decoded.push_str(rest);
    Cow::Owned(decoded)
}

/// An attribute's value as XML reads it, from what is written between the quotes: references are
/// resolved, and tabs and line ends are blanks, unless a character reference asks for them. None if
/// a reference is malformed or refers to an entity that is not predefined.
pub fn decode_value(raw: &str) -> Option<Cow<'_, str>> {
    let is_special = |byte: u8| matches!(byte, b'&' | b'\t' | b'\n' | b'\r');
    // Nearly every value stands as it is. The fold looks at all of it, but many bytes at once.
    if !raw.bytes().fold(false, |found, byte| found | is_special(byte)) {
        return Some(Cow::Borrowed(raw));
    }
    let mut rest = raw;
    let mut decoded = String::new();
    while let Some(at) = rest.bytes().position(is_special) {
        decoded.push_str(&rest[..at]);
        rest = &rest[at..];
        if rest.starts_with('&') {
            let (Reference::Char(char), end) = read(rest) else { return None };
            decoded.push(char);
            rest = &rest[end..];
        } else {
            decoded.push(' ');
            rest = rest.strip_prefix("\r\n").unwrap_or(&rest[1..]);
        }
    }
    decoded.push_str(rest);
    Some(Cow::Owned(decoded))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_read_as_far_as_they_go() {
        for (raw, reference, end) in [
            ("&amp;x", Reference::Char('&'), 5),
            ("&#x1F600;", Reference::Char('\u{1F600}'), 9),
            ("&#10;", Reference::Char('\n'), 5),
            ("&logo;", Reference::Entity("logo"), 6),
            ("&#1;", Reference::Forbidden, 4),
            ("&#xD800;", Reference::Forbidden, 8),
            ("&#99999999999999999999;", Reference::Forbidden, 23),
            ("&#;", Reference::Malformed, 2),
            ("&#X41;", Reference::Malformed, 2),
            ("& ", Reference::Malformed, 1),
            ("&lt", Reference::Malformed, 3),
        ] {
            assert_eq!(read(raw), (reference, end), "{raw}");
        }
    }

    #[test]
    fn values_are_normalised() {
        for (raw, value) in [
            ("plain", Some("plain")),
            ("a\r\nb\rc\td\ne", Some("a b c d e")),
            ("&lt;&#9;&#xA;&quot;", Some("<\t\n\"")),
            ("&amp;lt;", Some("&lt;")),
            ("&logo;", None),
            ("a & b", None),
        ] {
            assert_eq!(decode_value(raw).as_deref(), value, "{raw:?}");
        }
    }

    #[test]
    fn text_has_line_feeds_only() {
        for (raw, text) in [("a\nb", "a\nb"), ("a\r\nb\r", "a\nb\n"), ("\r\r\n\n", "\n\n\n")] {
            assert_eq!(decode_text(raw), text, "{raw:?}");
        }
    }

    #[test]
    fn a_reference_is_decoded_only_as_a_whole() {
        assert_eq!(decode_reference("&gt;"), Some('>'));
        for raw in ["", "gt", "&gt", "&gt;x", "&other;"] {
            assert_eq!(decode_reference(raw), None, "{raw:?}");
        }
    }
}
