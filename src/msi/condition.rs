//! The conditions of Windows Installer.
//!
//! ```text
//! expression:  operands joined by IMP, EQV, XOR, OR, AND, which bind tighter in that order
//! operand:     NOT operand | ( expression ) | value [comparison value]
//! value:       property | %environment | $component | ?component | &feature | !feature | "text" | integer
//! comparison:  = <> < <= > >= >< << >>, each with ~ before it to ignore case
//! ```
//!
//! Words of the language are understood in any case, names are not. Source: the page
//! `conditional-statement-syntax` of the Windows Installer documentation.

mod given;
mod truth;

use std::fmt;

pub use given::exclude;

/// What a name in a condition refers to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operand<'t> {
    Property(&'t str),
    Environment(&'t str),
    /// The action state or the installed state of a component or feature.
    State(&'t str),
}

/// What stands on a side of a comparison, or alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Value<'t> {
    /// A name, with the byte offset of its first letter and the sign before it, if it has one.
    Name {
        name: &'t str,
        sign: Option<char>,
        offset: usize,
    },
    /// Without its quotes.
    Text(&'t str),
    Integer(&'t str),
}

/// How two values are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Comparison {
    /// `=`, `<>`, `<`, `<=`, `>`, `>=`, `><` (contains, or has bits in common), `<<` (begins with, or has high
    /// bits), `>>` (ends with, or has low bits).
    pub sign: &'static str,
    /// `~` stands before it.
    pub ignores_case: bool,
}

/// The words that join operands, the loosest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Joint {
    Imp,
    Eqv,
    Xor,
    Or,
    And,
}

/// A condition, understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expression<'t> {
    Value(Value<'t>),
    Compared(Value<'t>, Comparison, Value<'t>),
    Not(Box<Expression<'t>>),
    Joined(Box<Expression<'t>>, Joint, Box<Expression<'t>>),
}

/// Why a condition cannot be understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConditionError {
    /// Byte offset of what should not be there; the end of the text where something is missing.
    pub offset: usize,
    pub message: String,
}

/// Brackets and negations nested deeper than this are not looked into.
const DEEPEST: usize = 200;
/// Nor are conditions that join more operands: each is one level of the expression.
const MOST_JOINED: usize = 1000;

/// What a condition says; `None` for an empty one, which holds.
///
/// # Errors
/// The first place at which it is no condition.
pub fn parse(text: &str) -> Result<Option<Expression<'_>>, ConditionError> {
    let mut parser = Parser { text, tokens: Tokens { text, at: 0 }.collect(), at: 0, depth: 0, joints: 0 };
    if parser.tokens.is_empty() {
        return Ok(None);
    }
    let expression = parser.joined(Joint::Imp)?;
    match parser.peek() {
        None => Ok(Some(expression)),
        Some((_, token)) => Err(parser.error(format!("{} does not belong here", token.told()))),
    }
}

/// The names in a condition, each with the byte offset of its first letter; also of one that is malformed.
pub fn operands(text: &str) -> Vec<(usize, Operand<'_>)> {
    // A variable of the toolset that is not known may stand for anything; its own name means nothing.
    let is_variable = |offset: usize| text[..offset].ends_with("$(") || text[..offset].ends_with("!(");
    let names = Tokens { text, at: 0 }.filter_map(|(_, token)| match token {
        Token::Value(Value::Name { name, sign, offset }) if !is_variable(offset) => Some((offset, sign, name)),
        _ => None,
    });
    names
        .map(|(offset, sign, name)| match sign {
            None => (offset, Operand::Property(name)),
            Some('%') => (offset, Operand::Environment(name)),
            Some(_) => (offset, Operand::State(name)),
        })
        .collect()
}

/// The properties in a condition, as [`operands`] finds them.
pub fn properties(text: &str) -> impl Iterator<Item = (usize, &str)> {
    operands(text).into_iter().filter_map(|(offset, operand)| match operand {
        Operand::Property(name) => Some((offset, name)),
        _ => None,
    })
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Token<'t> {
    Value(Value<'t>),
    Comparison(Comparison),
    Joint(Joint),
    Not,
    Open,
    Close,
    /// A text without its closing quote.
    Unclosed,
    /// No part of the language.
    Other(&'t str),
}

impl Token<'_> {
    fn told(&self) -> String {
        match self {
            Token::Value(Value::Text(_)) => "this text".to_owned(),
            Token::Value(value) => format!("`{value}`"),
            Token::Comparison(comparison) => format!("`{comparison}`"),
            Token::Joint(joint) => format!("`{joint}`"),
            Token::Not => "`NOT`".to_owned(),
            Token::Open => "`(`".to_owned(),
            Token::Close => "`)`".to_owned(),
            Token::Unclosed => "a text without its closing quote".to_owned(),
            Token::Other(other) => format!("`{other}`"),
        }
    }
}

/// The tokens of a condition, each with its byte offset.
struct Tokens<'t> {
    text: &'t str,
    at: usize,
}

