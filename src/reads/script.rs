//! What a VBScript or JScript asks Windows Installer for.
//!
//! `Session.Property("P")` reads P, unless it is the left side of an assignment, whatever the session
//! is called there and whether the name comes from a constant; so does P in a string for
//! `Session.EvaluateCondition`, and `[P]` in any string where something calls `Session.FormatRecord`.
//! Comments and other strings do not count.

use rustc_hash::FxHashSet;

use crate::msi::condition::{Operand, operands};
use crate::msi::formatted::{Reference, references};
use crate::wix::Language;

/// The properties that a script reads, each with the byte offset of its name.
pub(super) fn reads(script: &str, language: Option<Language>) -> Vec<(usize, &str)> {
    let tokens = tokens(script, language.unwrap_or_else(|| guess(script)));
    let asked = asked_by_word(&tokens);
    let formats = tokens.iter().any(|token| token.is_word("FormatRecord"));
    let mut found = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        let Token { kind: Kind::String, text, offset, .. } = *token else { continue };
        if is_property(&tokens[..at]) {
            if !is_assigned(&tokens, at) {
                found.push((offset, text));
            }
        } else if constant(&tokens[..at]).is_some_and(|name| asked.contains(&name.to_ascii_lowercase())) {
            found.push((offset, text));
        } else if is_condition(&tokens[..at]) {
            // A quote in the condition is written in another way here; such a condition is not read.
            let plain = !text.contains(['"', '\\']);
            for (inner, operand) in operands(text).into_iter().filter(|_| plain) {
                if let Operand::Property(name) = operand {
                    found.push((offset + inner, name));
                }
            }
        } else if formats {
            for (inner, reference) in references(text) {
                if let Reference::Property(name) = reference {
                    found.push((offset + inner, name));
                }
            }
        }
    }
    found
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Word,
    String,
    Sign,
    LineEnd,
}

/// A part of a script; a string's text is what stands between its quotes.
#[derive(Clone, Copy, Debug)]
struct Token<'s> {
    kind: Kind,
    text: &'s str,
    offset: usize,
}

impl Token<'_> {
    fn is_word(&self, word: &str) -> bool {
        self.kind == Kind::Word && self.text.eq_ignore_ascii_case(word)
    }

    fn is_sign(&self, sign: &str) -> bool {
        self.kind == Kind::Sign && self.text == sign
    }
}

/// `.Property(` stands right before. Nothing but a session takes a name there: it may be a variable, or
/// what a `With` is about.
fn is_property(before: &[Token<'_>]) -> bool {
    let [.., dot, property, open] = before else { return false };
    dot.is_sign(".") && property.is_word("Property") && open.is_sign("(")
}

/// The names of constants and variables that a session is asked with, in lower case.
fn asked_by_word(tokens: &[Token<'_>]) -> FxHashSet<String> {
    let asks = |(at, token): &(usize, &Token<'_>)| {
        token.kind == Kind::Word && is_property(&tokens[..*at]) && !is_assigned(tokens, *at)
    };
    tokens.iter().enumerate().filter(asks).map(|(_, token)| token.text.to_ascii_lowercase()).collect()
}

/// `NAME =` stands right before.
fn constant<'s>(before: &[Token<'s>]) -> Option<&'s str> {
    match before {
        [.., name, equals] if name.kind == Kind::Word && equals.is_sign("=") => Some(name.text),
        _ => None,
    }
}

