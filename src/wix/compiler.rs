//! From a stream of elements to the sections of a file.

mod special;

use super::elements::{Role, meanings};
use super::schedule::sequence_tables;
use super::{
    Dialect, Document, Entry, Position, Property, Section, SectionKind, SymbolKey, Text, Upgrade, declared, inner_text,
    library,
};
use crate::msi::Table;
use crate::preprocess::{Element, Handler, Namespace, Origin, Value};
use crate::source::Span;
use crate::suppress;

/// Collects the sections of one file.
#[derive(Default)]
pub struct Compiler {
    document: Document,
    dialect: Option<Dialect>,
    stack: Vec<Frame>,
    /// What the comments before the next element declare it to read.
    pub(super) declared: Vec<Text>,
}

/// An open element, as far as its children care.
pub(super) struct Frame {
    pub(super) kind: FrameKind,
    /// Whether classes, program ids and extensions in it are advertised.
    advertised: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum FrameKind {
    /// The `Wix` element.
    Root,
    /// Not read: nothing in it counts.
    Skipped,
    Section,
    Sequence(Table),
    /// Schedules the last `count` entries; its text is their condition.
    Entry {
        count: usize,
    },
    /// The last custom action; its text is its script.
    Action,
    Property,
    /// The last launch condition; its text is it.
    Launch,
    File,
    Upgrade,
    Other,
}

impl Compiler {
    /// The sections, once the file was read.
    pub fn finish(self) -> Document {
        self.document
    }

    pub(super) fn section(&mut self) -> Option<&mut Section> {
        self.document.sections.last_mut()
    }

    pub(super) fn dialect(&self) -> Dialect {
        self.dialect.unwrap_or(Dialect::V4)
    }

    pub(super) fn refer(&mut self, kind: &str, name: &Value<'_>) {
        if name.is_known() {
            let key = SymbolKey::new(kind, &name.text);
            self.refer_key(key);
        } else {
            self.note_unknown_name();
        }
    }

    pub(super) fn note_unknown_name(&mut self) {
        self.document.has_unknown_names = true;
    }

    pub(super) fn refer_key(&mut self, key: SymbolKey) {
        if let Some(section) = self.section() {
            section.references.push(key);
        }
    }

    pub(super) fn define(&mut self, kind: &str, name: &str) {
        let name = self.split_access(name).map_or(name, |(_, name)| name);
        let key = SymbolKey::new(kind, name);
        if let Some(section) = self.section() {
            section.symbols.push(key);
        }
    }

    pub(super) fn add_table(&mut self, table: &str) {
        if let Some(section) = self.section() {
            section.tables.insert(table);
        }
    }

    pub(super) fn push_entry(&mut self, entry: Entry) {
        if let Some(section) = self.section() {
            section.rarities.see_entry(&entry);
            section.entries.push(entry);
        }
    }

    /// Whether the element that is open is Package, or Product in v3.
    fn is_in_package(&self) -> bool {
        let product = self.document.sections.last().is_some_and(|section| section.kind == SectionKind::Product);
        product && self.parent() == Some(FrameKind::Section)
    }

    fn parent(&self) -> Option<FrameKind> {
        self.stack.last().map(|frame| frame.kind)
    }

    fn root(&mut self, element: &Element<'_>) -> FrameKind {
        self.dialect = match (element.name, element.namespace) {
            ("Wix", Namespace::V3) => Some(Dialect::V3),
            ("Wix", Namespace::V4) => Some(Dialect::V4),
            (_, namespace) => {
                self.document.foreign_root = Some((namespace, element.span));
                return FrameKind::Skipped;
            }
        };
        FrameKind::Root
    }

    fn top(&mut self, element: &Element<'_>) -> FrameKind {
        let kind = match (element.name, self.dialect()) {
            ("Fragment", _) => SectionKind::Fragment,
            ("Product", Dialect::V3) | ("Package", Dialect::V4) => SectionKind::Product,
            ("Module", _) => SectionKind::Module,
            ("Bundle" | "Patch" | "PatchCreation", _) => SectionKind::Other,
            _ => return FrameKind::Skipped,
        };
        let text = |name| element.get(name).map(|value| value.text.into_owned());
        let upgrade = Upgrade {
            code: element.attribute("UpgradeCode").is_some(),
            package_id: element.attribute("Id").is_some(),
            refused: element.is("UpgradeStrategy", "none"),
            installer_version: element.get("InstallerVersion").map(Text::from),
            ..Upgrade::default()
        };
        let section = Section::new(kind, self.dialect(), element.span);
        if self.document.sections.is_empty() {
            // Most files have one, and a section is large.
            self.document.sections.reserve_exact(1);
        }
        self.document.sections.push(Section {
            id: text("Id").filter(|id| id != "*").or_else(|| text("Name")),
            upgrade,
            ..section
        });
        if kind == SectionKind::Product {
            self.meaning(element);
        }
        FrameKind::Section
    }

