//! What the languages' own modules have in common: syntax trees, walked.

use std::cell::Cell;
use std::ops::ControlFlow;
use std::rc::Rc;

use tree_sitter::{Language, Node, ParseOptions, ParseState, Parser, Tree};

use super::program::{Call, Expression, ExpressionKind, Form, Place, Step};

/// Expressions nested deeper than this name nothing, and deeper parts of a function are not looked into: to ask
/// a node for the one around it takes as long as it lies deep.
const DEEPEST: u32 = 100;
const DEEPEST_NODE: u32 = 300;

/// So many types may be parts of each other. Of more, the parsers keep every way to read them.
const MOST_GENERIC: usize = 64;

/// Whether a text has many types that are parts of each other, `A<B<C<`...
fn is_generic_maze(text: &str) -> bool {
    let mut open = 0;
    text.bytes().any(|byte| {
        match byte {
            b'<' => open += 1,
            b'_' | b'.' | b',' | b':' | b' ' | b'\t' | b'\r' | b'\n' => {}
            _ if byte.is_ascii_alphanumeric() => {}
            _ => open = 0,
        }
        open > MOST_GENERIC
    })
}

/// Parses a text; `None` where that takes far longer than such a text should.
pub(super) fn parse(language: &Language, text: &str) -> Option<Tree> {
    if is_generic_maze(text) {
        return None;
    }
    let mut parser = Parser::new();
    parser.set_language(language).ok()?;
    // The parser asks after every hundred steps whether to go on.
    let mut left = 1_000 + text.len() / 20;
    let mut progress = |_: &ParseState| {
        left = left.saturating_sub(1);
        if left > 0 { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    };
    let options = ParseOptions::new().progress_callback(&mut progress);
    let bytes = text.as_bytes();
    parser.parse_with_options(&mut |at, _| bytes.get(at..).unwrap_or_default(), None, Some(options))
}

/// The text of one file that is being looked at.
pub(super) struct File<'t> {
    text: &'t str,
    unit: usize,
    /// What stands before the text in the file that it is taken from, less what was put before it here.
    shift: isize,
    depth: Cell<u32>,
    /// Whether the node that is looked at may be passed over when the code runs.
    is_conditional: Cell<bool>,
}

impl<'t> File<'t> {
    pub(super) fn new(text: &'t str, unit: usize) -> File<'t> {
        File { text, unit, shift: 0, depth: Cell::new(0), is_conditional: Cell::new(false) }
    }

    /// A text that stands elsewhere in the file.
    pub(super) fn part(&self, text: &'t str, shift: isize) -> File<'t> {
        File { shift: self.shift + shift, ..File::new(text, self.unit) }
    }

    /// Looks into what an expression is made of, unless it is nested too deep.
    pub(super) fn inside(&self, node: Node<'_>, look: impl FnOnce() -> Expression) -> Expression {
        if self.depth.get() >= DEEPEST {
            return self.expression(node, ExpressionKind::Other);
        }
        self.depth.set(self.depth.get() + 1);
        let expression = look();
        self.depth.set(self.depth.get() - 1);
        expression
    }

    /// The text between two places.
    pub(super) fn between(&self, start: usize, end: usize) -> &'t str {
        self.text.get(start..end).unwrap_or_default()
    }

    pub(super) fn text(&self, node: Node<'_>) -> &'t str {
        self.text.get(node.byte_range()).unwrap_or_default()
    }

    pub(super) fn place(&self, node: Node<'_>) -> Place {
        let at = |byte: usize| byte.saturating_add_signed(self.shift);
        Place { unit: self.unit, start: at(node.start_byte()), end: at(node.end_byte()) }
    }

    pub(super) fn field(&self, node: Node<'_>, name: &str) -> Option<&'t str> {
        node.child_by_field_name(name).map(|node| self.text(node))
    }

    pub(super) fn expression(&self, node: Node<'_>, kind: ExpressionKind) -> Expression {
        Expression { kind, place: self.place(node) }
    }

    /// A name and those of what holds it, whatever stands between them.
    pub(super) fn path(&self, node: Node<'_>) -> Vec<String> {
        let words = self.text(node).split(|c: char| !c.is_alphanumeric() && c != '_');
        words
            .filter(|word| !word.is_empty() && !matches!(*word, "this" | "self" | "global" | "crate" | "super"))
            .map(str::to_owned)
            .collect()
    }

    pub(super) fn call(&self, node: Node<'_>, name: &str, arguments: Vec<Expression>) -> Call {
        let place = self.place(node);
        let (name, named, is_conditional) = (name.to_owned(), Vec::new(), self.is_conditional.get());
        Call { receiver: None, name, arguments, named, form: Form::Call, place, is_conditional }
    }
}

/// The children that have names in the grammar.
pub(super) fn children<'n>(node: Node<'n>) -> Vec<Node<'n>> {
    let mut cursor = node.walk();
    node.named_children(&mut cursor).collect()
}

/// The first child of that kind.
pub(super) fn child<'n>(node: Node<'n>, kind: &str) -> Option<Node<'n>> {
    children(node).into_iter().find(|child| child.kind() == kind)
}

