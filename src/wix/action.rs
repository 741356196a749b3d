//! Custom actions: what they run, and when Windows Installer runs it.

use super::compiler::{Compiler, FrameKind};
use super::{CustomAction, Text};
use crate::code::Language;
use crate::preprocess::Element;

/// What a custom action does when its turn comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Calls into a DLL.
    Dll(Program),
    /// Starts a program.
    Exe(Program),
    /// Runs a script.
    Script(Program),
    /// Writes a property (type 51).
    SetProperty,
    /// Writes a directory (type 35).
    SetDirectory,
    /// Shows an error and ends the installation (type 19).
    Error,
    /// Nothing that WiX compiles.
    Unknown,
}

/// Where the code of a custom action comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Program {
    /// A stream inside the package; there from the start.
    Binary,
    /// A file that the package installs.
    InstalledFile,
    /// A program on the machine, named by a directory and a command line.
    Directory,
    /// A program on the machine, named by a property.
    Property,
    /// The text of the element itself.
    Inline,
}

/// The code that a custom action calls.
#[derive(Clone, Debug)]
pub struct Called {
    /// The id of the stream or the installed file that holds it.
    pub stream: Option<Text>,
    /// The function: `DllEntry`, or the call of a script.
    pub entry: Option<Text>,
    /// `ScriptSourceFile`
    pub file: Option<Text>,
}

/// Whether Windows Installer waits for a custom action's code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Return {
    /// It waits, and looks at the result or ignores it.
    Waits,
    /// It goes on, and waits at the end of the sequence.
    AsyncWait,
    /// It goes on, and never waits.
    AsyncNoWait,
}

impl Return {
    /// The value of `Return` that means it.
    pub fn name(self) -> &'static str {
        match self {
            Return::Waits => "check",
            Return::AsyncWait => "asyncWait",
            Return::AsyncNoWait => "asyncNoWait",
        }
    }

    fn of(element: &Element<'_>) -> Return {
        let other = [Return::AsyncWait, Return::AsyncNoWait];
        other.into_iter().find(|value| element.is("Return", value.name())).unwrap_or(Return::Waits)
    }
}

/// When an action's code runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Execute {
    /// At once, wherever its turn comes.
    Immediate,
    /// At once, but only in the first of the two sequences that holds it.
    FirstSequence,
    /// At once, but only once in a process.
    OncePerProcess,
    /// At once, but only in the execute sequence after a UI sequence.
    SecondSequence,
    Deferred,
    Rollback,
    Commit,
}

impl Execute {
    /// Whether the code runs from the installation script, long after its turn in the sequence.
    pub fn is_in_script(self) -> bool {
        matches!(self, Execute::Deferred | Execute::Rollback | Execute::Commit)
    }

    /// The value of `Execute` that means it.
    pub fn name(self) -> &'static str {
        match self {
            Execute::Immediate => "immediate",
            Execute::FirstSequence => "firstSequence",
            Execute::OncePerProcess => "oncePerProcess",
            Execute::SecondSequence => "secondSequence",
            Execute::Deferred => "deferred",
            Execute::Rollback => "rollback",
            Execute::Commit => "commit",
        }
    }

    fn from_name(name: &str) -> Option<Execute> {
        Some(match name {
            "immediate" => Execute::Immediate,
            "firstSequence" => Execute::FirstSequence,
            "oncePerProcess" => Execute::OncePerProcess,
            "secondSequence" => Execute::SecondSequence,
            "deferred" => Execute::Deferred,
            "rollback" => Execute::Rollback,
            "commit" => Execute::Commit,
            _ => return None,
        })
    }
}

