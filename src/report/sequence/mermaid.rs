//! A flowchart for Mermaid, which code hosts draw in comments and pages.

use std::io::{self, Write};

use super::chart::{Chart, Node, charts};
use crate::listing::Listing;

/// Borders that can be told apart on a light and on a dark ground.
const CLASSES: &[(&str, &str)] = &[
    ("immediate", "stroke:#2f81f7,stroke-width:2px"),
    ("deferred", "stroke:#db6d28,stroke-width:2px"),
    ("rollback", "stroke:#a371f7,stroke-width:2px"),
    ("commit", "stroke:#3fb950,stroke-width:2px"),
    ("dialog", "stroke:#1b9aaa,stroke-width:2px"),
    ("late", "stroke:#f85149,stroke-width:4px"),
];

pub(super) fn write(listings: &[Listing], out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "flowchart TD")?;
    for (id, title, drawn) in charts(listings) {
        chart(&drawn, &id, &title, out)?;
    }
    for (name, style) in CLASSES {
        writeln!(out, "  classDef {name} {style}")?;
    }
    Ok(())
}

fn chart(chart: &Chart<'_>, id: &str, title: &str, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "  subgraph {id}[\"{}\"]", escape(title))?;
    writeln!(out, "    direction TB")?;
    let node = |at: usize, node: &Node<'_>, out: &mut dyn Write| {
        let class = class(node).map_or(String::new(), |class| format!(":::{class}"));
        let line = node.line;
        writeln!(out, "    {id}n{at}[\"{}<br/>{}\"]{class}", escape(&line.action), line.number())
    };
    for (at, inner) in chart.nodes.iter().enumerate().filter(|(_, node)| !node.in_transaction) {
        node(at, inner, out)?;
    }
    if chart.nodes.iter().any(|node| node.in_transaction) {
        writeln!(out, "    subgraph {id}x[\"transaction\"]")?;
        for (at, inner) in chart.nodes.iter().enumerate().filter(|(_, node)| node.in_transaction) {
            node(at, inner, out)?;
        }
        writeln!(out, "    end")?;
    }
    writeln!(out, "  end")?;
    for at in (1..chart.nodes.len()).filter(|&at| chart.nodes[at].line.has_turn()) {
        let word = chart.word(at).map_or(String::new(), |word| format!("|{word}|"));
        writeln!(out, "  {id}n{} -->{word} {id}n{at}", at - 1)?;
    }
    for edge in chart.edges.iter().filter(|edge| edge.from + 1 != edge.to) {
        writeln!(out, "  {id}n{} -.->|{}| {id}n{}", edge.from, edge.word, edge.to)?;
    }
    Ok(())
}

fn class(node: &Node<'_>) -> Option<&'static str> {
    let name = if node.line.late.is_some() { "late" } else { node.line.kind.group() };
    CLASSES.iter().map(|(class, _)| *class).find(|class| *class == name)
}

/// Text between quotes.
fn escape(text: &str) -> String {
    text.replace('#', "#35;").replace('"', "#quot;").replace('<', "#lt;").replace('>', "#gt;")
}
