//! The projects that the editor has open, kept compiled.
//!
//! A change of an open file compiles that file again and links its projects anew. Whatever else may have changed, files
//! that came or went, project files, configurations, is a reason to begin from the start: reading two thousand files takes less
//! than anybody notices.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::documents::Document;
use crate::analysis::{self, Analysis};
use crate::diagnostic::{Diagnostic, Note};
use crate::disk::{Buffered, identity};
use crate::fix::prove::{Kinship, Neighbour};
use crate::inputs::{Build, Given, Inputs};
use crate::listing;
use crate::model::Model;
use crate::project::discovery::is_source;
use crate::project::{Project, Settings};
use crate::rules::UNUSED_SUPPRESSION;
use crate::source::{FileId, Source, Sources};

/// What the user says about all projects.
#[derive(Clone, Debug, Default)]
pub struct Terms {
    pub build: Build,
    /// The rules of `--select`, if there are any.
    pub selected: Option<Vec<&'static str>>,
    /// Those of `--ignore`.
    pub ignored: Vec<&'static str>,
}

#[derive(Default)]
pub(super) struct Workspace {
    terms: Terms,
    /// The directories that the editor has open.
    pub(super) folders: Vec<PathBuf>,
    pub(super) sources: Sources,
    pub(super) projects: Vec<Loaded>,
    /// The disk with what is open over it.
    pub(super) disk: Buffered,
    /// Each file by its identity; so many of the sources are in it.
    files: FxHashMap<PathBuf, FileId>,
    known: usize,
}

/// A project, and what was found in it.
pub(super) struct Loaded {
    pub(super) project: Project,
    pub(super) settings: Settings,
    /// Files whose texts are newer than what the project was compiled from.
    changed: Vec<FileId>,
    /// `None`: its text has changed since.
    pub(super) judged: Option<Judged>,
}

/// What the rules say about a project.
pub(super) struct Judged {
    pub(super) findings: Vec<Diagnostic>,
    numbers: Numbers,
}

/// The numbers of the schedule elements of files, each with the end of its start tag.
type Numbers = FxHashMap<FileId, Vec<(u32, String)>>;

impl Workspace {
    pub(super) fn new(terms: Terms, folders: Vec<PathBuf>) -> Workspace {
        Workspace { terms, folders, ..Workspace::default() }
    }

