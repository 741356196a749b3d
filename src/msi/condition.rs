//! What a condition of Windows Installer names.
//!
//! Literals in double quotes, integers, operators and their words are passed over; what remains are
//! properties, `%ENVIRONMENT`, and the states `$component`, `?component`, `&feature`, `!feature`.
//! Source: the page `conditional-statement-syntax` of the Windows Installer documentation.

/// What a name in a condition refers to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operand<'t> {
    Property(&'t str),
    Environment(&'t str),
    /// The action state or the installed state of a component or feature.
    State(&'t str),
}

/// The names in a condition, each with the byte offset of its first letter.
pub fn operands(text: &str) -> Vec<(usize, Operand<'_>)> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(character) = text[at..].chars().next() {
        let after = at + character.len_utf8();
        match character {
            '"' => at = text[after..].find('"').map_or(text.len(), |end| after + end + 1),
            '%' | '$' | '?' | '&' | '!' => {
                let name = name(&text[after..]);
                if !name.is_empty() {
                    let operand = if character == '%' { Operand::Environment(name) } else { Operand::State(name) };
                    found.push((after, operand));
                }
                at = after + name.len();
            }
            _ if is_name(character) => {
                let name = name(&text[at..]);
                if !is_word(name) {
                    found.push((at, Operand::Property(name)));
                }
                at += name.len();
            }
            _ => at = after,
        }
    }
    found
}

fn is_name(character: char) -> bool {
    character.is_alphanumeric() || matches!(character, '_' | '.')
}

fn name(text: &str) -> &str {
    &text[..text.find(|character| !is_name(character)).unwrap_or(text.len())]
}

/// A word of the language, or a number.
fn is_word(name: &str) -> bool {
    let words = ["not", "and", "or", "xor", "eqv", "imp"];
    name.starts_with(|first: char| first.is_ascii_digit()) || words.iter().any(|word| word.eq_ignore_ascii_case(name))
}

#[cfg(test)]
mod tests {
    use super::{Operand, operands};

    #[test]
    fn names_are_told_from_literals_and_words() {
        let cases: [(&str, &[Operand<'_>]); 8] = [
            ("Key", &[Operand::Property("Key")]),
            ("NOT Installed AND Key", &[Operand::Property("Installed"), Operand::Property("Key")]),
            (r#"A = "Key" or B ~<> "x""#, &[Operand::Property("A"), Operand::Property("B")]),
            (r#"A = "Key"#, &[Operand::Property("A")]),
            ("%Key", &[Operand::Environment("Key")]),
            ("$c = 3 && &Main = 3", &[Operand::State("c"), Operand::State("Main")]),
            ("KeyOther<>1", &[Operand::Property("KeyOther")]),
            ("", &[]),
        ];
        for (text, expected) in cases {
            let found: Vec<_> = operands(text).into_iter().map(|(_, operand)| operand).collect();
            assert_eq!(found, expected, "{text}");
        }
    }
}
