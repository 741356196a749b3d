//! A table for people, with the boundaries of the sequence drawn across it.

use std::io::{self, Write};

use super::tail;
use crate::listing::{Flaw, Line, LineKind, Listing, Sequence};
use crate::msi;
use crate::report::Style;
use crate::report::paint::Role;
use crate::source::Printable;

/// Actions that run when the sequence ends have negative numbers and come after all others.
const AT_END: &str = "when the sequence ends";

/// Where the terminal is too narrow for all, paths are cut down to so many characters before conditions
/// are cut down to so many.
const PATH: usize = 24;
const CONDITION: usize = 32;

pub(super) fn write(listings: &[Listing], style: &Style, out: &mut dyn Write) -> io::Result<()> {
    for listing in listings {
        if listings.len() > 1 {
            writeln!(out, "# {}\n", Printable(listing.title()))?;
        }
        for sequence in &listing.tables {
            Grid::new(sequence, style).write(out)?;
            writeln!(out)?;
        }
    }
    Ok(())
}

/// A table with the widths of its columns.
struct Grid<'s> {
    sequence: &'s Sequence,
    style: &'s Style,
    action: usize,
    kind: usize,
    place: usize,
}

impl<'s> Grid<'s> {
    fn new(sequence: &'s Sequence, style: &'s Style) -> Grid<'s> {
        let widest = |text: &dyn Fn(&Line) -> String| {
            sequence.lines.iter().map(|line| text(line).chars().count()).max().unwrap_or_default()
        };
        Grid {
            sequence,
            style,
            action: widest(&|line| line.action.clone()).max("action".len()),
            kind: widest(&|line| line.kind().to_owned()).max("kind".len()),
            place: widest(&|line| line.place.to_string()).max("where".len()),
        }
        .fit()
    }

    /// Takes from the paths what the conditions need.
    fn fit(mut self) -> Grid<'s> {
        let longest = self.sequence.lines.iter().map(|line| line.condition.chars().count()).max().unwrap_or_default();
        let others = 11 + self.action + 2 + self.kind + 2 + 2 + longest.min(CONDITION);
        let most = self.place.min(self.style.width.saturating_sub(others).max(PATH));
        let places = self.sequence.lines.iter().map(|line| tail(&line.place.to_string(), most).chars().count());
        self.place = places.max().unwrap_or_default().max("where".len());
        self
    }

    fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        let name = self.sequence.table.name();
        writeln!(out, "{}", self.style.paint(Role::Strong, name))?;
        let (action, kind, place) = (self.action, self.kind, self.place);
        let head = format!("   number  {:action$}  {:kind$}  {:place$}  condition", "action", "kind", "where");
        writeln!(out, "{}", self.style.paint(Role::Frame, head))?;
        let mut ends = false;
        for line in &self.sequence.lines {
            if line.runs_at_end() && !ends {
                self.rule(AT_END, out)?;
            }
            ends |= line.runs_at_end();
            self.boundaries(&line.action, true, out)?;
            self.line(line, out)?;
            self.boundaries(&line.action, false, out)?;
        }
        for flaw in &self.sequence.flaws {
            self.flaw(flaw, out)?;
        }
        let told = |action: &&String| self.sequence.flaws.iter().any(|flaw| flaw.action == **action);
        for action in self.sequence.lost.iter().filter(|action| !told(action)) {
            let text = format!("   `{}` is left out with what it hangs on", Printable(action));
            writeln!(out, "{}", self.style.paint(Role::Error, text))?;
        }
        Ok(())
    }

    fn flaw(&self, flaw: &Flaw, out: &mut dyn Write) -> io::Result<()> {
        let (mark, role) = if flaw.refused { ("x", Role::Error) } else { ("!", Role::Warning) };
        let refused = if flaw.refused { "; WiX refuses it" } else { "" };
        let text = format!(" {mark} {}{refused}  {}", flaw.text, flaw.place);
        writeln!(out, "{}", self.style.paint(role, Printable(text.trim_end())))
    }

    fn line(&self, line: &Line, out: &mut dyn Write) -> io::Result<()> {
        let (action, kind, place) = (self.action, self.kind, self.place);
        let refused = self.sequence.flaws.iter().any(|flaw| flaw.refused && flaw.action == line.action);
        let mark = match line.late {
            _ if refused => "x",
            Some(_) => "!",
            None => " ",
        };
        let start = format!(" {mark} {:>6}  ", line.number());
        let name = format!("{:action$}", line.action);
        let rest = format!("  {:kind$}  {:place$}  ", line.kind(), tail(&line.place.to_string(), place));
        let used = start.len() + name.chars().count() + rest.chars().count();
        let condition = cut(&Printable(&line.condition).to_string(), self.style.width.saturating_sub(used));
        let role = match (line.late, line.kind) {
            _ if refused => Some(Role::Error),
            (Some(_), _) => Some(Role::Error),
            (None, LineKind::Standard) => None,
            _ => Some(Role::Strong),
        };
        let name = Printable(&name).to_string();
        let name = role.map_or(name.clone(), |role| self.style.paint(role, &name).to_string());
        let text = format!("{start}{name}{}{condition}", Printable(&rest));
        writeln!(out, "{}", text.trim_end())?;
        if let Some(property) = line.late {
            let text = format!("{:10}reads {property}, which is gone by now", "");
            writeln!(out, "{}", self.style.paint(Role::Error, text))?;
        }
        Ok(())
    }

    fn boundaries(&self, action: &str, before: bool, out: &mut dyn Write) -> io::Result<()> {
        for edge in msi::boundaries().filter(|edge| edge.before == before && edge.action == action) {
            self.rule(edge.label, out)?;
        }
        Ok(())
    }

    fn rule(&self, label: &str, out: &mut dyn Write) -> io::Result<()> {
        let dash = if self.style.unicode { "─" } else { "-" };
        let longest = msi::boundaries().map(|edge| edge.label.chars().count()).max().unwrap_or_default();
        let width = (11 + self.action + 2 + self.kind + 2 + self.place).max(longest + 9);
        let rest = width.saturating_sub(label.chars().count() + 6);
        let text = format!("   {} {label} {}", dash.repeat(2), dash.repeat(rest));
        writeln!(out, "{}", self.style.paint(Role::Frame, text))
    }
}

/// So much of a text as fits, with a sign that there is more.
fn cut(text: &str, width: usize) -> String {
    if text.chars().count() <= width.max(8) {
        return text.to_owned();
    }
    let kept: String = text.chars().take(width.max(8) - 1).collect();
    format!("{kept}…")
}
