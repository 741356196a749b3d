//! Findings and notes in the vocabulary of `miette`.
//!
//! A finding's places are labels, its advice is the help. What the vocabulary has no word for, the
//! fix and the reason why there is none, is related advice with its kind as the code.

use std::borrow::Cow;
use std::error::Error;
use std::fmt;

use miette::{LabeledSpan, SourceCode};

use super::files::Files;
use crate::diagnostic::{self, Label, Severity};

/// A finding and the files it points into.
#[derive(Debug)]
pub(super) struct Finding<'a> {
    finding: &'a diagnostic::Diagnostic,
    /// The rule's page.
    url: Option<String>,
    files: &'a Files<'a>,
    remarks: Vec<Remark<'a>>,
}

impl<'a> Finding<'a> {
    pub(super) fn new(finding: &'a diagnostic::Diagnostic, url: Option<String>, files: &'a Files<'a>) -> Finding<'a> {
        let fix = finding.fix.as_ref().map(|fix| Remark {
            kind: "fix",
            text: Cow::Borrowed(&fix.message),
            applicability: Some(fix.applicability.name()),
        });
        let no_fix = finding.no_fix.as_deref();
        let no_fix =
            no_fix.map(|text| Remark { kind: "no automatic fix", text: Cow::Borrowed(text), applicability: None });
        let when = finding.when().map(|when| Remark {
            kind: "note",
            text: format!("only {when}").into(),
            applicability: None,
        });
        Finding { finding, url, files, remarks: fix.into_iter().chain(no_fix).chain(when).collect() }
    }

    fn label(&self, label: &Label) -> LabeledSpan {
        LabeledSpan::new_with_span(Some(label.message.clone()), self.files.locate(label.span))
    }
}

impl fmt::Display for Finding<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.finding.message)
    }
}

impl Error for Finding<'_> {}

impl miette::Diagnostic for Finding<'_> {
    fn code<'b>(&'b self) -> Option<Box<dyn fmt::Display + 'b>> {
        Some(Box::new(self.finding.rule))
    }

    fn url<'b>(&'b self) -> Option<Box<dyn fmt::Display + 'b>> {
        self.url.as_ref().map(|url| Box::new(url) as _)
    }

    fn severity(&self) -> Option<miette::Severity> {
        Some(match self.finding.severity {
            Severity::Error => miette::Severity::Error,
            Severity::Warning => miette::Severity::Warning,
            Severity::Info => miette::Severity::Advice,
        })
    }

    fn help<'b>(&'b self) -> Option<Box<dyn fmt::Display + 'b>> {
        // A fix that does what the help asks for says it once.
        let said = |help: &str| self.finding.fix.as_ref().is_some_and(|fix| fix.message.starts_with(help));
        self.finding.help.as_ref().filter(|help| !said(help)).map(|help| Box::new(help) as _)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(self.files)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let primary = &self.finding.primary;
        let primary =
            LabeledSpan::new_primary_with_span(Some(primary.message.clone()), self.files.locate(primary.span));
        let related = self.finding.related.iter().map(|label| self.label(label));
        Some(Box::new(std::iter::once(primary).chain(related)))
    }

    fn related<'b>(&'b self) -> Option<Box<dyn Iterator<Item = &'b dyn miette::Diagnostic> + 'b>> {
        Some(Box::new(self.remarks.iter().map(|remark| remark as &dyn miette::Diagnostic)))
    }
}

/// One line about a finding as a whole.
#[derive(Debug)]
struct Remark<'a> {
    kind: &'a str,
    text: Cow<'a, str>,
    applicability: Option<&'static str>,
}

impl fmt::Display for Remark<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)?;
        self.applicability.map_or(Ok(()), |name| write!(f, " ({name})"))
    }
}

impl Error for Remark<'_> {}

impl miette::Diagnostic for Remark<'_> {
    fn code<'b>(&'b self) -> Option<Box<dyn fmt::Display + 'b>> {
        Some(Box::new(self.kind))
    }

    fn severity(&self) -> Option<miette::Severity> {
        Some(miette::Severity::Advice)
    }
}

/// A note: advice without a code.
#[derive(Debug)]
pub(super) struct Note<'a> {
    pub(super) note: &'a diagnostic::Note,
    pub(super) files: &'a Files<'a>,
}

impl fmt::Display for Note<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.note.message)
    }
}

impl Error for Note<'_> {}

impl miette::Diagnostic for Note<'_> {
    fn severity(&self) -> Option<miette::Severity> {
        Some(miette::Severity::Advice)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(self.files)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let span = self.note.span?;
        Some(Box::new(std::iter::once(LabeledSpan::new_primary_with_span(None, self.files.locate(span)))))
    }
}
