//! What a program asks a session for, whatever language it is written in.
//!
//! A language's own module makes [`Unit`]s of sources. [`Program::trace`] follows the calls from an entry
//! point, with the texts that are handed on, to the calls that `data/session_calls.tsv` knows. What it
//! cannot follow for certain it does not follow.

mod calls;
mod trace;

use std::rc::Rc;

pub(super) use trace::Program;

/// A range of bytes in the text of a program's file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Place {
    /// Which of the program's units.
    pub(super) unit: usize,
    pub(super) start: usize,
    pub(super) end: usize,
}

/// Whose calls a file may make, which decides what they mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Language {
    CSharp,
    Cpp,
    Rust,
    Script,
}

/// One file, as far as it matters here.
#[derive(Debug)]
pub(super) struct Unit {
    pub(super) language: Language,
    pub(super) functions: Vec<Function>,
    /// Fields and constants, macros among them.
    pub(super) variables: Vec<Variable>,
    /// Types, each with one that it takes over from.
    pub(super) bases: Vec<(String, String)>,
    /// What runs when the file is loaded.
    pub(super) steps: Rc<Vec<Step>>,
}

impl Unit {
    pub(super) fn new(language: Language) -> Unit {
        Unit { language, functions: Vec::new(), variables: Vec::new(), bases: Vec::new(), steps: Rc::default() }
    }
}

#[derive(Debug)]
pub(super) struct Function {
    pub(super) name: String,
    /// The type that it belongs to.
    pub(super) owner: Option<String>,
    /// The name under which a custom action can call it.
    pub(super) entry: Option<String>,
    /// The innermost namespace or module that it stands in.
    pub(super) space: Option<String>,
    /// It stands in another function, and sees what that one has.
    pub(super) is_local: bool,
    /// The type of what it gives.
    pub(super) returns: Option<String>,
    pub(super) parameters: Vec<Parameter>,
    pub(super) steps: Rc<Vec<Step>>,
    pub(super) place: Place,
}

#[derive(Debug)]
pub(super) struct Parameter {
    pub(super) name: String,
    pub(super) kind: Option<String>,
    /// A call may leave it out.
    pub(super) optional: bool,
    /// What it is then.
    pub(super) default: Option<Expression>,
}

/// A field or a constant.
#[derive(Debug)]
pub(super) struct Variable {
    pub(super) name: String,
    pub(super) owner: Option<String>,
    pub(super) kind: Option<String>,
    /// Its value, where nothing can change it.
    pub(super) value: Option<Expression>,
}

/// What a function does, in the order of its text.
#[derive(Debug)]
pub(super) enum Step {
    Call(Call),
    /// A local variable gets a value.
    Let {
        name: String,
        kind: Option<String>,
        value: Option<Expression>,
    },
}

#[derive(Debug)]
pub(super) struct Call {
    pub(super) receiver: Option<Expression>,
    /// [`INDEX`] for what is in brackets; a type's name where an object of it is made.
    pub(super) name: String,
    pub(super) arguments: Vec<Expression>,
    /// Those that are given by name.
    pub(super) named: Vec<(String, Expression)>,
    pub(super) form: Form,
    pub(super) place: Place,
    /// Whether it takes place may depend on something.
    pub(super) is_conditional: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    Call,
    /// An object is made.
    New,
    /// A member without arguments.
    Member,
    /// A function's or a property's bare name: whatever is done with it, it will run.
    Reference,
    /// It is what is assigned to.
    Written,
}

/// The name of a call in brackets.
pub(super) const INDEX: &str = "[]";

#[derive(Clone, Debug)]
pub(super) struct Expression {
    pub(super) kind: ExpressionKind,
    pub(super) place: Place,
}

#[derive(Clone, Debug)]
pub(super) enum ExpressionKind {
    Text(String),
    /// A name, after those of what holds it.
    Name(Vec<String>),
    Joined(Vec<Expression>),
    New(String),
    /// What a call gives: on what it is called, and its name.
    Called(Option<Box<Expression>>, String),
    Other,
}

/// What an entry point asks for.
#[derive(Clone, Debug, Default)]
pub(super) struct Asked {
    pub(super) reads: Vec<Found>,
    /// It asks for states of components or features, or for paths, which costing knows.
    pub(super) costs: Option<Place>,
    /// It asks for the mode in which it runs, or for what only the installation script holds, and for
    /// something else only under a condition.
    pub(super) asks_when: bool,
}

/// A read of a property.
#[derive(Clone, Debug)]
pub(super) struct Found {
    pub(super) property: String,
    pub(super) place: Place,
    /// The calls that lead to it from the entry point.
    pub(super) through: Vec<Place>,
}
