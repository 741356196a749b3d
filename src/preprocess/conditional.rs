//! `<?if?>` and what belongs to it: which branch is read, in this world.

use std::sync::Arc;

use super::condition::{Evaluation, is_too_long, solve};
use super::mistake::{Mistake, MistakeKind};
use super::worlds::{Asks, Assumed, Condition, Decision, Leaning};
use super::{Assumptions, Run};
use crate::source::Span;

/// One `<?if?>` that is open.
pub(super) struct Conditional {
    keyword: &'static str,
    span: Span,
    /// Whether what surrounds it is read at all.
    outer: bool,
    /// Whether this branch is.
    pub(super) active: bool,
    /// Whether a branch was taken already.
    taken: bool,
    /// Whether its `<?else?>` has come.
    last: bool,
}

impl Run<'_> {
    pub(super) fn open_conditional(&mut self, keyword: &'static str, content: &str, span: Span) {
        let outer = self.active();
        self.conditionals.push(Conditional { keyword, span, outer, active: false, taken: false, last: false });
        self.branch(keyword, content, span);
    }

    /// `<?elseif?>`, `<?else?>` or `<?endif?>`, which belong to one that the same file or round of a loop opened.
    pub(super) fn go_on(&mut self, instruction: &'static str, content: &str, span: Span) {
        let is_open = self.conditionals.len() > self.base;
        let Some(open) = self.conditionals.last_mut().filter(|open| is_open && (!open.last || instruction == "endif"))
        else {
            return self.mistake(MistakeKind::Unmatched { instruction, opening: "if" }, span);
        };
        match instruction {
            "elseif" => self.branch("if", content, span),
            "else" => {
                open.active = open.outer && !open.taken;
                open.last = true;
            }
            _ => {
                self.conditionals.pop();
            }
        }
    }

    /// Closes what the file or the round of a loop that ends with `end` has left open.
    pub(super) fn close_conditionals(&mut self, base: usize, end: Span) {
        if let Some(open) = self.conditionals.get(base) {
            let kind = MistakeKind::Unended { instruction: open.keyword, closing: "endif" };
            let begin = Some(open.span);
            self.outcome.mistakes.push(Mistake { kind, span: end, begin });
        }
        self.conditionals.truncate(base);
    }

    /// Decides whether the branch that begins here is read.
    fn branch(&mut self, keyword: &str, content: &str, span: Span) {
        let Some(open) = self.conditionals.last_mut() else { return };
        if !open.outer || open.taken {
            open.active = false;
            return;
        }
        let take = match keyword {
            "if" => self.holds(content, span),
            _ => self.is_defined(content, span) == (keyword == "ifdef"),
        };
        if let Some(open) = self.conditionals.last_mut() {
            open.active = take;
            open.taken = take;
        }
    }

    /// Whether the expression of an `<?if?>` or `<?elseif?>` holds in this world.
    fn holds(&mut self, content: &str, span: Span) -> bool {
        let mut evaluation = Evaluation::new(self.variables.context(&[]));
        let outcome = evaluation.of(content);
        let roots = evaluation.roots;
        match outcome {
            Ok(holds) if roots.is_empty() => return holds,
            Err(kind) if roots.is_empty() || kind != MistakeKind::NoNumber => {
                self.mistake(kind, span);
                return false;
            }
            _ => {}
        }
        // The toolset has no text for what is not defined, and builds nothing.
        if roots.iter().any(|root| self.variables.assumed(root) == Some(&Assumed::Undefined)) {
            self.outcome.refused = true;
            return false;
        }
        if is_too_long(content, &roots) {
            let message =
                "this condition has more than 64 variables or 32 KiB; it was looked at with all of them empty";
            self.note(message, span);
        }
        self.settle(content, &roots);
        let Ok(holds) = Evaluation::new(self.variables.context(&[])).of(content) else {
            self.outcome.refused = true;
            return false;
        };
        let context = self.variables.context(&[]);
        let other = solve(content, &context, &roots, !holds).map(|assumed| assumed.into_iter().collect());
        let own = solve(content, &context, &roots, holds);
        let pins = own.is_some_and(|own| own.iter().all(|(_, assumed)| matches!(assumed, Assumed::Exactly(_))));
        let text = content.split_whitespace().collect::<Vec<_>>().join(" ");
        let condition = Arc::new(Condition { text, asks: Asks::Holds });
        self.decide(Decision { condition, holds, span, roots, pins, other });
        holds
    }

    /// Assumes what decides an expression, the way to which this world leans if that can be.
    fn settle(&mut self, content: &str, roots: &[String]) {
        let has_text =
            |root: &&String| matches!(self.variables.assumed(root), Some(Assumed::Exactly(_) | Assumed::Like(_)));
        let free: Vec<String> = roots.iter().filter(|root| !has_text(root)).cloned().collect();
        if free.is_empty() {
            return;
        }
        let first = self.leaning == Leaning::First;
        let context = self.variables.context(&[]);
        let solution = solve(content, &context, &free, first).or_else(|| solve(content, &context, &free, !first));
        self.variables.assume(solution.into_iter().flatten());
    }

    /// Whether a variable is defined in this world.
    fn is_defined(&mut self, content: &str, span: Span) -> bool {
        let name = match self.variables.is_defined(content) {
            Ok(truth) => return truth,
            Err(name) => name,
        };
        self.variables.ask(&name);
        let defined = match self.variables.assumed(&name) {
            Some(assumed) => *assumed != Assumed::Undefined,
            None => self.leaning == Leaning::Second,
        };
        let way = |defined| if defined { Assumed::Defined } else { Assumed::Undefined };
        if self.variables.assumed(&name).is_none() {
            self.variables.assume([(name.clone(), way(defined))]);
        }
        let other = Assumptions::from([(name.clone(), way(!defined))]);
        let text = if name.contains('.') { format!("$({name})") } else { format!("$(var.{name})") };
        let condition = Arc::new(Condition { text, asks: Asks::Defined });
        let (roots, other) = (vec![name], Some(other));
        self.decide(Decision { condition, holds: defined, span, roots, pins: !defined, other });
        defined
    }

    /// Keeps how a condition was taken, unless no other way leads anywhere.
    fn decide(&mut self, decision: Decision) {
        if !self.outcome.refused && decision.other.is_some() {
            self.outcome.decisions.push(decision);
        }
    }

    pub(super) fn mistake(&mut self, kind: MistakeKind, span: Span) {
        self.outcome.mistakes.push(Mistake { kind, span, begin: None });
    }
}
