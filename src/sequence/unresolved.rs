//! What entries name and the sources do not define, or do not let them see.

use super::demand::{Authored, Settled, is_override};
use super::{Problem, ProblemKind};
use crate::msi::{self, Table};
use crate::project::Package;
use crate::wix::{Access, Entry, EntryKind, Generation, Position, SectionKind};

/// Checks the entries that are left for one table.
pub(super) fn check<'w>(
    package: &Package<'w>,
    table: Table,
    authored: &[Authored<'w>],
    settled: &Settled<'w>,
    problems: &mut Vec<Problem<'w>>,
) {
    if authored.len() > settled.entries().count() {
        let lacking = replaced(authored, table, settled);
        problems.extend(lacking.map(|entry| Problem::of(ProblemKind::MissingTarget, vec![entry])));
    }
    removal_is_scheduled(package, table, settled, problems);
    if package.entry.is_some_and(|entry| entry.kind == SectionKind::Module) {
        let refused =
            settled.entries().filter_map(|entry| Some(Problem::of(unmergeable(entry, package)?, vec![entry])));
        problems.extend(refused);
    }
    if settled.overrides {
        let overrides = settled.entries().filter(|entry| is_override(entry) && !package.lets_override(entry));
        problems.extend(overrides.map(|entry| Problem::of(ProblemKind::NothingToOverride, vec![entry])));
    }
    // Most packages lack nothing and hide nothing; there, no entry need be looked at.
    let hides = settled.hides;
    if !hides && !package.may_lack() {
        return;
    }
    for entry in settled.entries() {
        let undefined = |name: &str| package.lacks_action(name);
        let names_nothing = match (entry.kind, &entry.position) {
            (EntryKind::Custom, _) => undefined(&entry.action.text),
            // v3 takes the target of a SetProperty for a custom action, unless it is a standard one.
            (EntryKind::SetProperty, Position::Before(target) | Position::After(target)) => {
                package.generation == Generation::V3
                    && msi::standard_action(&target.text).is_none()
                    && undefined(&target.text)
            }
            _ => false,
        };
        if names_nothing {
            problems.push(Problem::of(ProblemKind::Undefined, vec![entry]));
        }
        if hides
            && let Some(target) = entry.target()
            && settled.get(&target.text).is_some_and(|target| is_hidden(package, entry, target))
        {
            problems.push(Problem::of(ProblemKind::MissingTarget, vec![entry]));
        }
    }
}

/// Entries that others took over from, and whose place names what is not there: the link follows their
/// references all the same.
fn replaced<'a, 'w>(
    authored: &'a [Authored<'w>],
    table: Table,
    settled: &'a Settled<'w>,
) -> impl Iterator<Item = &'w Entry> + use<'a, 'w> {
    let is_there = move |name: &str| {
        settled.get(name).is_some()
            || msi::standard_action(name).is_some_and(|action| action.number_in(table).is_some())
    };
    let entries = authored.iter().map(|(_, entry)| *entry).filter(|entry| !entry.suppress);
    let gone = entries.filter(|entry| !settled.get(&entry.action.text).is_some_and(|own| std::ptr::eq(own, *entry)));
    gone.filter(move |entry| entry.target().is_some_and(|target| !is_there(&target.text)))
}

/// What a module cannot say: its rows are merged into tables whose numbers nobody knows yet.
fn unmergeable(entry: &Entry, package: &Package<'_>) -> Option<ProblemKind> {
    let standard = msi::standard_action(&entry.action.text);
    // v3 knows the names that have no number as well.
    let standard = standard.is_some_and(|action| action.has_number() || package.generation == Generation::V3);
    match entry.position {
        Position::Number(_) if !standard => Some(ProblemKind::NumberInModule),
        Position::Before(_) | Position::After(_) if standard => Some(ProblemKind::RelativeInModule),
        _ => None,
    }
}

/// Whether the target's access modifier hides it from the entry.
fn is_hidden(package: &Package<'_>, entry: &Entry, target: &Entry) -> bool {
    match target.access {
        Access::File => entry.span.file != target.span.file,
        Access::Section => {
            let holds = |wanted: &Entry| {
                package
                    .sections
                    .iter()
                    .position(|section| section.entries.iter().any(|entry| std::ptr::eq(entry, wanted)))
            };
            holds(entry) != holds(target)
        }
        _ => false,
    }
}

/// Upgrade rows that remove products refer to RemoveExistingProducts, which nothing schedules by itself.
fn removal_is_scheduled<'w>(
    package: &Package<'w>,
    table: Table,
    settled: &Settled<'w>,
    problems: &mut Vec<Problem<'w>>,
) {
    let action = "RemoveExistingProducts";
    if table != Table::InstallExecute || package.has_default_upgrade() || settled.get(action).is_some() {
        return;
    }
    if let Some(asked) = package.sections.iter().find_map(|section| section.upgrade.removing) {
        let problem = Problem { kind: ProblemKind::MissingTarget, action, entries: Vec::new(), asked: Some(asked) };
        problems.push(problem);
    }
}
