//! All files of a run as one text, so that a single diagnostic can point into several of them.
//!
//! `miette` knows one source and spans that are offsets into it. Here the files lie one behind the
//! other in one space of offsets, and reading a span says which file it lies in.

use miette::{MietteError, MietteSpanContents, SourceCode, SourceSpan, SpanContents};

use crate::source::{Source, Sources, Span};

/// How much of a line is handed out on either side of a span, in bytes: more than any screen
/// shows, and little enough that a file of one line costs no more than others.
const MARGIN: usize = 4096;

/// The files of a run in one space of offsets.
#[derive(Debug)]
pub(super) struct Files<'a> {
    sources: Vec<&'a Source>,
    /// Where each file starts. Between two files is one unused offset, which keeps the end of a
    /// file apart from the start of the next.
    starts: Vec<usize>,
}

impl<'a> Files<'a> {
    pub(super) fn new(sources: &'a Sources) -> Files<'a> {
        let sources: Vec<_> = sources.iter().map(|(_, source)| source).collect();
        let mut starts = Vec::with_capacity(sources.len());
        let mut end = 0;
        for source in &sources {
            starts.push(end);
            end += source.text().len() + 1;
        }
        Files { sources, starts }
    }

    /// A span of one file as a span of all of them.
    pub(super) fn locate(&self, span: Span) -> SourceSpan {
        let index = span.file.index();
        let (Some(source), Some(start)) = (self.sources.get(index), self.starts.get(index)) else {
            return (0, 0).into();
        };
        let span = source.clamp(span);
        (start + span.start as usize, span.len() as usize).into()
    }
}

impl SourceCode for Files<'_> {
    /// Hands out the lines that the span touches, whole unless they are very long, together with
    /// the lines of context. `line` and `column` belong to the first byte handed out and count
    /// from 0, columns in code points.
    fn read_span<'b>(
        &'b self,
        span: &SourceSpan,
        context_lines_before: usize,
        context_lines_after: usize,
    ) -> Result<Box<dyn SpanContents<'b> + 'b>, MietteError> {
        let index = self.starts.partition_point(|&start| start <= span.offset()).saturating_sub(1);
        let (Some(source), Some(file_start)) = (self.sources.get(index), self.starts.get(index)) else {
            return Err(MietteError::OutOfBounds);
        };
        let text = source.text();
        let start = span.offset() - file_start;
        let end = start.saturating_add(span.len());
        if end > text.len() {
            return Err(MietteError::OutOfBounds);
        }
        let first = source.line_of(start as u32);
        // An end at the start of a line belongs to the line before it.
        let last = source.line_of(end.saturating_sub(1).max(start) as u32);
        let lines = (last - first + 1) as usize;
        let from = source.line_start(first.saturating_sub(context_lines_before as u32)) as usize;
        let to = source.line_start(last.saturating_add(context_lines_after as u32).saturating_add(1)) as usize;
        let from = text.floor_char_boundary(from.max(start.saturating_sub(MARGIN)));
        let to = text.floor_char_boundary(to.min(end.saturating_add(MARGIN)));
        let place = source.place(from as u32);
        Ok(Box::new(MietteSpanContents::new_named(
            source.path().to_owned(),
            text.get(from..to).unwrap_or_default().as_bytes(),
            (file_start + from, to.saturating_sub(from)).into(),
            place.line as usize - 1,
            place.column as usize - 1,
            lines,
        )))
    }
}
