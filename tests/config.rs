//! The configuration's schema and the file to begin with, against what is read.

use std::fs;
use std::path::Path;

use wixlint::config::{Config, INITIAL, schema};
use wixlint::rules::{RULES, names};

fn rules() -> Vec<(&'static str, &'static str)> {
    RULES.iter().map(|rule| (rule.name, rule.summary())).collect()
}

/// `WIXLINT_RECORD=1 cargo test --test config` writes the schema anew.
#[test]
fn the_schema_is_the_one_that_is_kept() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/config/wixlint.schema.json");
    if std::env::var_os("WIXLINT_RECORD").is_some() {
        fs::write(&path, schema(&rules())).unwrap();
    }
    let is_kept = fs::read_to_string(path).unwrap().replace("\r\n", "\n") == schema(&rules());
    assert!(is_kept, "WIXLINT_RECORD=1 cargo test --test config writes the schema anew");
}

#[test]
fn the_first_file_says_nothing_until_it_is_uncommented() {
    assert_eq!(Config::parse(INITIAL, &names()).unwrap(), Config::default());
    let is_said = |line: &&str| !line.starts_with("# ") || line.contains(" = ") || line.starts_with("# [");
    let said: Vec<&str> = INITIAL.lines().filter(is_said).map(|line| line.trim_start_matches("# ")).collect();
    let config = Config::parse(&said.join("\n"), &names()).unwrap();
    assert_eq!(config.exclude, ["generated/"]);
    assert!(config.requires_reason && config.rules.len() == 1 && config.overrides.len() == 1);
    assert!(config.wix.is_some() && config.reads.len() == 1 && config.extensions.len() == 1);
    assert!(config.defines.len() == 1 && config.include_dirs.len() == 1);
}
