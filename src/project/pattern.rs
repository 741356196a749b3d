//! Patterns of paths, as MSBuild and WiX have them.

/// Whether a pattern means a path. `**` stands for any folders, `*` and `?` for parts of a name;
/// case does not count.
pub(super) fn matches(pattern: &str, path: &str) -> bool {
    let (pattern, path) = (pattern.to_lowercase(), path.to_lowercase());
    let pattern: Vec<&str> = pattern.split('/').collect();
    let path: Vec<&str> = path.split('/').collect();
    fits(&pattern, &path, |part| *part == "**", |part, name| fits_name(part, name))
}

fn fits_name(pattern: &str, name: &str) -> bool {
    let pattern: Vec<char> = pattern.chars().collect();
    let name: Vec<char> = name.chars().collect();
    fits(&pattern, &name, |part| *part == '*', |part, character| *part == '?' || part == character)
}

/// Whether `pattern` covers all of `text`, with stars for any run. Where it does not go on, the last
/// star takes one more; the stars before it need not be asked again.
fn fits<P, T>(pattern: &[P], text: &[T], star: impl Fn(&P) -> bool, same: impl Fn(&P, &T) -> bool) -> bool {
    let (mut at, mut done) = (0, 0);
    let mut last = None;
    loop {
        match pattern.get(at) {
            Some(part) if star(part) => {
                at += 1;
                last = Some((at, done));
            }
            Some(part) if text.get(done).is_some_and(|next| same(part, next)) => (at, done) = (at + 1, done + 1),
            None if done == text.len() => return true,
            _ => match last {
                Some((after, from)) if from < text.len() => {
                    last = Some((after, from + 1));
                    (at, done) = (after, from + 1);
                }
                _ => return false,
            },
        }
    }
}