/// `EvaluateCondition(` stands right before.
fn is_condition(before: &[Token<'_>]) -> bool {
    matches!(before, [.., function, open] if function.is_word("EvaluateCondition") && open.is_sign("("))
}

/// Whether the property access around the name at `at` is what is assigned to.
fn is_assigned(tokens: &[Token<'_>], at: usize) -> bool {
    let equals =
        matches!(tokens.get(at + 1..at + 3), Some([close, equals]) if close.is_sign(")") && equals.is_sign("="));
    let compares = tokens.get(at + 3).is_some_and(|token| token.is_sign("="));
    // Before `.Property(` stands the session, `a.b.c` or nothing.
    let mut start = at.saturating_sub(3);
    while start > 0 && (tokens[start - 1].kind == Kind::Word || tokens[start - 1].is_sign(".")) {
        let joined = tokens[start].is_sign(".") != tokens[start - 1].is_sign(".");
        if !joined {
            break;
        }
        start -= 1;
    }
    let starts = match start.checked_sub(1).map(|before| tokens[before]) {
        None => true,
        Some(token) => {
            token.kind == Kind::LineEnd
                || token.is_word("then")
                || token.is_word("else")
                || [";", "{", "}", ":", ")"].iter().any(|sign| token.is_sign(sign))
        }
    };
    equals && !compares && starts
}

/// The tokens of either language: `'`, `Rem`, `//` and `/* */` begin comments, a string ends at its
/// quote or its line's end. Where VBScript goes on in the next line, and in brackets, a line has no end. An apostrophe begins a string only where JScript could mean one.
fn tokens(script: &str, language: Language) -> Vec<Token<'_>> {
    let jscript = language == Language::JScript;
    let mut tokens: Vec<Token<'_>> = Vec::new();
    let mut at = 0;
    let mut line_end = 0;
    while let Some(character) = script[at..].chars().next() {
        let rest = &script[at..];
        // Looked for once in a line, however many tokens it has.
        if line_end <= at {
            line_end = rest.find('\n').map_or(script.len(), |line| at + line);
        }
        let line = line_end - at;
        let continues = !jscript && character == '_' && rest[1..line].trim_start().is_empty();
        let in_brackets = character == '\n' && tokens.last().is_some_and(|token| token.is_sign("("));
        if continues || in_brackets {
            at = (at + line + 1).min(script.len());
            continue;
        }
        let (kind, start, length, taken) = match character {
            '\n' => (Kind::LineEnd, at, 1, 1),
            '\'' if !jscript => (Kind::LineEnd, at, 0, line),
            '/' if jscript && rest.starts_with("//") => (Kind::LineEnd, at, 0, line),
            '/' if jscript && rest.starts_with("/*") => {
                (Kind::LineEnd, at, 0, rest.find("*/").map_or(rest.len(), |end| end + 2))
            }
            '"' | '\'' => {
                let length = string_length(&rest[1..line.max(1)], character, jscript);
                (Kind::String, at + 1, length, (length + 2).min(line.max(1)))
            }
            _ if character.is_alphanumeric() || character == '_' => {
                let length = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
                let comment = !jscript && rest[..length].eq_ignore_ascii_case("rem");
                if comment { (Kind::LineEnd, at, 0, line) } else { (Kind::Word, at, length, length) }
            }
            _ if character.is_whitespace() => {
                at += character.len_utf8();
                continue;
            }
            _ => (Kind::Sign, at, character.len_utf8(), character.len_utf8()),
        };
        tokens.push(Token { kind, text: &script[start..start + length], offset: start });
        at += taken.max(1);
        while !script.is_char_boundary(at) {
            at += 1;
        }
    }
    tokens
}

/// Bytes up to the closing quote; `\` escapes in JScript, a doubled quote in VBScript.
fn string_length(text: &str, quote: char, jscript: bool) -> usize {
    let mut characters = text.char_indices().peekable();
    while let Some((at, character)) = characters.next() {
        if character == '\\' && jscript {
            characters.next();
        } else if character == quote {
            let doubled = !jscript && characters.peek().is_some_and(|(_, next)| *next == quote);
            if !doubled {
                return at;
            }
            characters.next();
        }
    }
    text.len()
}

/// The language of a script that does not say it, by what only JScript has.
fn guess(script: &str) -> Language {
    let jscript = script.contains(';') || script.contains("//") || script.contains('{');
    if jscript { Language::JScript } else { Language::VbScript }
}

#[cfg(test)]
mod tests {
    use super::{Language, reads};

    #[test]
    fn reads_are_told_from_writes_strings_and_comments() {
        let cases: [(&str, &[&str]); 22] = [
            (r#"key = Session.Property("Key")"#, &["Key"]),
            (r#"If Session.Property("Key") = "" Then"#, &["Key"]),
            (r#"Session.Property("Key") = "x""#, &[]),
            ("x = 1\nSession.Property(\"Key\") = x\ny = session.property(\"Other\")", &["Other"]),
            ("With Session\nx = .Property(\"Key\")\n.Property(\"Other\") = x\nEnd With", &["Key"]),
            ("Set s = Session\nx = s.Property(\"Key\")\ns.Property(\"Other\") = x", &["Key"]),
            ("x = Session.Property( _\n  \"Key\")", &["Key"]),
            ("var x = Session.Property(\n  \"Key\");", &["Key"]),
            ("Const NAME = \"Key\"\nx = Session.Property(name)", &["Key"]),
            ("var name = \"Key\"; var x = Session.Property(name);", &["Key"]),
            ("name = \"Key\"\nSession.Property(name) = 1", &[]),
            ("name = \"Key\"\nx = Session.Property(other)", &[]),
            (r#"' Session.Property("Key")"#, &[]),
            (r#"Rem Session.Property("Key")"#, &[]),
            (r#"MsgBox "Session.Property(""Key"")""#, &[]),
            (r#"var key = Session.Property("Key");"#, &["Key"]),
            (r#"var key = Session.Property('Key'); // Session.Property("No")"#, &["Key"]),
            (r#"/* Session.Property("Key") */ Session.Property("Key") = "1";"#, &[]),
            (r#"if (Session.Property("Key") == "") { }"#, &["Key"]),
            (r#"If Session.EvaluateCondition("Installed AND Key") = 1 Then"#, &["Installed", "Key"]),
            (r#"If Session.EvaluateCondition("A = ""Key""") = 1 Then"#, &[]),
            ("Set r = Installer.CreateRecord(0)\nr.StringData(0) = \"[Key]\"\ns = Session.FormatRecord(r)", &["Key"]),
        ];
        for (script, expected) in cases {
            let found: Vec<&str> = reads(script, None).into_iter().map(|(_, name)| name).collect();
            assert_eq!(found, expected, "{script}");
        }
    }

    #[test]
    fn the_language_decides_what_a_comment_is() {
        let script = "url = \"http://x\" ' don't: Session.Property(\"No\")\nkey = Session.Property(\"Key\")";
        assert_eq!(reads(script, Some(Language::VbScript)), [(73, "Key")]);
        let script = "key = Session.Property('Key')";
        assert_eq!(reads(script, Some(Language::JScript)), [(24, "Key")]);
        assert_eq!(reads(script, Some(Language::VbScript)), []);
    }
}
