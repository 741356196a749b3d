//! The way from an entry point to the calls that ask a session for something.

use rustc_hash::{FxHashMap, FxHashSet};

use super::calls::{MACROS, Meaning, Role, meaning};
use super::{Asked, Expression, ExpressionKind, Form, Found, Function, Language, Place, Step, Unit, Variable};
use crate::msi::condition::{Operand, operands};
use crate::msi::formatted::{Reference, references};

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
        let mut trace = Trace { asked: Asked::default(), seen: FxHashSet::default(), through: Vec::new() };
        if self.units.first().is_some_and(|unit| unit.language == Language::Script) {
            self.run(&mut trace, Body::File(0), FxHashMap::default());
        }
        if let Some(function) = entry {
            let parameters = &self.units[function.0].functions[function.1].parameters;
            let bound = parameters.iter().map(|own| (own.name.clone(), Value::Session)).take(1).collect();
            self.run(&mut trace, Body::Function(function), bound);
        }
        trace.asked
    }

    fn run(&mut self, trace: &mut Trace, body: Body, bound: FxHashMap<String, Value>) {
        let mut key: Vec<(String, Value)> = bound.iter().map(|(name, value)| (name.clone(), value.clone())).collect();
        key.sort_by(|one, other| one.0.cmp(&other.0));
        if trace.through.len() > DEEPEST || trace.seen.len() > MOST || !trace.seen.insert((body, key)) {
            return;
        }
        let mut frame = Frame { body, locals: bound, depth: 0 };
        for at in 0..self.steps(body).len() {
            match &self.steps(body)[at] {
                Step::Let { name, kind, value } => {
                    let (name, kind, value) = (name.clone(), kind.clone(), value.clone());
                    let known = self.declared(body, kind.as_deref(), value.as_ref(), &frame);
                    let known = match frame.locals.get(&name) {
                        // Which of the two it is at any later place is not known.
                        Some(before @ Value::Text(..)) if *before != known => Value::Unknown,
                        Some(before) if known == Value::Unknown => before.clone(),
                        _ => known,
                    };
                    frame.locals.insert(name, known);
                }
                Step::Call(_) => self.call(trace, at, &frame),
            }
        }
    }

    fn steps(&self, body: Body) -> &[Step] {
        match body {
            Body::File(unit) => &self.units[unit].steps,
            Body::Function((unit, at)) => &self.units[unit].functions[at].steps,
        }
    }

    fn call(&mut self, trace: &mut Trace, at: usize, frame: &Frame) {
        let Step::Call(call) = &self.steps(frame.body)[at] else { return };
        let (receiver, arguments) = (call.receiver.clone(), call.arguments.clone());
        let (name, form, place) = (call.name.clone(), call.form, call.place);
        let language = self.units[frame.body.unit()].language;
        let receiver = receiver.map(|receiver| (self.evaluate(&receiver, frame), receiver));
        let values: Vec<Value> = arguments.iter().map(|argument| self.evaluate(argument, frame)).collect();
        let on_session = receiver.as_ref().is_some_and(|(value, written)| is_session(value, written));
        if let Some(meaning) = meaning(language, &name, on_session) {
            return trace.ask(meaning, &values, form, place);
        }
        if form == Form::Written {
            return;
        }
        let mut values = values;
        let called = Called { receiver: receiver.as_ref(), name: &name, form, on_session };
        if on_session {
            // An extension of the session takes it as its first argument.
            values.insert(0, Value::Session);
        }
        let hands_on = on_session || arguments.iter().zip(&values).any(|(written, value)| is_session(value, written));
        let Some(function) = self.callee(frame.body, &called, values.len(), hands_on) else { return };
        let parameters = &self.units[function.0].functions[function.1].parameters;
        let mut bound = FxHashMap::default();
        for (at, parameter) in parameters.iter().enumerate() {
            let given = values.get(at).cloned().unwrap_or(Value::Unknown);
            let declared = of_kind(language, parameter.kind.as_deref());
            bound.insert(parameter.name.clone(), if given == Value::Unknown { declared } else { given });
        }
        trace.through.push(place);
        self.run(trace, Body::Function(function), bound);
        trace.through.pop();
    }

    /// The function that is called, where only one can be: among the files that are known, then in those
    /// that may declare it.
    fn callee(&mut self, body: Body, called: &Called<'_>, arguments: usize, hands_on: bool) -> Option<FunctionId> {
        let holder = match called.receiver {
            _ if called.form == Form::New => Some(called.name.to_owned()),
            _ if called.on_session => None,
            None => None,
            Some((Value::Object(kind), _)) => Some(kind.clone()),
            Some((Value::Unknown, Expression { kind: ExpressionKind::Name(path), .. })) => path.last().cloned(),
            Some(_) => return None,
        };
        let own = self.owner(body).filter(|_| called.receiver.is_none());
        let is_csharp = self.units[body.unit()].language == Language::CSharp;
        for attempt in 0..3 {
            match (attempt, holder.as_deref().or(own.as_deref())) {
                (0, _) | (1, None) => {}
                (1, Some(holder)) => self.look_for_type(holder),
                // What stands in no type, in C#, and what gets no session, is no call that leads to one.
                _ if is_csharp && called.receiver.is_none() && called.form != Form::New => return None,
                _ if called.receiver.is_some() && !hands_on => return None,
                _ => self.look_for(called.name),
            }
            let candidates = self.candidates(body, called, holder.as_deref(), arguments, hands_on);
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
    fn candidates(
        &self,
        body: Body,
        called: &Called<'_>,
        holder: Option<&str>,
        arguments: usize,
        hands_on: bool,
    ) -> Vec<FunctionId> {
        let own = self.owner(body);
        let language = self.units[body.unit()].language;
        let fits = |function: &Function| {
            let least = function.parameters.iter().filter(|parameter| !parameter.optional).count();
            function.name == called.name && (least..=function.parameters.len()).contains(&arguments)
        };
        let mut all: Vec<FunctionId> = Vec::new();
        for (at, unit) in self.units.iter().enumerate().filter(|(_, unit)| unit.language == language) {
            let functions = unit.functions.iter().enumerate().filter(|(_, function)| fits(function));
            all.extend(functions.map(|(function, _)| (at, function)));
        }
        let of = |owner: Option<&str>| -> Vec<FunctionId> {
            let owner_of = |id: &FunctionId| self.units[id.0].functions[id.1].owner.as_deref();
            all.iter().copied().filter(|id| owner_of(id) == owner).collect()
        };
        // Of a type, or of the nearest one that it takes over from.
        let inherited =
            |kind: &str| self.lineage(kind).iter().map(|kind| of(Some(kind))).find(|found| !found.is_empty());
        let of_holder = holder.and_then(inherited).unwrap_or_default();
        if !of_holder.is_empty() || called.form == Form::New {
            return of_holder;
        }
        let inner = own.as_deref().and_then(inherited).unwrap_or_default();
        match called.receiver {
            None if !inner.is_empty() => inner,
            None if language != Language::CSharp => of(None),
            // A scope may be a namespace, or a module.
            Some((Value::Unknown, _)) if language != Language::CSharp && hands_on => of(None),
            // Of a type that another one stands for, or that is inherited.
            _ if hands_on => all,
            _ => Vec::new(),
        }
    }

    /// A type and those that it takes over from, as far as they are known, the nearest first.
    fn lineage(&self, kind: &str) -> Vec<String> {
        let mut lineage = vec![kind.to_owned()];
        let mut at = 0;
        while at < lineage.len() && lineage.len() < DEEPEST {
            let bases = self.units.iter().flat_map(|unit| &unit.bases);
            let bases: Vec<&String> = bases.filter(|(own, _)| *own == lineage[at]).map(|(_, base)| base).collect();
            let new: Vec<String> = bases.into_iter().filter(|base| !lineage.contains(base)).cloned().collect();
            lineage.extend(new);
            at += 1;
        }
        lineage
    }

    /// Loads the files of a type and of those that it takes over from.
    fn look_for_type(&mut self, kind: &str) {
        let mut known = 0;
        loop {
            let lineage = self.lineage(kind);
            if lineage.len() == known {
                return;
            }
            known = lineage.len();
            lineage.iter().for_each(|kind| self.look_for(kind));
        }
    }

    fn owner(&self, body: Body) -> Option<String> {
        match body {
            Body::File(_) => None,
            Body::Function((unit, at)) => self.units[unit].functions[at].owner.clone(),
        }
    }

    /// The fields and constants of that name: of `holder`, else of an outer type or of none.
    fn named(&self, language: Language, holder: Option<&str>, name: &str, is_bare: bool) -> Vec<(usize, usize)> {
        let units = self.units.iter().enumerate().filter(|(_, unit)| unit.language == language);
        let all = units.flat_map(|(at, unit)| unit.variables.iter().enumerate().map(move |(own, it)| ((at, own), it)));
        let named: Vec<_> = all.filter(|(_, variable)| variable.name == name).collect();
        let of = |keep: &dyn Fn(&Variable) -> bool| -> Vec<(usize, usize)> {
            named.iter().filter(|(_, variable)| keep(variable)).map(|(id, _)| *id).collect()
        };
        let lineage = holder.map(|holder| self.lineage(holder)).unwrap_or_default();
        let of_kind = |kind: &String| of(&|variable: &Variable| variable.owner.as_deref() == Some(kind));
        let own = lineage.iter().map(of_kind).find(|found| !found.is_empty()).unwrap_or_default();
        if own.is_empty() { of(&|variable| is_bare || variable.owner.is_none()) } else { own }
    }

    fn look_for(&mut self, name: &str) {
        if self.asked.insert(name.to_owned()) {
            let next = self.units.len();
            let loaded = (self.load)(name, next);
            self.units.extend(loaded);
        }
    }

    fn declared(&mut self, body: Body, kind: Option<&str>, value: Option<&Expression>, frame: &Frame) -> Value {
        let given = value.map_or(Value::Unknown, |value| self.evaluate(value, frame));
        match given {
            Value::Unknown => of_kind(self.units[body.unit()].language, kind),
            given => given,
        }
    }

    fn evaluate(&mut self, expression: &Expression, frame: &Frame) -> Value {
        match &expression.kind {
            ExpressionKind::Text(text) => Value::Text(text.clone(), expression.place),
            ExpressionKind::New(kind) => Value::Object(kind.clone()),
            ExpressionKind::Other => Value::Unknown,
            ExpressionKind::Joined(parts) => {
                let mut joined = String::new();
                for part in parts {
                    let Value::Text(text, _) = self.evaluate(part, frame) else { return Value::Unknown };
                    joined.push_str(&text);
                }
                Value::Text(joined, expression.place)
            }
            ExpressionKind::Name(path) => match &path[..] {
                [name] if frame.locals.contains_key(name) => frame.locals[name].clone(),
                [.., name] => self.variable(path, name, expression.place, frame),
                [] => Value::Unknown,
            },
        }
    }

    /// What a field, a constant or a macro is.
    fn variable(&mut self, path: &[String], name: &str, place: Place, frame: &Frame) -> Value {
        let language = self.units[frame.body.unit()].language;
        if language == Language::Cpp
            && let Some(text) = MACROS.get(name)
        {
            return Value::Text((*text).to_owned(), place);
        }
        let own = self.owner(frame.body);
        let holder = match path {
            [.., holder, _] => Some(holder.as_str()),
            _ => own.as_deref(),
        };
        // An enumerator or a local name is none of this: only what may hold a constant is looked for.
        let mut found = self.named(language, holder, name, path.len() == 1);
        for wanted in [path.len().checked_sub(2).map(|at| &*path[at]), Some(name)].into_iter().flatten() {
            if found.is_empty() {
                self.look_for_type(wanted);
                found = self.named(language, holder, name, path.len() == 1);
            }
        }
        let variables: Vec<&Variable> = found.iter().map(|&(unit, at)| &self.units[unit].variables[at]).collect();
        let Some(first) = variables.first().filter(|first| {
            let same = |other: &&Variable| text_of(other) == text_of(first) && other.kind == first.kind;
            variables.iter().all(same)
        }) else {
            return Value::Unknown;
        };
        let (kind, value) = (first.kind.clone(), first.value.clone());
        let Some(value) = value else { return of_kind(language, kind.as_deref()) };
        if frame.depth > DEEPEST {
            return Value::Unknown;
        }
        // A constant is made of constants.
        let outer = Frame { body: frame.body, locals: FxHashMap::default(), depth: frame.depth + 1 };
        match self.evaluate(&value, &outer) {
            Value::Text(text, _) => Value::Text(text, place),
            Value::Unknown => of_kind(language, kind.as_deref()),
            other => other,
        }
    }
}

fn text_of(variable: &Variable) -> Option<&str> {
    match variable.value.as_ref().map(|value| &value.kind) {
        Some(ExpressionKind::Text(text)) => Some(text),
        _ => None,
    }
}

/// A call, as far as it matters what is called.
struct Called<'c> {
    receiver: Option<&'c (Value, Expression)>,
    name: &'c str,
    form: Form,
    on_session: bool,
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
struct Trace {
    asked: Asked,
    seen: FxHashSet<(Body, Bound)>,
    through: Vec<Place>,
}

impl Trace {
    fn ask(&mut self, meaning: Meaning, values: &[Value], form: Form, place: Place) {
        let text = match meaning.argument.map(|at| values.get(at)) {
            Some(Some(Value::Text(text, named))) => Some((&**text, *named)),
            _ => None,
        };
        match (meaning.role, text) {
            (Role::Property, Some((name, named))) if form != Form::Written => self.read(name, named),
            (Role::Data, _) if form != Form::Written => self.read("CustomActionData", place),
            (Role::Formatted, Some((text, named))) => {
                for (_, reference) in references(text) {
                    match reference {
                        Reference::Property(name) => self.read(name, named),
                        Reference::File(_) | Reference::Component(_) => self.costs(named),
                        Reference::Environment(_) => {}
                    }
                }
            }
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
            (Role::Mode, _) => self.asked.asks_when = true,
            _ => {}
        }
    }

    fn read(&mut self, property: &str, place: Place) {
        let is_known = |found: &Found| found.property == property && found.place == place;
        if !self.asked.reads.iter().any(is_known) {
            let through = self.through.clone();
            self.asked.reads.push(Found { property: property.to_owned(), place, through });
        }
    }

    fn costs(&mut self, place: Place) {
        self.asked.costs.get_or_insert(place);
    }
}

/// Whether an expression is a session: it is known to be one, or its name says so and nothing else is known.
fn is_session(value: &Value, written: &Expression) -> bool {
    let named = || match &written.kind {
        ExpressionKind::Name(path) => {
            path.last().is_some_and(|name| name.trim_start_matches('_').eq_ignore_ascii_case("session"))
        }
        _ => false,
    };
    *value == Value::Session || (*value == Value::Unknown && named())
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
