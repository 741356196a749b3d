//! A picture: the sequence as a time line from top to bottom, the transaction as a band, arrows from
//! an action to what hangs on it. One file with its own colours, for a light and for a dark ground.

mod lanes;

use std::fmt::Write as _;
use std::io::{self, Write};

use super::chart::{Chart, Edge, Node};
use super::tail;
use crate::listing::{Line, LineKind, Listing};
use crate::msi;
use lanes::lanes;

/// Heights and widths in pixels.
const ROW: usize = 26;
const GAP: usize = 18;
const TITLE: usize = 52;
const LEGEND: usize = 44;
const MARGIN: usize = 20;
const LANE: usize = 12;
/// What a character of the actions' font and of the small one is taken to be wide.
const CHARACTER: usize = 9;
const SMALL: usize = 7;
/// Longer paths lose their beginning, longer conditions their end.
const PATH: usize = 40;
const NOTE: usize = 60;

const STYLE: &str = include_str!("svg.css");

const TRANSACTION: &str = "transaction";

const KINDS: &[&str] = &["standard", "immediate", "deferred", "rollback", "commit", "dialog", "custom"];

pub(super) fn write(listings: &[Listing], out: &mut dyn Write) -> io::Result<()> {
    let mut drawings = Vec::new();
    for listing in listings {
        for sequence in &listing.tables {
            let title = match listing.entry.as_deref() {
                Some(entry) if !entry.is_empty() && entry != "*" && !entry.contains("$(") => {
                    format!("{} of {entry}", sequence.table.name())
                }
                _ => sequence.table.name().to_owned(),
            };
            drawings.push(Drawing::new(Chart::of(sequence), title, &sequence.lost));
        }
    }
    let width = drawings.iter().map(|drawing| drawing.width).max().unwrap_or(MARGIN * 2);
    let height = drawings.iter().map(|drawing| drawing.height).sum::<usize>() + LEGEND;
    let mut svg = String::new();
    let _ = writeln!(
        svg,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\" role=\"img\">"
    );
    let _ = writeln!(svg, "<style>\n{STYLE}</style>");
    let titles: Vec<&str> = drawings.iter().map(|drawing| &*drawing.title).collect();
    let _ = writeln!(svg, "<title>{}</title>", escape(&titles.join(", ")));
    let _ = writeln!(svg, "<rect class=\"ground\" width=\"{width}\" height=\"{height}\"/>");
    let mut top = 0;
    for drawing in &drawings {
        drawing.draw(top, width, &mut svg);
        top += drawing.height;
    }
    legend(top, &drawings, &mut svg);
    svg += "</svg>\n";
    out.write_all(svg.as_bytes())
}

/// A table with the places of all that is drawn of it.
struct Drawing<'l> {
    chart: Chart<'l>,
    title: String,
    /// The middle of each node's row, below the top of the drawing.
    rows: Vec<usize>,
    /// The lane of each edge, counted from the time line to the left.
    lanes: Vec<usize>,
    /// What WiX leaves out.
    lost: String,
    /// Where the numbers begin, the names, the places and the notes.
    columns: [usize; 4],
    width: usize,
    height: usize,
}

