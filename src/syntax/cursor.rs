//! A place in declarations, which are read word by word.

use super::character::{name_end, skip_spaces, token_end};

/// Why a declaration is malformed, and where.
#[derive(Debug)]
pub(super) struct Fault {
    pub(super) at: usize,
    pub(super) message: String,
}

pub(super) type Checked<T = ()> = Result<T, Fault>;

/// Reads on from `at`.
#[derive(Debug)]
pub(super) struct Cursor<'s> {
    pub(super) text: &'s str,
    pub(super) at: usize,
}

impl<'s> Cursor<'s> {
    pub(super) fn new(text: &'s str, at: usize) -> Cursor<'s> {
        Cursor { text, at }
    }

    pub(super) fn rest(&self) -> &'s str {
        self.text.get(self.at..).unwrap_or_default()
    }

    pub(super) fn is_done(&self) -> bool {
        self.at >= self.text.len()
    }

    pub(super) fn sees(&self, word: &str) -> bool {
        self.rest().starts_with(word)
    }

    /// Steps over `word` if it comes next.
    pub(super) fn eat(&mut self, word: &str) -> bool {
        let found = self.sees(word);
        if found {
            self.at += word.len();
        }
        found
    }

    /// Steps over white space, and tells whether there was any.
    pub(super) fn eat_spaces(&mut self) -> bool {
        let start = self.at;
        self.at = skip_spaces(self.text, start);
        self.at > start
    }

    pub(super) fn expect(&mut self, word: &str) -> Checked {
        if self.eat(word) { Ok(()) } else { self.fail(format!("`{word}` is missing here")) }
    }

    pub(super) fn expect_spaces(&mut self) -> Checked {
        if self.eat_spaces() { Ok(()) } else { self.fail("white space is missing here") }
    }

    pub(super) fn name(&mut self) -> Checked<&'s str> {
        self.word(name_end(self.text, self.at), "a name is missing here")
    }

    pub(super) fn name_token(&mut self) -> Checked<&'s str> {
        self.word(token_end(self.text, self.at), "a name is missing here")
    }

    /// What stands between the quotes that come next.
    pub(super) fn quoted(&mut self) -> Checked<&'s str> {
        let rest = self.rest();
        let quote = match rest.as_bytes().first() {
            Some(&quote @ (b'"' | b'\'')) => quote,
            _ => return self.fail("a quote is missing here"),
        };
        match memchr::memchr(quote, &rest.as_bytes()[1..]) {
            Some(len) => {
                self.at += len + 2;
                Ok(&rest[1..=len])
            }
            None => self.fail("the quote is not closed"),
        }
    }

    /// Steps behind the next `end`, and returns what stands before it.
    pub(super) fn until(&mut self, end: &str) -> Checked<&'s str> {
        let rest = self.rest();
        match memchr::memmem::find(rest.as_bytes(), end.as_bytes()) {
            Some(len) => {
                self.at += len + end.len();
                Ok(&rest[..len])
            }
            None => self.fail(format!("`{end}` is missing")),
        }
    }

    pub(super) fn fail<T>(&self, message: impl Into<String>) -> Checked<T> {
        Err(Fault { at: self.at, message: message.into() })
    }

    fn word(&mut self, end: usize, missing: &str) -> Checked<&'s str> {
        match self.text.get(self.at..end) {
            Some(word) if !word.is_empty() => {
                self.at = end;
                Ok(word)
            }
            _ => self.fail(missing),
        }
    }
}
