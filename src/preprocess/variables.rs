//! Variables and the replacement of `$(…)`.

use std::borrow::Cow;
use std::cell::{Cell, RefCell};

use rustc_hash::{FxHashMap, FxHashSet};

use super::expansion::Context;
use super::mistake::MistakeKind;
use super::{Assumed, Assumptions, Namespace, Options, Origin, Platform, Value};
use crate::source::Span;
use crate::syntax;

/// Variables may make a text so much longer; one that they make longer still is taken for unknown.
pub(super) const MAX_GROWTH: usize = 1 << 20;
/// In all they may make so much text of a file; from then on every text with variables is unknown.
pub(super) const MAX_GROWN: usize = 64 << 20;

/// The text of a variable.
#[derive(Clone, Debug)]
enum Text {
    Known(String),
    /// It depends on variables that nothing defines, which stand in it as they are written.
    Open(String),
    /// The variable is defined, with a text that nobody knows.
    Unknown,
    /// Taken back with `<?undef?>`.
    Gone,
}

/// What stands for `$(NAME)`.
pub(super) enum Found<'v> {
    Text(Cow<'v, str>),
    Open(&'v str),
    /// Nothing in the sources gives it a text: its name, as worlds know it.
    Free(String),
    Gone(String),
}

/// How the names in a text are looked up.
pub(super) type Find<'f, 'v> = &'f dyn Fn(&str) -> Found<'v>;

/// What a name means in a text that is open: all that the sources defined was put in when the text was
/// made, so what is left is what they did not. A variable may have been given that very name since.
pub(super) fn root<'v>(name: &str) -> Found<'v> {
    Found::Free(name.strip_prefix("var.").unwrap_or(name).to_owned())
}

/// The variables of one file and what it includes.
#[derive(Debug)]
pub struct Variables {
    defined: FxHashMap<String, Text>,
    /// What the world takes for true of variables that nothing defines.
    assumed: Assumptions,
    /// Those of them that were asked for. Values are expanded while their elements are being handled,
    /// where the variables are borrowed.
    asked: RefCell<FxHashSet<String>>,
    /// What was wrong with `$(…)` in values.
    mistakes: RefCell<Vec<MistakeKind>>,
    /// How many bytes replaced variables have made so far.
    grown: Cell<usize>,
    /// The file that the text stands in, also inside an include.
    path: String,
    /// The namespace of the outermost element, which decides how references are read.
    pub(super) dialect: Namespace,
    platform: Platform,
    platform_is_given: bool,
    /// Whether the platform was asked for although nobody has said it.
    guessed: Cell<bool>,
    wix_major: Option<u32>,
    /// Where the directories are that variables hold, whatever their texts.
    pub(super) places: FxHashMap<String, String>,
}

impl Variables {
    pub(super) fn new(options: &Options, path: &str, assumed: Assumptions) -> Variables {
        let text = |text: &Option<String>| text.clone().map_or(Text::Unknown, Text::Known);
        Variables {
            defined: options.defines.iter().map(|(name, given)| (name.clone(), text(given))).collect(),
            assumed,
            asked: RefCell::default(),
            mistakes: RefCell::default(),
            grown: Cell::new(0),
            path: path.to_owned(),
            dialect: Namespace::Absent,
            platform: options.platform,
            platform_is_given: options.platform_is_given,
            guessed: Cell::new(false),
            wix_major: options.wix_major,
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

    /// Whether the platform was asked for although nobody has said it.
    pub(super) fn guesses_platform(&self) -> bool {
        self.guessed.get()
    }

    /// Whether variables have made more text than they may.
    pub(super) fn is_spent(&self) -> bool {
        self.grown.get() > MAX_GROWN
    }

    /// Counts text that a variable has made.
    pub(super) fn spend(&self, bytes: usize) {
        self.grown.set(self.grown.get().saturating_add(bytes));
    }

    /// What is assumed by now, and which variables that nothing defines were asked for.
    pub(super) fn into_assumed(self) -> (Assumptions, FxHashSet<String>) {
        (self.assumed, self.asked.into_inner())
    }

    /// What was wrong with references since the last call.
    pub(super) fn take_mistakes(&mut self) -> Vec<MistakeKind> {
        std::mem::take(self.mistakes.get_mut())
    }

    /// `NAME = VALUE`, as `<?define?>` has it: one pair of quotes is dropped, the value is expanded now. An
    /// equals sign without anything behind it belongs to the name.
    pub(super) fn define(&mut self, content: &str) {
        let pair = content.split_once('=').filter(|(name, value)| !name.trim().is_empty() && !value.is_empty());
        let (name, value) = pair.unwrap_or((content, ""));
        let trimmed = value.trim();
        // A value of blanks keeps the last one.
        let blanks = if trimmed.is_empty() && !value.is_empty() { " " } else { trimmed };
        let value = unquote(blanks);
        let text = match self.replace(value, Form::Expanded) {
            Replaced { unknown: true, .. } => Text::Open(self.replace(value, Form::Written).text),
            Replaced { text, .. } => Text::Known(text),
        };
        let name = name.trim();
        self.defined.insert(name.strip_prefix("var.").unwrap_or(name).to_owned(), text);
    }

    /// Takes a variable back. One that nothing defines has to be defined for that.
    pub(super) fn undefine(&mut self, content: &str) {
        let name = self.replace(content.trim(), Form::Expanded).text;
        let name = name.strip_prefix("var.").unwrap_or(&name);
        if !self.defined.contains_key(name) {
            self.asked.get_mut().insert(name.to_owned());
            self.assumed.entry(name.to_owned()).or_insert(Assumed::Defined);
        }
        self.defined.insert(name.to_owned(), Text::Gone);
    }

    /// Gives the variable of a loop its value; `None`: nobody knows it.
    pub(super) fn set(&mut self, name: &str, value: Option<&str>) {
        let text = value.map_or(Text::Unknown, |value| Text::Known(value.to_owned()));
        self.defined.insert(name.to_owned(), text);
    }

    /// Adds to what the world takes for true.
    pub(super) fn assume(&mut self, assumed: impl IntoIterator<Item = (String, Assumed)>) {
        self.assumed.extend(assumed);
    }

    pub(super) fn assumed(&self, name: &str) -> Option<&Assumed> {
        self.assumed.get(name)
    }

    /// Takes note that a variable was asked for that nothing defines.
    pub(super) fn ask(&self, name: &str) {
        if !self.asked.borrow().contains(name) {
            self.asked.borrow_mut().insert(name.to_owned());
        }
    }

    /// What an evaluation of a condition sees of the variables.
    pub(super) fn context<'c>(&'c self, guesses: &'c [(String, String)]) -> Context<'c> {
        Context { variables: self, dialect: self.dialect, guesses }
    }

    /// Whether `<?ifdef?>` finds the variable; an error is the name that no source decides about. A
    /// reference is a name to v4 and later, and never defined to v3. A name with a dot is tried as a
    /// prefix with a name first.
    pub(super) fn is_defined(&self, content: &str) -> Result<bool, String> {
        let mut name = content.trim();
        if let Some(inner) = name.strip_prefix("$(") {
            if self.dialect == Namespace::V3 {
                return Ok(false);
            }
            name = inner.strip_suffix(')').unwrap_or(inner);
        }
        match self.find(name) {
            Found::Text(_) | Found::Open(_) => Ok(true),
            Found::Gone(_) => Ok(false),
            Found::Free(name) if matches!(self.defined.get(&name), Some(Text::Unknown)) => Ok(true),
            Found::Free(name) if name.starts_with("sys.") => Ok(name == "sys.CURRENTDIR"),
            Found::Free(name) => Err(name),
        }
    }

    /// What stands for `$(name)`.
    pub(super) fn find(&self, name: &str) -> Found<'_> {
        if let Some(text) = self.system(name) {
            return Found::Text(text);
        }
        let plain = name.strip_prefix("var.").unwrap_or(name);
        match self.defined.get(plain) {
            Some(Text::Known(text)) => Found::Text(Cow::Borrowed(text)),
            Some(Text::Open(text)) => Found::Open(text),
            Some(Text::Gone) => Found::Gone(plain.to_owned()),
            Some(Text::Unknown) | None => Found::Free(plain.to_owned()),
        }
    }

    /// What the toolset itself knows.
    fn system(&self, name: &str) -> Option<Cow<'_, str>> {
        let later = self.dialect != Namespace::V3;
        let name = name.strip_prefix("sys.")?;
        self.guessed.set(
            self.guessed.get()
                || (!self.platform_is_given && matches!(name, "PLATFORM" | "BUILDARCH" | "BUILDARCHSHORT")),
        );
        match name {
            "SOURCEFILEPATH" => Some(Cow::Borrowed(&self.path)),
            "SOURCEFILEDIR" => Some(Cow::Owned(
                self.path.rsplit_once('/').map_or(String::new(), |(directory, _)| format!("{directory}/")),
            )),
            "BUILDARCH" | "PLATFORM" => Some(Cow::Borrowed(self.platform.name())),
            "BUILDARCHSHORT" if later => Some(Cow::Borrowed(self.platform.short_name())),
            "WIXMAJORVERSION" if later => self.wix_major.map(|major| Cow::Owned(major.to_string())),
            _ => None,
        }
    }

    /// Whether a text is known for `$(name)`.
    pub(super) fn is_known(&self, name: &str) -> bool {
        matches!(self.find(name), Found::Text(_))
    }

    /// `text` with its variables replaced; `None` when one of them is not known.
    pub(super) fn expand(&self, text: &str) -> Option<String> {
        let replaced = self.replace(text, Form::Expanded);
        (!replaced.unknown).then_some(replaced.text)
    }

    /// `text` with its variables replaced as far as they are known. It is a message, on which nothing
    /// depends: it may well name a platform that is only guessed.
    pub(super) fn shown(&self, text: &str) -> String {
        let guessed = self.guessed.get();
        let shown = self.replace(text, Form::Expanded).text;
        self.guessed.set(guessed);
        shown
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
        let replaced = self.replace(&text, Form::Expanded);
        let origin = match () {
            () if replaced.unknown => Origin::Unknown,
            () if replaced.any => Origin::Expanded,
            () => Origin::Literal,
        };
        Value { text: if origin == Origin::Literal { text } else { Cow::Owned(replaced.text) }, span, origin }
    }

    fn replace(&self, text: &str, form: Form) -> Replaced {
        self.replace_by(&|name| self.find(name), text, form)
    }

    fn replace_by<'v>(&'v self, find: Find<'_, 'v>, text: &str, form: Form) -> Replaced {
        let mut done = Replaced { text: String::with_capacity(text.len()), any: false, unknown: false };
        let mut rest = text;
        while let Some(at) = memchr::memchr(b'$', rest.as_bytes()) {
            if done.text.len() > text.len() + MAX_GROWTH || self.is_spent() {
                return Replaced { text: text.to_owned(), any: true, unknown: true };
            }
            done.text.push_str(&rest[..at]);
            let after = &rest[at + 1..];
            rest = match (after.strip_prefix('$'), reference_length(after)) {
                (Some(escaped), _) => {
                    done.push("$", form);
                    escaped
                }
                (None, Some(length)) => {
                    let before = done.text.len();
                    self.put(find, &after[1..length - 1], form, &mut done);
                    self.spend(done.text.len() - before);
                    &after[length..]
                }
                (None, None) => {
                    if let Some(rest) = after.strip_prefix('(') {
                        self.mistakes.borrow_mut().push(MistakeKind::NoVariable(rest.to_owned()));
                    }
                    done.text.push('$');
                    after
                }
            };
        }
        done.text.push_str(rest);
        done
    }

    /// Writes what stands for `$(name)`, or the reference itself where nobody knows it. A localization
    /// variable is none of the preprocessor's.
    fn put<'v>(&'v self, find: Find<'_, 'v>, name: &str, form: Form, done: &mut Replaced) {
        if is_illegal(name, self.dialect) {
            self.mistakes.borrow_mut().push(MistakeKind::NoVariable(name.to_owned()));
            done.unknown = true;
        } else if !name.starts_with("loc.") {
            match find(name) {
                Found::Text(text) => return done.push(&text, form),
                Found::Open(text) if form == Form::Written => {
                    done.any = true;
                    done.unknown = true;
                    return done.text.push_str(text);
                }
                Found::Open(text) => {
                    let inner = self.replace_by(&root, text, form);
                    done.unknown |= inner.unknown;
                    return done.push(&inner.text, form);
                }
                Found::Gone(name) => self.mistakes.borrow_mut().push(MistakeKind::Undefined(name)),
                Found::Free(root) => {
                    self.ask(&root);
                    if let (Form::Expanded, Some(Assumed::Exactly(text))) = (form, self.assumed.get(&root)) {
                        return done.push(text, form);
                    }
                }
            }
            done.unknown = true;
        }
        done.text.push_str("$(");
        done.text.push_str(name);
        done.text.push(')');
    }
}

