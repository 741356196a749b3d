//! Which files belong together, and what they link to.
//!
//! The files of a project are compiled one by one, once for each world that their undecided
//! conditions open. For each world, the sections are linked as WiX would: from an entry section
//! along its references, and a package is what is reached.

pub mod discovery;
mod harvest;
mod link;
mod pattern;
mod programs;
pub mod wixproj;
mod worlds;

use std::sync::Arc;

use rustc_hash::FxHashSet;

use crate::code::Code;
use crate::diagnostic::Note;
use crate::policy::Policy;
use crate::preprocess::{Decision, Files, Mistake, Namespace, Options};
use crate::source::{DecodeError, FileId, Source, Sources, Span};
use crate::suppress::{self, Comments};
use crate::syntax::SyntaxError;
use crate::wix::{Dialect, Document, Extension, Generation, Section};
use worlds::{Explored, Tools, Variant, explore};

pub use link::{Build, Package};

/// What the user says about a whole run.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    pub preprocess: Options,
    /// The toolset generation; `None`: the newest that builds the sources.
    pub generation: Option<Generation>,
    /// Actions that read a property although no source says so.
    pub readers: Vec<(String, Vec<String>)>,
    /// The build links more than the sources: libraries, or extensions that nobody here knows.
    pub links_more: bool,
    /// Extensions that the user declares, in the order of their namespaces in `preprocess`.
    pub extensions: Vec<Extension>,
    pub policy: Policy,
}

/// A file as it was read: decoded, or as far as it could be.
pub type Given = (Arc<Source>, Option<DecodeError>);

/// The files of one project, compiled.
#[derive(Clone, Debug, Default)]
pub struct Project {
    /// The files that were asked for, in their order.
    pub files: Vec<FileId>,
    pub errors: Vec<SyntaxError>,
    /// Files that could not be decoded, each with the place up to which it could.
    pub undecodable: Vec<(Span, DecodeError)>,
    /// Root elements that WiX v3 and later do not build.
    pub foreign: Vec<(Namespace, Span)>,
    pub notes: Vec<Note>,
    compiled: Vec<Compiled>,
    worlds: Vec<World>,
    code: Arc<Code>,
    /// The code was found for a part of the project, and what the rest calls is not looked for.
    has_given_code: bool,
    /// There are more undecided conditions than worlds for them.
    pub is_cut: bool,
    /// The comments that silence rules, file by file.
    pub comments: Vec<(FileId, Comments)>,
    /// The paths of all files, by their numbers, if the policy asks for paths.
    paths: Vec<String>,
}

/// A file, and what it was compiled to so far.
#[derive(Clone, Debug)]
struct Compiled {
    file: FileId,
    variants: Vec<Arc<Variant>>,
}

/// What the sources say when the undecided conditions are taken one way.
#[derive(Clone, Debug, Default)]
pub struct World {
    documents: Vec<Arc<Document>>,
    /// The code that its custom actions call.
    code: Arc<Code>,
    /// Whether all that was handed in could be read and understood.
    is_whole: bool,
    /// What the preprocessor refuses in it.
    pub mistakes: Vec<Mistake>,
    /// How it has taken the conditions.
    pub decisions: Vec<Decision>,
}

impl Project {
    /// Compiles `given` as one project.
    pub fn compile(given: Vec<Given>, settings: &Settings, files: &dyn Files, sources: &mut Sources) -> Project {
        Project::default().take(given, &mut Tools { settings, files, sources })
    }

    /// Compiles `given`, of which this project is a part. The code that only the rest of it calls is not looked for.
    pub fn compile_whole(
        &self,
        given: Vec<Given>,
        settings: &Settings,
        files: &dyn Files,
        sources: &mut Sources,
    ) -> Project {
        let whole = Project { code: self.code.clone(), has_given_code: true, ..Project::default() };
        whole.take(given, &mut Tools { settings, files, sources })
    }

    fn take(mut self, given: Vec<Given>, tools: &mut Tools<'_>) -> Project {
        for (source, error) in given {
            let at = error.as_ref().map_or(0, |error| error.offset(&source));
            // Another project of the run may have the same file.
            let file = tools.sources.find(source.path()).unwrap_or_else(|| tools.sources.add(source));
            self.files.push(file);
            match error {
                None => self.compiled.push(Compiled { file, variants: Vec::new() }),
                Some(error) => self.undecodable.push((Span { file, start: at, end: at }, error)),
            }
        }
        self.explore(tools);
        self
    }

    /// The same project after some of its files got other texts, which `sources` holds already.
    /// What the others were compiled to is used again.
    pub fn recompile(
        &self,
        changed: &[FileId],
        settings: &Settings,
        files: &dyn Files,
        sources: &mut Sources,
    ) -> Project {
        let mut project = Project {
            files: self.files.clone(),
            undecodable: self.given_undecodable(),
            code: self.code.clone(),
            has_given_code: self.has_given_code,
            ..Project::default()
        };
        let changed: FxHashSet<FileId> = changed.iter().copied().collect();
        project.compiled.extend(self.compiled.iter().map(|compiled| {
            let is_stale = compiled.files().any(|file| changed.contains(&file));
            if is_stale { Compiled { variants: Vec::new(), ..*compiled } } else { compiled.clone() }
        }));
        project.explore(&mut Tools { settings, files, sources });
        project
    }

