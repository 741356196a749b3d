//! The output formats: findings and notes, written for people and for programs.
//!
//! A report is finished data. Nothing in here looks at the environment: whether there is colour,
//! how wide the screen is, and what the exit code will be is decided by the caller. Writing cannot
//! fail on account of a finding: spans that lie outside of their file are cut to it.

mod concise;
mod files;
mod fingerprint;
mod frame;
mod full;
mod github;
mod gitlab;
mod json;
mod junit;
mod msbuild;
mod paint;
mod sarif;
pub mod sequence;
mod statistics;
mod vocabulary;

pub use paint::Linked;

use std::borrow::Cow;
use std::fmt;
use std::io::{self, Write};

use crate::diagnostic::{Applicability, Diagnostic, Note, Severity};
use crate::source::{Place, Printable, Sources, Span};

/// Everything that a run has to say.
#[derive(Clone, Copy, Debug)]
pub struct Report<'a> {
    pub sources: &'a Sources,
    pub findings: &'a [Diagnostic],
    pub notes: &'a [Note],
    /// What could not be done.
    pub failures: &'a [String],
    /// How many files were checked.
    pub files: usize,
    pub applied: Applied,
    /// The page of a rule, for formats that carry it.
    pub page: fn(&str) -> Option<Page>,
}

/// What is written about a rule.
#[derive(Clone, Debug)]
pub struct Page {
    /// In Markdown.
    pub text: &'static str,
    /// Where to read on.
    pub url: String,
}

/// What became of fixes before the report.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Applied {
    /// None were asked for.
    #[default]
    Nothing,
    /// So many were made.
    Fixed(usize),
    /// So many were shown and not made.
    Previewed(usize),
}

/// How the formats for people look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style {
    /// Whether ANSI colour codes are written.
    pub color: bool,
    /// Whether frames are drawn with characters outside of ASCII. Source text is shown as it is.
    pub unicode: bool,
    /// Columns of the screen; source lines are cut to fit.
    pub width: usize,
    /// Whether the screen shows links.
    pub links: bool,
    /// Whether the last line sums up.
    pub summary: bool,
}

/// An output format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Findings with their source lines, for people.
    Full,
    /// One line for each finding, for people and for tools that read compilers' output.
    Concise,
    /// Version 1 of the JSON format, for programs.
    Json,
    /// SARIF 2.1.0, for code scanning.
    Sarif,
    /// Workflow commands of GitHub Actions: annotations.
    Github,
    /// GitLab's code quality report.
    Gitlab,
    /// JUnit's XML, for build servers.
    Junit,
    /// Errors as MSBuild, Visual Studio and Azure Pipelines read them.
    Msbuild,
    /// Counts of the findings of each rule, for people.
    Statistics,
}

impl Format {
    pub const ALL: [Format; 8] = [
        Format::Full,
        Format::Concise,
        Format::Json,
        Format::Sarif,
        Format::Github,
        Format::Gitlab,
        Format::Junit,
        Format::Msbuild,
    ];

    /// As the command line spells it.
    pub fn name(self) -> &'static str {
        match self {
            Format::Full => "full",
            Format::Concise => "concise",
            Format::Json => "json",
            Format::Sarif => "sarif",
            Format::Github => "github",
            Format::Gitlab => "gitlab",
            Format::Junit => "junit",
            Format::Msbuild => "msbuild",
            Format::Statistics => "statistics",
        }
    }

    /// Whether it is one document, beside which nothing else can be printed.
    pub fn is_document(self) -> bool {
        matches!(self, Format::Json | Format::Sarif | Format::Gitlab | Format::Junit)
    }
}

/// The formats for people show so many notes of a run.
const MOST_NOTES: usize = 50;

/// Writes a report.
///
/// # Errors
/// Those of `out`.
pub fn write(format: Format, report: &Report<'_>, style: &Style, out: &mut dyn Write) -> io::Result<()> {
    let mut out = io::BufWriter::with_capacity(1 << 16, out);
    match format {
        Format::Full => full::write(report, style, &mut out)?,
        Format::Concise => concise::write(report, style, &mut out)?,
        Format::Json => json::write(report, &mut out)?,
        Format::Sarif => sarif::write(report, &mut out)?,
        Format::Github => github::write(report, style, &mut out)?,
        Format::Gitlab => gitlab::write(report, &mut out)?,
        Format::Junit => junit::write(report, &mut out)?,
        Format::Msbuild => msbuild::write(report, style, &mut out)?,
        Format::Statistics => statistics::write(report, style, &mut out)?,
    }
    out.flush()
}

