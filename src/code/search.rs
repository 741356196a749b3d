//! Where the source of a DLL's entry points is: beside the installer, or in the tree around it.
//!
//! The directories are looked through from the installer's own up to the root of the repository, the nearest
//! first, within bounds. A file is parsed only if it holds the name that is wanted.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::program::{Asked, Language, Program, Unit};
use super::{cpp, csharp, rust};
use crate::preprocess::Files;
use crate::source::Source;

/// So many files are listed, and so many bytes of them read, before the search gives up.
const MOST_FILES: usize = 20_000;
const MOST_BYTES: usize = 64 << 20;
/// Larger files are not written by people.
const LARGEST: usize = 2 << 20;
/// So many files of one program are parsed.
const MOST_PARSED: usize = 200;

/// The code in one directory and below, as far as it was looked at.
pub(super) struct Tree<'f> {
    files: &'f dyn Files,
    /// The directories to look through, the nearest first.
    levels: Vec<String>,
    /// For each that was listed, where its part of `paths` ends.
    ends: Vec<usize>,
    /// Code and project files, in the order of the levels.
    paths: Vec<String>,
    /// The directories that hold module definition files, with those.
    definitions: FxHashMap<String, Vec<String>>,
    /// The directories that hold project files, with those.
    projects: FxHashMap<String, Vec<String>>,
    texts: FxHashMap<String, Option<Arc<Source>>>,
    read: usize,
}

/// What the installer says of where a DLL comes from.
pub(super) struct Made {
    /// What its project may be called.
    pub(super) names: Vec<String>,
    /// Paths at which it is expected.
    pub(super) places: Vec<String>,
}

/// An entry point that was found.
pub(super) struct Entry {
    pub(super) asked: Asked,
    /// The files of the program, in the order of its units.
    pub(super) sources: Vec<Arc<Source>>,
    pub(super) place: super::program::Place,
}

