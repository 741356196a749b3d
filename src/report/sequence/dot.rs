//! A graph for Graphviz.

use std::io::{self, Write};

use super::chart::{Chart, Node, charts};
use crate::listing::Listing;

pub(super) fn write(listings: &[Listing], out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "digraph sequence {{")?;
    writeln!(out, "  fontname=\"sans-serif\";")?;
    writeln!(out, "  node [shape=box, style=\"rounded,filled\", fillcolor=white, fontname=\"sans-serif\"];")?;
    writeln!(out, "  edge [color=gray40, fontcolor=gray40, fontname=\"sans-serif\", fontsize=10];")?;
    for (id, title, drawn) in charts(listings) {
        chart(&drawn, &id, &title, out)?;
    }
    writeln!(out, "}}")
}

fn chart(chart: &Chart<'_>, id: &str, title: &str, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "  subgraph cluster_{id} {{")?;
    writeln!(out, "    label={};", quoted(title))?;
    for (at, inner) in chart.nodes.iter().enumerate().filter(|(_, node)| !node.in_transaction) {
        node(&format!("    {id}n{at}"), inner, out)?;
    }
    if chart.nodes.iter().any(|node| node.in_transaction) {
        writeln!(out, "    subgraph cluster_{id}x {{")?;
        writeln!(out, "      label=\"transaction\"; style=filled; color=\"#e8e8e8\";")?;
        for (at, inner) in chart.nodes.iter().enumerate().filter(|(_, node)| node.in_transaction) {
            node(&format!("      {id}n{at}"), inner, out)?;
        }
        writeln!(out, "    }}")?;
    }
    for at in (1..chart.nodes.len()).filter(|&at| chart.nodes[at].line.has_turn()) {
        let word = chart.word(at).map_or(String::new(), |word| format!(", label={word}"));
        writeln!(out, "    {id}n{} -> {id}n{at} [weight=10{word}];", at - 1)?;
    }
    for edge in chart.edges.iter().filter(|edge| edge.from + 1 != edge.to) {
        let (from, to, word) = (edge.from, edge.to, edge.word);
        writeln!(out, "    {id}n{from} -> {id}n{to} [label={word}, style=dashed, constraint=false];")?;
    }
    writeln!(out, "  }}")
}

fn node(id: &str, node: &Node<'_>, out: &mut dyn Write) -> io::Result<()> {
    let line = node.line;
    let color = match line.kind.group() {
        _ if line.late.is_some() => "red3",
        "immediate" => "dodgerblue3",
        "deferred" => "darkorange3",
        "rollback" => "purple3",
        "commit" => "green4",
        "dialog" => "turquoise4",
        _ => "gray40",
    };
    let label = quoted(&format!("{}\n{}", line.action, line.number()));
    writeln!(out, "{id} [label={label}, color={color}];")
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n"))
}
