//! The reader: puts the pieces together, and keeps the tree in balance whatever they are.

use super::character::{forbidden_runs, is_blank, is_space, name_end, skip_spaces};
use super::cursor::Fault;
use super::declaration::{check_declaration, check_instruction, double_hyphen, is_declaration};
use super::doctype;
use super::entity::{Entities, Place};
use super::error::{Errors, SyntaxError};
use super::tag::{Attribute, Attributes, TagReader};
use super::token::{Kind, Token, Tokens};
use crate::source::{FileId, Span};

/// So many elements may be open at a time. libxml2 says 256, and asks before it opens one more.
const DEEPEST: usize = 257;

/// A piece of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// A start tag, from `<` to `>`. If it is `empty` (`<a/>`), no [`Event::End`] follows.
    Start { name: Span, span: Span, empty: bool },
    /// An end tag. Where it is missing: the empty span at which the element is taken to end.
    End { span: Span },
    /// Character data without references.
    Text { span: Span },
    /// A well-formed reference in content, such as `&amp;` or `&#x41;`.
    Reference { span: Span },
    CData { content: Span, span: Span },
    Comment { content: Span, span: Span },
    /// A processing instruction. `content` is what follows the white space behind the target.
    Instruction { target: Span, content: Span, span: Span },
    /// A document type declaration.
    Doctype { span: Span },
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
        for run in forbidden_runs(text).into_iter().take(20) {
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

    #[inline]
    fn start_tag(&mut self, token: Token) -> Option<Event> {
        let name_start = token.start + 1;
        let name_end = name_end(self.text, name_start);
        if name_end == name_start {
            return self.stray_less(token);
        }
        self.attributes.clear();
        let mut tag = TagReader {
            text: self.text,
            attributes: &mut self.attributes,
            errors: &mut self.errors,
            entities: &mut self.entities,
            complained: false,
        };
        let end = tag.read(token.start, name_end);
        if end.at != token.end {
            self.tokens.resume(end.at);
        }
        let open = Open { name_start: name_start as u32, name_end: name_end as u32, excused: end.guessed };
        if !self.enter(open, end.empty) {
            return None;
        }
        Some(Event::Start { name: self.span(name_start, name_end), span: self.span(token.start, end.at), empty: end.empty })
    }

    /// Opens an element, and tells whether it is to be seen.
    #[inline]
    fn enter(&mut self, element: Open, empty: bool) -> bool {
        if self.is_outside() {
            self.enter_root(element, empty);
        }
        if self.open.len() >= DEEPEST {
            return self.bury(element, empty);
        }
        if !empty {
            self.open.push(element);
        }
        true
    }

    #[cold]
    fn enter_root(&mut self, element: Open, empty: bool) {
        if self.part == Part::Epilog && !self.told.outside {
            self.told.outside = true;
            let message = "a document has one root element only";
            let (start, end) = (element.name_start as usize - 1, element.name_end as usize);
            self.errors.add(start, end, message, "move the element into the root element");
        }
        self.part = if empty { Part::Epilog } else { Part::Root };
    }

    #[cold]
    fn bury(&mut self, element: Open, empty: bool) -> bool {
        if !self.told.depth {
            self.told.depth = true;
            let message = format!("elements are nested more than {DEEPEST} levels deep");
            let (start, end) = (element.name_start as usize - 1, element.name_end as usize);
            self.errors.add(start, end, message, "close elements before more of them are opened");
        }
        self.buried += u32::from(!empty);
        false
    }

    /// A `<` with no name behind it.
    #[cold]
    fn stray_less(&mut self, token: Token) -> Option<Event> {
        let start = token.start;
        self.errors.add(start, start + 1, "`<` does not begin a tag", "write `&lt;` for the character itself");
        let rest = &self.text.as_bytes()[start + 1..];
        let end = memchr::memchr2(b'<', b'&', rest).map_or(self.text.len(), |len| start + 1 + len);
        self.tokens.resume(end);
        (!self.is_outside()).then(|| Event::Text { span: self.span(start, end) })
    }

    #[inline]
    fn end_tag(&mut self, token: Token) -> Option<Event> {
        let bytes = self.text.as_bytes();
        if self.buried > 0 {
            return self.unbury(token);
        }
        if let Some(&open) = self.open.last() {
            let name = &bytes[open.name_start as usize..open.name_end as usize];
            let end = token.start + 2 + name.len();
            if token.end == end + 1 && bytes.get(token.start + 2..end) == Some(name) && bytes[end] == b'>' {
                self.open.pop();
                self.leave();
                return Some(Event::End { span: self.span(token.start, token.end) });
            }
        }
        self.odd_end_tag(token)
    }

    /// An end tag that is not just the name of the innermost element between `</` and `>`.
    #[cold]
    fn odd_end_tag(&mut self, token: Token) -> Option<Event> {
        let (start, name_start) = (token.start, token.start + 2);
        let name_end = name_end(self.text, name_start);
        let tag_end = self.finish_end_tag(token, name_end);
        let name = self.text.get(name_start..name_end).unwrap_or_default();
        let same = |open: &Open| self.text.get(open.name_start as usize..open.name_end as usize) == Some(name);
        match self.open.iter().rposition(same) {
            Some(down_to) => self.closing = Some(Closing { down_to, tag: self.span(start, tag_end), tagged: true }),
            None => self.stray_end_tag(start, tag_end, name),
        }
        None
    }

    /// Where the end tag ends whose name ends at `name_end`.
    fn finish_end_tag(&mut self, token: Token, name_end: usize) -> usize {
        let at = skip_spaces(self.text, name_end);
        if self.text.as_bytes().get(at) == Some(&b'>') {
            if at + 1 != token.end {
                self.tokens.resume(at + 1);
            }
            return at + 1;
        }
        let rest = self.text.as_bytes().get(at..).unwrap_or_default();
        let (end, message, help) = match memchr::memchr2(b'<', b'>', rest) {
            Some(len) if rest[len] == b'>' => {
                (at + len + 1, "an end tag holds a name only", "remove what follows the name")
            }
            _ => (name_end, "the end tag is not closed", "end it with `>`"),
        };
        self.errors.add(token.start, end, message, help);
        self.tokens.resume(end);
        end
    }

    fn stray_end_tag(&mut self, start: usize, end: usize, name: &str) {
        let related = self.open.last_mut().filter(|open| !open.excused).map(|open| {
            // Often enough the tag is meant for this one, and misspelt.
            open.excused = true;
            (open.name_start as usize - 1, open.name_end as usize)
        });
        self.errors.push(SyntaxError {
            span: self.span(start, end),
            message: format!("the end tag `{name}` matches no open element"),
            help: Some("remove it, or correct its name"),
            related: related.map(|(start, end)| (self.span(start, end), "this is the innermost open element")),
        });
    }

    /// Names are not compared past the deepest level; only how many tags there are counts.
    #[cold]
    fn unbury(&mut self, token: Token) -> Option<Event> {
        let name_end = name_end(self.text, token.start + 2);
        self.finish_end_tag(token, name_end);
        self.buried -= 1;
        None
    }

    #[inline]
    fn leave(&mut self) {
        if self.open.is_empty() && self.part == Part::Root {
            self.part = Part::Epilog;
        }
    }

    /// Ends the innermost element.
    #[cold]
    fn close(&mut self, closing: Closing) -> Event {
        self.buried = 0;
        let last = self.open.len() <= closing.down_to + 1;
        let span = if last { closing.tag } else { closing.tag.at_start() };
        let tagged = last && closing.tagged;
        if let Some(open) = self.open.pop().filter(|open| !tagged && !open.excused && !self.told.depth) {
            let (start, end) = (open.name_start as usize, open.name_end as usize);
            let name = self.text.get(start..end).unwrap_or_default();
            self.errors.push(SyntaxError {
                span: self.span(start - 1, end),
                message: format!("element `{name}` is not closed"),
                help: Some("add its end tag, or end the start tag with `/>`"),
                related: closing.tagged.then_some((closing.tag, "it would have to be closed before this end tag")),
            });
        }
        if last {
            self.closing = None;
        }
        self.leave();
        Event::End { span }
    }

    #[inline]
    fn character_data(&mut self, token: Token) -> Option<Event> {
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
            let (start, end) = (token.start + spaces, token.start + text.trim_ascii_end().len());
            let message = "text cannot stand outside the root element";
            self.errors.add(start, end, message, "remove it, or move it into the root element");
        }
    }

    fn reference(&mut self, token: Token) -> Option<Event> {
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

    fn section(&mut self, token: Token) -> Option<Event> {
        if self.is_outside() {
            self.outside(token, self.slice(token));
        }
        let content = self.span(token.start + "<![CDATA[".len(), token.end - "]]>".len());
        Some(Event::CData { content, span: self.span(token.start, token.end) })
    }

    fn comment(&mut self, token: Token) -> Option<Event> {
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

    fn instruction(&mut self, token: Token) -> Option<Event> {
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

    fn doctype(&mut self, token: Token) -> Option<Event> {
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
    fn unclosed(&mut self, token: Token, message: &str, help: &'static str) -> Option<Event> {
        let opening = self.slice(token).bytes().take_while(|byte| !byte.is_ascii_whitespace()).count().min(9);
        let opening_end = self.text.ceil_char_boundary(token.start + opening);
        self.errors.add(token.start, opening_end, message, help);
        let next = next_tag_line(self.text, token.start + 2, self.text.len());
        self.tokens.resume(next.unwrap_or(self.text.len()));
        if next.is_none() {
            self.open.iter_mut().for_each(|open| open.excused = true);
            self.told.ended = true;
        }
        None
    }

    fn finish(&mut self) {
        if self.part == Part::Prolog && !self.told.ended {
            self.told.ended = true;
            let end = self.text.len();
            self.errors.add(end, end, "the document has no root element", "write one");
        }
    }
}

/// The `<` of the first line between `from` and `to` that starts with a tag.
fn next_tag_line(text: &str, from: usize, to: usize) -> Option<usize> {
    let region = text.as_bytes().get(from..to)?;
    memchr::memchr_iter(b'\n', region).map(|line| skip_spaces(text, from + line + 1)).find(|&at| {
        let rest = text.as_bytes().get(at..to).unwrap_or_default();
        rest.starts_with(b"</") || rest.first() == Some(&b'<') && name_end(text, at + 1) > at + 1
    })
}
