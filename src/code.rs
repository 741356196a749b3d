//! What the code of custom actions asks of the installer: C#, C++ and Rust beside the installer, scripts,
//! and, for want of a source, the DLL itself.
//!
//! Each language is understood just so far as to follow an entry point through the calls of its own program.
//! What is not found, or not certain, is silence. Code is looked for only when an action is there that calls it.

mod cpp;
mod csharp;
mod dll;
mod program;
mod rust;
mod script;
mod search;
mod tree;

use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::preprocess::{Files, without_detours};
use crate::source::{Source, Sources, Span};

pub use dll::Dll;
pub use script::Language;
use search::{Made, Tree};

/// What a custom action calls.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Request {
    pub call: Call,
    /// The paths as they are written, with their variables, of what the package takes the code from.
    pub paths: Vec<String>,
    /// The directory of the source that says so.
    pub directory: String,
}

/// A piece of code in a stream of the package, and where it begins.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Call {
    /// The stream's or file's id, or the path of a script.
    pub stream: String,
    /// The exported function or the script's call.
    pub entry: Option<String>,
    /// The language of a script; `None`: it is a DLL.
    pub script: Option<Option<Language>>,
}

/// What a custom action's code asks for.
#[derive(Clone, Debug, Default)]
pub struct Called {
    pub reads: Vec<CodeRead>,
    /// The first place that asks for states or paths, which costing knows.
    pub costs: Option<Span>,
    /// It finds out whether it runs at once or from the installation script, and may do different things then.
    pub asks_when: bool,
    /// The function that is called first.
    pub entry: Option<Span>,
}

/// A read of a property in code.
#[derive(Clone, Debug)]
pub struct CodeRead {
    pub property: String,
    pub span: Span,
    /// The calls that lead there from the entry point.
    pub through: Vec<Span>,
}

/// The same of a script that stands in the installer's own source.
#[derive(Clone, Debug)]
pub struct InlineScript {
    /// The byte offset and the length of the place where each read can be seen, and the property.
    pub reads: Vec<(usize, usize, String)>,
    pub asks_when: bool,
}

/// The code that was found.
#[derive(Clone, Debug, Default)]
pub struct Code {
    requests: Vec<Request>,
    called: FxHashMap<Call, Called>,
    dlls: FxHashMap<String, Dll>,
}

