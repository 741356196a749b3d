//! Where one piece of markup ends and the next begins.
//!
//! quick-xml finds the pieces of a file as long as they are whole. Where a quote, a tag or a comment
//! is never closed, it would take the rest of the file for one piece; from there on this module
//! finds them itself, and no tag reaches past the next `<`.

use quick_xml::events::Event;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Start,
    End,
    Text,
    /// From `&` to the next `;`.
    Reference,
    CData,
    Comment,
    Instruction,
    Doctype,
    /// A comment that is never closed.
    OpenComment,
    /// A CDATA section that is never closed.
    OpenCData,
    /// A processing instruction that is never closed.
    OpenInstruction,
    /// `<!` and something that XML does not know there.
    Unknown,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) start: usize,
    pub(super) end: usize,
}

pub(super) struct Tokens<'s> {
    text: &'s str,
    /// Gone once a piece of markup turned out to be broken.
    whole: Option<quick_xml::Reader<&'s [u8]>>,
    at: usize,
    comment_end: Terminator,
    section_end: Terminator,
    instruction_end: Terminator,
    subset_end: Terminator,
}

impl<'s> Tokens<'s> {
    pub(super) fn new(text: &'s str) -> Tokens<'s> {
        // quick-xml does not count a byte order mark. There is none in a decoded text; the character
        // is a mistake then, and not worth a second way to count.
        let whole = (!text.starts_with('\u{FEFF}')).then(|| {
            let mut reader = quick_xml::Reader::from_str(text);
            let config = reader.config_mut();
            config.check_end_names = false;
            config.check_comments = false;
            config.allow_unmatched_ends = true;
            config.allow_dangling_amp = true;
            reader
        });
        Tokens {
            text,
            whole,
            at: 0,
            comment_end: Terminator::new("-->"),
            section_end: Terminator::new("]]>"),
            instruction_end: Terminator::new("?>"),
            subset_end: Terminator::new("]"),
        }
    }

    /// Goes on at `at`, which is not where the last token ended, for that one was broken.
    pub(super) fn resume(&mut self, at: usize) {
        self.whole = None;
        self.at = at;
    }

    #[inline]
    pub(super) fn next(&mut self) -> Option<Token> {
        if let Some(reader) = &mut self.whole {
            let start = self.at;
            let kind = match reader.read_event() {
                Ok(Event::Eof) => return None,
                Ok(event) => kind_of(&event),
                Err(_) => {
                    self.whole = None;
                    return self.next_piece();
                }
            };
            self.at = reader.buffer_position() as usize;
            return Some(Token { kind, start, end: self.at });
        }
        self.next_piece()
    }

    fn next_piece(&mut self) -> Option<Token> {
        let start = self.at;
        let rest = self.text.get(start..).filter(|rest| !rest.is_empty())?;
        let (kind, end) = match rest.as_bytes() {
            [b'<', b'/', ..] => (Kind::End, self.tag_end(start)),
            [b'<', b'!', ..] => self.next_declaration(start, rest),
            [b'<', b'?', ..] => match self.instruction_end.find(self.text, start + 2) {
                Some(end) => (Kind::Instruction, end),
                None => (Kind::OpenInstruction, self.text.len()),
            },
            [b'<', ..] => (Kind::Start, self.tag_end(start)),
            [b'&', ..] => match memchr::memchr3(b';', b'&', b'<', &rest.as_bytes()[1..]) {
                Some(len) if rest.as_bytes()[len + 1] == b';' => (Kind::Reference, start + len + 2),
                Some(len) => (Kind::Text, start + len + 1),
                None => (Kind::Text, self.text.len()),
            },
            bytes => (Kind::Text, start + memchr::memchr2(b'<', b'&', bytes).unwrap_or(bytes.len())),
        };
        self.at = end;
        Some(Token { kind, start, end })
    }

    fn next_declaration(&mut self, start: usize, rest: &str) -> (Kind, usize) {
        let text = self.text;
        if rest.starts_with("<!--") {
            match self.comment_end.find(text, start + 4) {
                Some(end) => (Kind::Comment, end),
                None => (Kind::OpenComment, text.len()),
            }
        } else if rest.starts_with("<![CDATA[") {
            match self.section_end.find(text, start + 9) {
                Some(end) => (Kind::CData, end),
                None => (Kind::OpenCData, text.len()),
            }
        } else if rest.starts_with("<!DOCTYPE") {
            (Kind::Doctype, self.doctype_end(start))
        } else {
            (Kind::Unknown, self.tag_end(start))
        }
    }

    /// Behind the first `>`, or before the next `<`, whichever comes first.
    fn tag_end(&self, start: usize) -> usize {
        let rest = &self.text.as_bytes()[start + 1..];
        match memchr::memchr2(b'<', b'>', rest) {
            Some(len) if rest[len] == b'>' => start + len + 2,
            Some(len) => start + len + 1,
            None => self.text.len(),
        }
    }

    /// A guess that does not look into quotes: it is only needed in a file with mistakes.
    fn doctype_end(&mut self, start: usize) -> usize {
        let rest = &self.text.as_bytes()[start..];
        let subset = match memchr::memchr3(b'[', b'<', b'>', &rest[1..]) {
            Some(len) if rest[len + 1] == b'[' => start + len + 1,
            _ => return self.tag_end(start),
        };
        match self.subset_end.find(self.text, subset) {
            Some(end) => self.tag_end(end - 1),
            None => subset,
        }
    }
}

fn kind_of(event: &Event<'_>) -> Kind {
    match event {
        Event::Start(_) | Event::Empty(_) => Kind::Start,
        Event::End(_) => Kind::End,
        Event::Text(_) | Event::Eof => Kind::Text,
        Event::GeneralRef(_) => Kind::Reference,
        Event::CData(_) => Kind::CData,
        Event::Comment(_) => Kind::Comment,
        Event::PI(_) | Event::Decl(_) => Kind::Instruction,
        Event::DocType(_) => Kind::Doctype,
    }
}

/// Finds the next place of a delimiter, and remembers it: a file full of unclosed comments must
/// not be searched to its end for each of them.
struct Terminator {
    word: &'static str,
    /// The last search began here,
    from: usize,
    /// and found this.
    found: Option<usize>,
    asked: bool,
}

impl Terminator {
    fn new(word: &'static str) -> Terminator {
        Terminator { word, from: 0, found: None, asked: false }
    }

