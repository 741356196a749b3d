//! Text of a source or a message, shown without a terminal acting on it.

use std::fmt;

/// Displays a text with every character that a terminal could act on, or that would reorder the
/// text around it, as an escape such as `\u{1b}`.
#[derive(Clone, Copy, Debug)]
pub struct Printable<'a>(pub &'a str);

impl fmt::Display for Printable<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut plain = 0;
        for (at, character) in self.0.char_indices().filter(|&(_, character)| needs_escape(character)) {
            write!(f, "{}{}", &self.0[plain..at], character.escape_default())?;
            plain = at + character.len_utf8();
        }
        f.write_str(&self.0[plain..])
    }
}

/// Whether a character must not reach a terminal as it is: control characters, line separators,
/// and the invisible ones that change the direction of the text or hide a difference.
pub fn needs_escape(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{61C}' | '\u{200B}' | '\u{200E}' | '\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{FEFF}'
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_what_a_terminal_acts_on() {
        assert_eq!(Printable("a\u{1b}[31mb\r\n\tc").to_string(), "a\\u{1b}[31mb\\r\\n\\tc");
        assert_eq!(Printable("\u{9b}0m \u{202e}x").to_string(), "\\u{9b}0m \\u{202e}x");
    }

    #[test]
    fn leaves_letters_of_any_script_alone() {
        assert_eq!(Printable("grüße 漢字 🏗\u{fe0f}").to_string(), "grüße 漢字 🏗\u{fe0f}");
    }
}