    /// The files that were asked for and could not be decoded.
    fn given_undecodable(&self) -> Vec<(Span, DecodeError)> {
        self.undecodable.iter().filter(|(span, _)| self.files.contains(&span.file)).cloned().collect()
    }

    /// Compiles the files for each world, and collects what is said about them.
    fn explore(&mut self, tools: &mut Tools<'_>) {
        let Explored { worlds, is_cut, notes } = explore(&mut self.compiled, tools);
        (self.worlds, self.is_cut) = (worlds, is_cut);
        let requests = programs::requests(&self.worlds, tools.sources);
        if !self.has_given_code && !self.code.answers(&requests) {
            self.code = Arc::new(programs::look(requests, tools));
        }
        self.worlds.iter_mut().for_each(|world| world.code = self.code.clone());
        for compiled in &self.compiled {
            let Some(first) = compiled.variants.first() else { continue };
            let mut errors = first.errors.clone();
            let mut told = FxHashSet::default();
            let all = compiled.variants.iter().flat_map(|variant| &variant.notes);
            let mut notes: Vec<Note> = all.filter(|note| told.insert(*note)).cloned().collect();
            self.foreign.extend(one_thing_about_foreign(first.document.foreign_root, &mut errors, &mut notes));
            self.errors.extend(errors);
            for bad in &first.undecodable {
                // Several files may include it, and it may have been given as well.
                if !self.undecodable.contains(bad) {
                    self.undecodable.push(bad.clone());
                }
            }
            self.notes.extend(notes);
        }
        self.notes.extend(notes);
        self.comments = suppress_comments(&self.compiled, tools.sources);
        if tools.settings.policy.asks_for_paths() {
            self.paths = tools.sources.iter().map(|(_, source)| source.path().to_owned()).collect();
        }
        if !self.undecodable.is_empty() {
            self.worlds.iter_mut().for_each(|world| world.is_whole = false);
        }
    }

    /// Every file that takes part, includes among them; one that several include comes several times.
    pub fn all_files(&self) -> impl Iterator<Item = FileId> {
        self.compiled.iter().flat_map(Compiled::files)
    }

    /// The path of a file, as the user gave it; nothing where the policy does not ask for it.
    pub fn path(&self, file: FileId) -> &str {
        self.paths.get(file.index()).map_or("", String::as_str)
    }

    /// What the sources say, each way that undecided conditions can be taken.
    pub fn worlds(&self) -> &[World] {
        &self.worlds
    }
}

impl Compiled {
    /// Every file that takes part in any world, the file itself first.
    fn files(&self) -> impl Iterator<Item = FileId> {
        let mut known = FxHashSet::default();
        let files = self.variants.iter().flat_map(|variant| &variant.files).copied();
        std::iter::once(self.file).chain(files).filter(move |&file| known.insert(file))
    }
}

/// The comments that silence rules, of the files that have any.
fn suppress_comments(compiled: &[Compiled], sources: &Sources) -> Vec<(FileId, Comments)> {
    let variants = compiled.iter().flat_map(|compiled| &compiled.variants);
    let mut files: Vec<FileId> = variants.flat_map(|variant| variant.document.silencing.iter().copied()).collect();
    files.sort_unstable();
    files.dedup();
    files.into_iter().map(|file| (file, suppress::read(file, sources.get(file).text()))).collect()
}

/// Of a file that is not for WiX nothing else is said, unless its first tag is what could not be read.
fn one_thing_about_foreign(
    foreign: Option<(Namespace, Span)>,
    errors: &mut Vec<SyntaxError>,
    notes: &mut Vec<Note>,
) -> Option<(Namespace, Span)> {
    let (_, root) = foreign?;
    if errors.iter().any(|error| error.span.file == root.file && error.span.start < root.end) {
        return None;
    }
    errors.retain(|error| error.span.file != root.file);
    notes.clear();
    foreign
}

impl World {
    fn sections(&self) -> impl Iterator<Item = &Section> {
        self.documents.iter().flat_map(|document| &document.sections)
    }

    /// The packages as another toolset would link them, whichever dialect the sources are written in: what
    /// a migration would make of them.
    pub fn packages_by(&self, generation: Generation, settings: &Settings) -> Vec<Package<'_>> {
        let sections: Vec<&Section> = self.sections().collect();
        let platform = settings.preprocess.platform;
        let is_whole = self.is_whole && !settings.links_more;
        link::packages(&sections, &self.code, generation, Build { generation_is_known: true, platform, is_whole })
    }

    /// One package for each entry section; one of all fragments when there is none.
    pub fn packages(&self, settings: &Settings) -> Vec<Package<'_>> {
        [Dialect::V3, Dialect::V4]
            .into_iter()
            .flat_map(|dialect| {
                let sections: Vec<&Section> = self.sections().filter(|section| section.dialect == dialect).collect();
                let generation = settings.generation.unwrap_or(Generation::newest(dialect));
                // A generation that does not build the dialect is not meant for these sources.
                let fits = (generation == Generation::V3) == (dialect == Dialect::V3);
                let generation = if fits { generation } else { Generation::newest(dialect) };
                let build = Build {
                    generation_is_known: dialect == Dialect::V3 || (fits && settings.generation.is_some()),
                    platform: settings.preprocess.platform,
                    is_whole: self.is_whole && !settings.links_more,
                };
                link::packages(&sections, &self.code, generation, build)
            })
            .collect()
    }
}
