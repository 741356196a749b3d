//! Moving an action before another one: what has to be edited, and what moves along.
//!
//! What is Before the action prepares something for it and goes with it. What is After it only used
//! it as a place to stand; it stays, hung on something else in the same fix. There are several such
//! somethings, and which of them keeps every action in its order depends on names or on the link
//! order; so there are several candidates, and the proof picks.

use std::cell::RefCell;
use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};

use crate::diagnostic::{ActionRow, Applicability, Edit, Fix};
use crate::model::Model;
use crate::msi::{self, Table};
use crate::preprocess::Origin;
use crate::reads::Evidence;
use crate::sequence::{Row, Schedule};
use crate::source::Span;
use crate::wix::{Entry, EntryKind, Execute, Kind, Placing, Position, Program};

/// Actions of one table that are all to stand before the same one.
#[derive(Debug)]
pub struct Rescheduling<'m, 'w> {
    model: &'m Model<'w>,
    schedule: &'m Schedule<'w>,
    /// The actions that a finding wants moved.
    wanted: FxHashSet<&'w str>,
    /// The action that they are to stand before.
    anchor: &'w str,
    /// What was found out for a root; a long chain of actions has one.
    known: RefCell<FxHashMap<&'w str, Candidates>>,
    roots: RefCell<FxHashMap<&'w str, &'w str>>,
}

/// Fixes that may be tried, the best first; or why there can be none, as the end of a sentence.
pub type Candidates = Result<Arc<[Arc<Fix>]>, String>;

/// What moves together.
struct Group<'w> {
    /// The one whose element is edited; the others hang on it.
    root: &'w Entry,
    moving: FxHashSet<&'w str>,
    /// What hangs After one of them and stays.
    staying: Vec<&'w Entry>,
}

impl<'m, 'w> Rescheduling<'m, 'w> {
    pub fn new(model: &'m Model<'w>, table: Table, wanted: FxHashSet<&'w str>, anchor: &'w str) -> Self {
        let schedule = model.schedule(table);
        Rescheduling { model, schedule, wanted, anchor, known: RefCell::default(), roots: RefCell::default() }
    }

    /// The fixes that may be tried for `action`.
    pub fn candidates(&self, action: &str) -> Candidates {
        let Some(root) = self.root(action) else {
            return Err("its entry is not in these sources".to_owned());
        };
        let known = self.known.borrow().get(&*root.action.text).cloned();
        known.unwrap_or_else(|| {
            let found: Candidates = self.fixes(root).map(|fixes| fixes.into_iter().map(Arc::new).collect());
            self.known.borrow_mut().insert(&root.action.text, found.clone());
            found
        })
    }

    fn fixes(&self, root: &'w Entry) -> Result<Vec<Fix>, String> {
        let group = self.group(root);
        let placing = editable(root)?;
        if let Position::Exit(_) = root.position {
            return Err("it runs when the installation ends, and its author may want it there".to_owned());
        }
        for &name in &group.moving {
            self.movable(name, name == root.action.text)?;
        }
        let row = |name: &&str| ActionRow { table: self.schedule.table.name(), action: (*name).to_owned() };
        let mut moves: Vec<ActionRow> = group.moving.iter().map(row).collect();
        moves.sort_by(|left, right| left.action.cmp(&right.action));
        let mut edits = place(root, placing, "Before", self.anchor);
        self.leave_ui(root, placing, &mut edits, &mut moves)?;
        let message = format!("schedule `{}` Before=\"{}\"", root.action.text, self.anchor);
        let moved = Fix { applicability: Applicability::Safe, message, edits, moves };
        self.hang_what_stays(moved, &group)
    }

