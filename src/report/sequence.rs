//! The formats of `wixlint sequence`: listings, written for people and for programs.

mod chart;
mod compare;
mod dot;
mod json;
mod mermaid;
mod svg;
mod text;
mod tsv;
mod why;

use std::io::{self, Write};

use super::Style;
use crate::listing::Listing;

pub use compare::write_comparison;
pub use why::write_why;

/// How a sequence is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SequenceFormat {
    Text,
    Json,
    Tsv,
    Mermaid,
    Dot,
    Svg,
}

impl SequenceFormat {
    /// As `--format` spells it.
    pub fn name(self) -> &'static str {
        match self {
            SequenceFormat::Text => "text",
            SequenceFormat::Json => "json",
            SequenceFormat::Tsv => "tsv",
            SequenceFormat::Mermaid => "mermaid",
            SequenceFormat::Dot => "dot",
            SequenceFormat::Svg => "svg",
        }
    }
}

/// Writes listings.
///
/// # Errors
/// Those of `out`.
pub fn write(format: SequenceFormat, listings: &[Listing], style: &Style, out: &mut dyn Write) -> io::Result<()> {
    match format {
        SequenceFormat::Text => text::write(listings, style, out),
        SequenceFormat::Json => json::write(listings, out),
        SequenceFormat::Tsv => tsv::write(listings, out),
        SequenceFormat::Mermaid => mermaid::write(listings, out),
        SequenceFormat::Dot => dot::write(listings, out),
        SequenceFormat::Svg => svg::write(listings, out),
    }
}

/// The end of a path that has at most so many characters, from the beginning of a name where one fits.
fn tail(path: &str, most: usize) -> String {
    let count = path.chars().count();
    if count <= most {
        return path.to_owned();
    }
    let end: String = path.chars().skip(count - most.saturating_sub(1)).collect();
    match end.split_once('/') {
        Some((_, end)) => format!("…/{end}"),
        None => format!("…{end}"),
    }
}
