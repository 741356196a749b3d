//! Every action that a fix does not mean to move keeps its place in the order.

use rustc_hash::FxHashSet;

use super::Moved;
use crate::msi;
use crate::sequence::{Row, Schedule};

/// Compares one table before and after.
///
/// # Errors
/// What has changed, as the end of a sentence.
pub(super) fn keeps(old: &Schedule<'_>, new: &Schedule<'_>, moved: &Moved<'_>) -> Result<(), String> {
    let stays = |row: &&Row<'_>| !moved.contains(old.table, row.action);
    no_new_problem(old, new)?;
    let before = in_order(old.rows.iter().filter(stays));
    let after = in_order(new.rows.iter().filter(stays));
    let mut kept = before.iter().filter(|row| new.row(row.action).is_some() || !can_vanish(row));
    for row in &after {
        match kept.next() {
            // Only a fix that means to changes a condition, and no more of it than the case of its names.
            Some(was) if was.action == row.action && was.condition.eq_ignore_ascii_case(row.condition) => {}
            Some(was) if new.row(was.action).is_none() => {
                return Err(format!("`{}` would be left out of {}", was.action, old.table.name()));
            }
            _ => return Err(format!("`{}` would change its place in {}", row.action, old.table.name())),
        }
    }
    // What moves has to arrive; only from the dialogs' tables may it be taken away. It is lost when
    // nothing but a reference to its old place had linked the fragment that it stands in.
    let mut arrives = old.rows.iter().filter(|row| !stays(row) && !old.table.is_ui());
    let lost = kept.next().copied().or_else(|| arrives.find(|row| new.row(row.action).is_none()));
    if let Some(row) = lost {
        return Err(format!("`{}` would be left out of {}", row.action, old.table.name()));
    }
    no_new_tie(old, new)
}

/// Rows as they run; those whose place is unknown come last, by name.
fn in_order<'s, 'w>(rows: impl Iterator<Item = &'s Row<'w>>) -> Vec<&'s Row<'w>>
where
    'w: 's,
{
    let mut rows: Vec<&Row<'_>> = rows.collect();
    rows.sort_by_key(|row| (row.place().is_none(), row.place(), row.action));
    rows
}

/// A standard action that only a reference had brought, and that does nothing without rows of its own
/// table: it would have them if there were any, and then not depend on the reference.
fn can_vanish(row: &Row<'_>) -> bool {
    row.entry.is_none() && msi::standard_action(row.action).is_some_and(|action| action.idle)
}

fn no_new_problem(old: &Schedule<'_>, new: &Schedule<'_>) -> Result<(), String> {
    let known: FxHashSet<_> = old.problems.iter().map(|problem| (problem.kind, problem.action)).collect();
    match new.problems.iter().find(|problem| !known.contains(&(problem.kind, problem.action))) {
        None => Ok(()),
        Some(problem) => Err(format!("WiX could not place `{}` any more", problem.action)),
    }
}

/// Two actions with one number run in an order that nobody knows.
fn no_new_tie(old: &Schedule<'_>, new: &Schedule<'_>) -> Result<(), String> {
    for pair in new.rows.windows(2) {
        let tied = pair[0].number.is_some() && pair[0].number == pair[1].number;
        let number = |action: &str| old.row(action).and_then(|row| row.number);
        let was_tied = number(pair[0].action).is_some() && number(pair[0].action) == number(pair[1].action);
        if tied && !was_tied {
            return Err(format!("`{}` and `{}` would get the same number", pair[0].action, pair[1].action));
        }
    }
    Ok(())
}
