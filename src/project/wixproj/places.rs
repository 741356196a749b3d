//! Where the paths of a project file lead.

use super::msbuild::{PROJECT, SOLUTION, is_known};
use crate::preprocess::without_detours;

/// The directories that paths start from, with `/` between their parts.
#[derive(Debug)]
pub(super) struct Places {
    pub(super) project: String,
    pub(super) solution: Option<String>,
}

impl Places {
    /// The path that a text means; none when part of it is unknown.
    pub(super) fn locate(&self, text: &str) -> Option<String> {
        let (base, rest) = match (text.strip_prefix(PROJECT), text.strip_prefix(SOLUTION)) {
            (Some(rest), _) => (&*self.project, rest),
            (None, Some(rest)) => (self.solution.as_deref()?, rest),
            (None, None) => ("", text),
        };
        if !is_known(rest) {
            return None;
        }
        let path = rest.replace('\\', "/");
        let is_marked = rest.len() < text.len();
        if !is_marked && (path.starts_with('/') || path.contains(':')) {
            return Some(without_detours(&path));
        }
        let base = if is_marked { base } else { &self.project };
        let path = path.trim_start_matches('/').trim_end_matches('/');
        Some(match (base, path) {
            ("", path) => without_detours(path.trim_start_matches("./")),
            (base, "") => base.to_owned(),
            (base, path) => without_detours(&format!("{base}/{path}")),
        })
    }
}
