//! New names for custom actions and properties, in all files at once.
//!
//! A rename is proved as fixes are: the edited sources are linked and scheduled again, and have to give the same tables,
//! but for the name, and the same findings. What names a thing in a way that cannot be edited speaks against it.

use std::collections::BTreeSet;

use lsp_server::ErrorCode;
use rustc_hash::FxHashSet;
use serde_json::{Value, json};

use super::actions::refuse;
use super::navigation::{Symbol, name_at};
use super::{Answer, Place, Server, refusal};
use crate::analysis::Analysis;
use crate::diagnostic::{Applicability, Edit, Fix};
use crate::disk::{Disk, slashed};
use crate::fix::prove::edited;
use crate::model::Model;
use crate::msi::{property, standard_action};
use crate::preprocess::Files;
use crate::reads::Evidence;
use crate::source::{FileId, Source, Sources, Span};
use crate::wix::{Name, Role, Section, SectionKind, mentions, words};

/// The longest key that a custom action may have (CNDL1026).
const LONGEST: usize = 72;
/// So many files of code or localization are looked through.
const MOST_FILES: usize = 20_000;

/// Whether a path is one of code that custom actions may run.
fn is_code(path: &str) -> bool {
    let ending = path.rsplit_once('.').map_or(String::new(), |(_, ending)| ending.to_lowercase());
    matches!(&*ending, "cs" | "vb" | "c" | "cc" | "cpp" | "cxx" | "h" | "hpp" | "rs" | "vbs" | "js")
}

/// Whether Windows Installer or WiX gives a meaning to a name of that kind.
fn belongs_to_others(symbol: &Symbol) -> bool {
    let is_of_wix = |name: &str| name.get(..3).is_some_and(|start| start.eq_ignore_ascii_case("wix"));
    match symbol {
        Symbol::Action(name) => is_of_wix(name) || standard_action(name).is_some(),
        Symbol::Property(name) => is_of_wix(name) || property::is_standard(name) || property::window(name).is_some(),
        Symbol::Other(..) => false,
    }
}

