//! A folder of a test's own: empty at first, and gone when it is dropped.

use std::fs;
use std::ops::Deref;
use std::path::{Path, PathBuf};

pub(crate) struct Temporary(PathBuf);

impl Temporary {
    /// `name` tells it from the folders of all other tests.
    pub(crate) fn new(name: &str) -> Temporary {
        let path = std::env::temp_dir().join(format!("wixlint-{name}-{}", std::process::id()));
        let _left = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        Temporary(path)
    }
}

impl Deref for Temporary {
    type Target = Path;

    fn deref(&self) -> &Path {
        &self.0
    }
}

impl AsRef<Path> for Temporary {
    fn as_ref(&self) -> &Path {
        self
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        let _left = fs::remove_dir_all(self);
    }
}
