//! What is open in the editor.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::Value;

use super::lines::{Lines, Units};
use super::uri::path_of;
use crate::disk::identity;
use crate::source::Source;

/// A file as the editor has it, saved or not.
#[derive(Clone, Debug)]
pub(super) struct Document {
    /// As the editor writes it.
    pub(super) uri: String,
    /// One name for all spellings of its path.
    pub(super) identity: PathBuf,
    pub(super) version: i64,
    pub(super) source: Arc<Source>,
}

impl Document {
    /// A document by the parameters of `textDocument/didOpen`; `None`: it is no file.
    pub(super) fn open(parameters: &Value) -> Option<Document> {
        let document = &parameters["textDocument"];
        let uri = document["uri"].as_str()?;
        let path = path_of(uri)?;
        Some(Document {
            uri: uri.to_owned(),
            identity: identity(Path::new(&path)),
            version: document["version"].as_i64().unwrap_or_default(),
            source: Arc::new(Source::of_text(path, document["text"].as_str()?.to_owned())),
        })
    }

    /// Whether the disk has the same text.
    pub(super) fn is_saved(&self) -> bool {
        let saved = std::fs::read(&self.identity).ok().and_then(|bytes| Source::decode("", bytes).ok());
        saved.is_some_and(|saved| saved.text() == self.source.text())
    }

    /// Takes in the parameters of `textDocument/didChange`: changes of ranges, one after the other, or whole texts.
    pub(super) fn change(&mut self, parameters: &Value, units: Units) {
        self.version = parameters["textDocument"]["version"].as_i64().unwrap_or(self.version);
        for change in parameters["contentChanges"].as_array().into_iter().flatten() {
            let new = change["text"].as_str().unwrap_or_default();
            let mut text = self.source.text().to_owned();
            match change.get("range").filter(|range| !range.is_null()) {
                Some(range) => text.replace_range(Lines::of(&self.source, units).span(range), new),
                None => text = new.to_owned(),
            }
            self.source = Arc::new(self.source.with_text(text));
        }
    }
}