impl Compiler {
    pub(super) fn custom_action(&mut self, element: &Element<'_>) -> FrameKind {
        let Some(id) = element.get("Id").map(Text::from) else { return FrameKind::Other };
        let name = self.split_access(&id.text).map(|(_, name)| name.to_owned());
        let id = Text { text: name.unwrap_or(id.text), ..id };
        if id.is_known() {
            self.define("CustomAction", &id.text);
        } else {
            self.note_unknown_name();
        }
        for (attribute, kind) in [
            ("BinaryKey", "Binary"),
            ("BinaryRef", "Binary"),
            ("FileKey", "File"),
            ("FileRef", "File"),
            ("Directory", "Directory"),
            ("Error", "Error"),
        ] {
            if let Some(name) = element.get(attribute) {
                self.refer(kind, &name);
            }
        }
        let execute = element.get("Execute");
        let mut formatted = Vec::new();
        for name in ["ExeCommand", "Value", "Error"] {
            if let Some(value) = element.get(name) {
                // There is hardly ever more than one, and there may be very many actions.
                formatted.reserve_exact(1);
                formatted.push((name, Text::from(value)));
            }
        }
        let kind = kind(element);
        let action = CustomAction {
            id,
            kind,
            called: called(element, kind),
            execute: execute.map_or(Some(Execute::Immediate), |value| Execute::from_name(&value.text)),
            target: match kind {
                Kind::SetProperty => element.get("Property").map(Text::from),
                Kind::SetDirectory => element.get("Directory").map(Text::from),
                _ => None,
            },
            formatted,
            language: language(element),
            returns: Return::of(element),
            refuses_impersonation: element.is("Impersonate", "no"),
            may_hide_target: element.get("HideTarget").is_some_and(|value| !value.is_known() || value.text == "yes"),
            script: Vec::new(),
            declared: std::mem::take(&mut self.declared),
            span: element.span,
        };
        if let Some(section) = self.section() {
            section.rarities.see_action(&action);
            section.actions.push(action);
        }
        FrameKind::Action
    }
}

/// The language that a script's attributes tell.
fn language(element: &Element<'_>) -> Option<Language> {
    let script = element.get("Script");
    match script.as_ref().map(|script| &*script.text) {
        Some("vbscript") => Some(Language::VbScript),
        Some("jscript") => Some(Language::JScript),
        _ if element.attribute("VBScriptCall").is_some() => Some(Language::VbScript),
        _ if element.attribute("JScriptCall").is_some() => Some(Language::JScript),
        _ => None,
    }
}

/// What a DLL's or a script's action calls.
fn called(element: &Element<'_>, kind: Kind) -> Option<Box<Called>> {
    if !matches!(kind, Kind::Dll(_) | Kind::Script(_)) {
        return None;
    }
    let first = |names: &[&str]| names.iter().find_map(|name| element.get(name)).map(Text::from);
    Some(Box::new(Called {
        stream: first(&["BinaryKey", "BinaryRef", "FileKey", "FileRef"]),
        entry: first(&["DllEntry", "VBScriptCall", "JScriptCall"]).filter(|entry| !entry.text.is_empty()),
        file: first(&["ScriptSourceFile"]),
    }))
}

/// The kind, by the attributes that the compiler decides it by.
fn kind(element: &Element<'_>) -> Kind {
    let has = |name: &str| element.attribute(name).is_some();
    let program = match () {
        () if has("BinaryKey") || has("BinaryRef") => Program::Binary,
        () if has("FileKey") || has("FileRef") => Program::InstalledFile,
        () if has("Directory") => Program::Directory,
        () if has("Property") => Program::Property,
        () => Program::Inline,
    };
    match () {
        () if has("DllEntry") => Kind::Dll(program),
        () if has("ExeCommand") => Kind::Exe(program),
        () if has("JScriptCall") || has("VBScriptCall") || has("Script") || has("ScriptSourceFile") => {
            Kind::Script(program)
        }
        () if has("Error") => Kind::Error,
        () if has("Value") && program == Program::Property => Kind::SetProperty,
        () if has("Value") && program == Program::Directory => Kind::SetDirectory,
        () => Kind::Unknown,
    }
}
