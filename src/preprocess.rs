//! The preprocessor language of WiX, between the XML as written and what WiX compiles.
//!
//! Instructions, variables and includes are resolved here; what comes out is a stream of elements
//! whose values know where they were written and whether their text is known. A variable that
//! nobody defines is unknown, and so is every text made from it. A condition that depends on one
//! splits the world: the caller runs the file once for each [`Outcome::worlds`], and each run takes
//! other branches, so that every branch is taken in one of them.

mod condition;
mod variables;

use std::borrow::Cow;

use rustc_hash::{FxHashMap, FxHashSet};

use crate::diagnostic::Note;
use crate::source::{DecodeError, FileId, Source, Sources, Span};
use crate::syntax::{self, Attribute, Event, SyntaxError};
use condition::Truth;
pub use variables::Variables;

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
    pub defines: Vec<(String, String)>,
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

/// Which namespace an element is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Namespace {
    /// `http://schemas.microsoft.com/wix/2003/01/wi`
    V2,
    /// `http://schemas.microsoft.com/wix/2006/wi`
    V3,
    /// `http://wixtoolset.org/schemas/v4/wxs`
    V4,
    /// None at all.
    Absent,
    /// Of one of WiX's own extensions, by the name in its namespace: `util`, `NetFx`.
    Extension(&'static str),
    /// Of an extension that nobody here knows, or one that has nothing to do with WiX.
    Foreign,
}

impl Namespace {
    fn from_uri(uri: &str) -> Namespace {
        match uri {
            "http://schemas.microsoft.com/wix/2003/01/wi" => Namespace::V2,
            "http://schemas.microsoft.com/wix/2006/wi" => Namespace::V3,
            "http://wixtoolset.org/schemas/v4/wxs" => Namespace::V4,
            "" => Namespace::Absent,
            _ => EXTENSIONS
                .into_iter()
                .find(|name| {
                    let v3 = uri.strip_prefix("http://schemas.microsoft.com/wix/");
                    let v3 = v3.and_then(|rest| rest.strip_suffix("Extension"));
                    let v4 = uri.strip_prefix("http://wixtoolset.org/schemas/v4/wxs/");
                    v3.or(v4).is_some_and(|found| found.eq_ignore_ascii_case(name))
                })
                .map_or(Namespace::Foreign, Namespace::Extension),
        }
    }
}

/// WiX's own extensions, as their namespaces end: before `Extension` in v3, after the last slash in
/// v4 and later.
const EXTENSIONS: [&str; 22] = [
    "bal",
    "complus",
    "dependency",
    "difx",
    "difxapp",
    "directx",
    "firewall",
    "gaming",
    "http",
    "iis",
    "msmq",
    "netfx",
    "ps",
    "powershell",
    "sql",
    "tag",
    "ui",
    "util",
    "vs",
    "visualstudio",
    "lux",
    "wixui",
];

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
    text: &'a str,
    attributes: &'a [Attribute],
    variables: &'a Variables,
    namespaces: &'a [Binding],
}

