//! The preprocessor language of WiX, between the XML as written and what WiX compiles.
//!
//! Instructions, variables and includes are resolved here; what comes out is a stream of elements
//! whose values know where they were written and whether their text is known. A variable that
//! nobody defines is unknown, and so is every text made from it. A condition that depends on one
//! splits the world: the caller runs the file once for each of its [`Worlds`], and each run takes other
//! branches.

mod condition;
mod element;
mod foreach;
mod include;
mod namespace;
mod variables;
mod worlds;

use rustc_hash::FxHashSet;

use crate::diagnostic::Note;
use crate::source::{DecodeError, FileId, Sources, Span};
use crate::syntax::{self, Attribute, Event, SyntaxError};
use condition::Truth;
use element::bit_of;
pub use element::{Element, Origin, Value};
use foreach::Recording;
pub use namespace::Namespace;
use namespace::{Binding, resolve};
pub use variables::{Variables, without_detours};
pub use worlds::{MAX_WORLDS, Worlds, count};

/// Where files come from; the only way to the disk between `source` and `report`.
pub trait Files: Sync {
    /// The bytes of a file. Paths have `/` between their parts.
    ///
    /// # Errors
    /// As the file system has them.
    fn read(&self, path: &str) -> std::io::Result<Vec<u8>>;

    /// The path of an existing file that `path` names to Windows, where case does not count.
    fn resolve(&self, path: &str) -> Option<String>;
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
    pub notes: Vec<Note>,
    /// Whether an `<?error?>` was reached: WiX builds nothing in this world.
    pub refused: bool,
}

/// Reads `file` and everything it includes in world number `world`, handing its elements to `handler`.
/// Undecided conditions that no world has met before are added to `worlds`.
pub fn run(
    file: FileId,
    (world, worlds): (usize, &mut Worlds),
    options: &Options,
    files: &dyn Files,
    sources: &mut Sources,
    handler: &mut dyn Handler,
) -> Outcome {
    let variables = Variables::new(options, sources.get(file).path());
    let mut run = Run {
        files,
        sources,
        options,
        handler,
        world,
        worlds,
        variables,
        namespaces: vec![Binding { depth: 0, prefix: None, namespace: Namespace::Absent }],
        dialect: Namespace::Absent,
        open: Vec::new(),
        conditionals: Vec::new(),
        recording: None,
        looped: 0,
        repeated: 0,
        included: 0,
        including: Vec::new(),
        undecided: FxHashSet::default(),
        undecided_at: None,
        outcome: Outcome::default(),
    };
    run.file(file, false);
    run.outcome
}

/// A note names so many variables.
const NAMES_SHOWN: usize = 4;

/// One `<?if?>` that is open.
struct Conditional {
    /// Whether what surrounds it is read at all.
    outer: bool,
    /// Whether this branch is.
    active: bool,
    /// Whether a branch was taken already.
    taken: bool,
    /// The undecided condition that was taken for true, if one was.
    assumed: Option<String>,
}

struct Run<'r> {
    files: &'r dyn Files,
    sources: &'r mut Sources,
    options: &'r Options,
    handler: &'r mut dyn Handler,
    world: usize,
    worlds: &'r mut Worlds,
    variables: Variables,
    namespaces: Vec<Binding>,
    /// The namespace of the outermost element, which decides how conditions are read.
    dialect: Namespace,
    /// For each open element, whether the handler was told of it.
    open: Vec<bool>,
    conditionals: Vec<Conditional>,
    recording: Option<Recording>,
    looped: usize,
    repeated: usize,
    included: usize,
    including: Vec<FileId>,
    /// Variables that a condition asked for and nobody defines, and the first place that did.
    undecided: FxHashSet<String>,
    undecided_at: Option<Span>,
    outcome: Outcome,
}

