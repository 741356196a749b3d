//! What the toolset's compiler refuses of an entry: attributes that are missing, too many, or say
//! what they cannot. It looks at every file that it is given, linked or not.

use std::sync::LazyLock;

use rustc_hash::FxHashMap;

use super::compiler::Compiler;
use super::schedule::{MAX_NUMBER, PLACES};
use super::{Dialect, Exit, Generation};
use crate::data;
use crate::msi::{self, Table};
use crate::preprocess::{Element, Value};
use crate::source::Span;

/// Something that stops the compiler.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The toolset's number, the same in all its tools.
    pub number: u16,
    /// The element's start tag.
    pub span: Span,
    /// What it is about: the action, or the element.
    pub subject: String,
    /// What is wrong, as a sentence.
    pub message: String,
    /// The first generation that takes it; `None`: none of the dialect does.
    pub until: Option<Generation>,
}

/// One row of `data/schedule_elements.tsv`.
struct ScheduleElement {
    must_be_placed: bool,
    attributes: Vec<&'static str>,
    since_v4: Vec<&'static str>,
    for_dialogs: bool,
}

static ELEMENTS: LazyLock<FxHashMap<&'static str, ScheduleElement>> = LazyLock::new(|| {
    let rows = data::rows::<5>(include_str!("../../data/schedule_elements.tsv"));
    let list = |names: &'static str| names.split(',').filter(|name| !name.is_empty()).collect();
    rows.map(|[element, place, attributes, v4, ui]| {
        let (attributes, since_v4) = (list(attributes), list(v4));
        (element, ScheduleElement { must_be_placed: place == "must", attributes, since_v4, for_dialogs: ui == "v3" })
    })
    .collect()
});

/// The number and the text of a refusal.
type Complaint = (u16, String);

impl Compiler {
    fn refuse(&mut self, (number, message): Complaint, element: &Element<'_>, action: &str, until: Option<Generation>) {
        let subject = if action.is_empty() { element.name } else { action };
        let refusal = Refusal { number, span: element.span, subject: subject.to_owned(), message, until };
        if let Some(section) = self.section() {
            section.refusals.push(refusal);
        }
    }

    /// Looks at an entry's element; `action` is empty where it is missing or unknown.
    pub(super) fn check_entry(&mut self, element: &Element<'_>, table: Table, action: &str) {
        let complaint = self.entry_complaint(element, table, action);
        if let Some(complaint) = complaint {
            self.refuse(complaint, element, action, None);
        }
    }

    /// The first thing that is wrong with an entry's element.
    fn entry_complaint(&self, element: &Element<'_>, table: Table, action: &str) -> Option<Complaint> {
        let v3 = self.dialect() == Dialect::V3;
        let known = ELEMENTS.get(element.name).or_else(|| ELEMENTS.get("*"))?;
        let name = element.name;
        let takes =
            |attribute: &&str| known.attributes.contains(attribute) || (!v3 && known.since_v4.contains(attribute));
        if let Some(attribute) = element.attribute_names().find(|attribute| !takes(attribute)) {
            let instead = if attribute == "Condition" { "; in v3 the condition is the element's text" } else { "" };
            return Some((4, format!("<{name}> takes no attribute {attribute}{instead}")));
        }
        for required in ["Action", "Dialog"] {
            if known.attributes.contains(&required) && element.attribute(required).is_none() {
                return Some((10, format!("<{name}> needs {required}, the name of what it schedules")));
            }
        }
        if v3 && known.for_dialogs && !table.is_ui() {
            return Some((107, format!("<{name}> is for the tables of dialogs, and {} is none", table.name())));
        }
        if v3 && !ELEMENTS.contains_key(name) && msi::standard_action(name).is_none() {
            return Some((
                107,
                format!("<{name}> is no standard action; custom actions are scheduled by <Custom Action=\"{name}\">"),
            ));
        }
        value_complaint(element, v3).or_else(|| place_complaint(element, known.must_be_placed, action))
    }

    pub(super) fn check_assignment(&mut self, element: &Element<'_>, action: &str) {
        let written = written(element, &["Before", "After"]);
        let complaint = match &written[..] {
            [] => Some((45, "<SetProperty> needs Before or After".to_owned())),
            [first, second, ..] => Some((35, format!("<SetProperty> says both {first} and {second}"))),
            [one] => around_itself(element, one, action),
        };
        let sequence = element
            .get("Sequence")
            .filter(Value::is_known)
            .filter(|value| !["both", "execute", "first", "ui"].contains(&&*value.text));
        let complaint = complaint.or_else(|| {
            sequence.map(|value| (21, format!("Sequence=\"{}\" is none of both, execute, first and ui", value.text)))
        });
        if let Some(complaint) = complaint {
            self.refuse(complaint, element, action, None);
        }
    }

