//! The way from an entry point to the calls that ask a session for something.

mod names;

use std::rc::Rc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::calls::{Meaning, Role, meaning};
use super::{Asked, Call, Expression, ExpressionKind, Form, Found, Function, Language, Place, Step, Unit};
use crate::msi::condition::{Operand, operands};
use crate::msi::formatted::{Reference, references};
use crate::msi::property::CUSTOM_ACTION_DATA;

/// What an expression is known to be.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Value {
    /// A text, and where a function names it.
    Text(String, Place),
    Session,
    Object(String),
    Unknown,
}

/// What parses files that may declare a name, as units from an index on.
type Load<'p> = dyn FnMut(&str, usize) -> Vec<Unit> + 'p;

/// The files of a program. Those that may matter are parsed when something in them is asked for.
pub(in crate::code) struct Program<'p> {
    units: Vec<Unit>,
    load: Box<Load<'p>>,
    asked: FxHashSet<String>,
}

/// A function: its unit, and its place in that.
type FunctionId = (usize, usize);

/// The depth of calls that is followed, and the number of functions that are looked into.
const DEEPEST: usize = 12;
const MOST: usize = 4000;

impl<'p> Program<'p> {
    pub(in crate::code) fn new(units: Vec<Unit>, load: impl FnMut(&str, usize) -> Vec<Unit> + 'p) -> Program<'p> {
        Program { units, load: Box::new(load), asked: FxHashSet::default() }
    }

    /// What runs when that function of the program is called from outside, or, without one, when its
    /// first file is loaded.
    pub(in crate::code) fn trace(&mut self, entry: Option<FunctionId>) -> Asked {
        let mut trace = Trace::default();
        if self.units.first().is_some_and(|unit| unit.language == Language::Script) {
            self.run(&mut trace, Body::File(0), FxHashMap::default());
        }
        if let Some(function) = entry {
            let parameters = &self.units[function.0].functions[function.1].parameters;
            let bound = parameters.iter().map(|own| (own.name.clone(), Value::Session)).take(1).collect();
            self.run(&mut trace, Body::Function(function), bound);
        }
        if trace.formats {
            for (text, place) in std::mem::take(&mut trace.templates) {
                trace.formatted(&text, place);
            }
        }
        trace.asked.asks_when |= trace.asks_under_condition && trace.asked.reads.iter().any(Found::is_handed_over);
        trace.asked
    }

    fn run(&mut self, trace: &mut Trace, body: Body, bound: FxHashMap<String, Value>) {
        let mut key: Vec<(String, Value)> = bound.iter().map(|(name, value)| (name.clone(), value.clone())).collect();
        key.sort_by(|one, other| one.0.cmp(&other.0));
        if trace.through.len() > DEEPEST || trace.seen.len() > MOST || !trace.seen.insert((body, key)) {
            return;
        }
        let mut frame = Frame { body, locals: bound, depth: 0 };
        let steps = self.steps(body);
        for step in &*steps {
            match step {
                Step::Let { name, kind, value } => {
                    let known = self.declared(body, kind.as_deref(), value.as_ref(), &frame);
                    let known = match frame.locals.get(name) {
                        // Which of the two it is at any later place is not known.
                        Some(before @ Value::Text(..)) if *before != known => Value::Unknown,
                        Some(before) if known == Value::Unknown => before.clone(),
                        _ => known,
                    };
                    frame.locals.insert(name.clone(), known);
                }
                Step::Call(call) => self.call(trace, call, &frame),
            }
        }
    }

    fn steps(&self, body: Body) -> Rc<Vec<Step>> {
        match body {
            Body::File(unit) => self.units[unit].steps.clone(),
            Body::Function((unit, at)) => self.units[unit].functions[at].steps.clone(),
        }
    }

    fn call(&mut self, trace: &mut Trace, call: &Call, frame: &Frame) {
        let language = self.units[frame.body.unit()].language;
        let receiver = call.receiver.as_ref().map(|receiver| (self.evaluate(receiver, frame), receiver));
        let values: Vec<Value> = call.arguments.iter().map(|argument| self.evaluate(argument, frame)).collect();
        let on_session = receiver.as_ref().is_some_and(|(value, _)| *value == Value::Session);
        // A function of Windows Installer belongs to no object.
        let is_plain = match (&receiver, language) {
            (None, _) => true,
            (Some(_), Language::Cpp) => false,
            (Some((value, _)), _) => *value == Value::Unknown,
        };
        if call.form != Form::Reference
            && let Some(meaning) = meaning(language, &call.name, on_session, is_plain)
        {
            let around = trace.is_conditional;
            trace.is_conditional |= call.is_conditional;
            trace.ask(meaning, &values, call.form, call.place);
            trace.is_conditional = around;
            return;
        }
        if call.form == Form::Written {
            return;
        }
        let named: Vec<&str> = call.named.iter().map(|(name, _)| &**name).collect();
        let called =
            Called { receiver, name: &call.name, form: call.form, arguments: values.len() + named.len(), named };
        let Some(function) = self.callee(frame.body, &called) else { return };
        // An extension of the session takes it as its first argument.
        let given: Vec<Value> = on_session.then_some(Value::Session).into_iter().chain(values).collect();
        let bound = self.bind(function, given, call, frame);
        trace.through.push(call.place);
        let around = trace.is_conditional;
        trace.is_conditional |= call.is_conditional;
        self.run(trace, Body::Function(function), bound);
        trace.is_conditional = around;
        trace.through.pop();
    }

    /// What a function's parameters are.
    fn bind(&mut self, id: FunctionId, given: Vec<Value>, call: &Call, frame: &Frame) -> FxHashMap<String, Value> {
        let Unit { language, functions, .. } = &self.units[id.0];
        let language = *language;
        let parameters = functions[id.1].parameters.iter();
        let parameters: Vec<_> =
            parameters.map(|own| (own.name.clone(), own.kind.clone(), own.default.clone())).collect();
        let is_local = functions[id.1].is_local;
        let mut bound = if is_local { frame.locals.clone() } else { FxHashMap::default() };
        for (at, (name, kind, default)) in parameters.into_iter().enumerate() {
            let named = call.named.iter().find(|(own, _)| *own == name).map(|(_, value)| value);
            let value = match (given.get(at), named, default) {
                (Some(value), ..) => value.clone(),
                (None, Some(value), _) => self.evaluate(value, frame),
                (None, None, Some(default)) => self.evaluate(&default, frame),
                (None, None, None) => Value::Unknown,
            };
            let known = if value == Value::Unknown { of_kind(language, kind.as_deref()) } else { value };
            bound.insert(name, known);
        }
        bound
    }

    /// The function that is called, where only one can be: among the files that are known, then in those
    /// that may declare it.
    fn callee(&mut self, body: Body, called: &Called<'_>) -> Option<FunctionId> {
        let own = self.owner(body);
        let is_csharp = self.units[body.unit()].language == Language::CSharp;
        let holder = match &called.receiver {
            _ if called.form == Form::New => Some(called.name.to_owned()),
            None => own,
            Some((Value::Session, _)) => None,
            Some((Value::Object(kind), _)) => Some(kind.clone()),
            Some((Value::Unknown, Expression { kind: ExpressionKind::Name(path), .. })) => path.last().cloned(),
            Some(_) => return None,
        };
        for attempt in 0..3 {
            match (attempt, &holder) {
                (0, _) | (1, None) => {}
                (1, Some(holder)) => self.look_for_type(holder),
                // What stands in no type, in C#, and what is no function of a type, is called otherwise.
                _ if is_csharp && holder.is_some() => return None,
                _ => self.look_for(called.name),
            }
            let candidates = self.candidates(body, called, holder.as_deref());
            let here: Vec<FunctionId> = candidates.iter().copied().filter(|id| id.0 == body.unit()).collect();
            match (&here[..], &candidates[..]) {
                ([one], _) | ([], [one]) => return Some(*one),
                ([], []) => {}
                _ => return None,
            }
        }
        None
    }

    /// The functions that a call may mean.
    fn candidates(&self, body: Body, called: &Called<'_>, holder: Option<&str>) -> Vec<FunctionId> {
        let language = self.units[body.unit()].language;
        let on_session = matches!(called.receiver, Some((Value::Session, _)));
        let mut all: Vec<FunctionId> = Vec::new();
        for (at, unit) in self.units.iter().enumerate().filter(|(_, unit)| unit.language == language) {
            let functions = unit.functions.iter().enumerate();
            let functions = functions.filter(|(_, function)| function.takes(called, on_session));
            all.extend(functions.map(|(function, _)| (at, function)));
        }
        let function = |id: &FunctionId| &self.units[id.0].functions[id.1];
        if on_session {
            let takes_session = |id: &FunctionId| {
                let first = function(id).parameters.first().and_then(|first| first.kind.as_deref());
                of_kind(language, first) == Value::Session && function(id).owner.is_some()
            };
            return all.into_iter().filter(takes_session).collect();
        }
        let of = |owner: &str| -> Vec<FunctionId> {
            all.iter().copied().filter(|id| function(id).owner.as_deref() == Some(owner)).collect()
        };
        let inherited = |kind: &str| self.lineage(kind).iter().map(|kind| of(kind)).find(|found| !found.is_empty());
        let found = holder.and_then(inherited).unwrap_or_default();
        if !found.is_empty() || called.form == Form::New {
            return found;
        }
        let free = |keep: &dyn Fn(Option<&str>) -> bool| -> Vec<FunctionId> {
            let is_free = |id: &FunctionId| function(id).owner.is_none() && keep(function(id).space.as_deref());
            all.iter().copied().filter(is_free).collect()
        };
        match (&called.receiver, language) {
            (None, Language::CSharp) => Vec::new(),
            // Names of other modules are brought in; those of other namespaces need their name.
            (None, Language::Rust | Language::Script) => free(&|_| true),
            (None, Language::Cpp) => {
                let own = self.space(body);
                free(&|space| space.is_none() || space == own.as_deref())
            }
            // Whoever stands for an interface or takes over from it, where only one does.
            (Some((Value::Object(kind), _)), _) => {
                let bases = self.units.iter().flat_map(|unit| &unit.bases);
                bases.filter(|(_, base)| base == kind).flat_map(|(own, _)| of(own)).collect()
            }
            // A scope that is no type is a namespace, or a module.
            (Some(_), Language::Cpp | Language::Rust) => free(&|space| space.is_some() && space == holder),
            _ => Vec::new(),
        }
    }
}

impl Function {
    /// Whether a call may mean it, by its name and what it is given.
    fn takes(&self, called: &Called<'_>, on_session: bool) -> bool {
        let given = called.arguments + usize::from(on_session);
        let least = self.parameters.iter().filter(|parameter| !parameter.optional).count();
        let is_named = |name: &&str| self.parameters.iter().any(|own| own.name == **name);
        self.name == called.name
            && (called.form == Form::Reference || (least..=self.parameters.len()).contains(&given))
            && called.named.iter().all(is_named)
    }
}

/// A call, as far as it matters what is called.
struct Called<'c> {
    receiver: Option<(Value, &'c Expression)>,
    name: &'c str,
    form: Form,
    arguments: usize,
    named: Vec<&'c str>,
}

/// What runs: a function, or a file as it is loaded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Body {
    File(usize),
    Function(FunctionId),
}

