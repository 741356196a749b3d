//! The preprocessor language of WiX, between the XML as written and what WiX compiles.
//!
//! Instructions, variables and includes are resolved here; what comes out is a stream of elements
//! whose values know where they were written and whether their text is known. A variable that
//! nobody defines is unknown, and so is every text made from it. A condition that depends on one
//! splits the world: each run of a file is told the [`World`] it is for, and says how that world has
//! taken the conditions.

mod condition;
mod conditional;
mod element;
mod expansion;
mod foreach;
mod include;
mod mistake;
mod namespace;
mod paths;
mod variables;
mod worlds;

use rustc_hash::FxHashSet;

use crate::diagnostic::Note;
use crate::source::{DecodeError, FileId, Sources, Span};
use crate::syntax::{self, Attribute, Event, SyntaxError};
use conditional::Conditional;
use element::bit_of;
pub use element::{Element, Origin, Value};
use foreach::Recording;
pub use mistake::{Mistake, MistakeKind};
pub use namespace::Namespace;
use namespace::{Binding, resolve};
pub use paths::without_detours;
use variables::is_illegal;
pub use variables::{Variables, reference_length};
pub use worlds::{Assumed, Assumptions, Condition, Decision, Leaning, MAX_WORLDS, World};

/// Where files come from; the only way to the disk between `source` and `report`.
pub trait Files: Sync {
    /// The bytes of a file. Paths have `/` between their parts.
    ///
    /// # Errors
    /// As the file system has them.
    fn read(&self, path: &str) -> std::io::Result<Vec<u8>>;

    /// The path of an existing file that `path` names to Windows, where case does not count.
    fn resolve(&self, path: &str) -> Option<String>;

    /// The names in a directory, those of directories with a `/` at the end; `None`: it cannot be looked into.
    fn list(&self, _directory: &str) -> Option<Vec<String>> {
        None
    }

    /// A directory and those above it up to the root of the repository, the nearest first.
    fn above(&self, _directory: &str) -> Vec<String> {
        Vec::new()
    }

    /// The files below a directory that no `.gitignore` excludes and whose paths `is_wanted` takes, at most `most`.
    fn below(&self, _directory: &str, _most: usize, _is_wanted: &dyn Fn(&str) -> bool) -> Vec<String> {
        Vec::new()
    }
}

/// What the command line and the project say about preprocessing.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Variables with their texts; `None`: defined, with a text that nobody knows.
    pub defines: Vec<(String, Option<String>)>,
    /// Variables that hold directories, and where those are.
    pub places: Vec<(String, String)>,
    pub include_dirs: Vec<String>,
    pub platform: Platform,
    /// Whether the platform was said, and is not just the toolset's default.
    pub platform_is_given: bool,
    /// The namespaces of extensions that the user declares.
    pub extensions: Vec<String>,
    /// The first number of the toolset's version, where it is known; v4 and later tell it to sources.
    pub wix_major: Option<u32>,
}

/// The platform that a package is built for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Platform {
    #[default]
    X86,
    X64,
    Arm64,
}

impl Platform {
    pub const ALL: [Platform; 3] = [Platform::X86, Platform::X64, Platform::Arm64];

    /// As `$(sys.BUILDARCH)` spells it.
    pub fn name(self) -> &'static str {
        match self {
            Platform::X86 => "x86",
            Platform::X64 => "x64",
            Platform::Arm64 => "arm64",
        }
    }

    /// As `$(sys.BUILDARCHSHORT)` and the names of v4's libraries spell it.
    pub fn short_name(self) -> &'static str {
        match self {
            Platform::X86 => "X86",
            Platform::X64 => "X64",
            Platform::Arm64 => "A64",
        }
    }
}

