//! WiX's algorithm: a forest of relative places on numbered anchors, flattened to numbers.
//!
//! An entry with a number is an anchor. One that is Before or After another hangs on it, so that the
//! entries form trees. A tree is written as what is before, the entry itself, what is after, depth
//! first; the numbers go down from the anchor for what comes before it and up for what comes after.
//! Siblings are ordered by name in v3 and by their place in the link in v4 and later.

use rustc_hash::FxHashMap;

use super::collate;
use super::demand::{Demand, Node, Place, problem};
use super::{Problem, ProblemKind, Row, Schedule};
use crate::msi::{self, Table};
use crate::wix::Generation;

/// One past the highest number that a table holds.
const END: i32 = 32768;

/// What hangs on a node.
#[derive(Clone, Debug, Default)]
struct Children {
    before: Vec<usize>,
    after: Vec<usize>,
}

struct Forest<'w> {
    nodes: Vec<Node<'w>>,
    index: FxHashMap<&'w str, usize>,
    children: Vec<Children>,
    /// What a node hangs on.
    parent: Vec<Option<usize>>,
    numbers: Vec<Option<i32>>,
    problems: Vec<Problem>,
}

pub(super) fn number<'w>(demand: Demand<'w>, generation: Generation, table: Table) -> Schedule<'w> {
    let Demand { mut nodes, problems } = demand;
    if generation == Generation::V3 {
        nodes.sort_by(|left, right| collate::compare(left.action, right.action));
    }
    let index = nodes.iter().enumerate().map(|(at, node)| (node.action, at)).collect();
    let count = nodes.len();
    let mut forest = Forest {
        nodes,
        index,
        children: vec![Children::default(); count],
        parent: vec![None; count],
        numbers: Vec::new(),
        problems,
    };
    for at in 0..count {
        forest.hang(at, table, generation);
    }
    forest.bring_install_files(table, generation);
    if generation != Generation::V3 {
        forest.find_cycle();
    }
    forest.give_numbers();
    forest.into_schedule(table)
}

impl<'w> Forest<'w> {
    fn add(&mut self, node: Node<'w>) -> usize {
        self.index.insert(node.action, self.nodes.len());
        self.nodes.push(node);
        self.children.push(Children::default());
        self.parent.push(None);
        self.nodes.len() - 1
    }

    /// Hangs a relative node on its target; naming a standard action adds it.
    fn hang(&mut self, at: usize, table: Table, generation: Generation) {
        let (target, before) = match self.nodes[at].place {
            Place::Before(target) => (target, true),
            Place::After(target) => (target, false),
            Place::Number(_) | Place::Unknown => return,
        };
        let found = self.index.get(target).copied().or_else(|| {
            let node = msi::standard_action(target).and_then(|action| Node::standard(action, table, generation));
            node.map(|node| self.add(node))
        });
        let Some(target) = found else {
            self.report(ProblemKind::MissingTarget, at);
            return;
        };
        if target == at || self.parent[target] == Some(at) {
            self.report(ProblemKind::Cycle, at);
            return;
        }
        self.parent[at] = Some(target);
        let children = &mut self.children[target];
        if before { children.before.push(at) } else { children.after.push(at) }
    }

    fn report(&mut self, kind: ProblemKind, at: usize) {
        let node = &self.nodes[at];
        self.problems.push(match node.entry {
            Some(entry) => problem(kind, entry),
            None => Problem { kind, action: node.action.to_owned(), span: None },
        });
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
                    self.report(ProblemKind::Cycle, at);
                    return;
                }
            }
        }
    }

    fn give_numbers(&mut self) {
        self.numbers = vec![None; self.nodes.len()];
        let mut anchors: Vec<(i32, usize)> = self.nodes.iter().enumerate().filter_map(numbered).collect();
        anchors.sort_by_key(|(number, _)| *number);
        for pair in anchors.windows(2) {
            if pair[0].0 == pair[1].0 {
                self.report(ProblemKind::SameNumber, pair[1].1);
            }
        }
        let mut previous = 0;
        for (at, &(number, anchor)) in anchors.iter().enumerate() {
            self.numbers[anchor] = Some(number);
            let before = self.flatten(&self.children[anchor].before);
            let after = self.flatten(&self.children[anchor].after);
            if number < 0 {
                for &relative in before.iter().chain(&after) {
                    self.report(ProblemKind::RelativeToExit, relative);
                }
                continue;
            }
            let next = anchors.get(at + 1).map_or(END, |(number, _)| *number);
            self.spread(before.into_iter().rev(), (1..).map(|step| number - step), previous);
            self.spread(after.into_iter(), (1..).map(|step| number + step), next);
            previous = number;
        }
    }

    /// Hands numbers out until one is `taken` by a neighbouring anchor. From there on the toolset
    /// goes on counting, and so do we: the package is refused anyway.
    fn spread(&mut self, nodes: impl Iterator<Item = usize>, numbers: impl Iterator<Item = i32>, taken: i32) {
        for (at, number) in nodes.zip(numbers) {
            if number == taken {
                self.report(ProblemKind::NoRoom, at);
            }
            self.numbers[at] = Some(number);
        }
    }

    /// Subtrees in the order in which they run. A stack instead of recursion: a chain may be as
    /// long as the table.
    fn flatten(&self, roots: &[usize]) -> Vec<usize> {
        enum Visit {
            Tree(usize),
            Node(usize),
        }
        let mut flat = Vec::new();
        let mut stack: Vec<Visit> = roots.iter().rev().map(|&root| Visit::Tree(root)).collect();
        while let Some(visit) = stack.pop() {
            match visit {
                Visit::Node(at) => flat.push(at),
                Visit::Tree(at) => {
                    let children = &self.children[at];
                    stack.extend(children.after.iter().rev().map(|&child| Visit::Tree(child)));
                    stack.push(Visit::Node(at));
                    stack.extend(children.before.iter().rev().map(|&child| Visit::Tree(child)));
                }
            }
        }
        flat
    }

    /// A node without a number is left out where the toolset drops it, and kept where its place is
    /// merely unknown.
    fn into_schedule(mut self, table: Table) -> Schedule<'w> {
        let fates = self.fates();
        for (at, fate) in fates.iter().enumerate() {
            if *fate == Fate::Loop {
                self.report(ProblemKind::SilentCycle, at);
            }
        }
        let Forest { nodes, numbers, problems, .. } = self;
        let kept = nodes.into_iter().zip(numbers).zip(fates);
        let rows =
            kept.filter(|(_, fate)| *fate == Fate::Known || *fate == Fate::Unknown).map(|((node, number), _)| Row {
                action: node.action,
                number,
                condition: node.condition,
                entry: node.entry,
            });
        Schedule::new(table, rows.collect(), problems)
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