impl<'f> Tree<'f> {
    pub(super) fn around(directory: &str, files: &'f dyn Files) -> Tree<'f> {
        let levels = files.above(directory);
        Tree {
            files,
            levels,
            ends: Vec::new(),
            paths: Vec::new(),
            definitions: FxHashMap::default(),
            projects: FxHashMap::default(),
            texts: FxHashMap::default(),
            read: 0,
        }
    }

    /// The entry point of that name, in the nearest directory that has one. What is not below the installer has
    /// to be of a project that `made` may have come from, or, if that says nothing, in the directory above; of
    /// several, one has to be.
    pub(super) fn entry(&mut self, name: &str, made: &Made) -> Option<Entry> {
        let mut at = 0;
        for level in 0.. {
            if level == self.ends.len() && !self.list() {
                return None;
            }
            let mut found = Vec::new();
            while at < self.ends[level] {
                let path = self.paths[at].clone();
                found.extend(self.entry_in(&path, name));
                at += 1;
            }
            let is_near = level == 0 || (level == 1 && made.names.is_empty());
            if found.len() > 1 || !is_near {
                found.retain(|(path, _)| self.has_made(path, made));
            }
            match &found[..] {
                [] => {}
                [(path, function)] => return self.trace(path, function),
                _ => return None,
            }
        }
        None
    }

    /// Lists the next level; whether there was one.
    fn list(&mut self) -> bool {
        let Some(directory) = self.levels.get(self.ends.len()) else { return false };
        let inner = self.ends.len().checked_sub(1).map(|before| self.levels[before].clone());
        let left = MOST_FILES.saturating_sub(self.paths.len());
        let is_new = |path: &String| !inner.as_ref().is_some_and(|inner| is_below(path, inner));
        let mut paths: Vec<String> = self.files.below(directory, left, &is_wanted).into_iter().filter(is_new).collect();
        paths.sort();
        for path in paths {
            if is_project(&path) {
                self.projects.entry(self::directory(&path).to_owned()).or_default().push(path);
            } else {
                if extension(&path) == "def" {
                    self.definitions.entry(self::directory(&path).to_owned()).or_default().push(path.clone());
                }
                self.paths.push(path);
            }
        }
        self.ends.push(self.paths.len());
        true
    }

    fn source(&mut self, path: &str) -> Option<Arc<Source>> {
        if let Some(known) = self.texts.get(path) {
            return known.clone();
        }
        let source = (self.read < MOST_BYTES).then(|| self.files.read(path).ok()).flatten();
        let source = source.filter(|bytes| bytes.len() <= LARGEST).map(|bytes| {
            self.read += bytes.len();
            Arc::new(Source::decode_any(path, bytes))
        });
        self.texts.insert(path.to_owned(), source.clone());
        source
    }

    /// The function that a file exports under that name.
    fn entry_in(&mut self, path: &str, name: &str) -> Option<(String, String)> {
        let language = language(path)?;
        let source = self.source(path)?;
        if extension(path) == "def" {
            return None;
        }
        let alias = match language {
            Language::Cpp => self.alias(path, name).or_else(|| Self::linked_as(source.text(), name)),
            _ => None,
        };
        let wanted = alias.as_deref().unwrap_or(name);
        memchr::memmem::find(source.text().as_bytes(), wanted.as_bytes())?;
        let unit = unit(&source, 0)?;
        let exported = |function: &&super::program::Function| function.entry.as_deref() == Some(wanted);
        let mut functions = unit.functions.iter().filter(exported);
        let function = functions.next()?;
        functions.next().is_none().then(|| (path.to_owned(), function.name.clone()))
    }

    /// What a module definition file of the same directory calls an export.
    fn alias(&mut self, path: &str, name: &str) -> Option<String> {
        let definitions = self.definitions.get(directory(path))?.clone();
        definitions.iter().find_map(|path| {
            let source = self.source(path)?;
            source.text().lines().find_map(|line| {
                let (export, inner) = line.split_once('=')?;
                (export.trim() == name).then(|| inner.split_whitespace().next().unwrap_or_default().to_owned())
            })
        })
    }

    /// What a directive to the linker calls it: `/EXPORT:name=_inner@4`.
    fn linked_as(text: &str, name: &str) -> Option<String> {
        memchr::memmem::find(text.as_bytes(), name.as_bytes())?;
        let mut exports = text.split("/EXPORT:").chain(text.split("/export:"));
        exports.find_map(|export| {
            let (_, inner) = export.split_once('=').filter(|(own, _)| *own == name)?;
            let inner: String = inner.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
            Some(inner.trim_start_matches('_').to_owned())
        })
    }

    /// Whether a DLL may have been made of a file: by its project's name, by what its project file says, or
    /// because it lies in the project's directory.
    fn has_made(&mut self, path: &str, made: &Made) -> bool {
        let project = self.project(path);
        if made.places.iter().any(|place| is_below(place, &project)) {
            return true;
        }
        let own = project.rsplit('/').next().unwrap_or_default().to_owned();
        let files = self.projects.get(&project).cloned().unwrap_or_default();
        let is_named = |name: &str| made.names.iter().any(|wanted| plain(wanted) == plain(name));
        is_named(&own)
            || files.iter().any(|file| {
                is_named(stem(file)) || self.source(file).is_some_and(|source| words(source.text()).any(is_named))
            })
    }

    /// The directory of the project that a file belongs to; its own, where there is no project file.
    fn project(&self, path: &str) -> String {
        let own = directory(path);
        let mut at = own;
        loop {
            if self.projects.contains_key(at) {
                return at.to_owned();
            }
            match at.rsplit_once('/') {
                Some((above, last)) if last != ".." => at = above,
                _ if !at.is_empty() && at != ".." && !at.contains('/') => at = "",
                _ => return own.to_owned(),
            }
        }
    }

    fn trace(&mut self, path: &str, name: &str) -> Option<Entry> {
        let language = language(path)?;
        let project = self.project(path);
        let mut rest: Vec<String> = self.paths.clone();
        rest.retain(|other| {
            other != path
                && self::language(other) == Some(language)
                && extension(other) != "def"
                && is_below(other, &project)
                && self.project(other) == project
        });
        let first = self.source(path)?;
        let start = unit(&first, 0)?;
        let function = start.functions.iter().position(|function| function.name == name && function.entry.is_some())?;
        let place = start.functions[function].place;
        let mut sources = vec![first];
        let mut waiting: Vec<Arc<Source>> = rest.iter().filter_map(|path| self.source(path)).collect();
        let load = |name: &str, next: usize| {
            let mut units = Vec::new();
            waiting.retain(|source| {
                if next + units.len() >= MOST_PARSED || !may_declare(source.text(), name) {
                    return true;
                }
                if let Some(unit) = unit(source, next + units.len()) {
                    units.push(unit);
                    sources.push(source.clone());
                }
                false
            });
            units
        };
        let mut program = Program::new(vec![start], load);
        let asked = program.trace(Some((0, function)));
        drop(program);
        Some(Entry { asked, sources, place })
    }
}

fn unit(source: &Source, at: usize) -> Option<Unit> {
    let (path, text) = (source.path(), source.text());
    match language(path)? {
        Language::CSharp => csharp::unit(text, at),
        Language::Cpp => cpp::unit(text, at),
        Language::Rust => {
            let module = if stem(path) == "mod" { stem(directory(path)) } else { stem(path) };
            rust::unit(text, at, module)
        }
        Language::Script => None,
    }
}

/// A name as all tools spell it: Cargo makes `a_b.dll` of `a-b`.
fn plain(name: &str) -> String {
    name.replace('-', "_").to_ascii_lowercase()
}

/// What stands between the marks of a project file.
fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric() && !matches!(c, '_' | '-' | '.'))
}

