//! Findings with their source lines, drawn for people.
//!
//! `miette`'s own handler draws the places of one file. An ordering error is a chain through
//! several, and reads only as one picture: this handler draws every label in its own frame, in the
//! order of the chain, whichever file it lies in.

use std::fmt;
use std::io::{self, Write};

use miette::{Diagnostic, LabeledSpan, ReportHandler, Severity, SourceCode};
use unicode_width::UnicodeWidthStr;

use super::files::Files;
use super::frame::{self, Line, Picture};
use super::paint::Role;
use super::vocabulary::{Finding, Note};
use super::{Report, Style};
use crate::source::Printable;

/// Wider screens get no wider source lines.
const MAX_WIDTH: usize = 1000;

pub(super) fn write(report: &Report<'_>, style: &Style, out: &mut dyn Write) -> io::Result<()> {
    let files = Files::new(report.sources);
    let handler = Frames(*style);
    let mut drawing = String::new();
    for finding in report.findings {
        let url = style.links.then(|| report.url(finding.rule)).flatten();
        handler.draw(&Finding::new(finding, url, &files), &mut drawing);
        writeln!(out, "{drawing}")?;
    }
    for note in report.shown_notes() {
        handler.draw(&Note { note: &note, files: &files }, &mut drawing);
        writeln!(out, "{drawing}")?;
    }
    report.write_summary(style, out)
}

/// Draws diagnostics as a headline, a frame for each label, and remarks.
#[derive(Clone, Copy, Debug)]
struct Frames(Style);

impl ReportHandler for Frames {
    fn debug(&self, diagnostic: &dyn Diagnostic, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let role = self.headline(diagnostic, f)?;
        let labels: Vec<_> = diagnostic.labels().into_iter().flatten().collect();
        let places: Vec<_> = diagnostic
            .source_code()
            .map_or_else(Vec::new, |code| labels.iter().filter_map(|label| Place::read(code, label)).collect());
        let last_line = places.iter().map(|place| place.line).max().unwrap_or(0);
        let gutter = last_line.max(1).ilog10() as usize + 1;
        let [first, other] = if self.0.unicode { ["╭─", "├─"] } else { ["-->", ":::"] };
        let corners = std::iter::once(first).chain(std::iter::repeat(other));
        for (place, corner) in places.iter().zip(corners) {
            self.frame(place, corner, gutter, role, f)?;
        }
        self.remarks(diagnostic, gutter, f)
    }
}

