//! Where arrows run, so that no two lie upon each other that have nothing in common.

use rustc_hash::FxHashMap;

use super::super::chart::{Chart, Edge};

/// Arrows share the last lane when there are more.
const LANES: usize = 10;

/// The lane of each edge, counted from the time line to the left. What hangs on one side of one action
/// shares a lane; short ones come first.
pub(super) fn lanes(chart: &Chart<'_>) -> Vec<usize> {
    let anchor = |edge: &Edge| if edge.word == "Before" { (edge.to, edge.word) } else { (edge.from, edge.word) };
    let mut spans: FxHashMap<(usize, &str), (usize, usize)> = FxHashMap::default();
    for edge in &chart.edges {
        let (from, until) = (edge.from.min(edge.to), edge.from.max(edge.to));
        let span = spans.entry(anchor(edge)).or_insert((from, until));
        *span = (span.0.min(from), span.1.max(until));
    }
    let mut order: Vec<_> = spans.iter().map(|(anchor, span)| (span.1 - span.0, *span, *anchor)).collect();
    order.sort_unstable();
    let mut taken: Vec<Vec<(usize, usize)>> = Vec::new();
    let mut lanes = FxHashMap::default();
    for (_, (from, until), anchor) in order {
        let free = |lane: &Vec<(usize, usize)>| lane.iter().all(|(start, end)| until <= *start || *end <= from);
        let lane = taken.iter().position(free).unwrap_or(taken.len()).min(LANES - 1);
        if lane == taken.len() {
            taken.push(Vec::new());
        }
        taken[lane].push((from, until));
        lanes.insert(anchor, lane);
    }
    chart.edges.iter().map(|edge| lanes.get(&anchor(edge)).copied().unwrap_or_default()).collect()
}
