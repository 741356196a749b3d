//! The reader: puts the pieces together, and keeps the tree in balance whatever they are.

mod content;
mod element;

use super::character::forbidden_runs;
use super::entity::Entities;
use super::error::{Errors, SyntaxError};
use super::tag::{Attribute, Attributes};
use super::token::{Kind, Token, Tokens};
use crate::source::{FileId, Span};

/// So many elements may be open at a time. libxml2 says 256, and asks before it opens one more.
const DEEPEST: usize = 257;

/// A piece of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// A start tag, from `<` to `>`. If it is `empty` (`<a/>`), no [`Event::End`] follows.
    Start {
        name: Span,
        span: Span,
        empty: bool,
    },
    /// An end tag. Where it is missing: the empty span at which the element is taken to end.
    End {
        span: Span,
    },
    /// Character data without references.
    Text {
        span: Span,
    },
    /// A reference in content, such as `&amp;` or `&#x41;`; [`decode_reference`](super::decode_reference)
    /// tells what it stands for, if that can be known.
    Reference {
        span: Span,
    },
    CData {
        content: Span,
        span: Span,
    },
    Comment {
        content: Span,
        span: Span,
    },
    /// A processing instruction. `content` is what follows the white space behind the target.
    Instruction {
        target: Span,
        content: Span,
        span: Span,
    },
    /// A document type declaration.
    Doctype {
        span: Span,
    },
}

/// An element whose end tag has not come yet.
#[derive(Clone, Copy, Debug)]
struct Open {
    name_start: u32,
    name_end: u32,
    /// A mistake that was told already explains why the end tag is missing.
    excused: bool,
}

/// Which part of the document is being read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Prolog,
    Root,
    Epilog,
    /// The text of an entity, which stands in the content of some element.
    Fragment,
}

/// Elements that end before the next piece is read: all down to the one at `down_to`.
#[derive(Clone, Copy, Debug)]
struct Closing {
    down_to: usize,
    /// The end tag of the last one, if there is one; else the empty span at the end of the file.
    tag: Span,
    tagged: bool,
}

/// Reads a document piece by piece. The XML declaration is checked, but is no event.
pub struct Reader<'s> {
    text: &'s str,
    tokens: Tokens<'s>,
    attributes: Attributes<'s>,
    open: Vec<Open>,
    /// How many elements are open past [`DEEPEST`].
    buried: u32,
    part: Part,
    closing: Option<Closing>,
    entities: Entities,
    errors: Errors,
    told: Told,
    standalone: bool,
    has_doctype: bool,
}

/// Mistakes that are told once, since more of the same kind only follow from the first.
#[derive(Debug, Default)]
struct Told {
    outside: bool,
    depth: bool,
    ended: bool,
}

impl<'s> Reader<'s> {
    /// `text` is the decoded text of `file`, without a byte order mark.
    pub fn new(file: FileId, text: &'s str) -> Self {
        let mut reader = Reader::start(file, text, Entities::new(file), Part::Prolog);
        for run in forbidden_runs(text) {
            let shown = text.get(run.clone()).and_then(|run| run.chars().next()).unwrap_or_default();
            let message = format!("the character U+{:04X} is not allowed in XML", u32::from(shown));
            reader.errors.add(run.start, run.end, message, "remove it");
        }
        reader
    }

    /// Reads the text of an entity.
    pub(super) fn fragment(file: FileId, text: &'s str, entities: Entities) -> Self {
        Reader::start(file, text, entities, Part::Fragment)
    }

    fn start(file: FileId, text: &'s str, entities: Entities, part: Part) -> Self {
        Reader {
            text,
            tokens: Tokens::new(text),
            attributes: Attributes::default(),
            open: Vec::new(),
            buried: 0,
            part,
            closing: None,
            entities,
            errors: Errors::new(file),
            told: Told::default(),
            standalone: false,
            has_doctype: false,
        }
    }

    /// The attributes of the start tag that [`Reader::next`] returned last; the second one of two
    /// with the same name is not among them.
    pub fn attributes(&self) -> &[Attribute] {
        &self.attributes.list
    }

    /// The mistakes that were found so far, in the order of their places.
    pub fn into_errors(self) -> Vec<SyntaxError> {
        self.errors.into_list()
    }

    pub(super) fn into_parts(self) -> (Entities, Errors) {
        (self.entities, self.errors)
    }

    /// The next piece; none at the end of the document.
    #[expect(clippy::should_implement_trait, reason = "the attributes belong to the last event only")]
    #[inline]
    pub fn next(&mut self) -> Option<Event> {
        loop {
            if let Some(closing) = self.closing {
                return Some(self.close(closing));
            }
            let event = match self.tokens.next() {
                Some(token) => self.read(token),
                None if self.open.is_empty() => {
                    self.finish();
                    return None;
                }
                None => {
                    let end = self.text.len();
                    self.closing = Some(Closing { down_to: 0, tag: self.span(end, end), tagged: false });
                    None
                }
            };
            if let Some(event) = event.filter(|_| self.buried == 0) {
                return Some(event);
            }
        }
    }

    #[inline]
    fn read(&mut self, token: Token) -> Option<Event> {
        match token.kind {
            Kind::Start => self.start_tag(token),
            Kind::End => self.end_tag(token),
            Kind::Text => self.character_data(token),
            Kind::Reference => self.reference(token),
            Kind::CData => self.section(token),
            Kind::Comment => self.comment(token),
            Kind::Instruction => self.instruction(token),
            Kind::Doctype => self.doctype(token),
            Kind::OpenComment => self.unclosed(token, "the comment is not closed", "end it with `-->`"),
            Kind::OpenCData => self.unclosed(token, "the CDATA section is not closed", "end it with `]]>`"),
            Kind::OpenInstruction => {
                self.unclosed(token, "the processing instruction is not closed", "end it with `?>`")
            }
            Kind::Unknown => {
                let message = "no markup starts like this";
                self.errors.add(token.start, token.end, message, "remove it, or write `&lt;` for `<`");
                None
            }
        }
    }

    #[inline]
    fn span(&self, start: usize, end: usize) -> Span {
        self.errors.span(start, end)
    }

    #[inline]
    fn slice(&self, token: Token) -> &'s str {
        self.text.get(token.start..token.end).unwrap_or_default()
    }

    #[inline]
    fn is_outside(&self) -> bool {
        matches!(self.part, Part::Prolog | Part::Epilog)
    }

    fn finish(&mut self) {
        if self.part == Part::Prolog && !self.told.ended {
            self.told.ended = true;
            let end = self.text.len();
            self.errors.add(end, end, "the document has no root element", "write one");
        }
    }
}
