//! The entities that a document type declares. They are checked, never expanded.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::error::Errors;
use super::reader::Reader;
use super::reference::{self, Reference};
use crate::source::FileId;

/// Entities may refer to entities so many levels deep; libxml2 draws the same line.
const DEEPEST: u32 = 40;

/// What one reference may stand for, in bytes, with all that it refers to.
pub(super) const LARGEST: u64 = 1_000_000;

/// Where a reference stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Content,
    /// In an attribute's value.
    Value,
}

/// What an entity's name stands for.
#[derive(Clone, Debug)]
pub(super) enum Meaning {
    /// This text, in which character references are already resolved.
    Text(Arc<str>),
    /// Another file.
    External,
    /// Data that is not XML.
    Unparsed,
    /// Something that can only be known with parameter entities put in their places.
    Composed,
}

/// What is known about an entity's text.
#[derive(Clone, Copy, Debug, Default)]
enum Verdict {
    #[default]
    Unknown,
    /// Being checked: meeting it now means that it refers to itself.
    Pending,
    Good(u64),
    Bad,
}

#[derive(Debug)]
struct Entity {
    meaning: Meaning,
    in_content: Verdict,
    in_value: Verdict,
}

impl Entity {
    fn verdict(&mut self, place: Place) -> &mut Verdict {
        match place {
            Place::Content => &mut self.in_content,
            Place::Value => &mut self.in_value,
        }
    }
}

/// The general entities of a document.
#[derive(Debug, Default)]
pub(super) struct Entities {
    known: FxHashMap<String, Entity>,
    /// Declarations that were not read may declare anything.
    pub(super) is_open: bool,
    /// What the references of the entity that is being checked stand for, in bytes.
    size: u64,
    depth: u32,
    file: Option<FileId>,
}

impl Entities {
    pub(super) fn new(file: FileId) -> Entities {
        Entities { file: Some(file), ..Entities::default() }
    }

    /// The first declaration of a name counts.
    pub(super) fn declare(&mut self, name: &str, meaning: Meaning) {
        let entity = Entity { meaning, in_content: Verdict::Unknown, in_value: Verdict::Unknown };
        self.known.entry(name.to_owned()).or_insert(entity);
    }

    /// Checks the reference at `at`, and returns its length.
    #[cold]
    pub(super) fn check_reference(&mut self, text: &str, at: usize, place: Place, errors: &mut Errors) -> usize {
        let raw = text.get(at..).unwrap_or_default();
        let (reference, len) = reference::read(raw);
        let shown = raw.get(..len).unwrap_or_default();
        match reference {
            Reference::Char(_) => {}
            Reference::Forbidden => {
                let message = format!("`{shown}` refers to a character that XML does not allow");
                errors.add(at, at + len, message, "remove the reference");
            }
            Reference::Malformed => {
                let message = "`&` does not begin a reference";
                errors.add(
                    at,
                    at + len,
                    message,
                    "write `&amp;` for the character itself, or end the reference with `;`",
                );
            }
            Reference::Entity(name) => {
                if let Err(message) = self.check(name, place) {
                    let help = "write the text itself, or a character reference such as `&#169;`";
                    errors.add(at, at + len, message, help);
                }
            }
        }
        len
    }

    /// Checks what `name` stands for. A mistake in it is told once, at the first reference.
    pub(super) fn check(&mut self, name: &str, place: Place) -> Result<(), String> {
        let Some(entity) = self.known.get_mut(name) else {
            return if self.is_open { Ok(()) } else { Err(format!("entity `{name}` is not declared")) };
        };
        let text = match (&entity.meaning, place) {
            (Meaning::Text(text), _) => text.clone(),
            (Meaning::Composed, _) | (Meaning::External, Place::Content) => return Ok(()),
            (Meaning::External, Place::Value) => {
                return Err(format!("entity `{name}` is another file, which cannot stand in an attribute's value"));
            }
            (Meaning::Unparsed, _) => return Err(format!("entity `{name}` is not XML and cannot stand here")),
        };
        let verdict = entity.verdict(place);
        match *verdict {
            Verdict::Unknown => *verdict = Verdict::Pending,
            Verdict::Pending => return Err(format!("entity `{name}` refers to itself")),
            Verdict::Good(size) => {
                self.size = self.size.saturating_add(size);
                return Ok(());
            }
            Verdict::Bad => return Ok(()),
        }
        let outer = std::mem::replace(&mut self.size, text.len() as u64);
        let result = self.check_text(name, &text, place);
        let size = std::mem::replace(&mut self.size, outer);
        self.size = self.size.saturating_add(size);
        let result = result.and_then(|()| match size {
            0..=LARGEST => Ok(()),
            _ => Err(format!("entity `{name}` stands for more than {LARGEST} bytes")),
        });
        if let Some(entity) = self.known.get_mut(name) {
            *entity.verdict(place) = if result.is_ok() { Verdict::Good(size) } else { Verdict::Bad };
        }
        result
    }

    fn check_text(&mut self, name: &str, text: &str, place: Place) -> Result<(), String> {
        if self.depth == DEEPEST {
            return Err(format!("entity `{name}` is nested more than {DEEPEST} levels deep"));
        }
        self.depth += 1;
        let result = match place {
            Place::Content => self.check_content(name, text),
            Place::Value => self.check_value(name, text),
        };
        self.depth -= 1;
        result
    }

    fn check_content(&mut self, name: &str, text: &str) -> Result<(), String> {
        let Some(file) = self.file else { return Ok(()) };
        let mut reader = Reader::fragment(file, text, std::mem::take(self));
        while reader.next().is_some() {}
        let (entities, errors) = reader.into_parts();
        *self = entities;
        match errors.first() {
            None => Ok(()),
            Some(error) => Err(format!("the text of entity `{name}` is malformed: {}", error.message)),
        }
    }

    fn check_value(&mut self, name: &str, text: &str) -> Result<(), String> {
        if text.contains('<') {
            return Err(format!("entity `{name}` holds `<`, which cannot stand in an attribute's value"));
        }
        let mut at = 0;
        while let Some(len) = memchr::memchr(b'&', &text.as_bytes()[at..]) {
            at += len;
            let (reference, len) = reference::read(&text[at..]);
            match reference {
                Reference::Char(_) => {}
                Reference::Entity(inner) => self.check(inner, Place::Value)?,
                Reference::Forbidden | Reference::Malformed => {
                    return Err(format!("the text of entity `{name}` holds a malformed reference"));
                }
            }
            at += len;
        }
        Ok(())
    }
}
