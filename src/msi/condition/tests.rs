use super::{Comparison, Expression, Joint, Operand, Value, operands, parse};
use proptest::prelude::*;

#[test]
fn names_are_told_from_literals_and_words() {
    let cases: [(&str, &[Operand<'_>]); 10] = [
        ("$(var.A) AND !(loc.B) OR (C)", &[Operand::Property("C")]),
        ("Key", &[Operand::Property("Key")]),
        ("NOT Installed AND Key", &[Operand::Property("Installed"), Operand::Property("Key")]),
        (r#"A = "Key" or B ~<> "x""#, &[Operand::Property("A"), Operand::Property("B")]),
        (r#"A = "Key"#, &[Operand::Property("A")]),
        ("%Key", &[Operand::Environment("Key")]),
        ("$c = 3 && &Main = 3", &[Operand::State("c"), Operand::State("Main")]),
        ("KeyOther<>1", &[Operand::Property("KeyOther")]),
        ("A.B_1=-1", &[Operand::Property("A.B_1")]),
        ("", &[]),
    ];
    for (text, expected) in cases {
        let found: Vec<_> = operands(text).into_iter().map(|(_, operand)| operand).collect();
        assert_eq!(found, expected, "{text}");
    }
}

/// Each condition with brackets around everything that belongs together.
#[test]
fn what_binds_tighter() {
    let cases = [
        ("A", "A"),
        ("not A and B", "(NOT A) AND B"),
        ("NOT (A AND B)", "NOT (A AND B)"),
        ("NOT A = 1", "NOT (A = 1)"),
        ("NOT NOT A", "NOT (NOT A)"),
        ("A OR B AND C", "A OR (B AND C)"),
        ("A AND B OR C", "(A AND B) OR C"),
        ("A OR B OR C", "(A OR B) OR C"),
        ("A XOR B OR C", "A XOR (B OR C)"),
        ("A EQV B XOR C", "A EQV (B XOR C)"),
        ("A IMP B EQV C", "A IMP (B EQV C)"),
        ("A IMP B AND C Or D", "A IMP ((B AND C) OR D)"),
        ("(A OR B) AND C", "(A OR B) AND C"),
        ("((A))", "A"),
        (r#"REMOVE~="ALL""#, r#"REMOVE ~= "ALL""#),
        (r#""ALL" = REMOVE"#, r#""ALL" = REMOVE"#),
        ("A~<>B", "A ~<> B"),
        ("A><1 AND B<<2 AND C>>3", "((A >< 1) AND (B << 2)) AND (C >> 3)"),
        ("A~><\"x\"", "A ~>< \"x\""),
        ("A<=-1", "A <= -1"),
        ("&Main=3 AND !Main<>2", "(&Main = 3) AND (!Main <> 2)"),
        ("?c=2 OR $c > 2", "(?c = 2) OR ($c > 2)"),
        ("%PATH >< \"bin\"", "%PATH >< \"bin\""),
        ("A\r\n\tAND B", "A AND B"),
        ("NOTHING AND ORDER", "NOTHING AND ORDER"),
        (r#""""#, r#""""#),
        ("1", "1"),
    ];
    fn whole(expression: &Expression<'_>) -> String {
        let inner = |inner: &Expression<'_>| match inner {
            Expression::Value(_) => whole(inner),
            _ => format!("({})", whole(inner)),
        };
        match expression {
            Expression::Not(of) => format!("NOT {}", inner(of)),
            Expression::Joined(left, joint, right) => format!("{} {joint} {}", inner(left), inner(right)),
            plain => plain.to_string(),
        }
    }
    for (text, expected) in cases {
        let parsed = parse(text).unwrap().unwrap();
        assert_eq!(whole(&parsed), expected, "{text}");
    }
    assert_eq!(parse(" \t"), Ok(None));
}

#[test]
fn mistakes_are_where_they_are() {
    let cases = [
        ("A AND", 5, "a value is missing at the end"),
        ("A B", 2, "`B` does not belong here"),
        ("(A", 2, "the closing bracket is missing"),
        ("A)", 1, "`)` does not belong here"),
        ("= 1", 0, "a value is missing before `=`"),
        ("A == 1", 3, "a value is missing before `=`"),
        ("A != 1", 2, "`!` does not belong here"),
        ("A = \"x", 4, "a value is missing before a text without its closing quote"),
        ("A && B", 2, "`&` does not belong here"),
        ("A AND OR B", 6, "a value is missing before `OR`"),
        ("VersionNT >= 6.1", 13, "a value is missing before `6.1`"),
        ("A = 1 = 2", 6, "`=` does not belong here"),
        ("[A] = 1", 0, "a value is missing before `[`"),
        ("NOT", 3, "a value is missing at the end"),
        ("()", 1, "a value is missing before `)`"),
    ];
    for (text, offset, message) in cases {
        let error = parse(text).unwrap_err();
        assert_eq!((error.offset, &*error.message), (offset, message), "{text}");
    }
    assert!(parse(&"(".repeat(100_000)).is_err());
    assert!(parse(&"NOT ".repeat(100_000)).is_err());
}

fn value() -> impl Strategy<Value = Value<'static>> {
    let name = prop::sample::select(vec!["Installed", "REMOVE", "A.b_1", "_x", "Nothing"]);
    let sign = prop::option::of(prop::sample::select(vec!['%', '$', '?', '&', '!']));
    prop_oneof![
        (name, sign).prop_map(|(name, sign)| Value::Name { name, sign, offset: 0 }),
        prop::sample::select(vec!["", "ALL", "AND (", "é"]).prop_map(Value::Text),
        prop::sample::select(vec!["0", "-1", "1033"]).prop_map(Value::Integer),
    ]
}

fn expression() -> impl Strategy<Value = Expression<'static>> {
    let sign = prop::sample::select(super::COMPARISONS.to_vec());
    let compared = (value(), sign, any::<bool>(), value()).prop_map(|(left, sign, ignores_case, right)| {
        Expression::Compared(left, Comparison { sign, ignores_case }, right)
    });
    let leaf = prop_oneof![value().prop_map(Expression::Value), compared];
    let joint = prop::sample::select(vec![Joint::Imp, Joint::Eqv, Joint::Xor, Joint::Or, Joint::And]);
    leaf.prop_recursive(6, 40, 2, move |inner| {
        prop_oneof![
            inner.clone().prop_map(|inner| Expression::Not(Box::new(inner))),
            (inner.clone(), joint.clone(), inner).prop_map(|(left, joint, right)| Expression::Joined(
                Box::new(left),
                joint,
                Box::new(right)
            )),
        ]
    })
}

/// The same without the places, which differ.
fn placeless(expression: Expression<'_>) -> Expression<'_> {
    let value = |value| match value {
        Value::Name { name, sign, .. } => Value::Name { name, sign, offset: 0 },
        other => other,
    };
    match expression {
        Expression::Value(own) => Expression::Value(value(own)),
        Expression::Compared(left, sign, right) => Expression::Compared(value(left), sign, value(right)),
        Expression::Not(inner) => Expression::Not(Box::new(placeless(*inner))),
        Expression::Joined(left, joint, right) => {
            Expression::Joined(Box::new(placeless(*left)), joint, Box::new(placeless(*right)))
        }
    }
}

proptest! {
    #[test]
    fn what_is_printed_is_read_again(expression in expression()) {
        let printed = expression.to_string();
        prop_assert_eq!(parse(&printed).unwrap().map(placeless), Some(expression));
    }

    #[test]
    fn any_text_is_taken(text in r#"[A-C"()&!$%?~<>= 0-9é.-]{0,40}"#) {
        if let Err(error) = parse(&text) {
            prop_assert!(text.is_char_boundary(error.offset));
        }
        operands(&text);
    }
}

/// Nobody writes such conditions, but generators may.
#[test]
fn conditions_without_end_are_passed_over() {
    for long in ["A AND ".repeat(200_000), "A IMP ".repeat(200_000), "NOT ".repeat(200_000), "(".repeat(200_000)] {
        assert!(parse(&(long.clone() + "A")).is_err(), "{}", &long[..20]);
        assert_eq!(operands(&(long + "B")).last().map(|(_, operand)| *operand), Some(Operand::Property("B")));
    }
}
