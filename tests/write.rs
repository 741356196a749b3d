//! A file is replaced whole or not at all, and stays what it was in every other respect.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "shared/temporary.rs"]
mod temporary;

use std::fs;
use std::path::PathBuf;

use temporary::Temporary;
use wixlint::fix::write::{Reason, replace};

/// A directory that is removed at the end of a test.
struct Folder(Temporary);

impl Folder {
    fn new(name: &str) -> Folder {
        let path = Temporary::new(&format!("write-{name}"));
        Folder(path)
    }

    fn file(&self, name: &str, content: &str) -> PathBuf {
        let path = self.0.join(name);
        fs::write(&path, content).unwrap();
        path
    }

    /// The names of all files; a temporary file that was left behind would be among them.
    fn names(&self) -> Vec<String> {
        let names = fs::read_dir(&self.0).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let mut names: Vec<_> = names.collect();
        names.sort();
        names
    }
}

#[test]
fn replaces_the_content() {
    let folder = Folder::new("content");
    let path = folder.file("a.wxs", "old");
    replace(&path, b"old", b"new").unwrap();
    assert_eq!(fs::read(&path).unwrap(), b"new");
    assert_eq!(folder.names(), ["a.wxs"]);
}

#[test]
fn a_file_that_has_changed_stays() {
    let folder = Folder::new("changed");
    let path = folder.file("a.wxs", "saved meanwhile");
    let error = replace(&path, b"old", b"new").unwrap_err();
    assert!(matches!(error.reason, Reason::Changed));
    let message = "has changed since it was checked and was not fixed; run wixlint again";
    assert_eq!(error.to_string(), format!("{} {message}", path.display()));
    assert_eq!(fs::read(&path).unwrap(), b"saved meanwhile");
    assert_eq!(folder.names(), ["a.wxs"]);
}

#[test]
fn a_write_protected_file_stays() {
    let folder = Folder::new("protected");
    let path = folder.file("a.wxs", "old");
    let writable = fs::metadata(&path).unwrap().permissions();
    let mut protected = writable.clone();
    protected.set_readonly(true);
    fs::set_permissions(&path, protected).unwrap();
    let error = replace(&path, b"old", b"new").unwrap_err();
    assert!(matches!(error.reason, Reason::ReadOnly));
    assert!(error.to_string().starts_with(&path.display().to_string()), "{error}");
    assert_eq!(fs::read(&path).unwrap(), b"old");
    fs::set_permissions(&path, writable).unwrap();
    assert_eq!(folder.names(), ["a.wxs"]);
}

#[test]
fn a_file_that_is_gone_is_an_error() {
    let folder = Folder::new("gone");
    let error = replace(&folder.0.join("a.wxs"), b"old", b"new").unwrap_err();
    assert!(matches!(error.reason, Reason::Read(_)));
    assert!(folder.names().is_empty());
}

#[cfg(unix)]
mod unix {
    use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};

    use super::*;

    #[test]
    fn permissions_and_owner_stay() {
        let folder = Folder::new("permissions");
        let path = folder.file("a.wxs", "old");
        for mode in [0o600, 0o664, 0o755, 0o646] {
            fs::write(&path, "old").unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            let owner = fs::metadata(&path).unwrap().uid();
            replace(&path, b"old", b"new").unwrap();
            let metadata = fs::metadata(&path).unwrap();
            assert_eq!((metadata.mode() & 0o7777, metadata.uid()), (mode, owner), "{mode:o}");
        }
    }

    #[test]
    fn a_symbolic_link_stays_a_link() {
        let folder = Folder::new("link");
        fs::create_dir(folder.0.join("real")).unwrap();
        let target = folder.file("real/a.wxs", "old");
        let link = folder.0.join("link.wxs");
        symlink("real/a.wxs", &link).unwrap();
        replace(&link, b"old", b"new").unwrap();
        assert_eq!(fs::read_link(&link).unwrap(), PathBuf::from("real/a.wxs"));
        assert_eq!(fs::read(&target).unwrap(), b"new");
        assert_eq!(folder.names(), ["link.wxs", "real"]);
    }

    #[test]
    fn a_directory_without_permission_is_an_error() {
        let folder = Folder::new("directory");
        let path = folder.file("a.wxs", "old");
        fs::set_permissions(&folder.0, fs::Permissions::from_mode(0o555)).unwrap();
        // The superuser may write anyway.
        if let Err(error) = replace(&path, b"old", b"new") {
            assert!(matches!(error.reason, Reason::Temporary(_)));
            assert_eq!(fs::read(&path).unwrap(), b"old");
        }
        fs::set_permissions(&folder.0, fs::Permissions::from_mode(0o755)).unwrap();
    }
}
