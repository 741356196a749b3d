//! Where names are made and used, over all files of the projects that have a file.

use rustc_hash::FxHashSet;
use serde_json::{Value, json};

use super::{Place, Server};
use crate::source::{FileId, Span};
use crate::wix::{ACTION, Name, Role, names};

/// What a name stands for: names of one kind are the same if their texts are.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Symbol {
    /// A custom action, a dialog or a standard action: what a sequence can hold.
    Action(String),
    /// A property, or a directory, which is one as well.
    Property(String),
    Other(&'static str, String),
}

impl Symbol {
    pub(super) fn of(name: &Name<'_>) -> Symbol {
        let text = name.text.to_owned();
        match name.kind {
            ACTION | "CustomAction" | "Dialog" => match name.role {
                Role::Imply => Symbol::Action(format!("Set{text}")),
                _ => Symbol::Action(text),
            },
            "Property" | "Directory" => Symbol::Property(text),
            kind => Symbol::Other(kind, text),
        }
    }

    pub(super) fn text(&self) -> &str {
        let (Symbol::Action(text) | Symbol::Property(text) | Symbol::Other(_, text)) = self;
        text
    }
}

/// The name at a place: of several the one that stands there itself, not one that is implied.
pub(super) fn name_at(place: Place, text: &str) -> Option<Name<'_>> {
    let is_here = |name: &Name<'_>| name.span.start <= place.offset && place.offset <= name.span.end;
    let here = names(place.file, text).into_iter().filter(is_here);
    here.min_by_key(|name| name.role == Role::Imply)
}

impl Server<'_> {
    /// The projects that have a file, those that have files in common with one of these, and so on.
    pub(super) fn kin(&self, file: FileId) -> Vec<usize> {
        let mut files: FxHashSet<FileId> = FxHashSet::from_iter([file]);
        let mut kin: Vec<usize> = Vec::new();
        let projects = &self.workspace.projects;
        while let Some(next) = (0..projects.len())
            .find(|at| !kin.contains(at) && projects[*at].project.all_files().any(|file| files.contains(&file)))
        {
            kin.push(next);
            files.extend(projects[next].project.all_files());
        }
        kin.sort_unstable();
        kin
    }

    /// The files of these projects.
    pub(super) fn files_with(&self, file: FileId) -> Vec<FileId> {
        let projects = self.kin(file).into_iter().map(|at| &self.workspace.projects[at]);
        let mut files: Vec<FileId> = projects.flat_map(|loaded| loaded.project.all_files()).collect();
        files.sort_unstable();
        files.dedup();
        files
    }

    pub(super) fn names(&self, file: FileId) -> Vec<Name<'_>> {
        names(file, self.workspace.sources.get(file).text())
    }

    fn places(&self, parameters: &Value, is_wanted: impl Fn(&Name<'_>) -> bool) -> Value {
        let Some(place) = self.place(parameters) else { return json!([]) };
        let Some(name) = name_at(place, self.workspace.sources.get(place.file).text()) else { return json!([]) };
        let wanted = Symbol::of(&name);
        let mut spans: Vec<Span> = Vec::new();
        for file in self.files_with(place.file) {
            let names = self.names(file).into_iter().filter(|name| Symbol::of(name) == wanted && is_wanted(name));
            spans.extend(names.map(|name| name.span));
        }
        spans.dedup();
        spans.into_iter().map(|span| self.location(span)).collect()
    }

    /// Where what is named here is made. A schedule element makes nothing, but is all there is of a standard action.
    pub(super) fn definition(&self, parameters: &Value) -> Value {
        let made = self.places(parameters, |name| matches!(name.role, Role::Define | Role::Imply));
        if made.as_array().is_some_and(Vec::is_empty) {
            return self.places(parameters, |name| name.role == Role::Schedule);
        }
        made
    }

    pub(super) fn references(&self, parameters: &Value) -> Value {
        let with_definition = parameters["context"]["includeDeclaration"].as_bool().unwrap_or(true);
        self.places(parameters, |name| with_definition || !matches!(name.role, Role::Define | Role::Imply))
    }

    /// What a file makes and schedules.
    pub(super) fn symbols(&self, parameters: &Value) -> Value {
        let Some(file) = self.file(parameters) else { return json!([]) };
        let lines = self.lines(file);
        let told = self.names(file).into_iter().filter_map(|name| {
            let kind = match (name.role, name.kind) {
                // Numbers of the protocol: function, property, event, object.
                (Role::Define | Role::Imply, "CustomAction") => 12,
                (Role::Define, "Property") => 7,
                (Role::Schedule, _) => 24,
                (Role::Define, _) => 19,
                _ => return None,
            };
            let (text, detail) = match name.role {
                Role::Imply => (format!("Set{}", name.text), "CustomAction"),
                Role::Schedule => (name.text.to_owned(), "scheduled"),
                _ => (name.text.to_owned(), name.kind),
            };
            Some(json!({
                "name": text,
                "detail": detail,
                "kind": kind,
                "range": lines.range(name.element),
                "selectionRange": lines.range(name.span),
            }))
        });
        told.collect()
    }
}
