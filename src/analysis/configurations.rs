//! In which configurations a finding holds, in the author's words.

use crate::diagnostic::Label;
use crate::preprocess::Decision;
use crate::project::World;
use crate::rules::Finding;

/// So many conditions are shown where they stand.
const LABELS: usize = 3;

/// All worlds, one bit each.
pub(super) fn all(worlds: &[World]) -> u32 {
    (1 << worlds.len()) - 1
}

/// Says of a finding that does not hold in every world where it does.
pub(super) fn tell(finding: &mut Finding, worlds: &[World]) {
    if finding.worlds == all(worlds) {
        return;
    }
    let mut labelled = Vec::new();
    let mut left = finding.worlds;
    while left != 0 {
        let decisions = shortest(worlds, left.trailing_zeros() as usize, finding.worlds);
        left &= !matching(worlds, &decisions);
        let told: Vec<String> = decisions.iter().map(|decision| decision.condition.told(decision.holds)).collect();
        finding.diagnostic.configurations.push(told.join(" and "));
        labelled.extend(decisions);
    }
    for decision in labelled {
        let label =
            Label { span: decision.span, message: format!("where {}", decision.condition.told(decision.holds)) };
        let related = &mut finding.diagnostic.related;
        let shown = related.iter().filter(|other| other.message.starts_with("where ")).count();
        if shown < LABELS && !related.contains(&label) {
            related.push(label);
        }
    }
}

/// What sets a world apart from those outside of `within`. A decision is left out only where a world
/// shows that it makes no difference.
fn shortest(worlds: &[World], world: usize, within: u32) -> Vec<&Decision> {
    let mut decisions: Vec<&Decision> = Vec::new();
    for decision in &worlds[world].decisions {
        if decisions.iter().all(|known| known.condition != decision.condition) {
            decisions.push(decision);
        }
    }
    for at in (0..decisions.len()).rev() {
        let mut rest = decisions.clone();
        let dropped = rest.remove(at);
        let matched = matching(worlds, &rest);
        let idle = worlds.iter().all(|world| way(world, dropped) != Some(!dropped.holds));
        let implied = || rest.iter().any(|other| dropped.follows_from(other));
        if matched & !within == 0 && (idle || matched != matching(worlds, &decisions) || implied()) {
            decisions = rest;
        }
    }
    decisions
}

/// The worlds that have taken all these decisions.
fn matching(worlds: &[World], decisions: &[&Decision]) -> u32 {
    let holds = |world: &World| decisions.iter().all(|decision| way(world, decision) == Some(decision.holds));
    worlds.iter().enumerate().filter(|(_, world)| holds(world)).fold(0, |bits, (at, _)| bits | 1 << at)
}

/// How a world has taken a condition, if it has met it.
fn way(world: &World, decision: &Decision) -> Option<bool> {
    world.decisions.iter().find(|own| own.condition == decision.condition).map(|own| own.holds)
}