const COMPARISONS: [&str; 9] = ["<>", "<=", ">=", "><", "<<", ">>", "=", "<", ">"];

impl<'t> Iterator for Tokens<'t> {
    type Item = (usize, Token<'t>);

    fn next(&mut self) -> Option<Self::Item> {
        let rest = self.text[self.at..].trim_start();
        let start = self.text.len() - rest.len();
        let first = rest.chars().next()?;
        let (length, token) = match first {
            '(' => (1, Token::Open),
            ')' => (1, Token::Close),
            '"' => match rest[1..].find('"') {
                Some(end) => (end + 2, Token::Value(Value::Text(&rest[1..=end]))),
                None => (rest.len(), Token::Unclosed),
            },
            '%' | '$' | '?' | '&' | '!' if !name(&rest[1..]).is_empty() => {
                let name = name(&rest[1..]);
                let value = Value::Name { name, sign: Some(first), offset: start + 1 };
                (1 + name.len(), Token::Value(value))
            }
            '-' if integer(&rest[1..]).is_some() => {
                let length = 1 + integer(&rest[1..]).unwrap_or_default().len();
                (length, Token::Value(Value::Integer(&rest[..length])))
            }
            _ if is_name(first) => self.word(rest, start),
            _ => comparison(rest).unwrap_or((first.len_utf8(), Token::Other(&rest[..first.len_utf8()]))),
        };
        self.at = start + length;
        Some((start, token))
    }
}

impl<'t> Tokens<'t> {
    fn word(&self, rest: &'t str, start: usize) -> (usize, Token<'t>) {
        let word = name(rest);
        let joint = [Joint::Imp, Joint::Eqv, Joint::Xor, Joint::Or, Joint::And]
            .into_iter()
            .find(|joint| word.eq_ignore_ascii_case(joint.name()));
        let token = match joint {
            Some(joint) => Token::Joint(joint),
            None if word.eq_ignore_ascii_case("NOT") => Token::Not,
            None if integer(rest) == Some(word) => Token::Value(Value::Integer(word)),
            // A name begins with a letter.
            None if word.starts_with(|first: char| first.is_ascii_digit()) => Token::Other(word),
            None => Token::Value(Value::Name { name: word, sign: None, offset: start }),
        };
        (word.len(), token)
    }
}

fn comparison(rest: &str) -> Option<(usize, Token<'_>)> {
    let plain = rest.strip_prefix('~').unwrap_or(rest);
    let sign = COMPARISONS.into_iter().find(|sign| plain.starts_with(sign))?;
    let ignores_case = plain.len() != rest.len();
    Some((sign.len() + usize::from(ignores_case), Token::Comparison(Comparison { sign, ignores_case })))
}

fn is_name(character: char) -> bool {
    character.is_alphanumeric() || matches!(character, '_' | '.')
}

fn name(text: &str) -> &str {
    &text[..text.find(|character| !is_name(character)).unwrap_or(text.len())]
}

fn integer(text: &str) -> Option<&str> {
    let digits = &text[..text.find(|character: char| !character.is_ascii_digit()).unwrap_or(text.len())];
    (!digits.is_empty()).then_some(digits)
}

struct Parser<'t> {
    text: &'t str,
    tokens: Vec<(usize, Token<'t>)>,
    at: usize,
    depth: usize,
    joints: usize,
}

impl<'t> Parser<'t> {
    fn peek(&self) -> Option<(usize, Token<'t>)> {
        self.tokens.get(self.at).copied()
    }

    fn error(&self, message: String) -> ConditionError {
        ConditionError { offset: self.peek().map_or(self.text.len(), |(offset, _)| offset), message }
    }