    /// An element inside a section.
    fn inner(&mut self, element: &Element<'_>, parent: FrameKind) -> FrameKind {
        if let FrameKind::Sequence(table) = parent {
            return self.scheduled(element, table);
        }
        match element.namespace {
            Namespace::V3 | Namespace::V4 | Namespace::Absent => {}
            Namespace::V2 => return FrameKind::Other,
            Namespace::Extension(extension) => {
                self.extension_element(extension, element);
                return FrameKind::Other;
            }
            Namespace::Declared(extension) => {
                declared::element_keys(extension, element.name).into_iter().for_each(|key| self.refer_key(key));
                return FrameKind::Other;
            }
            Namespace::Foreign => {
                self.unknown_extension(element);
                return FrameKind::Other;
            }
        }
        for (extension, name) in element.extension_attributes() {
            self.refer_library(extension, &format!("@{name}"));
        }
        self.meaning(element);
        if let [table] = sequence_tables(element.name) {
            return FrameKind::Sequence(*table);
        }
        match element.name {
            "CustomAction" => self.custom_action(element),
            "SetProperty" | "SetDirectory" => self.assignment(element),
            "Property" => self.property(element),
            "File" => {
                self.script_file(element);
                FrameKind::File
            }
            "Upgrade" => FrameKind::Upgrade,
            "Condition" if parent == FrameKind::Section && element.attribute("Message").is_some() => {
                self.add_table("LaunchCondition");
                let empty = Text { text: String::new(), span: element.span, origin: Origin::Literal };
                if let Some(section) = self.section() {
                    section.launch_conditions.push(empty);
                }
                FrameKind::Launch
            }
            _ => {
                self.special(element, parent);
                FrameKind::Other
            }
        }
    }

    /// An element of one of WiX's own extensions: it refers to its library.
    fn extension_element(&mut self, extension: &str, element: &Element<'_>) {
        match element.get("Id").filter(|_| element.name == "WixUI") {
            Some(id) => self.refer_library(extension, &format!("WixUI/{}", id.text)),
            None => self.refer_library(extension, element.name),
        }
    }

    fn refer_library(&mut self, extension: &str, element: &str) {
        let Some(tables) = library::tables(extension, element) else { return };
        self.refer_key(library::element_key(extension, element));
        if let Some(section) = self.section() {
            for table in tables.split(',') {
                match table.strip_prefix('+') {
                    Some(table) => section.tables.insert(table),
                    None => section.ensured.insert(table),
                }
            }
        }
    }

    /// Text that is no part of the language; said once in a section.
    fn template(&mut self, text: &Value<'_>) {
        let Some(section) = self.section().filter(|section| !section.is_template) else { return };
        section.is_template = true;
        let message =
            "there is text between elements, so another tool makes a source of this; what it makes is unknown";
        self.note(message.to_owned(), text.span);
    }

    /// What an unknown extension schedules is unknown; said once in a file.
    fn unknown_extension(&mut self, element: &Element<'_>) {
        let said = self.document.sections.iter().any(|section| section.has_unknown_extension);
        if !said {
            let message = format!(
                "the extension of `{}` is not known; what it may schedule is unknown ([extensions] in wixlint.toml declares it)",
                element.name
            );
            self.note(message, element.span);
        }
        if let Some(section) = self.section() {
            section.has_unknown_extension = true;
        }
    }

    /// Symbols, references and rows that the element makes by itself.
    fn meaning(&mut self, element: &Element<'_>) {
        for meaning in meanings(self.dialect(), element.name) {
            let value = || element.get(meaning.attribute);
            match &meaning.role {
                Role::Define(kind) => match value() {
                    Some(value) if value.is_known() => self.define(kind, &value.text),
                    Some(_) => self.note_unknown_name(),
                    None => {}
                },
                Role::Refer(kind) => {
                    if let Some(value) = value() {
                        self.refer(kind, &value);
                    }
                }
                Role::Table(tables, wanted) => {
                    let holds = match wanted {
                        _ if meaning.attribute == "-" => true,
                        Some(wanted) => element.is(meaning.attribute, wanted),
                        None => element.attribute(meaning.attribute).is_some(),
                    };
                    if let (true, Some(section)) = (holds, self.section()) {
                        section.tables.insert_all(*tables);
                    }
                }
                Role::Since(generation, in_package) => {
                    let holds = meaning.attribute == "-" || element.attribute(meaning.attribute).is_some();
                    if holds && (!in_package || self.is_in_package()) {
                        self.refuse_before(*generation, element, meaning.attribute);
                    }
                }
            }
        }
    }

