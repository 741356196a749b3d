//! New names for custom actions and properties, in all files at once.
//!
//! A rename is proved as fixes are: the edited sources are linked and scheduled again, and have to give the same tables,
//! but for the name, and the same findings. What names a thing in a way that cannot be edited speaks against it.

use lsp_server::ErrorCode;
use serde_json::{Value, json};

use super::actions::refuse;
use super::navigation::{Symbol, name_at};
use super::{Answer, Place, Server, refusal};
use crate::analysis::Analysis;
use crate::diagnostic::{Applicability, Edit, Fix};
use crate::fix::prove::edited;
use crate::model::Model;
use crate::reads::Evidence;
use crate::source::{FileId, Sources};
use crate::wix::{Name, Role};

/// The names that are replaced, and by what.
struct Renaming<'n> {
    old: &'n str,
    new: &'n str,
    /// What the name stands for: an action and a property may hang together by their name.
    symbols: Vec<Symbol>,
}

impl Server<'_> {
    pub(super) fn prepare_rename(&self, parameters: &Value) -> Answer {
        let Some(place) = self.place(parameters) else { return Ok(Value::Null) };
        let text = self.workspace.sources.get(place.file).text();
        let Some(name) = name_at(place, text) else { return Ok(Value::Null) };
        match self.renamed(place, &name) {
            Ok(_) => Ok(json!({ "range": self.lines(place.file).range(name.span), "placeholder": name.text })),
            Err(reason) => refuse(reason),
        }
    }

    pub(super) fn rename(&self, parameters: &Value) -> Answer {
        let new = parameters["newName"].as_str().unwrap_or_default();
        let named = self
            .place(parameters)
            .and_then(|place| Some((place, name_at(place, self.workspace.sources.get(place.file).text())?)));
        let Some((place, name)) = named else {
            return Err(refusal(ErrorCode::InvalidParams, "there is no name here".to_owned()));
        };
        let renamed = self
            .renamed(place, &name)
            .and_then(|symbols| self.replace(place.file, &Renaming { old: name.text, new, symbols }));
        renamed.map_or_else(refuse, |edits| Ok(self.edit(&edits)))
    }

    /// What is renamed with a name.
    ///
    /// # Errors
    /// Why it cannot be renamed.
    fn renamed(&self, place: Place, name: &Name<'_>) -> Result<Vec<Symbol>, String> {
        let own = Symbol::of(name);
        if name.role == Role::Imply {
            return Err(format!("`Set{0}` is named after `{0}`; give the element an Action attribute", name.text));
        }
        let mut symbols = vec![own.clone()];
        let all = || self.files_with(place.file).into_iter().flat_map(|file| self.names(file));
        let twin = match &own {
            Symbol::Action(text) => Symbol::Property(text.clone()),
            Symbol::Property(text) => Symbol::Action(text.clone()),
            Symbol::Other(kind, _) => {
                return Err(format!("only custom actions and properties are renamed, not a {kind}"));
            }
        };
        // An action in the script reads the property that is named like it.
        if all().any(|name| Symbol::of(&name) == twin) {
            symbols.push(twin);
        }
        let mut is_defined = false;
        for other in all().filter(|other| symbols.contains(&Symbol::of(other))) {
            match (other.role, other.kind) {
                (Role::Imply, _) => {
                    let target = other.text;
                    return Err(format!(
                        "`Set{target}` is named after `{target}`; give the element an Action attribute"
                    ));
                }
                (_, "Directory" | "Dialog") => {
                    return Err(format!("`{}` is also a {}", other.text, other.kind.to_lowercase()));
                }
                (role, _) => is_defined |= role == Role::Define || other.kind == "Property",
            }
        }
        if !is_defined {
            return Err(format!("nothing here defines `{}`", name.text));
        }
        Ok(symbols)
    }

    /// The edits of a rename, proved.
    fn replace(&self, file: FileId, renaming: &Renaming<'_>) -> Result<Vec<Edit>, String> {
        renaming.check()?;
        let Renaming { old, new, symbols } = renaming;
        let mut edits: Vec<Edit> = Vec::new();
        for file in self.files_with(file) {
            for name in self.names(file) {
                let symbol = Symbol::of(&name);
                if symbols.contains(&symbol) {
                    edits.push(Edit { span: name.span, replacement: (*new).to_owned() });
                } else if symbols.iter().any(|own| renaming.becomes(own) == symbol) {
                    return Err(format!("there is a `{new}` already"));
                }
                // A SetProperty without a name of its own is called after its property.
                let implied = symbols.contains(&Symbol::Property((*old).to_owned())).then(|| format!("Set{old}"));
                if implied.as_deref() == Some(name.text)
                    && matches!(symbol, Symbol::Action(_))
                    && name.role != Role::Imply
                {
                    edits.push(Edit { span: name.span, replacement: format!("Set{new}") });
                }
            }
        }
        edits.sort();
        edits.dedup();
        for at in self.workspace.with(file) {
            self.prove(at, renaming, &edits)?;
        }
        Ok(edits)
    }

    /// Whether a project is the same with the new name.
    fn prove(&self, at: usize, renaming: &Renaming<'_>, edits: &[Edit]) -> Result<(), String> {
        let loaded = &self.workspace.projects[at];
        let before = Analysis::of(&loaded.project, &loaded.settings);
        for model in before.worlds.iter().flatten() {
            renaming.is_seen(model, &self.workspace.sources)?;
        }
        let fix = Fix {
            applicability: Applicability::Safe,
            message: String::new(),
            edits: edits.to_vec(),
            moves: Vec::new(),
        };
        let (mut sources, changed) = edited(&self.workspace.sources, &[&fix])?;
        let project = loaded.project.recompile(&changed, &loaded.settings, &self.workspace.disk, &mut sources);
        let after = Analysis::of(&project, &loaded.settings);
        let places = |analysis: &Analysis<'_>, renaming: Option<&Renaming<'_>>| -> Vec<_> {
            let schedules = analysis.worlds.iter().flatten().flat_map(|model| &model.schedules);
            let row =
                |table, action: &str, number| (table, renaming.map_or(action.to_owned(), |one| one.of(action)), number);
            let mut rows: Vec<_> = schedules
                .flat_map(|schedule| schedule.rows.iter().map(move |own| (schedule.table, own)))
                .map(|(table, own)| row(table.name(), own.action, own.number))
                .collect();
            rows.sort();
            rows
        };
        if places(&before, Some(renaming)) != places(&after, None) {
            return Err(format!(
                "with the name `{}` WiX would compute another sequence; v3 takes actions at one place by their names",
                renaming.new
            ));
        }
        let mut rules = [&before, &after].map(|analysis| {
            let mut rules: Vec<&str> = analysis.findings.iter().map(|finding| finding.diagnostic.rule).collect();
            rules.sort_unstable();
            rules
        });
        if rules[0] != rules[1] {
            let known = std::mem::take(&mut rules[0]);
            let new = rules[1].iter().find(|rule| !known.contains(rule)).or(rules[1].first());
            return Err(format!("with the new name there would be other findings, such as {}", new.unwrap_or(&"none")));
        }
        Ok(())
    }
}

