//! The preview of a change: a unified diff, as `git apply` takes it.
//!
//! Files are never compared as a whole: what is equal is skipped, and only the lines of the windows
//! between that are compared with each other.

mod hunk;
mod window;

use std::borrow::Cow;
use std::io::{self, Write};

use hunk::{Change, Hunk};

use crate::source::{Encoding, Printable, Source};

/// Lines of context around a change.
const CONTEXT: usize = 3;

/// What a diff is written for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// For `git apply`: the bytes of the files, whatever they are.
    Patch,
    /// For people, without colour: decoded text, control characters escaped.
    Plain,
    /// For people, in the colours of `git diff`.
    Colored,
}

/// The difference between two texts of one file.
#[derive(Debug)]
pub struct Diff<'a> {
    old: &'a Source,
    new: &'a Source,
    changes: Vec<Change>,
}

impl<'a> Diff<'a> {
    /// The difference between a file and the same file after any number of changes.
    pub fn between(old: &'a Source, new: &'a Source) -> Diff<'a> {
        let windows = window::between(old.text(), new.text());
        let mark = matches!(old.encoding(), Encoding::Utf8 { bom: true });
        let changes = windows.iter().flat_map(|window| hunk::changes(old.text(), new.text(), window, mark));
        Diff { old, new, changes: changes.collect() }
    }

    /// What has changed: the bytes of the old text that are replaced, and the new text in their place.
    pub fn replacements(&self) -> impl Iterator<Item = (std::ops::Range<usize>, &'a str)> {
        let new = self.new.text();
        self.changes.iter().map(|change| (change.old.clone(), new.get(change.new.clone()).unwrap_or_default()))
    }

    /// Whether the texts are the same.
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }

    /// Writes the diff. `path` is the file's path from the directory in which the patch is going
    /// to be applied. Nothing is written when there is no difference.
    ///
    /// Git takes UTF-16 for binary and has no patches for it that people can read: such a file is
    /// shown decoded in every form, below a line that says so.
    ///
    /// # Errors
    /// Those of `out`, and a new text that the file's encoding cannot express.
    pub fn write(&self, path: &str, form: Form, out: &mut dyn Write) -> io::Result<()> {
        if self.is_empty() {
            return Ok(());
        }
        let mut out = io::BufWriter::new(out);
        let utf16 = matches!(self.old.encoding(), Encoding::Utf16 { .. });
        let form = if utf16 && form == Form::Patch { Form::Plain } else { form };
        if utf16 {
            let note = "is UTF-16, which git takes for binary: shown decoded, not to be applied";
            writeln!(out, "# {} {note}", Printable(path))?;
        }
        let colors = Colors::of(form);
        writeln!(out, "{}--- {}{}", colors.file, header_name("a/", path), colors.end)?;
        writeln!(out, "{}+++ {}{}", colors.file, header_name("b/", path), colors.end)?;
        let page = Page { diff: self, form, colors };
        for hunk in hunk::group(self.old.text(), self.new.text(), &self.changes) {
            page.hunk(&hunk, &mut out)?;
        }
        out.flush()
    }
}

/// ANSI codes, those of `git diff`.
#[derive(Clone, Copy, Debug, Default)]
struct Colors {
    file: &'static str,
    place: &'static str,
    removed: &'static str,
    added: &'static str,
    end: &'static str,
}

impl Colors {
    fn of(form: Form) -> Colors {
        match form {
            Form::Patch | Form::Plain => Colors::default(),
            Form::Colored => {
                Colors { file: "\x1b[1m", place: "\x1b[36m", removed: "\x1b[31m", added: "\x1b[32m", end: "\x1b[m" }
            }
        }
    }
}

/// A diff on its way to the output.
struct Page<'a> {
    diff: &'a Diff<'a>,
    form: Form,
    colors: Colors,
}

