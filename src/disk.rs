//! The file system, as the rest of wixlint wants it: paths with `/`, and names as Windows takes them.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use rustc_hash::FxHashMap;

use crate::preprocess::Files;
use crate::project::discovery::is_source;
use crate::project::wixproj::{Around, is_project};
use crate::source::MAX_FILE_SIZE;

/// Files as they lie on the disk.
#[derive(Clone, Copy, Debug, Default)]
pub struct Disk;

/// Directories of what builds make and tools bring, and how far a search for code goes.
const BUILT: [&str; 5] = ["bin", "obj", "node_modules", "packages", "target"];
const DEEPEST: usize = 16;
const MOST_LISTED: usize = 100_000;

impl Files for Disk {
    fn list(&self, directory: &str) -> Option<Vec<String>> {
        let name = |entry: fs::DirEntry| {
            let name = entry.file_name().into_string().ok()?;
            // A link to a directory is none, or a loop of links would never end.
            Some(if entry.file_type().ok()?.is_dir() { name + "/" } else { name })
        };
        Some(fs::read_dir(directory).ok()?.filter_map(|entry| name(entry.ok()?)).collect())
    }

    fn read(&self, path: &str) -> io::Result<Vec<u8>> {
        let data = fs::metadata(path).map_err(|error| if is_lossy(path) { not_utf8() } else { error })?;
        if !data.is_file() {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "not a regular file"));
        }
        if data.len() > MAX_FILE_SIZE {
            return Err(io::Error::new(io::ErrorKind::FileTooLarge, "larger than 1 GiB"));
        }
        fs::read(path)
    }

    fn above(&self, directory: &str) -> Vec<String> {
        let all: Vec<String> = above(directory).collect();
        let is_repository = all.last().is_some_and(|last| here(last).join(".git").exists());
        // Without a repository nobody knows where the project ends.
        if is_repository { all } else { all.into_iter().take(2).collect() }
    }

    fn below(&self, directory: &str, most: usize, is_wanted: &dyn Fn(&str) -> bool) -> Vec<String> {
        let is_built = |entry: &ignore::DirEntry| {
            entry.depth() > 0 && entry.file_name().to_str().is_some_and(|name| BUILT.contains(&name))
        };
        let mut walk = ignore::WalkBuilder::new(here(directory));
        walk.require_git(false).max_depth(Some(DEEPEST)).filter_entry(move |entry| !is_built(entry));
        let files = walk.build().take(MOST_LISTED).filter_map(|entry| {
            let entry = entry.ok().filter(|entry| entry.file_type().is_some_and(|kind| kind.is_file()))?;
            let path = slashed(entry.path());
            Some(path.strip_prefix("./").unwrap_or(&path).to_owned())
        });
        files.filter(|path| is_wanted(path)).take(most).collect()
    }

    fn resolve(&self, path: &str) -> Option<String> {
        if Path::new(path).is_file() {
            return Some(path.to_owned());
        }
        let mut found = PathBuf::new();
        for part in Path::new(path).components() {
            let next = found.join(part);
            if next.exists() || !matches!(part, std::path::Component::Normal(_)) {
                found = next;
                continue;
            }
            let wanted = part.as_os_str().to_str()?;
            let directory = if found.as_os_str().is_empty() { Path::new(".") } else { &found };
            let mut names =
                fs::read_dir(directory).ok()?.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
            // Several names that differ only in case cannot come from Windows; the first will do.
            let name = names.find(|name| name.to_lowercase() == wanted.to_lowercase())?;
            found.push(name);
        }
        found.is_file().then(|| slashed(&found))
    }
}

/// The disk, but for files that stand in an editor's buffers: each by its [`identity`], with the bytes that are taken
/// for it.
#[derive(Clone, Debug, Default)]
pub struct Buffered(pub FxHashMap<PathBuf, Vec<u8>>);

impl Buffered {
    fn buffer(&self, path: &str) -> Option<&Vec<u8>> {
        // Most runs have none, and finding out what a path means asks the system.
        if self.0.is_empty() { None } else { self.0.get(&identity(Path::new(path))) }
    }
}

impl Files for Buffered {
    fn list(&self, directory: &str) -> Option<Vec<String>> {
        Disk.list(directory)
    }

    fn read(&self, path: &str) -> io::Result<Vec<u8>> {
        self.buffer(path).map_or_else(|| Disk.read(path), |bytes| Ok(bytes.clone()))
    }

    fn above(&self, directory: &str) -> Vec<String> {
        Disk.above(directory)
    }

    fn below(&self, directory: &str, most: usize, is_wanted: &dyn Fn(&str) -> bool) -> Vec<String> {
        Disk.below(directory, most, is_wanted)
    }

    fn resolve(&self, path: &str) -> Option<String> {
        Files::resolve(&Disk, path).or_else(|| self.buffer(path).map(|_| path.to_owned()))
    }
}

impl Around for Disk {
    fn resolve(&self, path: &str) -> Option<String> {
        Files::resolve(self, path)
    }

    fn sources_below(&self, directory: &str) -> Vec<String> {
        Found::below(&here(directory)).sources
    }

    fn solution_above(&self, directory: &str) -> Option<String> {
        let is_solution = |name: &String| name.to_lowercase().ends_with(".sln");
        above(directory).find(|directory| names_in(directory).any(|name| is_solution(&name)))
    }
}