impl Report<'_> {
    /// Where a span starts, as people and editors write it: `path:line:column`.
    fn place(&self, span: Span) -> String {
        let source = self.sources.get(span.file);
        let place = source.place(source.clamp(span).start);
        format!("{}:{}:{}", Printable(source.path()), place.line, place.column)
    }

    /// The address of a rule's page.
    fn url(&self, rule: &str) -> Option<String> {
        (self.page)(rule).map(|page| page.url)
    }

    /// Where a span lies.
    fn region(&self, span: Span) -> Region<'_> {
        let source = self.sources.get(span.file);
        let span = source.clamp(span);
        Region { path: source.path(), start: source.place(span.start), end: source.place(span.end) }
    }

    /// The notes that people are shown, the last of which counts what is left.
    fn shown_notes(&self) -> impl Iterator<Item = Cow<'_, Note>> {
        let rest = self.notes.len().saturating_sub(MOST_NOTES);
        let notes = if rest == 1 { "note" } else { "notes" };
        let more = Note { message: format!("{rest} more {notes}; the JSON format has all of them"), span: None };
        let shown = self.notes.iter().take(MOST_NOTES).map(Cow::Borrowed);
        shown.chain((rest > 0).then_some(Cow::Owned(more)))
    }

    /// A note as a line of a log, where nothing takes it for a finding.
    fn in_the_log(&self, note: &Note) -> String {
        let place = note.span.map(|span| format!(" ({})", self.place(span))).unwrap_or_default();
        format!("note - {}{place}", Printable(&note.message))
    }

    fn summary(&self) -> Summary {
        let count = |severity| self.findings.iter().filter(|finding| finding.severity == severity).count();
        let fixes = |applicability| {
            let fixes = self.findings.iter().filter_map(|finding| finding.fix.as_ref());
            fixes.filter(|fix| fix.applicability == applicability).count()
        };
        Summary {
            applied: self.applied,
            files: self.files,
            findings: [Severity::Error, Severity::Warning, Severity::Info].map(|severity| (severity, count(severity))),
            fixable: fixes(Applicability::Safe),
            fixable_unsafely: fixes(Applicability::Unsafe),
        }
    }

    /// The last line of the formats for people.
    fn write_summary(&self, style: &Style, out: &mut dyn Write) -> io::Result<()> {
        if !style.summary {
            return Ok(());
        }
        writeln!(out, "{}", self.summary())
    }
}

/// A part of a file; lines and columns from 1, columns in code points, the end exclusive.
#[derive(Clone, Copy, Debug)]
struct Region<'a> {
    path: &'a str,
    start: Place,
    end: Place,
}

impl Region<'_> {
    /// The path as services know it that compare it with those of a repository.
    fn plain_path(&self) -> &str {
        self.path.strip_prefix("./").unwrap_or(self.path)
    }
}

/// A finding's message with the configurations in which it holds and what to do, as one line.
fn in_one_line(finding: &Diagnostic) -> String {
    let when = finding.when().map(|when| format!(" ({when})")).unwrap_or_default();
    let help = finding.help.as_ref().map(|help| format!("; {help}")).unwrap_or_default();
    format!("{}{when}{help}", finding.message).replace(['\r', '\n'], " ")
}

/// The numbers of a report. Displayed as one sentence.
#[derive(Debug)]
struct Summary {
    applied: Applied,
    files: usize,
    findings: [(Severity, usize); 3],
    /// Findings with a safe fix.
    fixable: usize,
    fixable_unsafely: usize,
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let files = if self.files == 1 { "file" } else { "files" };
        let left = match self.applied {
            Applied::Nothing | Applied::Fixed(0) | Applied::Previewed(0) => "",
            Applied::Fixed(count) => {
                write!(f, "fixed {count}, ")?;
                " left"
            }
            Applied::Previewed(count) => {
                write!(f, "--fix would fix {count}, ")?;
                " left"
            }
        };
        let mut found = self.findings.iter().filter(|(_, count)| *count > 0);
        let Some((severity, count)) = found.next() else {
            let nothing = if left.is_empty() { "nothing found" } else { "nothing" };
            return write!(f, "{nothing}{left} in {} {files}", self.files);
        };
        write!(f, "{}", Count(*severity, *count))?;
        for (severity, count) in found {
            write!(f, ", {}", Count(*severity, *count))?;
        }
        write!(f, "{left} in {} {files}", self.files)?;
        match (self.fixable, self.fixable_unsafely) {
            (0, 0) => Ok(()),
            (safe, 0) => write!(f, "; {safe} fixable with --fix"),
            (0, other) => write!(f, "; {other} fixable with --fix --unsafe-fixes"),
            (safe, other) => write!(f, "; {safe} fixable with --fix, {other} more with --unsafe-fixes"),
        }
    }
}

/// A number of findings of one severity.
struct Count(Severity, usize);

impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // "Info" is a mass noun: it has no plural.
        let plural = if self.1 == 1 || self.0 == Severity::Info { "" } else { "s" };
        write!(f, "{} {}{plural}", self.1, self.0.name())
    }
}
