//! WiX's algorithm: a forest of relative places on numbered anchors, flattened to numbers.
//!
//! An entry with a number is an anchor. One that is Before or After another hangs on it, so that the
//! entries form trees. A tree is written as what is before, the entry itself, what is after, depth
//! first; the numbers go down from the anchor for what comes before it and up for what comes after.
//! Siblings are ordered by name in v3 and by their place in the link in v4 and later.

use rustc_hash::FxHashSet;

use super::collate;
use super::demand::{Demand, Index, Node, Place, renumber};
use super::{Problem, ProblemKind, Row, Schedule};
use crate::msi::{self, Table};
use crate::wix::Generation;

/// One past the highest number that a table holds.
const END: i32 = 32768;

/// The first of what hangs on a node, on either side. Lists in vectors, not vectors of lists: most
/// nodes have no child or one.
#[derive(Clone, Copy, Debug, Default)]
struct Children {
    before: Option<usize>,
    after: Option<usize>,
}

struct Forest<'w> {
    nodes: Vec<Node<'w>>,
    index: Index<'w>,
    children: Vec<Children>,
    /// The next node that hangs on the same side of the same node.
    sibling: Vec<Option<usize>>,
    /// What a node hangs on.
    parent: Vec<Option<usize>>,
    numbers: Vec<Option<i32>>,
    problems: Vec<Problem<'w>>,
}

pub(super) fn number<'w>(mut demand: Demand<'w>, generation: Generation, table: Table) -> Schedule<'w> {
    if generation == Generation::V3 {
        sort_by_name(&mut demand);
    }
    let Demand { nodes, index, problems } = demand;
    let count = nodes.len();
    let mut forest = Forest {
        nodes,
        index,
        children: Vec::new(),
        sibling: Vec::new(),
        parent: vec![None; count],
        numbers: Vec::new(),
        problems,
    };
    for at in 0..count {
        forest.hang(at, table, generation);
    }
    forest.bring_install_files(table, generation);
    forest.list_children();
    if generation != Generation::V3 {
        forest.find_cycle();
    }
    forest.give_numbers();
    forest.into_schedule(table)
}

fn sort_by_name(demand: &mut Demand<'_>) {
    let mut order: Vec<(usize, Node)> = std::mem::take(&mut demand.nodes).into_iter().enumerate().collect();
    order.sort_by(|(_, left), (_, right)| collate::compare(left.action, right.action));
    let mut places = vec![None; order.len()];
    for (place, (at, _)) in order.iter().enumerate() {
        places[*at] = Some(place);
    }
    renumber(&mut demand.index, &places);
    demand.nodes = order.into_iter().map(|(_, node)| node).collect();
}

impl<'w> Forest<'w> {
    fn add(&mut self, node: Node<'w>) -> usize {
        self.index.insert(node.action, self.nodes.len());
        self.nodes.push(node);
        self.parent.push(None);
        self.nodes.len() - 1
    }

    /// Hangs a relative node on its target; naming a standard action adds it.
    fn hang(&mut self, at: usize, table: Table, generation: Generation) {
        let (Place::Before(target) | Place::After(target)) = self.nodes[at].place else { return };
        let found = self.index.get(target).copied().or_else(|| {
            let node = msi::standard_action(target).and_then(|action| Node::standard(action, table, generation));
            node.map(|node| self.add(node))
        });
        let Some(target) = found else {
            self.report(ProblemKind::MissingTarget, &[at]);
            return;
        };
        // v3 sees a circle of two here, and no larger one ever.
        if target == at || (generation == Generation::V3 && self.parent[target] == Some(at)) {
            let around = if target == at { vec![at] } else { vec![at, target] };
            self.report(ProblemKind::Cycle, &around);
            return;
        }
        self.parent[at] = Some(target);
    }

    /// Lists what hangs on each node, in the order of the nodes.
    fn list_children(&mut self) {
        self.children = vec![Children::default(); self.nodes.len()];
        self.sibling = vec![None; self.nodes.len()];
        for at in (0..self.nodes.len()).rev() {
            let Some(parent) = self.parent[at] else { continue };
            let children = &mut self.children[parent];
            let before = matches!(self.nodes[at].place, Place::Before(_));
            let first = if before { &mut children.before } else { &mut children.after };
            self.sibling[at] = first.replace(at);
        }
    }