impl Renaming<'_> {
    /// Whether the new name may stand in the place of the old one.
    fn check(&self) -> Result<(), String> {
        let Renaming { new, old, symbols } = self;
        let mut letters = new.chars();
        let begins = letters.next().is_some_and(|first| first.is_ascii_alphabetic() || first == '_');
        if !begins || !letters.all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '.')) {
            return Err(format!("`{new}` is no identifier: letters, digits, `_` and `.`, the first no digit"));
        }
        let is_public = |name: &str| !name.contains(|c: char| c.is_ascii_lowercase());
        if symbols.iter().any(|symbol| matches!(symbol, Symbol::Property(_))) && is_public(old) != is_public(new) {
            let kinds = if is_public(old) { ["public", "no"] } else { ["private", "some"] };
            return Err(format!("`{old}` is a {} property, whose name has {} lower-case letters", kinds[0], kinds[1]));
        }
        Ok(())
    }

    fn becomes(&self, symbol: &Symbol) -> Symbol {
        match symbol {
            Symbol::Action(_) => Symbol::Action(self.new.to_owned()),
            Symbol::Property(_) => Symbol::Property(self.new.to_owned()),
            other => other.clone(),
        }
    }

    /// What an action is called then.
    fn of(&self, action: &str) -> String {
        let implied = || {
            action.strip_prefix("Set") == Some(self.old)
                && self.symbols.contains(&Symbol::Property(self.old.to_owned()))
        };
        match action == self.old && self.symbols.contains(&Symbol::Action(self.old.to_owned())) {
            true => self.new.to_owned(),
            false if implied() => format!("Set{}", self.new),
            false => action.to_owned(),
        }
    }

    /// Whether all that names the property can be edited: code cannot.
    fn is_seen(&self, model: &Model<'_>, sources: &Sources) -> Result<(), String> {
        if !self.symbols.iter().any(|symbol| matches!(symbol, Symbol::Property(_))) {
            return Ok(());
        }
        for turn in model.turns() {
            let reads = turn.flow().into_iter().flat_map(|flow| &flow.reads);
            let mut outside = reads.filter(|read| read.property == self.old).filter(|read| {
                !matches!(read.evidence, Evidence::Formatted(_) | Evidence::Condition | Evidence::Library)
            });
            if let Some(read) = outside.next() {
                let place = read.span.filter(|span| !span.is_nowhere()).map(|span| {
                    let source = sources.get(span.file);
                    format!(" ({}:{})", source.path(), source.place(span.start).line)
                });
                let place = place.unwrap_or_default();
                return Err(format!("`{}` is named where it cannot be renamed{place}", self.old));
            }
        }
        Ok(())
    }
}
