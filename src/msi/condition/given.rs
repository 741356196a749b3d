//! What follows for conditions from which properties have a value, and whether two of them exclude each other.

use super::{Expression, Value, parse};
use crate::msi::operation::{self, Operation};

/// Conditions that ask for more than this many things together are not looked into.
const MOST_ASKED: usize = 8;

impl<'t> Expression<'t> {
    /// Whether the condition holds, where `has_value` tells it of properties; `None`: it may or may not.
    pub fn truth_given(&self, has_value: &dyn Fn(&str) -> Option<bool>) -> Option<bool> {
        self.truth(&|leaf| match leaf {
            Expression::Value(Value::Name { name, sign: None, .. }) => has_value(name),
            Expression::Value(Value::Integer(number)) => Some(!number.trim_start_matches(['-', '0']).is_empty()),
            Expression::Value(Value::Text(text)) => Some(!text.is_empty()),
            _ => {
                let (name, equals, text) = leaf.equality()?;
                // A value is none of the texts but perhaps one; no value is the empty text only.
                let equal = if has_value(name)? { text.is_empty().then_some(false)? } else { text.is_empty() };
                Some(equal == equals)
            }
        })
    }

    /// Whether the condition holds during an operation, where `has_value` tells what else is known of properties; `None`:
    /// it may or may not.
    pub fn truth_during(&self, operation: Operation, has_value: &dyn Fn(&str) -> Option<bool>) -> Option<bool> {
        let has_value = &|name: &str| operation.has_value(name).or_else(|| has_value(name));
        self.truth(&|leaf| {
            let Expression::Compared(left, comparison, right) = leaf else { return leaf.truth_given(has_value) };
            if let (Some(left), Some(right)) = (left.number_during(operation), right.number_during(operation)) {
                return compared(left, comparison.sign, right);
            }
            match leaf.equality().and_then(|(name, equals, text)| Some((operation.value(name)?, equals, text))) {
                Some((value, equals, text)) => Some((value == text) == equals),
                None => leaf.absent(has_value).or_else(|| leaf.truth_given(has_value)),
            }
        })
    }

    /// A comparison of a property that has no value with something else than an empty text.
    fn absent(&self, has_value: &dyn Fn(&str) -> Option<bool>) -> Option<bool> {
        let Expression::Compared(left, comparison, right) = self else { return None };
        let is_absent =
            |value: &Value<'_>| matches!(value, Value::Name { name, sign: None, .. } if has_value(name) == Some(false));
        let is_something = |value: &Value<'_>| match value {
            Value::Text(text) => !text.is_empty(),
            Value::Integer(_) => true,
            Value::Name { .. } => false,
        };
        let both = (is_absent(left) && is_something(right)) || (is_something(left) && is_absent(right));
        both.then_some(comparison.sign == "<>")
    }

    /// A comparison of a property with a text: the property, whether they are to be equal, and the text.
    fn equality(&self) -> Option<(&'t str, bool, &'t str)> {
        let Expression::Compared(left, comparison, right) = self else { return None };
        let equals = match comparison.sign {
            "=" => true,
            "<>" => false,
            _ => return None,
        };
        match (left, right) {
            (Value::Name { name, sign: None, .. }, Value::Text(text))
            | (Value::Text(text), Value::Name { name, sign: None, .. }) => Some((name, equals, text)),
            _ => None,
        }
    }

    fn leaves(&self) -> Vec<Fact<'t>> {
        match self {
            Expression::Not(inner) => inner.leaves(),
            Expression::Joined(left, _, right) => left.leaves().into_iter().chain(right.leaves()).collect(),
            leaf => Fact::of(leaf).into_iter().map(|(fact, _)| fact).collect(),
        }
    }
}

impl Value<'_> {
    /// The number that it is during an operation.
    fn number_during(&self, operation: Operation) -> Option<i64> {
        match self {
            Value::Integer(number) => number.parse().ok(),
            Value::Name { sign: Some(sign), .. } => operation.value(sign.encode_utf8(&mut [0; 4]))?.parse().ok(),
            Value::Name { name, sign: None, .. } => operation.value(name)?.parse().ok(),
            Value::Text(_) => None,
        }
    }
}

fn compared(left: i64, sign: &str, right: i64) -> Option<bool> {
    Some(match sign {
        "=" => left == right,
        "<>" => left != right,
        "<" => left < right,
        "<=" => left <= right,
        ">" => left > right,
        ">=" => left >= right,
        _ => return None,
    })
}

