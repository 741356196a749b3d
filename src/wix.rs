//! What the WiX language says: elements become authored facts.
//!
//! A file becomes [`Section`]s, in the terms of the toolset's own compiler: a section defines
//! symbols, refers to others, schedules actions, and holds rows of tables that make WiX add standard
//! actions. Sections know nothing of each other; `project` links them.

mod action;
mod compiler;
mod declared;
mod elements;
mod inner_text;
mod library;
mod names;
mod rarity;
mod refusal;
mod schedule;

use std::hash::{Hash, Hasher};

use rustc_hash::FxHasher;

use crate::code::{Call, Language};
use crate::diagnostic::Note;
use crate::msi::Table;
use crate::preprocess::{Namespace, Origin, Value};
use crate::source::{FileId, Span};

pub use action::{Called, Execute, Kind, Program, Return};
pub use compiler::Compiler;
pub use declared::{Extension, ExtensionAction, ExtensionPlace, fragments};
pub use elements::{Tables, table_actions, table_bringing};
pub use library::Library;
pub use names::{ACTION, Name, Role, mentions, names, words};
pub use rarity::{Rarities, Rarity};
pub use refusal::Refusal;
pub use schedule::set_directory_anchor;

/// The two languages that WiX sources are written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Dialect {
    V3,
    /// v4 and everything after it.
    V4,
}

/// The toolset that links a package; the same source gets other numbers from another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Generation {
    V3,
    V4,
    V5,
    V6,
    V7,
}

impl Generation {
    /// As `--wix` spells it.
    pub fn name(self) -> &'static str {
        match self {
            Generation::V3 => "v3",
            Generation::V4 => "v4",
            Generation::V5 => "v5",
            Generation::V6 => "v6",
            Generation::V7 => "v7",
        }
    }

    /// What its compiler puts before the number of a message.
    pub fn prefix(self) -> &'static str {
        if self == Generation::V3 { "CNDL" } else { "WIX" }
    }

    /// All of them, the oldest first.
    pub const ALL: [Generation; 5] = [Generation::V3, Generation::V4, Generation::V5, Generation::V6, Generation::V7];

    /// The generation that `--wix` calls so.
    pub fn from_name(name: &str) -> Option<Generation> {
        Generation::ALL.into_iter().find(|generation| generation.name() == name)
    }

    /// The first number of its version.
    pub fn major(self) -> u32 {
        self as u32 + 3
    }

    /// The generation that is taken for a dialect when nothing says which: the newest.
    pub fn newest(dialect: Dialect) -> Generation {
        match dialect {
            Dialect::V3 => Generation::V3,
            Dialect::V4 => Generation::V7,
        }
    }
}

/// A text that was authored, its variables replaced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text {
    pub text: String,
    /// Where it is written.
    pub span: Span,
    pub origin: Origin,
}

impl Text {
    pub fn is_known(&self) -> bool {
        self.origin != Origin::Unknown
    }
}

impl Text {
    /// The place of a part of it, from a byte offset on: exact where it stands in the file as it is, else the whole.
    pub fn part(&self, offset: usize, length: usize) -> Span {
        self.exact_part(offset, length).unwrap_or(self.span)
    }

    /// The same; `None` where it does not stand in the file as it is.
    pub fn exact_part(&self, offset: usize, length: usize) -> Option<Span> {
        let start = self.span.start + offset as u32;
        let end = start + length as u32;
        let exact = self.origin == Origin::Literal && self.span.len() as usize == self.text.len();
        (exact && end <= self.span.end).then_some(Span { start, end, ..self.span })
    }
}

impl From<Value<'_>> for Text {
    fn from(value: Value<'_>) -> Text {
        Text { text: value.text.into_owned(), span: value.span, origin: value.origin }
    }
}

/// A symbol's kind and name, as one number; two symbols are the same when their keys are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SymbolKey(u64);

impl SymbolKey {
    /// `kind` as `data/elements.tsv` spells it.
    pub fn new(kind: &str, name: &str) -> SymbolKey {
        let mut hasher = FxHasher::default();
        (kind, name).hash(&mut hasher);
        SymbolKey(hasher.finish())
    }

    /// The schedule entry of an action in a table.
    pub fn entry(table: Table, action: &str) -> SymbolKey {
        SymbolKey::new(table.name(), action)
    }
}

/// What kind of section an element opens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SectionKind {
    /// Product (v3) or Package (v4 and later).
    Product,
    Module,
    /// Bundle, Patch and PatchCreation: entry sections that have no sequences.
    Other,
    Fragment,
}

