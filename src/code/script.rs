//! VBScript and JScript, in the source of the installer or in files of their own.
//!
//! Both are taken apart into tokens; what stands between the lines that begin and end a function belongs
//! to it, the rest runs when the script is loaded. Nothing but a session takes a name after `.Property`:
//! it may be a variable, or what a `With` is about. Comments and other strings do not count.

use std::rc::Rc;

use super::program::{
    Asked, Call, Expression, ExpressionKind, Form, Function, Language as Of, Parameter, Place, Program, Step, Unit,
    Variable,
};
use super::tree::joined;

/// A language of scripts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Language {
    VbScript,
    JScript,
}

/// What a script asks a session for when it is loaded and `call` is called in it.
pub(super) fn asked(script: &str, language: Option<Language>, call: Option<&str>) -> Asked {
    let unit = unit(script, language.unwrap_or_else(|| guess(script)));
    let entry =
        call.and_then(|call| unit.functions.iter().position(|function| function.name.eq_ignore_ascii_case(call)));
    let has_entry = call.is_none() || entry.is_some();
    let mut program = Program::new(vec![unit], |_, _| Vec::new());
    if has_entry { program.trace(entry.map(|at| (0, at))) } else { Asked::default() }
}

/// A script, understood as far as it matters.
fn unit(script: &str, language: Language) -> Unit {
    let tokens = tokens(script, language);
    let mut unit = Unit::new(Of::Script);
    // What formats a record may format any text that is given to one.
    let formats = tokens.iter().any(|token| token.is_word("FormatRecord"));
    let mut loaded = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        match function(&tokens, at, language) {
            Some(Head { name, parameters, body, end }) => {
                let steps = steps(&tokens[..end], body, formats);
                let place = tokens[name].place();
                let name = tokens[name].text.to_ascii_lowercase();
                let (owner, entry, space, returns, steps) = (None, None, None, None, Rc::new(steps));
                let is_local = false;
                unit.functions.push(Function {
                    name,
                    owner,
                    entry,
                    space,
                    is_local,
                    returns,
                    parameters,
                    steps,
                    place,
                });
                at = end.max(at + 1);
            }
            None => {
                let end = (at + 1..tokens.len()).find(|&next| function(&tokens, next, language).is_some());
                let end = end.unwrap_or(tokens.len());
                loaded.extend(steps(&tokens[..end], at, formats));
                at = end;
            }
        }
    }
    for step in &loaded {
        if let Step::Let { name, value, .. } = step {
            let (name, value) = (name.clone(), value.clone());
            unit.variables.push(Variable { name, owner: None, kind: None, value });
        }
    }
    unit.steps = Rc::new(loaded);
    unit
}

/// A function's beginning: where its name, its body and what follows it are.
struct Head {
    name: usize,
    parameters: Vec<Parameter>,
    body: usize,
    end: usize,
}

