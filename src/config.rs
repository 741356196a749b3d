//! `wixlint.toml`: what a project tells wixlint about itself.
//!
//! ```toml
//! wix = "v5"
//! exclude = ["generated/"]
//! require-ignore-reason = true
//!
//! [rules]
//! ambiguous-order = "warning"
//!
//! [[overrides]]
//! paths = ["legacy/**"]
//! rules = { sequence-cycle = "off" }
//!
//! [project]
//! include-dirs = ["shared"]
//! defines = { Edition = "Pro" }
//!
//! # Actions that read a property although no source shows it.
//! [reads]
//! JoinSession = ["MsiRestartManagerSessionKey"]
//!
//! # What the elements of an extension schedule that only this project knows.
//! [extensions."http://example.com/schemas/Agent"]
//! actions = [{ name = "StartAgent", table = "InstallExecuteSequence", after = "InstallFiles" }]
//! ```

mod extensions;
mod schema;

use std::ops::Range;
use std::path::{Path, PathBuf};

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::model::nearest;
use crate::policy::{Level, Levels, Patterns};
use crate::wix::{Extension, Generation};

pub use schema::schema;

/// The file's name.
pub const NAME: &str = "wixlint.toml";

/// A file to begin with: all that can be said, in comments.
pub const INITIAL: &str = include_str!("config/initial.toml");

/// The keys of the file, and of its tables.
const KEYS: &[&str] =
    &["wix", "exclude", "require-ignore-reason", "rules", "overrides", "project", "reads", "extensions"];
const PROJECT_KEYS: &[&str] = &["defines", "include-dirs"];
const OVERRIDE_KEYS: &[&str] = &["paths", "rules"];

/// What the file says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Config {
    /// Actions, each with the properties it is declared to read.
    pub reads: Vec<(String, Vec<String>)>,
    /// The toolset generation.
    pub wix: Option<Generation>,
    /// Preprocessor variables with their texts.
    pub defines: Vec<(String, String)>,
    /// Where includes are looked for, from the file's own directory.
    pub include_dirs: Vec<String>,
    pub extensions: Vec<Extension>,
    /// Patterns of paths that are left out, from the file's own directory.
    pub exclude: Vec<String>,
    pub rules: Levels,
    /// Patterns of paths, with what is said about rules there.
    pub overrides: Vec<(Vec<String>, Levels)>,
    /// A comment that silences a rule has to say why.
    pub requires_reason: bool,
}

/// Something wrong with the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigError {
    /// Byte range of the text.
    pub span: Range<usize>,
    pub message: String,
}

/// A value with its place.
type Value<'v> = Spanned<DeValue<'v>>;