    /// The fix, and what hung After something that moves hung on something else: one candidate for
    /// each way to do it.
    fn hang_what_stays(&self, mut moved: Fix, group: &Group<'w>) -> Result<Vec<Fix>, String> {
        let placed = group.staying.iter().map(|entry| Ok((*entry, editable(entry)?)));
        let placed = placed.collect::<Result<Vec<_>, String>>()?;
        if placed.is_empty() {
            moved.edits.sort();
            return Ok(vec![moved]);
        }
        let hooks = [Hook::OldAnchor, Hook::Previous, Hook::Next];
        let fixes = hooks.into_iter().filter_map(|hook| {
            let mut fix = moved.clone();
            for (entry, placing) in &placed {
                let (name, value) = self.hook(hook, group, entry)?;
                fix.message += &format!(", and `{}` {name}=\"{value}\"", entry.action.text);
                fix.edits.extend(place(entry, *placing, name, &value));
            }
            fix.edits.sort();
            Some(fix)
        });
        Ok(fixes.collect())
    }

    /// The entry to edit for `action`: its own, or that of a wanted action which takes it along.
    fn root(&self, action: &str) -> Option<&'w Entry> {
        let entry = |name: &str| self.schedule.row(name).and_then(|row| row.entry);
        let mut root = entry(action)?;
        let start = &*root.action.text;
        let wanted = |entry: &Entry| self.wanted.contains(&*entry.action.text);
        let mut at = root;
        for _ in 0..self.schedule.rows.len() {
            if let Some(known) = self.roots.borrow().get(&*at.action.text).and_then(|known| entry(known)) {
                root = known;
                break;
            }
            let Some(next) = at.target().and_then(|target| entry(&target.text)) else { break };
            let prepares = matches!(at.position, Position::Before(_));
            match (prepares || wanted(at), wanted(next)) {
                (true, true) => root = next,
                // What prepares a preparation goes with both.
                (true, false) if prepares => {}
                _ => break,
            }
            at = next;
        }
        self.roots.borrow_mut().insert(start, &root.action.text);
        Some(root)
    }

    /// What moves together with the action that `root` places.
    fn group(&self, root: &'w Entry) -> Group<'w> {
        let mut group = Group { root, moving: FxHashSet::default(), staying: Vec::new() };
        let mut open = vec![root];
        while let Some(entry) = open.pop() {
            if !group.moving.insert(&entry.action.text) {
                continue;
            }
            for child in self.model.hanging(self.schedule, &entry.action.text) {
                let along = matches!(child.position, Position::Before(_)) || self.wanted.contains(&*child.action.text);
                if along { open.push(child) } else { group.staying.push(child) }
            }
        }
        group
    }

    /// Whether an action can run earlier at all. `edited`: it is the one that a finding is about.
    fn movable(&self, name: &str, edited: bool) -> Result<(), String> {
        let Some(action) = self.model.flows.definition(name) else { return self.movable_unseen(name) };
        match action.execute {
            Some(Execute::Deferred | Execute::Rollback | Execute::Commit) => {
                return Err(format!(
                    "`{name}` runs in the installation script and has to stay behind InstallInitialize"
                ));
            }
            None => return Err(format!("it is not known when `{name}` runs")),
            Some(_) => {}
        }
        match action.kind {
            Kind::Dll(Program::InstalledFile)
            | Kind::Exe(Program::InstalledFile)
            | Kind::Script(Program::InstalledFile) => {
                Err(format!("`{name}` runs a file that is not installed so early"))
            }
            Kind::Exe(Program::Directory | Program::Property) => {
                Err(format!("`{name}` starts a program that may not be there so early"))
            }
            Kind::Error | Kind::Unknown => Err(format!("what `{name}` does depends on its place")),
            Kind::Dll(_) | Kind::Exe(_) | Kind::Script(_) if !edited && !self.wanted.contains(name) => {
                Err(format!("`{name}`, which prepares it, runs code that may need its place"))
            }
            _ => Ok(()),
        }
    }

    /// Whether an action that these sources do not define can run earlier. Those of known libraries
    /// are immediate; of another one nobody knows what it is.
    fn movable_unseen(&self, name: &str) -> Result<(), String> {
        let reads = self.model.flows.of_action(name).into_iter().flat_map(|flow| &flow.reads);
        if reads.into_iter().any(|read| read.evidence == Evidence::Library) {
            return Ok(());
        }
        Err(match msi::standard_action(name) {
            Some(_) => format!("`{name}` is a standard action, and others rely on its place"),
            None => format!("`{name}` is not defined in these sources, so it is not known what it needs"),
        })
    }

    /// A SetProperty stands in two tables at once. The anchor is not in the table of the dialogs, so
    /// the element has to say that it means the other one.
    fn leave_ui(
        &self,
        root: &Entry,
        placing: Placing,
        edits: &mut Vec<Edit>,
        moves: &mut Vec<ActionRow>,
    ) -> Result<(), String> {
        let ui = self.model.schedule(Table::InstallUi);
        let name = &*root.action.text;
        let both = root.kind == EntryKind::SetProperty
            && ui.row(name).and_then(|row| row.entry).is_some_and(|entry| entry.span == root.span);
        if !both {
            return Ok(());
        }
        self.not_needed_in_ui(root, ui)?;
        edits.push(only_execute(root, placing)?);
        moves.push(ActionRow { table: ui.table.name(), action: name.to_owned() });
        Ok(())
    }

    /// Nothing hangs on the entry in the table of the dialogs, or needs what it sets there.
    fn not_needed_in_ui(&self, root: &Entry, ui: &Schedule<'w>) -> Result<(), String> {
        let name = &*root.action.text;
        let written = self.model.flows.of_action(name).and_then(|flow| flow.writes);
        let reads = |row: &Row<'_>| written.is_some_and(|property| self.model.flow(row).read_of(property).is_some());
        for row in &ui.rows {
            if row.entry.and_then(Entry::target).is_some_and(|target| target.text == name) {
                return Err(format!(
                    "`{}` hangs on it in {}, which does not hold {}",
                    row.action,
                    ui.table.name(),
                    self.anchor
                ));
            }
            if row.action != name && reads(row) {
                return Err(format!("`{}` needs what it sets in {}", row.action, ui.table.name()));
            }
        }
        // The dialogs' process hands public properties on, to whoever reads them before they are set again.
        if written.is_some_and(is_public) {
            let anchor = self.schedule.row(self.anchor).and_then(Row::place);
            let early = |row: &&Row<'_>| row.place() < anchor || row.action == name || root.condition.is_some();
            if let Some(row) = self.schedule.rows.iter().filter(early).find(|row| reads(row)) {
                return Err(format!("`{}` needs what `{name}` sets in {}", row.action, ui.table.name()));
            }
        }
        Ok(())
    }

    /// What an entry that stays is to hang on, as attribute and value.
    fn hook(&self, hook: Hook, group: &Group<'w>, entry: &Entry) -> Option<(&'static str, String)> {
        let row = self.schedule.row(&entry.action.text)?;
        match hook {
            Hook::OldAnchor => Some(match &group.root.position {
                Position::Before(target) => ("Before", target.text.clone()),
                Position::After(target) => ("After", target.text.clone()),
                _ => ("Sequence", row.number?.to_string()),
            }),
            Hook::Previous => {
                let at = self.schedule.position(row.action)?;
                let own = self.subtree(entry);
                let stays = |name: &str| !group.moving.contains(name) && !own.contains(name);
                let previous = self.schedule.rows[..at].iter().rev().find(|row| stays(row.action))?;
                Some(("After", previous.action.to_owned()))
            }
            Hook::Next => {
                let at = self.schedule.position(row.action)?;
                let own = self.subtree(entry);
                let stays = |name: &str| !group.moving.contains(name) && !own.contains(name);
                let next = self.schedule.rows[at..].iter().find(|row| stays(row.action) && row.number.is_some())?;
                // Before a wanted action it would seem to prepare it, and move with it next time.
                if next.entry.is_some_and(|entry| self.will_move(entry)) {
                    return None;
                }
                Some(("Before", next.action.to_owned()))
            }
        }
    }

    /// Whether an entry is wanted, or prepares what is.
    fn will_move(&self, entry: &Entry) -> bool {
        let mut at = Some(entry);
        for _ in 0..self.schedule.rows.len() {
            let Some(entry) = at else { return false };
            if self.wanted.contains(&*entry.action.text) {
                return true;
            }
            at = match &entry.position {
                Position::Before(target) => self.schedule.row(&target.text).and_then(|row| row.entry),
                _ => None,
            };
        }
        false
    }

    /// An entry's action and everything that hangs on it.
    fn subtree(&self, entry: &'_ Entry) -> FxHashSet<String> {
        let mut names = FxHashSet::default();
        let mut open = vec![entry.action.text.clone()];
        while let Some(name) = open.pop() {
            let children = self.model.hanging(self.schedule, &name);
            open.extend(children.map(|child| child.action.text.clone()).filter(|child| !names.contains(child)));
            names.insert(name);
        }
        names
    }
}