impl Body {
    fn unit(self) -> usize {
        match self {
            Body::File(unit) | Body::Function((unit, _)) => unit,
        }
    }
}

/// A function that runs, and what its names stand for.
struct Frame {
    body: Body,
    locals: FxHashMap<String, Value>,
    /// How many constants are being looked up in each other.
    depth: usize,
}

type Bound = Vec<(String, Value)>;

/// What was found on the way, and the way.
#[derive(Default)]
struct Trace {
    asked: Asked,
    /// Texts of records, and whether any record is formatted.
    templates: Vec<(String, Place)>,
    formats: bool,
    seen: FxHashSet<(Body, Bound)>,
    through: Vec<Place>,
    /// What is looked at may be passed over.
    is_conditional: bool,
    /// A property is read that the code may pass over.
    asks_under_condition: bool,
}

impl Trace {
    fn ask(&mut self, meaning: Meaning, values: &[Value], form: Form, place: Place) {
        let text = match meaning.argument.map(|at| values.get(at)) {
            Some(Some(Value::Text(text, named))) => Some((&**text, *named)),
            _ => None,
        };
        match (meaning.role, text) {
            (Role::Property, Some((name, named))) if form != Form::Written => self.read(name, named),
            (Role::Data, _) if form != Form::Written => self.read(CUSTOM_ACTION_DATA, place),
            (Role::Formatted, Some((text, named))) => self.formatted(text, named),
            (Role::Condition, Some((text, named))) => {
                for (_, operand) in operands(text) {
                    match operand {
                        Operand::Property(name) => self.read(name, named),
                        Operand::State(_) => self.costs(named),
                        Operand::Environment(_) => {}
                    }
                }
            }
            (Role::Costs, _) => self.costs(place),
            (Role::Template, Some((text, named))) => self.templates.push((text.to_owned(), named)),
            (Role::Formats, _) => self.formats = true,
            (Role::Mode, _) => self.asked.asks_when = true,
            _ => {}
        }
    }

