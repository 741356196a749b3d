//! Rust: custom actions of the crate `msica`, or that call Windows Installer themselves.

use tree_sitter::Node;

use super::csharp::unescaped;
use super::program::{Expression, ExpressionKind, Form, Function, Language, Parameter, Step, Unit, Variable};
use super::tree::{File, child, children, in_order, joined, parse, plain, walk};

/// A Rust file, understood as far as it matters.
/// `module` is the name by which its functions are reached from others.
pub(super) fn unit(text: &str, at: usize, module: &str) -> Option<Unit> {
    let tree = parse(&tree_sitter_rust::LANGUAGE.into(), text)?;
    let file = Rust(File::new(text, at), module);
    let mut unit = Unit::new(Language::Rust);
    walk(&file.0, tree.root_node(), &mut |node| {
        match node.kind() {
            // Tests are no part of what is built.
            "mod_item" if file.attributes(node).iter().any(|text| text.contains("cfg(test")) => return false,
            "function_item" => unit.functions.extend(file.function(node)),
            "const_item" | "static_item" => unit.variables.extend(file.constant(node)),
            "field_declaration" => unit.variables.extend(file.field(node)),
            _ => {}
        }
        true
    });
    Some(unit)
}

struct Rust<'t>(File<'t>, &'t str);