impl Frames {
    /// Replaces `drawing` by the picture of a diagnostic.
    fn draw(&self, diagnostic: &dyn Diagnostic, drawing: &mut String) {
        struct Drawing<'a>(&'a Frames, &'a dyn Diagnostic);
        impl fmt::Display for Drawing<'_> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.debug(self.1, f)
            }
        }
        drawing.clear();
        // Writing to a string fails only if a `Display` does; what was drawn until then is shown.
        let _ = fmt::write(drawing, format_args!("{}", Drawing(self, diagnostic)));
    }

    fn headline(&self, diagnostic: &dyn Diagnostic, f: &mut fmt::Formatter<'_>) -> Result<Role, fmt::Error> {
        let code = diagnostic.code();
        let (role, name) = match diagnostic.severity().unwrap_or_default() {
            Severity::Error => (Role::Error, "error"),
            Severity::Warning => (Role::Warning, "warning"),
            Severity::Advice if code.is_some() => (Role::Info, "info"),
            Severity::Advice => (Role::Info, "note"),
        };
        let link = |code| self.0.link(code, || Some(diagnostic.url()?.to_string()));
        let kind = code.map_or_else(|| name.to_owned(), |code| format!("{name}[{}]", link(code)));
        let message = diagnostic.to_string();
        writeln!(f, "{}: {}", self.0.paint(role, kind), self.0.paint(Role::Strong, Printable(&message)))?;
        Ok(role)
    }

    fn frame(
        &self,
        place: &Place<'_>,
        corner: &str,
        gutter: usize,
        severity: Role,
        f: &mut fmt::Formatter<'_>,
    ) -> fmt::Result {
        let Frames(style) = self;
        let [bar, ellipsis] = if style.unicode { ["│", "…"] } else { ["|", "..."] };
        // An arrow starts one column further left than a corner, as in rustc's pictures.
        let indent = if style.unicode { gutter + 1 } else { gutter };
        let path = format_args!("{}:{}:{}", Printable(&place.path), place.line, place.column);
        writeln!(f, "{:indent$}{} {path}", "", style.paint(Role::Frame, corner))?;

        let width = style.width.min(MAX_WIDTH).saturating_sub(gutter + 3);
        let picture = frame::lay_out(&place.text, width, ellipsis);
        let number = style.paint(Role::Frame, format_args!("{:>gutter$} {bar}", place.line)).to_string();
        writeln!(f, "{}", format_args!("{number} {}", picture.text).to_string().trim_end())?;

        let bar = style.paint(Role::Frame, format_args!("{:gutter$} {bar}", "")).to_string();
        let role = if place.primary { severity } else { Role::Frame };
        self.marks(place, &picture, width, role, &bar, f)
    }

    /// The line below the source: marks and what they say, on a line of its own if it is long.
    fn marks(
        &self,
        place: &Place<'_>,
        picture: &Picture,
        width: usize,
        role: Role,
        bar: &str,
        f: &mut fmt::Formatter<'_>,
    ) -> fmt::Result {
        let mark = if place.primary { "^" } else { "-" };
        let marks = self.0.paint(role, mark.repeat(picture.marks));
        write!(f, "{bar} {:indent$}{marks}", "", indent = picture.indent)?;
        let message = place.message();
        if message.is_empty() {
            return writeln!(f);
        }
        let length = message.width();
        let message = self.0.paint(role, &message);
        if picture.indent + picture.marks + 1 + length <= width {
            return writeln!(f, " {message}");
        }
        let indent = picture.indent.min(width.saturating_sub(length));
        writeln!(f, "\n{bar} {:indent$}{message}", "")
    }

    fn remarks(&self, diagnostic: &dyn Diagnostic, gutter: usize, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut remark = |kind: &dyn fmt::Display, text: &dyn fmt::Display| {
            let text = text.to_string();
            let sign = self.0.paint(Role::Frame, "=");
            writeln!(f, "{:gutter$} {sign} {}: {}", "", self.0.paint(Role::Strong, kind), Printable(&text))
        };
        if let Some(help) = diagnostic.help() {
            remark(&"help", &help)?;
        }
        for related in diagnostic.related().into_iter().flatten() {
            if let Some(kind) = related.code() {
                remark(&kind, &related)?;
            }
        }
        Ok(())
    }
}

/// A label with the line that it starts on.
struct Place<'a> {
    path: String,
    /// Line and column where the label starts, both counted from 1.
    line: usize,
    column: usize,
    text: Line<'a>,
    /// The last line of the label, if that is another one.
    last_line: Option<usize>,
    label: String,
    primary: bool,
}

impl<'a> Place<'a> {
    /// Reads a label's line. `None` when it lies outside of the source.
    fn read(code: &'a dyn SourceCode, label: &LabeledSpan) -> Option<Place<'a>> {
        let contents = code.read_span(label.inner(), 0, 0).ok()?;
        let start = label.offset().checked_sub(contents.span().offset())?;
        let (before, rest) = contents.data().split_at_checked(start)?;
        let limit = 4 * MAX_WIDTH;
        let shown = &rest[..rest.len().min(limit)];
        let line_end = memchr::memchr(b'\n', shown);
        let line = &shown[..line_end.unwrap_or(shown.len())];
        let line = if line_end.is_some() { line.strip_suffix(b"\r").unwrap_or(line) } else { line };
        // The limit may have cut a character.
        let (before, line) = (valid(before), valid(line));
        let (marked, after) = line.split_at_checked(label.len()).unwrap_or((line, ""));
        let cut_after = line_end.is_none() && rest.len() > shown.len();
        let number = contents.line() + 1;
        let lines = contents.line_count();
        Some(Place {
            path: contents.name().unwrap_or_default().to_owned(),
            line: number,
            column: contents.column() + before.chars().count() + 1,
            text: Line { before, marked, after, cut_before: contents.column() > 0, cut_after },
            last_line: (lines > 1).then(|| number + lines - 1),
            label: label.label().unwrap_or_default().to_owned(),
            primary: label.primary(),
        })
    }

    /// What is said about the place, ready to be printed.
    fn message(&self) -> String {
        let label = Printable(&self.label);
        match self.last_line {
            None => label.to_string(),
            Some(last) if self.label.is_empty() => format!("to line {last}"),
            Some(last) => format!("{label} (to line {last})"),
        }
    }
}

/// The text up to the first byte that is not UTF-8.
fn valid(bytes: &[u8]) -> &str {
    bytes.utf8_chunks().next().map_or("", |chunk| chunk.valid())
}