/// The names that are replaced, and by what.
struct Renaming<'n> {
    old: &'n str,
    new: &'n str,
    /// What the name stands for: an action and a property may hang together by their name.
    symbols: Vec<Symbol>,
    /// The action that is named after a property by a SetProperty without a name of its own.
    implied: Option<String>,
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
            .and_then(|symbols| self.replace(place.file, &self.renaming(place.file, name.text, new, symbols)));
        renamed.map_or_else(refuse, |edits| Ok(self.edit(&edits)))
    }

    fn renaming<'n>(&self, file: FileId, old: &'n str, new: &'n str, symbols: Vec<Symbol>) -> Renaming<'n> {
        let mut names = self.files_with(file).into_iter().flat_map(|file| self.names(file));
        let is_implied = names.any(|name| name.role == Role::Imply && name.text == old);
        Renaming { old, new, symbols, implied: is_implied.then(|| format!("Set{old}")) }
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
        if symbols.iter().any(belongs_to_others) {
            return Err(format!("`{}` belongs to Windows Installer or WiX", name.text));
        }
        if !is_defined {
            return Err(format!("nothing here defines `{}`", name.text));
        }
        Ok(symbols)
    }

    /// The edits of a rename, proved.
    fn replace(&self, file: FileId, renaming: &Renaming<'_>) -> Result<Vec<Edit>, String> {
        renaming.check()?;
        let Renaming { new, symbols, .. } = renaming;
        let mut edits: Vec<Edit> = Vec::new();
        for file in self.files_with(file) {
            for name in self.names(file) {
                let symbol = Symbol::of(&name);
                if symbols.contains(&symbol) {
                    edits.push(Edit { span: name.span, replacement: (*new).to_owned() });
                } else if let Some(taken) = renaming.made().find(|made| *made == symbol) {
                    return Err(format!("there is a `{}` already", taken.text()));
                }
                if renaming.implied.as_deref() == Some(name.text)
                    && matches!(symbol, Symbol::Action(_))
                    && name.role != Role::Imply
                {
                    edits.push(Edit { span: name.span, replacement: format!("Set{new}") });
                }
            }
        }
        edits.sort();
        edits.dedup();
        self.leaves_nothing(file, renaming, &edits)?;
        for at in self.kin(file) {
            self.prove(at, renaming, &edits)?;
        }
        Ok(edits)
    }

    /// Whether nothing else says the old name where it may mean the same.
    fn leaves_nothing(&self, file: FileId, renaming: &Renaming<'_>, edits: &[Edit]) -> Result<(), String> {
        let Renaming { old, .. } = *renaming;
        let sources = &self.workspace.sources;
        let left =
            |path: &str, line: u32| Err(format!("`{old}` also stands in {path}:{line}, which is not understood"));
        let own = self.files_with(file);
        for &file in &own {
            let mut known: FxHashSet<Span> = edits.iter().map(|edit| edit.span).collect();
            // The same word may name something else.
            known.extend(self.names(file).into_iter().map(|name| name.span));
            let source = sources.get(file);
            if let Some(span) = mentions(file, source.text(), old).into_iter().find(|span| !known.contains(span)) {
                return left(source.path(), source.place(span.start).line);
            }
        }
        // What has come since the projects were loaded counts as well.
        let disk = &Disk::default();
        let said = self.code(disk, &own, old).or_else(|| self.localization(disk, &own, old));
        said.map_or(Ok(()), |(path, line)| left(&path, line))?;
        self.others_link(file, renaming)
    }

    /// Where a text that is chosen by language says a word: they lie beside the sources.
    fn localization(&self, disk: &Disk, files: &[FileId], word: &str) -> Option<(String, u32)> {
        let is_localization = |path: &str| path.to_lowercase().ends_with(".wxl");
        self.said_below(disk, &self.directories(files), &is_localization, &|text| words(text, word).next())
    }

    /// Where code in the open folders says a word in quotes.
    fn code(&self, disk: &Disk, files: &[FileId], word: &str) -> Option<(String, u32)> {
        let quoted = format!("\"{word}\"");
        let open = self.workspace.folders.iter().map(|folder| slashed(folder));
        let roots: Vec<String> = open.chain(self.directories(files)).collect();
        self.said_below(disk, &roots, &is_code, &|text| text.find(&quoted))
    }

    /// The directories of files, each once.
    fn directories(&self, files: &[FileId]) -> Vec<String> {
        let directory = |file: &FileId| {
            let path = self.workspace.sources.get(*file).path();
            path.rsplit_once('/').map_or("", |(directory, _)| directory).to_owned()
        };
        let mut directories: Vec<String> = files.iter().map(directory).collect();
        directories.sort();
        directories.dedup();
        directories
    }

    /// The first of some files below directories in which something is found, and the line.
    fn said_below(
        &self,
        disk: &Disk,
        directories: &[String],
        is_wanted: &dyn Fn(&str) -> bool,
        find: &dyn Fn(&str) -> Option<usize>,
    ) -> Option<(String, u32)> {
        // One directory may lie in another.
        let below = directories.iter().flat_map(|directory| disk.below(directory, MOST_FILES, is_wanted));
        below.collect::<BTreeSet<String>>().into_iter().find_map(|path| {
            let source = Source::decode_any(&*path, self.workspace.disk.read(&path).ok()?);
            let at = find(source.text())?;
            Some((path, source.place(at as u32).line))
        })
    }

    /// Whether no project that may be linked with these says the name.
    fn others_link(&self, file: FileId, renaming: &Renaming<'_>) -> Result<(), String> {
        let kin = self.kin(file);
        let is_open = |at: usize| {
            let loaded = &self.workspace.projects[at];
            let is_part = |entry: Option<&Section>| entry.is_none_or(|entry| entry.kind == SectionKind::Other);
            loaded.settings.links_more || loaded.packages().iter().any(|model| is_part(model.package.entry))
        };
        let is_one_open = kin.iter().any(|&at| is_open(at));
        for at in (0..self.workspace.projects.len()).filter(|at| !kin.contains(at)) {
            for other in self.workspace.projects[at].project.all_files() {
                let names = self.names(other);
                let named = names.iter().find(|name| renaming.symbols.contains(&Symbol::of(name)));
                if let Some(name) = named.filter(|_| is_one_open || is_open(at)) {
                    let source = self.workspace.sources.get(other);
                    let (path, line) = (source.path(), source.place(name.span.start).line);
                    return Err(format!("`{}` also stands in {path}:{line}, which may be linked with it", name.text));
                }
            }
        }
        Ok(())
    }

    /// Whether a project is the same with the new name.
    fn prove(&self, at: usize, renaming: &Renaming<'_>, edits: &[Edit]) -> Result<(), String> {
        let loaded = &self.workspace.projects[at];
        let before = Analysis::of(&loaded.project, &loaded.settings);
        if loaded
            .settings
            .readers
            .iter()
            .any(|(action, reads)| [action].into_iter().chain(reads).any(|name| name == renaming.old))
        {
            return Err(format!("the configuration names `{}`", renaming.old));
        }
        for model in before.worlds.iter().flatten() {
            renaming.is_seen(model, &self.workspace.sources)?;
            renaming.is_free(model)?;
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
        let lacks = |analysis: &Analysis<'_>| -> Vec<usize> {
            analysis.worlds.iter().flatten().map(|model| model.package.lacks()).collect()
        };
        if lacks(&before) != lacks(&after) {
            return Err(format!("something that names `{}` cannot be renamed: it would lead to nothing", renaming.old));
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
        let Renaming { new, old, symbols, .. } = self;
        if new == old {
            return Err(format!("`{new}` is its name already"));
        }
        if new.len() > LONGEST {
            return Err(format!("`{new}` has more than {LONGEST} letters, which is too long for a key of a table"));
        }
        if let Some(taken) = self.made().find(belongs_to_others) {
            return Err(format!("`{}` belongs to Windows Installer or WiX", taken.text()));
        }
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

    /// What there is then that was not there before.
    fn made(&self) -> impl Iterator<Item = Symbol> {
        let renamed = self.symbols.iter().map(|symbol| match symbol {
            Symbol::Action(_) => Symbol::Action(self.new.to_owned()),
            Symbol::Property(_) => Symbol::Property(self.new.to_owned()),
            other => other.clone(),
        });
        renamed.chain(self.implied.iter().map(|_| Symbol::Action(format!("Set{}", self.new))))
    }

    /// Whether no library that is linked has a new name for something of its own.
    fn is_free(&self, model: &Model<'_>) -> Result<(), String> {
        for made in self.made() {
            let kinds: &[&str] = match made {
                Symbol::Action(_) => &["CustomAction", "Dialog"],
                _ => &["Property"],
            };
            if let Some(library) = model.package.library_with(kinds, made.text()) {
                return Err(format!("there is a `{}` already, by the {library} extension", made.text()));
            }
        }
        Ok(())
    }

    /// What an action is called then.
    fn of(&self, action: &str) -> String {
        match action == self.old && self.symbols.contains(&Symbol::Action(self.old.to_owned())) {
            true => self.new.to_owned(),
            false if self.implied.as_deref() == Some(action) => format!("Set{}", self.new),
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