/// The function that begins at a token.
fn function(tokens: &[Token<'_>], at: usize, language: Language) -> Option<Head> {
    let is_start = tokens[at].is_word("function") || (language == Language::VbScript && tokens[at].is_word("sub"));
    let ends = at.checked_sub(1).is_some_and(|before| tokens[before].is_word("end") || tokens[before].is_word("exit"));
    if !is_start || ends {
        return None;
    }
    // `function name(...)`, or `name = function(...)`.
    let is_named = tokens.get(at + 1)?.kind == Kind::Word;
    let is_assigned = || at >= 2 && (tokens[at - 1].is_sign("=") || tokens[at - 1].is_sign(":"));
    let name = match is_named {
        true => at + 1,
        false if is_assigned() && tokens[at - 2].kind == Kind::Word => at - 2,
        false => return None,
    };
    let after = if is_named { at + 2 } else { at + 1 };
    let opens = tokens.get(after).is_some_and(|token| token.is_sign("("));
    let mut nearest = after..tokens.len().min(after + LONGEST);
    let close = if opens { nearest.find(|&next| tokens[next].is_sign(")"))? } else { after - 1 };
    let words = tokens[after.min(close + 1)..=close].iter().filter(|token| token.kind == Kind::Word);
    let parameters = words
        .filter(|word| !word.is_word("byval") && !word.is_word("byref"))
        .map(|word| Parameter { name: word.text.to_ascii_lowercase(), kind: None, optional: false, default: None })
        .collect();
    let body = close + 1;
    let end = match language {
        Language::VbScript => {
            let is_end = |at: &usize| {
                tokens[*at].is_word("end")
                    && tokens.get(at + 1).is_some_and(|next| next.is_word("function") || next.is_word("sub"))
            };
            (body..tokens.len()).find(is_end).map_or(tokens.len(), |end| end + 2)
        }
        Language::JScript => {
            let mut depth = 0;
            let closes = |at: &usize| {
                depth += i32::from(tokens[*at].is_sign("{")) - i32::from(tokens[*at].is_sign("}"));
                depth == 0 && tokens[*at].is_sign("}")
            };
            (body..tokens.len()).find(closes).map_or(tokens.len(), |end| end + 1)
        }
    };
    Some(Head { name, parameters, body, end })
}

/// What the tokens from `start` on do.
fn steps(tokens: &[Token<'_>], start: usize, formats: bool) -> Vec<Step> {
    let mut steps = Vec::new();
    // What each open `With` is about.
    let mut with: Vec<Expression> = Vec::new();
    for at in start..tokens.len() {
        let token = tokens[at];
        let next = tokens.get(at + 1);
        let is_next = |sign: &str| next.is_some_and(|next| next.is_sign(sign));
        let ends = at > start && tokens[at - 1].is_word("end");
        if token.is_word("with") && ends {
            with.pop();
        } else if token.is_word("with") && is_statement(tokens, at) {
            with.push(expression(tokens, at + 1).0);
        } else if token.kind == Kind::Word && is_next("(") {
            let (arguments, _) = arguments(tokens, at + 2);
            let form = if is_assigned(tokens, at + 2) { Form::Written } else { Form::Call };
            steps.push(Step::Call(Call { receiver: receiver(tokens, at, &with), ..call(token, arguments, form) }));
        } else if token.kind == Kind::Word && is_statement(tokens, at) && !is_next("=") && !is_next(".") {
            let (arguments, _) = arguments(tokens, at + 1);
            steps.push(Step::Call(call(token, arguments, Form::Call)));
        } else if token.kind == Kind::Word
            && is_next("=")
            && !tokens.get(at + 2).is_some_and(|next| next.is_sign("="))
            && !is_member(tokens, at)
        {
            let value = expression(tokens, at + 2).0;
            steps.push(Step::Let { name: token.text.to_ascii_lowercase(), kind: None, value: Some(value) });
        } else if token.kind == Kind::String && formats && token.text.contains('[') {
            let session = ExpressionKind::Name(vec!["session".to_owned()]);
            let receiver = Some(Expression { kind: session, place: token.place() });
            let format = Token { text: "Format", ..token };
            steps.push(Step::Call(Call { receiver, ..call(format, vec![text(token)], Form::Call) }));
        }
    }
    let branch =
        tokens[start..].iter().find(|token| BRANCHING.iter().any(|word| token.is_word(word)) || token.is_sign("?"));
    for step in &mut steps {
        if let Step::Call(call) = step {
            // What lies behind a condition may depend on it.
            call.is_conditional = branch.is_some_and(|branch| branch.place().start < call.place.start);
        }
    }
    steps
}

/// What chooses between what comes after it.
const BRANCHING: [&str; 7] = ["if", "select", "switch", "try", "error", "iif", "while"];

fn call(token: Token<'_>, arguments: Vec<Expression>, form: Form) -> Call {
    let name = token.text.to_ascii_lowercase();
    Call { receiver: None, name, arguments, named: Vec::new(), form, place: token.place(), is_conditional: false }
}

/// What stands before the dot of a member.
fn receiver(tokens: &[Token<'_>], at: usize, with: &[Expression]) -> Option<Expression> {
    if !is_member(tokens, at) {
        return None;
    }
    let dot = at - 1;
    let other = Expression { kind: ExpressionKind::Other, place: tokens[dot].place() };
    let mut path: Vec<String> = Vec::new();
    let mut end = dot;
    while end > 0 && tokens[end].is_sign(".") && tokens[end - 1].kind == Kind::Word {
        path.insert(0, tokens[end - 1].text.to_ascii_lowercase());
        match end.checked_sub(2) {
            Some(before) => end = before,
            None => break,
        }
    }
    // What a function gives is not known; a dot without anything before it belongs to what a `With` is about.
    let opens = dot > 0 && (tokens[dot - 1].is_sign(")") || tokens[dot - 1].is_sign("]"));
    Some(match (path.is_empty(), opens || tokens[end].is_sign(".")) {
        (true, false) | (true, true) if !opens => with.last().cloned().unwrap_or(other),
        (false, false) => Expression { kind: ExpressionKind::Name(path), place: tokens[dot - 1].place() },
        _ => other,
    })
}

fn is_member(tokens: &[Token<'_>], at: usize) -> bool {
    at > 0 && tokens[at - 1].is_sign(".")
}

/// Whether a statement begins at a token, so that it may be the call of a procedure without brackets.
fn is_statement(tokens: &[Token<'_>], at: usize) -> bool {
    let Some(before) = at.checked_sub(1).map(|before| tokens[before]) else { return true };
    before.kind == Kind::LineEnd
        || ["call", "then", "else"].iter().any(|word| before.is_word(word))
        || [":", ";"].iter().any(|sign| before.is_sign(sign))
}

/// The arguments from a token on, and the token after them.
fn arguments(tokens: &[Token<'_>], mut at: usize) -> (Vec<Expression>, usize) {
    let mut arguments = Vec::new();
    while tokens.get(at).is_some_and(|token| !token.is_sign(")") && token.kind != Kind::LineEnd) {
        let (argument, end) = expression(tokens, at);
        arguments.push(argument);
        at = end.max(at);
        if tokens.get(at).is_none_or(|token| !token.is_sign(",")) {
            break;
        }
        at += 1;
    }
    (arguments, at)
}

/// So many parts of a script are looked at for one expression or one list of parameters: what lacks its closing
/// bracket would reach to the end of the script.
const LONGEST: usize = 1000;

/// What stands from a token to the next comma, bracket or end of the statement; and the token after it.
fn expression(tokens: &[Token<'_>], start: usize) -> (Expression, usize) {
    let mut parts = Vec::new();
    let mut depth = 0;
    let mut is_plain = true;
    let mut at = start;
    while let Some(token) = tokens.get(at).copied() {
        if at - start > LONGEST {
            is_plain = false;
            break;
        }
        let outside = depth == 0;
        match (token.kind, token.text) {
            (Kind::LineEnd, _) => break,
            (Kind::Sign, ";" | ":" | "," | "{" | "}") if outside => break,
            (Kind::Sign, ")") if outside => break,
            (Kind::Sign, "(" | "[") => (depth, is_plain) = (depth + 1, false),
            (Kind::Sign, ")" | "]") => depth -= 1,
            (Kind::Sign, "&" | "+") if outside => {}
            (Kind::String, _) if outside => parts.push(text(token)),
            (Kind::Word, name) if outside => {
                let name = ExpressionKind::Name(vec![name.to_ascii_lowercase()]);
                parts.push(Expression { kind: name, place: token.place() });
            }
            _ if outside => is_plain = false,
            _ => {}
        }
        at += 1;
    }
    let end = at.saturating_sub(1).max(start);
    let place = match (tokens.get(start), tokens.get(end)) {
        (Some(first), Some(last)) => Place { end: last.place().end, ..first.place() },
        _ => Place { unit: 0, start: 0, end: 0 },
    };
    let expression = match (is_plain, parts.len()) {
        (true, 1) => parts.remove(0),
        (true, 2..) => joined(parts, place),
        _ => Expression { kind: ExpressionKind::Other, place },
    };
    (expression, at)
}

fn text(token: Token<'_>) -> Expression {
    Expression { kind: ExpressionKind::Text(token.text.replace("\"\"", "\"")), place: token.place() }
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

    fn place(&self) -> Place {
        Place { unit: 0, start: self.offset, end: self.offset + self.text.len() }
    }
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
            '/' if jscript && begins_operand(tokens.last()) => (Kind::Sign, at, 1, regex_length(&rest[..line])),
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

/// Whether a slash begins a regular expression, and does not divide.
fn begins_operand(before: Option<&Token<'_>>) -> bool {
    match before {
        None => true,
        Some(token) => match token.kind {
            Kind::LineEnd => true,
            Kind::Sign => ![")", "]", "}"].contains(&token.text),
            Kind::Word => ["return", "typeof", "case"].contains(&token.text),
            Kind::String => false,
        },
    }
}

/// Bytes of a regular expression with both its slashes; the rest of the line if it does not end.
fn regex_length(line: &str) -> usize {
    let mut characters = line.char_indices().skip(1);
    let mut in_class = false;
    while let Some((at, character)) = characters.next() {
        match character {
            '\\' => drop(characters.next()),
            '[' => in_class = true,
            ']' => in_class = false,
            '/' if !in_class => return at + 1,
            _ => {}
        }
    }
    line.len()
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
    use super::{Language, asked};

    fn reads(script: &str, language: Option<Language>) -> Vec<(usize, String)> {
        let asked = asked(script, language, None);
        asked.reads.into_iter().map(|read| (read.place.start, read.property)).collect()
    }

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
            (r#"If Session.EvaluateCondition("A = ""Key""") = 1 Then"#, &["A"]),
            ("Set r = Installer.CreateRecord(0)\nr.StringData(0) = \"[Key]\"\ns = Session.FormatRecord(r)", &["Key"]),
        ];
        for (script, expected) in cases {
            let found: Vec<String> = reads(script, None).into_iter().map(|(_, name)| name).collect();
            assert_eq!(found, expected, "{script}");
        }
    }

    #[test]
    fn the_language_decides_what_a_comment_is() {
        let script = "url = \"http://x\" ' don't: Session.Property(\"No\")\nkey = Session.Property(\"Key\")";
        assert_eq!(reads(script, Some(Language::VbScript)), [(73, "Key".to_owned())]);
        let script = "key = Session.Property('Key')";
        assert_eq!(reads(script, Some(Language::JScript)), [(24, "Key".to_owned())]);
        assert_eq!(reads(script, Some(Language::VbScript)), []);
    }
}
