//! What holds for any sources whatsoever: of a project in memory, checked and fixed.

use std::io;
use std::sync::Arc;

use wixlint::analysis::{Analysis, worlds};
use wixlint::diagnostic::{Applicability, Diagnostic};
use wixlint::fix::diff::{Diff, Form};
use wixlint::fix::prove::{Base, edited, prove};
use wixlint::fix::repair::{Repaired, Terms, repair};
use wixlint::listing::Listing;
use wixlint::msi::Table;
use wixlint::preprocess::{Files, without_detours};
use wixlint::project::{Project, Settings};
use wixlint::report::sequence::{self, SequenceFormat};
use wixlint::report::{self, Applied, Format, Report, Style};
use wixlint::source::{Source, Sources, Span};

/// Files by path, each path once. Those whose names end with `.wxs` are the project; others lie around it.
#[derive(Clone, Debug)]
pub(crate) struct Memory(pub(crate) Vec<(String, Vec<u8>)>);

impl Files for Memory {
    fn read(&self, path: &str) -> io::Result<Vec<u8>> {
        let file = self.0.iter().find(|(own, _)| own == path);
        file.map(|(_, bytes)| bytes.clone()).ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    fn resolve(&self, path: &str) -> Option<String> {
        let wanted = without_detours(path).to_lowercase();
        self.0.iter().map(|(own, _)| own).find(|own| own.to_lowercase() == wanted).cloned()
    }

    fn list(&self, directory: &str) -> Option<Vec<String>> {
        let inside = |path: &str| Some(path.strip_prefix(directory)?.trim_start_matches('/').to_owned());
        Some(self.0.iter().filter_map(|(path, _)| inside(path)).filter(|name| !name.contains('/')).collect())
    }

    fn above(&self, directory: &str) -> Vec<String> {
        let mut levels = vec![directory.to_owned(), String::new()];
        levels.dedup();
        levels
    }

    fn below(&self, directory: &str, most: usize, is_wanted: &dyn Fn(&str) -> bool) -> Vec<String> {
        let below = self.0.iter().map(|(path, _)| path).filter(|path| path.starts_with(directory) && is_wanted(path));
        below.take(most).cloned().collect()
    }
}

impl Memory {
    /// Takes the first file of each path.
    pub(crate) fn new(files: Vec<(String, Vec<u8>)>) -> Memory {
        let mut memory = Memory(Vec::new());
        for (path, bytes) in files {
            if memory.0.iter().all(|(known, _)| *known != path) {
                memory.0.push((path, bytes));
            }
        }
        memory
    }

    pub(crate) fn compile(&self, settings: &Settings) -> (Project, Sources) {
        let given = self.0.iter().filter(|(path, _)| path.ends_with(".wxs"));
        let given = given.map(|(path, bytes)| match Source::decode(path.clone(), bytes.clone()) {
            Ok(source) => (Arc::new(source), None),
            Err(bad) => (Arc::new(bad.source), Some(bad.error)),
        });
        let mut sources = Sources::default();
        let project = Project::compile(given.collect(), settings, self, &mut sources);
        (project, sources)
    }

    pub(crate) fn findings(&self, settings: &Settings) -> (Vec<Diagnostic>, Project, Sources) {
        let (project, sources) = self.compile(settings);
        let analysis = Analysis::of(&project, settings);
        let base =
            Base { project: &project, analysis: &analysis, sources: &sources, settings, files: self, neighbours: &[] };
        let findings = prove(&base);
        drop(analysis);
        (findings, project, sources)
    }

