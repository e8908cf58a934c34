//! Metrics of what is counted only if somebody asks: effects and keys, what was done for calls that
//! were reported failed, and pools of connections.

use super::summary::Summary;
use super::unit::Unit;
use brownout_topologies::ledger::query::Tallied;

/// The names of what is counted.
pub(super) const TALLIED: [(&str, Tallied); 12] = [
    ("effects", Tallied::Effects),
    ("duplicates", Tallied::Duplicates),
    ("replayed", Tallied::Replayed),
    ("coalesced", Tallied::Coalesced),
    ("conflicts", Tallied::Conflicts),
    ("reported_failed.nothing", Tallied::ReportedNothing),
    ("reported_failed.partly", Tallied::ReportedPartly),
    ("reported_failed.done", Tallied::ReportedDone),
    ("reported_failed.unknown", Tallied::ReportedUnknown),
    ("completed_but_reported_failed", Tallied::CompletedButReportedFailed),
    ("pool_timeouts", Tallied::PoolTimeouts),
    ("connects", Tallied::Connects),
];

/// What is counted under a name.
pub(super) fn tallied(name: &str) -> Option<Tallied> {
    TALLIED.into_iter().find(|(known, _)| *known == name).map(|(_, tallied)| tallied)
}

/// What it is called.
pub(super) fn tallied_name(tallied: Tallied) -> &'static str {
    let found = TALLIED.into_iter().find(|(_, own)| *own == tallied);
    found.map_or("", |(name, _)| name)
}

/// Whether it is told per request that entered the system, rather than per second.
pub(super) const fn is_per_request(tallied: Tallied) -> bool {
    matches!(tallied, Tallied::Effects | Tallied::Duplicates)
}

/// What it is measured in.
pub(super) const fn unit(tallied: Tallied) -> Unit {
    if is_per_request(tallied) { Unit::Ratio } else { Unit::PerSecond }
}

/// What a wait for a connection is called.
pub(super) fn pool_wait_name(summary: Summary) -> String {
    match summary {
        Summary::Mean => "pool_wait".to_owned(),
        other => format!("pool_wait.{other}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_that_is_counted_has_a_name() {
        for (place, (name, tallied)) in TALLIED.into_iter().enumerate() {
            assert_eq!(tallied as usize, place);
            assert_eq!((super::tallied(name), tallied_name(tallied)), (Some(tallied), name));
        }
    }
}
