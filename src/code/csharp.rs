//! C#: custom actions of DTF.

use tree_sitter::Node;

use super::program::{
    Call, Expression, ExpressionKind, Form, Function, INDEX, Language, Parameter, Step, Unit, Variable,
};
use super::tree::{File, child, children, in_order, joined, parse, plain, walk};

/// A C# file, understood as far as it matters.
pub(super) fn unit(text: &str, at: usize) -> Option<Unit> {
    let tree = parse(&tree_sitter_c_sharp::LANGUAGE.into(), text)?;
    let file = CSharp(File::new(text, at));
    let mut unit = Unit::new(Language::CSharp);
    walk(&file.0, tree.root_node(), &mut |node| file.declaration(node, &mut unit));
    Some(unit)
}

struct CSharp<'t>(File<'t>);

impl CSharp<'_> {
    /// Takes what a node declares; whether others may stand in it.
    fn declaration(&self, node: Node<'_>, unit: &mut Unit) -> bool {
        match node.kind() {
            "method_declaration" | "constructor_declaration" | "local_function_statement" => {
                unit.functions.extend(self.function(node));
            }
            "property_declaration" => {
                unit.variables.extend(self.property(node));
                unit.functions.extend(self.function(node));
            }
            "field_declaration" => self.fields(node, unit),
            kind if is_type(kind) => {
                let bases = child(node, "base_list").map(children).unwrap_or_default();
                if let Some(name) = self.0.field(node, "name") {
                    unit.bases.extend(bases.into_iter().map(|base| (name.to_owned(), plain(self.0.text(base)))));
                }
            }
            _ => {}
        }
        true
    }

    fn owner(&self, node: Node<'_>) -> Option<String> {
        let mut at = node.parent();
        while let Some(outer) = at {
            if let Some(name) = self.0.field(outer, "name").filter(|_| is_type(outer.kind())) {
                return Some(name.to_owned());
            }
            at = outer.parent();
        }
        None
    }

    fn function(&self, node: Node<'_>) -> Option<Function> {
        let name = self.0.field(node, "name")?.to_owned();
        let mut parameters = Vec::new();
        for parameter in node.child_by_field_name("parameters").map(children).unwrap_or_default() {
            parameters.push(Parameter {
                name: self.0.field(parameter, "name").unwrap_or_default().to_owned(),
                kind: self.0.field(parameter, "type").map(plain),
                optional: self.0.text(parameter).contains('='),
                default: self.default(parameter),
            });
        }
        let mut steps = Vec::new();
        for part in children(node) {
            // The body, and what a constructor hands to another one.
            if !matches!(part.kind(), "parameter_list" | "attribute_list" | "modifier") {
                walk(&self.0, part, &mut |inner| {
                    if inner.kind() == "local_function_statement" {
                        return false;
                    }
                    steps.extend(self.step(inner).map(|step| (inner.end_byte(), step)));
                    true
                });
            }
        }
        let place = self.0.place(node.child_by_field_name("name")?);
        let steps = in_order(steps);
        let returns = self.0.field(node, "returns").or_else(|| self.0.field(node, "type")).map(plain);
        let (entry, owner) = (self.entry(node, &name), self.owner(node));
        let (is_local, space) = (node.kind() == "local_function_statement", None);
        Some(Function { entry, name, owner, space, is_local, returns, parameters, steps, place })
    }

    fn default(&self, parameter: Node<'_>) -> Option<Expression> {
        let name = parameter.child_by_field_name("name")?;
        let value = children(parameter).into_iter().find(|child| child.start_byte() > name.end_byte())?;
        Some(self.expression(value))
    }

    /// The name under which `[CustomAction]` exports a method.
    fn entry(&self, node: Node<'_>, name: &str) -> Option<String> {
        let lists = children(node).into_iter().filter(|list| list.kind() == "attribute_list");
        let attribute = lists.flat_map(children).find(|attribute| {
            let written = self.0.field(*attribute, "name").map(plain).unwrap_or_default();
            matches!(&*written, "CustomAction" | "CustomActionAttribute")
        })?;
        let argument = child(attribute, "attribute_argument_list").and_then(|list| child(list, "attribute_argument"));
        match argument.and_then(|argument| children(argument).into_iter().last()) {
            None => Some(name.to_owned()),
            Some(argument) => match self.expression(argument).kind {
                ExpressionKind::Text(text) => Some(text),
                _ => None,
            },
        }
    }

    fn property(&self, node: Node<'_>) -> Option<Variable> {
        let value = child(node, "arrow_expression_clause").and_then(|arrow| children(arrow).into_iter().next());
        Some(Variable {
            name: self.0.field(node, "name")?.to_owned(),
            owner: self.owner(node),
            kind: self.0.field(node, "type").map(plain),
            value: value.map(|value| self.expression(value)),
        })
    }

    fn fields(&self, node: Node<'_>, unit: &mut Unit) {
        let Some(declaration) = child(node, "variable_declaration") else { return };
        let modifiers: Vec<&str> = children(node)
            .into_iter()
            .filter(|child| child.kind() == "modifier")
            .map(|child| self.0.text(child))
            .collect();
        let constant = modifiers.iter().any(|modifier| matches!(*modifier, "const" | "readonly"));
        for declarator in children(declaration).into_iter().filter(|child| child.kind() == "variable_declarator") {
            let Some(name) = self.0.field(declarator, "name") else { continue };
            unit.variables.push(Variable {
                name: name.to_owned(),
                owner: self.owner(node),
                kind: self.0.field(declaration, "type").map(plain),
                value: self.initial(declarator).filter(|_| constant),
            });
        }
    }

    fn initial(&self, declarator: Node<'_>) -> Option<Expression> {
        let name = declarator.child_by_field_name("name")?;
        let value = children(declarator)
            .into_iter()
            .find(|child| *child != name && child.kind() != "bracketed_argument_list")?;
        Some(self.expression(value))
    }

    fn step(&self, node: Node<'_>) -> Option<Step> {
        match node.kind() {
            "invocation_expression" => {
                let function = node.child_by_field_name("function")?;
                let (receiver, name) = self.called(function)?;
                let mut call = self.with_arguments(node, &name, node.child_by_field_name("arguments"));
                call.receiver = receiver;
                Some(Step::Call(call))
            }
            "object_creation_expression" => {
                let kind = plain(self.0.field(node, "type")?);
                let mut call = self.with_arguments(node, &kind, node.child_by_field_name("arguments"));
                call.form = Form::New;
                Some(Step::Call(call))
            }
            "constructor_initializer" => {
                let own = self.owner(node)?;
                let kind = if self.0.text(node).contains("base") { self.base(node)? } else { own };
                let mut call = self.with_arguments(node, &kind, child(node, "argument_list"));
                call.form = Form::New;
                Some(Step::Call(call))
            }
            "identifier" if is_bare(node) && !self.is_in_nameof(node) => {
                let mut call = self.0.call(node, self.0.text(node), Vec::new());
                call.form = Form::Reference;
                Some(Step::Call(call))
            }
            "parameter" | "implicit_parameter" => self.lambda_parameter(node),
            "element_access_expression" => self.index(node, node.child_by_field_name("expression")?, node),
            "element_binding_expression" => self.index(node, self.condition(node)?, node),
            "member_access_expression" | "member_binding_expression" => {
                let parent = node.parent()?;
                if parent.child_by_field_name("function") == Some(node) {
                    return None;
                }
                let (receiver, name) = self.called(node)?;
                let mut call = self.0.call(node, &name, Vec::new());
                call.receiver = receiver;
                call.form = if is_written(node) { Form::Written } else { Form::Member };
                Some(Step::Call(call))
            }
            "variable_declarator" => {
                let kind = node.parent().and_then(|parent| self.0.field(parent, "type")).map(plain);
                let kind = kind.filter(|kind| kind != "var");
                Some(Step::Let { name: self.0.field(node, "name")?.to_owned(), kind, value: self.initial(node) })
            }
            "assignment_expression" => {
                let left = node.child_by_field_name("left").filter(|left| left.kind() == "identifier")?;
                let value = node.child_by_field_name("right").map(|right| self.expression(right));
                Some(Step::Let { name: self.0.text(left).to_owned(), kind: None, value })
            }
            _ => None,
        }
    }

    fn is_in_nameof(&self, node: Node<'_>) -> bool {
        let call = node.parent().and_then(|argument| argument.parent()).and_then(|list| list.parent());
        call.is_some_and(|call| self.0.field(call, "function") == Some("nameof"))
    }

    fn with_arguments(&self, node: Node<'_>, name: &str, list: Option<Node<'_>>) -> Call {
        let mut call = self.0.call(node, name, Vec::new());
        for argument in list.map(children).unwrap_or_default().into_iter().filter(|node| node.kind() == "argument") {
            let Some(value) = children(argument).into_iter().last().map(|value| self.expression(value)) else {
                continue;
            };
            match self.0.field(argument, "name") {
                Some(name) => call.named.push((name.to_owned(), value)),
                None => call.arguments.push(value),
            }
        }
        call
    }

    /// The type that the one around a node takes over from.
    fn base(&self, node: Node<'_>) -> Option<String> {
        let mut at = node.parent();
        while let Some(outer) = at {
            if is_type(outer.kind()) {
                return children(child(outer, "base_list")?).first().map(|base| plain(self.0.text(*base)));
            }
            at = outer.parent();
        }
        None
    }

    /// What a lambda gets: by its type, else what the call around it is given first, as a wrapper hands it on.
    fn lambda_parameter(&self, node: Node<'_>) -> Option<Step> {
        let lambda = node.parent().filter(|parent| parent.kind() == "lambda_expression").or_else(|| {
            let list = node.parent().filter(|parent| parent.kind() == "parameter_list")?;
            list.parent().filter(|parent| parent.kind() == "lambda_expression")
        })?;
        let name = self.0.field(node, "name").unwrap_or(self.0.text(node)).to_owned();
        let kind = self.0.field(node, "type").map(plain);
        let list = lambda.parent().and_then(|argument| argument.parent()).filter(|list| list.kind() == "argument_list");
        let handed = list.and_then(|list| children(list).into_iter().next()).and_then(|first| children(first).pop());
        let value = handed.filter(|first| first.kind() == "identifier" && kind.is_none());
        Some(Step::Let { name, kind, value: value.map(|value| self.expression(value)) })
    }

    fn index(&self, node: Node<'_>, receiver: Node<'_>, whole: Node<'_>) -> Option<Step> {
        let list = node.child_by_field_name("subscript").or_else(|| child(node, "bracketed_argument_list"));
        let arguments = self.arguments(list.unwrap_or(node));
        let mut call = self.0.call(whole, INDEX, arguments);
        call.receiver = Some(self.expression(receiver));
        call.form = if is_written(node) { Form::Written } else { Form::Call };
        Some(Step::Call(call))
    }

    /// What is called, and on what.
    fn called(&self, function: Node<'_>) -> Option<(Option<Expression>, String)> {
        match function.kind() {
            "identifier" => Some((None, self.0.text(function).to_owned())),
            "generic_name" => Some((None, plain(self.0.text(function)))),
            "member_access_expression" => {
                let receiver = function.child_by_field_name("expression").filter(|of| !is_self(self.0.text(*of)));
                Some((receiver.map(|of| self.expression(of)), plain(self.0.field(function, "name")?)))
            }
            "member_binding_expression" => {
                let receiver = self.condition(function)?;
                Some((Some(self.expression(receiver)), plain(self.0.field(function, "name")?)))
            }
            _ => None,
        }
    }

    /// What a `?.` or `?[` asks first.
    fn condition<'n>(&self, node: Node<'n>) -> Option<Node<'n>> {
        let mut at = node;
        while let Some(parent) = at.parent() {
            if parent.kind() == "conditional_access_expression" {
                return parent.child_by_field_name("condition").or_else(|| children(parent).into_iter().next());
            }
            at = parent;
        }
        None
    }

    fn arguments(&self, list: Node<'_>) -> Vec<Expression> {
        let all = children(list).into_iter().filter(|argument| argument.kind() == "argument");
        all.filter_map(|argument| children(argument).into_iter().last()).map(|node| self.expression(node)).collect()
    }

    fn expression(&self, node: Node<'_>) -> Expression {
        self.0.inside(node, || self.within(node))
    }

    fn within(&self, node: Node<'_>) -> Expression {
        let kind = match node.kind() {
            "string_literal" | "verbatim_string_literal" | "raw_string_literal" => {
                ExpressionKind::Text(text(self.0.text(node)))
            }
            "identifier" => ExpressionKind::Name(vec![self.0.text(node).to_owned()]),
            "member_access_expression" if is_plain_path(self.0.text(node)) => ExpressionKind::Name(self.0.path(node)),
            "parenthesized_expression" | "argument" => return self.last(node),
            "cast_expression" => match node.child_by_field_name("value") {
                Some(value) => return self.expression(value),
                None => ExpressionKind::Other,
            },
            "binary_expression" if self.0.field(node, "operator") == Some("+") => {
                let parts = ["left", "right"].iter().filter_map(|side| node.child_by_field_name(side));
                return joined(parts.map(|part| self.expression(part)).collect(), self.0.place(node));
            }
            "interpolated_string_expression" => {
                let parts = children(node).into_iter().filter_map(|part| match part.kind() {
                    "string_content" => {
                        Some(self.0.expression(part, ExpressionKind::Text(self.0.text(part).to_owned())))
                    }
                    "interpolation" => {
                        Some(children(part).into_iter().find(|hole| hole.kind() != "interpolation_brace").map_or_else(
                            || self.0.expression(part, ExpressionKind::Other),
                            |hole| self.expression(hole),
                        ))
                    }
                    _ => None,
                });
                return joined(parts.collect(), self.0.place(node));
            }
            "invocation_expression" if self.0.field(node, "function") == Some("nameof") => {
                let list = node.child_by_field_name("arguments");
                let name = list.and_then(|list| children(list).into_iter().next()).map(|name| self.0.path(name));
                match name.and_then(|name| name.into_iter().last()) {
                    Some(name) => ExpressionKind::Text(name),
                    None => ExpressionKind::Other,
                }
            }
            "invocation_expression" => {
                let called = node.child_by_field_name("function").and_then(|function| self.called(function));
                called.map_or(ExpressionKind::Other, |(receiver, name)| {
                    ExpressionKind::Called(receiver.map(Box::new), name)
                })
            }
            "object_creation_expression" => match self.0.field(node, "type") {
                Some(kind) => ExpressionKind::New(plain(kind)),
                None => ExpressionKind::Other,
            },
            _ => ExpressionKind::Other,
        };
        self.0.expression(node, kind)
    }

    fn last(&self, node: Node<'_>) -> Expression {
        match children(node).into_iter().last() {
            Some(inner) => self.expression(inner),
            None => self.0.expression(node, ExpressionKind::Other),
        }
    }
}

