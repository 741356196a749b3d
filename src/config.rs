//! `wixlint.toml`: what a project tells wixlint about itself.
//!
//! ```toml
//! wix = "v5"
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

use std::ops::Range;
use std::path::{Path, PathBuf};

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::wix::{Extension, Generation};

/// The file's name.
pub const NAME: &str = "wixlint.toml";

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
    /// Reads the text of a configuration file.
    ///
    /// # Errors
    /// The first thing that is wrong with it: not TOML, an unknown key, a value of another type.
    pub fn parse(text: &str) -> Result<Config, ConfigError> {
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
                other => {
                    let known = "there are `wix`, `project`, `reads` and `extensions`";
                    return Err(error(key.span(), format!("unknown key `{other}`; {known}")));
                }
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
                other => {
                    let known = "there are `defines` and `include-dirs`";
                    return Err(error(key.span(), format!("unknown key `{other}`; {known}")));
                }
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
    // The current directory is spelled as nothing where a path has no directory.
    let directory = if directory.as_os_str().is_empty() { Path::new(".") } else { directory };
    let directory = std::path::absolute(directory).ok()?;
    directory.ancestors().map(|directory| directory.join(NAME)).find(|path| path.is_file())
}

#[cfg(test)]
mod tests {
    use super::Config;

    #[test]
    fn readers_are_declared_by_action() {
        let config = Config::parse("[reads]\nJoin = [\"Key\", 'Other']\n").unwrap();
        assert_eq!(config.reads, [("Join".to_owned(), vec!["Key".to_owned(), "Other".to_owned()])]);
    }

    #[test]
    fn variables_are_declared_by_name() {
        let config = Config::parse("[project.defines]\nEdition = \"Pro\"\n").unwrap();
        assert_eq!(config.defines, [("Edition".to_owned(), "Pro".to_owned())]);
    }

    #[test]
    fn mistakes_have_a_place() {
        let action = |rest: &str| format!("[extensions.\"urn:a\"]\nactions = [{{ name = \"A\", {rest} }}]");
        let table = "table = \"InstallExecuteSequence\"";
        for (text, place) in [
            ("[raeds]\n".to_owned(), "raeds"),
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
            let error = Config::parse(&text).unwrap_err();
            assert!(text[error.span.clone()].contains(place), "{text}: {error:?}");
        }
    }
}