impl Run<'_> {
    fn file(&mut self, file: FileId, included: bool) {
        let source = self.sources.share(file);
        let depth = self.open.len();
        let conditionals = self.conditionals.len();
        self.outcome.files.push(file);
        self.including.push(file);
        let outer = self.variables.enter(source.path());
        let mut reader = syntax::Reader::new(file, source.text());
        while let Some(event) = reader.next() {
            let root = included && self.open.len() == depth;
            self.event(event, reader.attributes(), source.text(), root);
        }
        self.recording = None;
        self.conditionals.truncate(conditionals);
        self.variables.leave(outer);
        self.including.pop();
        self.outcome.errors.extend(reader.into_errors());
        if !included {
            self.note_undecided();
        }
    }

    fn active(&self) -> bool {
        !self.outcome.refused && self.conditionals.last().is_none_or(|open| open.active)
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
            Event::Text { .. } | Event::CData { .. } | Event::Reference { .. } if !self.handler.wants_text() => {}
            Event::Text { span } | Event::CData { content: span, .. } => self.content(text, span),
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
            self.dialect = self.namespace(syntax::split_name(&text[name.range()]).0);
        }
        let active = self.active() && !root;
        if active {
            let (prefix, local) = syntax::split_name(&text[name.range()]);
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
            let namespace = Namespace::from_uri(text[attribute.value.range()].trim());
            self.namespaces.push(Binding { depth: self.open.len() + 1, prefix: prefix.map(str::to_owned), namespace });
        }
        names
    }

    fn namespace(&self, prefix: Option<&str>) -> Namespace {
        resolve(&self.namespaces, prefix)
    }

    fn instruction(&mut self, target: &str, content: &str, span: Span) {
        match target {
            "if" | "ifdef" | "ifndef" => {
                let outer = self.active();
                self.conditionals.push(Conditional { outer, active: false, taken: false, assumed: None });
                self.branch(target, content, span);
            }
            "elseif" => self.branch("if", content, span),
            "else" => self.otherwise(),
            "endif" => {
                let base = usize::from(!self.conditionals.is_empty());
                self.conditionals.truncate(self.conditionals.len() - base);
            }
            _ if !self.active() => {}
            "define" => self.variables.define(content),
            "undef" => self.variables.undefine(content),
            "include" => self.include(content, span),
            "foreach" => self.collect(content),
            "error" => self.outcome.refused = true,
            _ => {}
        }
    }

    /// Decides whether the branch that begins here is read.
    fn branch(&mut self, keyword: &str, content: &str, span: Span) {
        let Some(open) = self.conditionals.last_mut() else { return };
        if !open.outer || open.taken {
            open.active = false;
            return;
        }
        let take = match keyword {
            "if" => self.holds(content),
            _ => self.is_defined(content) == (keyword == "ifdef"),
        };
        if !self.undecided.is_empty() {
            self.undecided_at.get_or_insert(span);
        }
        if let Some(open) = self.conditionals.last_mut() {
            open.active = take;
            open.taken = take;
        }
    }

    /// Whether the expression of an `<?if?>` or `<?elseif?>` holds in this world.
    fn holds(&mut self, content: &str) -> bool {
        let (variables, binding) = match condition::evaluate(content, &self.variables, self.dialect) {
            Truth::Known(truth) => return truth,
            Truth::Unknown { variables, binding } => (variables, binding),
        };
        let holds = self.assume(content.trim(), variables, true);
        if let (true, Some((name, value))) = (holds, binding) {
            self.variables.assume(name, value);
        }
        holds
    }

    /// Whether a variable is defined in this world.
    fn is_defined(&mut self, content: &str) -> bool {
        match self.variables.is_defined(content, self.dialect) {
            Truth::Known(truth) => truth,
            Truth::Unknown { variables, .. } => {
                let name = variables.first().cloned().unwrap_or_default();
                let defined = self.assume(&format!("defined {name}"), variables, false);
                if defined {
                    self.variables.forget(&name);
                }
                defined
            }
        }
    }

    /// How this world takes an undecided condition.
    fn assume(&mut self, key: &str, variables: Vec<String>, first: bool) -> bool {
        self.undecided.extend(variables);
        let within = self.conditionals.iter().filter_map(|open| open.assumed.clone());
        let holds = self.worlds.holds(self.world, key, within, first);
        if let Some(open) = self.conditionals.last_mut() {
            open.assumed = holds.then(|| key.to_owned());
        }
        holds
    }

    fn otherwise(&mut self) {
        if let Some(open) = self.conditionals.last_mut() {
            open.active = open.outer && !open.taken;
            open.taken = true;
        }
    }

    fn note(&mut self, message: &str, span: Span) {
        self.outcome.notes.push(Note { message: message.to_owned(), span: Some(span) });
    }

    fn note_undecided(&mut self) {
        let Some(span) = self.undecided_at else { return };
        let mut names: Vec<&str> = self.undecided.iter().map(String::as_str).collect();
        names.sort_unstable();
        let shown: Vec<String> = names.iter().take(NAMES_SHOWN).map(|name| format!("`{name}`")).collect();
        let more = match names.len().saturating_sub(NAMES_SHOWN) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        let message = format!(
            "conditions depend on {}{more}, which nothing defines; only what holds either way is reported (-d NAME=VALUE defines one)",
            shown.join(", ")
        );
        self.outcome.notes.push(Note { message, span: Some(span) });
    }
}
