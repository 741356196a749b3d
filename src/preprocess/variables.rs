//! Variables and the replacement of `$(…)`.

use std::borrow::Cow;

use rustc_hash::FxHashMap;

use super::condition::Truth;
use super::{Namespace, Options, Origin, Platform, Value};
use crate::source::Span;
use crate::syntax;

/// Variables may make a text so much longer; one that they make longer still is taken for unknown.
const MAX_GROWTH: usize = 1 << 20;

/// The variables of one file and what it includes.
#[derive(Debug)]
pub struct Variables {
    /// `None`: the variable is defined, with a text that nobody knows.
    defined: FxHashMap<String, Option<String>>,
    /// Names that this file has taken back with `<?undef?>`.
    undefined: FxHashMap<String, ()>,
    /// The file that the text stands in, also inside an include.
    path: String,
    platform: Platform,
    /// Where the directories are that variables hold, whatever their texts.
    places: FxHashMap<String, String>,
}

impl Variables {
    pub(super) fn new(options: &Options, path: &str) -> Variables {
        Variables {
            defined: options.defines.iter().cloned().collect(),
            undefined: FxHashMap::default(),
            path: path.to_owned(),
            platform: options.platform,
            places: options.places.iter().cloned().collect(),
        }
    }

    /// Goes on in another file; what [`Variables::leave`] needs to come back.
    pub(super) fn enter(&mut self, path: &str) -> String {
        std::mem::replace(&mut self.path, path.to_owned())
    }

    pub(super) fn leave(&mut self, path: String) {
        self.path = path;
    }

    /// `NAME = VALUE`, as `<?define?>` has it: one pair of quotes is dropped, the value is expanded now.
    pub(super) fn define(&mut self, content: &str) {
        let (name, value) = content.split_once('=').unwrap_or((content, ""));
        let value = unquote(value.trim());
        let value = self.expand(value);
        self.set(name.trim().trim_start_matches("var.").to_owned(), value);
    }

    pub(super) fn undefine(&mut self, content: &str) {
        let name = content.trim().trim_start_matches("var.");
        self.defined.remove(name);
        self.undefined.insert(name.to_owned(), ());
    }

    /// Gives a variable a value that the source does not spell as a definition.
    pub(super) fn assume(&mut self, name: String, value: String) {
        self.set(name, Some(value));
    }

    /// Makes a variable's value unknown.
    pub(super) fn forget(&mut self, name: &str) {
        self.set(name.to_owned(), None);
    }

    fn set(&mut self, name: String, value: Option<String>) {
        self.undefined.remove(&name);
        self.defined.insert(name, value);
    }

    /// Whether `<?ifdef?>` finds the variable. One that nobody defines may come from the command line.
    /// `$(NAME)` is a name to v4 and later, and never defined to v3.
    pub(super) fn is_defined(&self, content: &str, dialect: Namespace) -> Truth {
        let mut name = content.trim();
        if let Some(inner) = name.strip_prefix("$(").and_then(|rest| rest.strip_suffix(')')) {
            if dialect == Namespace::V3 {
                return Truth::Known(false);
            }
            name = inner;
        }
        let plain = name.strip_prefix("var.").unwrap_or(name);
        if self.defined.contains_key(plain) || name.starts_with("sys.") {
            return Truth::Known(true);
        }
        if self.undefined.contains_key(plain) {
            return Truth::Known(false);
        }
        Truth::Unknown { variables: vec![plain.to_owned()], binding: None }
    }

