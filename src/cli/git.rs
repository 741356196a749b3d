//! What git knows of the sources.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::config;

/// What sequences depend on, by its ending. Includes may have any; most have one of these.
const ENDINGS: [&str; 8] = ["wxs", "wxi", "wxl", "wixproj", "sln", "slnx", "props", "targets"];

/// Whether a file is one of those that a revision of the sources is made of.
pub(super) fn is_wanted(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
    name == config::NAME || name == ".gitignore" || ENDINGS.iter().any(|wanted| ending.eq_ignore_ascii_case(wanted))
}

/// Whether what is to be committed touches WiX sources: files that it deletes count. Where nothing is staged, somebody asks
/// about all that is there. pre-commit says in the environment when it is about other commits.
///
/// # Errors
/// Git is not there, or this is no repository.
pub(super) fn touches_sources() -> Result<bool, String> {
    let reference = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let pushed = reference("PRE_COMMIT_FROM_REF").zip(reference("PRE_COMMIT_TO_REF"));
    let range = pushed.map_or("--cached".to_owned(), |(from, to)| format!("{from}...{to}"));
    let changed = git(&["diff", "--name-only", "--no-renames", "-z", &range], None, None)?;
    let mut paths = changed.split_terminator('\0').peekable();
    Ok(paths.peek().is_none() || paths.any(is_wanted))
}

/// What git prints.
pub(super) fn git(arguments: &[&str], index: Option<&Path>, input: Option<&str>) -> Result<String, String> {
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