/// Words behind which a name is used, though a type could stand there.
const USES: [&str; 14] =
    ["return", "new", "await", "throw", "else", "case", "in", "goto", "delete", "typeof", "sizeof", "and", "or", "not"];
/// Words behind which a name is declared, whatever follows.
const DECLARES: [&str; 15] = [
    "class",
    "struct",
    "record",
    "interface",
    "enum",
    "define",
    "fn",
    "const",
    "static",
    "mod",
    "namespace",
    "union",
    "trait",
    "impl",
    "mut",
];

/// Whether a text may declare a name: it stands behind a type or a keyword, and gets a value or a body.
fn may_declare(text: &str, name: &str) -> bool {
    let is_word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    memchr::memmem::find_iter(text.as_bytes(), name.as_bytes()).any(|at| {
        let (Some(before), Some(after)) = (text.get(..at), text.get(at + name.len()..)) else { return false };
        let closes = |text: &str| text.bytes().next_back().is_some_and(is_word);
        if closes(before) || after.bytes().next().is_some_and(is_word) {
            return false;
        }
        let trimmed = before.trim_end();
        let word = trimmed.len() - trimmed.bytes().rev().take_while(|byte| is_word(*byte)).count();
        let word = trimmed.get(word..).unwrap_or_default();
        if DECLARES.contains(&word) {
            return true;
        }
        let typed = trimmed.ends_with(['>', ']', '*', '&', '?', ':']) || (!word.is_empty() && !USES.contains(&word));
        let next = after.trim_start().bytes().next();
        typed && next.is_some_and(|next| b"(<=;{[:".contains(&next))
    })
}

fn language(path: &str) -> Option<Language> {
    Some(match extension(path) {
        "cs" => Language::CSharp,
        "cpp" | "cc" | "cxx" | "c" | "h" | "hpp" | "def" => Language::Cpp,
        "rs" => Language::Rust,
        _ => return None,
    })
}

fn is_project(path: &str) -> bool {
    matches!(extension(path), "csproj" | "vcxproj" | "vcproj")
        || path.ends_with("Cargo.toml")
        || path.ends_with("CMakeLists.txt")
}

fn is_wanted(path: &str) -> bool {
    language(path).is_some() || is_project(path)
}

fn extension(path: &str) -> &str {
    path.rsplit('/').next().and_then(|name| name.rsplit_once('.')).map_or("", |(_, extension)| extension)
}

fn directory(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(directory, _)| directory)
}

fn stem(path: &str) -> &str {
    let name = path.rsplit('/').next().unwrap_or(path);
    name.rsplit_once('.').map_or(name, |(stem, _)| stem)
}

fn is_below(path: &str, directory: &str) -> bool {
    match directory {
        "" | "." => !path.starts_with("../") && !path.starts_with('/'),
        _ => path.strip_prefix(directory).is_some_and(|rest| rest.starts_with('/')),
    }
}
