//! Tags: names, attributes, and where a broken one is taken to end.

use std::collections::hash_map::Entry;

use rustc_hash::FxHashMap;

use super::character::{is_space, name_end, next_boundary, skip_spaces};
use super::entity::{Entities, Place};
use super::error::{Errors, SyntaxError};
use crate::source::Span;

/// One attribute of a start tag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attribute {
    pub name: Span,
    /// What stands between the quotes.
    pub value: Span,
}

/// Where a start tag ends.
#[derive(Clone, Copy, Debug)]
pub(super) struct TagEnd {
    pub(super) at: usize,
    /// The tag ends in `/>`: the element has no content.
    pub(super) empty: bool,
    /// The tag had to be ended by guess.
    pub(super) guessed: bool,
}

/// Up to this many attributes are compared pair by pair, which beats any hashing.
const FEW: usize = 12;

/// The attributes of the start tag that was read last.
#[derive(Debug, Default)]
pub(super) struct Attributes<'s> {
    pub(super) list: Vec<Attribute>,
    /// Where each name stands, once there are many.
    seen: FxHashMap<&'s str, Span>,
}

impl<'s> Attributes<'s> {
    pub(super) fn clear(&mut self) {
        self.list.clear();
    }

    /// Keeps the attribute unless there is one of its name.
    fn add(&mut self, text: &'s str, attribute: Attribute) -> Result<(), Span> {
        let name = &text.as_bytes()[attribute.name.range()];
        if self.list.len() < FEW {
            let same = |other: &&Attribute| &text.as_bytes()[other.name.range()] == name;
            if let Some(first) = self.list.iter().find(same) {
                return Err(first.name);
            }
        } else {
            if self.list.len() == FEW {
                self.seen.clear();
                self.seen.extend(self.list.iter().map(|other| (&text[other.name.range()], other.name)));
            }
            match self.seen.entry(&text[attribute.name.range()]) {
                Entry::Occupied(first) => return Err(*first.get()),
                Entry::Vacant(place) => place.insert(attribute.name),
            };
        }
        self.list.push(attribute);
        Ok(())
    }
}

/// Reads what follows the name in a start tag.
pub(super) struct TagReader<'r, 's> {
    pub(super) text: &'s str,
    pub(super) attributes: &'r mut Attributes<'s>,
    pub(super) errors: &'r mut Errors,
    pub(super) entities: &'r mut Entities,
    /// One error is enough for what stands where an attribute is expected.
    pub(super) complained: bool,
}

