//! The JSON of a sequence, version 1: fields may be added, none may change.

use std::io::{self, Write};

use serde::Serialize;

use crate::listing::{Flaw, Line, Listing, Sequence, Written};

pub(super) fn write(listings: &[Listing], out: &mut dyn Write) -> io::Result<()> {
    let document = Document { version: 1, packages: listings.iter().map(PackageEntry::new).collect() };
    serde_json::to_writer(&mut *out, &document)?;
    out.write_all(b"\n")
}

#[derive(Serialize)]
struct Document<'a> {
    version: u32,
    packages: Vec<PackageEntry<'a>>,
}

#[derive(Serialize)]
struct PackageEntry<'a> {
    entry: Option<&'a str>,
    wix: &'static str,
    tables: Vec<TableEntry<'a>>,
}

#[derive(Serialize)]
struct TableEntry<'a> {
    table: &'static str,
    actions: Vec<ActionEntry<'a>>,
    /// Actions that are left out, since they hang on a circle.
    left_out: &'a [String],
    problems: Vec<ProblemEntry<'a>>,
}

/// Something that is wrong with an action; `refused`: the toolset builds no package because of it.
#[derive(Serialize)]
struct ProblemEntry<'a> {
    action: &'a str,
    message: &'a str,
    refused: bool,
    #[serde(flatten)]
    place: PlaceEntry<'a>,
}

#[derive(Serialize)]
struct ActionEntry<'a> {
    action: &'a str,
    number: Option<i32>,
    kind: &'static str,
    condition: Option<&'a str>,
    before: Option<&'a str>,
    after: Option<&'a str>,
    #[serde(flatten)]
    place: PlaceEntry<'a>,
    late_read: Option<&'static str>,
}

/// Where something is written: 1-based, columns in code points; or the extension that brings it.
#[derive(Serialize)]
pub(super) struct PlaceEntry<'a> {
    path: Option<&'a str>,
    line: Option<usize>,
    column: Option<usize>,
    extension: Option<&'static str>,
}

impl<'a> PackageEntry<'a> {
    fn new(listing: &'a Listing) -> PackageEntry<'a> {
        PackageEntry {
            entry: listing.entry.as_deref(),
            wix: listing.generation.name(),
            tables: listing.tables.iter().map(TableEntry::new).collect(),
        }
    }
}

impl<'a> TableEntry<'a> {
    fn new(sequence: &'a Sequence) -> TableEntry<'a> {
        let actions = sequence.lines.iter().map(ActionEntry::new).collect();
        let problem = |flaw: &'a Flaw| ProblemEntry {
            action: &flaw.action,
            message: &flaw.text,
            refused: flaw.refused,
            place: PlaceEntry::new(&flaw.place),
        };
        let problems = sequence.flaws.iter().map(problem).collect();
        TableEntry { table: sequence.table.name(), actions, left_out: &sequence.lost, problems }
    }
}

impl<'a> ActionEntry<'a> {
    fn new(line: &'a Line) -> ActionEntry<'a> {
        let side =
            |wanted: bool| line.hangs.as_ref().filter(|(before, _)| *before == wanted).map(|(_, target)| &**target);
        ActionEntry {
            action: &line.action,
            number: line.number,
            kind: line.kind(),
            condition: Some(&*line.condition).filter(|condition| !condition.is_empty()),
            before: side(true),
            after: side(false),
            place: PlaceEntry::new(&line.place),
            late_read: line.late,
        }
    }
}

impl<'a> PlaceEntry<'a> {
    pub(super) fn new(place: &'a Written) -> PlaceEntry<'a> {
        let (path, at, extension) = match place {
            Written::Source { path, line, column } => (Some(&**path), Some((*line, *column)), None),
            Written::Library(name) => (None, None, Some(*name)),
            Written::Default => (None, None, None),
        };
        PlaceEntry { path, line: at.map(|at| at.0), column: at.map(|at| at.1), extension }
    }
}
