//! C and C++: custom actions that call Windows Installer or WiX's `wcautil`.

use tree_sitter::Node;

use super::csharp::unescaped;
use super::program::{Expression, ExpressionKind, Form, Function, Language, Parameter, Step, Unit, Variable};
use super::tree::{File, child, children, in_order, joined, parse, plain, walk};

/// A C or C++ file, understood as far as it matters.
pub(super) fn unit(text: &str, at: usize) -> Option<Unit> {
    let tree = parse(&tree_sitter_cpp::LANGUAGE.into(), text)?;
    let file = Cpp(File::new(text, at));
    let mut unit = Unit::new(Language::Cpp);
    walk(&file.0, tree.root_node(), &mut |node| file.declaration(node, &mut unit));
    Some(unit)
}

struct Cpp<'t>(File<'t>);

impl Cpp<'_> {
    /// Takes what a node declares; whether others may stand in it.
    fn declaration(&self, node: Node<'_>, unit: &mut Unit) -> bool {
        match node.kind() {
            "function_definition" => {
                unit.functions.extend(self.function(node));
                return false;
            }
            "class_specifier" | "struct_specifier" => {
                let bases = child(node, "base_class_clause").map(children).unwrap_or_default();
                if let Some(name) = self.0.field(node, "name") {
                    let bases = bases.into_iter().filter(|base| base.kind() != "access_specifier");
                    unit.bases.extend(bases.map(|base| (plain(name), plain(self.0.text(base)))));
                }
            }
            "preproc_def" => unit.variables.extend(self.macro_text(node)),
            "preproc_function_def" => unit.functions.extend(self.macro_function(node)),
            "declaration" | "field_declaration" => {
                self.variables(node, unit);
                return false;
            }
            _ => {}
        }
        true
    }

    fn macro_text(&self, node: Node<'_>) -> Option<Variable> {
        let value = node.child_by_field_name("value")?;
        let name = self.0.field(node, "name")?.to_owned();
        let kind = match literal(self.0.text(value)) {
            Some(text) => ExpressionKind::Text(text),
            None => ExpressionKind::Name(vec![self.0.text(value).trim().to_owned()]),
        };
        Some(Variable { name, owner: None, kind: None, value: Some(self.0.expression(value, kind)) })
    }

    /// A macro with parameters, as the function that it stands for.
    fn macro_function(&self, node: Node<'_>) -> Option<Function> {
        let (named, value) = (node.child_by_field_name("name")?, node.child_by_field_name("value")?);
        let parameters = node.child_by_field_name("parameters").map(children).unwrap_or_default();
        let parameters = parameters.into_iter().map(|parameter| Parameter {
            name: self.0.text(parameter).to_owned(),
            kind: None,
            optional: false,
            default: None,
        });
        let body = self.0.text(value).replace('\\', " ");
        let before = "void f() { ";
        let text = format!("{before}{body}; }}");
        let tree = parse(&tree_sitter_cpp::LANGUAGE.into(), &text)?;
        let shift = value.start_byte() as isize - before.len() as isize;
        let inner = Cpp(self.0.part(&text, shift));
        let mut steps = Vec::new();
        walk(&inner.0, tree.root_node(), &mut |node| {
            steps.extend(inner.steps(node).into_iter().map(|step| (node.end_byte(), step)));
            true
        });
        Some(Function {
            name: self.0.text(named).to_owned(),
            owner: None,
            entry: None,
            space: None,
            is_local: false,
            returns: None,
            parameters: parameters.collect(),
            steps: in_order(steps),
            place: self.0.place(named),
        })
    }

    /// The innermost namespace around a node.
    fn space(&self, node: Node<'_>) -> Option<String> {
        let mut at = node.parent();
        while let Some(outer) = at {
            if outer.kind() == "namespace_definition" {
                return self.0.field(outer, "name").and_then(|name| name.rsplit("::").next()).map(str::to_owned);
            }
            at = outer.parent();
        }
        None
    }

    fn owner(&self, node: Node<'_>) -> Option<String> {
        let mut at = node.parent();
        while let Some(outer) = at {
            if matches!(outer.kind(), "class_specifier" | "struct_specifier") {
                return self.0.field(outer, "name").map(plain);
            }
            at = outer.parent();
        }
        None
    }

    fn variables(&self, node: Node<'_>, unit: &mut Unit) {
        let constant = children(node)
            .iter()
            .any(|child| child.kind() == "type_qualifier" && matches!(self.0.text(*child), "const" | "constexpr"))
            || self.0.field(node, "type").is_some_and(|kind| kind.starts_with("LPC") || kind.starts_with("PC"));
        for declarator in declarators(node) {
            let Some(name) = declared(declarator) else { continue };
            let value = declarator
                .child_by_field_name("value")
                .or_else(|| node.child_by_field_name("default_value"))
                .filter(|_| constant);
            let owner = self.owner(node);
            // A constant of a class gets its value elsewhere.
            if constant && value.is_none() && owner.is_some() {
                continue;
            }
            let scope = name.parent().filter(|parent| parent.kind() == "qualified_identifier");
            let scope = scope.and_then(|scope| self.0.field(scope, "scope")).map(plain);
            unit.variables.push(Variable {
                name: self.0.text(name).to_owned(),
                owner: scope.or(owner),
                kind: self.0.field(node, "type").map(plain),
                value: value.map(|value| self.expression(value)),
            });
        }
    }

    fn function(&self, node: Node<'_>) -> Option<Function> {
        let declarator = function_declarator(node.child_by_field_name("declarator")?)?;
        let named = declarator.child_by_field_name("declarator")?;
        let mut path = self.0.path(named);
        let name = path.pop()?;
        let owner = path.pop().or_else(|| self.owner(node));
        let mut parameters = Vec::new();
        for parameter in declarator.child_by_field_name("parameters").map(children).unwrap_or_default() {
            let Some(kind) = self.0.field(parameter, "type") else { continue };
            let declared = parameter.child_by_field_name("declarator").and_then(declared);
            if kind != "void" || declared.is_some() {
                parameters.push(Parameter {
                    name: declared.map_or(String::new(), |name| self.0.text(name).to_owned()),
                    kind: Some(plain(kind)),
                    optional: parameter.kind() == "optional_parameter_declaration",
                    default: parameter.child_by_field_name("default_value").map(|value| self.expression(value)),
                });
            }
        }
        let mut steps = Vec::new();
        for part in children(node).into_iter().filter(|part| *part != declarator) {
            walk(&self.0, part, &mut |inner| {
                steps.extend(self.steps(inner).into_iter().map(|step| (inner.end_byte(), step)));
                true
            });
        }
        // Windows Installer hands an entry point its session, and nothing else.
        let is_entry = owner.is_none() && parameters.len() == 1;
        let place = self.0.place(named);
        let (entry, space, steps) = (is_entry.then(|| name.clone()), self.space(node), in_order(steps));
        let returns = self.0.field(node, "type").map(plain);
        Some(Function { entry, name, owner, space, is_local: false, returns, parameters, steps, place })
    }

    fn steps(&self, node: Node<'_>) -> Vec<Step> {
        match node.kind() {
            "call_expression" => self.call(node).into_iter().map(Step::Call).collect(),
            "new_expression" => {
                let Some(kind) = self.0.field(node, "type") else { return Vec::new() };
                let arguments = node.child_by_field_name("arguments").map(|list| self.arguments(list));
                let mut call = self.0.call(node, &plain(kind), arguments.unwrap_or_default());
                call.form = Form::New;
                vec![Step::Call(call)]
            }
            "declaration" => {
                declarators(node).into_iter().flat_map(|declarator| self.local(node, declarator)).collect()
            }
            "assignment_expression" => {
                let left = node.child_by_field_name("left").filter(|left| left.kind() == "identifier");
                let value = node.child_by_field_name("right").map(|right| self.expression(right));
                left.map(|left| Step::Let { name: self.0.text(left).to_owned(), kind: None, value })
                    .into_iter()
                    .collect()
            }
            _ => Vec::new(),
        }
    }

    /// A variable of a function, and the call of its constructor.
    fn local(&self, node: Node<'_>, declarator: Node<'_>) -> Vec<Step> {
        let (Some(name), Some(kind)) = (declared(declarator), self.0.field(node, "type").map(plain)) else {
            return Vec::new();
        };
        let value = declarator.child_by_field_name("value");
        // What looks like a function in a function is mostly an object.
        let list = value
            .filter(|value| matches!(value.kind(), "argument_list" | "initializer_list"))
            .or_else(|| declarator.child_by_field_name("parameters"));
        let mut steps = Vec::new();
        if let Some(list) = list {
            let mut call = self.0.call(declarator, &kind, self.arguments(list));
            call.form = Form::New;
            steps.push(Step::Call(call));
        }
        let kind = Some(kind).filter(|kind| kind != "auto");
        let value = value.map(|value| self.expression(value));
        steps.push(Step::Let { name: self.0.text(name).to_owned(), kind, value });
        steps
    }

    fn call(&self, node: Node<'_>) -> Option<super::program::Call> {
        let function = node.child_by_field_name("function")?;
        let arguments = self.arguments(node.child_by_field_name("arguments")?);
        let (receiver, name) = match function.kind() {
            "field_expression" => {
                let receiver = function.child_by_field_name("argument").filter(|of| self.0.text(*of) != "this");
                (receiver.map(|of| self.expression(of)), plain(self.0.field(function, "field")?))
            }
            "identifier" | "template_function" => (None, plain(self.0.text(function))),
            "qualified_identifier" => {
                let mut path = self.0.path(function);
                let name = path.pop()?;
                let scope = (!path.is_empty()).then(|| self.0.expression(function, ExpressionKind::Name(path)));
                (scope, name)
            }
            _ => return None,
        };
        let mut call = self.0.call(node, &name, arguments);
        call.receiver = receiver;
        Some(call)
    }

    fn arguments(&self, list: Node<'_>) -> Vec<Expression> {
        children(list)
            .into_iter()
            .filter(|argument| argument.kind() != "comment")
            .map(|node| self.expression(node))
            .collect()
    }

    fn expression(&self, node: Node<'_>) -> Expression {
        self.0.inside(node, || self.within(node))
    }

    fn within(&self, node: Node<'_>) -> Expression {
        let kind = match node.kind() {
            "string_literal" | "raw_string_literal" => match literal(self.0.text(node)) {
                Some(text) => ExpressionKind::Text(text),
                None => ExpressionKind::Other,
            },
            "concatenated_string" => {
                return joined(
                    children(node).into_iter().map(|part| self.expression(part)).collect(),
                    self.0.place(node),
                );
            }
            "identifier" | "field_identifier" => ExpressionKind::Name(vec![self.0.text(node).to_owned()]),
            // A parameter list that is none, and casts.
            "qualified_identifier" | "field_expression" | "type_identifier" | "parameter_declaration" => {
                ExpressionKind::Name(self.0.path(node))
            }
            "parenthesized_expression" | "argument_list" | "initializer_list" if children(node).len() == 1 => {
                return self.expression(children(node)[0]);
            }
            "cast_expression" => match node.child_by_field_name("value") {
                Some(value) => return self.expression(value),
                None => ExpressionKind::Other,
            },
            "binary_expression" if self.0.field(node, "operator") == Some("+") => {
                let parts = ["left", "right"].iter().filter_map(|side| node.child_by_field_name(side));
                return joined(parts.map(|part| self.expression(part)).collect(), self.0.place(node));
            }
            "call_expression" => return self.converted(node),
            "new_expression" => match self.0.field(node, "type") {
                Some(kind) => ExpressionKind::New(plain(kind)),
                None => ExpressionKind::Other,
            },
            _ => ExpressionKind::Other,
        };
        self.0.expression(node, kind)
    }

    /// A text that only changes its type.
    fn converted(&self, node: Node<'_>) -> Expression {
        let other = || self.0.expression(node, ExpressionKind::Other);
        let Some(call) = self.call(node) else { return other() };
        // `make_unique<T>(...)` makes a T.
        if matches!(&*call.name, "make_unique" | "make_shared") {
            let made = self.0.field(node, "function").and_then(|function| function.split_once('<'));
            return made.map_or_else(other, |(_, kind)| self.0.expression(node, ExpressionKind::New(plain(kind))));
        }
        match (&*call.name, call.receiver, &call.arguments[..]) {
            (
                "TEXT" | "_T" | "_TEXT" | "__TEXT" | "wstring" | "string" | "wstring_view" | "string_view" | "CString"
                | "CComBSTR" | "_bstr_t",
                _,
                [text],
            ) => text.clone(),
            ("c_str" | "data" | "GetString", Some(text), []) => text,
            _ => other(),
        }
    }
}

