//! A project file as a tree of elements, which MSBuild reads twice: for properties, then for items.

use std::sync::Arc;

use crate::source::{Source, Sources};
use crate::syntax::{Attribute, Event, Reader, SyntaxError, decode_reference, decode_text, decode_value, split_name};

/// An element with all that stands in it. Namespaces do not count.
#[derive(Debug, Default)]
pub(super) struct Element {
    pub(super) name: String,
    attributes: Vec<(String, String)>,
    /// The character data right in it, trimmed.
    pub(super) text: String,
    pub(super) children: Vec<Element>,
}

impl Element {
    /// The root element of a document.
    ///
    /// # Errors
    /// The first place at which the document is not well-formed.
    pub(super) fn parse(source: Arc<Source>) -> Result<Element, SyntaxError> {
        let file = Sources::default().add(source.clone());
        let mut builder = Builder { text: source.text(), open: vec![Element::default()] };
        let mut reader = Reader::new(file, source.text());
        while let Some(event) = reader.next() {
            builder.take(event, reader.attributes());
        }
        match reader.into_errors().into_iter().next() {
            Some(error) => Err(error),
            None => Ok(builder.finish()),
        }
    }

    pub(super) fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name)
    }

    /// The value of an attribute, as it is written but for references.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        let found = self.attributes.iter().find(|(own, _)| own.eq_ignore_ascii_case(name));
        found.map(|(_, value)| &**value)
    }

    /// What an item knows under a name: metadata may be an attribute or an element.
    pub(super) fn metadata(&self, name: &str) -> Option<&str> {
        let element = || self.children.iter().find(|child| child.is(name)).map(|child| &*child.text);
        self.get(name).or_else(element).filter(|value| !value.is_empty())
    }
}

struct Builder<'s> {
    text: &'s str,
    /// The elements that are open, below one that stands for the document.
    open: Vec<Element>,
}

impl Builder<'_> {
    fn take(&mut self, event: Event, attributes: &[Attribute]) {
        match event {
            Event::Start { name, empty, .. } => {
                let name = split_name(&self.text[name.range()]).1.to_owned();
                let attributes = attributes.iter().map(|attribute| self.attribute(attribute)).collect();
                self.open.push(Element { name, attributes, ..Element::default() });
                if empty {
                    self.close();
                }
            }
            Event::End { .. } => self.close(),
            Event::Text { span } => self.add(&decode_text(&self.text[span.range()])),
            Event::CData { content, .. } => self.add(&self.text[content.range()]),
            Event::Reference { span } => {
                if let Some(character) = decode_reference(&self.text[span.range()]) {
                    self.add(character.encode_utf8(&mut [0; 4]));
                }
            }
            Event::Comment { .. } | Event::Instruction { .. } | Event::Doctype { .. } => {}
        }
    }

    fn attribute(&self, attribute: &Attribute) -> (String, String) {
        let value = decode_value(&self.text[attribute.value.range()]).unwrap_or_default();
        (self.text[attribute.name.range()].to_owned(), value.into_owned())
    }

    fn add(&mut self, text: &str) {
        if let Some(open) = self.open.last_mut() {
            open.text.push_str(text);
        }
    }

    fn close(&mut self) {
        if let Some(mut done) = self.open.pop_if(|open| !open.name.is_empty()) {
            done.text = done.text.trim().to_owned();
            if let Some(parent) = self.open.last_mut() {
                parent.children.push(done);
            }
        }
    }

    fn finish(mut self) -> Element {
        self.open.truncate(1);
        self.open.pop().and_then(|mut document| document.children.pop()).unwrap_or_default()
    }
}
