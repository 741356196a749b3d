//! The bytes of one file: its encoding, byte order mark, and where its lines are.
//!
//! A file is decoded once. From then on every position is a byte offset into the decoded text
//! ([`Source::text`]), which for UTF-8 without a byte order mark is the file itself.
//! [`Source::file_offset`] leads back to the bytes on disk, and [`Source::encode`] gives the bytes
//! of a changed text in the encoding that the file came in.

mod encoding;
mod printable;

use std::sync::{Arc, OnceLock};

use rustc_hash::FxHashMap;

pub use encoding::{DecodeError, Encoding};
pub use printable::{Printable, needs_escape};

/// The largest file that is read, in bytes. Positions are 32 bits wide; the limit leaves room for
/// a decoded text that is longer than the file (windows-1252 can triple).
pub const MAX_FILE_SIZE: u64 = 1 << 30;

/// Which file of a [`Sources`] a span lies in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(u32);

impl FileId {
    /// The file's place in the order in which files were added.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// A range of a file's decoded text: byte offsets, `start` included, `end` excluded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    pub file: FileId,
    pub start: u32,
    pub end: u32,
}

impl Span {
    /// A place in no file: what a library says that nobody here wrote.
    pub const NOWHERE: Span = Span { file: FileId(u32::MAX), start: 0, end: 0 };

    /// Whether the span lies in no file.
    pub fn is_nowhere(self) -> bool {
        self.file == Span::NOWHERE.file
    }

    /// Number of bytes of decoded text.
    pub fn len(self) -> u32 {
        self.end - self.start
    }

    pub fn is_empty(self) -> bool {
        self.start == self.end
    }

    /// The empty range at this range's start.
    pub fn at_start(self) -> Span {
        Span { end: self.start, ..self }
    }

    /// As an index into the decoded text.
    pub fn range(self) -> std::ops::Range<usize> {
        self.start as usize..self.end as usize
    }
}

/// A place as people read it: both numbers count from 1, columns count Unicode code points.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    pub line: u32,
    pub column: u32,
}

/// A file that could not be decoded.
#[derive(Debug)]
pub struct Undecodable {
    /// The text up to the first bad byte, so that a report can show the place. It must not be
    /// written back.
    pub source: Source,
    pub error: DecodeError,
}

impl DecodeError {
    /// Where in the decoded part of the file the error shows.
    pub fn offset(&self, source: &Source) -> u32 {
        match self {
            DecodeError::Unsupported(_) => 0,
            DecodeError::Invalid { .. } => source.end(),
        }
    }
}

/// One file, decoded.
#[derive(Debug)]
pub struct Source {
    path: String,
    encoding: Encoding,
    text: String,
    error: Option<DecodeError>,
    index: OnceLock<Index>,
}

impl Source {
    /// Decodes `bytes`. `path` is the path as the user gave it, with `/` between its parts.
    ///
    /// # Errors
    /// The encoding is not one that wixlint reads, or the bytes are not valid in it.
    pub fn decode(path: impl Into<String>, bytes: Vec<u8>) -> Result<Source, Box<Undecodable>> {
        let (encoding, text, error) = encoding::decode(bytes);
        let source = Source { path: path.into(), encoding, text, error: error.clone(), index: OnceLock::new() };
        match error {
            None => Ok(source),
            Some(error) => Err(Box::new(Undecodable { source, error })),
        }
    }

    /// Decodes what names its encoding nowhere, as the sources of programs: UTF-8 or UTF-16, else windows-1252.
    pub fn decode_any(path: impl Into<String>, bytes: Vec<u8>) -> Source {
        let (encoding, text, error) = encoding::decode(bytes.clone());
        let (encoding, text) =
            if error.is_none() { (encoding, text) } else { (Encoding::Windows1252, encoding::western(&bytes)) };
        Source { path: path.into(), encoding, text, error: None, index: OnceLock::new() }
    }

    /// A text that an editor has open; it is UTF-8 until it is saved.
    pub fn of_text(path: impl Into<String>, text: String) -> Source {
        Source { path: path.into(), encoding: Encoding::Utf8 { bom: false }, text, error: None, index: OnceLock::new() }
    }

    /// Why the text ends where it does, if the file could not be decoded any further.
    pub fn error(&self) -> Option<&DecodeError> {
        self.error.as_ref()
    }

    /// The path as the user gave it, with `/` between its parts.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The decoded text, without the byte order mark.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Offset of the text's end.
    pub fn end(&self) -> u32 {
        self.text.len() as u32
    }

    pub fn encoding(&self) -> Encoding {
        self.encoding
    }

    /// The same file with another text.
    pub fn with_text(&self, text: String) -> Source {
        Source { path: self.path.clone(), encoding: self.encoding, text, error: None, index: OnceLock::new() }
    }

    /// The bytes that a file with this text has, in the encoding and with the byte order mark
    /// that the file came with.
    ///
    /// # Errors
    /// The first character that the encoding cannot express.
    pub fn encode(&self) -> Result<Vec<u8>, char> {
        encoding::encode(self.encoding, &self.text)
    }

