//! What a finding is known by from one run to the next, wherever its line has moved to.

use rustc_hash::FxHashMap;

use super::Report;
use crate::diagnostic::Diagnostic;

/// A fingerprint for each finding, in their order: of its rule, file and subject. Findings that have all of them in
/// common are counted.
pub(super) fn all(report: &Report<'_>) -> Vec<String> {
    let mut known: FxHashMap<u64, u64> = FxHashMap::default();
    let mut one = |finding: &Diagnostic| {
        let path = report.sources.get(finding.primary.span.file).path();
        let hash = hash([finding.rule, path, &finding.subject].join("\n").as_bytes());
        let count = known.entry(hash).and_modify(|count| *count += 1).or_default();
        format!("{hash:016x}{count:04x}")
    };
    report.findings.iter().map(&mut one).collect()
}

/// FNV-1a: other programs keep the numbers, so that they must be the same for ever.
fn hash(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, &byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use super::hash;

    /// Those of the algorithm's own description.
    #[test]
    fn hashes_are_those_of_fnv_1a() {
        assert_eq!(
            [hash(b""), hash(b"a"), hash(b"foobar")],
            [0xcbf29ce484222325, 0xaf63dc4c8601ec8c, 0x85944171f73967e8]
        );
    }
}