    /// Where the first `word` at or after `from` ends.
    fn find(&mut self, text: &str, from: usize) -> Option<usize> {
        let known = self.asked && self.from <= from && self.found.is_none_or(|at| from <= at);
        if !known {
            let rest = text.as_bytes().get(from..).unwrap_or_default();
            self.found = memchr::memmem::find(rest, self.word.as_bytes()).map(|len| from + len);
            self.from = from;
            self.asked = true;
        }
        self.found.map(|at| at + self.word.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Both ways to find the pieces of a whole document find the same ones.
    #[test]
    fn pieces_are_the_same_without_quick_xml() {
        for text in [
            include_str!("../../fixtures/wellformed/content.xml"),
            include_str!("../../fixtures/wellformed/doctype.xml"),
            include_str!("../../fixtures/wellformed/external.xml"),
            include_str!("../../fixtures/wellformed/names.xml"),
            include_str!("../../fixtures/wellformed/package-v3.xml"),
            include_str!("../../fixtures/wellformed/preprocessor.xml"),
        ] {
            let (mut tokens, mut pieces) = (Tokens::new(text), Tokens::new(text));
            pieces.resume(0);
            while let Some(token) = tokens.next() {
                assert_eq!(pieces.next(), Some(token), "{}", &text[token.start..]);
            }
            assert_eq!(pieces.next(), None);
        }
    }
}
