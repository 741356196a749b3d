//! Elements that put actions into the sequence tables.

use super::compiler::{Compiler, FrameKind};
use super::{
    Access, CustomAction, Dialect, Entry, EntryKind, Execute, Exit, Generation, Kind, Placing, Position, Return,
    SymbolKey, Text,
};
use crate::msi::{self, Table};
use crate::preprocess::{Element, Origin, Value};
use crate::source::Span;

/// Highest number that a sequence table holds (WIX0123).
pub(super) const MAX_NUMBER: i32 = 32767;

/// The attributes that can place an entry.
pub(super) const PLACES: [&str; 4] = ["Before", "After", "Sequence", "OnExit"];

impl Compiler {
    /// A child of a sequence element.
    pub(super) fn scheduled(&mut self, element: &Element<'_>, table: Table) -> FrameKind {
        let (kind, name) = match element.name {
            "Custom" => (EntryKind::Custom, element.get("Action").map(Text::from)),
            "Show" => (EntryKind::Dialog, element.get("Dialog").map(Text::from)),
            name => (EntryKind::Standard, Some(literal(name, element.span))),
        };
        let Some(action) = name.and_then(|name| self.known_action(name, element)) else {
            self.check_entry(element, table, "");
            return FrameKind::Other;
        };
        let (action, modifier) = self.modifier(action, kind);
        self.check_entry(element, table, &action.text);
        if modifier.is_some() {
            self.refuse_modifier(element, &action.text);
        }
        match kind {
            EntryKind::Custom => self.refer_key(SymbolKey::new("CustomAction", &action.text)),
            EntryKind::Dialog => self.refer_key(SymbolKey::new("Dialog", &action.text)),
            _ => {}
        }
        let place = self.position(element, &action.text, &PLACES);
        self.refer_position(table, &place.0);
        let access = match modifier {
            _ if element.is("Overridable", "yes") => Access::Virtual,
            Some(access) => access,
            None if kind == EntryKind::Standard && self.dialect() == Dialect::V4 => Access::Override,
            None => Access::Plain,
        };
        let suppress = element.is("Suppress", "yes");
        self.push_entry(Entry { access, suppress, ..self.entry(element, table, action, kind, place) });
        FrameKind::Entry { count: 1 }
    }

    /// An entry as most are: plain, and not taken out.
    fn entry(
        &self,
        element: &Element<'_>,
        table: Table,
        action: Text,
        kind: EntryKind,
        (position, placed_by): (Position, Option<Placing>),
    ) -> Entry {
        Entry {
            table,
            action,
            kind,
            position,
            condition: element.get("Condition").filter(|_| self.dialect() == Dialect::V4).map(Text::from),
            access: Access::Plain,
            suppress: false,
            span: element.span,
            placed_by,
            sequence: None,
            looped: element.looped,
            library: None,
        }
    }

    /// The action's name, unless it depends on something unknown, which is said.
    fn known_action(&mut self, action: Text, element: &Element<'_>) -> Option<Text> {
        if action.is_known() {
            return Some(action);
        }
        let name = action.text;
        self.note(
            format!("action name `{name}` depends on a variable that nothing defines; what it schedules is unknown"),
            element.span,
        );
        None
    }

    /// Splits the access modifier off an action's name; v4 and later write `override Name`.
    fn modifier(&self, action: Text, kind: EntryKind) -> (Text, Option<Access>) {
        if kind == EntryKind::Standard {
            return (action, None);
        }
        let Some((access, name)) = self.split_access(&action.text) else { return (action, None) };
        (Text { text: name.to_owned(), ..action }, Some(access))
    }