    fn formatted(&mut self, text: &str, named: Place) {
        for (_, reference) in references(text) {
            match reference {
                Reference::Property(name) => self.read(name, named),
                Reference::File(_) | Reference::Component(_) => self.costs(named),
                Reference::Environment(_) => {}
            }
        }
    }

    fn read(&mut self, property: &str, place: Place) {
        let is_known = |found: &Found| found.property == property && found.place == place;
        if !self.asked.reads.iter().any(is_known) {
            let through = self.through.clone();
            let found = Found { property: property.to_owned(), place, through };
            self.asks_under_condition |= self.is_conditional && !found.is_handed_over();
            self.asked.reads.push(found);
        }
    }

    fn costs(&mut self, place: Place) {
        self.asked.costs.get_or_insert(place);
    }
}

impl Found {
    /// Whether it is what the installation script holds for the action.
    fn is_handed_over(&self) -> bool {
        self.property == CUSTOM_ACTION_DATA
    }
}

/// What the declared type tells.
fn of_kind(language: Language, kind: Option<&str>) -> Value {
    match kind {
        Some("Session") if language != Language::Cpp => Value::Session,
        Some("MSIHANDLE") => Value::Session,
        Some(kind) => Value::Object(kind.to_owned()),
        None => Value::Unknown,
    }
}
