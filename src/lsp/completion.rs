//! Names of actions while they are typed, each with the place where it would put what is typed.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Value, json};

use super::cursor::{Typing, typing};
use super::workspace::linking;
use super::{Place, Server};
use crate::analysis::worlds;
use crate::model::Model;
use crate::msi::Table;
use crate::source::FileId;
use crate::wix::{ACTION, EntryKind, Generation, Role, names};

/// Numbers of the protocol for what a name is.
const FUNCTION: u32 = 3;
const EVENT: u32 = 23;

/// What stands in the place of a name that is being typed.
const ANY_NAME: &str = "Name";

impl Server<'_> {
    pub(super) fn complete(&self, parameters: &Value) -> Value {
        let Some(place) = self.place(parameters) else { return json!([]) };
        let text = self.workspace.sources.get(place.file).text();
        let Some(typing) = typing(text, place.offset as usize) else { return json!([]) };
        // What the place names is known as soon as a name stands there.
        let whole = completed(text, place.offset as usize, &typing, ANY_NAME);
        let start = place.offset - typing.begun.len() as u32;
        let Some(name) = names(place.file, &whole).into_iter().find(|name| name.span.start == start) else {
            return json!([]);
        };
        let items = match (name.kind, name.role) {
            (ACTION, Role::Refer) => {
                let mut items = self.anchors(place, &typing, name.tables);
                if name.tables.is_empty() && !is_place(typing.attribute) {
                    let mut others = self.defined(place.file, &["CustomAction", "Dialog"]);
                    others.retain(|other| items.iter().all(|item| item["label"] != other["label"]));
                    items.append(&mut others);
                }
                items
            }
            ("CustomAction" | "Dialog", Role::Refer | Role::Schedule) => self.defined(place.file, &[name.kind]),
            _ => return json!([]),
        };
        // A modifier of access stays, and the rest of what stands there goes.
        let begun = typing.begun.rsplit(' ').next().unwrap_or(typing.begun);
        let start = place.offset - begun.len() as u32;
        let end = place.offset + rest_length(&text[place.offset as usize..]) as u32;
        let lines = self.lines(place.file);
        let range = json!({ "start": lines.position(start), "end": lines.position(end) });
        let items = items.into_iter().map(|mut item| {
            item["textEdit"] = json!({ "range": range, "newText": item["label"] });
            item
        });
        items.collect()
    }

    /// The actions that each of some tables holds in a turn of its own, or any table, in the order in which they run.
    fn anchors(&self, place: Place, typing: &Typing<'_>, tables: &'static [Table]) -> Vec<Value> {
        let own = own_action(typing);
        let alternatives: Vec<&[Table]> = alternatives(tables).collect();
        let mut rows: BTreeMap<String, (i32, String)> = BTreeMap::new();
        for at in self.workspace.with(place.file) {
            let packages = self.workspace.projects[at].packages_with(place.file);
            for (model, tables) in
                packages.iter().flat_map(|model| alternatives.iter().map(move |tables| (model, *tables)))
            {
                let scheduled = tables.iter().take(1).flat_map(|table| &model.schedule(*table).rows);
                for action in scheduled.map(|row| row.action).filter(|action| own.as_deref() != Some(action)) {
                    let Some(turns) = turns(model, tables, typing, action) else { continue };
                    let told = tables.iter().zip(&turns).map(|(table, number)| format!("{number} in {}", table.name()));
                    let detail = told.collect::<Vec<_>>().join(", ");
                    rows.entry(action.to_owned()).or_insert((turns[0], detail));
                }
            }
        }
        let items = rows.into_iter().map(|(action, (number, detail))| {
            let data = json!({
                "file": place.file.index(),
                "offset": place.offset,
                "action": action,
            });
            json!({ "label": action, "kind": EVENT, "detail": detail, "sortText": format!("{number:05}"), "data": data })
        });
        items.collect()
    }

    /// What the sources define of some kinds.
    fn defined(&self, file: FileId, kinds: &[&str]) -> Vec<Value> {
        let mut defined: Vec<String> = Vec::new();
        for file in self.files_with(file) {
            let names = self.names(file).into_iter().filter(|name| kinds.contains(&name.kind));
            defined.extend(names.filter_map(|name| match name.role {
                Role::Define => Some(name.text.to_owned()),
                Role::Imply => Some(format!("Set{}", name.text)),
                _ => None,
            }));
        }
        defined.sort();
        defined.dedup();
        defined.into_iter().map(|name| json!({ "label": name, "kind": FUNCTION })).collect()
    }

    /// Adds to an item where it would put what is typed: WiX's algorithm is asked, on the text with the item in it.
    pub(super) fn resolve(&self, mut item: Value) -> Value {
        if let Some(told) = self.landing(&item["data"]) {
            item["documentation"] = json!({ "kind": "markdown", "value": told });
        }
        item
    }

    fn landing(&self, data: &Value) -> Option<String> {
        let sources = &self.workspace.sources;
        let wanted = data["file"].as_u64()? as usize;
        let (file, source) = sources.iter().find(|(file, _)| file.index() == wanted)?;
        let offset = data["offset"].as_u64()? as usize;
        let typing = typing(source.text(), offset)?;
        let action = own_action(&typing)?;
        let text = completed(source.text(), offset, &typing, data["action"].as_str()?);
        let start = (offset - typing.begun.len()) as u32;
        let tables = names(file, &text).into_iter().find(|name| name.span.start == start)?.tables;
        let mut sources = sources.clone();
        sources.replace(file, Arc::new(source.with_text(text)));
        let loaded = self.workspace.with(file).map(|at| &self.workspace.projects[at]).next()?;
        let project = loaded.project.recompile(&[file], &loaded.settings, &self.workspace.disk, &mut sources);
        let first = worlds(&project, &loaded.settings).into_iter().next()?;
        let landed = |model: &Model<'_>| -> Vec<String> {
            alternatives(tables).flatten().filter_map(|table| landed(model, *table, &action)).collect()
        };
        let told = linking(first, file).iter().map(landed).find(|told| !told.is_empty())?;
        Some(told.join("  \n"))
    }
}

