//! A picture: the sequence as a time line from top to bottom, the transaction as a band, arrows from
//! an action to what hangs on it. One file with its own colours, for a light and for a dark ground.

use std::fmt::Write as _;
use std::io::{self, Write};

use super::chart::{Chart, Node};
use crate::listing::{Line, LineKind, Listing, Written};
use crate::msi;

/// Heights and widths in pixels.
const ROW: usize = 26;
const GAP: usize = 18;
const TITLE: usize = 52;
const LEGEND: usize = 44;
const MARGIN: usize = 20;
const LANE: usize = 12;
/// Arrows share the last lane when there are more.
const LANES: usize = 10;
/// The widest that a character of the action's font and of the small one is taken to be.
const CHARACTER: usize = 8;
const SMALL: usize = 7;
/// Longer conditions and paths are cut.
const NOTE: usize = 64;

const STYLE: &str = "\
text{font-family:system-ui,-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif;font-size:13px;fill:#1f2328}
.ground{fill:#ffffff}.title{font-size:16px;font-weight:600}
.number{font-variant-numeric:tabular-nums;text-anchor:end;fill:#59636e}.small{font-size:11.5px;fill:#59636e}
.own{font-weight:600}.late{fill:#cf222e;font-weight:600}
.band{fill:#eef4fb;stroke:#c8d9ee}.edge{stroke:#d1242f;stroke-width:1.5;stroke-dasharray:6 4}
.arrow{fill:none;stroke:#818b98;stroke-width:1.3}.before{stroke-dasharray:4 3}.head{fill:#818b98}
.standard{fill:#818b98}.immediate{fill:#0969da}.deferred{fill:#bc4c00}.rollback{fill:#8250df}
.commit{fill:#1a7f37}.dialog{fill:#0e7490}.custom{fill:#57606a}
@media (prefers-color-scheme:dark){
text{fill:#e6edf3}.ground{fill:#0d1117}.number,.small{fill:#9198a1}.late{fill:#ff7b72}
.band{fill:#15233a;stroke:#274468}.edge{stroke:#f85149}.arrow{stroke:#768390}.head{fill:#768390}
.standard{fill:#768390}.immediate{fill:#4493f8}.deferred{fill:#f0883e}.rollback{fill:#ab7df8}
.commit{fill:#3fb950}.dialog{fill:#39c5cf}.custom{fill:#9198a1}}
";

const KINDS: &[&str] = &["standard", "immediate", "deferred", "rollback", "commit", "dialog", "custom"];

pub(super) fn write(listings: &[Listing], out: &mut dyn Write) -> io::Result<()> {
    let mut drawings = Vec::new();
    for listing in listings {
        for sequence in &listing.tables {
            let title = match listing.entry.as_deref() {
                Some(entry) if !entry.is_empty() && entry != "*" => format!("{} of {entry}", sequence.table.name()),
                _ => sequence.table.name().to_owned(),
            };
            drawings.push(Drawing::new(Chart::of(sequence), title));
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
    svg += "<defs><marker id=\"head\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" markerWidth=\"7\" markerHeight=\"7\" orient=\"auto\"><path class=\"head\" d=\"M0 0L8 4L0 8Z\"/></marker></defs>\n";
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
    /// Where the numbers begin, where the names do, and where the notes do.
    columns: [usize; 3],
    width: usize,
    height: usize,
}

impl<'l> Drawing<'l> {
    fn new(chart: Chart<'l>, title: String) -> Drawing<'l> {
        let mut y = TITLE;
        let mut rows = Vec::with_capacity(chart.nodes.len());
        for at in 0..chart.nodes.len() {
            y += if gap(&chart.nodes, at).is_some() { GAP } else { 0 };
            rows.push(y + ROW / 2);
            y += ROW;
        }
        let lanes = lanes(&chart);
        let longest = |text: &dyn Fn(&Node<'_>) -> usize| chart.nodes.iter().map(text).max().unwrap_or_default();
        let numbers = MARGIN + LANE * (lanes.iter().max().map_or(0, |lane| lane + 1)) + LANE;
        let names = numbers + 48 + 24;
        let notes = names + longest(&|node| node.line.action.chars().count()) * CHARACTER + 20;
        let widest = longest(&|node| note(node.line).chars().count()) * SMALL;
        let width = (notes + widest + MARGIN).max(names + (title.chars().count() + 4) * CHARACTER).max(560);
        Drawing { chart, title, rows, lanes, columns: [numbers, names, notes], width, height: y + MARGIN }
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
            self.arrow([self.rows[edge.from], self.rows[edge.to]], *lane, edge.word, svg);
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
            "<text class=\"small\" x=\"{}\" y=\"{}\" text-anchor=\"end\">transaction</text>",
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
        let [numbers, names, notes] = self.columns;
        let base = y + 5;
        let _ = writeln!(svg, "<text class=\"number\" x=\"{}\" y=\"{base}\">{}</text>", numbers + 48, line.number());
        let _ = writeln!(svg, "<circle class=\"{}\" cx=\"{}\" cy=\"{y}\" r=\"5\"/>", kind(line), names - 12);
        let class = match (line.late, line.kind) {
            (Some(_), _) => "late",
            (None, LineKind::Standard) => "plain",
            _ => "own",
        };
        let _ = writeln!(svg, "<text class=\"{class}\" x=\"{names}\" y=\"{base}\">{}</text>", escape(&line.action));
        let text = note(line);
        if !text.is_empty() {
            let class = if line.late.is_some() { "small late" } else { "small" };
            let _ = writeln!(svg, "<text class=\"{class}\" x=\"{notes}\" y=\"{base}\">{}</text>", escape(&text));
        }
    }

    fn arrow(&self, [from, to]: [usize; 2], lane: usize, word: &str, svg: &mut String) {
        let end = self.columns[0] + 2;
        let x = self.columns[0] - LANE * (lane + 1);
        let down = to > from;
        let (leave, arrive) = if down { (from + 6, to - 6) } else { (from - 6, to + 6) };
        let dash = if word == "Before" { " before" } else { "" };
        let _ = writeln!(
            svg,
            "<path class=\"arrow{dash}\" d=\"M{end} {from}H{}Q{x} {from} {x} {leave}V{arrive}Q{x} {to} {} {to}H{end}\" marker-end=\"url(#head)\"/>",
            x + 6,
            x + 6
        );
    }
}

/// What is said between a node and the one above it.
fn gap(nodes: &[Node<'_>], at: usize) -> Option<String> {
    let node = &nodes[at];
    let ends = |at: usize| nodes[at].line.runs_at_end();
    match node.skipped {
        0 if ends(at) && (at == 0 || !ends(at - 1)) => Some("when the sequence ends".to_owned()),
        0 => None,
        1 => Some("1 standard action".to_owned()),
        count => Some(format!("{count} standard actions")),
    }
}

/// A lane for each edge, so that those in one lane do not overlap; short ones come first.
fn lanes(chart: &Chart<'_>) -> Vec<usize> {
    let span = |at: usize| {
        let edge = &chart.edges[at];
        (edge.from.min(edge.to), edge.from.max(edge.to))
    };
    let mut order: Vec<usize> = (0..chart.edges.len()).collect();
    order.sort_by_key(|&at| (span(at).1 - span(at).0, span(at)));
    let mut taken: Vec<Vec<(usize, usize)>> = Vec::new();
    let mut lanes = vec![0; order.len()];
    for at in order {
        let (from, until) = span(at);
        let free = |lane: &Vec<(usize, usize)>| lane.iter().all(|(start, end)| until <= *start || *end <= from);
        let lane = taken.iter().position(free).unwrap_or(taken.len()).min(LANES - 1);
        if lane == taken.len() {
            taken.push(Vec::new());
        }
        taken[lane].push((from, until));
        lanes[at] = lane;
    }
    lanes
}

/// What stands beside an action: what is wrong, where it is written, its condition.
fn note(line: &Line) -> String {
    let late = line.late.map(|property| format!("reads {property} too late"));
    let place = Some(line.place.to_string()).filter(|_| line.place != Written::Default);
    let condition = Some(line.condition.clone()).filter(|condition| !condition.is_empty() && !line.is_of_itself());
    let text = [late, place, condition].into_iter().flatten().collect::<Vec<_>>().join("  ·  ");
    if text.chars().count() <= NOTE {
        return text;
    }
    text.chars().take(NOTE - 1).chain(['…']).collect()
}

fn kind(line: &Line) -> &'static str {
    KINDS.iter().copied().find(|kind| *kind == line.kind()).unwrap_or("custom")
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
        let _ = writeln!(svg, "<path class=\"arrow{dash}\" d=\"M{x} {y}h26\" marker-end=\"url(#head)\"/>");
        let _ = writeln!(svg, "<text class=\"small\" x=\"{}\" y=\"{}\">{word}</text>", x + 32, y + 4);
        x += 56 + word.len() * SMALL;
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
