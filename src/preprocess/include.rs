//! Includes: which file is meant, and reading it in the place of the instruction.

use super::foreach::{MAX_REPEATED, TOO_MUCH};
use super::variables::unquote;
use super::{Binding, MistakeKind, Namespace, Run};
use crate::diagnostic::Note;
use crate::source::{FileId, Source, Span};
use crate::syntax;

/// At most so many includes, one inside the other: the toolset's own limit.
const MAX_INCLUDES: usize = 1024;
/// At most so many includes for one file in all.
const MAX_INCLUDED: usize = 10_000;

impl Run<'_> {
    pub(super) fn include(&mut self, content: &str, span: Span) {
        let path = unquote(content.trim());
        let base = self.sources.get(span.file).path().to_owned();
        let top = self.including.first().map_or(base.clone(), |&file| self.sources.get(file).path().to_owned());
        let candidates = self.variables.include_candidates(path, [&base, &top], &self.options.include_dirs);
        let Some(path) = candidates.iter().find_map(|path| self.files.resolve(path)) else {
            self.outcome.notes.push(Note {
                message: format!(
                    "include file `{path}` was not found; what it defines is unknown (-I adds a directory)"
                ),
                span: Some(span),
            });
            return;
        };
        let known = self.sources.find(&path);
        if known.is_some_and(|file| self.including.contains(&file)) {
            self.note("this include leads back to itself; it is left out", span);
            return;
        }
        if self.including.len() >= MAX_INCLUDES {
            self.note("includes are nested 1024 deep, and WiX goes no deeper; this one is left out", span);
            return;
        }
        self.included += 1;
        if self.included > MAX_INCLUDED {
            let message = "this file includes others more than ten thousand times; the rest is left out";
            return self.note_once(message, span);
        }
        if self.repeated > MAX_REPEATED {
            return self.note_once(TOO_MUCH, span);
        }
        let Some(file) = known.or_else(|| self.load(&path, span)) else { return };
        let source = self.sources.get(file);
        if let Some(error) = source.error() {
            let at = error.offset(source);
            self.outcome.undecodable.push((Span { file, start: at, end: at }, error.clone()));
            return;
        }
        let open = self.namespaces.len();
        let namespace = Namespace::Absent;
        self.namespaces.push(Binding { depth: self.open.len() + 1, prefix: None, namespace });
        self.file(file, true);
        self.namespaces.truncate(open);
    }

    /// The root element of an included file may have any namespace, but no other name.
    pub(super) fn check_include_root(&mut self, name: &str, span: Span) {
        if syntax::split_name(name).1 != "Include" {
            self.mistake(MistakeKind::NotInclude(name.to_owned()), span);
        }
    }

    fn load(&mut self, path: &str, span: Span) -> Option<FileId> {
        let bytes = match self.files.read(path) {
            Ok(bytes) => bytes,
            Err(error) => {
                self.note(&format!("include file `{path}` cannot be read: {error}"), span);
                return None;
            }
        };
        let (Ok(source) | Err(source)) = Source::decode(path, bytes).map_err(|bad| bad.source);
        Some(self.sources.add(source.into()))
    }
}
