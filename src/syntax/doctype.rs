//! The document type declaration: checked, and read for the entities that it declares.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::cursor::{Checked, Cursor, Fault};
use super::declaration::{check_instruction, double_hyphen};
use super::entity::{Entities, LARGEST, Meaning, Place};
use super::reference::{self, Reference};

/// Groups in the content model of an element may nest so deep; libxml2 draws the same line.
const DEEPEST_GROUP: u32 = 128;

/// Parameter entities may refer to each other so many levels deep.
const DEEPEST_ENTITY: u32 = 40;

/// Reads the declaration at `start`, and returns where it ends.
pub(super) fn read(text: &str, start: usize, standalone: bool, entities: &mut Entities) -> Checked<usize> {
    let mut doctype = Doctype { entities, parameters: FxHashMap::default(), standalone, depth: 0, expanded: 0 };
    let mut cursor = Cursor::new(text, start + "<!DOCTYPE".len());
    doctype.read(&mut cursor)?;
    Ok(cursor.at)
}

struct Doctype<'e> {
    entities: &'e mut Entities,
    /// The text of each parameter entity; none if it is another file.
    parameters: FxHashMap<String, Option<Arc<str>>>,
    standalone: bool,
    /// How many parameter entities are being read, one inside the other.
    depth: u32,
    /// How many bytes of parameter entities were read.
    expanded: u64,
}