    /// The part of a span that lies in the text, its ends moved back to the start of the character
    /// that they would cut.
    pub fn clamp(&self, span: Span) -> Span {
        let floor = |offset: u32| self.text.floor_char_boundary(offset as usize) as u32;
        let start = floor(span.start);
        Span { start, end: floor(span.end).max(start), ..span }
    }

    /// Offset into the file on disk of the character at `offset` in the text, in bytes.
    pub fn file_offset(&self, offset: u32) -> u64 {
        match self.encoding {
            Encoding::Utf8 { bom } => u64::from(offset) + if bom { 3 } else { 0 },
            Encoding::Utf16 { bom, .. } => 2 * (u64::from(self.units_before(offset)) + u64::from(bom)),
            Encoding::Windows1252 => u64::from(self.chars_before(offset)),
        }
    }

    /// The line and column of `offset` in the text.
    pub fn place(&self, offset: u32) -> Place {
        let line = self.line_of(offset);
        let start = self.line_start(line);
        Place { line: line + 1, column: self.chars_before(offset) - self.chars_before(start) + 1 }
    }

    /// 0-based number of the line that holds `offset`.
    pub fn line_of(&self, offset: u32) -> u32 {
        self.index().lines.partition_point(|&start| start <= offset).saturating_sub(1) as u32
    }

    /// Offset at which the 0-based `line` starts; the length of the text for a line past the end.
    pub fn line_start(&self, line: u32) -> u32 {
        self.index().lines.get(line as usize).copied().unwrap_or(self.text.len() as u32)
    }

    fn chars_before(&self, offset: u32) -> u32 {
        let (mark, rest) = self.mark_before(offset);
        mark.chars + rest.chars().count() as u32
    }

    /// UTF-16 code units before `offset` in the text.
    pub fn units_before(&self, offset: u32) -> u32 {
        let (mark, rest) = self.mark_before(offset);
        mark.units + rest.encode_utf16().count() as u32
    }

    /// The last mark at or before `offset`, and the text between the two.
    fn mark_before(&self, offset: u32) -> (Mark, &str) {
        let marks = &self.index().marks;
        let at = marks.partition_point(|mark| mark.offset <= offset).saturating_sub(1);
        let mark = marks.get(at).copied().unwrap_or_default();
        (mark, self.text.get(mark.offset as usize..offset as usize).unwrap_or_default())
    }

    fn index(&self) -> &Index {
        self.index.get_or_init(|| Index::new(&self.text))
    }
}

/// Where the lines start, and how many characters come before every so many bytes; made when the
/// first place of a file is asked for.
#[derive(Debug)]
struct Index {
    lines: Vec<u32>,
    marks: Vec<Mark>,
}

/// Characters and UTF-16 units before an offset. Marks keep columns cheap in a file of one line.
#[derive(Clone, Copy, Debug, Default)]
struct Mark {
    offset: u32,
    chars: u32,
    units: u32,
}

impl Index {
    const STEP: usize = 1024;

    fn new(text: &str) -> Index {
        let mut lines = vec![0];
        lines.extend(memchr::memchr_iter(b'\n', text.as_bytes()).map(|at| at as u32 + 1));
        let mut marks = vec![Mark::default()];
        let mut mark = Mark::default();
        while (mark.offset as usize) < text.len() {
            let start = mark.offset as usize;
            let end = text.ceil_char_boundary((start + Self::STEP).min(text.len()));
            let step = &text[start..end];
            mark.offset = end as u32;
            let chars = step.chars().count() as u32;
            mark.chars += chars;
            // Characters of four bytes, and only they, are two units.
            mark.units += chars + step.bytes().map(|byte| u32::from(byte >= 0xF0)).sum::<u32>();
            marks.push(mark);
        }
        Index { lines, marks }
    }
}

/// The files of a run, each under its [`FileId`].
#[derive(Clone, Debug, Default)]
pub struct Sources {
    files: Vec<Arc<Source>>,
    /// The first file of each path.
    paths: Arc<FxHashMap<String, FileId>>,
}

impl Sources {
    pub fn add(&mut self, source: Arc<Source>) -> FileId {
        let file = FileId(self.files.len() as u32);
        Arc::make_mut(&mut self.paths).entry(source.path().to_owned()).or_insert(file);
        self.files.push(source);
        file
    }

    /// The file of that path.
    pub fn find(&self, path: &str) -> Option<FileId> {
        self.paths.get(path).copied()
    }

    /// Puts another text in a file's place.
    pub fn replace(&mut self, file: FileId, source: Arc<Source>) {
        self.files[file.0 as usize] = source;
    }

    pub fn get(&self, file: FileId) -> &Source {
        &self.files[file.0 as usize]
    }

    /// The same file, shared.
    pub fn share(&self, file: FileId) -> Arc<Source> {
        self.files[file.0 as usize].clone()
    }

    /// The text of a span.
    pub fn text(&self, span: Span) -> &str {
        self.get(span.file).text().get(span.range()).unwrap_or_default()
    }

    /// Every file with its id, in the order in which they were added.
    pub fn iter(&self) -> impl Iterator<Item = (FileId, &Source)> {
        self.files.iter().enumerate().map(|(at, source)| (FileId(at as u32), &**source))
    }
}
