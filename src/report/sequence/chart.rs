//! What the drawings show of a table: the custom actions and dialogs, what they hang on, and the
//! boundaries; of the other standard actions only how many there are.

use rustc_hash::{FxHashMap, FxHashSet};

use crate::listing::{Line, LineKind, Listing, Sequence};
use crate::msi;

/// A table, drawn.
pub(super) struct Chart<'l> {
    /// From top to bottom.
    pub(super) nodes: Vec<Node<'l>>,
    pub(super) edges: Vec<Edge>,
}

/// Every table of every package, each with an id that is its own and a title.
pub(super) fn charts(listings: &[Listing]) -> impl Iterator<Item = (String, String, Chart<'_>)> {
    let several = listings.len() > 1;
    listings.iter().enumerate().flat_map(move |(package, listing)| {
        listing.tables.iter().enumerate().map(move |(table, sequence)| {
            let name = sequence.table.name();
            let title = if several { format!("{}: {name}", listing.title()) } else { name.to_owned() };
            (format!("p{package}t{table}"), title, Chart::of(sequence))
        })
    })
}

/// An action of a drawing.
pub(super) struct Node<'l> {
    pub(super) line: &'l Line,
    /// Standard actions between the one above and this one that are not shown.
    pub(super) skipped: usize,
    pub(super) in_transaction: bool,
}

/// One action hangs on another. The arrow points to the one that runs later.
pub(super) struct Edge {
    pub(super) from: usize,
    pub(super) to: usize,
    /// `Before` or `After`, as written.
    pub(super) word: &'static str,
}

impl<'l> Chart<'l> {
    pub(super) fn of(sequence: &'l Sequence) -> Chart<'l> {
        let lines: Vec<&Line> = sequence.lines.iter().collect();
        let shown = shown(&lines);
        let (from, until) = msi::TRANSACTION;
        let (mut nodes, mut skipped, mut in_transaction) = (Vec::new(), 0, false);
        for line in lines {
            in_transaction |= line.action == from;
            if shown.contains(&*line.action) {
                nodes.push(Node { line, skipped: std::mem::take(&mut skipped), in_transaction });
            } else {
                skipped += 1;
            }
            in_transaction &= line.action != until;
        }
        let edges = edges(&nodes);
        Chart { nodes, edges }
    }

    /// How a node hangs on the one above it, or that one on it.
    pub(super) fn word(&self, at: usize) -> Option<&'static str> {
        self.edges.iter().find(|edge| edge.from + 1 == edge.to && edge.to == at).map(|edge| edge.word)
    }

    /// Where in `nodes` an action is.
    pub(super) fn find(&self, action: &str) -> Option<usize> {
        self.nodes.iter().position(|node| node.line.action == action)
    }
}

fn shown<'l>(lines: &[&'l Line]) -> FxHashSet<&'l str> {
    let is_own = |line: &&Line| line.kind != LineKind::Standard || !line.is_of_itself();
    let mut shown: FxHashSet<&str> = FxHashSet::default();
    for line in lines.iter().copied().filter(is_own) {
        shown.insert(&line.action);
        shown.extend(line.hangs.iter().map(|(_, target)| &**target));
    }
    let edges: Vec<&str> = msi::boundaries().map(|edge| edge.action).collect();
    shown.extend(lines.iter().map(|line| &*line.action).filter(|action| edges.contains(action)));
    shown
}

fn edges(nodes: &[Node<'_>]) -> Vec<Edge> {
    let places: FxHashMap<&str, usize> = nodes.iter().enumerate().map(|(at, node)| (&*node.line.action, at)).collect();
    let edge = |(at, node): (usize, &Node<'_>)| {
        let (before, target) = node.line.hangs.as_ref()?;
        let target = *places.get(&**target)?;
        let (from, to, word) = if *before { (at, target, "Before") } else { (target, at, "After") };
        Some(Edge { from, to, word })
    };
    nodes.iter().enumerate().filter_map(edge).collect()
}