impl Doctype<'_> {
    fn read(&mut self, cursor: &mut Cursor<'_>) -> Checked {
        // libxml2 does not insist on this white space, nor on the one before the subset.
        cursor.eat_spaces();
        cursor.name()?;
        cursor.eat_spaces();
        if external_id(cursor, PublicOnly::No)?.is_some() {
            self.entities.is_open = !self.standalone;
        }
        cursor.eat_spaces();
        if cursor.eat("[") {
            self.subset(cursor)?;
            cursor.expect("]")?;
            cursor.eat_spaces();
        }
        cursor.expect(">")
    }

    /// Reads declarations up to `]` or the end.
    fn subset(&mut self, cursor: &mut Cursor<'_>) -> Checked {
        loop {
            cursor.eat_spaces();
            if cursor.is_done() || cursor.sees("]") {
                return Ok(());
            } else if cursor.eat("%") {
                self.parameter_reference(cursor)?;
            } else if cursor.eat("<!ENTITY") {
                self.entity(cursor)?;
            } else if cursor.eat("<!ELEMENT") {
                element(cursor)?;
            } else if cursor.eat("<!ATTLIST") {
                self.attribute_list(cursor)?;
            } else if cursor.eat("<!NOTATION") {
                notation(cursor)?;
            } else if cursor.eat("<!--") {
                comment(cursor)?;
            } else if cursor.sees("<?") {
                instruction(cursor)?;
            } else {
                return cursor.fail("no declaration can start like this");
            }
        }
    }

    fn parameter_reference(&mut self, cursor: &mut Cursor<'_>) -> Checked {
        let at = cursor.at;
        let name = cursor.name()?;
        cursor.expect(";")?;
        let was_open = std::mem::replace(&mut self.entities.is_open, !self.standalone);
        match self.parameters.get(name) {
            None if !was_open => Err(Fault { at, message: format!("parameter entity `{name}` is not declared") }),
            None | Some(None) => Ok(()),
            Some(Some(_)) if self.depth == DEEPEST_ENTITY => {
                Err(Fault { at, message: format!("parameter entity `{name}` refers to itself, or is nested too deep") })
            }
            Some(Some(text)) => {
                let text = text.clone();
                self.expanded += text.len() as u64 + 1;
                if self.expanded > LARGEST {
                    let message = format!("parameter entities stand for more than {LARGEST} bytes");
                    return Err(Fault { at, message });
                }
                self.depth += 1;
                let mut inner = Cursor::new(&text, 0);
                let result = self.subset(&mut inner);
                let result = result.and_then(|()| if inner.is_done() { Ok(()) } else { inner.fail("`]`") });
                self.depth -= 1;
                if result.as_ref().is_err_and(|fault| text.get(fault.at..).is_some_and(|rest| rest.starts_with('%'))) {
                    // Here, unlike in the file itself, a declaration may be composed of parameter entities.
                    return Ok(());
                }
                result
                    .map_err(|fault| Fault { at, message: format!("in parameter entity `{name}`: {}", fault.message) })
            }
        }
    }

    fn entity(&mut self, cursor: &mut Cursor<'_>) -> Checked {
        cursor.expect_spaces()?;
        let parameter = cursor.eat("%");
        if parameter {
            cursor.expect_spaces()?;
        }
        let name = cursor.name()?;
        cursor.expect_spaces()?;
        let at = cursor.at;
        let meaning = if let Some(system) = external_id(cursor, PublicOnly::No)? {
            if system.contains('#') {
                return Err(Fault { at, message: "an entity is a whole file; `#` cannot stand in its address".into() });
            }
            if !parameter && data_notation(cursor)? { Meaning::Unparsed } else { Meaning::External }
        } else {
            self.entity_value(cursor)?
        };
        cursor.eat_spaces();
        cursor.expect(">")?;
        if parameter {
            let text = if let Meaning::Text(text) = meaning { Some(text) } else { None };
            self.parameters.entry(name.to_owned()).or_insert(text);
        } else {
            self.entities.declare(name, meaning);
        }
        Ok(())
    }

    /// The text of an entity: character references are resolved, others stay for later.
    fn entity_value(&self, cursor: &mut Cursor<'_>) -> Checked<Meaning> {
        let start = cursor.at + 1;
        let mut rest = cursor.quoted()?;
        let whole = rest.len();
        let mut value = String::new();
        while let Some(at) = memchr::memchr2(b'&', b'%', rest.as_bytes()) {
            let fail = |message: &str| Err(Fault { at: start + whole - rest.len() + at, message: message.into() });
            value.push_str(&rest[..at]);
            let raw = &rest[at..];
            if raw.starts_with('%') {
                if self.depth > 0 {
                    return Ok(Meaning::Composed);
                }
                return fail("a parameter entity cannot be used inside a declaration here");
            }
            let (reference, len) = reference::read(raw);
            match reference {
                Reference::Char(char) if raw.starts_with("&#") => value.push(char),
                Reference::Char(_) | Reference::Entity(_) => value.push_str(&raw[..len]),
                Reference::Forbidden => return fail("this character is not allowed in XML"),
                Reference::Malformed => return fail("`&` does not begin a reference"),
            }
            rest = &raw[len..];
        }
        value.push_str(rest);
        Ok(Meaning::Text(value.into()))
    }

    fn attribute_list(&mut self, cursor: &mut Cursor<'_>) -> Checked {
        cursor.expect_spaces()?;
        cursor.name()?;
        loop {
            let spaced = cursor.eat_spaces();
            if cursor.eat(">") {
                return Ok(());
            }
            if !spaced {
                return cursor.fail("white space is missing here");
            }
            cursor.name()?;
            cursor.expect_spaces()?;
            attribute_type(cursor)?;
            cursor.expect_spaces()?;
            self.attribute_default(cursor)?;
        }
    }

    fn attribute_default(&mut self, cursor: &mut Cursor<'_>) -> Checked {
        if cursor.eat("#REQUIRED") || cursor.eat("#IMPLIED") {
            return Ok(());
        }
        if cursor.eat("#FIXED") {
            cursor.expect_spaces()?;
        }
        let at = cursor.at;
        let value = cursor.quoted()?;
        if value.contains('<') {
            return Err(Fault { at, message: "`<` cannot stand in an attribute's value".into() });
        }
        let mut rest = value;
        while let Some(start) = rest.find('&') {
            let (reference, len) = reference::read(&rest[start..]);
            match reference {
                Reference::Char(_) => {}
                Reference::Entity(name) => {
                    self.entities.check(name, Place::Value).map_err(|message| Fault { at, message })?;
                }
                Reference::Forbidden | Reference::Malformed => {
                    return Err(Fault { at, message: "the value holds a malformed reference".into() });
                }
            }
            rest = &rest[start + len..];
        }
        Ok(())
    }
}

/// Whether a public identifier may stand without a system identifier.
#[derive(Clone, Copy, PartialEq, Eq)]
enum PublicOnly {
    Yes,
    No,
}

/// Reads `SYSTEM "..."` or `PUBLIC "..." "..."` if it is there, and returns the system identifier.
fn external_id<'s>(cursor: &mut Cursor<'s>, public_only: PublicOnly) -> Checked<Option<&'s str>> {
    if cursor.eat("SYSTEM") {
        cursor.expect_spaces()?;
    } else if cursor.eat("PUBLIC") {
        cursor.expect_spaces()?;
        let at = cursor.at;
        if !cursor.quoted()?.bytes().all(is_public) {
            return Err(Fault { at, message: "a character cannot stand in a public identifier".into() });
        }
        let spaced = cursor.eat_spaces();
        if public_only == PublicOnly::Yes && !(cursor.sees("\"") || cursor.sees("'")) {
            return Ok(Some(""));
        }
        if !spaced {
            return cursor.fail("white space is missing here");
        }
    } else {
        return Ok(None);
    }
    cursor.quoted().map(Some)
}

