//! MSBuild's conditions, as far as a project file decides them.

use super::msbuild::{MARKS, Properties, is_known};

/// Parentheses may be nested so deep.
const MAX_DEPTH: usize = 64;

/// Whether a condition holds; nobody knows when it depends on what the file does not say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Truth {
    True,
    False,
    Unknown,
}

impl Truth {
    pub(super) fn and(self, other: Truth) -> Truth {
        match (self, other) {
            (Truth::False, _) | (_, Truth::False) => Truth::False,
            (Truth::True, Truth::True) => Truth::True,
            _ => Truth::Unknown,
        }
    }

    pub(super) fn not(self) -> Truth {
        match self {
            Truth::True => Truth::False,
            Truth::False => Truth::True,
            Truth::Unknown => Truth::Unknown,
        }
    }

    fn or(self, other: Truth) -> Truth {
        self.not().and(other.not()).not()
    }
}

/// Whether `condition` holds. One that cannot be read is undecided.
pub(super) fn truth(condition: &str, properties: &Properties) -> Truth {
    if condition.trim().is_empty() {
        return Truth::True;
    }
    let mut reader = Reader { rest: condition, properties, depth: 0 };
    let read = reader.disjunction();
    read.filter(|_| reader.rest.trim().is_empty()).unwrap_or(Truth::Unknown)
}

struct Reader<'c> {
    rest: &'c str,
    properties: &'c Properties,
    depth: usize,
}

impl Reader<'_> {
    fn disjunction(&mut self) -> Option<Truth> {
        let mut truth = self.conjunction()?;
        while self.word("or") {
            truth = truth.or(self.conjunction()?);
        }
        Some(truth)
    }

    fn conjunction(&mut self) -> Option<Truth> {
        let mut truth = self.term()?;
        while self.word("and") {
            truth = truth.and(self.term()?);
        }
        Some(truth)
    }

    fn term(&mut self) -> Option<Truth> {
        self.depth += 1;
        let read = match () {
            () if self.depth > MAX_DEPTH => None,
            () if self.sign("!") => self.term().map(Truth::not),
            () if self.sign("(") => self.disjunction().filter(|_| self.sign(")")),
            () => self.comparison(),
        };
        self.depth -= 1;
        read
    }

    fn comparison(&mut self) -> Option<Truth> {
        let left = self.operand()?;
        if self.sign("(") {
            // A function such as Exists asks the machine that builds.
            self.operand()?;
            return self.sign(")").then_some(Truth::Unknown);
        }
        if self.sign("==") {
            return Some(equal(&left, &self.operand()?));
        }
        if self.sign("!=") {
            return Some(equal(&left, &self.operand()?).not());
        }
        match left.to_ascii_lowercase().as_str() {
            "true" | "on" | "yes" => Some(Truth::True),
            "false" | "off" | "no" => Some(Truth::False),
            _ => Some(Truth::Unknown),
        }
    }

    /// A text in quotes, or a word, with its properties replaced.
    fn operand(&mut self) -> Option<String> {
        self.rest = self.rest.trim_start();
        let text = match self.rest.strip_prefix('\'') {
            Some(quoted) => {
                let text = &quoted[..quoted.find('\'')?];
                self.rest = &quoted[text.len() + 1..];
                text
            }
            None => {
                let (text, rest) = self.rest.split_at(word_length(self.rest));
                self.rest = rest;
                Some(text).filter(|text| !text.is_empty())?
            }
        };
        Some(self.properties.expand(text))
    }

    fn sign(&mut self, sign: &str) -> bool {
        let rest = self.rest.trim_start();
        let found = rest.starts_with(sign) && !(sign == "!" && rest.starts_with("!="));
        if found {
            self.rest = &rest[sign.len()..];
        }
        found
    }

    fn word(&mut self, word: &str) -> bool {
        let rest = self.rest.trim_start();
        let Some((head, tail)) = rest.split_at_checked(word.len()) else { return false };
        let found = head.eq_ignore_ascii_case(word) && !tail.starts_with(char::is_alphanumeric);
        if found {
            self.rest = tail;
        }
        found
    }
}

/// Bytes up to what ends a word: a blank, an operator, or a parenthesis that is not its own.
fn word_length(text: &str) -> usize {
    let mut depth = 0usize;
    let mut before = ' ';
    for (at, character) in text.char_indices() {
        match character {
            '(' if depth > 0 || before == '$' => depth += 1,
            ')' if depth > 0 => depth -= 1,
            _ if depth > 0 => {}
            '(' | ')' | '=' | '!' | '<' | '>' => return at,
            _ if character.is_whitespace() => return at,
            _ => {}
        }
        before = character;
    }
    text.len()
}

/// Whether two texts are the same to MSBuild, which does not mind case. Unknown pieces decide
/// nothing, but what stands before and behind them may.
fn equal(left: &str, right: &str) -> Truth {
    let (left, right) = (left.to_lowercase(), right.to_lowercase());
    let (pattern, text) = match (is_known(&left), is_known(&right)) {
        (true, true) if left == right => return Truth::True,
        (true, true) => return Truth::False,
        (false, true) => (left, right),
        (true, false) => (right, left),
        (false, false) => return Truth::Unknown,
    };
    let mut known = pattern.split(MARKS);
    let starts = known.next().is_none_or(|start| text.starts_with(start));
    let ends = known.next_back().is_none_or(|end| text.ends_with(end));
    if starts && ends { Truth::Unknown } else { Truth::False }
}
