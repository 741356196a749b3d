//! The JSON schema of the configuration, for editors.

use serde_json::{Map, Value, json};

use crate::msi::Table;
use crate::policy::Level;
use crate::wix::Generation;

/// The schema, as it is kept in `src/config/wixlint.schema.json`; `known` are the rules with what each finds.
pub fn schema(known: &[(&str, &str)]) -> String {
    let texts = json!({ "type": "array", "items": { "type": "string" } });
    let object =
        |properties: Value| json!({ "type": "object", "additionalProperties": false, "properties": properties });
    let described = |mut schema: Value, description: &str| {
        schema["description"] = description.into();
        schema
    };
    let mut action = object(json!({
        "name": { "type": "string" },
        "table": { "enum": Table::ALL.map(Table::name) },
        "before": { "type": "string" },
        "after": { "type": "string" },
        "sequence": { "type": "integer", "minimum": 1, "maximum": 32767 },
        "condition": { "type": "string" },
        "element": { "type": "string" },
    }));
    action["required"] = json!(["name", "table"]);
    action["oneOf"] = ["before", "after", "sequence"].iter().map(|place| json!({ "required": [place] })).collect();
    let all_rules = json!({ "$ref": "#/definitions/rules" });
    let mut one = object(json!({ "paths": texts, "rules": all_rules }));
    one["required"] = json!(["paths", "rules"]);
    let mut schema = object(json!({
        "wix": described(json!({ "enum": Generation::ALL.map(Generation::name) }), "The generation of the toolset."),
        "exclude": described(texts.clone(), "Patterns of paths that are left out, as .gitignore spells them."),
        "require-ignore-reason": { "type": "boolean", "description": "A comment that silences a rule has to say why." },
        "rules": all_rules,
        "overrides": described(json!({ "type": "array", "items": one }), "What is said about rules in some files."),
        "project": described(
            object(json!({
                "defines": { "type": "object", "additionalProperties": { "type": "string" } },
                "include-dirs": texts,
            })),
            "How the sources are built.",
        ),
        "reads": described(
            json!({ "type": "object", "additionalProperties": texts }),
            "Custom actions with the properties that they read although no source shows it.",
        ),
        "extensions": described(
            json!({
                "type": "object",
                "additionalProperties": object(json!({ "actions": { "type": "array", "items": action } })),
            }),
            "Namespaces of extensions with what their elements schedule.",
        ),
    }));
    schema["definitions"] = json!({
        "level": { "enum": Level::ALL.map(Level::name) },
        "rules": described(rules(known), "Rules with what is said about each."),
    });
    schema["$schema"] = "http://json-schema.org/draft-07/schema#".into();
    schema["title"] = "wixlint.toml".into();
    // A value of texts and numbers can always be written.
    serde_json::to_string_pretty(&schema).unwrap_or_default() + "\n"
}

/// A table of rules.
fn rules(known: &[(&str, &str)]) -> Value {
    let rule = |(name, summary): &(&str, &str)| {
        ((*name).to_owned(), json!({ "description": summary, "allOf": [{ "$ref": "#/definitions/level" }] }))
    };
    let all: Map<String, Value> = known.iter().map(rule).collect();
    json!({ "type": "object", "additionalProperties": false, "properties": all })
}
