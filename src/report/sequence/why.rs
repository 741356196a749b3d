//! `--why`: one line a step.

use std::io::{self, Write};

use serde::Serialize;

use super::json::PlaceEntry;
use crate::listing::{Why, Written};
use crate::report::Style;
use crate::report::paint::Role;
use crate::source::Printable;

/// Writes why actions stand where they do; `json`: for programs.
///
/// # Errors
/// Those of `out`.
pub fn write_why(list: &[Why], json: bool, style: &Style, out: &mut dyn Write) -> io::Result<()> {
    if json {
        let document = Document { version: 1, reasons: list.iter().map(WhyEntry::new).collect() };
        serde_json::to_writer(&mut *out, &document)?;
        return out.write_all(b"\n");
    }
    for why in list {
        let number = why.number.map_or("at a place that cannot be known".to_owned(), |number| match number {
            ..0 => format!("when the sequence ends ({number})"),
            _ => format!("at {number}"),
        });
        let runs = if why.left_out { "is left out of".to_owned() } else { format!("runs {number} in") };
        let head = format!("`{}` {runs} {}", Printable(&why.action), why.table.name());
        writeln!(out, "{}", style.paint(Role::Strong, head))?;
        let width = why.reasons.iter().map(|reason| reason.text.chars().count()).max().unwrap_or_default();
        for reason in &why.reasons {
            let text = Printable(&reason.text).to_string();
            let place = if reason.place == Written::Default { String::new() } else { reason.place.to_string() };
            writeln!(out, "{}", format!("  {text:width$}  {}", Printable(&place)).trim_end())?;
        }
    }
    Ok(())
}

#[derive(Serialize)]
struct Document<'a> {
    version: u32,
    reasons: Vec<WhyEntry<'a>>,
}

#[derive(Serialize)]
struct WhyEntry<'a> {
    table: &'static str,
    action: &'a str,
    number: Option<i32>,
    left_out: bool,
    steps: Vec<StepEntry<'a>>,
}

#[derive(Serialize)]
struct StepEntry<'a> {
    message: &'a str,
    #[serde(flatten)]
    place: PlaceEntry<'a>,
}

impl<'a> WhyEntry<'a> {
    fn new(why: &'a Why) -> WhyEntry<'a> {
        let step = |reason: &'a crate::listing::Reason| StepEntry {
            message: &reason.text,
            place: PlaceEntry::new(&reason.place),
        };
        let steps = why.reasons.iter().map(step).collect();
        WhyEntry { table: why.table.name(), action: &why.action, number: why.number, left_out: why.left_out, steps }
    }
}
