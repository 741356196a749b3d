//! Code actions: fixes, comments that silence, and all safe fixes of a file at once.

use std::collections::BTreeMap;
use std::sync::Arc;

use lsp_server::ErrorCode;
use serde_json::{Value, json};

use super::{Answer, Server, refusal};
use crate::analysis::Analysis;
use crate::diagnostic::{Applicability, Diagnostic, Edit, Fix};
use crate::fix::diff::Diff;
use crate::fix::ignore;
use crate::fix::prove::{Base, prove_some};
use crate::fix::repair::{Terms, repair};
use crate::rules::{Check, Finding, RULES};
use crate::source::{FileId, Sources, Span};

pub(super) const QUICK_FIX: &str = "quickfix";
/// What editors run when a file is saved, if they are told to.
pub(super) const FIX_ALL: &str = "source.fixAll.wixlint";

impl Server<'_> {
    pub(super) fn code_actions(&self, parameters: &Value) -> Answer {
        let Some(file) = self.file(parameters) else { return Ok(json!([])) };
        let lines = self.lines(file);
        let range = lines.span(&parameters["range"]);
        let span = Span { file, start: range.start as u32, end: range.end as u32 };
        let mut actions = Vec::new();
        if wants(parameters, QUICK_FIX).unwrap_or(true) {
            for at in self.workspace.with(file) {
                self.quick_fixes(at, span, &mut actions);
            }
        }
        // Nobody wants to see it in the list of what can be done at a place.
        if wants(parameters, FIX_ALL).unwrap_or(false) {
            actions.extend(self.fix_all(file));
        }
        Ok(Value::Array(actions))
    }

    /// What can be done about the findings of a project at a place.
    fn quick_fixes(&self, at: usize, span: Span, actions: &mut Vec<Value>) {
        let loaded = &self.workspace.projects[at];
        let neighbours = self.workspace.neighbours(at);
        let analysis = &Analysis::of(&loaded.project, &loaded.settings);
        let base = Base {
            project: &loaded.project,
            analysis,
            sources: &self.workspace.sources,
            settings: &loaded.settings,
            files: &self.workspace.disk,
            neighbours: &neighbours,
        };
        let is_here = |finding: &Finding| {
            let own = finding.diagnostic.primary.span;
            !finding.is_silenced && own.file == span.file && own.start <= span.end && span.start <= own.end
        };
        let findings = prove_some(&base, &is_here);
        let mut fixes: Vec<(Arc<Fix>, Vec<&Diagnostic>)> = Vec::new();
        for finding in &findings {
            let Some(fix) = &finding.fix else { continue };
            match fixes.iter_mut().find(|(known, _)| Arc::ptr_eq(known, fix)) {
                Some((_, about)) => about.push(finding),
                None => fixes.push((fix.clone(), vec![finding])),
            }
        }
        for (fix, about) in fixes {
            let is_safe = fix.applicability == Applicability::Safe;
            let mut title = fix.message.clone();
            if let Some(doubt) = about[0].no_fix.as_ref().filter(|_| !is_safe) {
                title += &format!(" (unsafe: {doubt})");
            } else if !is_safe {
                title += " (unsafe)";
            }
            actions.push(self.action(&title, is_safe, &about, &fix.edits));
        }
        for finding in &findings {
            let edits = ignore::comments(std::iter::once(finding), "", &self.workspace.sources);
            if !edits.is_empty() && !is_about_comments(finding) {
                let title = format!("Ignore {} here with a comment", finding.rule);
                actions.push(self.action(&title, false, &[finding], &edits));
            }
        }
    }

    fn action(&self, title: &str, is_preferred: bool, about: &[&Diagnostic], edits: &[Edit]) -> Value {
        let diagnostics = about.iter().map(|finding| self.diagnostic(finding, &self.lines(finding.primary.span.file)));
        json!({
            "title": capitalized(title),
            "kind": QUICK_FIX,
            "isPreferred": is_preferred,
            "diagnostics": diagnostics.collect::<Vec<_>>(),
            "edit": self.edit(edits),
        })
    }

    /// All safe fixes that change nothing but this file, until nothing more applies.
    fn fix_all(&self, file: FileId) -> Option<Value> {
        let before = &self.workspace.sources;
        let mut sources = before.clone();
        for at in self.workspace.with(file) {
            let loaded = &self.workspace.projects[at];
            let is_here = |finding: &Diagnostic, _: &Sources, _: usize| {
                finding.fix.iter().flat_map(|fix| &fix.edits).all(|edit| edit.span.file == file)
            };
            let terms = Terms {
                settings: &loaded.settings,
                files: &self.workspace.disk,
                neighbours: &self.workspace.neighbours(at),
                trust: Applicability::Safe,
                wanted: &is_here,
            };
            let changed = (!std::ptr::eq(before.get(file), sources.get(file))).then_some(file);
            let project = match changed {
                Some(file) => loaded.project.recompile(&[file], &loaded.settings, &self.workspace.disk, &mut sources),
                None => loaded.project.clone(),
            };
            sources = repair(project, sources, &terms).sources;
        }
        let diff = Diff::between(before.get(file), sources.get(file));
        let edits: Vec<Edit> = diff
            .replacements()
            .map(|(old, replacement)| {
                let span = Span { file, start: old.start as u32, end: old.end as u32 };
                Edit { span, replacement: replacement.to_owned() }
            })
            .collect();
        let action = || json!({ "title": "Fix all that is safe to fix", "kind": FIX_ALL, "edit": self.edit(&edits) });
        (!edits.is_empty()).then(action)
    }

    /// Edits as the editor takes them.
    pub(super) fn edit(&self, edits: &[Edit]) -> Value {
        let mut files: BTreeMap<FileId, Vec<Value>> = BTreeMap::new();
        for edit in edits {
            let range = self.lines(edit.span.file).range(edit.span);
            let edit_of_text = json!({ "range": range, "newText": edit.replacement });
            files.entry(edit.span.file).or_default().push(edit_of_text);
        }
        if !self.client.versions {
            let changes = files.into_iter().map(|(file, edits)| (self.uri(file), Value::Array(edits)));
            return json!({ "changes": changes.collect::<serde_json::Map<_, _>>() });
        }
        let changes = files.into_iter().map(|(file, edits)| {
            let version = self.document(file).map(|document| document.version);
            json!({ "textDocument": { "uri": self.uri(file), "version": version }, "edits": edits })
        });
        json!({ "documentChanges": changes.collect::<Vec<_>>() })
    }
}

/// Whether the editor asks for actions of that kind; `None`: it does not say.
fn wants(parameters: &Value, kind: &str) -> Option<bool> {
    let only = parameters["context"]["only"].as_array()?;
    // The empty one is all of them.
    let holds = |wanted: &str| {
        let rest = kind.strip_prefix(wanted);
        wanted.is_empty() || rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    };
    Some(only.iter().filter_map(Value::as_str).any(holds))
}

/// What is said about a comment cannot be silenced by one.
fn is_about_comments(finding: &Diagnostic) -> bool {
    RULES.iter().any(|rule| rule.name == finding.rule && matches!(rule.check, Check::Comments(_)))
}

fn capitalized(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// What is asked for cannot be done.
pub(super) fn refuse(message: impl Into<String>) -> Answer {
    Err(refusal(ErrorCode::RequestFailed, message.into()))
}