    /// Fixes the project, and gives what lies there then.
    pub(crate) fn fixed(&self, settings: &Settings, trust: Applicability) -> (Repaired, Memory) {
        let (project, sources) = self.compile(settings);
        let terms =
            Terms { settings, files: self, neighbours: &[], trust, wanted: &|_: &Diagnostic, _: &Sources, _| true };
        let repaired = repair(project, sources, &terms);
        let mut after = self.clone();
        for &file in &repaired.changed {
            let source = repaired.sources.get(file);
            let bytes = source.encode().expect("what was edited can be written");
            let own = after.0.iter_mut().find(|(path, _)| path == source.path());
            own.expect("only files that are there are edited").1 = bytes;
        }
        (repaired, after)
    }
}

/// What a finding says, with the name of its file in place of a number.
pub(crate) fn told(finding: &Diagnostic, sources: &Sources) -> String {
    let Span { file, start, end } = finding.primary.span;
    let when = finding.when().unwrap_or_default();
    format!("{}:{start}-{end}: {} {when} {}", sources.get(file).path(), finding.rule, finding.message)
}

/// Holds a project to all of it.
pub(crate) fn check(memory: &Memory, settings: &Settings) {
    let (findings, project, sources) = memory.findings(settings);
    spans_are_in_their_files(&findings, &project, &sources);
    every_format_can_be_written(&findings, &project, &sources);
    sequences_can_be_written(&project, settings, &sources);
    single_fixes_leave_other_bytes(&findings, &sources);
    for trust in [Applicability::Safe, Applicability::Unsafe] {
        let is_open = |finding: &Diagnostic| finding.fix.as_ref().is_some_and(|fix| fix.applicability <= trust);
        if findings.iter().any(is_open) {
            fixing_comes_to_an_end(memory, settings, trust);
        }
    }
}

fn spans_are_in_their_files(findings: &[Diagnostic], project: &Project, sources: &Sources) {
    let is_inside = |span: Span, what: &dyn std::fmt::Debug| {
        assert!(!span.is_nowhere(), "a place in no file: {what:?}");
        let text = sources.get(span.file).text();
        assert!(text.get(span.range()).is_some(), "{span:?} does not lie in its text: {what:?}");
    };
    for finding in findings {
        for label in std::iter::once(&finding.primary).chain(&finding.related) {
            is_inside(label.span, label);
        }
        finding.fix.iter().flat_map(|fix| &fix.edits).for_each(|edit| is_inside(edit.span, edit));
    }
    project.errors.iter().for_each(|error| is_inside(error.span, error));
    project.notes.iter().filter_map(|note| Some((note.span?, note))).for_each(|(span, note)| is_inside(span, note));
    for world in project.worlds() {
        world.mistakes.iter().for_each(|mistake| is_inside(mistake.span, mistake));
        world.decisions.iter().for_each(|decision| is_inside(decision.span, decision));
    }
}

const STYLE: Style = Style { color: true, unicode: true, width: 80, links: false, summary: true };

fn every_format_can_be_written(findings: &[Diagnostic], project: &Project, sources: &Sources) {
    let report = Report {
        sources,
        findings,
        notes: &project.notes,
        failures: &[],
        files: 1,
        applied: Applied::Nothing,
        page: |_| None,
    };
    for format in [Format::Full, Format::Concise, Format::Json] {
        report::write(format, &report, &STYLE, &mut io::sink()).expect("a sink takes everything");
    }
}

fn sequences_can_be_written(project: &Project, settings: &Settings, sources: &Sources) {
    let models: Vec<_> = worlds(project, settings).into_iter().flatten().collect();
    let listings: Vec<_> = models.iter().map(|model| Listing::of(model, &Table::ALL, sources)).collect();
    for format in [SequenceFormat::Text, SequenceFormat::Json, SequenceFormat::Svg] {
        sequence::write(format, &listings, &STYLE, &mut io::sink()).expect("a sink takes everything");
    }
}

/// A fix changes the bytes on disk that its edits name, and no others.
fn single_fixes_leave_other_bytes(findings: &[Diagnostic], sources: &Sources) {
    for fix in findings.iter().filter_map(|finding| finding.fix.as_deref()) {
        let (after, changed) = edited(sources, &[fix]).expect("a fix that is offered can be made");
        for file in changed {
            let (old, new) = (sources.get(file), after.get(file));
            let (old_bytes, new_bytes) = (old.encode().unwrap_or_default(), new.encode().unwrap_or_default());
            // From the end on, every piece between two edits is where it was, counted from the end.
            let mut edits: Vec<_> = fix.edits.iter().filter(|edit| edit.span.file == file).collect();
            edits.sort();
            let first = edits.first().map_or(0, |edit| old.file_offset(edit.span.start) as usize);
            let mut kept = vec![old_bytes.get(..first)];
            for (at, edit) in edits.iter().enumerate() {
                let from = old.file_offset(edit.span.end) as usize;
                let to = edits.get(at + 1).map_or(old_bytes.len(), |next| old.file_offset(next.span.start) as usize);
                kept.push(old_bytes.get(from..to));
            }
            let mut rest = &new_bytes[..];
            for (at, piece) in kept.iter().enumerate() {
                let piece = piece.expect("edits lie in the file");
                rest = rest.strip_prefix(piece).unwrap_or_else(|| panic!("{fix:?} has changed {piece:?}"));
                if let Some(edit) = edits.get(at) {
                    let replacement = old.with_text(edit.replacement.clone());
                    let mark = old.with_text(String::new()).encode().unwrap_or_default().len();
                    let written = replacement.encode().expect("it was encoded before").split_off(mark);
                    rest = rest.strip_prefix(&written[..]).unwrap_or_else(|| panic!("{fix:?} is not what was written"));
                }
            }
            assert!(rest.is_empty(), "{fix:?} leaves {rest:?}");
        }
    }
}

fn fixing_comes_to_an_end(memory: &Memory, settings: &Settings, trust: Applicability) {
    let (before, _) = memory.compile(settings);
    let (repaired, after) = memory.fixed(settings, trust);
    assert!(repaired.project.errors.len() <= before.errors.len(), "{:?}\n{after:?}", repaired.project.errors);
    let is_open = |finding: &&Diagnostic| finding.fix.as_ref().is_some_and(|fix| fix.applicability <= trust);
    let open = repaired.left.iter().find(is_open);
    assert!(open.is_none(), "{open:?} is left although it can be fixed");

    // What fixing says is left is what a new run finds.
    let (again, _, sources) = after.findings(settings);
    let left: Vec<_> = repaired.left.iter().map(|finding| told(finding, &repaired.sources)).collect();
    assert_eq!(left, again.iter().map(|finding| told(finding, &sources)).collect::<Vec<_>>());

    let (twice, same) = after.fixed(settings, trust);
    assert!(twice.applied.is_empty(), "fixed again: {after:?}");
    assert_eq!(same.0, after.0);

    for ((path, old), (_, new)) in memory.0.iter().zip(&after.0) {
        if !repaired.changed.iter().any(|&file| repaired.sources.get(file).path() == path) {
            assert_eq!(old, new, "{path} was not to change");
            continue;
        }
        let (Ok(old), Ok(new)) = (Source::decode(&**path, old.clone()), Source::decode(&**path, new.clone())) else {
            panic!("{path} was edited, and is not what a source is");
        };
        assert_eq!(old.encoding(), new.encoding());
        let lone = |source: &Source| source.text().matches('\n').count() - source.text().matches("\r\n").count();
        if source_is_of_windows(&old) {
            assert_eq!(lone(&new), 0, "{path} has got line ends of another kind");
        }
        Diff::between(&old, &new).write(path, Form::Patch, &mut io::sink()).expect("a sink takes everything");
    }
}

fn source_is_of_windows(source: &Source) -> bool {
    source.text().contains("\r\n") && source.text().replace("\r\n", "").find('\n').is_none()
}