/// A directory as the file system wants it named.
fn here(directory: &str) -> PathBuf {
    Path::new(if directory.is_empty() { "." } else { directory }).to_path_buf()
}

fn names_in(directory: &str) -> impl Iterator<Item = String> {
    let entries = fs::read_dir(here(directory)).into_iter().flatten();
    entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok())
}

/// A directory and those above it, as paths that begin where `directory` does: up to the root of the
/// repository, and at most so many.
fn above(directory: &str) -> impl Iterator<Item = String> {
    const MOST: usize = 6;
    let mut next = Some(directory.to_owned());
    let all = std::iter::from_fn(move || {
        let directory = next.take()?;
        let is_root = here(&directory).join(".git").exists();
        next = (!is_root).then(|| parent(&directory)).flatten();
        Some(directory)
    });
    all.take(MOST)
}

fn parent(directory: &str) -> Option<String> {
    let (above, last) = directory.rsplit_once('/').unwrap_or(("", directory));
    match last {
        "" | "." if above.is_empty() => (directory != "/").then(|| "..".to_owned()),
        ".." | "." => Some(format!("{directory}/..")),
        _ if above.is_empty() && directory.starts_with('/') => Some("/".to_owned()),
        _ => Some(above.to_owned()),
    }
}

/// Whether a path holds what [`slashed`] puts in the place of bytes that are no text.
fn is_lossy(path: &str) -> bool {
    path.contains(char::REPLACEMENT_CHARACTER)
}

fn not_utf8() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidFilename, "its path is not valid UTF-8; rename it")
}

/// Why something could not be read or written, in the same words on every system where that is
/// possible.
pub fn reason(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "there is no such file".to_owned(),
        io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        _ => error.to_string(),
    }
}

/// A path with `/` between its parts.
pub fn slashed(path: &Path) -> String {
    let text = path.to_string_lossy();
    if cfg!(windows) { text.replace('\\', "/") } else { text.into_owned() }
}

/// One name for all spellings of a path: absolute, without `..` and links as far as it exists.
pub fn identity(path: &Path) -> PathBuf {
    let path = if path.as_os_str().is_empty() { Path::new(".") } else { path };
    match (fs::canonicalize(path), path.parent(), path.file_name()) {
        (Ok(real), ..) => real,
        (Err(_), Some(parent), Some(name)) => identity(parent).join(name),
        (Err(_), ..) => path.to_owned(),
    }
}

/// Where a path lies: its directory has one name for all spellings, its own name stays, also of a link.
pub fn location(path: &Path) -> PathBuf {
    match (path.parent(), path.file_name()) {
        (Some(parent), Some(name)) => identity(parent).join(name),
        _ => identity(path),
    }
}

/// What lies below a directory and no `.gitignore` excludes, sorted.
#[derive(Debug, Default)]
pub struct Found {
    pub sources: Vec<String>,
    /// Project files.
    pub projects: Vec<String>,
    /// What could not be looked into.
    pub errors: Vec<String>,
}

impl Found {
    /// Whether there is nothing that could be checked.
    pub fn is_empty(&self) -> bool {
        self.sources.is_empty() && self.projects.is_empty()
    }

    pub fn below(directory: &Path) -> Found {
        let mut found = Found::default();
        let walk = ignore::WalkBuilder::new(directory).require_git(false).build();
        for entry in walk {
            match entry {
                Ok(entry) if entry.path().is_file() => {
                    let path = slashed(entry.path());
                    found.take(path.strip_prefix("./").unwrap_or(&path));
                }
                Ok(_) => {}
                Err(error) => found.errors.push(unread(&error)),
            }
        }
        found.sources.sort();
        found.projects.sort();
        found
    }

    fn take(&mut self, path: &str) {
        if is_source(path) {
            self.sources.push(path.to_owned());
        } else if is_project(path) {
            self.projects.push(path.to_owned());
        }
    }
}

/// The project files in the directory of `path` and above it, the nearest first.
pub fn projects_above(path: &str) -> Vec<String> {
    let mut projects = Vec::new();
    for directory in above(path.rsplit_once('/').map_or("", |(directory, _)| directory)) {
        let mut names: Vec<String> = names_in(&directory).filter(|name| is_project(name)).collect();
        names.sort();
        let join = |name| if directory.is_empty() { name } else { format!("{directory}/{name}") };
        projects.extend(names.into_iter().map(join));
    }
    projects
}

/// What the search could not look into, and why.
fn unread(error: &ignore::Error) -> String {
    let mut inner = error;
    loop {
        match inner {
            ignore::Error::WithDepth { err, .. } => inner = err,
            ignore::Error::WithPath { path, err } => {
                let path = slashed(path);
                let why = err.io_error().map_or_else(|| err.to_string(), reason);
                return format!("cannot read {}: {why}", path.strip_prefix("./").unwrap_or(&path));
            }
            _ => return error.to_string(),
        }
    }
}

/// The WiX sources that lie in the directory of `path`, sorted.
pub fn sources_beside(path: &str) -> io::Result<Vec<String>> {
    let directory = path.rsplit_once('/').map(|(directory, _)| directory);
    let mut found = Vec::new();
    for entry in fs::read_dir(directory.unwrap_or("."))? {
        if let Ok(name) = entry?.file_name().into_string()
            && is_source(&name)
        {
            found.push(directory.map_or_else(|| name.clone(), |directory| format!("{directory}/{name}")));
        }
    }
    found.sort();
    Ok(found)
}