/// Sets of tables, all of one of which hold what is named: `tables`, or, where these are not known, any one.
fn alternatives(tables: &'static [Table]) -> impl Iterator<Item = &'static [Table]> {
    let all: &'static [Table] = &Table::ALL;
    let (tables, size) = if tables.is_empty() { (all, 1) } else { (tables, tables.len()) };
    // What most people look for comes first.
    tables.chunks(size).rev()
}

/// The numbers of an action in all of some tables; `None`: what is typed cannot be Before or After it there.
fn turns(model: &Model<'_>, tables: &[Table], typing: &Typing<'_>, action: &str) -> Option<Vec<i32>> {
    // v3 looks for a custom action of that name.
    let takes_dialogs = typing.element != "SetProperty" || model.package.generation != Generation::V3;
    let turn = |table: &Table| {
        let row = model.schedule(*table).row(action)?;
        let is_dialog = row.entry.is_some_and(|entry| entry.kind == EntryKind::Dialog);
        // Nor can anything be Before or After what runs when the sequence ends.
        row.number.filter(|number| *number >= 0 && (takes_dialogs || !is_dialog))
    };
    tables.iter().map(turn).collect()
}

/// Length of what stands behind the cursor in the value that is typed.
fn rest_length(rest: &str) -> usize {
    let end = rest.find(|c: char| !c.is_alphanumeric() && !matches!(c, '_' | '.')).unwrap_or(rest.len());
    // Without a quote behind it, it is something else.
    if rest[end..].starts_with(['"', '\'']) { end } else { 0 }
}

fn is_place(attribute: &str) -> bool {
    matches!(attribute, "Before" | "After")
}

/// The action that the element schedules in which something is typed.
fn own_action(typing: &Typing<'_>) -> Option<String> {
    let value = |wanted: &str| typing.others.iter().find(|(name, _)| *name == wanted).map(|(_, value)| *value);
    let name = match typing.element {
        "Custom" => value("Action")?,
        "Show" => value("Dialog")?,
        "SetProperty" | "SetDirectory" => {
            return value("Action").map(str::to_owned).or_else(|| Some(format!("Set{}", value("Id")?)));
        }
        element => element,
    };
    Some(name.rsplit(' ').next().unwrap_or(name).to_owned())
}

/// Where an action runs.
fn landed(model: &Model<'_>, table: Table, action: &str) -> Option<String> {
    let schedule = model.schedule(table);
    let at = schedule.position(action)?;
    let row = &schedule.rows[at];
    let told = |at: usize| {
        let row = schedule.rows.get(at).filter(|row| row.number.is_some_and(|number| number >= 0))?;
        Some(format!("`{}` ({})", row.action, row.number?))
    };
    let before = at.checked_sub(1).and_then(told).map(|before| format!(", after {before}")).unwrap_or_default();
    let after = told(at + 1).map(|after| format!(", before {after}")).unwrap_or_default();
    Some(format!("`{action}` would run at **{}** in {}{before}{after}", row.number?, table.name()))
}

/// The text with the value that is typed replaced, and what is missing behind it added.
fn completed(text: &str, offset: usize, typing: &Typing<'_>, value: &str) -> String {
    let start = offset - typing.begun.len();
    let quote = if text[..start].ends_with('\'') { '\'' } else { '"' };
    let rest = &text[offset..];
    let end = rest.find([quote, '<', '>', '\n']).unwrap_or(rest.len());
    let rest = &rest[end..];
    let head = &text[..start];
    match rest.starts_with(quote) {
        true => format!("{head}{value}{rest}"),
        // The quote is not there yet, and perhaps the end of the element neither.
        false if rest.starts_with('>') => format!("{head}{value}{quote}{rest}"),
        false => format!("{head}{value}{quote}/>{rest}"),
    }
}
