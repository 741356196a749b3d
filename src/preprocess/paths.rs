//! Which files an include may mean.

use super::variables::{Variables, reference_length};

impl Variables {
    /// The paths that an include may mean, the most likely first. `bases` are files next to which
    /// it is looked for.
    pub(super) fn include_candidates(&self, path: &str, bases: [&str; 2], directories: &[String]) -> Vec<String> {
        let mut found: Vec<String> = self.placed(path).into_iter().collect();
        let (path, above) = self.without_root(path);
        let Some(path) = self.expand(path) else { return Vec::new() };
        let path = path.replace('\\', "/");
        if path.starts_with('/') || path.contains(':') {
            return vec![without_detours(&path)];
        }
        for base in bases {
            let mut directory = base.rsplit_once('/').map_or("", |(directory, _)| directory);
            found.push(join(directory, &path));
            while above && !directory.is_empty() {
                directory = directory.rsplit_once('/').map_or("", |(directory, _)| directory);
                found.push(join(directory, &path));
            }
        }
        found.extend(directories.iter().map(|directory| join(directory, &path)));
        let mut found: Vec<String> = found.iter().map(|path| without_detours(path)).collect();
        found.dedup();
        found
    }

    /// A path that begins with a variable for a directory whose place is known, though not its text.
    fn placed(&self, path: &str) -> Option<String> {
        let after = path.strip_prefix('$')?;
        let length = reference_length(after)?;
        let name = &after[1..length - 1];
        let place = self.places.get(name.strip_prefix("var.").unwrap_or(name))?;
        if self.is_known(name) {
            return None;
        }
        let rest = self.expand(&after[length..])?.replace('\\', "/");
        Some(join(place, rest.trim_start_matches('/')))
    }

    /// A path that begins with a directory nobody knows, such as `$(var.SolutionDir)`, without it;
    /// and whether that is one that the build finds at or above the sources.
    fn without_root<'p>(&self, path: &'p str) -> (&'p str, bool) {
        let unknown = path.strip_prefix('$').and_then(|after| {
            let length = reference_length(after)?;
            let name = &after[1..length - 1];
            (!self.is_known(name)).then_some((name, &after[length..]))
        });
        let Some((name, rest)) = unknown else { return (path, false) };
        let name = name.strip_prefix("var.").unwrap_or(name);
        let above = matches!(name, "sys.CURRENTDIR" | "SolutionDir" | "ProjectDir");
        (rest.trim_start_matches(['\\', '/']), above)
    }
}

/// A path without the `..` that only lead back out of one of its own directories. A file that
/// several sources include has one path then, whoever includes it.
pub fn without_detours(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match (part, parts.last()) {
            (".", Some(_)) => {}
            ("..", Some(last)) if !matches!(*last, "" | "." | "..") && !last.ends_with(':') => {
                parts.pop();
            }
            _ => parts.push(part),
        }
    }
    parts.join("/")
}

fn join(directory: &str, path: &str) -> String {
    let path = path.trim_start_matches("./");
    if directory.is_empty() { path.to_owned() } else { format!("{}/{path}", directory.trim_end_matches('/')) }
}