    /// Operands that words at least as tight as `loosest` join, from left to right.
    fn joined(&mut self, loosest: Joint) -> Result<Expression<'t>, ConditionError> {
        let mut left = self.operand()?;
        while let Some((_, Token::Joint(joint))) = self.peek()
            && joint >= loosest
        {
            self.joints += 1;
            if self.joints > MOST_JOINED {
                return Err(self.error(format!("no more than {MOST_JOINED} operands are looked at")));
            }
            self.at += 1;
            let tighter = match joint {
                Joint::Imp => Joint::Eqv,
                Joint::Eqv => Joint::Xor,
                Joint::Xor => Joint::Or,
                Joint::Or => Joint::And,
                Joint::And => {
                    left = Expression::Joined(Box::new(left), joint, Box::new(self.operand()?));
                    continue;
                }
            };
            left = Expression::Joined(Box::new(left), joint, Box::new(self.joined(tighter)?));
        }
        Ok(left)
    }

    fn operand(&mut self) -> Result<Expression<'t>, ConditionError> {
        if self.depth > DEEPEST {
            return Err(self.error("nothing is nested so deep".to_owned()));
        }
        self.depth += 1;
        let operand = match self.peek() {
            Some((_, Token::Not)) => {
                self.at += 1;
                Expression::Not(Box::new(self.operand()?))
            }
            Some((_, Token::Open)) => {
                self.at += 1;
                let inner = self.joined(Joint::Imp)?;
                match self.peek() {
                    Some((_, Token::Close)) => self.at += 1,
                    _ => return Err(self.error("the closing bracket is missing".to_owned())),
                }
                inner
            }
            _ => self.compared()?,
        };
        self.depth -= 1;
        Ok(operand)
    }

    fn compared(&mut self) -> Result<Expression<'t>, ConditionError> {
        let left = self.value()?;
        let Some((_, Token::Comparison(comparison))) = self.peek() else { return Ok(Expression::Value(left)) };
        self.at += 1;
        Ok(Expression::Compared(left, comparison, self.value()?))
    }

    fn value(&mut self) -> Result<Value<'t>, ConditionError> {
        match self.peek() {
            Some((_, Token::Value(value))) => {
                self.at += 1;
                Ok(value)
            }
            Some((_, token)) => Err(self.error(format!("a value is missing before {}", token.told()))),
            None => Err(self.error("a value is missing at the end".to_owned())),
        }
    }
}

impl<'t> Expression<'t> {
    /// The comparisons in it, from left to right.
    pub fn comparisons(&self) -> Vec<(Value<'t>, Comparison, Value<'t>)> {
        match self {
            Expression::Value(_) => Vec::new(),
            Expression::Compared(left, comparison, right) => vec![(*left, *comparison, *right)],
            Expression::Not(inner) => inner.comparisons(),
            Expression::Joined(left, _, right) => left.comparisons().into_iter().chain(right.comparisons()).collect(),
        }
    }
}

impl Joint {
    fn name(self) -> &'static str {
        match self {
            Joint::Imp => "IMP",
            Joint::Eqv => "EQV",
            Joint::Xor => "XOR",
            Joint::Or => "OR",
            Joint::And => "AND",
        }
    }
}

impl fmt::Display for Joint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", if self.ignores_case { "~" } else { "" }, self.sign)
    }
}

impl fmt::Display for Value<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Name { name, sign, .. } => {
                sign.map_or(Ok(()), |sign| write!(f, "{sign}"))?;
                f.write_str(name)
            }
            Value::Text(text) => write!(f, "\"{text}\""),
            Value::Integer(number) => f.write_str(number),
        }
    }
}

/// With as few brackets as it can be read with.
impl fmt::Display for Expression<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Expression::Value(value) => write!(f, "{value}"),
            Expression::Compared(left, comparison, right) => write!(f, "{left} {comparison} {right}"),
            Expression::Not(inner) if matches!(**inner, Expression::Joined(..)) => write!(f, "NOT ({inner})"),
            Expression::Not(inner) => write!(f, "NOT {inner}"),
            Expression::Joined(left, joint, right) => {
                let is_looser =
                    |side: &Expression<'_>| matches!(side, Expression::Joined(_, other, _) if other < joint);
                let is_same = |side: &Expression<'_>| matches!(side, Expression::Joined(_, other, _) if other == joint);
                let side = |f: &mut fmt::Formatter<'_>, side: &Expression<'_>, brackets: bool| {
                    if brackets { write!(f, "({side})") } else { write!(f, "{side}") }
                };
                side(f, left, is_looser(left))?;
                write!(f, " {joint} ")?;
                side(f, right, is_looser(right) || is_same(right))
            }
        }
    }
}

#[cfg(test)]
mod tests;