fn is_type(kind: &str) -> bool {
    matches!(kind, "class_declaration" | "struct_declaration" | "record_declaration" | "interface_declaration")
}

/// Whether an identifier stands where a value does, and is neither called nor part of a longer name.
fn is_bare(node: Node<'_>) -> bool {
    node.parent().is_some_and(|parent| match parent.kind() {
        "argument" => parent.child_by_field_name("name") != Some(node),
        "return_statement"
        | "arrow_expression_clause"
        | "binary_expression"
        | "equals_value_clause"
        | "parenthesized_expression"
        | "interpolation"
        | "conditional_expression" => true,
        "variable_declarator" => parent.child_by_field_name("name") != Some(node),
        "assignment_expression" => parent.child_by_field_name("right") == Some(node),
        "member_access_expression" => parent.child_by_field_name("expression") == Some(node),
        _ => false,
    })
}

fn is_self(text: &str) -> bool {
    matches!(text, "this" | "base")
}

fn is_plain_path(text: &str) -> bool {
    text.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '.' | '?' | '!'))
}

fn is_written(node: Node<'_>) -> bool {
    node.parent().is_some_and(|parent| {
        parent.kind() == "assignment_expression"
            && parent.child_by_field_name("left") == Some(node)
            && parent.child_by_field_name("operator").is_none_or(|operator| operator.kind() == "=")
    })
}

/// What a literal says. Escapes other than of quotes and backslashes do not come in names.
fn text(literal: &str) -> String {
    let verbatim = literal.starts_with('@');
    let inner = literal.trim_start_matches(['@', '$']).trim_matches('"');
    if verbatim { inner.replace("\"\"", "\"") } else { unescaped(inner) }
}

/// A text without the backslashes that escape.
pub(super) fn unescaped(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        plain.extend(if character == '\\' { characters.next() } else { Some(character) });
    }
    plain
}
