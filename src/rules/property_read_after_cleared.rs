use super::{Check, Findings, Rule};
use crate::diagnostic::Severity;
use crate::model::{Model, Reader, Turn};
use crate::msi::property::{self, SESSION_KEY};
use crate::sequence::{Row, Step};
use crate::wix::{EntryKind, Execute};
use rustc_hash::FxHashSet;

pub(super) const RULE: Rule = Rule {
    name: "property-read-after-cleared",
    severity: Severity::Warning,
    by_default: true,
    doc: include_str!("property_read_after_cleared.md"),
    check: Check::Package(check),
};

fn check(model: &Model<'_>, findings: &mut Findings) {
    let fixed: Vec<&str> = property::cleared().filter(|name| is_fixed(name)).collect();
    let clearing: FxHashSet<&str> = model.turns().filter(clears).filter_map(|turn| turn.flow()?.writes).collect();
    if fixed.is_empty() && clearing.is_empty() {
        return;
    }
    let is_wanted = |name: &str| fixed.contains(&name) || clearing.contains(name);
    for reader in model.readers_where(is_wanted).filter(Reader::is_immediate) {
        let name = &*reader.read.property;
        if is_fixed(name) && model.is_late(&reader, name) {
            let by = model.cleared(reader.schedule, name).map_or("", |(by, _)| by);
            report(&reader, by, reader.schedule.row(by), findings);
        } else if let Some(cleared) = cleared(model, &reader, name) {
            report(&reader, cleared.action, Some(cleared), findings);
        }
    }
}

/// Whether an action of Windows Installer takes a property away. The session key has a rule of its own.
fn is_fixed(name: &str) -> bool {
    let window = property::window(name).filter(|window| window.until.is_some() && window.is_checked);
    name != SESSION_KEY && window.is_some()
}

/// Whether a turn surely takes a value away.
fn clears(turn: &Turn<'_, '_>) -> bool {
    let at_once = turn.execute() == Some(Execute::Immediate);
    turn.clears() && at_once && turn.is_unconditional()
}

/// The action of the package that has surely taken a value away when it is read, and nothing has set it since.
fn cleared<'m, 'w>(model: &'m Model<'w>, reader: &Reader<'m, 'w>, name: &str) -> Option<&'m Row<'w>> {
    let place = reader.row.place()?;
    let own = model.writers(name).filter(|turn| turn.schedule.table == reader.schedule.table);
    let before = own.filter(|turn| turn.row.place().is_some_and(|at| at < place));
    let last = before.max_by_key(|turn| turn.row.place()).filter(clears)?;
    let between = |turn: &Turn<'_, '_>| turn.row.place() > last.row.place() && turn.row.place() < Some(place);
    // Nor do the searches and the costing, or a dialog.
    let sets = |turn: &Turn<'_, '_>| {
        let is_dialog = turn.row.entry.is_some_and(|entry| entry.kind == EntryKind::Dialog);
        is_dialog || turn.is_opaque() || property::beginnings().any(|action| action == turn.row.action)
    };
    let may_be_set = model.turns_in(reader.schedule).any(|turn| between(&turn) && sets(&turn));
    (!may_be_set).then_some(last.row)
}

fn report(reader: &Reader<'_, '_>, by: &str, row: Option<&Row<'_>>, findings: &mut Findings) {
    let (action, name, entry) = (reader.row.action, &reader.read.property, reader.entry);
    let message = format!("`{action}` reads `{name}` after `{by}` has cleared it: it gets nothing");
    let subject = format!("{}/{action} {name}", reader.schedule.table.name());
    let finding = findings.report(&subject, message, entry.span, Step { entry }.reason());
    if let Some(entry) = row.and_then(|row| row.entry) {
        finding.label(entry.span, format!("`{by}` {}", Step { entry }.reason()));
    }
    finding.label_read(&reader.read, "read here");
    finding.help(format!("schedule `{action}` Before=\"{by}\""));
}
