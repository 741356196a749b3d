//! Names of actions while they are typed, each with the place where it would put what is typed.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Value, json};

use super::cursor::{Typing, typing};
use super::{Place, Server};
use crate::model::Model;
use crate::msi::Table;
use crate::source::FileId;
use crate::wix::Role;

/// Numbers of the protocol for what a name is.
const FUNCTION: u32 = 3;
const EVENT: u32 = 23;

impl Server<'_> {
    pub(super) fn complete(&self, parameters: &Value) -> Value {
        let Some(place) = self.place(parameters) else { return json!([]) };
        let text = self.workspace.sources.get(place.file).text();
        let Some(typing) = typing(text, place.offset as usize) else { return json!([]) };
        let items = match (typing.element, typing.attribute) {
            (_, "Before" | "After") => self.anchors(place, &typing),
            ("Custom", "Action") | ("CustomActionRef", "Id") => self.actions(place.file),
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

    /// The actions that one can be Before or After, in the order in which they run.
    fn anchors(&self, place: Place, typing: &Typing<'_>) -> Vec<Value> {
        let tables = tables(typing);
        let own = own_action(typing);
        let own = own.as_deref();
        let mut rows: BTreeMap<String, (i32, String)> = BTreeMap::new();
        for at in self.workspace.with(place.file) {
            for model in self.workspace.projects[at].packages() {
                for schedule in tables.iter().map(|table| model.schedule(*table)) {
                    for row in schedule.rows.iter().filter(|row| Some(row.action) != own) {
                        // Nothing can be Before or After what runs when the sequence ends.
                        let Some(number) = row.number.filter(|number| *number >= 0) else { continue };
                        let detail = format!("{number} in {}", schedule.table.name());
                        rows.entry(row.action.to_owned()).or_insert((number, detail));
                    }
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

    /// The custom actions that the sources define.
    fn actions(&self, file: FileId) -> Vec<Value> {
        let mut names: Vec<String> = Vec::new();
        for file in self.files_with(file) {
            let defined =
                self.names(file).into_iter().filter(|name| name.kind == "CustomAction" && name.role == Role::Define);
            names.extend(defined.map(|name| name.text.to_owned()));
        }
        names.sort();
        names.dedup();
        names.into_iter().map(|name| json!({ "label": name, "kind": FUNCTION })).collect()
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
        let mut sources = sources.clone();
        sources.replace(file, Arc::new(source.with_text(text)));
        let loaded = self.workspace.with(file).map(|at| &self.workspace.projects[at]).next()?;
        let project = loaded.project.recompile(&[file], &loaded.settings, &self.workspace.disk, &mut sources);
        let worlds = crate::analysis::worlds(&project, &loaded.settings);
        let mut models = worlds.first()?.iter();
        models.find_map(|model| tables(&typing).into_iter().find_map(|table| landed(model, table, &action)))
    }
}

/// Length of what stands behind the cursor in the value that is typed.
fn rest_length(rest: &str) -> usize {
    let end = rest.find(|c: char| !c.is_alphanumeric() && !matches!(c, '_' | '.')).unwrap_or(rest.len());
    // Without a quote behind it, it is something else.
    if rest[end..].starts_with(['"', '\'']) { end } else { 0 }
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
    Some(format!("`{action}` would run at **{}**{before}{after}", row.number?))
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

/// The tables that what is typed is about.
fn tables(typing: &Typing<'_>) -> Vec<Table> {
    match typing.sequence {
        Some("AdvertiseExecuteSequence") => vec![Table::Advertise],
        Some(name) => Table::from_name(name).into_iter().collect(),
        None => vec![Table::InstallExecute, Table::InstallUi],
    }
}