fn declarators(node: Node<'_>) -> Vec<Node<'_>> {
    let mut cursor = node.walk();
    node.children_by_field_name("declarator", &mut cursor).collect()
}

/// The name in a declarator, through pointers, arrays and initial values.
fn declared(declarator: Node<'_>) -> Option<Node<'_>> {
    let mut at = declarator;
    loop {
        match at.kind() {
            "identifier" | "field_identifier" => return Some(at),
            _ => at = at.child_by_field_name("declarator").or_else(|| children(at).into_iter().last())?,
        }
    }
}

fn function_declarator(declarator: Node<'_>) -> Option<Node<'_>> {
    let mut at = declarator;
    while at.kind() != "function_declarator" {
        at = at.child_by_field_name("declarator").or_else(|| child(at, "function_declarator"))?;
    }
    Some(at)
}

/// The text of literals that stand side by side, whatever their prefix, with or without `TEXT(...)`.
fn literal(written: &str) -> Option<String> {
    let mut text = String::new();
    let mut rest = written.trim();
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let start = rest.find('"')?;
        let prefix = rest[..start].trim_matches(|c: char| c.is_whitespace() || matches!(c, '(' | ')'));
        if !matches!(prefix, "" | "L" | "u" | "U" | "u8" | "TEXT" | "_T" | "_TEXT" | "__TEXT") {
            return None;
        }
        let inner = &rest[start + 1..];
        let mut characters = inner.char_indices();
        let end = loop {
            match characters.next()? {
                (_, '\\') => drop(characters.next()),
                (at, '"') => break at,
                _ => {}
            }
        };
        text.push_str(&unescaped(&inner[..end]));
        rest = inner[end + 1..].trim_matches(|c: char| c.is_whitespace() || matches!(c, '(' | ')'));
    }
    Some(text)
}