/// A Product, Package, Module, Bundle, Patch or Fragment, and what stands in it.
#[derive(Debug)]
pub struct Section {
    pub kind: SectionKind,
    pub dialect: Dialect,
    /// The extension whose library it comes from; `None`: the sources.
    pub library: Option<&'static str>,
    /// The element's `Id`, or its `Name` where it has none.
    pub id: Option<String>,
    /// The start tag.
    pub span: Span,
    pub symbols: Vec<SymbolKey>,
    /// In the order of the document.
    pub references: Vec<SymbolKey>,
    pub entries: Vec<Entry>,
    pub actions: Vec<CustomAction>,
    pub rarities: Rarities,
    pub properties: Vec<Property>,
    /// The conditions that LaunchConditions checks.
    pub launch_conditions: Vec<Text>,
    /// Properties that FindRelatedProducts sets, by rows of the Upgrade table.
    pub upgrade_properties: Vec<String>,
    /// Those of them that are set for products that stay.
    pub detect_only: Vec<String>,
    /// Properties that controls of dialogs set.
    pub dialog_properties: Vec<String>,
    /// Where the code of custom actions comes from.
    pub streams: Vec<Stream>,
    /// It holds dialogs or what their controls do.
    pub has_dialogs: bool,
    /// The sets of dialogs that `UIRef` names, each with the element.
    pub ui_references: Vec<(String, Span)>,
    /// The patterns by which `Files` elements look for files, which is for the linker to do.
    pub harvests: Vec<Text>,
    /// `Publish Event="DoAction"`: actions that a dialog runs.
    pub dialog_actions: Vec<Text>,
    /// Tables that have rows.
    pub tables: Tables,
    /// Tables that are asked for, rows or not.
    pub ensured: Tables,
    /// Standard actions that are named where v5 and later add what is named.
    pub billboards: Vec<String>,
    pub upgrade: Upgrade,
    /// Elements of an extension that nobody here knows stand in it.
    pub has_unknown_extension: bool,
    /// Text stands between its elements, which no toolset takes: another tool makes a source of it first.
    pub is_template: bool,
    /// What the compiler refuses of its elements, in the order of the document.
    pub refusals: Vec<Refusal>,
}

impl Section {
    fn new(kind: SectionKind, dialect: Dialect, span: Span) -> Section {
        Section {
            kind,
            dialect,
            library: None,
            id: None,
            span,
            symbols: Vec::new(),
            references: Vec::new(),
            entries: Vec::new(),
            actions: Vec::new(),
            rarities: Rarities::default(),
            properties: Vec::new(),
            launch_conditions: Vec::new(),
            upgrade_properties: Vec::new(),
            detect_only: Vec::new(),
            dialog_properties: Vec::new(),
            streams: Vec::new(),
            has_dialogs: false,
            ui_references: Vec::new(),
            harvests: Vec::new(),
            dialog_actions: Vec::new(),
            tables: Tables::default(),
            ensured: Tables::default(),
            billboards: Vec::new(),
            upgrade: Upgrade::default(),
            has_unknown_extension: false,
            is_template: false,
            refusals: Vec::new(),
        }
    }
}

impl Section {
    /// A `Files` element has found something: each file becomes a component.
    pub fn add_harvested(&mut self) {
        self.tables.insert("File");
        self.tables.insert("Component");
    }
}

/// What decides whether v5 and later add a major upgrade by themselves.
#[derive(Debug, Default)]
pub struct Upgrade {
    /// `Package/@UpgradeCode` is there.
    pub code: bool,
    /// `Package/@Id` is there, from which v6 and later make an upgrade code.
    pub package_id: bool,
    /// `UpgradeStrategy="none"`.
    pub refused: bool,
    /// The section holds Upgrade rows.
    pub rows: bool,
    /// The first element whose Upgrade rows do more than detect.
    pub removing: Option<Span>,
    /// `InstallerVersion`, where it is written.
    pub installer_version: Option<Text>,
}

/// Where an action is to stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Position {
    Before(Text),
    After(Text),
    Number(i32),
    /// `OnExit`
    Exit(Exit),
    /// Nothing is said: the standard action's own number.
    Default,
    /// It depends on a text that nobody knows, or the toolset refuses what is written.
    Unknown,
}

/// How an entry gets along with another one for the same action.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    Plain,
    /// `Overridable="yes"`, or `virtual`, which v5 and later take for the same.
    Virtual,
    /// `override`; also every standard action element of v4 and later, by implication.
    Override,
    /// Visible only in its file.
    File,
    /// Visible only in its section.
    Section,
}

/// What an entry schedules.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EntryKind {
    /// `Custom`
    Custom,
    /// `Show`
    Dialog,
    /// An element that is named like the action.
    Standard,
    /// `SetProperty`
    SetProperty,
    /// `SetDirectory`
    SetDirectory,
    /// RemoveExistingProducts, by `MajorUpgrade`
    MajorUpgrade,
}

