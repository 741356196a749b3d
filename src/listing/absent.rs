//! Why an action that somebody asks for is not in a table.

use super::at;
use crate::model::{Model, nearest};
use crate::msi::{self, Table};
use crate::source::Sources;

/// What can be said of an action that none of `tables` holds.
pub fn absent(models: &[Model<'_>], tables: &[Table], action: &str, sources: &Sources) -> String {
    let names = tables.iter().map(|table| table.name()).collect::<Vec<_>>();
    let names = match &names[..] {
        [one] => one,
        _ => "any sequence",
    };
    let hint = suppressed(models, tables, action, sources)
        .or_else(|| elsewhere(models, action))
        .or_else(|| defined(models, action, sources))
        .or_else(|| meant(models, action));
    format!("`{action}` is not in {names}{}", hint.map_or(String::new(), |hint| format!("; {hint}")))
}

fn suppressed(models: &[Model<'_>], tables: &[Table], action: &str, sources: &Sources) -> Option<String> {
    let mut entries = models.iter().flat_map(|model| model.package.entries());
    let entry = entries.find(|entry| entry.suppress && tables.contains(&entry.table) && entry.action.text == action)?;
    Some(format!("{} takes it out", at(entry.span, sources)))
}

fn elsewhere(models: &[Model<'_>], action: &str) -> Option<String> {
    let mut schedules = models.iter().flat_map(|model| &model.schedules);
    let table = schedules.find(|schedule| schedule.row(action).is_some())?.table.name();
    Some(format!("it is in {table}: --table {table}"))
}

fn defined(models: &[Model<'_>], action: &str, sources: &Sources) -> Option<String> {
    let all = models.iter().flat_map(|model| model.package.candidates.iter().map(move |section| (model, section)));
    let mut definitions = all.flat_map(|(model, section)| section.actions.iter().map(move |own| (model, own)));
    let (model, definition) = definitions.find(|(_, own)| own.id.text == action)?;
    let place = at(definition.span, sources);
    Some(match model.flows.definition(action) {
        Some(_) => format!("{place} defines it, but nothing schedules it"),
        None => format!("{place} defines it in a fragment that nothing refers to"),
    })
}

fn meant(models: &[Model<'_>], action: &str) -> Option<String> {
    let schedules = models.iter().flat_map(|model| &model.schedules);
    let scheduled = schedules.flat_map(|schedule| schedule.rows.iter().map(|row| row.action));
    let sections = models.iter().flat_map(|model| &model.package.candidates);
    let defined = sections.flat_map(|section| section.actions.iter().map(|own| &*own.id.text));
    if msi::standard_action(action).is_some() {
        return Some("it is a standard action, and nothing here asks for it".to_owned());
    }
    nearest(action, scheduled.chain(defined)).map(|near| format!("did you mean `{near}`?"))
}