    /// v4.0 takes an access modifier for a part of the name.
    pub(super) fn refuse_modifier(&mut self, element: &Element<'_>, action: &str) {
        let attribute = if element.name == "Show" { "Dialog" } else { "Action" };
        let Some(value) = element.get(attribute) else { return };
        let message = format!("`{}` is no identifier: access modifiers came with v5", value.text);
        self.refuse((14, message), element, action, Some(Generation::V5));
    }

    pub(super) fn refuse_before(&mut self, generation: Generation, element: &Element<'_>, attribute: &str) {
        let complaint = match attribute {
            "-" => (5, format!("<{}> is not known here; it came with {}", element.name, generation.name())),
            _ => (4, format!("<{}> takes no attribute {attribute}; it came with {}", element.name, generation.name())),
        };
        self.refuse(complaint, element, "", Some(generation));
    }

    /// Text in the element of an entry, which v4 and later do not take for a condition.
    pub(super) fn refuse_text(&mut self, text: &Value<'_>) {
        if text.text.trim().is_empty() {
            return;
        }
        let Some(section) = self.section() else { return };
        let Some(entry) = section.entries.last() else { return };
        let (span, subject) = (entry.span, entry.action.text.clone());
        if section.refusals.last().is_none_or(|refusal| refusal.span != span) {
            let message = "text in the element is no condition; v4 and later take the attribute Condition".to_owned();
            section.refusals.push(Refusal { number: 400, span, subject, message, until: None });
        }
    }
}

/// Values that cannot be what they stand for.
fn value_complaint(element: &Element<'_>, v3: bool) -> Option<Complaint> {
    let known = |name: &str| element.get(name).filter(Value::is_known);
    let checked = if v3 { &PLACES[..] } else { &["Before", "After", "Sequence", "OnExit", "Condition"][..] };
    for name in checked {
        if known(name).is_some_and(|value| value.text.is_empty()) {
            return Some((6, format!("{name} is empty; leave the attribute out")));
        }
    }
    if let Some(value) = known("Sequence") {
        match value.text.trim().parse::<i64>() {
            Err(_) => return Some((8, format!("Sequence=\"{}\" is no number", value.text))),
            Ok(number) if !(1..=i64::from(MAX_NUMBER)).contains(&number) => {
                return Some((123, format!("Sequence=\"{number}\" is not from 1 to {MAX_NUMBER}")));
            }
            Ok(_) => {}
        }
    }
    if let Some(value) = known("OnExit").filter(|value| Exit::from_name(&value.text).is_none()) {
        return Some((21, format!("OnExit=\"{}\" is none of success, cancel, error and suspend", value.text)));
    }
    for name in ["Overridable", "Suppress"] {
        if let Some(value) = known(name).filter(|value| !["yes", "no"].contains(&&*value.text)) {
            return Some((15, format!("{name}=\"{}\" is neither yes nor no", value.text)));
        }
    }
    None
}

/// Places that cannot be, or are missing.
fn place_complaint(element: &Element<'_>, must_be_placed: bool, action: &str) -> Option<Complaint> {
    let written = written(element, &PLACES);
    let suppressed = element.is("Suppress", "yes");
    if suppressed && let Some(name) = written.first().copied().or_else(|| has(element, "Overridable")) {
        return Some((36, format!("Suppress takes the action out, so {name} has no meaning")));
    }
    match &written[..] {
        [] if must_be_placed && !element.is("Suppress", "yes") => {
            Some((72, format!("<{}> needs a place: Before, After or Sequence", element.name)))
        }
        [] => None,
        [one] => around_itself(element, one, action),
        [first, second, ..] => Some((35, format!("<{}> says both {first} and {second}", element.name))),
    }
}

fn around_itself(element: &Element<'_>, attribute: &str, action: &str) -> Option<Complaint> {
    let target = element.get(attribute).filter(|value| value.is_known() && ["Before", "After"].contains(&attribute))?;
    (!action.is_empty() && target.text == action)
        .then(|| (181, format!("{attribute}=\"{action}\" places the action around itself")))
}

fn written(element: &Element<'_>, names: &[&'static str]) -> Vec<&'static str> {
    names.iter().copied().filter_map(|name| has(element, name)).collect()
}

fn has(element: &Element<'_>, name: &'static str) -> Option<&'static str> {
    element.attribute(name).map(|_| name)
}
