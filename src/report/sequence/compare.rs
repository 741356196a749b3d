//! Two sequences as one table: what changed, with both numbers.

use std::io::{self, Write};

use serde::Serialize;

use crate::listing::{Change, Changed, Comparison, TableChanges};
use crate::report::Style;
use crate::report::paint::Role;
use crate::source::Printable;

/// So many unchanged actions are shown around a change.
const AROUND: usize = 2;

/// Writes comparisons; `json`: for programs. `names` are those of the old and the new state.
///
/// # Errors
/// Those of `out`.
pub fn write_comparison(
    list: &[Comparison],
    names: [&str; 2],
    json: bool,
    style: &Style,
    out: &mut dyn Write,
) -> io::Result<()> {
    if json {
        let packages = list.iter().map(PackageEntry::new).collect();
        serde_json::to_writer(&mut *out, &Document { version: 1, before: names[0], after: names[1], packages })?;
        return out.write_all(b"\n");
    }
    if list.iter().all(Comparison::is_empty) {
        return writeln!(out, "{} and {} run the same actions in the same order", names[0], names[1]);
    }
    for comparison in list.iter().filter(|comparison| !comparison.is_empty()) {
        if list.len() > 1 {
            writeln!(out, "# {}\n", Printable(&comparison.title))?;
        }
        for changes in comparison.tables.iter().filter(|changes| !changes.is_empty()) {
            table(changes, names, style, out)?;
            writeln!(out)?;
        }
    }
    Ok(())
}

fn table(changes: &TableChanges, names: [&str; 2], style: &Style, out: &mut dyn Write) -> io::Result<()> {
    let width = changes.lines.iter().map(|line| line.action.chars().count()).max().unwrap_or_default();
    let [old, new] = names.map(|name| name.chars().count().max(6));
    writeln!(out, "{}", style.paint(Role::Strong, changes.table.name()))?;
    let head = format!("  {:>old$}  {:>new$}  action", names[0], names[1]);
    writeln!(out, "{}", style.paint(Role::Frame, head))?;
    let mut shown_until = 0;
    for (at, line) in changes.lines.iter().enumerate() {
        let near = &changes.lines[at.saturating_sub(AROUND)..(at + AROUND + 1).min(changes.lines.len())];
        if near.iter().all(|line| line.change == Change::Same) {
            continue;
        }
        if at > shown_until {
            writeln!(out, "{}", style.paint(Role::Frame, format!("  {:>old$}", "...")))?;
        }
        shown_until = at + 1;
        let number = |number: Option<i32>| number.map_or("-".to_owned(), |number| number.to_string());
        let (before, after) = (number(line.before), number(line.after));
        let text = format!("{} {before:>old$}  {after:>new$}  {:width$}", mark(line.change), line.action);
        let reason = line.reason.as_deref().unwrap_or_default();
        let text = format!("{}  {}", Printable(&text), Printable(reason));
        match role(line.change) {
            Some(role) => writeln!(out, "{}", style.paint(role, text.trim_end()))?,
            None => writeln!(out, "{}", text.trim_end())?,
        }
    }
    Ok(())
}

fn mark(change: Change) -> char {
    match change {
        Change::Same => ' ',
        Change::Added => '+',
        Change::Removed => '-',
        Change::Moved => '~',
        Change::Condition => '?',
        Change::Renamed => '=',
        Change::Number => '#',
    }
}

fn role(change: Change) -> Option<Role> {
    match change {
        Change::Same => None,
        Change::Number | Change::Renamed => Some(Role::Frame),
        Change::Added => Some(Role::Info),
        Change::Removed => Some(Role::Error),
        Change::Moved | Change::Condition => Some(Role::Warning),
    }
}

#[derive(Serialize)]
struct Document<'a> {
    version: u32,
    before: &'a str,
    after: &'a str,
    packages: Vec<PackageEntry<'a>>,
}

#[derive(Serialize)]
struct PackageEntry<'a> {
    entry: &'a str,
    changes: Vec<ChangeEntry<'a>>,
}

#[derive(Serialize)]
struct ChangeEntry<'a> {
    table: &'static str,
    action: &'a str,
    change: &'static str,
    before: Option<i32>,
    after: Option<i32>,
    reason: Option<&'a str>,
}

impl<'a> PackageEntry<'a> {
    fn new(comparison: &'a Comparison) -> PackageEntry<'a> {
        let lines = comparison.tables.iter().flat_map(|changes| changes.lines.iter().map(|line| (changes.table, line)));
        let changed = lines.filter(|(_, line)| line.change != Change::Same);
        let entry = |(table, line): (crate::msi::Table, &'a Changed)| ChangeEntry {
            table: table.name(),
            action: &line.action,
            change: name(line.change),
            before: line.before,
            after: line.after,
            reason: line.reason.as_deref(),
        };
        PackageEntry { entry: &comparison.title, changes: changed.map(entry).collect() }
    }
}

fn name(change: Change) -> &'static str {
    match change {
        Change::Same => "same",
        Change::Added => "added",
        Change::Removed => "removed",
        Change::Moved => "moved",
        Change::Condition => "condition",
        Change::Renamed => "renamed",
        Change::Number => "number",
    }
}