/// What receives the elements of a file, balanced.
pub trait Handler {
    fn start(&mut self, element: &Element<'_>);
    fn end(&mut self);
    /// Whether text right here means anything. Most of it is the space between elements.
    fn wants_text(&self) -> bool;
    /// Character data, one call for each run; a CDATA section and a CR LF are runs of their own.
    fn text(&mut self, text: Value<'_>);
    fn comment(&mut self, content: &str, span: Span);
}

/// What became of a file.
#[derive(Debug, Default)]
pub struct Outcome {
    /// The files that took part, the file itself first.
    pub files: Vec<FileId>,
    pub errors: Vec<SyntaxError>,
    /// Included files that could not be decoded, each with the place up to which it could.
    pub undecodable: Vec<(Span, DecodeError)>,
    /// What could not be read; what it would have brought is unknown.
    pub notes: Vec<Note>,
    /// What the toolset refuses.
    pub mistakes: Vec<Mistake>,
    /// How conditions were taken that nothing in the sources decides.
    pub decisions: Vec<Decision>,
    /// What the world takes for true now.
    pub assumed: Assumptions,
    /// The variables that nothing defines and that the file has asked for, in whatever way.
    pub asked: FxHashSet<String>,
    /// Whether it matters to what was read which platform the toolset takes by default.
    pub guesses_platform: bool,
    /// Whether there is no such world: WiX builds nothing, by an `<?error?>` or for want of a variable.
    pub refused: bool,
}

/// Reads `file` and everything it includes in a world, handing its elements to `handler`.
pub fn run(
    file: FileId,
    world: World,
    options: &Options,
    files: &dyn Files,
    sources: &mut Sources,
    handler: &mut dyn Handler,
) -> Outcome {
    let variables = Variables::new(options, sources.get(file).path(), world.assumed);
    let mut run = Run {
        files,
        sources,
        options,
        handler,
        leaning: world.leaning,
        variables,
        namespaces: vec![Binding { depth: 0, prefix: None, namespace: Namespace::Absent }],
        open: Vec::new(),
        conditionals: Vec::new(),
        base: 0,
        recording: None,
        looped: 0,
        repeated: 0,
        included: 0,
        including: Vec::new(),
        illegal: false,
        outcome: Outcome::default(),
    };
    run.file(file, false);
    if run.variables.is_spent() {
        let message = "variables make more than 64 MiB of text of this file; what they make beyond that is unknown";
        run.note(message, Span { file, start: 0, end: 0 });
    }
    let mut known = FxHashSet::default();
    run.outcome.mistakes.retain(|mistake| known.insert(mistake.clone()));
    let guesses_platform = run.variables.guesses_platform();
    let (assumed, asked) = run.variables.into_assumed();
    Outcome { assumed, asked, guesses_platform, ..run.outcome }
}

struct Run<'r> {
    files: &'r dyn Files,
    sources: &'r mut Sources,
    options: &'r Options,
    handler: &'r mut dyn Handler,
    leaning: Leaning,
    variables: Variables,
    namespaces: Vec<Binding>,
    /// For each open element, whether the handler was told of it.
    open: Vec<bool>,
    conditionals: Vec<Conditional>,
    /// How many of them the files and loops around have opened.
    base: usize,
    recording: Option<Recording>,
    looped: usize,
    repeated: usize,
    included: usize,
    including: Vec<FileId>,
    /// Whether the text of this file has references that v3 refuses.
    illegal: bool,
    outcome: Outcome,
}

impl Run<'_> {
    fn file(&mut self, file: FileId, included: bool) {
        let source = self.sources.share(file);
        let depth = self.open.len();
        let base = std::mem::replace(&mut self.base, self.conditionals.len());
        let illegal =
            std::mem::replace(&mut self.illegal, illegal_references(source.text(), Namespace::V3).next().is_some());
        let again = self.outcome.files.contains(&file);
        self.outcome.files.push(file);
        self.including.push(file);
        let outer = self.variables.enter(source.path());
        let mut reader = syntax::Reader::new(file, source.text());
        while let Some(event) = reader.next() {
            let root = included && self.open.len() == depth;
            self.repeated += usize::from(again);
            self.event(event, reader.attributes(), source.text(), root);
        }
        let end = last_piece(file, source.text());
        self.end_recording();
        self.close_conditionals(self.base, end);
        while self.open.len() > depth {
            self.end();
        }
        (self.base, self.illegal) = (base, illegal);
        self.variables.leave(outer);
        self.including.pop();
        self.outcome.errors.extend(reader.into_errors());
    }

