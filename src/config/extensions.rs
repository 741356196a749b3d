//! `[extensions]`: what the elements of an extension schedule that only a project knows.

use toml::de::DeValue;

use super::{ConfigError, Value, error, one_of, text};
use crate::msi::Table;
use crate::wix::{Extension, ExtensionAction, ExtensionPlace};

/// The numbers that a sequence table holds.
const NUMBERS: std::ops::RangeInclusive<i32> = 1..=32767;

pub(super) fn read(value: &Value<'_>) -> Result<Vec<Extension>, ConfigError> {
    let shape =
        "write a table for each namespace: [extensions.\"http://example.com/schemas/Agent\"], then actions = […]";
    let table = value.get_ref().as_table().ok_or_else(|| error(value.span(), shape.to_owned()))?;
    table
        .iter()
        .map(|(namespace, content)| {
            let content = content.get_ref().as_table().ok_or_else(|| error(content.span(), shape.to_owned()))?;
            let mut actions = Vec::new();
            for (key, value) in content {
                if key.get_ref().as_ref() != "actions" {
                    let message = format!("unknown key `{}`; there is `actions`", key.get_ref());
                    return Err(error(key.span(), message));
                }
                let shape = "write actions = [{ name = \"StartAgent\", table = \"InstallExecuteSequence\", after = \"InstallFiles\" }]";
                let array = value.get_ref().as_array().ok_or_else(|| error(value.span(), shape.to_owned()))?;
                actions = array.iter().map(action).collect::<Result<_, _>>()?;
            }
            Ok(Extension { namespace: namespace.get_ref().to_string(), actions })
        })
        .collect()
}

fn action(value: &Value<'_>) -> Result<ExtensionAction, ConfigError> {
    let shape = "an action has a `name`, a `table`, and one of `before`, `after` and `sequence`";
    let table = value.get_ref().as_table().ok_or_else(|| error(value.span(), shape.to_owned()))?;
    let (mut name, mut in_table, mut place, mut condition, mut element) = (None, None, None, None, None);
    for (key, value) in table {
        let key_name = key.get_ref().as_ref();
        if place.is_some() && matches!(key_name, "before" | "after" | "sequence") {
            return Err(error(key.span(), "an action has one place: `before`, `after` or `sequence`".to_owned()));
        }
        let text = || text(value, &format!("`{key_name}` is a text in quotes"));
        match key_name {
            "name" => name = Some(text()?),
            "table" => in_table = Some(one_of(value, &Table::ALL, Table::name)?),
            "before" => place = Some(ExtensionPlace::Before(text()?)),
            "after" => place = Some(ExtensionPlace::After(text()?)),
            "sequence" => place = Some(ExtensionPlace::Number(number(value)?)),
            "condition" => condition = Some(text()?),
            "element" => element = Some(text()?),
            other => {
                let known = "there are `name`, `table`, `before`, `after`, `sequence`, `condition` and `element`";
                return Err(error(key.span(), format!("unknown key `{other}`; {known}")));
            }
        }
    }
    match (name, in_table, place) {
        (Some(name), Some(table), Some(place)) => Ok(ExtensionAction { name, table, place, condition, element }),
        _ => Err(error(value.span(), shape.to_owned())),
    }
}

fn number(value: &Value<'_>) -> Result<i32, ConfigError> {
    let number = match value.get_ref() {
        DeValue::Integer(number) => i32::from_str_radix(number.as_str(), number.radix()).ok(),
        _ => None,
    };
    let number = number.filter(|number| NUMBERS.contains(number));
    number.ok_or_else(|| error(value.span(), "`sequence` is a number from 1 to 32767".to_owned()))
}