impl Page<'_> {
    fn hunk(&self, hunk: &Hunk<'_>, out: &mut dyn Write) -> io::Result<()> {
        let Diff { old, new, .. } = self.diff;
        let Colors { place, end, .. } = self.colors;
        writeln!(out, "{place}@@ -{} +{} @@{end}", hunk.old_lines, hunk.new_lines)?;
        let mut done = hunk.start;
        for change in hunk.changes {
            self.lines(b' ', old, done..change.old.start, out)?;
            self.lines(b'-', old, change.old.clone(), out)?;
            self.lines(b'+', new, change.new.clone(), out)?;
            done = change.old.end;
        }
        self.lines(b' ', old, done..hunk.end, out)
    }

    fn lines(&self, sign: u8, source: &Source, range: std::ops::Range<usize>, out: &mut dyn Write) -> io::Result<()> {
        let mut at = range.start;
        for line in source.text().get(range).unwrap_or_default().split_inclusive('\n') {
            self.line(sign, source, line, at == 0, out)?;
            at += line.len();
        }
        Ok(())
    }

    fn line(&self, sign: u8, source: &Source, line: &str, first: bool, out: &mut dyn Write) -> io::Result<()> {
        let (color, end) = match sign {
            b'-' => (self.colors.removed, self.colors.end),
            b'+' => (self.colors.added, self.colors.end),
            _ => ("", ""),
        };
        let text = line.strip_suffix('\n');
        let content = text.unwrap_or(line);
        write!(out, "{color}{}", char::from(sign))?;
        match self.form {
            Form::Patch => out.write_all(&bytes(source, content, first)?)?,
            Form::Plain | Form::Colored => write_readable(content, out)?,
        }
        writeln!(out, "{end}")?;
        if text.is_none() {
            writeln!(out, "\\ No newline at end of file")?;
        }
        Ok(())
    }
}

/// The bytes of a line of the file.
fn bytes<'a>(source: &Source, line: &'a str, first: bool) -> io::Result<Cow<'a, [u8]>> {
    match source.encoding() {
        Encoding::Utf8 { bom: true } if first => Ok(Cow::Owned(["\u{FEFF}", line].concat().into_bytes())),
        Encoding::Utf8 { .. } => Ok(Cow::Borrowed(line.as_bytes())),
        Encoding::Windows1252 | Encoding::Utf16 { .. } => {
            source.with_text(line.to_owned()).encode().map(Cow::Owned).map_err(|character| {
                let message = format!("{}: its encoding has no {character:?}", source.path());
                io::Error::new(io::ErrorKind::InvalidData, message)
            })
        }
    }
}

/// A line without anything that a terminal acts on. A carriage return at its end stays invisible:
/// it is part of the line end.
fn write_readable(line: &str, out: &mut dyn Write) -> io::Result<()> {
    let line = line.strip_suffix('\r').unwrap_or(line);
    let mut cells = line.split('\t');
    write!(out, "{}", Printable(cells.next().unwrap_or_default()))?;
    cells.try_for_each(|cell| write!(out, "\t{}", Printable(cell)))
}

/// A path behind `---` or `+++`, quoted as git does: bytes outside of printable ASCII, quotes and
/// backslashes are escaped; a tab ends a name that holds a space.
fn header_name(side: &str, path: &str) -> String {
    // A patch knows no absolute paths; git drops the first slash as well.
    let path = path.trim_start_matches('/');
    let path = path.strip_prefix("./").unwrap_or(path);
    if path.bytes().all(|byte| matches!(byte, b' '..=b'~') && !matches!(byte, b'"' | b'\\')) {
        let end = if path.contains(' ') { "\t" } else { "" };
        return format!("{side}{path}{end}");
    }
    let mut name = format!("\"{side}");
    for byte in path.bytes() {
        match byte {
            b'"' | b'\\' => name.extend(['\\', char::from(byte)]),
            b'\t' => name.push_str("\\t"),
            b'\n' => name.push_str("\\n"),
            b'\r' => name.push_str("\\r"),
            b' '..=b'~' => name.push(char::from(byte)),
            _ => name.push_str(&format!("\\{byte:03o}")),
        }
    }
    name.push('"');
    name
}