    /// Reports the first of `nodes`; the others are what it cannot stand beside.
    fn report(&mut self, kind: ProblemKind, nodes: &[usize]) {
        let entries = nodes.iter().filter_map(|&at| self.nodes[at].entry).collect();
        let action = nodes.first().map_or("", |&at| self.nodes[at].action);
        self.problems.push(Problem { action, ..Problem::of(kind, entries) });
    }

    /// The linker schedules InstallFiles wherever DuplicateFiles runs without it.
    fn bring_install_files(&mut self, table: Table, generation: Generation) {
        let needed = table == Table::InstallExecute
            && self.index.contains_key("DuplicateFiles")
            && !self.index.contains_key("InstallFiles");
        if needed
            && let Some(node) =
                msi::standard_action("InstallFiles").and_then(|action| Node::standard(action, table, generation))
        {
            self.add(node);
        }
    }

    /// v4 and later refuse a chain that comes back to itself; the first one found ends the search.
    fn find_cycle(&mut self) {
        // The walk that visited a node; a node that an earlier walk visited leads to no new cycle.
        let mut visited = vec![usize::MAX; self.nodes.len()];
        for start in 0..self.nodes.len() {
            let mut at = start;
            while visited[at] == usize::MAX {
                visited[at] = start;
                match self.parent[at] {
                    Some(parent) => at = parent,
                    None => break,
                }
                if visited[at] == start {
                    self.report(ProblemKind::Cycle, &self.circle(at));
                    return;
                }
            }
        }
    }

    /// What a node hangs on, one after the other, until it comes back to itself.
    fn circle(&self, start: usize) -> Vec<usize> {
        let rest = std::iter::successors(self.parent[start], |&at| self.parent[at]);
        std::iter::once(start).chain(rest.take_while(|&at| at != start)).collect()
    }

    fn give_numbers(&mut self) {
        self.numbers = vec![None; self.nodes.len()];
        let mut anchors: Vec<(i32, usize)> = self.nodes.iter().enumerate().filter_map(numbered).collect();
        anchors.sort_by_key(|(number, _)| *number);
        for pair in anchors.windows(2) {
            if pair[0].0 == pair[1].0 {
                self.report(ProblemKind::SameNumber, &[pair[1].1, pair[0].1]);
            }
        }
        let mut previous = 0;
        for (at, &(number, anchor)) in anchors.iter().enumerate() {
            self.numbers[anchor] = Some(number);
            let Children { before, after } = self.children[anchor];
            let (before, after) = (self.flatten(before), self.flatten(after));
            if number < 0 {
                for &relative in before.iter().chain(&after) {
                    self.report(ProblemKind::RelativeToExit, &[relative, anchor]);
                }
                continue;
            }
            let next = anchors.get(at + 1).map_or(END, |(number, _)| *number);
            self.spread(anchor, before.into_iter().rev(), (1..).map(|step| number - step), previous);
            self.spread(anchor, after.into_iter(), (1..).map(|step| number + step), next);
            previous = number;
        }
    }

    /// Hands numbers out until one is `taken` by a neighbouring anchor. From there on the toolset
    /// goes on counting, and so do we: the package is refused anyway.
    fn spread(
        &mut self,
        anchor: usize,
        nodes: impl Iterator<Item = usize>,
        numbers: impl Iterator<Item = i32>,
        taken: i32,
    ) {
        for (at, number) in nodes.zip(numbers) {
            if number == taken {
                self.report(ProblemKind::NoRoom, &[at, anchor]);
            }
            self.numbers[at] = Some(number);
        }
    }

    /// The subtrees of a node and its siblings, in the order in which they run. A stack instead of
    /// recursion: a chain may be as long as the table.
    fn flatten(&self, first: Option<usize>) -> Vec<usize> {
        let mut flat = Vec::new();
        let mut stack = Vec::new();
        self.push_trees(first, &mut stack);
        while let Some(visit) = stack.pop() {
            match visit {
                Visit::Node(at) => flat.push(at),
                Visit::Tree(at) => {
                    let Children { before, after } = self.children[at];
                    self.push_trees(after, &mut stack);
                    stack.push(Visit::Node(at));
                    self.push_trees(before, &mut stack);
                }
            }
        }
        flat
    }