impl Rust<'_> {
    fn owner(&self, node: Node<'_>) -> Option<String> {
        let mut at = node.parent();
        while let Some(outer) = at {
            match outer.kind() {
                "impl_item" => return self.0.field(outer, "type").map(plain),
                "struct_item" => return self.0.field(outer, "name").map(plain),
                // A function in a function belongs to none.
                "function_item" => return None,
                _ => at = outer.parent(),
            }
        }
        None
    }

    fn constant(&self, node: Node<'_>) -> Option<Variable> {
        Some(Variable {
            name: self.0.field(node, "name")?.to_owned(),
            owner: self.owner(node),
            kind: self.0.field(node, "type").map(plain),
            value: node.child_by_field_name("value").map(|value| self.expression(value)),
        })
    }

    fn field(&self, node: Node<'_>) -> Option<Variable> {
        let kind = self.0.field(node, "type").map(plain);
        Some(Variable { name: self.0.field(node, "name")?.to_owned(), owner: self.owner(node), kind, value: None })
    }

    fn function(&self, node: Node<'_>) -> Option<Function> {
        let named = node.child_by_field_name("name")?;
        let name = self.0.text(named).to_owned();
        let mut parameters = Vec::new();
        for parameter in node.child_by_field_name("parameters").map(children).unwrap_or_default() {
            if let ("parameter", Some(pattern)) = (parameter.kind(), parameter.child_by_field_name("pattern")) {
                let name = plain(self.0.text(pattern));
                let kind = self.0.field(parameter, "type").map(plain);
                parameters.push(Parameter { name, kind, optional: false, default: None });
            }
        }
        let mut steps = Vec::new();
        if let Some(body) = node.child_by_field_name("body") {
            walk(&self.0, body, &mut |inner| {
                steps.extend(self.steps(inner).into_iter().map(|step| (inner.end_byte(), step)));
                inner.kind() != "function_item"
            });
        }
        let entry = self.exported(node, &name);
        let steps = in_order(steps);
        let (owner, space) = (self.owner(node), Some(self.module(node)));
        let returns = self.0.field(node, "return_type").map(plain);
        Some(Function {
            entry,
            name,
            owner,
            space,
            is_local: false,
            returns,
            parameters,
            steps,
            place: self.0.place(named),
        })
    }

    fn module(&self, node: Node<'_>) -> String {
        let mut at = node.parent();
        while let Some(outer) = at {
            if outer.kind() == "mod_item" {
                return self.0.field(outer, "name").unwrap_or_default().to_owned();
            }
            at = outer.parent();
        }
        self.1.to_owned()
    }

    /// The attributes before an item.
    fn attributes(&self, node: Node<'_>) -> Vec<&str> {
        let mut found = Vec::new();
        let mut at = node.prev_named_sibling();
        while let Some(attribute) = at.filter(|node| matches!(node.kind(), "attribute_item" | "line_comment")) {
            found.extend((attribute.kind() == "attribute_item").then(|| self.0.text(attribute)));
            at = attribute.prev_named_sibling();
        }
        found
    }

    /// The name under which a function is exported.
    fn exported(&self, node: Node<'_>, name: &str) -> Option<String> {
        let attributes = self.attributes(node);
        if let Some(renamed) = attributes.iter().find(|text| text.contains("export_name")) {
            return renamed.split('"').nth(1).map(str::to_owned);
        }
        attributes.iter().any(|text| text.contains("no_mangle")).then(|| name.to_owned())
    }

    fn steps(&self, node: Node<'_>) -> Vec<Step> {
        match node.kind() {
            "call_expression" => self.call(node).into_iter().collect(),
            "let_declaration" => {
                let Some(name) = node.child_by_field_name("pattern").filter(|node| node.kind() == "identifier") else {
                    return Vec::new();
                };
                let kind = self.0.field(node, "type").map(plain);
                let value = node.child_by_field_name("value").map(|value| self.expression(value));
                vec![Step::Let { name: self.0.text(name).to_owned(), kind, value }]
            }
            "macro_invocation" => self.in_macro(node),
            _ => Vec::new(),
        }
    }

    fn call(&self, node: Node<'_>) -> Option<Step> {
        let mut function = node.child_by_field_name("function")?;
        if function.kind() == "generic_function" {
            function = function.child_by_field_name("function")?;
        }
        let list = node.child_by_field_name("arguments")?;
        let arguments = children(list).into_iter().map(|argument| self.expression(argument)).collect();
        let (receiver, name) = match function.kind() {
            "identifier" => (None, self.0.text(function).to_owned()),
            "field_expression" => {
                let receiver = function.child_by_field_name("value").filter(|of| self.0.text(*of) != "self");
                (receiver.map(|of| self.expression(of)), self.0.field(function, "field")?.to_owned())
            }
            "scoped_identifier" => {
                let mut path = self.0.path(function);
                let name = path.pop()?;
                let scope = Some(path).filter(|path| !path.is_empty() && path != &["Self"]);
                (scope.map(|path| self.0.expression(function, ExpressionKind::Name(path))), name)
            }
            _ => return None,
        };
        let mut call = self.0.call(node, &name, arguments);
        call.receiver = receiver;
        Some(Step::Call(call))
    }

    /// A macro's arguments are no expressions to the parser: calls of methods are found by their form.
    fn in_macro(&self, node: Node<'_>) -> Vec<Step> {
        let mut steps = Vec::new();
        walk(&self.0, node, &mut |tree| {
            let parts = children(tree);
            for three in parts.windows(3).filter(|_| tree.kind() == "token_tree") {
                let [receiver, name, list] = three else { continue };
                let dotted = self.0.between(receiver.end_byte(), name.start_byte()).trim() == ".";
                if dotted && name.kind() == "identifier" && list.kind() == "token_tree" {
                    let arguments = children(*list).into_iter().map(|argument| self.expression(argument)).collect();
                    let mut call = self.0.call(*list, self.0.text(*name), arguments);
                    call.receiver = Some(self.expression(*receiver));
                    call.form = Form::Call;
                    steps.push(Step::Call(call));
                }
            }
            true
        });
        steps
    }

    fn expression(&self, node: Node<'_>) -> Expression {
        self.0.inside(node, || self.within(node))
    }

    fn within(&self, node: Node<'_>) -> Expression {
        let kind = match node.kind() {
            "string_literal" | "raw_string_literal" => {
                let written = self.0.text(node);
                match (written.find('"'), written.rfind('"')) {
                    (Some(start), Some(end)) if start < end => {
                        let inner = &written[start + 1..end];
                        let raw = written.starts_with(['r', 'b']) && !written.starts_with("b\"");
                        let text = if raw { inner.to_owned() } else { unescaped(inner) };
                        ExpressionKind::Text(text.trim_end_matches('\0').to_owned())
                    }
                    _ => ExpressionKind::Other,
                }
            }
            "identifier" => ExpressionKind::Name(vec![self.0.text(node).to_owned()]),
            "scoped_identifier" | "field_expression" => ExpressionKind::Name(self.0.path(node)),
            "reference_expression" | "try_expression" | "parenthesized_expression" => {
                match children(node).into_iter().last() {
                    Some(inner) => return self.expression(inner),
                    None => ExpressionKind::Other,
                }
            }
            "struct_expression" => match self.0.field(node, "name") {
                Some(name) => ExpressionKind::New(plain(name)),
                None => ExpressionKind::Other,
            },
            "macro_invocation" => {
                let list = child(node, "token_tree").map(children).unwrap_or_default();
                let texts = list.iter().all(|part| part.kind().ends_with("string_literal"));
                let holes = || list.iter().any(|part| self.0.text(*part).contains('{'));
                if texts && !list.is_empty() && !holes() {
                    return joined(list.into_iter().map(|part| self.expression(part)).collect(), self.0.place(node));
                }
                ExpressionKind::Other
            }
            // `Type::new(...)` makes one, and conversions of a text stay what they are.
            "call_expression" => match self.call(node) {
                Some(Step::Call(call)) => {
                    match (call.receiver.map(|receiver| (receiver.clone(), receiver.kind)), &*call.name) {
                        (Some((receiver, _)), "into" | "to_owned" | "to_string" | "as_str" | "clone" | "as_ref") => {
                            return receiver;
                        }
                        (Some((_, ExpressionKind::Name(path))), "new" | "from") => {
                            match (path.last(), call.arguments.first()) {
                                (Some(kind), Some(text)) if matches!(&**kind, "String" | "HSTRING" | "CString") => {
                                    return text.clone();
                                }
                                (Some(kind), _) => ExpressionKind::New(kind.clone()),
                                _ => ExpressionKind::Other,
                            }
                        }
                        _ => ExpressionKind::Other,
                    }
                }
                _ => ExpressionKind::Other,
            },
            _ => ExpressionKind::Other,
        };
        self.0.expression(node, kind)
    }
}
