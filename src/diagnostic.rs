//! What wixlint has to say: findings with labelled places, and the fixes they offer.
//!
//! A fix is a value here, and no more: rules offer it, `fix` proves, applies and shows it.

use std::sync::Arc;

use crate::source::Span;

/// How sure and how bad a finding is; the most severe first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The installer does not do what its source says.
    Error,
    /// Very likely wrong, but a conclusion, or without harm in some setups.
    Warning,
    /// Worth knowing.
    Info,
}

impl Severity {
    pub fn name(self) -> &'static str {
        match self {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Info => "info",
        }
    }
}

/// A place and what is to be said about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    pub span: Span,
    pub message: String,
}

/// One finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// The rule's name.
    pub rule: &'static str,
    pub severity: Severity,
    /// What it is about: an action with its table, say. With the rule it tells two findings of a
    /// file apart when lines have moved.
    pub subject: String,
    /// What is wrong and why it matters: lower-case first letter, names in backticks, no full stop.
    pub message: String,
    /// Where it is wrong. For a scheduled action: the element that schedules it.
    pub primary: Label,
    /// The chain of reasons, in the order to be read; in any files.
    pub related: Vec<Label>,
    /// What to do.
    pub help: Option<String>,
    pub fix: Option<Arc<Fix>>,
    /// Why there is no safe fix, where one could be expected.
    pub no_fix: Option<String>,
    /// The configurations in which it holds, each as the conditions that make it one; none: in all.
    pub configurations: Vec<String>,
}

impl Diagnostic {
    /// The configurations in which it holds, as a phrase; `None`: it holds in all.
    pub fn when(&self) -> Option<String> {
        let when: Vec<String> = self.configurations.iter().map(|one| format!("when {one}")).collect();
        (!when.is_empty()).then(|| when.join(", or "))
    }
}

/// Something that wixlint could not find out, and therefore is silent about.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Note {
    pub message: String,
    pub span: Option<Span>,
}

/// What a fix promises.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Applicability {
    /// Proved: the finding is gone, nothing new is found, every other action keeps its place.
    Safe,
    /// Changes more than the finding, or rests on something that cannot be seen in the sources.
    Unsafe,
}

impl Applicability {
    pub fn name(self) -> &'static str {
        match self {
            Applicability::Safe => "safe",
            Applicability::Unsafe => "unsafe",
        }
    }
}

/// A replacement of some text of one file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Edit {
    pub span: Span,
    pub replacement: String,
}

/// Edits that belong together: all are applied, or none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    pub applicability: Applicability,
    /// What the fix does, as an imperative.
    pub message: String,
    /// In the order of their places; they do not overlap.
    pub edits: Vec<Edit>,
    /// The actions whose place the fix means to change; every other one has to keep its own.
    pub moves: Vec<ActionRow>,
}

/// An action in a sequence table.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ActionRow {
    /// The sequence table's name in the MSI.
    pub table: &'static str,
    pub action: String,
}
