//! `--baseline` and `--write-baseline`.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use rustc_hash::FxHashSet;

use super::arguments::CheckArguments;
use super::check::Reported;
use crate::baseline::{Baseline, NAME};
use crate::diagnostic::{Diagnostic, Note};
use crate::disk::{identity, location, reason, slashed};
use crate::inputs::place;
use crate::source::{FileId, Sources};

/// The baseline of a run.
pub(super) struct Known {
    path: PathBuf,
    baseline: Baseline,
}

impl Known {
    /// `None`: the run has none, or writes one anew.
    ///
    /// # Errors
    /// A baseline that cannot be read.
    pub(super) fn new(arguments: &CheckArguments) -> Result<Option<Known>, String> {
        let Some(path) = arguments.baseline.clone().filter(|_| !arguments.write_baseline) else { return Ok(None) };
        let text = fs::read_to_string(&path).map_err(|error| {
            format!("cannot read {}: {}; --write-baseline makes one", path.display(), reason(&error))
        })?;
        let baseline = Baseline::parse(&text)
            .map_err(|error| format!("{}:{}: {}", path.display(), place(&text, error.span.start), error.message))?;
        Ok(Some(Known { path, baseline }))
    }

    /// The findings that are not known, and a note for each count that is too high. `runs` tells of a rule whether it has
    /// run.
    pub(super) fn leave(
        &self,
        findings: Vec<Diagnostic>,
        sources: &Sources,
        files: &FxHashSet<FileId>,
        reported: &Reported,
        runs: impl Fn(&str) -> bool,
    ) -> (Vec<Diagnostic>, Vec<Note>) {
        let paths = files.iter().map(|&file| sources.get(file).path()).filter(|path| reported.is_about(path));
        let checked: BTreeSet<String> = paths.map(|path| name(&self.path, path)).collect();
        let is_gone = |path: &str| {
            let path = directory(&self.path).join(path);
            !path.exists() && reported.is_about(&slashed(&path))
        };
        let is_checked = |path: &str, rule: &str| (checked.contains(path) || is_gone(path)) && runs(rule);
        let path = |finding: &Diagnostic| name(&self.path, sources.get(finding.primary.span.file).path());
        let (left, generous) = self.baseline.leave(findings, path, is_checked);
        let note = |one: crate::baseline::Generous| Note {
            message: format!(
                "{} counts {} of `{}` in {}, and there are {}; write it anew with --write-baseline",
                self.path.display(),
                one.allowed,
                one.rule,
                one.path,
                one.found
            ),
            span: None,
        };
        (left, generous.into_iter().map(note).collect())
    }
}

/// Writes a baseline that counts the findings, and says what it did.
///
/// # Errors
/// The file cannot be written.
pub(super) fn write(arguments: &CheckArguments, findings: &[Diagnostic], sources: &Sources) -> Result<String, String> {
    let path = arguments.baseline.clone().unwrap_or_else(|| PathBuf::from(NAME));
    let of = |finding: &Diagnostic| name(&path, sources.get(finding.primary.span.file).path());
    let baseline = Baseline::count(findings, of);
    fs::write(&path, baseline.write()).map_err(|error| format!("cannot write {}: {error}", path.display()))?;
    let plural = if baseline.total() == 1 { "finding" } else { "findings" };
    Ok(format!("wrote {} {plural} to {}", baseline.total(), path.display()))
}

/// A file's path from the directory of a baseline.
fn name(baseline: &Path, path: &str) -> String {
    let own = location(Path::new(path));
    let from = identity(directory(baseline));
    let common = own.components().zip(from.components()).take_while(|(one, other)| one == other).count();
    if common < 2 {
        // On another drive, or nothing but the root in common.
        return slashed(&own);
    }
    let up = from.components().skip(common).map(|_| "..".to_owned());
    let down = own.components().skip(common).map(|part| part.as_os_str().to_string_lossy().into_owned());
    up.chain(down).collect::<Vec<_>>().join("/")
}

fn directory(baseline: &Path) -> &Path {
    baseline.parent().unwrap_or(Path::new(""))
}
