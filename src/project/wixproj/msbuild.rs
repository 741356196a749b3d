//! MSBuild's properties: texts that may hold pieces nobody knows.
//!
//! What a build is told from outside, by other files or by functions, is not known here. Such a piece
//! of a text is one character that no XML document can hold; so a text is known if it holds none,
//! and a list has known items beside unknown ones. The directories of the project and the solution
//! are characters of the same kind: their texts depend on the machine that builds, but files are
//! found below them all the same.

use std::cell::Cell;

use rustc_hash::{FxHashMap, FxHashSet};

use super::condition::{Truth, truth};
use super::tree::Element;
use crate::preprocess::reference_length;

/// A piece of text that nobody knows.
pub(super) const UNKNOWN: char = '\u{1}';
/// The project's directory, as the machine spells it.
pub(super) const PROJECT: char = '\u{2}';
/// The solution's directory.
pub(super) const SOLUTION: char = '\u{3}';
/// All that makes a text unknown.
pub(super) const MARKS: [char; 3] = [UNKNOWN, PROJECT, SOLUTION];

/// Properties may make so much text, in bytes; from then on every text with properties is unknown.
const MAX_GROWN: usize = 16 << 20;

/// The properties that a project file sets.
#[derive(Debug, Default)]
pub(super) struct Properties {
    /// By their names in lower case.
    values: FxHashMap<String, String>,
    /// How many bytes they have made of texts so far.
    grown: Cell<usize>,
}

impl Properties {
    pub(super) fn set(&mut self, name: &str, value: impl Into<String>) {
        self.values.insert(name.to_ascii_lowercase(), value.into());
    }

    /// The value of a property; unknown when the file does not set it.
    pub(super) fn get(&self, name: &str) -> &str {
        self.values.get(&name.to_ascii_lowercase()).map_or("\u{1}", |value| value)
    }

    pub(super) fn is_set(&self, name: &str) -> bool {
        self.values.contains_key(&name.to_ascii_lowercase())
    }

    /// The value, if all of it is known.
    pub(super) fn known(&self, name: &str) -> Option<&str> {
        Some(self.get(name)).filter(|value| is_known(value))
    }

    /// A text with its properties replaced; unknown once they have made too much.
    pub(super) fn expand(&self, text: &str) -> String {
        let mut done = String::new();
        let mut rest = text;
        while let Some(at) = rest.find(['$', '@', '%']) {
            if self.grown.get() > MAX_GROWN {
                return UNKNOWN.to_string();
            }
            done.push_str(&rest[..at]);
            let Some(length) = reference_length(&rest[at + 1..]) else {
                done.push_str(&rest[at..=at]);
                rest = &rest[at + 1..];
                continue;
            };
            let name = rest[at + 2..at + length].trim();
            let plain = name.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '-');
            match rest.as_bytes()[at] {
                b'$' if plain => {
                    let value = self.get(name);
                    self.grown.set(self.grown.get() + value.len());
                    done.push_str(value);
                }
                _ => done.push(UNKNOWN),
            }
            rest = &rest[at + 1 + length..];
        }
        done.push_str(rest);
        done
    }

    /// Takes the configuration and the platform that the file itself gives as defaults for what is
    /// built; without it, they may be anything.
    pub(super) fn default_configuration(&mut self, root: &Element) {
        for name in ["Configuration", "Platform"] {
            if sets(root, name) && self.known(name).is_none() {
                self.set(name, "");
            }
        }
    }

    /// Sets the properties of a project, from the top to the bottom.
    pub(super) fn evaluate(&mut self, root: &Element) {
        self.children(root, Truth::True);
    }

    fn children(&mut self, parent: &Element, outer: Truth) {
        for child in &parent.children {
            match &*child.name {
                "PropertyGroup" => self.group(child, outer.and(self.holds(child))),
                "Choose" => self.choose(child, outer),
                // What a target does, it does while it builds, if it runs at all.
                "Target" => self.target(child),
                _ => {}
            }
        }
    }

    fn group(&mut self, group: &Element, outer: Truth) {
        for property in &group.children {
            let holds = outer.and(self.holds(property));
            let value = self.expand(&property.text);
            match holds {
                Truth::True => self.set(&property.name, value),
                Truth::False => {}
                Truth::Unknown => {
                    let either = either(self.get(&property.name), &value);
                    self.set(&property.name, either);
                }
            }
        }
    }

    fn choose(&mut self, choose: &Element, outer: Truth) {
        let mut left = outer;
        for branch in &choose.children {
            let holds = self.holds(branch);
            self.children(branch, left.and(holds));
            left = left.and(holds.not());
        }
    }

    fn target(&mut self, target: &Element) {
        for child in &target.children {
            if child.is("PropertyGroup") {
                self.group(child, Truth::Unknown);
            }
            for output in child.children.iter().filter(|output| output.is("Output")) {
                if let Some(name) = output.get("PropertyName") {
                    let value = self.expand(child.get("Value").unwrap_or("\u{1}"));
                    let either = either(self.get(name), &value);
                    self.set(name, either);
                }
            }
        }
    }

    /// Whether the condition of an element holds.
    pub(super) fn holds(&self, element: &Element) -> Truth {
        element.get("Condition").map_or(Truth::True, |condition| truth(condition, self))
    }
}

/// Whether a property is given a value somewhere outside of targets.
fn sets(element: &Element, name: &str) -> bool {
    element.children.iter().any(|child| match &*child.name {
        "PropertyGroup" => child.children.iter().any(|property| property.is(name)),
        "Choose" | "When" | "Otherwise" => sets(child, name),
        _ => false,
    })
}

/// What is known of a list that is one of two: the items that both have.
fn either(first: &str, second: &str) -> String {
    if first == second {
        return first.to_owned();
    }
    let other: FxHashSet<&str> = second.split(';').map(str::trim).collect();
    let mut common: Vec<&str> = first.split(';').map(str::trim).filter(|item| other.contains(item)).collect();
    common.push("\u{1}");
    common.join(";")
}

pub(super) fn is_known(text: &str) -> bool {
    !text.contains(MARKS)
}

/// A text without MSBuild's escapes: `%3B` is a semicolon that separates nothing.
pub(super) fn unescape(text: &str) -> String {
    let mut done = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('%') {
        done.push_str(&rest[..at]);
        let code = rest.get(at + 1..at + 3).and_then(|code| u8::from_str_radix(code, 16).ok());
        let code = code.filter(u8::is_ascii_graphic).or(code.filter(|&code| code == b' '));
        done.push(code.map_or('%', char::from));
        rest = &rest[at + if code.is_some() { 3 } else { 1 }..];
    }
    done + rest
}