impl Code {
    /// Looks for what is requested. `names` are the properties that a DLL without a source is searched for.
    pub fn look(requests: Vec<Request>, names: &[&'static str], files: &dyn Files, sources: &mut Sources) -> Code {
        let mut code = Code::default();
        let mut trees: FxHashMap<String, Tree<'_>> = FxHashMap::default();
        for request in &requests {
            match request.call.script {
                Some(language) => code.script(request, language, files, sources),
                None => {
                    let tree = trees
                        .entry(request.directory.clone())
                        .or_insert_with(|| Tree::around(&request.directory, files));
                    code.dll(request, tree, names, files, sources);
                }
            }
        }
        code.requests = requests;
        code
    }

    /// Whether it is the answer to the same requests.
    pub fn answers(&self, requests: &[Request]) -> bool {
        self.requests == requests
    }

    /// What a call asks for; `None`: its code was not found.
    pub fn called(&self, call: &Call) -> Option<&Called> {
        self.called.get(call)
    }

    /// The DLL of a stream, where there is one and the source of what is called in it was not found.
    pub fn dll_of(&self, stream: &str) -> Option<&Dll> {
        self.dlls.get(stream)
    }

    /// Every such DLL.
    pub fn dlls(&self) -> impl Iterator<Item = &Dll> {
        self.dlls.values()
    }

    fn script(&mut self, request: &Request, language: Option<Language>, files: &dyn Files, sources: &mut Sources) {
        let Some(path) = found(request, true, files) else { return };
        let Some(bytes) = files.read(&path).ok() else { return };
        let source = Arc::new(Source::decode_any(path, bytes));
        let asked = asked(source.text(), language, request.call.entry.as_deref());
        let called = placed(asked, &[source], sources);
        self.called.insert(request.call.clone(), called);
    }

    fn dll(
        &mut self,
        request: &Request,
        tree: &mut Tree<'_>,
        names: &[&'static str],
        files: &dyn Files,
        sources: &mut Sources,
    ) {
        let Some(name) = &request.call.entry else { return };
        if let Some(entry) = tree.entry(name, &made(request)) {
            let mut called = placed(entry.asked, &entry.sources, sources);
            if !called.reads.is_empty() || called.costs.is_some() {
                called.entry = Some(span(entry.place, &entry.sources, sources));
            }
            self.called.insert(request.call.clone(), called);
        } else if !self.dlls.contains_key(&request.call.stream)
            // What a variable leads to may be another file than the one that lies here under that name.
            && let Some(path) = found(request, false, files)
            && let Ok(bytes) = files.read(&path)
        {
            self.dlls.insert(request.call.stream.clone(), dll::look(path, &bytes, names));
        }
    }
}

/// What a script asks for. Longer ones are not written by people, and not looked into.
fn asked(script: &str, language: Option<Language>, call: Option<&str>) -> program::Asked {
    const LONGEST: usize = 256 << 10;
    if script.len() > LONGEST { program::Asked::default() } else { script::asked(script, language, call) }
}

/// What a script that stands in the installer's own source asks for.
pub fn inline_script(script: &str, language: Option<Language>, call: Option<&str>) -> InlineScript {
    let asked = asked(script, language, call);
    let reads = asked.reads.into_iter();
    let reads = reads.map(|read| (read.place.start, read.place.end - read.place.start, read.property)).collect();
    InlineScript { reads, asks_when: asked.asks_when }
}

/// The same with places in files of the run, which get the ones that it needs.
fn placed(asked: program::Asked, units: &[Arc<Source>], sources: &mut Sources) -> Called {
    let reads = asked.reads.into_iter();
    let reads = reads.map(|read| CodeRead {
        property: read.property,
        span: span(read.place, units, sources),
        through: read.through.into_iter().map(|place| span(place, units, sources)).collect(),
    });
    let reads = reads.collect();
    let costs = asked.costs.map(|place| span(place, units, sources));
    Called { reads, costs, asks_when: asked.asks_when, entry: None }
}

fn span(place: program::Place, units: &[Arc<Source>], sources: &mut Sources) -> Span {
    let source = &units[place.unit];
    let file = sources.find(source.path()).unwrap_or_else(|| sources.add(source.clone()));
    sources.get(file).clamp(Span { file, start: place.start as u32, end: place.end as u32 })
}

/// The file that a request means: next to the source, or as a build would find it from a directory above,
/// where the path begins with a variable that nobody knows, if `guess` asks for that.
fn found(request: &Request, guess: bool, files: &dyn Files) -> Option<String> {
    request.paths.iter().find_map(|written| {
        let path = written.replace('\\', "/");
        let (is_open, rest) = without_root(&path);
        if rest.contains("$(") || rest.contains("!(") || rest.is_empty() || (is_open && !guess) {
            return None;
        }
        if !is_open {
            return files.resolve(&joined(&request.directory, rest));
        }
        let mut directories = std::iter::once(request.directory.clone()).chain(files.above(&request.directory));
        directories.find_map(|directory| files.resolve(&joined(&directory, rest)))
    })
}

/// A path without the variables that it begins with, and whether there were any.
fn without_root(path: &str) -> (bool, &str) {
    let mut rest = path;
    while rest.starts_with("$(") || rest.starts_with("!(") {
        let Some(end) = rest.find(')') else { break };
        rest = rest[end + 1..].trim_start_matches('/');
    }
    (rest.len() != path.len(), rest)
}

fn joined(directory: &str, path: &str) -> String {
    if directory.is_empty() || path.starts_with('/') || path.contains(':') {
        path.to_owned()
    } else {
        format!("{directory}/{path}")
    }
}

/// What the paths of a DLL say of where it is made: its own name, a variable that refers to a project, and
/// where it lies.
fn made(request: &Request) -> Made {
    let mut made = Made { names: Vec::new(), places: Vec::new() };
    for written in &request.paths {
        let path = written.replace('\\', "/");
        let name = path.rsplit(['/', ')']).next().unwrap_or_default();
        if let Some((stem, _)) = name.rsplit_once('.') {
            let stem = stem.strip_suffix(".CA").or_else(|| stem.strip_suffix(".ca")).unwrap_or(stem);
            made.names.push(stem.to_owned());
        }
        for variable in path.split(['$', '!']).filter_map(|part| part.strip_prefix('(')?.split(')').next()) {
            // `var.PROJECT.TargetPath`, or without `var.`
            let variable = variable.strip_prefix("var.").unwrap_or(variable);
            made.names.extend(variable.rsplit_once('.').map(|(project, _)| project.to_owned()));
        }
        if !path.contains("$(") && !path.contains("!(") {
            made.places.push(without_detours(&joined(&request.directory, &path)));
        }
    }
    made.names.retain(|name| !matches!(&**name, "" | "sys" | "env" | "wix" | "bind"));
    made
}

#[cfg(test)]
mod tests {
    use super::{cpp, csharp, rust, script};

    /// Nobody writes such code, but it may lie there.
    #[test]
    fn code_without_end_is_passed_over() {
        let nested = |open: &str, inner: &str, close: &str| open.repeat(5_000) + inner + &close.repeat(5_000);
        let texts = [
            nested("(", "x", ")"),
            nested("{", "", "}"),
            nested("[", "x", "]"),
            "A<".repeat(5_000),
            "\"a\" + ".repeat(5_000),
            "a ? b : ".repeat(5_000),
            nested("#if X\n", "", "#endif\n"),
            "\u{0}\"'`/*".repeat(5_000),
            "é\r".repeat(5_000),
        ];
        for text in texts {
            let text = format!("class C {{ void M(Session s) {{ var x = {text}; s[\"P\"] = x; }} }}");
            csharp::unit(&text, 0);
            cpp::unit(&text, 0);
            rust::unit(&text, 0, "lib");
            script::asked(&text, None, Some("M"));
        }
    }
}
