//! The file system, as the rest of wixlint wants it: paths with `/`, and names as Windows takes them.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::preprocess::Files;
use crate::project::discovery::is_source;
use crate::source::MAX_FILE_SIZE;

/// Files as they lie on the disk.
#[derive(Clone, Copy, Debug, Default)]
pub struct Disk;

impl Files for Disk {
    fn read(&self, path: &str) -> io::Result<Vec<u8>> {
        let data = fs::metadata(path)?;
        if !data.is_file() {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "not a regular file"));
        }
        if data.len() > MAX_FILE_SIZE {
            return Err(io::Error::new(io::ErrorKind::FileTooLarge, "larger than 1 GiB"));
        }
        fs::read(path)
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

/// The WiX sources below a directory that no `.gitignore` excludes, sorted, and what could not be
/// looked into.
pub fn sources_below(directory: &Path) -> (Vec<String>, Vec<String>) {
    let mut found = Vec::new();
    let mut errors = Vec::new();
    let walk = ignore::WalkBuilder::new(directory).require_git(false).build();
    for entry in walk {
        match entry {
            Ok(entry) if entry.path().is_file() => {
                let path = slashed(entry.path());
                let path = path.strip_prefix("./").unwrap_or(&path);
                if is_source(path) {
                    found.push(path.to_owned());
                }
            }
            Ok(_) => {}
            Err(error) => errors.push(unread(&error)),
        }
    }
    found.sort();
    (found, errors)
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
