//! Which files belong together, and what they link to.
//!
//! The files of a project are compiled one by one, once for each world that their undecided
//! conditions open. For each world, the sections are linked as WiX would: from an entry section
//! along its references, and a package is what is reached.

pub mod discovery;
mod link;

use std::sync::Arc;

use crate::diagnostic::Note;
use crate::preprocess::{self, Files, Namespace, Options};
use crate::source::{DecodeError, FileId, Source, Sources, Span};
use crate::syntax::SyntaxError;
use crate::wix::{Compiler, Dialect, Document, Generation, Section};

pub use link::Package;

/// What the user says about a whole run.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    pub preprocess: Options,
    /// The toolset generation; `None`: the newest that builds the sources.
    pub generation: Option<Generation>,
}

/// A file that could not be read.
#[derive(Debug)]
pub struct Unreadable {
    pub path: String,
    pub error: std::io::Error,
}

/// The files of one project, compiled.
#[derive(Debug, Default)]
pub struct Project {
    /// The files that were asked for, in their order.
    pub files: Vec<FileId>,
    pub errors: Vec<SyntaxError>,
    pub undecodable: Vec<(FileId, DecodeError)>,
    /// Root elements that WiX v3 and later do not build.
    pub foreign: Vec<(Namespace, Span)>,
    pub notes: Vec<Note>,
    worlds: Vec<World>,
}

/// What the sources say when the undecided conditions are taken one way.
#[derive(Debug)]
pub struct World {
    documents: Vec<Arc<Document>>,
}

impl Project {
    /// Compiles `sources` as one project.
    pub fn compile(
        given: Vec<Result<Source, (Source, DecodeError)>>,
        settings: &Settings,
        files: &dyn Files,
        sources: &mut Sources,
    ) -> Project {
        let mut project = Project::default();
        let mut compiled = Vec::new();
        for source in given {
            match source {
                Ok(source) => {
                    let file = sources.add(Arc::new(source));
                    project.files.push(file);
                    compiled.push(project.compile_file(file, settings, files, sources));
                }
                Err((source, error)) => {
                    let file = sources.add(Arc::new(source));
                    project.files.push(file);
                    project.undecodable.push((file, error));
                }
            }
        }
        let worlds = compiled.iter().map(Vec::len).max().unwrap_or(1);
        for at in 0..worlds {
            let pick = |worlds: &Vec<Option<Arc<Document>>>| worlds[at.min(worlds.len() - 1)].clone();
            // A world in which a file refuses to be built is none; the first stands for "no other".
            let documents: Option<Vec<_>> = compiled.iter().map(pick).collect();
            project.worlds.extend(documents.map(|documents| World { documents }));
        }
        project
    }

    /// The file in each of its worlds; `None` where WiX would not build it.
    fn compile_file(
        &mut self,
        file: FileId,
        settings: &Settings,
        files: &dyn Files,
        sources: &mut Sources,
    ) -> Vec<Option<Arc<Document>>> {
        let mut documents = Vec::new();
        let mut worlds = 1;
        while documents.len() < worlds {
            let mut compiler = Compiler::default();
            let outcome =
                preprocess::run(file, documents.len(), &settings.preprocess, files, sources, &mut compiler);
            let mut document = compiler.finish();
            worlds = worlds.max(outcome.worlds);
            if documents.is_empty() {
                self.errors.extend(outcome.errors);
                self.undecodable.extend(outcome.unreadable);
                self.foreign.extend(document.foreign_root);
            }
            for note in outcome.notes.into_iter().chain(std::mem::take(&mut document.notes)) {
                if !self.notes.contains(&note) {
                    self.notes.push(note);
                }
            }
            documents.push((!outcome.refused).then(|| Arc::new(document)));
        }
        documents
    }

    /// What the sources say, each way that undecided conditions can be taken.
    pub fn worlds(&self) -> &[World] {
        &self.worlds
    }
}

impl World {
    fn sections(&self) -> impl Iterator<Item = &Section> {
        self.documents.iter().flat_map(|document| &document.sections)
    }

    /// One package for each entry section; one of all fragments when there is none.
    pub fn packages(&self, settings: &Settings) -> Vec<Package<'_>> {
        [Dialect::V3, Dialect::V4]
            .into_iter()
            .flat_map(|dialect| {
                let sections: Vec<&Section> =
                    self.sections().filter(|section| section.dialect == dialect).collect();
                let generation = settings.generation.unwrap_or(Generation::newest(dialect));
                // A generation that does not build the dialect is not meant for these sources.
                let fits = (generation == Generation::V3) == (dialect == Dialect::V3);
                let generation = if fits { generation } else { Generation::newest(dialect) };
                link::packages(&sections, generation)
            })
            .collect()
    }
}