impl<'s> TagReader<'_, 's> {
    /// Reads the attributes, the first of which may start at `at`, to the end of the tag.
    #[inline]
    pub(super) fn read(&mut self, tag: usize, at: usize) -> TagEnd {
        let bytes = self.text.as_bytes();
        let mut at = at;
        loop {
            let gap = at;
            at = skip_spaces(self.text, at);
            match bytes.get(at) {
                Some(b'>') => return TagEnd { at: at + 1, empty: false, guessed: false },
                Some(b'/') if bytes.get(at + 1) == Some(&b'>') => {
                    return TagEnd { at: at + 2, empty: true, guessed: false };
                }
                None | Some(b'<') => return self.end_missing(tag, gap, at),
                Some(_) => match self.attribute(at, at == gap) {
                    Ok(end) => at = end,
                    Err(end) => return end,
                },
            }
        }
    }

    /// Reads the attribute at `start`, which follows the one before without a space if it is
    /// `joined`. Returns where it ends, or where the tag has to end because of it.
    #[inline]
    fn attribute(&mut self, start: usize, joined: bool) -> Result<usize, TagEnd> {
        let bytes = self.text.as_bytes();
        let end = name_end(self.text, start);
        if end == start {
            return Ok(self.skip_junk(start));
        }
        if joined {
            self.complain(start, end, "white space is missing before the attribute", "put a space before it");
        }
        let mut at = end;
        if bytes.get(at) != Some(&b'=') {
            at = skip_spaces(self.text, at);
            if bytes.get(at) != Some(&b'=') {
                return Ok(self.value_missing(start, end));
            }
        }
        at += 1;
        if !matches!(bytes.get(at), Some(b'"' | b'\'')) {
            at = skip_spaces(self.text, at);
        }
        match bytes.get(at) {
            Some(&quote @ (b'"' | b'\'')) => {
                let close = self.value_end(start, end, at + 1, quote)?;
                self.keep(Attribute { name: self.errors.span(start, end), value: self.errors.span(at + 1, close) });
                Ok(close + 1)
            }
            _ => Ok(self.quotes_missing(start, end, at)),
        }
    }

    #[inline]
    fn keep(&mut self, attribute: Attribute) {
        if let Err(first) = self.attributes.add(self.text, attribute) {
            let name = self.text.get(attribute.name.range()).unwrap_or_default();
            self.errors.push(SyntaxError {
                span: attribute.name,
                message: format!("attribute `{name}` is given twice"),
                help: Some("remove one of the two"),
                related: Some((first, "it is given here first")),
            });
        }
    }

    /// Where the closing quote of the value stands that starts at `start`.
    #[inline]
    fn value_end(&mut self, name: usize, name_end: usize, start: usize, quote: u8) -> Result<usize, TagEnd> {
        let bytes = self.text.as_bytes();
        let mut at = start;
        let mut less = None;
        loop {
            match memchr::memchr3(quote, b'<', b'&', &bytes[at..]) {
                Some(len) if bytes[at + len] == quote => {
                    if let Some(less) = less {
                        let message = "`<` cannot stand in an attribute's value";
                        self.errors.add(less, less + 1, message, "write `&lt;`");
                    }
                    return Ok(at + len);
                }
                Some(len) if bytes[at + len] == b'&' => {
                    at += len;
                    at += self.entities.check_reference(self.text, at, Place::Value, self.errors);
                }
                Some(len) if less.is_some() || is_closed_on_line(&bytes[start..], at + len - start, quote) => {
                    at += len;
                    less = less.or(Some(at));
                    at += 1;
                }
                Some(len) => return Err(self.quote_missing(name, name_end, start, at + len)),
                None => return Err(self.quote_missing(name, name_end, start, bytes.len())),
            }
        }
    }

    #[cold]
    fn quote_missing(&mut self, name: usize, name_end: usize, start: usize, end: usize) -> TagEnd {
        let shown = self.text.get(name..name_end).unwrap_or_default();
        let message = format!("the value of attribute `{shown}` has no closing quote");
        self.errors.add(name, start, message, "close the quote before the tag ends; write `&lt;` for `<` in a value");
        guess_end(self.text, start, end)
    }

    #[cold]
    fn end_missing(&mut self, tag: usize, end: usize, stop: usize) -> TagEnd {
        self.complain(tag, end, "the start tag is not closed", "end it with `>` or `/>`");
        TagEnd { at: if end > tag { end } else { stop }, empty: false, guessed: true }
    }

    #[cold]
    fn value_missing(&mut self, start: usize, end: usize) -> usize {
        let name = self.text.get(start..end).unwrap_or_default();
        self.complain(start, end, format!("attribute `{name}` has no value"), "write `=` and a value in quotes");
        end
    }

    #[cold]
    fn quotes_missing(&mut self, start: usize, end: usize, value: usize) -> usize {
        let name = self.text.get(start..end).unwrap_or_default();
        let message = format!("the value of attribute `{name}` is not in quotes");
        self.complain(start, value, message, "put quotes around the value");
        self.word_end(value)
    }

    #[cold]
    fn skip_junk(&mut self, start: usize) -> usize {
        let end = self.word_end(start + 1).max(next_boundary(self.text, start + 1));
        self.complain(start, end, "no attribute can start like this", "remove it, or write name=\"value\"");
        end
    }

    /// The end of whatever stands at `at`: before white space, a quote or the end of the tag.
    fn word_end(&self, at: usize) -> usize {
        let rest = self.text.as_bytes().get(at..).unwrap_or_default();
        let is_end = |&byte: &u8| is_space(byte) || matches!(byte, b'<' | b'>' | b'/' | b'"' | b'\'');
        at + rest.iter().position(is_end).unwrap_or(rest.len())
    }

    fn complain(&mut self, start: usize, end: usize, message: impl Into<String>, help: &'static str) {
        if !self.complained {
            self.errors.add(start, end, message, help);
            self.complained = true;
        }
    }
}

/// Whether the value, which has `<` at `less`, is closed soon enough to be meant: by a quote on the
/// same line that looks like an end, not like the start of the next value.
fn is_closed_on_line(value: &[u8], less: usize, quote: u8) -> bool {
    let Some(close) = memchr::memchr2(quote, b'\n', &value[less..]).map(|len| less + len) else { return false };
    value[close] == quote
        && value[close - 1] != b'='
        && !value[..less].contains(&b'\n')
        && value.get(close + 1).is_some_and(|&next| is_space(next) || matches!(next, b'/' | b'>'))
}

/// Where a tag ends whose last value, at `start`, is open up to `end`: at the first `>`, which
/// stands for the end of the tag more often than for itself, or else with the last word.
fn guess_end(text: &str, start: usize, end: usize) -> TagEnd {
    let value = text.as_bytes().get(start..end).unwrap_or_default();
    match memchr::memchr(b'>', value) {
        Some(len) => TagEnd { at: start + len + 1, empty: len > 0 && value[len - 1] == b'/', guessed: true },
        None => TagEnd { at: start + value.trim_ascii_end().len(), empty: false, guessed: true },
    }
}