impl Config {
    /// Reads the text of a configuration file. `rules` are the names that it may say something about.
    ///
    /// # Errors
    /// The first thing that is wrong with it: not TOML, an unknown key, a value of another type.
    pub fn parse(text: &str, rules: &[&'static str]) -> Result<Config, ConfigError> {
        let table = DeTable::parse(text).map_err(|error| ConfigError {
            span: error.span().unwrap_or_default(),
            message: error.message().to_owned(),
        })?;
        let mut config = Config::default();
        for (key, value) in table.get_ref() {
            match key.get_ref().as_ref() {
                "reads" => config.reads = reads(value)?,
                "wix" => config.wix = Some(one_of(value, &Generation::ALL, Generation::name)?),
                "project" => config.project(value)?,
                "extensions" => config.extensions = extensions::read(value)?,
                "exclude" => config.exclude = patterns(value, "write exclude = [\"generated/\"]")?,
                "require-ignore-reason" => config.requires_reason = flag(value)?,
                "rules" => config.rules = levels(value, rules)?,
                "overrides" => config.overrides = overrides(value, rules)?,
                other => return Err(unknown_key(key.span(), other, KEYS)),
            }
        }
        Ok(config)
    }

    fn project(&mut self, value: &Value<'_>) -> Result<(), ConfigError> {
        let shape = "write it as a table: [project], then defines = { NAME = \"value\" }";
        let table = value.get_ref().as_table().ok_or_else(|| error(value.span(), shape.to_owned()))?;
        for (key, value) in table {
            match key.get_ref().as_ref() {
                "defines" => self.defines = defines(value)?,
                "include-dirs" => self.include_dirs = texts(value, "write include-dirs = [\"shared\"]")?,
                other => return Err(unknown_key(key.span(), other, PROJECT_KEYS)),
            }
        }
        Ok(())
    }
}

fn defines(value: &Value<'_>) -> Result<Vec<(String, String)>, ConfigError> {
    let shape = "write defines = { NAME = \"value\" }; the value is a text in quotes";
    let table = value.get_ref().as_table().ok_or_else(|| error(value.span(), shape.to_owned()))?;
    let pairs = table.iter().map(|(name, text)| Ok((name.get_ref().to_string(), self::text(text, shape)?)));
    pairs.collect()
}

fn reads(value: &Value<'_>) -> Result<Vec<(String, Vec<String>)>, ConfigError> {
    let shape = "write it as a table: [reads], then JoinSession = [\"MsiRestartManagerSessionKey\"]";
    let table = value.get_ref().as_table().ok_or_else(|| error(value.span(), shape.to_owned()))?;
    table.iter().map(|(action, names)| Ok((action.get_ref().to_string(), texts(names, shape)?))).collect()
}

/// Rules with what is said about each.
fn levels(value: &Value<'_>, known: &[&'static str]) -> Result<Levels, ConfigError> {
    let shape = "write it as a table: [rules], then ambiguous-order = \"warning\"";
    let table = value.get_ref().as_table().ok_or_else(|| error(value.span(), shape.to_owned()))?;
    let pair = |(name, level): (&Spanned<_>, &Value<'_>)| {
        let name: &str = AsRef::<str>::as_ref(name.get_ref());
        Ok((name.to_owned(), one_of(level, &Level::ALL, Level::name)?))
    };
    let pairs = table.iter().map(|(name, level)| (name.span(), pair((name, level))));
    pairs
        .map(|(span, pair)| {
            let (name, level) = pair?;
            let rule = known.iter().find(|rule| **rule == name);
            rule.map(|rule| (*rule, level)).ok_or_else(|| {
                let near = nearest(&name, known.iter().copied());
                let hint =
                    near.map_or("`wixlint explain` lists them".to_owned(), |near| format!("did you mean `{near}`?"));
                error(span, format!("there is no rule `{name}`; {hint}"))
            })
        })
        .collect()
}

fn overrides(value: &Value<'_>, known: &[&'static str]) -> Result<Vec<(Vec<String>, Levels)>, ConfigError> {
    let shape =
        "write it as tables: [[overrides]], then paths = [\"legacy/**\"] and rules = { sequence-cycle = \"off\" }";
    let array = value.get_ref().as_array().ok_or_else(|| error(value.span(), shape.to_owned()))?;
    array
        .iter()
        .map(|one| {
            let table = one.get_ref().as_table().ok_or_else(|| error(one.span(), shape.to_owned()))?;
            let (mut paths, mut rules) = (None, None);
            for (key, value) in table {
                match key.get_ref().as_ref() {
                    "paths" => paths = Some(patterns(value, "write paths = [\"legacy/**\"]")?),
                    "rules" => rules = Some(levels(value, known)?),
                    other => return Err(unknown_key(key.span(), other, OVERRIDE_KEYS)),
                }
            }
            paths.zip(rules).ok_or_else(|| error(one.span(), "an override has `paths` and `rules`".to_owned()))
        })
        .collect()
}

/// A list of patterns of paths.
fn patterns(value: &Value<'_>, shape: &str) -> Result<Vec<String>, ConfigError> {
    let patterns = texts(value, shape)?;
    match Patterns::new(&patterns, "", "") {
        Ok(_) => Ok(patterns),
        Err((at, reason)) => {
            let place = value.get_ref().as_array().and_then(|array| array.get(at)).map_or(value.span(), Spanned::span);
            Err(error(place, format!("the pattern cannot be understood: {reason}")))
        }
    }
}

fn flag(value: &Value<'_>) -> Result<bool, ConfigError> {
    match value.get_ref() {
        DeValue::Boolean(flag) => Ok(*flag),
        _ => Err(error(value.span(), "it is `true` or `false`".to_owned())),
    }
}

fn unknown_key(span: Range<usize>, key: &str, known: &'static [&'static str]) -> ConfigError {
    let hint = match nearest(key, known.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("there are `{}`", known.join("`, `")),
    };
    error(span, format!("unknown key `{key}`; {hint}"))
}