/// Ways to hang up what stays.
#[derive(Clone, Copy)]
enum Hook {
    /// Where the moved action hung.
    OldAnchor,
    /// After what runs right before it now.
    Previous,
    /// Before what runs right after it now.
    Next,
}

/// Whether Windows Installer hands a property from the process that shows dialogs to the service.
fn is_public(property: &str) -> bool {
    !property.contains(char::is_lowercase)
}

/// Hanging an entry on another action: the fix that says `name="value"`, and moves nothing that it knows of.
///
/// # Errors
/// Why the entry cannot be edited, as the end of a sentence.
pub fn hang(entry: &Entry, name: &'static str, value: &str) -> Result<Fix, String> {
    let edits = place(entry, editable(entry)?, name, value);
    let message = format!("schedule `{}` {name}=\"{value}\"", entry.action.text);
    Ok(Fix { applicability: Applicability::Safe, message, edits, moves: Vec::new() })
}

/// Taking a SetProperty out of the table of the dialogs.
///
/// # Errors
/// Why the entry cannot be edited, as the end of a sentence.
pub fn leave_ui(entry: &Entry) -> Result<Fix, String> {
    let edits = vec![only_execute(entry, editable(entry)?)?];
    let message = format!("say Sequence=\"execute\" of `{}`", entry.action.text);
    let moves = vec![ActionRow { table: Table::InstallUi.name(), action: entry.action.text.clone() }];
    Ok(Fix { applicability: Applicability::Safe, message, edits, moves })
}