    /// Puts siblings on the stack, so that the first one comes off first.
    fn push_trees(&self, first: Option<usize>, stack: &mut Vec<Visit>) {
        let bottom = stack.len();
        stack.extend(std::iter::successors(first, |&at| self.sibling[at]).map(Visit::Tree));
        stack[bottom..].reverse();
    }

    /// A node without a number is left out where the toolset drops it, and kept where its place is
    /// merely unknown.
    fn into_schedule(mut self, table: Table) -> Schedule<'w> {
        let fates = self.fates();
        self.report_loops(&fates);
        let lost = (0..self.nodes.len()).filter(|&at| fates[at] == Fate::Lost).filter_map(|at| self.nodes[at].entry);
        let lost = lost.collect();
        let Forest { nodes, numbers, problems, mut index, .. } = self;
        let is_kept = |at: &usize| matches!(fates[*at], Fate::Known | Fate::Unknown);
        let mut order: Vec<usize> = (0..nodes.len()).filter(is_kept).collect();
        let key = |at: usize| (numbers[at].is_none(), numbers[at]);
        let by_name = |left: usize, right: usize| nodes[left].action.cmp(nodes[right].action);
        order.sort_by(|&left, &right| key(left).cmp(&key(right)).then_with(|| by_name(left, right)));
        let mut places = vec![None; nodes.len()];
        for (place, &at) in order.iter().enumerate() {
            places[at] = Some(place);
        }
        renumber(&mut index, &places);
        let row = |&at: &usize| {
            let Node { action, condition, entry, .. } = nodes[at];
            Row { action, number: numbers[at], condition, entry }
        };
        let rows: Vec<Row> = order.iter().map(row).collect();
        let exact = rows.iter().all(|row| row.number.is_some());
        Schedule { table, rows, problems, lost, exact, index }
    }

    /// Loops that the toolset has not refused by now, each once.
    fn report_loops(&mut self, fates: &[Fate]) {
        let mut told = FxHashSet::default();
        for (at, fate) in fates.iter().enumerate() {
            if *fate == Fate::Loop && !told.contains(&at) {
                let circle = self.circle(at);
                self.report(ProblemKind::SilentCycle, &circle);
                told.extend(circle);
            }
        }
    }

    /// Where the chain of each node ends.
    fn fates(&self) -> Vec<Fate> {
        let mut fates: Vec<Option<Fate>> = self.numbers.iter().map(|number| number.map(|_| Fate::Known)).collect();
        // The walk that is on its way through a node.
        let mut walk = vec![usize::MAX; self.nodes.len()];
        for start in 0..self.nodes.len() {
            let mut path = Vec::new();
            let mut at = start;
            let end = loop {
                if let Some(fate) = fates[at] {
                    break if fate == Fate::Loop { Fate::Lost } else { fate };
                }
                if walk[at] == start {
                    break Fate::Lost;
                }
                walk[at] = start;
                path.push(at);
                match self.parent[at] {
                    Some(parent) => at = parent,
                    None => break Fate::Unknown,
                }
            };
            let looped = path.iter().position(|&node| node == at).filter(|_| fates[at].is_none() && end == Fate::Lost);
            for (step, node) in path.into_iter().enumerate() {
                let in_loop = looped.is_some_and(|first| step >= first);
                fates[node] = Some(if in_loop { Fate::Loop } else { end });
            }
        }
        fates.into_iter().map(|fate| fate.unwrap_or(Fate::Unknown)).collect()
    }
}

/// A step of the walk through a tree.
enum Visit {
    Tree(usize),
    Node(usize),
}

/// Where the chain of a node ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    /// At a number.
    Known,
    /// At a place that nobody knows.
    Unknown,
    /// The node is part of a loop, which the toolset drops or refuses.
    Loop,
    /// In a loop of other nodes.
    Lost,
}

fn numbered((at, node): (usize, &Node<'_>)) -> Option<(i32, usize)> {
    match node.place {
        Place::Number(number) => Some((number, at)),
        _ => None,
    }
}