/// A list of texts; `shape` is how to write it.
fn texts(value: &Value<'_>, shape: &str) -> Result<Vec<String>, ConfigError> {
    let array = value.get_ref().as_array().ok_or_else(|| error(value.span(), shape.to_owned()))?;
    array.iter().map(|one| text(one, shape)).collect()
}

fn text(value: &Value<'_>, shape: &str) -> Result<String, ConfigError> {
    match value.get_ref() {
        DeValue::String(text) => Ok(text.to_string()),
        _ => Err(error(value.span(), shape.to_owned())),
    }
}

/// The one of `all` that the text names.
fn one_of<T: Copy>(value: &Value<'_>, all: &[T], name: impl Fn(T) -> &'static str) -> Result<T, ConfigError> {
    let names: Vec<String> = all.iter().map(|&one| format!("\"{}\"", name(one))).collect();
    let shape = format!("there are {}", names.join(", "));
    let text = text(value, &shape)?;
    all.iter().copied().find(|&one| name(one) == text).ok_or_else(|| error(value.span(), shape))
}

fn error(span: Range<usize>, message: String) -> ConfigError {
    ConfigError { span, message }
}

/// The nearest configuration file at or above `directory`.
pub fn find(directory: &Path) -> Option<PathBuf> {
    places(directory).into_iter().find(|path| path.is_file())
}

/// Where a configuration for the sources of a directory would lie, the nearest first.
pub fn places(directory: &Path) -> Vec<PathBuf> {
    // The current directory is spelled as nothing where a path has no directory.
    let directory = if directory.as_os_str().is_empty() { Path::new(".") } else { directory };
    let Ok(directory) = std::path::absolute(directory) else { return Vec::new() };
    directory.ancestors().map(|directory| directory.join(NAME)).collect()
}

#[cfg(test)]
mod tests {
    use super::Config;

    #[test]
    fn readers_are_declared_by_action() {
        let config = Config::parse("[reads]\nJoin = [\"Key\", 'Other']\n", &[]).unwrap();
        assert_eq!(config.reads, [("Join".to_owned(), vec!["Key".to_owned(), "Other".to_owned()])]);
    }

    #[test]
    fn variables_are_declared_by_name() {
        let config = Config::parse("[project.defines]\nEdition = \"Pro\"\n", &[]).unwrap();
        assert_eq!(config.defines, [("Edition".to_owned(), "Pro".to_owned())]);
    }

    #[test]
    fn mistakes_have_a_place() {
        let action = |rest: &str| format!("[extensions.\"urn:a\"]\nactions = [{{ name = \"A\", {rest} }}]");
        let table = "table = \"InstallExecuteSequence\"";
        for (text, place) in [
            ("[raeds]\n".to_owned(), "raeds"),
            ("[rules]\nsequence-cicle = \"off\"".to_owned(), "sequence-cicle"),
            ("[rules]\nsequence-cycle = \"fatal\"".to_owned(), "fatal"),
            ("exclude = [\"a\", \"{b\"]".to_owned(), "{b"),
            ("require-ignore-reason = \"yes\"".to_owned(), "yes"),
            ("[[overrides]]\npaths = [\"a\"]".to_owned(), "overrides"),
            ("[[overrides]]\npath = [\"a\"]".to_owned(), "path"),
            ("reads = 1".to_owned(), "1"),
            ("[reads]\nA = \"x\"".to_owned(), "\"x\""),
            ("[reads".to_owned(), ""),
            ("wix = \"v8\"".to_owned(), "v8"),
            ("[project]\nwix = \"v3\"".to_owned(), "wix"),
            ("[project]\ndefines = { A = 1 }".to_owned(), "1"),
            ("[extensions]\nactions = []".to_owned(), "[]"),
            (action("table = \"Execute\", after = \"B\""), "Execute"),
            (action(table), "name = \"A\""),
            (action("after = \"B\""), "name = \"A\""),
            (action(&format!("{table}, after = \"B\", before = \"C\"")), "before"),
            (action(&format!("{table}, sequence = 40000")), "40000"),
            (action(&format!("{table}, after = \"B\", when = \"C\"")), "when"),
        ] {
            let error = Config::parse(&text, &["sequence-cycle"]).unwrap_err();
            assert!(text[error.span.clone()].contains(place), "{text}: {error:?}");
        }
    }
}