/// The nodes below a node in the order of the text, outer ones first; `enter` tells whether to look into one.
/// What surely never runs is left out.
pub(super) fn walk<'n>(file: &File<'_>, node: Node<'n>, enter: &mut dyn FnMut(Node<'n>) -> bool) {
    // A stack of its own: sources nest as deep as they like.
    let mut open = vec![(node, 0, false)];
    let mut may_have_left = false;
    while let Some((node, depth, is_conditional)) = open.pop() {
        file.is_conditional.set(is_conditional || may_have_left);
        if depth > DEEPEST_NODE || !enter(node) {
            continue;
        }
        may_have_left |= is_conditional && LEAVES.contains(&node.kind());
        let decided = CONDITIONAL.contains(&node.kind()).then(|| decided(file, node)).flatten();
        let otherwise = node.child_by_field_name("alternative");
        let is_live = |child: &Node<'_>| decided.is_none_or(|holds| (otherwise == Some(*child)) != holds);
        let asked = node.child_by_field_name("condition").or_else(|| node.child_by_field_name("value"));
        let is_part = |child: Node<'_>| is_conditional || (is_branching(file, node) && asked != Some(child));
        open.extend(children(node).into_iter().filter(is_live).rev().map(|child| (child, depth + 1, is_part(child))));
    }
    file.is_conditional.set(false);
}

/// Whether a part of it may be passed over.
fn is_branching(file: &File<'_>, node: Node<'_>) -> bool {
    match node.kind() {
        "binary_expression" => matches!(file.field(node, "operator"), Some("&&" | "||" | "??")),
        kind => BRANCHING.contains(&kind),
    }
}

/// What chooses between its parts.
const BRANCHING: [&str; 9] = [
    "if_statement",
    "if_expression",
    "conditional_expression",
    "switch_statement",
    "switch_expression",
    "match_expression",
    "try_statement",
    "while_statement",
    "while_expression",
];

/// What ends a function.
const LEAVES: [&str; 6] = [
    "return_statement",
    "return_expression",
    "throw_statement",
    "throw_expression",
    "goto_statement",
    "try_expression",
];

/// What has a condition.
const CONDITIONAL: [&str; 6] =
    ["preproc_if", "preproc_elif", "if_statement", "if_expression", "while_statement", "while_expression"];

/// Whether the condition holds, if it is a plain one.
fn decided(file: &File<'_>, node: Node<'_>) -> Option<bool> {
    let condition = file.field(node, "condition")?;
    let plain: String = condition.chars().filter(|c| !c.is_whitespace() && !matches!(c, '(' | ')')).collect();
    match &*plain {
        "0" | "false" | "!1" | "!true" => Some(false),
        "1" | "true" | "!0" | "!false" => Some(true),
        _ if plain.starts_with("0&&") || plain.starts_with("false&&") => Some(false),
        _ => None,
    }
}

/// The parts of a joined expression, as one.
pub(super) fn joined(parts: Vec<Expression>, place: Place) -> Expression {
    Expression { kind: ExpressionKind::Joined(parts), place }
}

/// Types that stand for what they hold.
const HOLDERS: [&str; 9] = ["unique_ptr", "shared_ptr", "CComPtr", "CAutoPtr", "Box", "Rc", "Arc", "Lazy", "Task"];

/// A last name without what it is generic over or points to.
pub(super) fn plain(kind: &str) -> String {
    if let Some((outer, inner)) = kind.split_once('<')
        && HOLDERS.iter().any(|holder| outer.trim_end().ends_with(holder))
    {
        return plain(inner);
    }
    let kind = kind.split(['<', '?', '[']).next().unwrap_or_default();
    let mut words = kind.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|word| !word.is_empty());
    words.rfind(|word| !matches!(*word, "mut" | "const" | "dyn" | "static")).unwrap_or_default().to_owned()
}

/// Steps in the order in which they take place: what a call is made of comes before it.
pub(super) fn in_order(mut steps: Vec<(usize, Step)>) -> Rc<Vec<Step>> {
    steps.sort_by_key(|(end, _)| *end);
    Rc::new(steps.into_iter().map(|(_, step)| step).collect())
}