    /// The access modifier that an identifier begins with, and the rest.
    pub(super) fn split_access<'n>(&self, identifier: &'n str) -> Option<(Access, &'n str)> {
        // Most identifiers have no blank, which a byte search tells fastest.
        let blank = memchr::memchr(b' ', identifier.as_bytes()).filter(|_| self.dialect() != Dialect::V3)?;
        let (keyword, name) = (&identifier[..blank], &identifier[blank + 1..]);
        let access = match keyword {
            "virtual" => Access::Virtual,
            "override" => Access::Override,
            "global" | "public" | "package" | "library" | "internal" => Access::Plain,
            "file" | "protected" => Access::File,
            "section" | "private" | "fragment" => Access::Section,
            _ => return None,
        };
        Some((access, name.trim_start()))
    }

    /// Where an element asks to stand, and which of the attributes says so.
    fn position(&mut self, element: &Element<'_>, action: &str, names: &[&'static str]) -> (Position, Option<Placing>) {
        let written: Vec<&str> = names.iter().copied().filter(|name| element.attribute(name).is_some()).collect();
        let [name] = written[..] else {
            // Several at once are refused by the toolset; none is a standard action's own number.
            let position = if written.is_empty() { Position::Default } else { Position::Unknown };
            return (position, None);
        };
        let (Some(value), Some(placing)) = (element.get(name), placing(element, name)) else {
            return (Position::Unknown, None);
        };
        if !value.is_known() {
            self.note(
                format!("the place of `{action}` depends on a variable that nothing defines; it is unknown"),
                element.span,
            );
            return (Position::Unknown, Some(placing));
        }
        let position = match name {
            "Before" => Position::Before(value.into()),
            "After" => Position::After(value.into()),
            "OnExit" => Exit::from_name(&value.text).map_or(Position::Unknown, Position::Exit),
            _ => value
                .text
                .trim()
                .parse()
                .ok()
                .filter(|number| (1..=MAX_NUMBER).contains(number))
                .map_or(Position::Unknown, Position::Number),
        };
        (position, Some(placing))
    }

    /// `SetProperty` and `SetDirectory`: a custom action and its entries in one element.
    pub(super) fn assignment(&mut self, element: &Element<'_>) -> FrameKind {
        let directory = element.name == "SetDirectory";
        let kind = if directory { EntryKind::SetDirectory } else { EntryKind::SetProperty };
        let Some(target) = element.get("Id") else { return FrameKind::Other };
        if directory {
            self.refer("Directory", &target);
        }
        let action = match element.get("Action") {
            Some(action) => Text::from(action),
            None => Text { text: format!("Set{}", target.text), ..Text::from(target) },
        };
        let Some(action) = self.known_action(action, element) else { return FrameKind::Other };
        if !directory {
            self.check_assignment(element, &action.text);
        }
        let (mut position, placed_by) = match (directory, self.dialect()) {
            (true, dialect) => (after(set_directory_anchor(Generation::newest(dialect)), action.span), None),
            (false, _) => self.position(element, &action.text, &["Before", "After"]),
        };
        let sequence = element.get("Sequence");
        if sequence.as_ref().is_some_and(|value| !value.is_known()) {
            position = Position::Unknown;
        }
        let sequence = sequence.as_ref().map(|value| &*value.text);
        let tables = assignment_tables(sequence);
        self.define("CustomAction", &action.text);
        let execute = if sequence == Some("first") { Execute::FirstSequence } else { Execute::Immediate };
        self.declare_assignment(element, &action, execute);
        for &table in tables {
            self.refer_assignment_target(table, &position, directory);
            let entry = self.entry(element, table, action.clone(), kind, (position.clone(), placed_by));
            self.push_entry(Entry { sequence: placing(element, "Sequence"), ..entry });
        }
        FrameKind::Entry { count: tables.len() }
    }

    fn declare_assignment(&mut self, element: &Element<'_>, action: &Text, execute: Execute) {
        let directory = element.name == "SetDirectory";
        let custom_action = CustomAction {
            id: action.clone(),
            kind: if directory { Kind::SetDirectory } else { Kind::SetProperty },
            execute: Some(execute),
            target: element.get("Id").map(Text::from),
            formatted: element.get("Value").map(|value| ("Value", Text::from(value))).into_iter().collect(),
            called: None,
            language: None,
            returns: Return::Waits,
            refuses_impersonation: false,
            may_hide_target: false,
            script: Vec::new(),
            declared: std::mem::take(&mut self.declared),
            span: element.span,
        };
        if let Some(section) = self.section() {
            section.actions.push(custom_action);
        }
    }

    /// v3 refers to the custom action, unless the target is a standard one, and to nothing where it
    /// chose the place itself; v4 and later always refer to the target's entry.
    fn refer_assignment_target(&mut self, table: Table, position: &Position, directory: bool) {
        let (Position::Before(target) | Position::After(target)) = position else { return };
        match self.dialect() {
            Dialect::V3 if directory => {}
            Dialect::V3 if msi::standard_action(&target.text).is_none() => {
                self.refer_key(SymbolKey::new("CustomAction", &target.text));
            }
            _ => self.refer_position(table, position),
        }
    }

    pub(super) fn major_upgrade(&mut self, element: &Element<'_>) {
        self.add_table("Upgrade");
        if let Some(section) = self.section() {
            section.upgrade.rows = true;
            section.upgrade.removing.get_or_insert(element.span);
        }
        if !element.is("MigrateFeatures", "no") {
            self.add_table("Upgrade.migrate");
        }
        if !element.is("AllowDowngrades", "yes") || element.is("Disallow", "yes") {
            self.add_table("LaunchCondition");
        }
        let schedule = element.get("Schedule");
        let target = match schedule.as_ref().map_or("afterInstallValidate", |value| &*value.text) {
            "afterInstallInitialize" => "InstallInitialize",
            "afterInstallExecute" => "InstallExecute",
            "afterInstallExecuteAgain" => "InstallExecuteAgain",
            "afterInstallFinalize" => "InstallFinalize",
            _ => "InstallValidate",
        };
        let known = schedule.as_ref().is_none_or(Value::is_known);
        let position = if known { after(target, element.span) } else { Position::Unknown };
        // v3 does not link what places the standard action somewhere else.
        if self.dialect() == Dialect::V4 {
            self.refer_position(Table::InstallExecute, &position);
        }
        let action = literal("RemoveExistingProducts", element.span);
        let kind = EntryKind::MajorUpgrade;
        self.push_entry(self.entry(element, Table::InstallExecute, action, kind, (position, None)));
    }

    pub(super) fn upgrade_version(&mut self, element: &Element<'_>) {
        let removing = element.get("OnlyDetect").is_none_or(|only| only.is_known() && only.text != "yes");
        self.add_table("Upgrade");
        if element.is("MigrateFeatures", "yes") {
            self.add_table("Upgrade.migrate");
        }
        if removing {
            self.refer_key(SymbolKey::entry(Table::InstallExecute, "RemoveExistingProducts"));
        }
        let property = element.get("Property").map(|property| property.text.into_owned());
        if let Some(section) = self.section() {
            let detects = property.iter().filter(|_| !removing).cloned();
            section.detect_only.extend(detects);
            section.upgrade_properties.extend(property);
            section.upgrade.rows = true;
            if removing {
                section.upgrade.removing.get_or_insert(element.span);
            }
        }
    }
}

