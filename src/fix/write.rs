//! Replaces a file on disk by its fixed text, whole or not at all.
//!
//! The new text goes to a temporary file in the same directory, which is then renamed over the
//! old one: a crash leaves the old file or the new one, never a part. What has to hold besides:
//!
//! - The file is read again first. If an editor has saved it since it was checked, the fix was
//!   computed for another text, and the file stays as it is.
//! - A symbolic link stays a link; its target is replaced. Permissions stay, and the owner where
//!   the system allows it. (The `tempfile` crate's `persist` keeps neither: the file gets mode
//!   0600, and a link turns into a file.) A hard link is parted from its other names.
//! - A file that is write-protected stays as it is, though a rename would replace it.
//! - Nothing is synced to the disk: the file systems in use order the rename behind the data, and
//!   a sync for each of a thousand files takes longer than everything else together.

use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::hash::{BuildHasher, Hasher};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Why a file was not replaced; it is as it was.
#[derive(Debug)]
pub struct WriteError {
    /// The path as it was given.
    pub path: PathBuf,
    pub reason: Reason,
}

/// What stood in the way.
#[derive(Debug)]
pub enum Reason {
    /// The file is not what it was when it was checked.
    Changed,
    /// The file is write-protected.
    ReadOnly,
    /// The file cannot be read any more.
    Read(io::Error),
    /// The temporary file beside it cannot be written.
    Temporary(io::Error),
    /// The temporary file cannot take the file's place.
    Replace(io::Error),
}

impl fmt::Display for WriteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.path.display();
        match &self.reason {
            Reason::Changed => {
                write!(f, "{path} has changed since it was checked and was not fixed; run wixlint again")
            }
            Reason::ReadOnly => {
                write!(f, "{path} is write-protected and was not fixed; make it writable, or use --diff to see the fix")
            }
            Reason::Read(error) => write!(f, "{path} cannot be read again and was not fixed: {error}"),
            Reason::Temporary(error) => write!(
                f,
                "{path} was not fixed: no temporary file can be written beside it: {error}; \
                 check the directory's permissions and the free space"
            ),
            Reason::Replace(error) => {
                write!(f, "{path} was not fixed: {error}; close the programs that have it open and run wixlint again")
            }
        }
    }
}

impl std::error::Error for WriteError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.reason {
            Reason::Changed | Reason::ReadOnly => None,
            Reason::Read(error) | Reason::Temporary(error) | Reason::Replace(error) => Some(error),
        }
    }
}

/// Replaces the content of the file at `path`, which has to be `old` still, by `new`.
///
/// # Errors
/// See [`Reason`]. In each case the file is as it was, and no temporary file is left.
pub fn replace(path: &Path, old: &[u8], new: &[u8]) -> Result<(), WriteError> {
    replace_target(path, old, new).map_err(|reason| WriteError { path: path.to_owned(), reason })
}

fn replace_target(path: &Path, old: &[u8], new: &[u8]) -> Result<(), Reason> {
    let target = fs::canonicalize(path).map_err(Reason::Read)?;
    let metadata = fs::metadata(&target).map_err(Reason::Read)?;
    check_writable(&target, &metadata)?;
    let temporary = Temporary::create(&target, &metadata, new).map_err(Reason::Temporary)?;
    // As late as possible: whatever is saved after this is lost.
    if fs::read(&target).map_err(Reason::Read)? != old {
        return Err(Reason::Changed);
    }
    temporary.rename(&target).map_err(Reason::Replace)
}

/// The attribute says what the user wants; opening says what the system allows.
fn check_writable(target: &Path, metadata: &fs::Metadata) -> Result<(), Reason> {
    if metadata.permissions().readonly() {
        return Err(Reason::ReadOnly);
    }
    match patiently(|| OpenOptions::new().write(true).open(target)) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => Err(Reason::ReadOnly),
        Err(error) => Err(Reason::Replace(error)),
    }
}

/// A file that is removed again unless it takes another one's place.
#[derive(Debug)]
struct Temporary {
    path: PathBuf,
    renamed: bool,
}

impl Temporary {
    /// Writes `content` beside `target`, with its permissions.
    fn create(target: &Path, metadata: &fs::Metadata, content: &[u8]) -> io::Result<Temporary> {
        let (mut file, temporary) = Temporary::open(target)?;
        file.write_all(content)?;
        keep_owner(&file, metadata);
        file.set_permissions(metadata.permissions())?;
        Ok(temporary)
    }

    /// Opens a new file under a name that nobody can foresee. The dot keeps it out of sight of
    /// tools that collect sources by pattern.
    fn open(target: &Path) -> io::Result<(File, Temporary)> {
        const ATTEMPTS: u32 = 16;
        let name = target.file_name().unwrap_or_default().to_string_lossy();
        let mut attempt = 0;
        loop {
            attempt += 1;
            let path = target.with_file_name(format!(".{name}.{:016x}.tmp", random()));
            match private().write(true).create_new(true).open(&path) {
                Ok(file) => return Ok((file, Temporary { path, renamed: false })),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists && attempt < ATTEMPTS => {}
                Err(error) => return Err(error),
            }
        }
    }

    fn rename(mut self, target: &Path) -> io::Result<()> {
        patiently(|| fs::rename(&self.path, target))?;
        self.renamed = true;
        Ok(())
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        if !self.renamed {
            // Nothing can be done about a file that cannot be removed.
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// A number that differs for each call and process: std seeds its hash maps from the system's
/// source of randomness.
fn random() -> u64 {
    std::hash::RandomState::new().build_hasher().finish()
}

/// Until the file has its permissions, nobody else may read it.
fn private() -> OpenOptions {
    #[cfg_attr(not(unix), expect(unused_mut, reason = "only Unix has a mode to set"))]
    let mut options = OpenOptions::new();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// Gives a file the owner of another one. Only the superuser may do so for everyone; for all
/// others a replaced file belongs to who replaced it.
#[cfg(unix)]
fn keep_owner(file: &File, metadata: &fs::Metadata) {
    use std::os::unix::fs::{MetadataExt, fchown};
    let _ = fchown(file, Some(metadata.uid()), Some(metadata.gid()));
}

#[cfg(not(unix))]
fn keep_owner(_file: &File, _metadata: &fs::Metadata) {}

/// Tries again for a while what fails because a virus scanner or an indexer has a file open, as
/// happens on Windows.
fn patiently<T>(mut operation: impl FnMut() -> io::Result<T>) -> io::Result<T> {
    const PAUSES: [u64; 7] = [5, 10, 20, 40, 80, 160, 320];
    for pause in PAUSES {
        match operation() {
            Err(error) if is_in_use(&error) => std::thread::sleep(Duration::from_millis(pause)),
            result => return result,
        }
    }
    operation()
}

/// Access denied, sharing violation, lock violation: Windows reports any of them for a file that
/// another program has open.
fn is_in_use(error: &io::Error) -> bool {
    cfg!(windows) && matches!(error.raw_os_error(), Some(5 | 32 | 33))
}