    fn active(&self) -> bool {
        self.conditionals.last().is_none_or(|open| open.active)
    }

    /// `root`: the event is at the top of an included file, whose root element is not WiX's.
    fn event(&mut self, event: Event, attributes: &[Attribute], text: &str, root: bool) {
        if self.record(event, attributes, text) {
            return;
        }
        match event {
            Event::Start { name, span, empty } => self.start(name, span, empty, attributes, text, root),
            Event::End { .. } => self.end(),
            Event::Instruction { target, content, span } => {
                self.instruction(&text[target.range()], &text[content.range()], span);
            }
            _ if !self.active() => {}
            Event::Text { span } | Event::CData { content: span, .. } => {
                if self.illegal {
                    self.check_references(text, span, span);
                }
                if self.handler.wants_text() {
                    self.content(text, span);
                    self.take_mistakes(span);
                }
            }
            Event::Reference { .. } if !self.handler.wants_text() => {}
            Event::Reference { span } => {
                let value = self.variables.reference(&text[span.range()], span);
                self.handler.text(value);
            }
            Event::Comment { content, span } => self.handler.comment(&text[content.range()], span),
            Event::Doctype { span } => {
                if text[span.range()].contains("<!ENTITY") {
                    self.note("entities of a document type are not read; what is made from them is unknown", span);
                }
            }
        }
    }

    /// Hands out character data, each CR LF apart: the texts between are in the file as they are.
    fn content(&mut self, text: &str, span: Span) {
        let mut start = span.start as usize;
        let raw = &text[span.range()];
        for line_end in memchr::memmem::find_iter(raw.as_bytes(), b"\r\n").map(|at| span.start as usize + at) {
            for (start, end) in [(start, line_end), (line_end, line_end + 2)] {
                let part = Span { start: start as u32, end: end as u32, ..span };
                self.handler.text(self.variables.content(&text[start..end], part));
            }
            start = line_end + 2;
        }
        let part = Span { start: start as u32, ..span };
        self.handler.text(self.variables.content(&text[part.range()], part));
    }

    fn start(&mut self, name: Span, span: Span, empty: bool, attributes: &[Attribute], text: &str, root: bool) {
        let names = self.bind(attributes, text);
        if self.open.is_empty() && self.including.len() == 1 {
            self.variables.dialect = self.namespace(syntax::split_name(&text[name.range()]).0);
        }
        let active = self.active() && !root;
        if active {
            let (prefix, local) = syntax::split_name(&text[name.range()]);
            if self.illegal {
                attributes.iter().for_each(|attribute| self.check_references(text, attribute.value, span));
            }
            let element = Element {
                name: local,
                namespace: self.namespace(prefix),
                span,
                looped: self.looped > 0,
                text,
                attributes,
                names,
                variables: &self.variables,
                namespaces: &self.namespaces,
            };
            self.handler.start(&element);
            self.take_mistakes(span);
        } else if root && self.active() {
            self.check_include_root(&text[name.range()], span);
        }
        self.open.push(active);
        if empty {
            self.end();
        }
    }

    fn end(&mut self) {
        if self.open.pop() == Some(true) {
            self.handler.end();
        }
        while self.namespaces.last().is_some_and(|binding| binding.depth > self.open.len()) {
            self.namespaces.pop();
        }
    }

    /// Takes note of the namespaces that an element declares. Returns the bits of its attributes' names.
    fn bind(&mut self, attributes: &[Attribute], text: &str) -> u64 {
        let mut names = 0;
        for attribute in attributes {
            let name = &text.as_bytes()[attribute.name.range()];
            names |= bit_of(name);
            let prefix = match name {
                b"xmlns" => None,
                [b'x', b'm', b'l', b'n', b's', b':', _, ..] => text[attribute.name.range()].get("xmlns:".len()..),
                _ => continue,
            };
            let namespace = self.namespace_of(text[attribute.value.range()].trim());
            self.namespaces.push(Binding { depth: self.open.len() + 1, prefix: prefix.map(str::to_owned), namespace });
        }
        names
    }

