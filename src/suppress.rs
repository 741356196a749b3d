//! Comments that silence rules, as they stand in a file.
//!
//! `<!-- wixlint: ignore[rule-a, rule-b] reason -->` speaks of the next element and what is in it, or, behind the end
//! of an element in the same line, of that one. `ignore-file[...]` speaks of the file, and `disable[...]` of all
//! up to `enable[...]`.

use std::ops::Range;

use memchr::memmem::find_iter;

use crate::source::{FileId, Span};
use crate::syntax::{Event, Reader};

/// How a comment to wixlint begins.
pub const PREFIX: &str = "wixlint:";

/// A comment that silences rules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suppression {
    pub rules: Vec<Named>,
    pub has_reason: bool,
    /// The comment.
    pub span: Span,
    /// What goes with it when it is removed: a line that it fills.
    pub whole: Span,
    /// A condition of the preprocessor decides whether it is there.
    pub is_conditional: bool,
}

/// A rule that a comment names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    pub name: String,
    pub span: Span,
    /// Where the rule is silenced.
    pub covers: Span,
    /// What it covers depends on variables: another build may find other things there.
    pub is_open: bool,
}

/// A comment to wixlint that means nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Misunderstood {
    pub message: String,
    pub span: Span,
}

/// The comments of one file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Comments {
    pub suppressions: Vec<Suppression>,
    pub misunderstood: Vec<Misunderstood>,
}

/// What became of the comments of a project when its findings were known.
#[derive(Debug, Default)]
pub struct Verdicts<'c> {
    pub rules: Vec<Verdict<'c>>,
    pub misunderstood: Vec<&'c Misunderstood>,
    /// Comments have to say why.
    pub requires_reason: bool,
}

/// A rule that a comment names, and what came of that.
#[derive(Debug)]
pub struct Verdict<'c> {
    pub comment: &'c Suppression,
    pub rule: &'c Named,
    pub fate: Fate,
}

/// What came of a rule that a comment names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It has silenced something, or it cannot be told.
    Kept,
    /// There is nothing to be silenced.
    Unused,
    /// There is no such rule.
    Unknown,
    /// The rule is about comments, and no comment can silence it.
    Immune,
}

/// Whether a comment's content is one that [`read`] is about: not one that declares what is read.
pub fn is_meant(content: &str) -> bool {
    directive(content).is_some_and(|directive| !directive.starts_with("reads"))
}

fn directive(content: &str) -> Option<&str> {
    content.trim_start().strip_prefix(PREFIX).map(str::trim_start)
}

/// Reads the comments of a file.
pub fn read(file: FileId, text: &str) -> Comments {
    let mut reading = Reading {
        text,
        file,
        comments: Comments::default(),
        open: Vec::new(),
        last: None,
        waiting: Vec::new(),
        disabled: Vec::new(),
        conditions: 0,
    };
    let mut reader = Reader::new(file, text);
    while let Some(event) = reader.next() {
        reading.event(event);
    }
    reading.end()
}

/// A rule of a comment: the comment's place in the list, and the rule's in it.
type At = (usize, usize);

struct Reading<'t> {
    text: &'t str,
    file: FileId,
    comments: Comments,
    /// Where each open element begins, with the comments that speak of it.
    open: Vec<(u32, Vec<usize>)>,
    /// The element that has ended last, and where the comments and instructions behind it in its line end.
    last: Option<(Span, u32)>,
    /// Comments that speak of the next element.
    waiting: Vec<usize>,
    /// Rules that are disabled so far.
    disabled: Vec<At>,
    /// How many conditions of the preprocessor are open.
    conditions: usize,
}

