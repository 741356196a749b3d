//! Formatted text: what stands in brackets in a value that Windows Installer expands.
//!
//! ```text
//! [property]  [%environment variable]  [#file]  [!short path of a file]  [$component]
//! [\x] the character x    [~] a null character    [1] a field of the record
//! ```
//!
//! Brackets may be nested, `[[A]]`: then the value of A is the name of what is meant. Braces keep
//! or drop a part as a whole and change nothing about what is read in it. Source: the page
//! `formatted` of the Windows Installer documentation.

/// What a piece of formatted text refers to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reference<'t> {
    Property(&'t str),
    Environment(&'t str),
    /// The path of an installed file.
    File(&'t str),
    /// The directory of a component.
    Component(&'t str),
}

/// The references of a formatted text, each with the byte offset of its name, in the order of their
/// closing brackets.
pub fn references(text: &str) -> Vec<(usize, Reference<'_>)> {
    let mut found = Vec::new();
    // Where each open bracket's content starts, and whether another bracket stood in it.
    let mut open: Vec<(usize, bool)> = Vec::new();
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(next) = memchr::memchr2(b'[', b']', &bytes[at..]) {
        let here = at + next;
        at = here + 1;
        if bytes[here] == b'[' {
            if text[at..].starts_with('\\') && escaped_length(&text[at..]).is_some() {
                at += escaped_length(&text[at..]).unwrap_or_default();
                continue;
            }
            if let Some((_, nested)) = open.last_mut() {
                *nested = true;
            }
            open.push((at, false));
        } else if let Some((start, nested)) = open.pop()
            && !nested
        {
            found.extend(reference(&text[start..here]).map(|(skip, reference)| (start + skip, reference)));
        }
    }
    found
}

/// The properties in formatted text, as [`references`] finds them.
pub fn properties(text: &str) -> impl Iterator<Item = (usize, &str)> {
    references(text).into_iter().filter_map(|(offset, reference)| match reference {
        Reference::Property(name) => Some((offset, name)),
        _ => None,
    })
}

/// Length of `\x]` at the start of `text`.
fn escaped_length(text: &str) -> Option<usize> {
    let mut characters = text.char_indices().skip(2);
    let (at, closing) = characters.next()?;
    (closing == ']').then_some(at + 1)
}

/// What the text between two brackets means, and how many bytes come before the name in it.
fn reference(inner: &str) -> Option<(usize, Reference<'_>)> {
    let rest = |skip: usize| &inner[skip..];
    // A variable of the toolset that is not known: it may stand for any name.
    if matches!(inner.as_bytes(), [b'$' | b'!', b'(', ..]) {
        return None;
    }
    match inner.as_bytes().first()? {
        b'%' => Some((1, Reference::Environment(rest(1)))),
        b'#' | b'!' => Some((1, Reference::File(rest(1)))),
        b'$' => Some((1, Reference::Component(rest(1)))),
        b'~' => None,
        _ if inner.bytes().all(|byte| byte.is_ascii_digit()) => None,
        _ => Some((0, Reference::Property(inner))),
    }
}

#[cfg(test)]
mod tests {
    use super::{Reference, references};

    #[test]
    fn brackets_mean_what_the_page_says() {
        let cases: [(&str, &[Reference<'_>]); 15] = [
            ("key=[Key]", &[Reference::Property("Key")]),
            ("[A][B]", &[Reference::Property("A"), Reference::Property("B")]),
            (r"[\[]Key[\]]", &[]),
            (r"[\[][Key][\]]", &[Reference::Property("Key")]),
            (
                "[%PATH] [#file] [!file] [$comp]",
                &[
                    Reference::Environment("PATH"),
                    Reference::File("file"),
                    Reference::File("file"),
                    Reference::Component("comp"),
                ],
            ),
            ("[~] [1] [2]", &[]),
            ("[[Key]]", &[Reference::Property("Key")]),
            ("{[Key]}", &[Reference::Property("Key")]),
            ("[Key", &[]),
            ("Key]", &[]),
            ("[]", &[]),
            (r"[\", &[]),
            (r"[\]", &[Reference::Property(r"\")]),
            ("[key]", &[Reference::Property("key")]),
            ("[$(var.Key)] [!(loc.Key)] [#$(var.Key)]", &[Reference::File("$(var.Key)")]),
        ];
        for (text, expected) in cases {
            let found: Vec<_> = references(text).into_iter().map(|(_, reference)| reference).collect();
            assert_eq!(found, expected, "{text}");
        }
    }

    #[test]
    fn offsets_are_those_of_the_names() {
        assert_eq!(references("a [#f] [P]"), [(4, Reference::File("f")), (8, Reference::Property("P"))]);
    }
}
