//! The file system, as the rest of wixlint wants it: paths with `/`, and names as Windows takes them.

use std::fs;
use std::hash::Hash;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rustc_hash::{FxHashMap, FxHashSet};

use crate::preprocess::Files;
use crate::project::discovery::is_source;
use crate::project::wixproj::{Around, is_project};
use crate::source::MAX_FILE_SIZE;

/// Files as they lie on the disk. A value is for one run: each directory is searched once, and what was found is kept.
#[derive(Debug, Default)]
pub struct Disk(Mutex<Memory>);

/// What the disk was asked before.
#[derive(Debug, Default)]
struct Memory {
    walks: Vec<Arc<Walk>>,
    /// The names in directories.
    names: FxHashMap<String, Arc<[String]>>,
    /// Whether directories are the roots of repositories.
    roots: FxHashMap<String, bool>,
    resolved: FxHashMap<String, Option<String>>,
    identities: FxHashMap<PathBuf, PathBuf>,
}

/// Directories of what builds make and tools bring, and how far a search for code goes.
const BUILT: [&str; 5] = ["bin", "obj", "node_modules", "packages", "target"];
const DEEPEST: usize = 16;
const MOST_LISTED: usize = 100_000;

impl Disk {
    /// What was found for a key before; else it is found now.
    fn known<K: Eq + Hash + Clone, V: Clone>(
        &self,
        table: fn(&mut Memory) -> &mut FxHashMap<K, V>,
        key: &K,
        find: impl FnOnce() -> V,
    ) -> V {
        if let Some(known) = table(&mut self.memory()).get(key) {
            return known.clone();
        }
        let found = find();
        table(&mut self.memory()).insert(key.clone(), found.clone());
        found
    }

    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// One name for all spellings of a path, as [`identity`] has it.
    pub fn identity(&self, path: &str) -> PathBuf {
        let path = PathBuf::from(path);
        self.known(|memory| &mut memory.identities, &path, || identity(&path))
    }

    fn names_in(&self, directory: &str) -> Arc<[String]> {
        let names = || {
            let entries = fs::read_dir(here(directory)).into_iter().flatten();
            entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok()).collect()
        };
        self.known(|memory| &mut memory.names, &directory.to_owned(), names)
    }

    fn is_root(&self, directory: &str) -> bool {
        let is_root = || here(directory).join(".git").exists();
        self.known(|memory| &mut memory.roots, &directory.to_owned(), is_root)
    }

    /// A directory and those above it, as paths that begin where `directory` does: up to the root of the
    /// repository, and at most so many.
    fn levels(&self, directory: &str) -> impl Iterator<Item = String> {
        const MOST: usize = 6;
        let mut next = Some(directory.to_owned());
        let all = std::iter::from_fn(move || {
            let directory = next.take()?;
            next = (!self.is_root(&directory)).then(|| parent(&directory)).flatten();
            Some(directory)
        });
        all.take(MOST)
    }

    /// The project files in the directory of `path` and above it, the nearest first.
    pub fn projects_above(&self, path: &str) -> Vec<String> {
        let mut projects = Vec::new();
        for directory in self.levels(directory(path)) {
            projects.extend(self.sorted(&directory, is_project));
        }
        projects
    }

    /// The WiX sources that lie in the directory of `path`, sorted.
    pub fn sources_beside(&self, path: &str) -> Vec<String> {
        self.sorted(directory(path), is_source)
    }

    /// The paths of those in a directory that have such names.
    fn sorted(&self, directory: &str, is_wanted: fn(&str) -> bool) -> Vec<String> {
        let names = self.names_in(directory);
        let wanted = names.iter().filter(|name| is_wanted(name));
        let mut paths: Vec<String> = wanted.map(|name| joined(directory, name)).collect();
        paths.sort();
        paths
    }

    /// What is to be checked below a directory and no `.gitignore` excludes.
    pub fn search(&self, directory: &Path) -> Found {
        let mut found = Found::default();
        let mut walk = Walk::default();
        for entry in ignore::WalkBuilder::new(directory).require_git(false).build() {
            match entry {
                Ok(entry) => {
                    let path = walk.take(&entry);
                    // What a link leads to is there, too.
                    if entry.file_type().is_some_and(|kind| kind.is_file()) || entry.path().is_file() {
                        found.take(path);
                    }
                }
                Err(error) => found.errors.push(unread(&error)),
            }
        }
        self.keep(walk);
        found.sources.sort();
        found.projects.sort();
        found
    }

    /// The walk that has come through a directory; a new one leaves out what builds make.
    fn walk(&self, directory: &str) -> Arc<Walk> {
        let known = self.memory().walks.iter().find(|walk| walk.directories.contains(plain(directory))).cloned();
        known.unwrap_or_else(|| {
            let is_built = |entry: &ignore::DirEntry| entry.file_name().to_str().is_some_and(is_built);
            let mut walk = ignore::WalkBuilder::new(here(directory));
            let walk = walk.require_git(false).max_depth(Some(DEEPEST));
            let walk = walk.filter_entry(move |entry| entry.depth() == 0 || !is_built(entry)).build();
            let mut taken = Walk::default();
            walk.take(MOST_LISTED).flatten().for_each(|entry| drop(taken.take(&entry)));
            self.keep(taken)
        })
    }

    fn keep(&self, mut walk: Walk) -> Arc<Walk> {
        walk.files.sort_unstable();
        let walk = Arc::new(walk);
        // One that was cut short does not know everything, and one of a whole disk is too much to keep.
        if walk.files.len() + walk.directories.len() < MOST_LISTED {
            self.memory().walks.push(walk.clone());
        }
        walk
    }
}

