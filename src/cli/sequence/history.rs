//! A revision of the sources, taken out of git into a folder of its own for as long as it is looked at.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::super::arguments::ProjectArguments;
use crate::config;

/// What a computed sequence can depend on.
const ENDINGS: [&str; 8] = ["wxs", "wxi", "wxl", "wixproj", "sln", "slnx", "props", "targets"];

/// The files of a revision. They are removed when it goes.
pub(super) struct History {
    folder: PathBuf,
    /// The top of the repository.
    top: PathBuf,
}

impl History {
    /// # Errors
    /// Git is not there, this is no repository, or the revision is not known.
    pub(super) fn check_out(revision: &str) -> Result<History, String> {
        let top = PathBuf::from(git(&["rev-parse", "--show-toplevel"], None, None)?.trim_end());
        let commit = git(
            &["rev-parse", "--verify", "--quiet", "--end-of-options", &format!("{revision}^{{commit}}")],
            None,
            None,
        )
        .map_err(|_| format!("--since {revision}: git knows no such revision"))?;
        let folder = std::env::temp_dir().join(format!("wixlint-{}-{}", std::process::id(), commit.trim_end()));
        std::fs::create_dir_all(&folder).map_err(|error| format!("cannot make {}: {error}", folder.display()))?;
        let history = History { folder, top };
        history.fill(commit.trim_end())?;
        Ok(history)
    }

    /// Lets git write the files, by an index of its own that nobody else sees.
    fn fill(&self, commit: &str) -> Result<(), String> {
        let index = self.folder.join("index");
        let files = git(&["ls-tree", "-r", "-z", "--name-only", "--full-tree", commit], None, None)?;
        let wanted: String =
            files.split_inclusive('\0').filter(|path| is_wanted(path.trim_end_matches('\0'))).collect();
        let top = self.top.to_string_lossy().into_owned();
        git(&["-C", &top, "read-tree", commit], Some(&index), None)?;
        let prefix = format!("--prefix={}/", self.tree().display());
        git(&["-C", &top, "checkout-index", "-z", "--stdin", &prefix], Some(&index), Some(&wanted))?;
        Ok(())
    }

    fn tree(&self) -> PathBuf {
        self.folder.join("tree")
    }

    /// The arguments that name in the revision what `arguments` name now; `None` when nothing was there.
    ///
    /// # Errors
    /// A path that lies outside of the repository.
    pub(super) fn arguments(&self, arguments: &ProjectArguments) -> Result<Option<ProjectArguments>, String> {
        let mut then = arguments.clone();
        if then.paths.is_empty() && then.project.is_none() {
            then.paths.push(PathBuf::from("."));
        }
        let places =
            then.paths.iter_mut().chain(&mut then.include_dir).chain(&mut then.project).chain(&mut then.config);
        for path in places {
            *path = self.then(path)?;
        }
        then.stdin_filename = None;
        then.paths.retain(|path| path.exists());
        then.project = then.project.filter(|path| path.exists());
        then.config = then.config.filter(|path| path.exists());
        let holds_sources = |path: &PathBuf| !path.is_dir() || !crate::disk::Found::below(path).is_empty();
        then.paths.retain(holds_sources);
        Ok((!then.paths.is_empty() || then.project.is_some()).then_some(then))
    }

    /// Where a path of now was then.
    fn then(&self, path: &Path) -> Result<PathBuf, String> {
        let full = std::path::absolute(path).map_err(|error| error.to_string())?;
        let full = full.canonicalize().unwrap_or(full);
        let top = self.top.canonicalize().unwrap_or_else(|_| self.top.clone());
        let below =
            full.strip_prefix(&top).map_err(|_| format!("{} lies outside of the repository", path.display()))?;
        Ok(self.tree().join(below))
    }

    /// A name that a project has now and had then.
    pub(super) fn name(&self, name: &str) -> String {
        let path = Path::new(if name.is_empty() { "." } else { name });
        let full = std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf());
        let full = full.canonicalize().unwrap_or(full);
        let tops = [self.tree(), self.top.clone()].map(|top| top.canonicalize().unwrap_or(top));
        let below = tops.iter().find_map(|top| full.strip_prefix(top).ok()).unwrap_or(&full);
        below.to_string_lossy().replace('\\', "/")
    }
}

impl Drop for History {
    fn drop(&mut self) {
        // What cannot be removed lies among temporary files, which the system removes.
        let _left = std::fs::remove_dir_all(&self.folder);
    }
}

fn is_wanted(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
    name == config::NAME || name == ".gitignore" || ENDINGS.iter().any(|wanted| ending.eq_ignore_ascii_case(wanted))
}

/// What git prints.
fn git(arguments: &[&str], index: Option<&Path>, input: Option<&str>) -> Result<String, String> {
    let mut command = Command::new("git");
    command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    if let Some(index) = index {
        command.env("GIT_INDEX_FILE", index);
    }
    let mut child = command.spawn().map_err(|error| format!("cannot run git: {error}"))?;
    let stdin = child.stdin.take();
    if let (Some(mut stdin), Some(input)) = (stdin, input) {
        // A git that does not read on says why on stderr.
        let _closed = stdin.write_all(input.as_bytes());
    }
    let output = child.wait_with_output().map_err(|error| format!("cannot run git: {error}"))?;
    if !output.status.success() {
        let message = String::from_utf8_lossy(&output.stderr);
        return Err(format!("git: {}", message.trim_end().trim_start_matches("fatal: ")));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}
