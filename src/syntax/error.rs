//! What makes a document malformed.

use crate::source::{FileId, Span};

/// Past this many errors a file is something else than XML, and more of them help nobody.
const MOST_ERRORS: usize = 100;

/// A mistake in the XML itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyntaxError {
    pub span: Span,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub help: Option<&'static str>,
    /// Another place that the mistake has to do with, and what it is.
    pub related: Option<(Span, &'static str)>,
}

/// The errors of one file, in the making.
#[derive(Debug)]
pub(super) struct Errors {
    file: FileId,
    list: Vec<SyntaxError>,
}

impl Errors {
    pub(super) fn new(file: FileId) -> Errors {
        Errors { file, list: Vec::new() }
    }

    pub(super) fn span(&self, start: usize, end: usize) -> Span {
        Span { file: self.file, start: start as u32, end: end as u32 }
    }

    #[cold]
    pub(super) fn add(&mut self, start: usize, end: usize, message: impl Into<String>, help: &'static str) {
        let span = self.span(start, end);
        self.push(SyntaxError { span, message: message.into(), help: Some(help), related: None });
    }

    #[cold]
    pub(super) fn push(&mut self, error: SyntaxError) {
        if self.list.len() < MOST_ERRORS {
            self.list.push(error);
        }
    }

    pub(super) fn first(&self) -> Option<&SyntaxError> {
        self.list.first()
    }

    /// In the order of their places. What is said of a place first explains what is said later.
    pub(super) fn into_list(mut self) -> Vec<SyntaxError> {
        self.list.sort_by_key(|error| error.span.start);
        self.list.dedup_by_key(|error| error.span.start);
        self.list
    }
}
