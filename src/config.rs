//! `wixlint.toml`: what a project tells wixlint about itself.
//!
//! ```toml
//! # Actions that read a property although no source shows it.
//! [reads]
//! JoinSession = ["MsiRestartManagerSessionKey"]
//! ```

use std::path::{Path, PathBuf};

use toml::de::{DeTable, DeValue};

/// The file's name.
pub const NAME: &str = "wixlint.toml";

/// What the file says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Config {
    /// Actions, each with the properties it is declared to read.
    pub reads: Vec<(String, Vec<String>)>,
}

/// Something wrong with the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigError {
    /// Byte range of the text.
    pub span: std::ops::Range<usize>,
    pub message: String,
}

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
                other => return Err(error(key.span(), format!("unknown key `{other}`; there is `reads`"))),
            }
        }
        Ok(config)
    }
}

fn reads(value: &toml::Spanned<DeValue<'_>>) -> Result<Vec<(String, Vec<String>)>, ConfigError> {
    let shape = "write it as a table: [reads], then JoinSession = [\"MsiRestartManagerSessionKey\"]";
    let table = value.get_ref().as_table().ok_or_else(|| error(value.span(), shape.to_owned()))?;
    let mut reads = Vec::new();
    for (action, properties) in table {
        let array = properties.get_ref().as_array().ok_or_else(|| error(properties.span(), shape.to_owned()))?;
        let names = array.iter().map(|name| match name.get_ref() {
            DeValue::String(name) => Ok(name.to_string()),
            _ => Err(error(name.span(), "a property's name is a text in quotes".to_owned())),
        });
        reads.push((action.get_ref().to_string(), names.collect::<Result<_, _>>()?));
    }
    Ok(reads)
}

fn error(span: std::ops::Range<usize>, message: String) -> ConfigError {
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
    fn mistakes_have_a_place() {
        for (text, place) in
            [("[raeds]\n", "raeds"), ("reads = 1", "1"), ("[reads]\nA = \"x\"", "\"x\""), ("[reads", "")]
        {
            let error = Config::parse(text).unwrap_err();
            assert!(text[error.span.clone()].contains(place), "{text}: {error:?}");
        }
    }
}
