//! What is no element: text, references, comments, instructions and the document type.

use super::{Event, Part, Reader};
use crate::syntax::character::{is_blank, is_space, name_end, next_boundary};
use crate::syntax::cursor::Fault;
use crate::syntax::declaration::{check_declaration, check_instruction, double_hyphen, is_declaration};
use crate::syntax::doctype;
use crate::syntax::entity::Place;
use crate::syntax::token::{Kind, Token};

impl Reader<'_> {
    #[inline]
    pub(super) fn character_data(&mut self, token: Token) -> Option<Event> {
        let text = self.slice(token);
        if text.starts_with('&') {
            return self.reference(token);
        }
        if self.is_outside() {
            self.outside(token, text);
        }
        let mut from = 0;
        while let Some(len) = memchr::memchr(b'>', &text.as_bytes()[from..]) {
            let at = from + len;
            if text.as_bytes()[..at].ends_with(b"]]") {
                let start = token.start + at - 2;
                self.errors.add(start, start + 3, "`]]>` cannot stand in text", "write `]]&gt;`");
            }
            from = at + 1;
        }
        Some(Event::Text { span: self.span(token.start, token.end) })
    }

    /// Nothing but white space can stand outside the root element.
    #[cold]
    fn outside(&mut self, token: Token, text: &str) {
        if !is_blank(text) && !self.told.outside {
            self.told.outside = true;
            let spaces = text.bytes().take_while(|&byte| is_space(byte)).count();
            let (start, end) =
                (token.start + spaces, token.start + text.trim_end_matches([' ', '\t', '\n', '\r']).len());
            let message = "text cannot stand outside the root element";
            self.errors.add(start, end, message, "remove it, or move it into the root element");
        }
    }

    pub(super) fn reference(&mut self, token: Token) -> Option<Event> {
        if self.is_outside() {
            self.outside(token, self.slice(token));
            return None;
        }
        let len = self.entities.check_reference(self.text, token.start, Place::Content, &mut self.errors);
        let span = self.span(token.start, token.end);
        if token.kind == Kind::Reference && token.start + len == token.end {
            Some(Event::Reference { span })
        } else {
            Some(Event::Text { span })
        }
    }

    pub(super) fn section(&mut self, token: Token) -> Option<Event> {
        if self.is_outside() {
            self.outside(token, self.slice(token));
        }
        let content = self.span(token.start + "<![CDATA[".len(), token.end - "]]>".len());
        Some(Event::CData { content, span: self.span(token.start, token.end) })
    }

    pub(super) fn comment(&mut self, token: Token) -> Option<Event> {
        let (start, end) = (token.start + "<!--".len(), token.end - "-->".len());
        let content = self.text.get(start..end).unwrap_or_default();
        if let Some(at) = double_hyphen(content) {
            if content[..at].ends_with("<!") {
                return self.swallowing_comment(token, start + at - 2);
            }
            let help = "put a space between the hyphens, or use another character";
            self.errors.add(start + at, (start + at + 2).min(end), "`--` cannot stand in a comment", help);
        }
        Some(Event::Comment { content: self.span(start, end), span: self.span(token.start, token.end) })
    }

    /// A comment in which the next one, at `next`, starts: the first one was never closed.
    #[cold]
    fn swallowing_comment(&mut self, token: Token, next: usize) -> Option<Event> {
        let message = "the comment is not closed before the next one";
        self.errors.add(token.start, token.start + "<!--".len(), message, "end it with `-->`");
        self.tokens.resume(next_tag_line(self.text, token.start + 4, next).unwrap_or(next));
        None
    }

    pub(super) fn instruction(&mut self, token: Token) -> Option<Event> {
        let markup = self.slice(token);
        let result = if token.start == 0 && self.part == Part::Prolog && is_declaration(markup) {
            check_declaration(markup).map(|standalone| {
                self.standalone = standalone;
                None
            })
        } else {
            check_instruction(markup).map(|(target_end, content)| {
                Some(Event::Instruction {
                    target: self.span(token.start + 2, token.start + target_end),
                    content: self.span(token.start + content, token.end - "?>".len()),
                    span: self.span(token.start, token.end),
                })
            })
        };
        result.unwrap_or_else(|fault| {
            let at = token.start + fault.at;
            self.errors.add(at, token.end.max(at), fault.message, "write <?name content?>, or remove it");
            None
        })
    }

    pub(super) fn doctype(&mut self, token: Token) -> Option<Event> {
        let misplaced = if !self.slice(token).starts_with("<!DOCTYPE") {
            Some("`DOCTYPE` is written in capital letters")
        } else if self.part != Part::Prolog {
            Some("a document type declaration stands before the root element only")
        } else if self.has_doctype {
            Some("a document has one document type declaration only")
        } else {
            None
        };
        if let Some(message) = misplaced {
            self.errors.add(token.start, token.end, message, "remove it");
            return None;
        }
        self.has_doctype = true;
        let end = match doctype::read(self.text, token.start, self.standalone, &mut self.entities) {
            Ok(end) => end,
            Err(Fault { at, message }) => {
                // Entities that were not read must not be reported as missing.
                self.entities.is_open = true;
                let at = at.min(token.end);
                self.errors.add(at, at, format!("the document type declaration is malformed: {message}"), "correct it");
                token.end
            }
        };
        if end != token.end {
            self.tokens.resume(end);
        }
        Some(Event::Doctype { span: self.span(token.start, end) })
    }

    /// Goes on at the next line that starts a tag, for that is where the author goes on.
    #[cold]
    pub(super) fn unclosed(&mut self, token: Token, message: &str, help: &'static str) -> Option<Event> {
        let opening = self.slice(token).bytes().take_while(|byte| !byte.is_ascii_whitespace()).count().min(9);
        let opening_end = next_boundary(self.text, token.start + opening);
        self.errors.add(token.start, opening_end, message, help);
        let next = next_tag_line(self.text, token.start + 2, self.text.len());
        self.tokens.resume(next.unwrap_or(self.text.len()));
        if next.is_none() {
            self.open.iter_mut().for_each(|open| open.excused = true);
            self.told.ended = true;
        }
        None
    }
}

/// The `<` of the first line between `from` and `to` that starts with a tag.
fn next_tag_line(text: &str, from: usize, to: usize) -> Option<usize> {
    let region = text.as_bytes().get(from..to)?;
    memchr::memchr_iter(b'\n', region).map(|line| skip_indent(text, from + line + 1)).find(|&at| {
        let rest = text.as_bytes().get(at..to).unwrap_or_default();
        rest.starts_with(b"</") || rest.first() == Some(&b'<') && name_end(text, at + 1) > at + 1
    })
}

/// Not past the end of the line: a run of empty lines must not be read again for each of them.
fn skip_indent(text: &str, at: usize) -> usize {
    let rest = text.as_bytes().get(at..).unwrap_or_default();
    at + rest.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count()
}