    /// Looks for projects, and compiles them all; tells what could not be done.
    pub(super) fn load<'d>(&mut self, open: impl Iterator<Item = &'d Document>) -> Vec<String> {
        let open: Vec<&Document> = open.collect();
        self.sources = Sources::default();
        self.projects.clear();
        self.files.clear();
        self.known = 0;
        let mut folders = self.folders.clone();
        folders.sort();
        // What lies in another one is found there.
        folders.dedup_by(|inner, outer| inner.starts_with(&*outer));
        let mut inputs = Inputs::below(&folders);
        for document in open.iter().filter(|document| is_source(document.source.path())) {
            inputs.take_open(document.source.path(), self.is_below(&document.identity));
        }
        let buffers = open.iter().map(|document| (document.identity.clone(), bytes(&document.source))).collect();
        self.disk = Buffered { disk: inputs.disk, buffers };
        let mut errors = inputs.errors;
        for mut group in inputs.groups {
            let mut settings = match group.settings(&self.terms.build) {
                Ok(settings) => settings,
                Err(error) => {
                    errors.push(error);
                    continue;
                }
            };
            settings.policy.selected.clone_from(&self.terms.selected);
            settings.policy.ignored.clone_from(&self.terms.ignored);
            if !group.leave_out(&settings.policy) {
                continue;
            }
            let Given { files, errors: unread, .. } = group.read(None, &self.disk);
            errors.extend(unread);
            let project = Project::compile(files, &settings, &self.disk, &mut self.sources);
            self.projects.push(Loaded { project, settings, changed: Vec::new(), judged: None });
        }
        self.learn_files();
        errors.dedup();
        errors
    }

    /// Whether a file, by its identity, lies in an open directory.
    pub(super) fn is_below(&self, file: &Path) -> bool {
        self.folders.iter().any(|folder| file.starts_with(identity(folder)))
    }

    /// Which file a path is; files that were included since are found, too.
    fn learn_files(&mut self) {
        let new = self.sources.iter().skip(self.known);
        for (file, source) in new {
            self.files.entry(identity(Path::new(source.path()))).or_insert(file);
        }
        self.known = self.sources.iter().count();
    }

    /// The file that a path names, if a project has it.
    pub(super) fn file(&self, identity: &Path) -> Option<FileId> {
        self.files.get(identity).copied()
    }

    /// Takes in the text of an open file. Whether a project knows the file.
    pub(super) fn set_text(&mut self, document: &Document) -> bool {
        self.disk.buffers.insert(document.identity.clone(), bytes(&document.source));
        let Some(file) = self.file(&document.identity) else { return false };
        if self.sources.get(file).text() != document.source.text() {
            let source = self.sources.get(file).with_text(document.source.text().to_owned());
            self.sources.replace(file, Arc::new(source));
            for loaded in &mut self.projects {
                if loaded.project.all_files().any(|other| other == file) {
                    loaded.changed.push(file);
                    loaded.judged = None;
                }
            }
        }
        true
    }

    /// A file is closed, with the text that was saved.
    pub(super) fn forget(&mut self, document: &Document) {
        self.disk.buffers.remove(&document.identity);
    }

    /// Compiles again what has changed.
    pub(super) fn settle(&mut self) {
        for loaded in &mut self.projects {
            if !loaded.changed.is_empty() {
                let changed = std::mem::take(&mut loaded.changed);
                let (settings, sources) = (&loaded.settings, &mut self.sources);
                loaded.project = loaded.project.recompile(&changed, settings, &self.disk, sources);
            }
        }
        self.learn_files();
    }

    /// The first project whose findings are not known.
    pub(super) fn unjudged(&self) -> Option<usize> {
        self.projects.iter().position(|loaded| loaded.judged.is_none())
    }

    /// Finds out what is wrong in a project.
    pub(super) fn judge(&mut self, at: usize) {
        let Some(loaded) = self.projects.get_mut(at) else { return };
        let analysis = Analysis::of(&loaded.project, &loaded.settings);
        let told = analysis.findings.iter().filter(|finding| !finding.is_silenced);
        let findings = told.map(|finding| finding.diagnostic.clone()).collect();
        let numbers = numbers(analysis.worlds.first().map_or(&[], Vec::as_slice));
        loaded.judged = Some(Judged { findings, numbers });
    }

    /// What is found in all projects, each finding once, and the notes about what is not known.
    pub(super) fn findings(&self) -> (Vec<&Diagnostic>, Vec<&Note>) {
        let mut told = FxHashSet::default();
        let mut findings = Vec::new();
        for judged in self.projects.iter().filter_map(|loaded| loaded.judged.as_ref()) {
            for finding in &judged.findings {
                let span = finding.primary.span;
                // What one project says about a comment, another that has the file may deny.
                let is_certain = finding.rule != UNUSED_SUPPRESSION || self.with(span.file).count() == 1;
                if is_certain && told.insert((finding.rule, span, &finding.message)) {
                    findings.push(finding);
                }
            }
        }
        let mut noted = FxHashSet::default();
        let notes = self.projects.iter().flat_map(|loaded| &loaded.project.notes);
        (findings, notes.filter(|note| noted.insert(*note)).collect())
    }

    /// The numbers of the schedule elements of a file, in the order of their places.
    pub(super) fn numbers(&self, file: FileId) -> Vec<(u32, String)> {
        let own = |at: usize| {
            let loaded = &self.projects[at];
            match &loaded.judged {
                Some(judged) => judged.numbers.get(&file).cloned(),
                None => numbers(&loaded.packages()).remove(&file),
            }
        };
        let mut numbers: Vec<(u32, String)> = self.with(file).filter_map(own).flatten().collect();
        numbers.sort();
        numbers.dedup();
        numbers
    }

    /// The projects that have a file, by their places in the list.
    pub(super) fn with(&self, file: FileId) -> impl Iterator<Item = usize> {
        let has = move |loaded: &Loaded| loaded.project.all_files().any(|other| other == file);
        self.projects.iter().enumerate().filter(move |(_, loaded)| has(loaded)).map(|(at, _)| at)
    }

    /// The other projects that have files in common with one.
    pub(super) fn neighbours(&self, at: usize) -> Vec<Neighbour<'_>> {
        let own: FxHashSet<FileId> = self.projects[at].project.all_files().collect();
        let others = self.projects.iter().enumerate().filter(|(other, _)| *other != at).map(|(_, loaded)| loaded);
        let shares = others.filter(|loaded| loaded.project.all_files().any(|file| own.contains(&file)));
        shares
            .map(|Loaded { project, settings, .. }| Neighbour { project, settings, kinship: Kinship::Sharing })
            .collect()
    }
}

impl Loaded {
    /// The packages of the first configuration, in which nothing is defined that nobody defines.
    pub(super) fn packages(&self) -> Vec<Model<'_>> {
        analysis::worlds(&self.project, &self.settings).into_iter().next().unwrap_or_default()
    }

    /// Those that a file is about.
    pub(super) fn packages_with(&self, file: FileId) -> Vec<Model<'_>> {
        linking(self.packages(), file)
    }
}

/// The packages that link what a file holds; all of them, if none does.
pub(super) fn linking(mut packages: Vec<Model<'_>>, file: FileId) -> Vec<Model<'_>> {
    if packages.iter().any(|model| model.package.is_written_in(file)) {
        packages.retain(|model| model.package.is_written_in(file));
    }
    packages
}

/// A text as the bytes of a file whose encoding is certain, whatever its declaration says of how it will be saved.
fn bytes(source: &Source) -> Vec<u8> {
    ["\u{FEFF}", source.text()].concat().into_bytes()
}

/// The number of each schedule element, as it is listed; several, where packages or tables give it several.
fn numbers(models: &[Model<'_>]) -> Numbers {
    let mut numbers: FxHashMap<FileId, BTreeMap<u32, Vec<String>>> = FxHashMap::default();
    for row in models.iter().flat_map(|model| &model.schedules).flat_map(|schedule| &schedule.rows) {
        let Some(entry) = row.entry.filter(|entry| !entry.span.is_nowhere()) else { continue };
        let here = numbers.entry(entry.span.file).or_default().entry(entry.span.end).or_default();
        let number = listing::number(row.number);
        if !here.contains(&number) {
            here.push(number);
        }
    }
    // One element, one text.
    let told = |here: BTreeMap<u32, Vec<String>>| here.into_iter().map(|(at, own)| (at, own.join(", "))).collect();
    numbers.into_iter().map(|(file, here)| (file, told(here))).collect()
}
