//! What follows for a condition from what is known of its parts.

use super::{Expression, Joint};

impl<'t> Expression<'t> {
    /// Whether the condition holds, where `of` tells it of values and comparisons; `None`: it may or may not.
    pub fn truth(&self, of: &dyn Fn(&Expression<'t>) -> Option<bool>) -> Option<bool> {
        match self {
            Expression::Value(_) | Expression::Compared(..) => of(self),
            Expression::Not(inner) => inner.truth(of).map(|holds| !holds),
            Expression::Joined(left, joint, right) => {
                let (left, right) = (left.truth(of), right.truth(of));
                match joint {
                    Joint::And => either(left, right, false),
                    Joint::Or => either(left, right, true),
                    Joint::Imp => either(left.map(|holds| !holds), right, true),
                    Joint::Xor => Some(left? != right?),
                    Joint::Eqv => Some(left? == right?),
                }
            }
        }
    }
}

/// One of the two decides if it is `decisive`; otherwise both have to be known.
fn either(left: Option<bool>, right: Option<bool>, decisive: bool) -> Option<bool> {
    if left == Some(decisive) || right == Some(decisive) {
        return Some(decisive);
    }
    left.and(right)
}

#[cfg(test)]
mod tests {
    use super::super::{Expression, Value, parse};

    /// `T` holds, `F` does not, and of anything else nothing is known.
    fn truth(condition: &str) -> Option<bool> {
        let of = |leaf: &Expression<'_>| match leaf {
            Expression::Value(Value::Name { name: "T", .. }) => Some(true),
            Expression::Value(Value::Name { name: "F", .. }) => Some(false),
            _ => None,
        };
        parse(condition).unwrap().unwrap().truth(&of)
    }

    #[test]
    fn what_is_known_decides() {
        for (condition, holds) in [
            ("T", Some(true)),
            ("NOT T", Some(false)),
            ("X", None),
            ("NOT X", None),
            ("F AND X", Some(false)),
            ("X AND F", Some(false)),
            ("T AND X", None),
            ("T AND T", Some(true)),
            ("T OR X", Some(true)),
            ("F OR X", None),
            ("F OR F", Some(false)),
            ("F IMP X", Some(true)),
            ("X IMP T", Some(true)),
            ("T IMP F", Some(false)),
            ("T XOR F", Some(true)),
            ("T XOR X", None),
            ("T EQV T", Some(true)),
            ("F EQV X", None),
            ("X=\"a\" AND NOT (T OR X)", Some(false)),
        ] {
            assert_eq!(truth(condition), holds, "{condition}");
        }
    }
}