fn placing(element: &Element<'_>, name: &str) -> Option<Placing> {
    let attribute = element.attribute(name)?;
    let origin = element.get(name)?.origin;
    Some(Placing { name: attribute.name, value: attribute.value, origin })
}

fn after(target: &str, at: Span) -> Position {
    Position::After(literal(target, at))
}

/// The tables that hold a SetProperty or SetDirectory, by its attribute `Sequence`.
pub(super) fn assignment_tables(sequence: Option<&str>) -> &'static [Table] {
    match sequence {
        Some("execute") => &[Table::InstallExecute],
        Some("ui") => &[Table::InstallUi],
        _ => &[Table::InstallUi, Table::InstallExecute],
    }
}

/// The one table that a sequence element puts its children into; none: it is another element.
pub(super) fn sequence_tables(element: &str) -> &'static [Table] {
    match element {
        "InstallExecuteSequence" => &[Table::InstallExecute],
        "InstallUISequence" => &[Table::InstallUi],
        "AdminExecuteSequence" => &[Table::AdminExecute],
        "AdminUISequence" => &[Table::AdminUi],
        "AdvertiseExecuteSequence" => &[Table::Advertise],
        _ => &[],
    }
}

/// What a SetDirectory is After, which it cannot choose.
pub fn set_directory_anchor(generation: Generation) -> &'static str {
    if generation == Generation::V3 { "CostInitialize" } else { "CostFinalize" }
}

/// A text that the language gives, at the element that asks for it.
fn literal(text: &str, span: Span) -> Text {
    Text { text: text.to_owned(), span, origin: Origin::Literal }
}
