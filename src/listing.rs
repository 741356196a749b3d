//! Computed sequences as finished data: the tables of one package with all that is shown of them.
//!
//! A listing refers to no source any more, so that those of two toolsets, or of two states of the
//! sources, can be compared.

mod absent;
mod compare;
mod flaw;
mod implicit;
mod why;

use std::fmt;

use rustc_hash::FxHashSet;

use crate::model::Model;
use crate::msi::Table;
use crate::msi::property::SESSION_KEY;
use crate::preprocess::Platform;
use crate::sequence::{ProblemKind, Row, Schedule};
use crate::source::{Sources, Span};
use crate::wix::{Entry, EntryKind, Execute, Generation, Position, set_directory_anchor};

pub use absent::absent;
pub use compare::{Change, Changed, Comparison, TableChanges};
pub use flaw::Flaw;
pub use why::{Reason, Why};

/// The tables of one package.
#[derive(Clone, Debug)]
pub struct Listing {
    /// The entry section's id; `None`: a library.
    pub entry: Option<String>,
    pub generation: Generation,
    pub platform: Platform,
    /// WiX adds a major upgrade that nobody authored.
    pub has_default_upgrade: bool,
    pub tables: Vec<Sequence>,
}

/// One sequence table.
#[derive(Clone, Debug)]
pub struct Sequence {
    pub table: Table,
    /// As they run: by number, then what runs when the sequence ends, by success, cancel, error and
    /// suspend; those whose number cannot be known come last.
    pub lines: Vec<Line>,
    /// Actions that are left out, since they hang on a circle.
    pub lost: Vec<String>,
    /// What the toolset refuses, or warns of.
    pub flaws: Vec<Flaw>,
}

/// An action in a table.
#[derive(Clone, Debug)]
pub struct Line {
    pub action: String,
    /// `None`: it cannot be known.
    pub number: Option<i32>,
    pub kind: LineKind,
    pub condition: String,
    pub place: Written,
    /// The action that it hangs on, and whether it is Before it.
    pub hangs: Option<(bool, String)>,
    /// The property that it reads although it is gone there.
    pub late: Option<&'static str>,
}

/// What an action is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineKind {
    Standard,
    Dialog,
    /// A custom action; `None`: nobody knows how it is executed.
    Custom(Option<Execute>),
}

/// Where an action is scheduled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Written {
    /// In a source: its path, and the line and column from 1.
    Source { path: String, line: usize, column: usize },
    /// By an extension's library.
    Library(&'static str),
    /// By WiX itself.
    Default,
}

impl Listing {
    /// The tables of a package, in the order of their names.
    pub fn of(model: &Model<'_>, tables: &[Table], sources: &Sources) -> Listing {
        let late = model.readers(SESSION_KEY);
        let late: FxHashSet<(Table, &str)> = late
            .iter()
            .filter(|reader| model.is_late(reader, SESSION_KEY))
            .map(|reader| (reader.schedule.table, reader.row.action))
            .collect();
        let mut tables = tables.to_vec();
        tables.sort_by_key(|table| table.name());
        let sequence = |table: Table| {
            let schedule = model.schedule(table);
            let line = |row: &Row<'_>| {
                let late = late.contains(&(table, row.action)).then_some(SESSION_KEY);
                Line { late, ..line(model, row, sources) }
            };
            let mut lines: Vec<Line> = schedule.rows.iter().map(line).collect();
            lines.sort_by_key(|line| (line.number.is_none(), line.runs_at_end(), line.number.map(i32::abs)));
            Sequence { table, lines, lost: lost(schedule), flaws: flaw::flaws(model, table, sources) }
        };
        Listing {
            entry: model.package.entry.map(|entry| entry.id.clone().unwrap_or_default()),
            generation: model.package.generation,
            platform: model.package.build.platform,
            has_default_upgrade: model.package.has_default_upgrade(),
            tables: tables.into_iter().map(sequence).collect(),
        }
    }

    /// What to call it where several are printed.
    pub fn title(&self) -> &str {
        self.entry.as_deref().unwrap_or("library")
    }
}