/// A place in a sequence table, as authored.
#[derive(Clone, Debug)]
pub struct Entry {
    pub table: Table,
    pub action: Text,
    pub kind: EntryKind,
    pub position: Position,
    pub condition: Option<Text>,
    pub access: Access,
    /// `Suppress="yes"`: the action is taken out.
    pub suppress: bool,
    /// The start tag of the element that schedules.
    pub span: Span,
    /// The attribute that places it, whole: name, equals sign and quotes.
    pub placed_by: Option<Placing>,
    /// The attribute that says in which tables a SetProperty or SetDirectory stands.
    pub sequence: Option<Placing>,
    /// Whether a `<?foreach?>` made it, so that its place in the file is not its own.
    pub looped: bool,
    /// The extension whose library it comes from; `None`: the sources.
    pub library: Option<&'static str>,
}

impl Entry {
    /// The action that it is Before or After.
    pub fn target(&self) -> Option<&Text> {
        match &self.position {
            Position::Before(target) | Position::After(target) => Some(target),
            _ => None,
        }
    }
}

/// A way in which a sequence ends, in the order of their numbers: -1 and on downwards.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    Success,
    Cancel,
    Error,
    Suspend,
}

impl Exit {
    /// The value of `OnExit` that means it.
    pub fn name(self) -> &'static str {
        match self {
            Exit::Success => "success",
            Exit::Cancel => "cancel",
            Exit::Error => "error",
            Exit::Suspend => "suspend",
        }
    }

    /// What a sequence table holds in the place of a number.
    pub fn number(self) -> i32 {
        -1 - self as i32
    }

    fn from_name(name: &str) -> Option<Exit> {
        [Exit::Success, Exit::Cancel, Exit::Error, Exit::Suspend].into_iter().find(|exit| exit.name() == name)
    }
}

/// An attribute that places an action.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Placing {
    pub name: Span,
    /// Between the quotes.
    pub value: Span,
    pub origin: Origin,
}

/// A custom action's definition.
#[derive(Clone, Debug)]
pub struct CustomAction {
    pub id: Text,
    pub kind: Kind,
    /// `None`: it depends on a text that nobody knows.
    pub execute: Option<Execute>,
    /// The property or directory that a [`Kind::SetProperty`] or [`Kind::SetDirectory`] writes.
    pub target: Option<Text>,
    /// Attributes that Windows Installer takes as formatted text, with the attribute's name.
    pub formatted: Vec<(&'static str, Text)>,
    /// The code that it calls, where it is a DLL or a script.
    pub called: Option<Box<Called>>,
    /// The language of a script.
    pub language: Option<Language>,
    pub returns: Return,
    /// `Impersonate="no"`: it asks for the rights of the system.
    pub refuses_impersonation: bool,
    /// `HideTarget="yes"`, or a value that nobody knows: what it is handed is kept out of the log.
    pub may_hide_target: bool,
    /// A script's text, where it stands in the source: each run of characters.
    pub script: Vec<Text>,
    /// Properties that a comment declares it to read.
    pub declared: Vec<Text>,
    /// The start tag.
    pub span: Span,
}

impl CustomAction {
    /// Whether it only takes away the value of a property.
    pub fn clears(&self) -> bool {
        let blank = |text: &Text| text.is_known() && matches!(text.text.trim(), "" | "{}");
        self.target.is_some() && self.formatted.iter().all(|(_, text)| blank(text))
    }

    /// The code that it calls, if that stands outside of the source and nothing about it is unknown.
    pub fn call(&self) -> Option<Call> {
        let called = self.called.as_deref()?;
        let of = called.stream.as_ref().or(called.file.as_ref()).filter(|text| text.is_known())?;
        let entry = called.entry.as_ref();
        if entry.is_some_and(|entry| !entry.is_known()) {
            return None;
        }
        let script = matches!(self.kind, Kind::Script(_)).then_some(self.language);
        Some(Call { stream: of.text.clone(), entry: entry.map(|entry| entry.text.clone()), script })
    }
}

/// A `Property` element.
#[derive(Clone, Debug)]
pub struct Property {
    pub id: Text,
    pub span: Span,
    /// It gets a value: from its attribute, its text or a search. Without one it is a mere name.
    pub valued: bool,
    /// It has a value from the start, whatever a search finds.
    pub initial: bool,
    /// A search gives it its value.
    pub searched: bool,
    /// `Hidden="yes"`: its value is kept out of the log.
    pub hidden: bool,
}

/// A `Binary` element, or a `File` that is a script.
#[derive(Clone, Debug)]
pub struct Stream {
    pub id: Text,
    pub source: Text,
}

/// What a file holds.
#[derive(Debug, Default)]
pub struct Document {
    pub sections: Vec<Section>,
    /// The root element's namespace is not one that WiX v3 or later builds.
    pub foreign_root: Option<(Namespace, Span)>,
    pub notes: Vec<Note>,
    /// A name that something defines or refers to depends on a text that nobody knows: it may be any name.
    pub has_unknown_names: bool,
    /// Files with comments that silence rules, once for each.
    pub silencing: Vec<FileId>,
}