fn is_public(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b" \r\n-'()+,./:=?;!*#@$_%".contains(&byte)
}

fn data_notation(cursor: &mut Cursor<'_>) -> Checked<bool> {
    let spaced = cursor.eat_spaces();
    if cursor.sees(">") {
        return Ok(false);
    }
    if !spaced {
        return cursor.fail("white space is missing here");
    }
    cursor.expect("NDATA")?;
    cursor.expect_spaces()?;
    cursor.name()?;
    Ok(true)
}

fn element(cursor: &mut Cursor<'_>) -> Checked {
    cursor.expect_spaces()?;
    cursor.name()?;
    cursor.expect_spaces()?;
    if cursor.eat("(") {
        cursor.eat_spaces();
        if cursor.eat("#PCDATA") { mixed(cursor)? } else { group(cursor, 1)? }
    } else if !cursor.eat("EMPTY") && !cursor.eat("ANY") {
        return cursor.fail("`EMPTY`, `ANY` or `(` is missing here");
    }
    cursor.eat_spaces();
    cursor.expect(">")
}

/// The rest of `(#PCDATA | name | ...)*`.
fn mixed(cursor: &mut Cursor<'_>) -> Checked {
    let mut names = 0;
    loop {
        cursor.eat_spaces();
        if cursor.eat(")") {
            return if cursor.eat("*") || names == 0 { Ok(()) } else { cursor.fail("`*` is missing here") };
        }
        cursor.expect("|")?;
        cursor.eat_spaces();
        cursor.name()?;
        names += 1;
    }
}

/// The rest of a choice or a sequence, behind its parenthesis.
fn group(cursor: &mut Cursor<'_>, depth: u32) -> Checked {
    if depth > DEEPEST_GROUP {
        return cursor.fail("the content model is nested too deep");
    }
    let mut separator = None;
    loop {
        cursor.eat_spaces();
        if cursor.eat("(") {
            group(cursor, depth + 1)?;
        } else {
            cursor.name()?;
            eat_occurrence(cursor);
        }
        cursor.eat_spaces();
        if cursor.eat(")") {
            eat_occurrence(cursor);
            return Ok(());
        }
        let found = if cursor.sees("|") { "|" } else { "," };
        if separator.is_some_and(|separator| separator != found) {
            return cursor.fail("a group cannot mix `|` and `,`");
        }
        cursor.expect(found)?;
        separator = Some(found);
    }
}

fn eat_occurrence(cursor: &mut Cursor<'_>) {
    let _found = cursor.eat("?") || cursor.eat("*") || cursor.eat("+");
}

fn attribute_type(cursor: &mut Cursor<'_>) -> Checked {
    // A word that starts with another one comes first.
    const WORDS: [&str; 8] = ["CDATA", "IDREFS", "IDREF", "ID", "ENTITIES", "ENTITY", "NMTOKENS", "NMTOKEN"];
    if WORDS.iter().any(|word| cursor.eat(word)) {
        return Ok(());
    }
    let notation = cursor.eat("NOTATION");
    if notation {
        cursor.expect_spaces()?;
    }
    cursor.expect("(")?;
    loop {
        cursor.eat_spaces();
        if notation {
            cursor.name()?
        } else {
            cursor.name_token()?
        };
        cursor.eat_spaces();
        if cursor.eat(")") {
            return Ok(());
        }
        cursor.expect("|")?;
    }
}

fn notation(cursor: &mut Cursor<'_>) -> Checked {
    cursor.expect_spaces()?;
    cursor.name()?;
    cursor.expect_spaces()?;
    if external_id(cursor, PublicOnly::Yes)?.is_none() {
        return cursor.fail("`SYSTEM` or `PUBLIC` is missing here");
    }
    cursor.eat_spaces();
    cursor.expect(">")
}

fn comment(cursor: &mut Cursor<'_>) -> Checked {
    let at = cursor.at;
    let content = cursor.until("-->")?;
    match double_hyphen(content) {
        Some(hyphens) => Err(Fault { at: at + hyphens, message: "`--` cannot stand in a comment".into() }),
        None => Ok(()),
    }
}

fn instruction(cursor: &mut Cursor<'_>) -> Checked {
    let at = cursor.at;
    cursor.at += 2;
    cursor.until("?>")?;
    let markup = cursor.text.get(at..cursor.at).unwrap_or_default();
    check_instruction(markup).map_err(|fault| Fault { at: at + fault.at, ..fault })?;
    Ok(())
}
