//! The expressions of `<?if?>` and `<?elseif?>`, as the toolset's own evaluator takes them.
//!
//! ```text
//! expr  := term (("and" | "or") term)*      from left to right, equal rank, every term is looked at
//! term  := "not" expr | "(" expr ")" | atom
//! atom  := value [op value]
//! op    := "=" | "!=" | "~=" | "<" | "<=" | ">" | ">=", and "==" from v4 on
//! value := "…" | $(…) | what reaches up to the next blank or operator
//! ```
//!
//! `not` negates the first term behind it, but takes the whole rest with it: `not a and b` is
//! `(not a) and b`, and `a or not b and c` is `a or ((not b) and c)`.

use std::ops::Range;

use rustc_hash::FxHashSet;

use super::expansion::{Context, Expansion};
use super::mistake::MistakeKind;
use super::variables::reference_length;
use super::{Assumed, Namespace};

/// An expression nested deeper is not looked at.
const MAX_DEPTH: usize = 256;

/// One evaluation of an expression.
pub(super) struct Evaluation<'e> {
    context: Context<'e>,
    depth: usize,
    /// The variables that nothing defines and that take part.
    pub(super) roots: Vec<String>,
    known: FxHashSet<String>,
    /// Texts that such variables are compared with, as they would have to be.
    pub(super) compared: Vec<String>,
    /// A number is compared with something else.
    no_number: bool,
}

/// One side of a comparison.
struct Operand {
    text: String,
    /// It holds a variable that nothing defines.
    is_free: bool,
    /// Where the text of such a variable stands in it, when it is the only one.
    place: Option<Range<usize>>,
}

#[derive(Clone, Copy)]
struct Token<'t> {
    text: &'t str,
    quoted: bool,
}

/// How a term is joined with what stands before it.
#[derive(Clone, Copy)]
enum Join {
    First,
    Negated,
    And(bool),
    Or(bool),
}

impl Join {
    fn with(self, term: bool) -> bool {
        match self {
            Join::First => term,
            Join::Negated => !term,
            Join::And(before) => before & term,
            Join::Or(before) => before | term,
        }
    }
}

impl<'e> Evaluation<'e> {
    pub(super) fn new(context: Context<'e>) -> Self {
        Evaluation {
            context,
            depth: 0,
            roots: Vec::new(),
            known: FxHashSet::default(),
            compared: Vec::new(),
            no_number: false,
        }
    }

    /// Whether the expression holds.
    ///
    /// # Errors
    /// What the toolset refuses about it.
    pub(super) fn of(&mut self, text: &str) -> Result<bool, MistakeKind> {
        let holds = self.expression(text, Join::First)?;
        if self.no_number { Err(MistakeKind::NoNumber) } else { Ok(holds) }
    }