    /// The value of the variable called `name` in `$(name)`; `None` when it is not known.
    pub(super) fn get(&self, name: &str) -> Option<Cow<'_, str>> {
        let directory = || self.path.rsplit_once('/').map_or(String::new(), |(directory, _)| format!("{directory}/"));
        match name {
            "sys.SOURCEFILEPATH" => Some(Cow::Borrowed(&self.path)),
            "sys.BUILDARCH" | "sys.PLATFORM" => Some(Cow::Borrowed(self.platform.name())),
            "sys.BUILDARCHSHORT" => Some(Cow::Borrowed(self.platform.short_name())),
            "sys.SOURCEFILEDIR" => Some(Cow::Owned(directory())),
            _ => {
                let plain = name.strip_prefix("var.").unwrap_or(name);
                self.defined.get(plain)?.as_deref().map(Cow::Borrowed)
            }
        }
    }

    /// `text` with its variables replaced; `None` when one of them is not known.
    pub(super) fn expand(&self, text: &str) -> Option<String> {
        match self.replace(text) {
            Replaced { unknown: true, .. } => None,
            Replaced { text, .. } => Some(text),
        }
    }

    /// An attribute's value.
    pub(super) fn value<'a>(&self, raw: &'a str, span: Span) -> Value<'a> {
        match syntax::decode_value(raw) {
            Some(text) => self.finish(text, span),
            None => Value { text: Cow::Borrowed(raw), span, origin: Origin::Unknown },
        }
    }

    /// Character data, also the inside of a CDATA section.
    pub(super) fn content<'a>(&self, raw: &'a str, span: Span) -> Value<'a> {
        self.finish(syntax::decode_text(raw), span)
    }

    /// A reference in character data; it is text, and no variable begins in it.
    pub(super) fn reference<'a>(&self, raw: &'a str, span: Span) -> Value<'a> {
        match syntax::decode_reference(raw) {
            Some(character) => Value { text: Cow::Owned(character.to_string()), span, origin: Origin::Literal },
            None => Value { text: Cow::Borrowed(raw), span, origin: Origin::Unknown },
        }
    }

    fn finish<'a>(&self, text: Cow<'a, str>, span: Span) -> Value<'a> {
        if memchr::memchr(b'$', text.as_bytes()).is_none() {
            return Value { text, span, origin: Origin::Literal };
        }
        let replaced = self.replace(&text);
        let origin = match () {
            () if replaced.unknown => Origin::Unknown,
            () if replaced.any => Origin::Expanded,
            () => Origin::Literal,
        };
        Value { text: if origin == Origin::Literal { text } else { Cow::Owned(replaced.text) }, span, origin }
    }

    fn replace(&self, text: &str) -> Replaced {
        let mut done = Replaced { text: String::with_capacity(text.len()), any: false, unknown: false };
        let mut rest = text;
        while let Some(at) = memchr::memchr(b'$', rest.as_bytes()) {
            if done.text.len() > text.len() + MAX_GROWTH {
                return Replaced { text: text.to_owned(), any: true, unknown: true };
            }
            done.text.push_str(&rest[..at]);
            let after = &rest[at + 1..];
            if let Some(escaped) = after.strip_prefix('$') {
                done.text.push('$');
                done.any = true;
                rest = escaped;
            } else if let Some(length) = reference_length(after) {
                let name = &after[1..length - 1];
                // A localization variable is none of the preprocessor's.
                let value = if name.starts_with("loc.") { None } else { self.get(name) };
                match value {
                    Some(value) => {
                        done.text.push_str(&value);
                        done.any = true;
                    }
                    None => {
                        done.text.push_str(&rest[at..=at + length]);
                        done.unknown |= !name.starts_with("loc.");
                    }
                }
                rest = &after[length..];
            } else {
                done.text.push('$');
                rest = after;
            }
        }
        done.text.push_str(rest);
        done
    }

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
        if self.get(name).is_some() {
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
            self.get(name).is_none().then_some((name, &after[length..]))
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

struct Replaced {
    text: String,
    any: bool,
    unknown: bool,
}

fn join(directory: &str, path: &str) -> String {
    let path = path.trim_start_matches("./");
    if directory.is_empty() { path.to_owned() } else { format!("{}/{path}", directory.trim_end_matches('/')) }
}

fn unquote(text: &str) -> &str {
    for quote in ['"', '\''] {
        if let Some(inner) = text.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote)) {
            return inner;
        }
    }
    text
}

/// Length of `(…)` at the start of `text`, both parentheses included; they may be nested, as in
/// `$(env.ProgramFiles(x86))`.
fn reference_length(text: &str) -> Option<usize> {
    let mut depth = 0usize;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'(' => depth += 1,
            b')' if depth <= 1 => return Some(at + 1),
            b')' => depth -= 1,
            _ if depth == 0 => return None,
            _ => {}
        }
    }
    None
}
