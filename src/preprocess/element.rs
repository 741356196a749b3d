//! A start tag as WiX compiles it: names resolved, values expanded when they are asked for.

use std::borrow::Cow;

use super::Variables;
use super::namespace::{Binding, Namespace, resolve};
use crate::source::Span;
use crate::syntax::{self, Attribute};

/// How the text of a value came about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// It stands in the file as it is, but for character references.
    Literal,
    /// Variables were replaced in it.
    Expanded,
    /// It holds variables that nobody defines; the text has them as they were written.
    Unknown,
}

/// An attribute's value or a piece of text, with everything replaced that could be.
#[derive(Clone, Debug)]
pub struct Value<'a> {
    pub text: Cow<'a, str>,
    /// Where it is written; for an attribute, what stands between the quotes.
    pub span: Span,
    pub origin: Origin,
}

impl Value<'_> {
    pub fn is_known(&self) -> bool {
        self.origin != Origin::Unknown
    }
}

/// A start tag.
pub struct Element<'a> {
    /// The name without its prefix.
    pub name: &'a str,
    pub namespace: Namespace,
    /// The whole start tag.
    pub span: Span,
    /// Whether it comes out of a `<?foreach?>`, so that one place in the file makes several elements.
    pub looped: bool,
    pub(super) text: &'a str,
    pub(super) attributes: &'a [Attribute],
    /// The bits of the attributes' names.
    pub(super) names: u64,
    pub(super) variables: &'a Variables,
    pub(super) namespaces: &'a [Binding],
}

/// One bit that names have in common by chance only. An element is asked for many attributes and has
/// few: most questions are answered by the bit that is not there.
pub(super) fn bit_of(name: &[u8]) -> u64 {
    let first = name.first().copied().unwrap_or_default();
    1 << (usize::from(first).wrapping_add(name.len() * 5) & 63)
}

impl<'a> Element<'a> {
    /// The value of the attribute of that name, expanded.
    #[inline]
    pub fn get(&self, name: &str) -> Option<Value<'a>> {
        let attribute = self.attribute(name)?;
        Some(self.variables.value(self.written(attribute), attribute.value))
    }

    /// An attribute's value as it is written, with its references and variables.
    pub fn written(&self, attribute: &Attribute) -> &'a str {
        self.text.get(attribute.value.range()).unwrap_or_default()
    }

    /// Where the attribute of that name is written.
    pub fn attribute(&self, name: &str) -> Option<&'a Attribute> {
        if self.names & bit_of(name.as_bytes()) == 0 {
            return None;
        }
        let text = self.text.as_bytes();
        // Byte by byte: most names differ in the first one, which is not worth a call.
        let same = |span: Span| span.len() as usize == name.len() && text[span.range()].iter().eq(name.as_bytes());
        self.attributes.iter().find(|attribute| same(attribute.name))
    }

    /// The names of the attributes that have no prefix.
    pub fn attribute_names(&self) -> impl Iterator<Item = &'a str> {
        let names = self.attributes.iter().filter_map(|attribute| self.text.get(attribute.name.range()));
        names.filter(|name| *name != "xmlns" && !name.contains(':'))
    }

    /// The attributes of extensions, each as extension and name.
    pub fn extension_attributes(&self) -> impl Iterator<Item = (&'static str, &'a str)> {
        // Where no extension is declared, no name need be taken apart.
        let declared = self.namespaces.iter().any(|binding| matches!(binding.namespace, Namespace::Extension(_)));
        self.attributes.iter().filter(move |_| declared).filter_map(|attribute| {
            let (prefix, name) = syntax::split_name(&self.text[attribute.name.range()]);
            match resolve(self.namespaces, Some(prefix.filter(|prefix| *prefix != "xmlns")?)) {
                Namespace::Extension(extension) => Some((extension, name)),
                _ => None,
            }
        })
    }

    /// Whether the attribute has this known value.
    pub fn is(&self, name: &str, value: &str) -> bool {
        self.get(name).is_some_and(|found| found.is_known() && found.text == value)
    }
}