    fn expression(&mut self, text: &str, first: Join) -> Result<bool, MistakeKind> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(MistakeKind::Parentheses);
        }
        let (mut rest, mut join) = (text, first);
        let value = loop {
            rest = rest.trim();
            if rest.is_empty() {
                return Err(MistakeKind::Empty);
            }
            let (term, after) = self.term(rest)?;
            let value = join.with(term);
            rest = after.trim();
            (join, rest) = match (rest.is_empty(), keyword(rest, "and"), keyword(rest, "or")) {
                (true, ..) => break value,
                (_, Some(after), _) => (Join::And(value), after),
                (_, _, Some(after)) => (Join::Or(value), after),
                _ => return Err(MistakeKind::Leftover),
            };
        };
        self.depth -= 1;
        Ok(value)
    }

    fn term<'t>(&mut self, text: &'t str) -> Result<(bool, &'t str), MistakeKind> {
        if text.starts_with('(') {
            let (inside, after) = parenthesized(text).ok_or(MistakeKind::Parentheses)?;
            return Ok((self.expression(inside, Join::First)?, after));
        }
        match keyword(text, "not") {
            Some(after) if after.trim().is_empty() => Err(MistakeKind::AfterNot),
            Some(after) => Ok((self.expression(after, Join::Negated)?, "")),
            None => self.comparison(text),
        }
    }

    fn comparison<'t>(&mut self, text: &'t str) -> Result<(bool, &'t str), MistakeKind> {
        let is_variable = text.starts_with("$(");
        let (token, after) = self.token(text)?;
        let left = self.operand(token)?;
        let (operator, behind) = self.token(after)?;
        let operators = ["=", "!=", "<", "<=", ">", ">=", "~="];
        let known = operators.contains(&operator.text) || (operator.text == "==" && !self.is_v3());
        if !known {
            // A variable alone: v3 takes any text for true, later generations take four for false.
            let falsy = matches!(left.text.as_str(), "" | "0" | "false" | "no") && !self.is_v3();
            return if is_variable { Ok((!falsy, after)) } else { Err(MistakeKind::Literal) };
        }
        if operator.quoted {
            return Err(MistakeKind::Quotes);
        }
        let (token, behind) = self.token(behind)?;
        let right = self.operand(token)?;
        self.compared.extend(left.wanted(&right));
        self.compared.extend(right.wanted(&left));
        Ok((self.compare(operator.text, &left, &right), behind))
    }

    fn is_v3(&self) -> bool {
        self.context.dialect == Namespace::V3
    }

    /// The next value or operator, and what stands behind it.
    fn token<'t>(&self, text: &'t str) -> Result<(Token<'t>, &'t str), MistakeKind> {
        let text = text.trim();
        let plain = |length: usize| (Token { text: text[..length].trim(), quoted: false }, &text[length..]);
        if let Some(quoted) = text.strip_prefix('"') {
            let end = quoted.find('"').ok_or(MistakeKind::Quotes)?;
            return Ok((Token { text: &quoted[..end], quoted: true }, &quoted[end + 1..]));
        }
        if text.starts_with("$(") {
            return match reference_length(&text[1..]) {
                Some(length) => Ok(plain(1 + length)),
                None => Err(MistakeKind::Parentheses),
            };
        }
        let pairs: &[&str] = if self.is_v3() { &["<=", ">=", "!=", "~="] } else { &["==", "<=", ">=", "!=", "~="] };
        if pairs.iter().any(|pair| text.starts_with(pair)) {
            return Ok(plain(2));
        }
        let Some(end) = text.find([' ', '=', '<', '>']) else { return Ok(plain(text.len())) };
        // Of `!=` and `~=` the first sign alone ends nothing.
        let is_pair = text[end..].starts_with('=') && text[..end].ends_with(['!', '~']);
        Ok(plain(if is_pair { end - 1 } else { end.max(1) }))
    }

    fn operand(&mut self, token: Token<'_>) -> Result<Operand, MistakeKind> {
        if !token.quoted && !token.text.starts_with("$(") {
            return match () {
                () if token.text.contains(['(', ')']) => Err(MistakeKind::Parentheses),
                () if token.text.contains('"') => Err(MistakeKind::Quotes),
                () => Ok(Operand { text: token.text.to_owned(), is_free: false, place: None }),
            };
        }
        let Expansion { text, roots, place } = self.context.expand(token.text)?;
        let is_free = !roots.is_empty();
        for root in roots {
            if self.known.insert(root.clone()) {
                self.roots.push(root);
            }
        }
        Ok(Operand { text, is_free, place })
    }

    fn compare(&mut self, operator: &str, left: &Operand, right: &Operand) -> bool {
        let (a, b) = (left.text.trim(), right.text.trim());
        match operator {
            "=" | "==" => return a == b,
            "!=" => return a != b,
            "~=" => return folded(a).eq(folded(b)),
            _ => {}
        }
        let (Ok(a), Ok(b)) = (a.parse::<i32>(), b.parse::<i32>()) else {
            self.no_number = true;
            return false;
        };
        match operator {
            "<" => a < b,
            "<=" => a <= b,
            ">" => a > b,
            _ => a >= b,
        }
    }
}

impl Operand {
    /// The text that a variable in this operand needs for both sides to be equal.
    fn wanted(&self, other: &Operand) -> Option<String> {
        let place = self.place.clone()?;
        let (before, after) = (self.text.get(..place.start)?, self.text.get(place.end..)?);
        let other = other.text.trim();
        if other.is_empty() || !self.is_free {
            return None;
        }
        let middle = other.strip_prefix(before).and_then(|rest| rest.strip_suffix(after));
        middle.map(str::to_owned)
    }
}

/// A text in which case makes no difference.
fn folded(text: &str) -> impl Iterator<Item = char> {
    text.chars().flat_map(char::to_uppercase)
}

/// What follows the keyword, if it comes first: a blank or a parenthesis ends it.
fn keyword<'t>(text: &'t str, keyword: &str) -> Option<&'t str> {
    let (head, tail) = text.split_at_checked(keyword.len())?;
    (head.eq_ignore_ascii_case(keyword) && tail.starts_with([' ', '('])).then_some(tail)
}

