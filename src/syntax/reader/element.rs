//! Elements: which are open, and which end without an end tag.

use super::{Closing, DEEPEST, Event, Open, Part, Reader};
use crate::syntax::character::{name_end, skip_spaces};
use crate::syntax::error::SyntaxError;
use crate::syntax::tag::TagReader;
use crate::syntax::token::Token;

impl Reader<'_> {
    #[inline]
    pub(super) fn start_tag(&mut self, token: Token) -> Option<Event> {
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
        Some(Event::Start {
            name: self.span(name_start, name_end),
            span: self.span(token.start, end.at),
            empty: end.empty,
        })
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
    pub(super) fn end_tag(&mut self, token: Token) -> Option<Event> {
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
    pub(super) fn close(&mut self, closing: Closing) -> Event {
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
}
