//! XML as it is written: elements, attributes, text, comments and processing instructions, each
//! with its exact place in the file.
//!
//! [`Reader`] goes through a document piece by piece. It accepts what XML 1.0 calls well-formed, as
//! libxml2 reads the recommendation, and says of everything else what is wrong with it. It never
//! gives up: a mistake is told once, the smallest piece that holds it is taken for what it was most
//! likely meant to be, and reading goes on behind it, with every element closed where it has to be.
//! Namespaces do not matter here; [`split_name`] is all that is known about them.
//!
//! The pieces come from quick-xml (`token`), which is fast and lenient; the rest of this room is
//! strict. Entities that a document type declares are checked (`entity`), but never put in place of
//! their references: there is no text that is not in the file.

mod character;
mod cursor;
mod declaration;
mod doctype;
mod entity;
mod error;
mod reader;
mod reference;
mod tag;
mod token;

pub use error::SyntaxError;
pub use reader::{Event, Reader};
pub use reference::{decode_reference, decode_text, decode_value};
pub use tag::Attribute;

/// The prefix of a name, if it has one, and the rest: `util:User` is `User` in `util`.
pub fn split_name(name: &str) -> (Option<&str>, &str) {
    match memchr::memchr(b':', name.as_bytes()) {
        Some(colon) => (Some(&name[..colon]), &name[colon + 1..]),
        None => (None, name),
    }
}
