//! Extensions that a user declares: what their elements bring, as a library would.

use super::{Access, Dialect, Document, Entry, EntryKind, Position, Section, SectionKind, SymbolKey, Text};
use crate::msi::Table;
use crate::preprocess::Origin;
use crate::source::Span;

/// What entries of declared extensions name as their library.
const LIBRARY: &str = "wixlint.toml";

/// An extension of the user's own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Extension {
    /// The namespace of its elements.
    pub namespace: String,
    pub actions: Vec<ExtensionAction>,
}

/// An action that an extension schedules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExtensionAction {
    pub name: String,
    pub table: Table,
    pub place: ExtensionPlace,
    pub condition: Option<String>,
    /// The element that brings it; `None`: every element of the extension.
    pub element: Option<String>,
}

/// Where an extension schedules an action.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ExtensionPlace {
    Before(String),
    After(String),
    Number(i32),
}

/// The keys under which an element of a declared extension refers to what it brings.
pub(super) fn element_keys(extension: usize, element: &str) -> [SymbolKey; 2] {
    [key(extension, Some(element)), key(extension, None)]
}

fn key(extension: usize, element: Option<&str>) -> SymbolKey {
    SymbolKey::new("declared extension", &format!("{extension}:{}", element.unwrap_or_default()))
}

/// The fragments of declared extensions, as far as any of `documents` refers to them.
pub fn fragments<'d>(extensions: &[Extension], documents: impl Iterator<Item = &'d Document> + Clone) -> Document {
    let mut fragments = Document::default();
    for (at, extension) in extensions.iter().enumerate() {
        let mut elements: Vec<Option<&str>> =
            extension.actions.iter().map(|action| action.element.as_deref()).collect();
        elements.sort_unstable();
        elements.dedup();
        for (element, dialect) in elements.into_iter().flat_map(|one| [(one, Dialect::V3), (one, Dialect::V4)]) {
            let symbol = key(at, element);
            let mut sections = documents.clone().flat_map(|document| &document.sections);
            if sections.any(|section| section.dialect == dialect && section.references.contains(&symbol)) {
                let actions = extension.actions.iter().filter(|action| action.element.as_deref() == element);
                fragments.sections.push(fragment(symbol, actions, dialect));
            }
        }
    }
    fragments
}

fn fragment<'a>(symbol: SymbolKey, actions: impl Iterator<Item = &'a ExtensionAction>, dialect: Dialect) -> Section {
    let mut section = Section::new(SectionKind::Fragment, dialect, Span::NOWHERE);
    section.library = Some(LIBRARY);
    section.symbols.push(symbol);
    for action in actions {
        section.symbols.push(SymbolKey::new("CustomAction", &action.name));
        let entry = action.entry();
        if let Some(target) = entry.target() {
            section.references.push(SymbolKey::entry(entry.table, &target.text));
        }
        section.entries.push(entry);
    }
    section
}

impl ExtensionAction {
    fn entry(&self) -> Entry {
        let text = |text: &str| Text { text: text.to_owned(), span: Span::NOWHERE, origin: Origin::Literal };
        Entry {
            table: self.table,
            action: text(&self.name),
            kind: EntryKind::Custom,
            position: match &self.place {
                ExtensionPlace::Before(target) => Position::Before(text(target)),
                ExtensionPlace::After(target) => Position::After(text(target)),
                ExtensionPlace::Number(number) => Position::Number(*number),
            },
            condition: self.condition.as_deref().map(text),
            access: Access::Virtual,
            suppress: false,
            span: Span::NOWHERE,
            placed_by: None,
            sequence: None,
            looped: false,
            library: Some(LIBRARY),
        }
    }
}
