//! Why a standard action is in a table although no entry schedules it.

use super::why::Reason;
use super::{Written, at, place};
use crate::model::Model;
use crate::msi::{self, Table};
use crate::sequence::is_of_default_upgrade;
use crate::source::Sources;
use crate::wix::{Entry, table_bringing};

/// What brings `action`, as a reason.
pub(super) fn of_itself(model: &Model<'_>, table: Table, action: &str, sources: &Sources) -> Reason {
    let package = &model.package;
    let number = model.schedule(table).row(action).and_then(|row| row.number);
    let number = number.map_or(String::new(), |number| format!(" ({number})"));
    let reason = |why: String, place| Reason { text: format!("`{action}`{number} {why}"), place };
    let always = msi::standard_action(action).is_some_and(|standard| standard.is_always_in(table));
    if always && package.is_product() {
        return reason("stands in its own place, in every package".to_owned(), Written::Default);
    }
    if package.has_default_upgrade() && is_of_default_upgrade(action) {
        let place = package.entry.map_or(Written::Default, |entry| at(entry.span, sources));
        let wix = package.generation.name();
        return reason(format!("comes with the major upgrade that {wix} adds to this package"), place);
    }
    let brought = package.sections.iter().find_map(|section| {
        let wanted = (table, action);
        let table = table_bringing(wanted, section.tables, section.ensured, package.generation)?;
        Some((table, section.span))
    });
    if let Some((table, span)) = brought {
        let why = format!("stands in its own place, since this section has rows for the table {table}");
        return reason(why, at(span, sources));
    }
    let names = |entry: &&Entry| entry.table == table && entry.target().is_some_and(|target| target.text == action);
    match package.entries().find(names) {
        Some(entry) => {
            let why = format!("stands in its own place, since `{}` hangs on it", entry.action.text);
            reason(why, place(entry, sources))
        }
        None => reason("stands in its own place".to_owned(), Written::Default),
    }
}