impl<'a> Element<'a> {
    /// The value of the attribute of that name, expanded.
    pub fn get(&self, name: &str) -> Option<Value<'a>> {
        let attribute = self.attribute(name)?;
        let raw = self.text.get(attribute.value.range()).unwrap_or_default();
        Some(self.variables.value(raw, attribute.value))
    }

    /// Where the attribute of that name is written.
    pub fn attribute(&self, name: &str) -> Option<&'a Attribute> {
        let text = self.text.as_bytes();
        // Byte by byte: most names differ in the first one, which is not worth a call.
        let same = |span: Span| span.len() as usize == name.len() && text[span.range()].iter().eq(name.as_bytes());
        self.attributes.iter().find(|attribute| same(attribute.name))
    }

    /// The attributes of extensions, each as extension and name.
    pub fn extension_attributes(&self) -> impl Iterator<Item = (&'static str, &'a str)> {
        self.attributes.iter().filter_map(|attribute| {
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

/// What receives the elements of a file, balanced.
pub trait Handler {
    fn start(&mut self, element: &Element<'_>);
    fn end(&mut self);
    /// Whether text right here means anything. Most of it is the space between elements.
    fn wants_text(&self) -> bool;
    /// Character data, one call for each run; a CDATA section is a run of its own.
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
    /// How many runs it takes until every branch of every undecided condition was taken.
    pub worlds: usize,
    /// Whether an `<?error?>` was reached: WiX builds nothing in this world.
    pub refused: bool,
}

/// At most so many worlds for a file; what a further branch holds stays unread.
const MAX_WORLDS: usize = 16;
/// At most so many elements and texts out of the loops of one file.
const MAX_REPEATED: usize = 1_000_000;
/// At most so many includes, one inside the other: the toolset's own limit.
const MAX_INCLUDES: usize = 1024;
/// At most so many includes for one file in all.
const MAX_INCLUDED: usize = 10_000;

/// Reads `file` and everything it includes in world number `world` (0 is the one in which nothing
/// is defined that nobody defines), handing its elements to `handler`.
pub fn run(
    file: FileId,
    world: usize,
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
        variables,
        namespaces: vec![Binding { depth: 0, prefix: None, namespace: Namespace::Absent }],
        dialect: Namespace::Absent,
        open: Vec::new(),
        conditionals: Vec::new(),
        assumed: FxHashMap::default(),
        recording: None,
        looped: 0,
        repeated: 0,
        included: 0,
        including: Vec::new(),
        undecided: FxHashSet::default(),
        outcome: Outcome { worlds: 1, ..Outcome::default() },
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
    /// How many branches could not be decided.
    undecided: usize,
}

/// The body of a `<?foreach?>` while it is being collected.
struct Recording {
    variable: String,
    items: Option<Vec<String>>,
    /// Loops inside the body.
    depth: usize,
    events: Vec<(Event, Vec<Attribute>)>,
}

struct Binding {
    depth: usize,
    /// `None`: what has no prefix.
    prefix: Option<String>,
    namespace: Namespace,
}

fn resolve(namespaces: &[Binding], prefix: Option<&str>) -> Namespace {
    let found = namespaces.iter().rev().find(|binding| binding.prefix.as_deref() == prefix);
    found.map_or(Namespace::Foreign, |binding| binding.namespace)
}

struct Run<'r> {
    files: &'r dyn Files,
    sources: &'r mut Sources,
    options: &'r Options,
    handler: &'r mut dyn Handler,
    world: usize,
    variables: Variables,
    namespaces: Vec<Binding>,
    /// The namespace of the outermost element, which decides how conditions are read.
    dialect: Namespace,
    /// For each open element, whether the handler was told of it.
    open: Vec<bool>,
    conditionals: Vec<Conditional>,
    /// What this world holds of the undecided conditions met so far.
    assumed: FxHashMap<String, bool>,
    recording: Option<Recording>,
    looped: usize,
    repeated: usize,
    included: usize,
    including: Vec<FileId>,
    /// Variables that a condition asked for and nobody defines.
    undecided: FxHashSet<String>,
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
            self.note_undecided(file);
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
            Event::Text { span } => {
                let value = self.variables.content(&text[span.range()], span);
                self.handler.text(value);
            }
            Event::CData { content, .. } => {
                let value = self.variables.content(&text[content.range()], content);
                self.handler.text(value);
            }
            Event::Reference { span } => {
                let value = self.variables.reference(&text[span.range()], span);
                self.handler.text(value);
            }
            Event::Comment { content, span } => self.handler.comment(&text[content.range()], span),
            Event::Doctype { .. } => {}
        }
    }

    fn start(&mut self, name: Span, span: Span, empty: bool, attributes: &[Attribute], text: &str, root: bool) {
        self.bind(attributes, text);
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

    fn bind(&mut self, attributes: &[Attribute], text: &str) {
        for attribute in attributes {
            let prefix = match &text.as_bytes()[attribute.name.range()] {
                b"xmlns" => None,
                [b'x', b'm', b'l', b'n', b's', b':', _, ..] => text[attribute.name.range()].get("xmlns:".len()..),
                _ => continue,
            };
            let namespace = Namespace::from_uri(text[attribute.value.range()].trim());
            self.namespaces.push(Binding { depth: self.open.len() + 1, prefix: prefix.map(str::to_owned), namespace });
        }
    }

    fn namespace(&self, prefix: Option<&str>) -> Namespace {
        resolve(&self.namespaces, prefix)
    }

    fn instruction(&mut self, target: &str, content: &str, span: Span) {
        match target {
            "if" | "ifdef" | "ifndef" => {
                let outer = self.active();
                self.conditionals.push(Conditional { outer, active: false, taken: false, undecided: 0 });
                self.branch(target, content);
            }
            "elseif" => self.branch("if", content),
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
    fn branch(&mut self, keyword: &str, content: &str) {
        let Some(open) = self.conditionals.last_mut() else { return };
        if !open.outer || open.taken {
            open.active = false;
            return;
        }
        let truth = match keyword {
            "if" => condition::evaluate(content, &self.variables, self.dialect),
            _ => self.variables.is_defined(content, self.dialect).map(|defined| defined == (keyword == "ifdef")),
        };
        let take = match &truth {
            Truth::Known(truth) => *truth,
            Truth::Unknown { variables, .. } => {
                self.undecided.extend(variables.iter().cloned());
                let position = open.undecided;
                open.undecided += 1;
                let needed = open.undecided + 1;
                self.outcome.worlds = self.outcome.worlds.max(needed).min(MAX_WORLDS);
                let key = format!("{keyword} {}", content.trim());
                // In world 0 what nobody defines is not defined, as it would be to the toolset.
                let first = match keyword {
                    "ifdef" => 1,
                    _ => 0,
                };
                *self.assumed.entry(key).or_insert(position + first == self.world)
            }
        };
        if let (true, Truth::Unknown { binding: Some((name, value)), .. }) = (take, truth) {
            self.variables.assume(name, value);
        }
        if let Some(open) = self.conditionals.last_mut() {
            open.active = take;
            open.taken = take;
        }
    }

    fn otherwise(&mut self) {
        if let Some(open) = self.conditionals.last_mut() {
            open.active = open.outer && !open.taken;
            open.taken = true;
        }
    }

    fn include(&mut self, content: &str, span: Span) {
        let path = content.trim().trim_matches(['"', '\'']);
        let base = self.sources.get(span.file).path().to_owned();
        let top = self.including.first().map_or(base.clone(), |&file| self.sources.get(file).path().to_owned());
        let candidates = self.variables.include_candidates(path, [&base, &top], &self.options.include_dirs);
        let Some(path) = candidates.iter().find_map(|path| self.files.resolve(path)) else {
            self.outcome.notes.push(Note {
                message: format!(
                    "include file `{path}` was not found; what it defines is unknown (-I adds a directory)"
                ),
                span: Some(span),
            });
            return;
        };
        let known = self.sources.find(&path);
        if self.including.len() >= MAX_INCLUDES || known.is_some_and(|file| self.including.contains(&file)) {
            self.note("this include leads back to itself; it is left out", span);
            return;
        }
        self.included += 1;
        if self.included > MAX_INCLUDED {
            if self.included == MAX_INCLUDED + 1 {
                self.note("this file includes others more than ten thousand times; the rest is left out", span);
            }
            return;
        }
        let Some(file) = known.or_else(|| self.load(&path, span)) else { return };
        let open = self.namespaces.len();
        let namespace = Namespace::Absent;
        self.namespaces.push(Binding { depth: self.open.len() + 1, prefix: None, namespace });
        self.file(file, true);
        self.namespaces.truncate(open);
    }

    fn load(&mut self, path: &str, span: Span) -> Option<FileId> {
        let bytes = match self.files.read(path) {
            Ok(bytes) => bytes,
            Err(error) => {
                self.note(&format!("include file `{path}` cannot be read: {error}"), span);
                return None;
            }
        };
        match Source::decode(path, bytes) {
            Ok(source) => Some(self.sources.add(source.into())),
            Err(bad) => {
                let at = bad.error.offset(&bad.source);
                let file = self.sources.add(bad.source.into());
                self.outcome.undecodable.push((Span { file, start: at, end: at }, bad.error));
                None
            }
        }
    }

    fn note(&mut self, message: &str, span: Span) {
        self.outcome.notes.push(Note { message: message.to_owned(), span: Some(span) });
    }

    fn collect(&mut self, content: &str) {
        let (name, list) = content.split_once(" in ").unwrap_or((content, ""));
        let list = list.trim();
        let list = list.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(list);
        let items = self.variables.expand(list).map(|list| list.split(';').map(str::to_owned).collect());
        let variable = name.trim().trim_start_matches("var.").to_owned();
        self.recording = Some(Recording { variable, items, depth: 0, events: Vec::new() });
    }

    /// Takes the event into the loop body that is being collected, and runs the loop at its end.
    fn record(&mut self, event: Event, attributes: &[Attribute], text: &str) -> bool {
        let Some(recording) = &mut self.recording else { return false };
        if let Event::Instruction { target, .. } = event {
            match &text[target.range()] {
                "foreach" => recording.depth += 1,
                "endforeach" if recording.depth == 0 => {
                    self.replay(text);
                    return true;
                }
                "endforeach" => recording.depth -= 1,
                _ => {}
            }
        }
        recording.events.push((event, attributes.to_vec()));
        true
    }

    fn replay(&mut self, text: &str) {
        let Some(body) = self.recording.take() else { return };
        self.looped += 1;
        let rounds = body.items.as_ref().map_or(1, Vec::len);
        for round in 0..rounds {
            match &body.items {
                Some(items) => self.variables.assume(body.variable.clone(), items[round].clone()),
                None => self.variables.forget(&body.variable),
            }
            self.repeated += body.events.len();
            if self.repeated > MAX_REPEATED {
                if let Some((Event::Start { span, .. } | Event::Text { span }, _)) = body.events.first() {
                    self.note("this loop makes more than a million elements; the rest is left out", *span);
                }
                break;
            }
            for (event, attributes) in &body.events {
                self.event(*event, attributes, text, false);
            }
        }
        self.looped -= 1;
    }

    fn note_undecided(&mut self, file: FileId) {
        if self.undecided.is_empty() {
            return;
        }
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
        self.outcome.notes.push(Note { message, span: Some(Span { file, start: 0, end: 0 }) });
    }
}