/// What becomes of dollar signs that are text.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    /// They are themselves.
    Expanded,
    /// They are doubled, so that the text can be expanded again when more is known.
    Written,
}

struct Replaced {
    text: String,
    any: bool,
    unknown: bool,
}

impl Replaced {
    fn push(&mut self, text: &str, form: Form) {
        self.any = true;
        match form {
            Form::Written if text.contains('$') => self.text.push_str(&text.replace('$', "$$")),
            _ => self.text.push_str(text),
        }
    }
}

/// Whether the toolset refuses `$(name)` whatever is defined: v3 wants a prefix.
pub(super) fn is_illegal(name: &str, dialect: Namespace) -> bool {
    match name.split_once('.') {
        None => dialect == Namespace::V3 || name.is_empty() || name.contains('('),
        Some((prefix, name)) => prefix.is_empty() || name.is_empty(),
    }
}

/// The text without one pair of quotes around it.
pub(super) fn unquote(text: &str) -> &str {
    for quote in ['"', '\''] {
        if let Some(inner) = text.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote)) {
            return inner;
        }
    }
    text
}

/// Length in bytes of `(…)` at the start of `text`, both parentheses included; they may be nested, as in
/// `$(env.ProgramFiles(x86))`.
pub fn reference_length(text: &str) -> Option<usize> {
    let mut depth = 0usize;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'(' => depth += 1,
            _ if depth == 0 => return None,
            b')' if depth == 1 => return Some(at + 1),
            b')' => depth -= 1,
            _ => {}
        }
    }
    None
}