impl<'l> Drawing<'l> {
    fn new(chart: Chart<'l>, title: String, lost: &[String]) -> Drawing<'l> {
        let mut y = TITLE;
        let mut rows = Vec::with_capacity(chart.nodes.len());
        for at in 0..chart.nodes.len() {
            y += if gap(&chart.nodes, at).is_some() { GAP } else { 0 };
            rows.push(y + ROW / 2);
            y += ROW;
        }
        let lost = if lost.is_empty() { String::new() } else { format!("left out: {}", lost.join(", ")) };
        y += if lost.is_empty() { 0 } else { ROW };
        let lanes = lanes(&chart);
        let longest = |text: &dyn Fn(&Node<'_>) -> usize| chart.nodes.iter().map(text).max().unwrap_or_default();
        let numbers = MARGIN + LANE * (lanes.iter().max().map_or(0, |lane| lane + 1)) + LANE;
        let names = numbers + 48 + 24;
        let places = names + longest(&|node| node.line.action.chars().count()) * CHARACTER + 16;
        let notes = places + longest(&|node| path(node.line).chars().count()) * SMALL + 16;
        let widest = longest(&|node| (note(node.line).chars().count() + beside(node)) * SMALL);
        let least = [&title, &lost].map(|text| MARGIN * 2 + text.chars().count() * CHARACTER);
        let width = (notes + widest + MARGIN).max(least[0]).max(least[1]).max(560);
        let columns = [numbers, names, places, notes];
        Drawing { chart, title, rows, lanes, lost, columns, width, height: y + MARGIN }
    }

    fn draw(&self, top: usize, width: usize, svg: &mut String) {
        let _ = writeln!(svg, "<g transform=\"translate(0 {top})\">");
        let _ = writeln!(svg, "<text class=\"title\" x=\"{MARGIN}\" y=\"32\">{}</text>", escape(&self.title));
        self.band(width, svg);
        self.edge(width, svg);
        for (at, node) in self.chart.nodes.iter().enumerate() {
            if let Some(text) = gap(&self.chart.nodes, at) {
                let (x, y) = (self.columns[1], self.rows[at] - ROW / 2 - 5);
                let _ = writeln!(svg, "<text class=\"small\" x=\"{x}\" y=\"{y}\">⋮ {text}</text>");
            }
            self.row(node, self.rows[at], svg);
        }
        for (edge, lane) in self.chart.edges.iter().zip(&self.lanes) {
            self.arrow(edge, *lane, svg);
        }
        if !self.lost.is_empty() {
            let (x, y) = (self.columns[1], self.height - MARGIN - ROW / 2 + 5);
            let _ = writeln!(svg, "<text class=\"late\" x=\"{x}\" y=\"{y}\">{}</text>", escape(&self.lost));
        }
        *svg += "</g>\n";
    }

    /// The transaction.
    fn band(&self, width: usize, svg: &mut String) {
        let inside = |node: &Node<'_>| node.in_transaction;
        let Some(first) = self.chart.nodes.iter().position(inside) else { return };
        let last = self.chart.nodes.iter().rposition(inside).unwrap_or(first);
        let (from, until) = (self.rows[first] - ROW / 2, self.rows[last] + ROW / 2);
        let x = self.columns[0] - 4;
        let (right, height) = (width - MARGIN / 2, until - from);
        let _ = writeln!(
            svg,
            "<rect class=\"band\" x=\"{x}\" y=\"{from}\" width=\"{}\" height=\"{height}\" rx=\"6\"/>",
            right - x
        );
        let _ = writeln!(
            svg,
            "<text class=\"small\" x=\"{}\" y=\"{}\" text-anchor=\"end\">{TRANSACTION}</text>",
            right - 8,
            from + 17
        );
    }

    /// The line behind InstallValidate.
    fn edge(&self, width: usize, svg: &mut String) {
        for edge in msi::boundaries().filter(|edge| edge.action == msi::VALIDATION) {
            let Some(at) = self.chart.find(edge.action) else { continue };
            let y = self.rows[at] + ROW / 2;
            let (x, right) = (self.columns[0] - 4, width - MARGIN / 2);
            let _ = writeln!(svg, "<path class=\"edge\" d=\"M{x} {y}H{right}\"/>");
            let _ = writeln!(
                svg,
                "<text class=\"small\" x=\"{}\" y=\"{}\" text-anchor=\"end\">{}</text>",
                right - 8,
                y - 5,
                edge.label
            );
        }
    }

    fn row(&self, node: &Node<'_>, y: usize, svg: &mut String) {
        let line = node.line;
        let [numbers, names, places, notes] = self.columns;
        let base = y + 5;
        let _ = writeln!(svg, "<text class=\"number\" x=\"{}\" y=\"{base}\">{}</text>", numbers + 48, line.number());
        let _ = writeln!(svg, "<circle class=\"{}\" cx=\"{}\" cy=\"{y}\" r=\"5\"/>", kind(line), names - 12);
        let class = match (line.late, line.kind) {
            (Some(_), _) => "late",
            (None, LineKind::Standard) => "plain",
            _ => "own",
        };
        let _ = writeln!(svg, "<text class=\"{class}\" x=\"{names}\" y=\"{base}\">{}</text>", escape(&line.action));
        let text = path(line);
        if !text.is_empty() {
            let _ = writeln!(svg, "<text class=\"small\" x=\"{places}\" y=\"{base}\">{}</text>", escape(&text));
        }
        let text = note(line);
        if !text.is_empty() {
            let class = if line.late.is_some() { "small late" } else { "small" };
            let _ = writeln!(svg, "<text class=\"{class}\" x=\"{notes}\" y=\"{base}\">{}</text>", escape(&text));
        }
    }

    /// From the anchor, so that the dashes of those that share a lane fall on each other.
    fn arrow(&self, edge: &Edge, lane: usize, svg: &mut String) {
        let (anchor, hung) = if edge.word == "Before" { (edge.to, edge.from) } else { (edge.from, edge.to) };
        let (from, to, head) = (self.rows[anchor], self.rows[hung], self.rows[edge.to]);
        let end = self.columns[0] + 2;
        let x = self.columns[0] - LANE * (lane + 1);
        let (leave, arrive) = if to > from { (from + 6, to - 6) } else { (from - 6, to + 6) };
        let dash = if edge.word == "Before" { " before" } else { "" };
        let turn = x + 6;
        let _ = writeln!(
            svg,
            "<path class=\"arrow{dash}\" d=\"M{end} {from}H{turn}Q{x} {from} {x} {leave}V{arrive}Q{x} {to} {turn} {to}H{end}\"/>"
        );
        *svg += &arrow_head(end + 2, head);
    }
}

/// The point of an arrow to the right.
fn arrow_head(x: usize, y: usize) -> String {
    format!("<path class=\"head\" d=\"M{x} {y}l-8 -4v8Z\"/>\n")
}

/// How many characters the text takes that stands at the right end of a row.
fn beside(node: &Node<'_>) -> usize {
    let label = match &*node.line.action {
        action if action == msi::TRANSACTION.0 => TRANSACTION.chars().count(),
        action => msi::boundaries()
            .filter(|edge| edge.action == action && action == msi::VALIDATION)
            .map(|edge| edge.label.chars().count())
            .max()
            .unwrap_or_default(),
    };
    if label == 0 { 0 } else { label + 4 }
}

/// What is said between a node and the one above it.
fn gap(nodes: &[Node<'_>], at: usize) -> Option<String> {
    let node = &nodes[at];
    let ends = |at: usize| nodes[at].line.runs_at_end();
    let unknown = |at: usize| nodes[at].line.number.is_none();
    match node.skipped {
        _ if unknown(at) && (at == 0 || !unknown(at - 1)) => Some("at places that are not known".to_owned()),
        0 if ends(at) && (at == 0 || !ends(at - 1)) => Some("when the sequence ends".to_owned()),
        0 => None,
        1 => Some("1 standard action".to_owned()),
        count => Some(format!("{count} standard actions")),
    }
}

/// Where an action is written.
fn path(line: &Line) -> String {
    tail(&line.place.to_string(), PATH)
}

/// What is wrong with an action, and its condition.
fn note(line: &Line) -> String {
    let late = line.late.map(|property| format!("reads {property} too late"));
    let condition = Some(line.condition.clone()).filter(|condition| !condition.is_empty() && !line.is_of_itself());
    let text = [late, condition].into_iter().flatten().collect::<Vec<_>>().join(" · ");
    if text.chars().count() <= NOTE {
        return text;
    }
    text.chars().take(NOTE - 1).chain(['…']).collect()
}

fn kind(line: &Line) -> &'static str {
    KINDS.iter().copied().find(|kind| *kind == line.kind.group()).unwrap_or("custom")
}

fn legend(top: usize, drawings: &[Drawing<'_>], svg: &mut String) {
    let nodes = || drawings.iter().flat_map(|drawing| &drawing.chart.nodes);
    let mut x = MARGIN + 6;
    let y = top + LEGEND / 2 - 6;
    for name in KINDS.iter().filter(|name| nodes().any(|node| kind(node.line) == **name)) {
        let _ = writeln!(svg, "<circle class=\"{name}\" cx=\"{x}\" cy=\"{y}\" r=\"5\"/>");
        let _ = writeln!(svg, "<text class=\"small\" x=\"{}\" y=\"{}\">{name}</text>", x + 10, y + 4);
        x += 34 + name.len() * SMALL;
    }
    for (word, dash) in [("After", ""), ("Before", " before")] {
        let _ = writeln!(svg, "<path class=\"arrow{dash}\" d=\"M{x} {y}h24\"/>");
        *svg += &arrow_head(x + 28, y);
        let _ = writeln!(svg, "<text class=\"small\" x=\"{}\" y=\"{}\">{word}</text>", x + 34, y + 4);
        x += 58 + word.len() * SMALL;
    }
}

/// Text of an element; characters that XML forbids become a sign for what cannot be shown.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped += "&amp;",
            '<' => escaped += "&lt;",
            '>' => escaped += "&gt;",
            '\u{0}'..='\u{1f}' | '\u{7f}' | '\u{fffe}' | '\u{ffff}' => escaped.push('\u{fffd}'),
            _ => escaped.push(character),
        }
    }
    escaped
}
