//! What the library does once the bytes are in memory, and the floor it is measured against.

use std::io;
use std::time::Duration;

use quick_xml::Reader;
use quick_xml::events::Event;

use wixlint::analysis::Analysis;
use wixlint::diagnostic::Diagnostic;
use wixlint::fix::prove::{Base, prove};
use wixlint::preprocess::Files;
use wixlint::project::{Project, Settings};
use wixlint::source::{Source, Sources};

use crate::inputs::Input;
use crate::timing::time;

/// No files but those that are given.
pub(crate) struct Nothing;

impl Files for Nothing {
    fn read(&self, _: &str) -> io::Result<Vec<u8>> {
        Err(io::ErrorKind::NotFound.into())
    }

    fn resolve(&self, _: &str) -> Option<String> {
        None
    }
}

/// A project in memory.
pub(crate) struct Loaded {
    pub(crate) project: Project,
    pub(crate) sources: Sources,
    pub(crate) settings: Settings,
}

impl Loaded {
    pub(crate) fn new(inputs: Vec<Input>) -> Loaded {
        let decoded = inputs.into_iter().filter_map(|(path, bytes)| Source::decode(path, bytes).ok());
        let given = decoded.map(|source| (source.into(), None)).collect();
        let (mut sources, settings) = (Sources::default(), Settings::default());
        let project = Project::compile(given, &settings, &Nothing, &mut sources);
        Loaded { project, sources, settings }
    }

    /// The findings, their fixes proved.
    pub(crate) fn findings(&self) -> Vec<Diagnostic> {
        let Loaded { project, sources, settings } = self;
        let analysis = Analysis::of(project, settings);
        prove(&Base { project, analysis: &analysis, sources, settings, files: &Nothing, neighbours: &[] })
    }
}

/// How long it takes from bytes to findings, and how many there are.
pub(crate) fn lint(inputs: &[Input]) -> (usize, Duration) {
    let inputs = inputs.to_vec();
    time(|| Loaded::new(inputs).findings().len())
}

/// How long it takes to read every event and every attribute of the same bytes, and no more.
pub(crate) fn read_bare(inputs: &[Input]) -> Duration {
    let (seen, time) = time(|| inputs.iter().map(|(_, bytes)| bare(bytes)).sum::<usize>());
    std::hint::black_box(seen);
    time
}

fn bare(bytes: &[u8]) -> usize {
    let text = std::str::from_utf8(bytes).unwrap_or_default();
    let mut reader = Reader::from_str(text);
    let mut seen = 0;
    loop {
        match reader.read_event() {
            Ok(Event::Start(tag) | Event::Empty(tag)) => {
                seen += tag.attributes().flatten().map(|attribute| attribute.value.len()).sum::<usize>();
            }
            Ok(Event::Eof) | Err(_) => return seen,
            Ok(_) => seen += 1,
        }
    }
}
