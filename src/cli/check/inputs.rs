//! What is checked: the paths of the command line, as groups of files that make a project each.

use std::io::{self, Read};
use std::path::{Path, PathBuf};

use crate::cli::arguments::CheckArguments;
use crate::disk::{Disk, slashed, sources_below, sources_beside};
use crate::preprocess::Files;
use crate::project::discovery::by_directory;

pub(super) struct Inputs {
    pub(super) groups: Vec<Group>,
    /// What could not be looked into.
    pub(super) errors: Vec<String>,
}

/// The files of one project.
pub(super) struct Group {
    pub(super) files: Vec<InputFile>,
}

pub(super) struct InputFile {
    pub(super) path: String,
    /// The text that standard input gives in the file's place.
    pub(super) text: Option<Vec<u8>>,
}

impl InputFile {
    pub(super) fn read(&self) -> io::Result<Vec<u8>> {
        match &self.text {
            Some(text) => Ok(text.clone()),
            None => Disk.read(&self.path),
        }
    }
}

impl Group {
    fn new(paths: Vec<String>) -> Group {
        Group { files: paths.into_iter().map(|path| InputFile { path, text: None }).collect() }
    }

    pub(super) fn paths(&self) -> impl Iterator<Item = &str> {
        self.files.iter().map(|file| &*file.path)
    }

    /// The directory of the first file.
    pub(super) fn directory(&self) -> PathBuf {
        let first = self.paths().next().unwrap_or_default();
        Path::new(first).parent().map(Path::to_path_buf).unwrap_or_default()
    }
}

impl Inputs {
    /// # Errors
    /// A path that does not exist, or a directory without WiX sources that was named.
    pub(super) fn find(arguments: &CheckArguments) -> Result<Inputs, String> {
        let mut inputs = Inputs { groups: Vec::new(), errors: Vec::new() };
        let mut named = Vec::new();
        for path in &arguments.paths {
            let data = std::fs::metadata(path).map_err(|error| format!("cannot read {}: {error}", path.display()))?;
            if data.is_dir() {
                inputs.directory(path, true)?;
            } else {
                named.push(slashed(path));
            }
        }
        let stdin = arguments.stdin_filename.as_ref().map(|path| slashed(path));
        if let Some(path) = &stdin
            && arguments.paths.is_empty()
        {
            // A file that is not saved yet may be in a directory that does not exist yet.
            named = sources_beside(path).unwrap_or_default();
        } else if arguments.paths.is_empty() {
            inputs.directory(Path::new("."), false)?;
        }
        if !named.is_empty() {
            inputs.groups.insert(0, Group::new(named));
        }
        if let Some(path) = stdin {
            inputs.take_stdin(path)?;
        }
        Ok(inputs)
    }

    fn directory(&mut self, path: &Path, named: bool) -> Result<(), String> {
        let (sources, errors) = sources_below(path);
        if sources.is_empty() && errors.is_empty() && named {
            return Err(format!("there are no WiX sources (*.wxs) in {}", path.display()));
        }
        self.errors.extend(errors);
        self.groups.extend(by_directory(sources).into_iter().map(Group::new));
        Ok(())
    }

    /// Puts standard input in the place of the file that it stands for.
    fn take_stdin(&mut self, path: String) -> Result<(), String> {
        let mut text = Vec::new();
        io::stdin().lock().read_to_end(&mut text).map_err(|error| format!("cannot read standard input: {error}"))?;
        let plain = |path: &str| path.strip_prefix("./").unwrap_or(path).to_owned();
        let files = self.groups.iter_mut().flat_map(|group| &mut group.files);
        match files.into_iter().find(|file| plain(&file.path) == plain(&path)) {
            Some(file) => file.text = Some(text),
            None => {
                let file = InputFile { path, text: Some(text) };
                match self.groups.first_mut() {
                    Some(group) => group.files.push(file),
                    None => self.groups.push(Group { files: vec![file] }),
                }
            }
        }
        Ok(())
    }
}
