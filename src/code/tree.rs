//! What the languages' own modules have in common: syntax trees, walked.

use tree_sitter::{Language, Node, Parser};

use super::program::{Call, Expression, ExpressionKind, Form, Place, Step};

/// Parses a text; `None` where the parser gives up.
pub(super) fn parse(language: &Language, text: &str) -> Option<tree_sitter::Tree> {
    let mut parser = Parser::new();
    parser.set_language(language).ok()?;
    parser.parse(text, None)
}

/// The text of one file that is being looked at.
#[derive(Clone, Copy)]
pub(super) struct File<'t> {
    pub(super) text: &'t str,
    pub(super) unit: usize,
}

impl<'t> File<'t> {
    pub(super) fn text(&self, node: Node<'_>) -> &'t str {
        self.text.get(node.byte_range()).unwrap_or_default()
    }

    pub(super) fn place(&self, node: Node<'_>) -> Place {
        Place { unit: self.unit, start: node.start_byte(), end: node.end_byte() }
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
            .filter(|word| !word.is_empty() && !matches!(*word, "this" | "self" | "global" | "crate"))
            .map(str::to_owned)
            .collect()
    }

    pub(super) fn call(&self, node: Node<'_>, name: &str, arguments: Vec<Expression>) -> Call {
        let place = self.place(node);
        Call { receiver: None, name: name.to_owned(), arguments, form: Form::Call, place }
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
pub(super) fn walk<'n>(node: Node<'n>, enter: &mut dyn FnMut(Node<'n>) -> bool) {
    // A stack of its own: sources nest as deep as they like.
    let mut open = vec![node];
    while let Some(node) = open.pop() {
        if enter(node) {
            open.extend(children(node).into_iter().rev());
        }
    }
}

/// The parts of a joined expression, as one.
pub(super) fn joined(parts: Vec<Expression>, place: Place) -> Expression {
    Expression { kind: ExpressionKind::Joined(parts), place }
}

/// A last name without what it is generic over or points to.
pub(super) fn plain(kind: &str) -> String {
    let kind = kind.split(['<', '?', '[']).next().unwrap_or_default();
    let mut words = kind.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|word| !word.is_empty());
    words.rfind(|word| !matches!(*word, "mut" | "const" | "dyn" | "static")).unwrap_or_default().to_owned()
}

/// Steps in the order in which they take place: what a call is made of comes before it.
pub(super) fn in_order(mut steps: Vec<(usize, Step)>) -> Vec<Step> {
    steps.sort_by_key(|(end, _)| *end);
    steps.into_iter().map(|(_, step)| step).collect()
}