/// What a condition asks about the world.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Fact<'t> {
    /// A property has a value.
    Set(&'t str),
    /// A property has this value, which is not empty.
    Is(&'t str, &'t str),
    /// Anything else, as it is written.
    Other(String),
}

impl<'t> Fact<'t> {
    /// What a value or comparison asks, and whether it holds where that is so; `None`: it always has the same answer.
    fn of(leaf: &Expression<'t>) -> Option<(Fact<'t>, bool)> {
        if let Some((name, equals, text)) = leaf.equality() {
            let fact = if text.is_empty() { Fact::Set(name) } else { Fact::Is(name, text) };
            return Some((fact, equals != text.is_empty()));
        }
        match leaf {
            Expression::Value(Value::Name { name, sign: None, .. }) => Some((Fact::Set(name), true)),
            Expression::Value(Value::Integer(_) | Value::Text(_)) => None,
            // What a sign other than `=` says is taken as it is written.
            Expression::Compared(left, comparison, right) if comparison.sign == "<>" => {
                Some((Fact::Other(format!("{left}={right}")), false))
            }
            Expression::Compared(left, comparison, right) => {
                Some((Fact::Other(format!("{left}{}{right}", comparison.sign)), true))
            }
            other => Some((Fact::Other(other.to_string()), true)),
        }
    }

    /// Whether two facts cannot both be.
    fn excludes(&self, other: &Fact<'t>) -> bool {
        match (self, other) {
            (Fact::Is(name, text), Fact::Is(same, another)) => name == same && !text.eq_ignore_ascii_case(another),
            // A state is one number.
            (Fact::Other(one), Fact::Other(another)) => match (one.split_once('='), another.split_once('=')) {
                (Some((what, state)), Some((same, other))) => {
                    let states = state.parse::<u32>().is_ok() && other.parse::<u32>().is_ok();
                    states && what == same && state != other && what.starts_with(['$', '?', '&', '!'])
                }
                _ => false,
            },
            _ => false,
        }
    }

    /// What has to be for this to be: a value for one that equals a text, and what tells of a product that is there
    /// for all that is done to one.
    fn needs(&self) -> Vec<Fact<'t>> {
        match self {
            Fact::Set(name) => operation::needs(name).iter().map(|need| Fact::Set(need)).collect(),
            Fact::Is(name, _) => vec![Fact::Set(name)],
            Fact::Other(_) => Vec::new(),
        }
    }
}

/// Whether two conditions never hold in the same run, as far as they tell. A condition that cannot be understood
/// excludes nothing.
pub fn exclude(one: &str, other: &str) -> bool {
    if one.trim().is_empty() && other.trim().is_empty() {
        return false;
    }
    let (Ok(one), Ok(other)) = (parse(one), parse(other)) else { return false };
    let both: Vec<_> = [one, other].into_iter().flatten().collect();
    let mut facts: Vec<Fact<'_>> = Vec::new();
    let mut asked: Vec<Fact<'_>> = both.iter().flat_map(Expression::leaves).collect();
    while let Some(fact) = asked.pop() {
        if !facts.contains(&fact) {
            asked.extend(fact.needs());
            facts.push(fact);
        }
    }
    if facts.len() > MOST_ASKED {
        return false;
    }
    (0..1_u32 << facts.len()).all(|world| {
        let holds = |fact: &Fact<'_>| facts.iter().position(|other| other == fact).map(|at| world & (1 << at) != 0);
        let so: Vec<&Fact<'_>> = facts.iter().filter(|fact| holds(fact) == Some(true)).collect();
        let is_possible = so.iter().all(|fact| {
            let needs = fact.needs().iter().all(|need| holds(need) == Some(true));
            needs && !so.iter().any(|other| fact.excludes(other))
        });
        let of = |leaf: &Expression<'_>| match Fact::of(leaf) {
            Some((fact, affirms)) => holds(&fact).map(|is_so| is_so == affirms),
            None => leaf.truth_given(&|_| None),
        };
        !is_possible || both.iter().any(|condition| condition.truth(&of) == Some(false))
    })
}

#[cfg(test)]
mod tests {
    use super::{Operation, exclude, parse};

