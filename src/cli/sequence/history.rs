//! A revision of the sources, taken out of git into a folder of its own for as long as it is looked at.

use std::io;
use std::path::{Component, Path, PathBuf};

use super::super::arguments::ProjectArguments;
use super::super::git::{git, is_wanted};
use crate::config;
use crate::disk::{Disk, slashed};
use crate::preprocess::Files;

/// The files of a revision. They are removed when it goes.
pub(super) struct History {
    folder: PathBuf,
    /// The top of the repository.
    top: PathBuf,
    commit: String,
    /// All paths of the revision, from the top.
    files: Vec<String>,
}

impl Files for History {
    fn read(&self, path: &str) -> io::Result<Vec<u8>> {
        Disk::default().read(path)
    }

    fn resolve(&self, path: &str) -> Option<String> {
        // What is not there now may have been brought by the next time that it is asked for.
        let resolve = |path: &str| Files::resolve(&Disk::default(), path);
        resolve(path).or_else(|| resolve(&slashed(&self.bring(Path::new(path))?)))
    }
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
        let commit = commit.trim_end().to_owned();
        let files = git(&["ls-tree", "-r", "-z", "--name-only", "--full-tree", &commit], None, None)?;
        let files: Vec<String> = files.split_terminator('\0').map(str::to_owned).collect();
        let history = History { folder: new_folder()?, top, commit, files };
        git(&["-C", &slashed(&history.top), "read-tree", &history.commit], Some(&history.index()), None)?;
        history.fill(history.files.iter().filter(|path| is_wanted(path)))?;
        history.enclose().map_err(|error| format!("cannot write to {}: {error}", history.folder.display()))?;
        Ok(history)
    }

    /// Makes what searches go up to end where they end in the repository: a configuration above it counts
    /// for the revision too, and none above the temporary folder does.
    fn enclose(&self) -> io::Result<()> {
        std::fs::create_dir_all(self.tree().join(".git"))?;
        let own = self.tree().join(config::NAME);
        if own.exists() {
            return Ok(());
        }
        let above = self.top.parent().and_then(config::find);
        std::fs::write(own, above.map(std::fs::read).transpose()?.unwrap_or_default())
    }

    /// Lets git write files, by an index of its own that nobody else sees.
    fn fill<'f>(&self, files: impl Iterator<Item = &'f String>) -> Result<(), String> {
        let wanted: String = files.map(|path| format!("{path}\0")).collect();
        let prefix = format!("--prefix={}/", slashed(&self.tree()));
        let arguments = ["-C", &slashed(&self.top), "checkout-index", "-z", "--stdin", "--force", &prefix];
        git(&arguments, Some(&self.index()), Some(&wanted))?;
        Ok(())
    }

    /// Writes a file that was not looked for, in whatever case `path` names it; tells where.
    fn bring(&self, path: &Path) -> Option<PathBuf> {
        let below = slashed(&plain(path.strip_prefix(self.tree()).ok()?));
        let exact = self.files.iter().find(|file| **file == below);
        let file = exact.or_else(|| self.files.iter().find(|file| file.to_lowercase() == below.to_lowercase()))?;
        self.fill(std::iter::once(file)).ok()?;
        Some(self.tree().join(file))
    }

    fn index(&self) -> PathBuf {
        self.folder.join("index")
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
        for path in then.paths.iter_mut().chain(&mut then.project) {
            *path = self.then(path)?;
        }
        // These may lie anywhere, and are the same then.
        for path in then.build.include_dir.iter_mut().chain(&mut then.build.config) {
            *path = self.then(path).unwrap_or_else(|_| path.clone());
        }
        then.stdin_filename = None;
        then.paths.retain(|path| path.exists());
        then.project = then.project.filter(|path| path.exists());
        then.build.config = then.build.config.filter(|path| path.exists());
        let holds_sources = |path: &PathBuf| !path.is_dir() || !Disk::default().search(path).is_empty();
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
        let then = self.tree().join(below);
        if then.exists() {
            return Ok(then);
        }
        let was = || self.renamed(&slashed(below)).map(|was| self.tree().join(was));
        Ok(self.bring(&then).or_else(was).unwrap_or(then))
    }

    /// What a file was called, or a directory by what lies in it.
    fn renamed(&self, path: &str) -> Option<String> {
        let arguments = ["-C", &slashed(&self.top), "diff", "--name-status", "--find-renames", "--diff-filter=R", "-z"];
        let list = git(&[&arguments[..], &[&self.commit]].concat(), None, None).ok()?;
        let names: Vec<&str> = list.split_terminator('\0').collect();
        let mut renamed = names.chunks_exact(3).map(|entry| (entry[1], entry[2]));
        renamed.find_map(|(old, new)| match new.strip_prefix(path)? {
            "" => Some(old.to_owned()),
            rest if rest.starts_with('/') => old.strip_suffix(rest).map(str::to_owned),
            _ => None,
        })
    }

    /// A message about the revision's files, with their names in git.
    pub(super) fn named(&self, message: &str, revision: &str) -> String {
        message.replace(&format!("{}/", slashed(&self.tree())), &format!("{revision}:"))
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

/// A folder that nobody else has made.
fn new_folder() -> Result<PathBuf, String> {
    let name = |attempt: u32| std::env::temp_dir().join(format!("wixlint-{}-{attempt}", std::process::id()));
    let mut attempt = 0;
    loop {
        let folder = name(attempt);
        match std::fs::create_dir(&folder) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists && attempt < 1000 => attempt += 1,
            Err(error) => return Err(format!("cannot make {}: {error}", folder.display())),
            Ok(()) => return Ok(folder),
        }
    }
}

/// A path without `.` and `..`, by its letters alone.
fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => drop(plain.pop()),
            Component::CurDir => {}
            part => plain.push(part),
        }
    }
    plain
}