/// An action's number as it is printed; `None`: it cannot be known.
pub fn number(number: Option<i32>) -> String {
    number.map_or("?".to_owned(), |number| number.to_string())
}

fn lost(schedule: &Schedule<'_>) -> Vec<String> {
    let circles = schedule.problems.iter().filter(|problem| problem.kind == ProblemKind::SilentCycle);
    let circles = circles.flat_map(|problem| &problem.entries);
    let placed = |entry: &&&Entry| schedule.row(&entry.action.text).is_none();
    let mut names: Vec<String> =
        circles.chain(&schedule.lost).filter(placed).map(|entry| entry.action.text.clone()).collect();
    names.sort();
    names.dedup();
    names
}

fn line(model: &Model<'_>, row: &Row<'_>, sources: &Sources) -> Line {
    Line {
        action: row.action.to_owned(),
        number: row.number,
        kind: kind(model, row),
        condition: row.condition.to_owned(),
        place: row.entry.map_or(Written::Default, |entry| place(entry, sources)),
        hangs: row.entry.and_then(|entry| hangs(entry, model.package.generation)),
        late: None,
    }
}

fn hangs(entry: &Entry, generation: Generation) -> Option<(bool, String)> {
    let target = entry.target()?;
    Some(match entry.kind {
        EntryKind::SetDirectory => (false, set_directory_anchor(generation).to_owned()),
        _ => (matches!(entry.position, Position::Before(_)), target.text.clone()),
    })
}

fn kind(model: &Model<'_>, row: &Row<'_>) -> LineKind {
    match row.entry.map(|entry| entry.kind) {
        None | Some(EntryKind::Standard | EntryKind::MajorUpgrade) => LineKind::Standard,
        Some(EntryKind::Dialog) => LineKind::Dialog,
        Some(_) => LineKind::Custom(model.flows.execute(row.action)),
    }
}

fn place(entry: &Entry, sources: &Sources) -> Written {
    match entry.library {
        Some(name) => Written::Library(name),
        None => at(entry.span, sources),
    }
}

fn at(span: Span, sources: &Sources) -> Written {
    if span.is_nowhere() {
        return Written::Default;
    }
    let source = sources.get(span.file);
    let start = source.place(span.start);
    Written::Source { path: source.path().to_owned(), line: start.line as usize, column: start.column as usize }
}

impl Line {
    /// The number as it is printed.
    pub fn number(&self) -> String {
        number(self.number)
    }

    /// Whether it is known to run in its turn, and not when the sequence ends.
    pub fn has_turn(&self) -> bool {
        self.number.is_some_and(|number| number >= 0)
    }

    /// Whether it has one of the negative numbers, which stand for a way to end.
    pub fn runs_at_end(&self) -> bool {
        self.number.is_some_and(|number| number < 0)
    }

    /// What it is, in the field's words.
    pub fn kind(&self) -> &'static str {
        self.kind.name()
    }
}

impl LineKind {
    /// In the field's words.
    pub fn name(self) -> &'static str {
        match self {
            LineKind::Standard => "standard",
            LineKind::Dialog => "dialog",
            LineKind::Custom(Some(when)) => when.name(),
            LineKind::Custom(None) => "custom",
        }
    }

    /// The same, with all immediate actions as one, whether they run in each sequence or in the first.
    pub fn group(self) -> &'static str {
        match self {
            LineKind::Custom(Some(when)) if !when.is_in_script() => Execute::Immediate.name(),
            kind => kind.name(),
        }
    }
}

impl fmt::Display for Written {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Written::Source { path, line, .. } => write!(f, "{}:{line}", path),
            Written::Library(name) => write!(f, "({name})"),
            Written::Default => Ok(()),
        }
    }
}
