use super::{Check, Findings, Rule};
use crate::diagnostic::Severity;
use crate::model::Model;
use crate::model::Reader;
use crate::msi::property::{self, SESSION_KEY};
use crate::sequence::{Row, Schedule, Step};

pub(super) const RULE: Rule = Rule {
    name: "property-read-after-cleared",
    severity: Severity::Warning,
    by_default: true,
    doc: include_str!("property_read_after_cleared.md"),
    check: Check::Package(check),
};

fn check(model: &Model<'_>, findings: &mut Findings) {
    let writers = model.writers();
    for reader in model.all_readers().filter(Reader::is_immediate) {
        let name = &*reader.read.property;
        // The session key has a rule of its own.
        if name == SESSION_KEY {
            continue;
        }
        let fixed = property::window(name).is_some_and(|window| window.until.is_some() && window.is_checked);
        if fixed && model.is_late(&reader, name) {
            let by = model.cleared(reader.schedule, name).map_or("", |(by, _)| by);
            report(&reader, by, reader.schedule.row(by), findings);
        } else if let Some(rows) = writers.get(name)
            && let Some(cleared) = cleared(model, &reader, rows)
        {
            report(&reader, cleared.action, Some(cleared), findings);
        }
    }
}

/// The action of the package that has surely taken a value away when it is read, and nothing has set it since.
fn cleared<'m, 'w>(
    model: &'m Model<'w>,
    reader: &Reader<'_, 'w>,
    rows: &[(&'m Schedule<'w>, &'m Row<'w>)],
) -> Option<&'m Row<'w>> {
    let place = reader.row.place()?;
    let own = rows.iter().filter(|(schedule, _)| schedule.table == reader.schedule.table).map(|(_, row)| *row);
    let last = own.filter(|row| row.place().is_some_and(|at| at < place)).max_by_key(|row| row.place())?;
    let definition = model.flows.definition(last.action)?;
    let clears = definition.formatted.iter().all(|(_, text)| text.is_known() && matches!(text.text.trim(), "" | "{}"));
    let set = |row: &Row<'_>| row.place() > last.place() && row.place() < Some(place) && model.is_opaque(row);
    let may_be_set = reader.schedule.rows.iter().any(set);
    (clears && last.condition.is_empty() && !may_be_set).then_some(last)
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