    fn property(&mut self, element: &Element<'_>) -> FrameKind {
        if element.is("ComplianceCheck", "yes") {
            self.add_table("CCPSearch");
        }
        if let (Some(id), Some(section)) = (element.get("Id"), self.section()) {
            let valued = element.attribute("Value").is_some();
            let (span, initial) = (element.span, valued);
            let hidden = element.is("Hidden", "yes");
            section.properties.push(Property { id: id.into(), span, valued, initial, searched: false, hidden });
        }
        FrameKind::Property
    }

    /// A run of text straight inside the open element.
    fn characters(&mut self, text: Value<'_>) {
        match self.parent() {
            Some(FrameKind::Entry { count }) => {
                if self.dialect() == Dialect::V4 {
                    return self.refuse_text(&text);
                }
                let Some(section) = self.section() else { return };
                let first = section.entries.len().saturating_sub(count);
                for entry in &mut section.entries[first..] {
                    inner_text::append(&mut entry.condition, &text);
                }
            }
            Some(FrameKind::Action) => {
                if let Some(action) = self.section().and_then(|section| section.actions.last_mut()) {
                    action.script.push(text.into());
                }
            }
            Some(FrameKind::Section | FrameKind::Sequence(_)) if !text.text.trim().is_empty() => self.template(&text),
            Some(FrameKind::Property) if !text.text.trim().is_empty() => {
                if let Some(property) = self.section().and_then(|section| section.properties.last_mut()) {
                    property.valued = true;
                    property.initial = true;
                }
            }
            Some(FrameKind::Launch) => {
                if let Some(last) = self.section().and_then(|section| section.launch_conditions.last_mut()) {
                    let mut condition = Some(last.clone()).filter(|condition| !condition.text.is_empty());
                    inner_text::append(&mut condition, &text);
                    *last = condition.unwrap_or_else(|| last.clone());
                }
            }
            _ => {}
        }
    }

    fn close(&mut self, kind: FrameKind) {
        if let FrameKind::Entry { count } = kind
            && self.dialect() == Dialect::V3
            && let Some(section) = self.section()
        {
            let first = section.entries.len().saturating_sub(count);
            for entry in &mut section.entries[first..] {
                entry.condition = entry.condition.take().and_then(inner_text::stored);
            }
        }
    }
}

impl Handler for Compiler {
    fn start(&mut self, element: &Element<'_>) {
        let kind = match self.parent() {
            None => self.root(element),
            Some(FrameKind::Skipped) => FrameKind::Skipped,
            Some(FrameKind::Root) => self.top(element),
            Some(parent) => self.inner(element, parent),
        };
        self.declared.clear();
        let advertised = self.stack.last().is_some_and(|frame| frame.advertised);
        let advertised = match element.name {
            "Class" | "ProgId" | "Extension" | "TypeLib" => self.is_advertised(element),
            _ => advertised,
        };
        self.stack.push(Frame { kind, advertised });
    }

    fn end(&mut self) {
        self.declared.clear();
        if let Some(frame) = self.stack.pop() {
            self.close(frame.kind);
        }
    }

    fn wants_text(&self) -> bool {
        let Some(parent) = self.parent() else { return false };
        match parent {
            FrameKind::Entry { .. } | FrameKind::Action | FrameKind::Property | FrameKind::Launch => true,
            // None is wanted there, which is why it is looked at.
            FrameKind::Section | FrameKind::Sequence(_) => true,
            _ => false,
        }
    }

    fn text(&mut self, text: Value<'_>) {
        self.characters(text);
    }

    fn comment(&mut self, content: &str, span: Span) {
        if suppress::is_meant(content) {
            return self.document.silencing.push(span.file);
        }
        let Some(directive) = content.trim().strip_prefix(suppress::PREFIX) else { return };
        let directive = directive.trim_start();
        let Some(names) = directive.strip_prefix("reads").filter(|names| names.starts_with(char::is_whitespace)) else {
            let message =
                format!("the comment is not understood: there is `wixlint: reads PROPERTY`, not `{directive}`");
            return self.note(message, span);
        };
        let names = names.split(|c: char| c == ',' || c.is_whitespace()).filter(|name| !name.is_empty());
        let text = |name: &str| Text { text: name.to_owned(), span, origin: crate::preprocess::Origin::Literal };
        self.declared.extend(names.map(text));
    }
}

impl Compiler {
    /// An entry whose place or action is unknown says so once.
    pub(super) fn note(&mut self, message: String, span: Span) {
        self.document.notes.push(crate::diagnostic::Note { message, span: Some(span) });
    }

    /// A reference from one entry to the action it is placed by.
    pub(super) fn refer_position(&mut self, table: Table, position: &Position) {
        if let Position::Before(target) | Position::After(target) = position {
            self.refer_key(SymbolKey::entry(table, &target.text));
        }
    }
}
