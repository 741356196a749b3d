//! What takes bytes of strangers, each as a function that fails when a promise is broken: for the fuzzer, which
//! makes up bytes, and for `tests/fuzz.rs`, which replays those that were once too much.

mod promises;
mod reader;

use std::collections::BTreeSet;

use wixlint::code::{Call, Code, Language, Request, inline_script};
use wixlint::msi::{condition, formatted};
use wixlint::preprocess::{self, Element, Handler, Leaning, Options, Value, World};
use wixlint::project::Settings;
use wixlint::source::{Source, Sources, Span};

use promises::Memory;

/// The name of a fuzz target and of the folder with its regression cases, and what it runs.
pub(crate) type Target = (&'static str, fn(&[u8]));

pub(crate) const TARGETS: [Target; 6] = [
    ("reader", reader),
    ("preprocessor", preprocessor),
    ("condition", condition),
    ("formatted", formatted),
    ("code", code),
    ("fix", fix),
];

/// XML of any kind.
fn reader(data: &[u8]) {
    let (Ok(source) | Err(source)) = Source::decode("a.wxs", data.to_vec()).map_err(|bad| bad.source);
    reader::check(source.text());
}

/// A source, and what it may include.
fn preprocessor(data: &[u8]) {
    let memory = files(data, "a.wxs");
    let Some((path, bytes)) = memory.0.first().cloned() else { return };
    for leaning in [Leaning::First, Leaning::Second] {
        let Ok(source) = Source::decode(path.clone(), bytes.clone()) else { return };
        let mut sources = Sources::default();
        let file = sources.add(source.into());
        let world = World { leaning, ..World::default() };
        let mut balance = Balance::default();
        let outcome = preprocess::run(file, world, &Options::default(), &memory, &mut sources, &mut balance);
        assert_eq!(balance.open, 0);
        let errors = outcome.errors.iter().map(|error| error.span);
        let mistakes = outcome.mistakes.iter().map(|mistake| mistake.span);
        let notes = outcome.notes.iter().filter_map(|note| note.span);
        for span in balance.spans.into_iter().chain(errors).chain(mistakes).chain(notes) {
            assert!(sources.get(span.file).text().get(span.range()).is_some(), "{span:?}");
        }
    }
}

/// Counts the open elements, and asks for all that can be asked for.
#[derive(Default)]
struct Balance {
    open: usize,
    spans: Vec<Span>,
}

impl Handler for Balance {
    fn start(&mut self, element: &Element<'_>) {
        self.open += 1;
        self.spans.push(element.span);
        for name in element.attribute_names().collect::<Vec<_>>() {
            self.spans.extend(element.get(name).map(|value| value.span));
        }
        element.extension_attributes().for_each(drop);
    }

    fn end(&mut self) {
        self.open = self.open.checked_sub(1).expect("an end without a start");
    }

    fn wants_text(&self) -> bool {
        true
    }

    fn text(&mut self, text: Value<'_>) {
        self.spans.push(text.span);
    }

    fn comment(&mut self, _: &str, span: Span) {
        self.spans.push(span);
    }
}

/// A condition of Windows Installer.
fn condition(data: &[u8]) {
    let text = &*String::from_utf8_lossy(data);
    match condition::parse(text) {
        // What it is understood to say reads the same again.
        Ok(Some(expression)) => {
            let shown = expression.to_string();
            let again = condition::parse(&shown).expect("a condition that was understood");
            assert_eq!(again.map(|again| again.to_string()).as_deref(), Some(&*shown), "{text:?}");
            expression.comparisons();
        }
        Ok(None) => assert!(text.trim().is_empty(), "{text:?}"),
        Err(error) => assert!(text.get(error.offset..).is_some(), "{text:?}"),
    }
    for (at, name) in condition::properties(text) {
        assert!(text[at..].starts_with(name), "{text:?}");
    }
}

/// Formatted text of Windows Installer.
fn formatted(data: &[u8]) {
    let text = &*String::from_utf8_lossy(data);
    for (at, reference) in formatted::references(text) {
        assert!(text.get(at..).is_some(), "{reference:?} of {text:?}");
    }
    for (at, name) in formatted::properties(text) {
        assert!(text[at..].starts_with(name), "{text:?}");
    }
}

/// Files of a program, and scripts. What seems to be called in them is taken for entry points.
fn code(data: &[u8]) {
    /// So many entry points are tried.
    const MOST: usize = 4;
    let memory = files(data, "a.cs");
    let mut entries = BTreeSet::new();
    for (path, bytes) in &memory.0 {
        let source = Source::decode_any(&**path, bytes.clone());
        let text = source.text();
        let language = if path.ends_with(".js") { Language::JScript } else { Language::VbScript };
        let is_script = path.ends_with(".js") || path.ends_with(".vbs");
        let called = text.match_indices('(').filter_map(|(at, _)| {
            let before = text[..at].trim_end();
            before.rsplit(|c: char| !c.is_alphanumeric() && c != '_').next().filter(|word| !word.is_empty())
        });
        for entry in called.take(MOST) {
            if is_script {
                for language in [Some(language), None] {
                    for (start, len, _) in inline_script(text, language, Some(entry)).reads {
                        assert!(text.get(start..start + len).is_some(), "{entry} of {text:?}");
                    }
                }
            } else {
                entries.insert(entry.to_owned());
            }
        }
    }
    let request = |entry: String| Request {
        call: Call { stream: "S".to_owned(), entry: Some(entry), script: None },
        paths: vec!["s.dll".to_owned()],
        directory: String::new(),
    };
    let requests: Vec<Request> = entries.into_iter().take(MOST).map(request).collect();
    let mut sources = Sources::default();
    let found = Code::look(requests.clone(), &["MsiRestartManagerSessionKey"], &memory, &mut sources);
    for called in requests.iter().filter_map(|request| found.called(&request.call)) {
        let reads = called.reads.iter().flat_map(|read| read.through.iter().chain([&read.span]));
        for span in reads.chain(&called.costs).chain(&called.entry) {
            assert!(sources.get(span.file).text().get(span.range()).is_some(), "{span:?}");
        }
    }
}

/// A whole project, checked and fixed.
fn fix(data: &[u8]) {
    promises::check(&files(data, "a.wxs"), &Settings::default());
}

/// Several files in one: each begins behind a line `==== PATH`; what has no such line is one file.
fn files(data: &[u8], only: &str) -> Memory {
    const MARK: &[u8] = b"==== ";
    if !data.starts_with(MARK) {
        return Memory(vec![(only.to_owned(), data.to_vec())]);
    }
    let mut files: Vec<(String, Vec<u8>)> = Vec::new();
    for line in data.split_inclusive(|&byte| byte == b'\n') {
        match (line.strip_prefix(MARK), files.last_mut()) {
            (Some(path), _) => files.push((String::from_utf8_lossy(path).trim().to_owned(), Vec::new())),
            (None, Some((_, bytes))) => bytes.extend_from_slice(line),
            (None, None) => {}
        }
    }
    Memory::new(files)
}
