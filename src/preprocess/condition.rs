//! The expressions of `<?if?>` and `<?elseif?>`.
//!
//! ```text
//! expr := term (("and" | "or") term)*      strictly left to right, equal rank
//! term := "not" term | "(" expr ")" | atom
//! atom := value [op value]
//! op   := "=" | "==" | "!=" | "~=" | "<" | "<=" | ">" | ">="
//! value := "…" | $(…) | bare word
//! ```
//!
//! As the toolset's own evaluator has it, confirmed by running it: `not a and b` is `(not a) and b`,
//! and `true or false and false` is false.

use super::Namespace;
use super::variables::Variables;

/// What an expression comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Truth {
    Known(bool),
    /// It depends on variables that nobody defines. `binding` is the variable and the text that
    /// make it true, where there is just one such pair.
    Unknown {
        variables: Vec<String>,
        binding: Option<(String, String)>,
    },
}

impl Truth {
    pub(super) fn map(self, f: impl FnOnce(bool) -> bool) -> Truth {
        match self {
            Truth::Known(truth) => Truth::Known(f(truth)),
            Truth::Unknown { variables, .. } => Truth::Unknown { variables, binding: None },
        }
    }

    fn and(self, other: Truth) -> Truth {
        match (self, other) {
            (Truth::Known(false), _) | (_, Truth::Known(false)) => Truth::Known(false),
            (Truth::Known(true), other) | (other, Truth::Known(true)) => other,
            (left, right) => left.join(right),
        }
    }

    fn or(self, other: Truth) -> Truth {
        match (self, other) {
            (Truth::Known(true), _) | (_, Truth::Known(true)) => Truth::Known(true),
            (Truth::Known(false), other) | (other, Truth::Known(false)) => other,
            (left, right) => left.join(right),
        }
    }

    fn join(self, other: Truth) -> Truth {
        let names = |truth| match truth {
            Truth::Unknown { variables, .. } => variables,
            Truth::Known(_) => Vec::new(),
        };
        let mut variables = names(self);
        variables.extend(names(other));
        Truth::Unknown { variables, binding: None }
    }
}

/// Evaluates an expression. One that the toolset would refuse is unknown.
pub(super) fn evaluate(text: &str, variables: &Variables, dialect: Namespace) -> Truth {
    let mut parser = Parser { rest: text, variables, dialect, depth: 0 };
    match parser.expression() {
        Some(truth) if parser.rest.trim().is_empty() => truth,
        _ => Truth::Unknown { variables: vec![text.trim().to_owned()], binding: None },
    }
}

const MAX_DEPTH: usize = 64;

struct Parser<'p> {
    rest: &'p str,
    variables: &'p Variables,
    dialect: Namespace,
    depth: usize,
}

/// One side of a comparison.
enum Operand {
    Known { text: String, variable: bool },
    Unknown { name: String },
}