impl Reading<'_> {
    fn event(&mut self, event: Event) {
        self.take(event);
        if let Event::Comment { span, .. } | Event::Instruction { span, .. } = event
            && let Some((element, _)) = self.last.filter(|(_, end)| self.is_beside(*end, span.start))
        {
            self.last = Some((element, span.end));
        }
    }

    fn take(&mut self, event: Event) {
        match event {
            Event::Start { span, empty, .. } => {
                self.open.push((span.start, std::mem::take(&mut self.waiting)));
                if empty {
                    self.close(span.end);
                }
            }
            Event::End { span } => {
                self.waiting.clear();
                self.close(span.end);
            }
            Event::Instruction { target, .. } => match &self.text[target.range()] {
                "if" | "ifdef" | "ifndef" => {
                    self.conditions += 1;
                    // The next element is not there in every build.
                    for &comment in &self.waiting {
                        let rules = &mut self.comments.suppressions[comment].rules;
                        rules.iter_mut().for_each(|rule| rule.is_open = true);
                    }
                }
                "endif" => self.conditions = self.conditions.saturating_sub(1),
                _ => {}
            },
            Event::Comment { content, span } if is_meant(&self.text[content.range()]) => self.comment(content, span),
            _ => {}
        }
    }

    fn close(&mut self, end: u32) {
        let Some((start, comments)) = self.open.pop() else { return };
        let element = Span { file: self.file, start, end };
        comments.into_iter().for_each(|comment| self.cover(comment, element));
        self.last = Some((element, end));
    }

    fn cover(&mut self, comment: usize, covers: Span) {
        self.comments.suppressions[comment].rules.iter_mut().for_each(|rule| rule.covers = covers);
    }

    fn comment(&mut self, content: Span, span: Span) {
        let written = &self.text[content.range()];
        let directive = directive(written).unwrap_or_default();
        let start = content.start + (written.len() - directive.len()) as u32;
        let shape = "write ignore[RULE], ignore-file[RULE], disable[RULE] or enable[RULE], and a reason behind it";
        let word = directive.split(|c: char| !c.is_ascii_alphanumeric() && c != '-').next().unwrap_or_default();
        if !["ignore", "ignore-file", "disable", "enable"].contains(&word) {
            let message = format!("`{word}` is not understood; there is `reads PROPERTY`, or {shape}");
            return self.misunderstand(message, span);
        }
        let Some((verb, rest)) = directive.split_once('[') else {
            return self.misunderstand(format!("the comment names no rule; {shape}"), span);
        };
        let Some((names, reason)) = rest.split_once(']') else {
            return self.misunderstand("the list of rules is not closed; end it with `]`".to_owned(), span);
        };
        let rules = self.named(names, start + verb.len() as u32 + 1);
        if rules.is_empty() {
            return self.misunderstand(format!("the comment names no rule; {shape}"), span);
        }
        if verb.trim() == "enable" {
            return self.enable(&rules, span);
        }
        let file = Span { file: self.file, start: 0, end: self.text.len() as u32 };
        let (whole, is_conditional) = (self.whole(span), self.conditions > 0);
        let has_reason = reason.chars().any(char::is_alphanumeric);
        let at = self.comments.suppressions.len();
        let count = rules.len();
        self.comments.suppressions.push(Suppression { rules, has_reason, span, whole, is_conditional });
        match verb.trim() {
            "ignore" => match self.last.filter(|(_, end)| self.is_beside(*end, span.start)) {
                Some((element, _)) => self.cover(at, element),
                None => self.waiting.push(at),
            },
            "ignore-file" => self.cover(at, file),
            "disable" => {
                self.cover(at, Span { start: span.end, ..file });
                self.disabled.extend((0..count).map(|rule| (at, rule)));
            }
            _ => {
                self.comments.suppressions.pop();
                self.misunderstand(format!("there is something between `{word}` and the `[`; {shape}"), span);
            }
        }
    }

    fn named(&self, names: &str, mut start: u32) -> Vec<Named> {
        let mut rules = Vec::new();
        for name in names.split(',') {
            let (trimmed, before) = (name.trim(), name.len() - name.trim_start().len());
            let at = start + before as u32;
            let span = Span { file: self.file, start: at, end: at + trimmed.len() as u32 };
            if !trimmed.is_empty() {
                rules.push(Named { name: trimmed.to_owned(), span, covers: span.at_start(), is_open: false });
            }
            start += name.len() as u32 + 1;
        }
        rules
    }

    /// Ends what was disabled before.
    fn enable(&mut self, rules: &[Named], span: Span) {
        for rule in rules {
            let suppressions = &mut self.comments.suppressions;
            let is_meant = |&(comment, at): &At| suppressions[comment].rules[at].name == rule.name;
            match self.disabled.iter().rposition(is_meant) {
                Some(at) => {
                    let (comment, at) = self.disabled.remove(at);
                    suppressions[comment].rules[at].covers.end = span.start;
                }
                None => self.misunderstand(format!("`{}` is not disabled here", rule.name), rule.span),
            }
        }
    }

    fn misunderstand(&mut self, message: String, span: Span) {
        self.comments.misunderstood.push(Misunderstood { message, span });
    }

    /// Whether two places are in one line with nothing but white space between them.
    fn is_beside(&self, start: u32, end: u32) -> bool {
        self.text
            .get(start as usize..end as usize)
            .is_some_and(|between| between.bytes().all(|byte| matches!(byte, b' ' | b'\t')))
    }

    /// A comment with its line, if it is all that stands there; else with the white space before it.
    fn whole(&self, span: Span) -> Span {
        let bytes = self.text.as_bytes();
        let blank = |byte: &&u8| matches!(byte, b' ' | b'\t');
        let before = bytes[..span.start as usize].iter().rev().take_while(blank).count() as u32;
        let after = bytes[span.end as usize..].iter().take_while(blank).count() as u32;
        let start = span.start - before;
        let begins_line = start == 0 || bytes[start as usize - 1] == b'\n';
        let rest = &bytes[(span.end + after) as usize..];
        let line_end = if rest.starts_with(b"\r\n") { 2 } else { u32::from(rest.starts_with(b"\n")) };
        if begins_line && line_end > 0 {
            return Span { start, end: span.end + after + line_end, ..span };
        }
        // An indentation stays with what comes after the comment.
        Span { start: if begins_line { span.start } else { start }, ..span }
    }

    fn end(mut self) -> Comments {
        let variables = variables(self.text);
        for rule in self.comments.suppressions.iter_mut().flat_map(|comment| &mut comment.rules) {
            let next = variables.partition_point(|variable| variable.start < rule.covers.start as usize);
            rule.is_open |= variables.get(next).is_some_and(|variable| variable.end <= rule.covers.end as usize);
        }
        for (comment, rule) in std::mem::take(&mut self.disabled) {
            let named = &self.comments.suppressions[comment].rules[rule];
            let message = format!(
                "`{}` is never enabled again; to silence it in the whole file, write ignore-file[{}]",
                named.name, named.name
            );
            self.misunderstand(message, self.comments.suppressions[comment].rules[rule].span);
        }
        self.comments
    }
}

/// Where a file says something that depends on variables, in its order.
fn variables(text: &str) -> Vec<Range<usize>> {
    let written = ["$(", "!(", "<?if", "<?else", "<?foreach", "<?include"];
    let mut found: Vec<Range<usize>> = written
        .iter()
        .flat_map(|written| find_iter(text.as_bytes(), written).map(|at| at..at + written.len()))
        .collect();
    found.sort_unstable_by_key(|variable| variable.start);
    found
}
