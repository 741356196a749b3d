//! What names stand for: constants, fields, types and what they take over from.

use rustc_hash::FxHashMap;

use super::super::calls::MACROS;
use super::super::{Expression, ExpressionKind, Language, Place, Variable};
use super::{Body, DEEPEST, Frame, Program, Value, of_kind};

/// Longer texts name nothing.
const LONGEST: usize = 4096;

/// A field or constant: its unit, and its place in that.
type VariableId = (usize, usize);

impl Program<'_> {
    pub(super) fn owner(&self, body: Body) -> Option<String> {
        match body {
            Body::File(_) => None,
            Body::Function((unit, at)) => self.units[unit].functions[at].owner.clone(),
        }
    }

    /// The namespace or module of what runs.
    pub(super) fn space(&self, body: Body) -> Option<String> {
        match body {
            Body::File(_) => None,
            Body::Function((unit, at)) => self.units[unit].functions[at].space.clone(),
        }
    }

    /// A type and those that it takes over from, as far as they are known, the nearest first.
    pub(super) fn lineage(&self, kind: &str) -> Vec<String> {
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
    pub(super) fn look_for_type(&mut self, kind: &str) {
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

    pub(super) fn look_for(&mut self, name: &str) {
        if self.asked.insert(name.to_owned()) {
            let next = self.units.len();
            let loaded = (self.load)(name, next);
            self.units.extend(loaded);
        }
    }

    pub(super) fn declared(
        &mut self,
        body: Body,
        kind: Option<&str>,
        value: Option<&Expression>,
        frame: &Frame,
    ) -> Value {
        let given = value.map_or(Value::Unknown, |value| self.evaluate(value, frame));
        match given {
            Value::Unknown => of_kind(self.units[body.unit()].language, kind),
            given => given,
        }
    }

    pub(super) fn evaluate(&mut self, expression: &Expression, frame: &Frame) -> Value {
        match &expression.kind {
            ExpressionKind::Text(text) => Value::Text(text.clone(), expression.place),
            // A session is made of a handle in Rust only; elsewhere it is another type of that name.
            ExpressionKind::New(kind) => match self.units[frame.body.unit()].language {
                Language::Rust => of_kind(Language::Rust, Some(kind)),
                _ => Value::Object(kind.clone()),
            },
            ExpressionKind::Other => Value::Unknown,
            ExpressionKind::Joined(parts) => {
                let mut joined = String::new();
                for part in parts {
                    let Value::Text(text, _) = self.evaluate(part, frame) else { return Value::Unknown };
                    joined.push_str(&text);
                    if joined.len() > LONGEST {
                        return Value::Unknown;
                    }
                }
                Value::Text(joined, expression.place)
            }
            ExpressionKind::Called(receiver, name) => self.returned(receiver.as_deref(), name, frame),
            ExpressionKind::Name(path) => self.name(path, expression.place, frame),
        }
    }

    /// What a call gives, by the type that the function declares.
    fn returned(&mut self, receiver: Option<&Expression>, name: &str, frame: &Frame) -> Value {
        let holder = match receiver.map(|receiver| (self.evaluate(receiver, frame), &receiver.kind)) {
            None => self.owner(frame.body),
            Some((Value::Object(kind), _)) => Some(kind),
            Some((Value::Unknown, ExpressionKind::Name(path))) => path.last().cloned(),
            Some(_) => None,
        };
        let Some(holder) = holder else { return Value::Unknown };
        self.look_for_type(&holder);
        let lineage = self.lineage(&holder);
        let all = self.units.iter().flat_map(|unit| unit.functions.iter().map(move |own| (unit.language, own)));
        let mut kinds = all
            .filter(|(_, own)| own.name == name && own.owner.as_ref().is_some_and(|owner| lineage.contains(owner)))
            .map(|(language, own)| of_kind(language, own.returns.as_deref()));
        let Some(first) = kinds.next() else { return Value::Unknown };
        if kinds.all(|other| other == first) { first } else { Value::Unknown }
    }

    fn name(&mut self, path: &[String], place: Place, frame: &Frame) -> Value {
        let [first, rest @ ..] = path else { return Value::Unknown };
        let mut value = match frame.locals.get(first) {
            Some(local) => local.clone(),
            None => self.variable(&path[..1], place, frame),
        };
        if rest.is_empty() {
            return value;
        }
        if value == Value::Unknown && !frame.locals.contains_key(first) {
            return self.variable(path, place, frame);
        }
        for name in rest {
            let Value::Object(kind) = &value else { return Value::Unknown };
            let path = [kind.clone(), name.clone()];
            value = self.variable(&path, place, frame);
        }
        value
    }

    /// What a field, a constant or a macro is.
    fn variable(&mut self, path: &[String], place: Place, frame: &Frame) -> Value {
        let (Some(name), language) = (path.last(), self.units[frame.body.unit()].language) else {
            return Value::Unknown;
        };
        if language == Language::Cpp
            && let Some(text) = MACROS.get(&**name)
        {
            return Value::Text((*text).to_owned(), place);
        }
        let holder = match path {
            [.., holder, _] => Some(holder.clone()),
            _ => self.owner(frame.body),
        };
        let mut found = self.named(language, holder.as_deref(), name, path.len() == 1);
        for wanted in [path.len().checked_sub(2).map(|at| &*path[at]), Some(&**name)].into_iter().flatten() {
            if found.is_empty() {
                self.look_for_type(wanted);
                found = self.named(language, holder.as_deref(), name, path.len() == 1);
            }
        }
        let variables: Vec<&Variable> = found.iter().map(|&(unit, at)| &self.units[unit].variables[at]).collect();
        let Some(first) = variables.first().filter(|first| {
            let same = |other: &&Variable| text_of(other) == text_of(first) && other.kind == first.kind;
            variables.iter().all(same)
        }) else {
            // Every script has the session of the installation.
            let is_session = language == Language::Script && path == ["session"];
            return if is_session && variables.is_empty() { Value::Session } else { Value::Unknown };
        };
        let (kind, value) = (first.kind.clone(), first.value.clone());
        let Some(value) = value.filter(|_| frame.depth <= DEEPEST) else { return of_kind(language, kind.as_deref()) };
        // A constant is made of constants.
        let outer = Frame { body: frame.body, locals: FxHashMap::default(), depth: frame.depth + 1 };
        match self.evaluate(&value, &outer) {
            Value::Text(text, _) => Value::Text(text, place),
            Value::Unknown => of_kind(language, kind.as_deref()),
            other => other,
        }
    }

    /// The fields and constants of that name: of `holder`, else of an outer type or of none.
    fn named(&self, language: Language, holder: Option<&str>, name: &str, is_bare: bool) -> Vec<VariableId> {
        let units = self.units.iter().enumerate().filter(|(_, unit)| unit.language == language);
        let all = units.flat_map(|(at, unit)| unit.variables.iter().enumerate().map(move |(own, it)| ((at, own), it)));
        let named: Vec<_> = all.filter(|(_, variable)| variable.name == name).collect();
        let of = |keep: &dyn Fn(&Variable) -> bool| -> Vec<VariableId> {
            named.iter().filter(|(_, variable)| keep(variable)).map(|(id, _)| *id).collect()
        };
        let lineage = holder.map(|holder| self.lineage(holder)).unwrap_or_default();
        let of_kind = |kind: &String| of(&|variable: &Variable| variable.owner.as_deref() == Some(kind));
        let own = lineage.iter().map(of_kind).find(|found| !found.is_empty()).unwrap_or_default();
        let is_scoped = language == Language::CSharp;
        if own.is_empty() { of(&|variable| is_bare || (variable.owner.is_none() && !is_scoped)) } else { own }
    }
}

fn text_of(variable: &Variable) -> Option<&str> {
    match variable.value.as_ref().map(|value| &value.kind) {
        Some(ExpressionKind::Text(text)) => Some(text),
        _ => None,
    }
}