/// What is below some directory, without what a `.gitignore` excludes.
#[derive(Debug, Default)]
struct Walk {
    /// Paths of files, sorted. Links are none: a loop of them would never end.
    files: Vec<String>,
    /// The directories that it has come through.
    directories: FxHashSet<String>,
}

impl Walk {
    /// Takes in what it has come to; gives its path.
    fn take(&mut self, entry: &ignore::DirEntry) -> String {
        let path = plain(&slashed(entry.path())).to_owned();
        match entry.file_type() {
            Some(kind) if kind.is_file() => self.files.push(path.clone()),
            // One that is so deep may not have been looked into.
            Some(kind) if kind.is_dir() && entry.depth() < DEEPEST => drop(self.directories.insert(path.clone())),
            _ => {}
        }
        path
    }

    /// The files below a directory, each with its path from there.
    fn below(&self, directory: &str) -> impl Iterator<Item = (&String, &str)> {
        let start = match plain(directory) {
            "" => String::new(),
            directory => joined(directory, ""),
        };
        let first = self.files.partition_point(|file| *file < start);
        self.files[first..].iter().map_while(move |file| Some((file, file.strip_prefix(&*start)?)))
    }
}

fn is_built(name: &str) -> bool {
    BUILT.contains(&name)
}

/// A path as all that is found is spelled, without the `./` at its beginning.
fn plain(path: &str) -> &str {
    if path == "." { "" } else { path.strip_prefix("./").unwrap_or(path) }
}

fn joined(directory: &str, name: &str) -> String {
    if directory.is_empty() || directory.ends_with('/') {
        format!("{directory}{name}")
    } else {
        format!("{directory}/{name}")
    }
}

/// The directory that a path is in.
fn directory(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(directory, _)| directory)
}

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
        let all: Vec<String> = self.levels(directory).collect();
        let is_repository = all.last().is_some_and(|last| self.is_root(last));
        // Without a repository nobody knows where the project ends.
        if is_repository { all } else { all.into_iter().take(2).collect() }
    }

    fn below(&self, directory: &str, most: usize, is_wanted: &dyn Fn(&str) -> bool) -> Vec<String> {
        let walk = self.walk(directory);
        let is_near = |path: &str| {
            let mut parts = path.split('/');
            parts.clone().count() <= DEEPEST && !parts.any(is_built)
        };
        let near = walk.below(directory).filter(|(_, path)| is_near(path)).map(|(file, _)| file);
        near.filter(|path| is_wanted(path)).take(most).cloned().collect()
    }

    fn resolve(&self, path: &str) -> Option<String> {
        self.known(|memory| &mut memory.resolved, &path.to_owned(), || resolve(path))
    }
}

/// The path of an existing file that `path` names to Windows.
fn resolve(path: &str) -> Option<String> {
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
        let mut names = fs::read_dir(directory).ok()?.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
        // Several names that differ only in case cannot come from Windows; the first will do.
        let name = names.find(|name| name.to_lowercase() == wanted.to_lowercase())?;
        found.push(name);
    }
    found.is_file().then(|| slashed(&found))
}

/// The disk, but for files that stand in an editor's buffers: each by its [`identity`], with the bytes that are taken
/// for it.
#[derive(Debug, Default)]
pub struct Buffered {
    pub disk: Arc<Disk>,
    pub buffers: FxHashMap<PathBuf, Vec<u8>>,
}

impl Buffered {
    fn buffer(&self, path: &str) -> Option<&Vec<u8>> {
        // Most runs have none, and finding out what a path means asks the system.
        if self.buffers.is_empty() { None } else { self.buffers.get(&identity(Path::new(path))) }
    }
}

impl Files for Buffered {
    fn list(&self, directory: &str) -> Option<Vec<String>> {
        self.disk.list(directory)
    }

    fn read(&self, path: &str) -> io::Result<Vec<u8>> {
        self.buffer(path).map_or_else(|| self.disk.read(path), |bytes| Ok(bytes.clone()))
    }

    fn above(&self, directory: &str) -> Vec<String> {
        self.disk.above(directory)
    }

    fn below(&self, directory: &str, most: usize, is_wanted: &dyn Fn(&str) -> bool) -> Vec<String> {
        self.disk.below(directory, most, is_wanted)
    }

    fn resolve(&self, path: &str) -> Option<String> {
        Files::resolve(&*self.disk, path).or_else(|| self.buffer(path).map(|_| path.to_owned()))
    }
}

impl Around for Disk {
    fn resolve(&self, path: &str) -> Option<String> {
        Files::resolve(self, path)
    }

    fn sources_below(&self, directory: &str) -> Vec<String> {
        self.search(&here(directory)).sources
    }

    fn solution_above(&self, directory: &str) -> Option<String> {
        let is_solution = |name: &String| name.to_lowercase().ends_with(".sln");
        self.levels(directory).find(|directory| self.names_in(directory).iter().any(is_solution))
    }
}

/// A directory as the file system wants it named.
fn here(directory: &str) -> PathBuf {
    Path::new(if directory.is_empty() { "." } else { directory }).to_path_buf()
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

    fn take(&mut self, path: String) {
        if is_source(&path) {
            self.sources.push(path);
        } else if is_project(&path) {
            self.projects.push(path);
        }
    }
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
