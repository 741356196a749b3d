//! Which files make a project when no project file says so.

use std::collections::BTreeMap;

/// Groups source paths by directory: each directory is a project of its own. Paths have `/` between
/// their parts and keep their order inside a group.
pub fn by_directory(paths: Vec<String>) -> Vec<Vec<String>> {
    let mut groups: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for path in paths {
        let directory = path.rsplit_once('/').map_or("", |(directory, _)| directory).to_owned();
        groups.entry(directory).or_default().push(path);
    }
    groups.into_values().collect()
}

/// Whether a path names a WiX source; Windows does not mind the case of its ending.
pub fn is_source(path: &str) -> bool {
    ends_in(path, ".wxs")
}

/// Whether a path names a file that WiX sources include.
pub fn is_include(path: &str) -> bool {
    ends_in(path, ".wxi")
}

fn ends_in(path: &str, ending: &str) -> bool {
    let start = path.len().saturating_sub(ending.len());
    start > 0 && path.get(start..).is_some_and(|end| end.eq_ignore_ascii_case(ending))
}