impl Parser<'_> {
    fn expression(&mut self) -> Option<Truth> {
        let mut truth = self.term()?;
        loop {
            if self.keyword("and") {
                let right = self.term()?;
                truth = truth.and(right);
            } else if self.keyword("or") {
                let right = self.term()?;
                truth = truth.or(right);
            } else {
                return Some(truth);
            }
        }
    }

    fn term(&mut self) -> Option<Truth> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return None;
        }
        let truth = if self.keyword("not") {
            self.term()?.map(|truth| !truth)
        } else if let Some(rest) = self.rest.trim_start().strip_prefix('(') {
            self.rest = rest;
            let truth = self.expression()?;
            self.rest = self.rest.trim_start().strip_prefix(')')?;
            truth
        } else {
            self.comparison()?
        };
        self.depth -= 1;
        Some(truth)
    }

    /// Takes the keyword if it comes next; it must be followed by a blank or a parenthesis.
    fn keyword(&mut self, keyword: &str) -> bool {
        let rest = self.rest.trim_start();
        let Some((head, tail)) = rest.split_at_checked(keyword.len()) else { return false };
        let ends = tail.starts_with(|next: char| next.is_whitespace() || next == '(');
        let found = head.eq_ignore_ascii_case(keyword) && ends;
        if found {
            self.rest = tail;
        }
        found
    }

    fn comparison(&mut self) -> Option<Truth> {
        let left = self.operand()?;
        let rest = self.rest.trim_start();
        let operators = ["!=", "~=", "<=", ">=", "==", "=", "<", ">"];
        let Some(operator) = operators.into_iter().find(|operator| rest.starts_with(operator)) else {
            return self.truth_of(left);
        };
        self.rest = &rest[operator.len()..];
        let right = self.operand()?;
        compare(left, operator, right)
    }

    /// A value that stands alone: v3 takes any variable that is defined as true, v4 and later take
    /// four texts as false. A literal is refused by both.
    fn truth_of(&self, operand: Operand) -> Option<Truth> {
        match operand {
            Operand::Unknown { name } => Some(Truth::Unknown { variables: vec![name], binding: None }),
            Operand::Known { variable: false, .. } => None,
            Operand::Known { text, .. } => {
                let falsy = matches!(text.as_str(), "" | "0" | "false" | "no");
                Some(Truth::Known(self.dialect == Namespace::V3 || !falsy))
            }
        }
    }

    fn operand(&mut self) -> Option<Operand> {
        let rest = self.rest.trim_start();
        if let Some(quoted) = rest.strip_prefix('"') {
            let end = quoted.find('"')?;
            self.rest = &quoted[end + 1..];
            let text = &quoted[..end];
            return Some(match self.variables.expand(text) {
                Some(text) => Operand::Known { text: text.trim().to_owned(), variable: false },
                None => unknown(text),
            });
        }
        let end = operand_length(rest);
        if end == 0 {
            return None;
        }
        self.rest = &rest[end..];
        let text = &rest[..end];
        Some(match self.variables.expand(text) {
            Some(value) => Operand::Known { text: value.trim().to_owned(), variable: text.starts_with("$(") },
            None => unknown(text),
        })
    }
}

/// An operand that holds a variable nobody defines; its name without `$(var.` when it is nothing else.
fn unknown(text: &str) -> Operand {
    let name = text.trim().trim_start_matches("$(").trim_end_matches(')');
    Operand::Unknown { name: name.strip_prefix("var.").unwrap_or(name).to_owned() }
}

/// Bytes up to the blank, operator or parenthesis that ends a word or a `$(…)`.
fn operand_length(text: &str) -> usize {
    let mut depth = 0usize;
    for (at, character) in text.char_indices() {
        match character {
            '(' => depth += 1,
            ')' if depth == 0 => return at,
            ')' => depth -= 1,
            _ if depth > 0 => {}
            '=' | '!' | '<' | '>' | '~' => return at,
            _ if character.is_whitespace() => return at,
            _ => {}
        }
    }
    text.len()
}

fn compare(left: Operand, operator: &str, right: Operand) -> Option<Truth> {
    let (left, right) = match (left, right) {
        (Operand::Known { text: left, .. }, Operand::Known { text: right, .. }) => (left, right),
        (Operand::Unknown { name }, Operand::Known { text, .. })
        | (Operand::Known { text, .. }, Operand::Unknown { name }) => {
            let simple = !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '.');
            let binding = (simple && matches!(operator, "=" | "==")).then(|| (name.clone(), text));
            return Some(Truth::Unknown { variables: vec![name], binding });
        }
        (Operand::Unknown { name: left }, Operand::Unknown { name: right }) => {
            return Some(Truth::Unknown { variables: vec![left, right], binding: None });
        }
    };
    let order = || Some((left.parse::<i32>().ok()?, right.parse::<i32>().ok()?));
    Some(Truth::Known(match operator {
        "=" | "==" => left == right,
        "!=" => left != right,
        "~=" => left.eq_ignore_ascii_case(&right),
        "<" => order().map(|(left, right)| left < right)?,
        "<=" => order().map(|(left, right)| left <= right)?,
        ">" => order().map(|(left, right)| left > right)?,
        _ => order().map(|(left, right)| left >= right)?,
    }))
}