    fn namespace_of(&self, uri: &str) -> Namespace {
        match Namespace::from_uri(uri) {
            Namespace::Foreign => {
                let declared = self.options.extensions.iter().position(|own| own == uri);
                declared.map_or(Namespace::Foreign, Namespace::Declared)
            }
            known => known,
        }
    }

    fn namespace(&self, prefix: Option<&str>) -> Namespace {
        resolve(&self.namespaces, prefix)
    }

    fn instruction(&mut self, target: &str, content: &str, span: Span) {
        if self.variables.dialect == Namespace::Absent {
            // What comes before the root element is read as the namespace in it asks for.
            self.variables.dialect = likely_dialect(self.sources.get(span.file).text());
        }
        match target {
            "if" => self.open_conditional("if", content, span),
            "ifdef" => self.open_conditional("ifdef", content, span),
            "ifndef" => self.open_conditional("ifndef", content, span),
            "elseif" => self.go_on("elseif", content, span),
            "else" => self.go_on("else", content, span),
            "endif" => self.go_on("endif", content, span),
            _ if !self.active() => {}
            "define" if content.trim().is_empty() => self.mistake(MistakeKind::NoName, span),
            "define" => self.variables.define(content),
            "undef" => self.variables.undefine(content),
            "include" => self.include(content, span),
            "foreach" => self.collect(content, span),
            "warning" => drop(self.variables.shown(content)),
            "endforeach" => {
                self.mistake(MistakeKind::Unmatched { instruction: "endforeach", opening: "foreach" }, span);
            }
            "error" => {
                self.mistake(MistakeKind::Authored(self.variables.shown(content).trim().to_owned()), span);
                self.outcome.refused = true;
            }
            _ => {}
        }
        self.take_mistakes(span);
    }

    /// Keeps what was wrong with references to variables in what stands at `span`.
    fn take_mistakes(&mut self, span: Span) {
        for kind in self.variables.take_mistakes() {
            self.mistake(kind, span);
        }
    }

    /// The toolset expands every value, wanted or not.
    fn check_references(&mut self, text: &str, value: Span, place: Span) {
        for name in illegal_references(&text[value.range()], self.variables.dialect) {
            self.mistake(MistakeKind::NoVariable(name.to_owned()), place);
        }
    }

    fn note(&mut self, message: &str, span: Span) {
        self.outcome.notes.push(Note { message: message.to_owned(), span: Some(span) });
    }

    /// The same, unless it was said of another place already.
    fn note_once(&mut self, message: &str, span: Span) {
        if self.outcome.notes.iter().all(|note| note.message != message) {
            self.note(message, span);
        }
    }
}

/// What stands in `$(…)` and names no variable. Localization variables are none of the preprocessor's.
fn illegal_references(text: &str, dialect: Namespace) -> impl Iterator<Item = &str> {
    memchr::memmem::find_iter(text.as_bytes(), b"$(").filter_map(move |at| {
        let escaped = text[..at].bytes().rev().take_while(|byte| *byte == b'$').count() % 2 == 1;
        let rest = text.get(at + 2..).filter(|rest| !escaped && !rest.starts_with("loc."))?;
        match reference_length(&text[at + 1..]) {
            Some(length) => text.get(at + 2..at + length).filter(|name| is_illegal(name, dialect)),
            None => Some(rest),
        }
    })
}

/// The last piece of a file that is more than space.
fn last_piece(file: FileId, text: &str) -> Span {
    let end = text.trim_end().len();
    Span { file, start: text.rfind('<').unwrap_or(end).min(end) as u32, end: end as u32 }
}

/// The dialect of a file whose root element has not been read yet.
fn likely_dialect(text: &str) -> Namespace {
    let root = text.find("<Wix").map_or("", |at| &text[at..]);
    let tag = &root[..root.find('>').unwrap_or(root.len())];
    if tag.contains(namespace::V3) { Namespace::V3 } else { Namespace::V4 }
}