/// What stands in the parentheses that `text` begins with, and what behind them; those in double
/// quotes are no parentheses.
fn parenthesized(text: &str) -> Option<(&str, &str)> {
    let (mut depth, mut quoted) = (0usize, false);
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'"' => quoted = !quoted,
            _ if quoted => {}
            b'(' => depth += 1,
            b')' if depth == 1 => return Some((&text[1..at], &text[at + 1..])),
            b')' => depth -= 1,
            _ => {}
        }
    }
    None
}

/// An expression with more variables or more text than that is not solved.
const MOST_ROOTS: usize = 64;
const LONGEST: usize = 1 << 15;
/// So many choices of texts are tried for the variables of an expression; most ask for one or two.
const MOST_TRIES: usize = 4096;
/// So many characters are read again for that.
const MOST_TEXT: usize = 1 << 20;
/// So many more to find out whether other texts decide in the same way; else they are taken to.
const MOST_PROBED: usize = 16 << 20;

/// A text that no source compares with.
const FRESH: &str = "\u{1}something else";

/// Whether an expression is not solved because there is too much of it.
pub(super) fn is_too_long(text: &str, roots: &[String]) -> bool {
    roots.len() > MOST_ROOTS || text.len() > LONGEST
}

/// Finds texts for `roots` with which the expression comes to `wanted`, the plainest first.
pub(super) fn solve(
    text: &str,
    context: &Context<'_>,
    roots: &[String],
    wanted: bool,
) -> Option<Vec<(String, Assumed)>> {
    if is_too_long(text, roots) {
        return None;
    }
    let compared = compared(text, context);
    let candidates = candidates(&compared);
    let probing = roots.len().saturating_mul(candidates.len() + 3).saturating_mul(text.len());
    let tries = candidates.len().saturating_pow(roots.len() as u32).min(MOST_TRIES).min(MOST_TEXT / text.len().max(1));
    let holds = |choice: &[(String, String)]| {
        let outcome = Evaluation::new(context.with(choice)).of(text);
        outcome.is_ok_and(|outcome| outcome == wanted)
    };
    let choice = (0..tries).map(|number| choose(number, roots, &candidates)).find(|choice| holds(choice))?;
    // Whether any other text in the place of one decides the condition in another way.
    let is_only = |at: usize| {
        let own = &choice[at].1;
        let probes = candidates.iter().cloned().chain([flipped(own), "0".to_owned(), "no".to_owned()]);
        let mut others = probes.filter(|other| other != own).map(|other| {
            let mut choice = choice.clone();
            choice[at].1 = other;
            choice
        });
        probing <= MOST_PROBED && compared.contains(own) && !others.any(|choice| holds(&choice))
    };
    let only: Vec<bool> = (0..choice.len()).map(is_only).collect();
    let assumed = choice
        .into_iter()
        .zip(only)
        .map(|((root, text), is_only)| (root, if is_only { Assumed::Exactly(text) } else { Assumed::Like(text) }));
    Some(assumed.collect())
}

/// The text in another case.
fn flipped(text: &str) -> String {
    let flip = |c: char| if c.is_ascii_lowercase() { c.to_ascii_uppercase() } else { c.to_ascii_lowercase() };
    text.chars().map(flip).collect()
}

/// One of the ways to give each root one of the candidates.
fn choose(mut number: usize, roots: &[String], candidates: &[String]) -> Vec<(String, String)> {
    let mut next = |root: &String| {
        let text = candidates[number % candidates.len()].clone();
        number /= candidates.len();
        (root.clone(), text)
    };
    roots.iter().map(&mut next).collect()
}

/// The texts that variables would have to have for comparisons to hold.
fn compared(text: &str, context: &Context<'_>) -> Vec<String> {
    let mut evaluation = Evaluation::new(context.with(&[]));
    // Only what it meets is of interest; where it is refused, so is every choice.
    let _ = evaluation.of(text);
    evaluation.compared
}

/// What is worth trying: what is compared with, the numbers around it, something else, nothing.
fn candidates(compared: &[String]) -> Vec<String> {
    let mut candidates = Vec::new();
    for text in compared {
        let numbers = text.trim().parse::<i32>().map(|number| [number.wrapping_sub(1), number.wrapping_add(1)]);
        candidates.push(text.clone());
        candidates.extend(numbers.into_iter().flatten().map(|number| number.to_string()));
    }
    candidates.extend([FRESH.to_owned(), String::new()]);
    let mut known = FxHashSet::default();
    candidates.retain(|candidate| known.insert(candidate.clone()));
    candidates
}