    #[test]
    fn what_never_holds_in_one_run() {
        for (one, other, excluded) in [
            ("", "Installed", false),
            ("0", "", true),
            ("NOT Installed", "Installed", true),
            ("NOT Installed", "REMOVE", true),
            ("NOT Installed", "REMOVE=\"ALL\"", true),
            ("NOT Installed", "REMOVE~=\"ALL\" AND NOT UPGRADINGPRODUCTCODE", true),
            ("NOT REMOVE", "REMOVE=\"ALL\"", true),
            ("NOT (REMOVE=\"ALL\")", "REMOVE=\"ALL\"", true),
            ("REMOVE<>\"ALL\"", "REMOVE=\"ALL\"", true),
            ("REMOVE<>\"ALL\"", "REMOVE", false),
            ("NOT Installed OR REINSTALL", "REMOVE=\"ALL\"", false),
            ("MODE=\"a\"", "MODE=\"b\"", true),
            ("MODE=\"a\"", "MODE", false),
            ("MODE=\"\"", "MODE", true),
            ("MODE<>\"\"", "NOT MODE", true),
            ("$Main=3", "$Main=2", true),
            ("$Main=3", "$Main>2", false),
            ("$Main=3", "$Other=2", false),
            ("NOT UPGRADINGPRODUCTCODE", "UPGRADINGPRODUCTCODE", true),
            ("UPGRADINGPRODUCTCODE", "NOT REMOVE", true),
            ("A AND", "NOT A", false),
        ] {
            assert_eq!(exclude(one, other), excluded, "{one} / {other}");
            assert_eq!(exclude(other, one), excluded, "{other} / {one}");
        }
    }

    #[test]
    fn what_holds_at_a_first_installation() {
        let has_value = |name: &str| (name == "FOUND").then_some(true);
        for (condition, holds) in [
            ("(&Main=2) AND (!Main=3)", Some(false)),
            ("(?C=3) AND ($C=2 OR $C=4)", Some(false)),
            ("$C=3", Some(true)),
            ("$C>2", Some(true)),
            ("!Main=2", Some(true)),
            ("!Main>2", Some(false)),
            ("?C=$C", Some(false)),
            ("REMOVE><\"Main\"", Some(false)),
            ("REMOVE<<\"ALL\"", Some(false)),
            ("REMOVE<>\"ALL\"", Some(true)),
            ("Installed=1", Some(false)),
            ("ACTION=\"ADMIN\"", Some(false)),
            ("ProductState=5", Some(false)),
            ("ProductState>0", Some(false)),
            ("NOT WIX_DOWNGRADE_DETECTED", Some(true)),
            ("NOT Installed AND FOUND", Some(true)),
            ("NOT Installed AND MINE", None),
        ] {
            let parsed = parse(condition).unwrap().unwrap();
            assert_eq!(parsed.truth_during(Operation::FirstInstallation, &has_value), holds, "{condition}");
        }
    }

    #[test]
    fn what_holds_during_a_removal() {
        for (condition, holds) in [
            ("Installed", Some(true)),
            ("NOT REMOVE", Some(false)),
            ("REMOVE=\"\"", Some(false)),
            ("REMOVE=\"Main\"", None),
            ("UPGRADINGPRODUCTCODE<>\"\" OR REINSTALL", Some(false)),
            ("$C=2", Some(true)),
            ("&Main>2", Some(false)),
            ("?C=2", None),
            ("$C", None),
            ("MINE", None),
        ] {
            let parsed = parse(condition).unwrap().unwrap();
            assert_eq!(parsed.truth_during(Operation::Removal, &|_| None), holds, "{condition}");
        }
    }

    #[test]
    fn what_follows_from_values() {
        let has_value = |name: &str| match name {
            "Yes" => Some(true),
            "No" => Some(false),
            _ => None,
        };
        for (condition, holds) in [
            ("Yes", Some(true)),
            ("No", Some(false)),
            ("Maybe", None),
            ("1", Some(true)),
            ("0", Some(false)),
            ("No=\"x\"", Some(false)),
            ("No<>\"x\"", Some(true)),
            ("No=\"\"", Some(true)),
            ("Yes=\"\"", Some(false)),
            ("Yes=\"x\"", None),
            ("Yes AND NOT No", Some(true)),
            ("$Yes=3", None),
        ] {
            assert_eq!(parse(condition).unwrap().unwrap().truth_given(&has_value), holds, "{condition}");
        }
    }
}
