//! Which files belong together, and what they link to.
//!
//! The files of a project are compiled one by one, once for each world that their undecided
//! conditions open. For each world, the sections are linked as WiX would: from an entry section
//! along its references, and a package is what is reached.

pub mod discovery;
mod link;
pub mod wixproj;

use std::sync::Arc;

use rustc_hash::FxHashSet;

use crate::diagnostic::Note;
use crate::preprocess::{self, Files, MAX_WORLDS, Namespace, Options, Worlds};
use crate::source::{DecodeError, FileId, Source, Sources, Span};
use crate::syntax::SyntaxError;
use crate::wix::{Compiler, Dialect, Document, Generation, Section};

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
    /// Rules that run although they are off by default.
    pub asked: Vec<&'static str>,
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
    compiled: Vec<Arc<Compiled>>,
    worlds: Vec<World>,
    /// There are more undecided conditions than worlds for them.
    pub is_cut: bool,
}

/// A file and what it includes, in each of its worlds.
#[derive(Debug, Default)]
struct Compiled {
    files: Vec<FileId>,
    errors: Vec<SyntaxError>,
    undecodable: Vec<(Span, DecodeError)>,
    foreign: Option<(Namespace, Span)>,
    notes: Vec<Note>,
    /// `None` where WiX would refuse to build it.
    worlds: Vec<Option<Arc<Document>>>,
    /// The undecided conditions, in the order of the worlds that they have from the third on.
    undecided: Vec<String>,
}

impl Compiled {
    /// The file in the world that belongs to a condition, or in one of the first two.
    fn world(&self, at: usize, condition: Option<&str>) -> Option<Arc<Document>> {
        let own = condition.and_then(|condition| self.undecided.iter().position(|own| own == condition));
        // Where the condition does not occur, the world is like the one in which none holds.
        let at = own.map(|own| own + 2).filter(|own| *own < self.worlds.len()).unwrap_or(at.min(1));
        let at = at.min(self.worlds.len() - 1);
        self.worlds[at].clone()
    }
}

/// What the sources say when the undecided conditions are taken one way.
#[derive(Clone, Debug)]
pub struct World {
    documents: Vec<Arc<Document>>,
    /// Whether all that was handed in could be read and understood.
    is_whole: bool,
}

impl Project {
    /// Compiles `given` as one project.
    pub fn compile(given: Vec<Given>, settings: &Settings, files: &dyn Files, sources: &mut Sources) -> Project {
        let mut project = Project::default();
        for (source, error) in given {
            let at = error.as_ref().map_or(0, |error| error.offset(&source));
            // Another project of the run may have the same file.
            let file = sources.find(source.path()).unwrap_or_else(|| sources.add(source));
            project.files.push(file);
            match error {
                None => project.compiled.push(Arc::new(compile_file(file, settings, files, sources))),
                Some(error) => project.undecodable.push((Span { file, start: at, end: at }, error)),
            }
        }
        project.link_worlds();
        project
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
        let mut project =
            Project { files: self.files.clone(), undecodable: self.given_undecodable(), ..Project::default() };
        let changed: FxHashSet<FileId> = changed.iter().copied().collect();
        for compiled in &self.compiled {
            let stale = compiled.files.iter().any(|file| changed.contains(file));
            project.compiled.push(match compiled.files.first() {
                Some(&file) if stale => Arc::new(compile_file(file, settings, files, sources)),
                _ => compiled.clone(),
            });
        }
        project.link_worlds();
        project
    }

    /// The files that were asked for and could not be decoded.
    fn given_undecodable(&self) -> Vec<(Span, DecodeError)> {
        self.undecodable.iter().filter(|(span, _)| self.files.contains(&span.file)).cloned().collect()
    }

    /// Puts the files together, world by world.
    fn link_worlds(&mut self) {
        for compiled in &self.compiled {
            self.errors.extend(compiled.errors.iter().cloned());
            self.undecodable.extend(compiled.undecodable.iter().cloned());
            self.foreign.extend(compiled.foreign);
            self.notes.extend(compiled.notes.iter().cloned());
        }
        let mut known = FxHashSet::default();
        let undecided = self.compiled.iter().flat_map(|compiled| &compiled.undecided);
        let undecided: Vec<&str> = undecided.map(String::as_str).filter(|&condition| known.insert(condition)).collect();
        let worlds = preprocess::count(undecided.len());
        self.is_cut = undecided.len() + 2 > MAX_WORLDS;
        if self.is_cut {
            let message = format!(
                "{} conditions depend on what nothing defines; {MAX_WORLDS} of the ways to take them were looked at, and no fix is offered",
                undecided.len()
            );
            self.notes.push(Note { message, span: None });
        }
        let is_whole = self.errors.is_empty() && self.undecodable.is_empty() && self.notes.is_empty();
        for at in 0..worlds {
            let condition = at.checked_sub(2).map(|at| undecided[at]);
            // Where a file refuses to be built, there is no such world.
            let documents: Option<Vec<_>> =
                self.compiled.iter().map(|compiled| compiled.world(at, condition)).collect();
            self.worlds.extend(documents.map(|documents| World { documents, is_whole }));
        }
    }

    /// Every file that takes part, includes among them; one that several include comes several times.
    pub fn all_files(&self) -> impl Iterator<Item = FileId> {
        self.compiled.iter().flat_map(|compiled| &compiled.files).copied()
    }

    /// What the sources say, each way that undecided conditions can be taken.
    pub fn worlds(&self) -> &[World] {
        &self.worlds
    }
}

fn compile_file(file: FileId, settings: &Settings, files: &dyn Files, sources: &mut Sources) -> Compiled {
    let mut compiled = Compiled::default();
    let mut worlds = Worlds::default();
    let mut told = FxHashSet::default();
    while compiled.worlds.len() < worlds.count() {
        let world = compiled.worlds.len();
        let mut compiler = Compiler::default();
        let outcome = preprocess::run(file, (world, &mut worlds), &settings.preprocess, files, sources, &mut compiler);
        let mut document = compiler.finish();
        if world == 0 {
            compiled.errors = outcome.errors;
            compiled.undecodable = outcome.undecodable;
            compiled.foreign = document.foreign_root;
        }
        compiled.files.extend(outcome.files);
        let notes = outcome.notes.into_iter().chain(std::mem::take(&mut document.notes));
        compiled.notes.extend(notes.filter(|note| told.insert(note.clone())));
        compiled.worlds.push((!outcome.refused).then(|| Arc::new(document)));
    }
    compiled.undecided = worlds.keys().map(str::to_owned).collect();
    compiled.say_one_thing_about_foreign();
    compiled
}

impl Compiled {
    /// Of a file that is not for WiX nothing else is said, unless its first tag is what could not be read.
    fn say_one_thing_about_foreign(&mut self) {
        let Some((_, root)) = self.foreign else { return };
        let in_root = |error: &SyntaxError| error.span.file == root.file && error.span.start < root.end;
        if self.errors.iter().any(in_root) {
            self.foreign = None;
        } else {
            self.errors.retain(|error| error.span.file != root.file);
            self.notes.clear();
        }
    }
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
        link::packages(&sections, generation, Build { generation_is_known: true, platform, is_whole })
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
                link::packages(&sections, generation, build)
            })
            .collect()
    }
}
