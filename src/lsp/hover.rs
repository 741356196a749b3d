//! What is told about a name under the cursor, and the numbers beside schedule elements.

use serde_json::{Value, json};

use super::navigation::{Symbol, name_at};
use super::{Place, Server};
use crate::listing::{Line, Listing, Why, Written};
use crate::model::Model;
use crate::msi::property;
use crate::msi::{Table, standard_action};
use crate::rules::RULES;
use crate::suppress;

impl Server<'_> {
    pub(super) fn hover(&self, parameters: &Value) -> Value {
        let Some(place) = self.place(parameters) else { return Value::Null };
        let told = self.rule_at(place).or_else(|| self.name_at(place));
        told.map_or(Value::Null, |(span, text)| {
            let contents = json!({ "kind": "markdown", "value": text });
            json!({ "contents": contents, "range": self.lines(place.file).range(span) })
        })
    }

    /// The page of a rule that a comment names.
    fn rule_at(&self, place: Place) -> Option<(crate::source::Span, String)> {
        let comments = suppress::read(place.file, self.workspace.sources.get(place.file).text());
        let mut named = comments.suppressions.iter().flat_map(|comment| &comment.rules);
        let named = named.find(|named| named.span.start <= place.offset && place.offset <= named.span.end)?;
        let rule = RULES.iter().find(|rule| rule.name == named.name)?;
        Some((named.span, rule.doc.to_owned()))
    }

    fn name_at(&self, place: Place) -> Option<(crate::source::Span, String)> {
        let source = self.workspace.sources.get(place.file);
        let name = name_at(place, source.text())?;
        let told = match Symbol::of(&name) {
            Symbol::Action(action) => self.tell_action(place, &action)?,
            Symbol::Property(property) => tell_property(&property)?,
            Symbol::Other(..) => return None,
        };
        Some((name.span, told))
    }

    /// Where an action runs and why, in every package that has the file.
    fn tell_action(&self, place: Place, action: &str) -> Option<String> {
        let mut parts: Vec<String> = Vec::new();
        for at in self.workspace.with(place.file) {
            for model in self.workspace.projects[at].packages_with(place.file) {
                let listing = Listing::of(&model, &Table::ALL, &self.workspace.sources);
                for part in Table::ALL.iter().filter_map(|table| self.tell_turn(&model, &listing, *table, action)) {
                    // Packages that share a fragment mostly say the same.
                    if !parts.contains(&part) {
                        parts.push(part);
                    }
                }
            }
        }
        if parts.is_empty() {
            let standard = standard_action(action).map(|_| "a standard action that no table here holds");
            parts.extend(standard.map(str::to_owned));
        }
        (!parts.is_empty()).then(|| format!("**{action}**\n\n{}", parts.join("\n\n---\n\n")))
    }

    fn tell_turn(&self, model: &Model<'_>, listing: &Listing, table: Table, action: &str) -> Option<String> {
        let sequence = listing.tables.iter().find(|sequence| sequence.table == table)?;
        let why = Why::of(model, table, action, &self.workspace.sources)?;
        let lines: Vec<&Line> = sequence.lines.iter().collect();
        let at = lines.iter().position(|line| line.action == action);
        let mut told = match at.map(|at| lines[at]) {
            Some(line) => format!("{}: **{}**, {}", table.name(), line.number(), line.kind()),
            None => format!("{}: WiX leaves it out, since it hangs on a circle", table.name()),
        };
        if let Some(at) = at.filter(|&at| lines[at].number.is_some()) {
            told.extend(turn(&lines, at).map(|turn| format!("  \nruns {turn}")));
            if !lines[at].condition.is_empty() {
                told += &format!("  \nif `` {} ``", lines[at].condition);
            }
            if let Some(late) = lines[at].late {
                told += &format!("  \nreads `{late}`, which is gone there");
            }
        }
        told.push('\n');
        for reason in &why.reasons {
            let place = match &reason.place {
                Written::Source { path, line, .. } => {
                    format!(" ({}:{line})", path.rsplit('/').next().unwrap_or_default())
                }
                Written::Library(name) => format!(" ({name})"),
                Written::Default => String::new(),
            };
            told += &format!("\n- {}{place}", reason.text.replace('*', "\\*"));
        }
        Some(told)
    }

    /// The numbers that the toolset gives, behind the elements that schedule.
    pub(super) fn hints(&self, parameters: &Value) -> Value {
        let Some(file) = self.file(parameters) else { return json!([]) };
        let lines = self.lines(file);
        let range = lines.span(&parameters["range"]);
        let numbers = self.workspace.numbers(file).into_iter();
        let here = numbers.filter(|(at, _)| range.contains(&(*at as usize)) || range.end == *at as usize);
        let hints =
            here.map(|(at, number)| json!({ "position": lines.position(at), "label": number, "paddingLeft": true }));
        hints.collect()
    }
}

/// What an action runs between, if it does not wait for the end of the sequence.
fn turn(lines: &[&Line], at: usize) -> Option<String> {
    if lines[at].runs_at_end() {
        return Some("when the sequence ends".to_owned());
    }
    let beside = |side: &str, at: usize| {
        let line = lines.get(at).filter(|line| line.has_turn())?;
        Some(format!("{side} `{}` ({})", line.action, line.number()))
    };
    let before = at.checked_sub(1).and_then(|before| beside("after", before));
    let between: Vec<String> = before.into_iter().chain(beside("before", at + 1)).collect();
    (!between.is_empty()).then(|| between.join(", "))
}

/// When a property of Windows Installer has its value.
fn tell_property(name: &str) -> Option<String> {
    let window = property::window(name)?;
    let from = window.from.map_or("is there from the start".to_owned(), |from| format!("is set by `{from}`"));
    let until = window.until.map_or("stays".to_owned(), |until| format!("is cleared by `{until}`"));
    Some(format!("**{name}**\n\n{from}, and {until}"))
}