fn only_execute(entry: &Entry, placing: Placing) -> Result<Edit, String> {
    match entry.sequence {
        Some(sequence) if sequence.origin != Origin::Literal => {
            Err("its tables come from a preprocessor variable".to_owned())
        }
        Some(sequence) => Ok(Edit { span: sequence.value, replacement: "execute".to_owned() }),
        None => {
            let end = Span { start: placing.value.end + 1, end: placing.value.end + 1, ..placing.value };
            Ok(Edit { span: end, replacement: " Sequence=\"execute\"".to_owned() })
        }
    }
}

/// The attribute to edit, if it is the author's own text.
fn editable(entry: &Entry) -> Result<Placing, String> {
    let name = &entry.action.text;
    match entry.placed_by {
        _ if entry.looped => Err(format!("a `<?foreach?>` schedules `{name}`")),
        Some(placing) if placing.origin == Origin::Literal => Ok(placing),
        Some(_) => Err(format!("the place of `{name}` comes from a preprocessor variable")),
        None => Err(format!("the element that schedules `{name}` has no attribute that places it")),
    }
}

/// Edits that make the attribute say `name="value"`; what it says already stays as it is.
fn place(entry: &Entry, placing: Placing, name: &str, value: &str) -> Vec<Edit> {
    let (old_name, old_value) = match &entry.position {
        Position::Before(target) => ("Before", &*target.text),
        Position::After(target) => ("After", &*target.text),
        Position::Exit(_) => ("OnExit", ""),
        _ => ("Sequence", ""),
    };
    let mut edits = Vec::new();
    if old_name != name {
        edits.push(Edit { span: placing.name, replacement: name.to_owned() });
    }
    if old_value != value {
        edits.push(Edit { span: placing.value, replacement: value.to_owned() });
    }
    edits
}
