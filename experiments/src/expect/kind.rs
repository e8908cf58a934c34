//! The metrics by the names people write.

use super::error::SentenceError;
use super::more;
use super::stretch::{level, level_name, phase, phase_name};
pub(super) use super::summary::Summary;
use super::unit::Unit;
use brownout_policies::notation::meant;
use brownout_topologies::death::How;
use brownout_topologies::ledger::query::{Count, Level, Phase, Tallied};
use std::fmt;
use std::ops::Range;

/// A metric before it is of anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Offered,
    Throughput,
    Goodput,
    Errors,
    TurnedAway,
    Attempts,
    Availability,
    Amplification,
    Wasted,
    Dead,
    Utilisation,
    Replicas,
    Rate(Count),
    Latency(Summary),
    Inside(Phase, Summary),
    Level(Level, LevelSummary),
    Tipped,
    Stuck,
    Recovery,
    Died(Option<How>),
    Tallied(Tallied),
    PoolInUse,
    PoolWait(Summary),
    Fired,
    Firing,
    Detected,
    Events,
}

/// A number about a level.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LevelSummary {
    Mean,
    Max,
    Var,
}

/// Names that stand for one metric each; the first of several is the one that is printed.
const NAMES: [(&str, Kind); 37] = [
    ("offered", Kind::Offered),
    ("throughput", Kind::Throughput),
    ("goodput", Kind::Goodput),
    ("errors", Kind::Errors),
    ("turned_away", Kind::TurnedAway),
    ("attempts", Kind::Attempts),
    ("availability", Kind::Availability),
    ("amplification", Kind::Amplification),
    ("wasted", Kind::Wasted),
    ("dead", Kind::Dead),
    ("utilisation", Kind::Utilisation),
    ("replicas", Kind::Replicas),
    ("refused", Kind::Rate(Count::Refused)),
    ("rejected", Kind::Rate(Count::Rejected)),
    ("failed", Kind::Rate(Count::Failed)),
    ("timed_out", Kind::Rate(Count::TimedOut)),
    ("shed", Kind::Rate(Count::Shed)),
    ("lost", Kind::Rate(Count::Lost)),
    ("dropped", Kind::Rate(Count::Lost)),
    ("cancelled", Kind::Rate(Count::Cancelled)),
    ("arrived", Kind::Rate(Count::Arrived)),
    ("finished", Kind::Rate(Count::Finished)),
    ("reloads", Kind::Rate(Count::Reloaded)),
    ("expired", Kind::Rate(Count::Expired)),
    ("set_aside", Kind::Rate(Count::SetAside)),
    ("hits", Kind::Rate(Count::Hit)),
    ("misses", Kind::Rate(Count::Missed)),
    ("stale", Kind::Rate(Count::Stale)),
    ("failovers", Kind::Rate(Count::Promoted)),
    ("lost_writes", Kind::Rate(Count::LostWrite)),
    ("evicted", Kind::Rate(Count::Evicted)),
    ("leaked", Kind::Rate(Count::Leaked)),
    ("tipped", Kind::Tipped),
    ("stuck", Kind::Stuck),
    ("fired", Kind::Fired),
    ("firing", Kind::Firing),
    ("pool_in_use", Kind::PoolInUse),
];
/// The rest, of which each has suffixes, arguments or no target.
const OTHERS: [&str; 20] = [
    "latency",
    "mean",
    "p50",
    "p90",
    "p95",
    "p99",
    "p99.9",
    "sd",
    "var",
    "wait",
    "service",
    "sojourn",
    "age",
    "queue",
    "in_system",
    "busy",
    "recovery",
    "detected",
    "died",
    "pool_wait",
];
/// Suffixed names worth suggesting.
const SUFFIXED: [&str; 25] = [
    "wait.mean",
    "wait.p50",
    "wait.p99",
    "service.mean",
    "service.p99",
    "sojourn.mean",
    "sojourn.p99",
    "queue.max",
    "queue.var",
    "in_system.max",
    "busy.max",
    "died.rejected",
    "died.refused",
    "died.reset",
    "died.failed",
    "died.shed",
    "died.timed_out",
    "died.queued",
    "died.in_service",
    "died.on_link",
    "died.lost",
    "died.held",
    "died.pool_timeout",
    "pool_wait.p99",
    "events",
];

impl Kind {
    /// The metric called `name`.
    pub(super) fn named(name: &str, at: &Range<usize>) -> Result<Kind, SentenceError> {
        if let Some((_, kind)) = NAMES.iter().find(|(known, _)| *known == name) {
            return Ok(*kind);
        }
        if let Some(how) = how(name) {
            return Ok(Kind::Died(how));
        }
        if let Some(tallied) = more::tallied(name) {
            return Ok(Kind::Tallied(tallied));
        }
        match name {
            "events" => return Ok(Kind::Events),
            "recovery" => return Ok(Kind::Recovery),
            "detected" => return Ok(Kind::Detected),
            _ => {}
        }
        let (stem, suffix) = name.split_once('.').unwrap_or((name, "mean"));
        if let Some(phase) = phase(stem)
            && let Some(summary) = Summary::named(suffix, name, at)?
        {
            return Ok(Kind::Inside(phase, summary));
        }
        if stem == "pool_wait"
            && let Some(summary) = Summary::named(suffix, name, at)?
        {
            return Ok(Kind::PoolWait(summary));
        }
        if stem == "latency"
            && let Some(summary) = Summary::named(suffix, name, at)?
        {
            return Ok(Kind::Latency(summary));
        }
        if let (Some(level), Some(summary)) = (level(stem), LevelSummary::named(suffix)) {
            return Ok(Kind::Level(level, summary));
        }
        match Summary::named(name, name, at)? {
            Some(summary) => Ok(Kind::Latency(summary)),
            None => Err(unknown(name, at)),
        }
    }

    /// What it is measured in.
    pub(super) const fn unit(self) -> Unit {
        match self {
            Kind::Offered
            | Kind::Throughput
            | Kind::Goodput
            | Kind::Errors
            | Kind::TurnedAway
            | Kind::Attempts
            | Kind::Rate(_)
            | Kind::Died(_)
            | Kind::Events => Unit::PerSecond,
            Kind::Availability
            | Kind::Wasted
            | Kind::Dead
            | Kind::Utilisation
            | Kind::Tipped
            | Kind::Stuck
            | Kind::Fired
            | Kind::Firing => Unit::Share,
            Kind::Tallied(tallied) => more::unit(tallied),
            Kind::Amplification => Unit::Ratio,
            Kind::Latency(summary) | Kind::Inside(_, summary) | Kind::PoolWait(summary) => {
                match summary {
                    Summary::Mean | Summary::Sd | Summary::Quantile(_) => Unit::Seconds,
                    Summary::Var => Unit::SecondsSquared,
                }
            }
            Kind::Level(..) | Kind::Replicas | Kind::PoolInUse => Unit::Count,
            Kind::Recovery | Kind::Detected => Unit::Seconds,
        }
    }

    /// Whether two runs can be expected to agree to the last digit.
    pub(super) const fn is_exact(self) -> bool {
        self.is_binary() || matches!(self, Kind::Level(_, LevelSummary::Max))
    }

    /// Whether each run answers no or yes, 0 or 1.
    pub(super) const fn is_binary(self) -> bool {
        matches!(self, Kind::Tipped | Kind::Stuck | Kind::Fired)
    }

    /// Whether it is a judgement of the whole run, which a window cannot narrow.
    pub(super) const fn is_of_the_whole_run(self) -> bool {
        matches!(self, Kind::Tipped | Kind::Stuck | Kind::Recovery | Kind::Detected)
    }

    /// Whether it is counted from a fault, which may be named.
    pub(super) const fn is_since_a_fault(self) -> bool {
        matches!(self, Kind::Recovery | Kind::Detected)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Kind::Events => f.write_str("events"),
            Kind::Recovery => f.write_str("recovery"),
            Kind::Died(None) => f.write_str("died"),
            Kind::Died(Some(how)) => write!(f, "died.{}", how.name()),
            Kind::Detected => f.write_str("detected"),
            Kind::Tallied(tallied) => f.write_str(more::tallied_name(*tallied)),
            Kind::PoolWait(summary) => f.write_str(&more::pool_wait_name(*summary)),
            Kind::Latency(summary) => summary.fmt(f),
            Kind::Inside(phase, Summary::Mean) => f.write_str(phase_name(*phase)),
            Kind::Inside(phase, summary) => write!(f, "{}.{summary}", phase_name(*phase)),
            Kind::Level(level, summary) => {
                f.write_str(level_name(*level))?;
                f.write_str(match summary {
                    LevelSummary::Mean => "",
                    LevelSummary::Max => ".max",
                    LevelSummary::Var => ".var",
                })
            }
            named => {
                let (name, _) =
                    NAMES.iter().find(|(_, kind)| kind == named).expect("every metric has a name");
                f.write_str(name)
            }
        }
    }
}

impl LevelSummary {
    /// The summary called `name`.
    fn named(name: &str) -> Option<LevelSummary> {
        match name {
            "mean" => Some(LevelSummary::Mean),
            "max" => Some(LevelSummary::Max),
            "var" => Some(LevelSummary::Var),
            _ => None,
        }
    }
}

/// The way to die called `name`, if it is one: all of them, or one.
fn how(name: &str) -> Option<Option<How>> {
    let rest = name.strip_prefix("died")?;
    if rest.is_empty() {
        return Some(None);
    }
    let rest = rest.strip_prefix('.')?;
    How::EVERY.into_iter().find(|how| how.name() == rest).map(Some)
}

/// No metric has this name.
fn unknown(name: &str, at: &Range<usize>) -> SentenceError {
    let message = format!("unknown metric \"{name}\"");
    // `ledger.queue` is how plots write it.
    if let Some((target, metric)) = name.rsplit_once('.')
        && Kind::named(metric, at).is_ok()
        && phase(target).is_none()
        && level(target).is_none()
    {
        return SentenceError::new(at.clone(), message, format!("write `{metric}({target})`"));
    }
    let mut plain: Vec<&str> = NAMES.iter().map(|(name, _)| *name).collect();
    plain.extend(OTHERS);
    plain.extend(more::TALLIED.map(|(name, _)| name));
    let mut known = plain.clone();
    known.extend(SUFFIXED);
    let hint = meant(name, known).unwrap_or_else(|| {
        plain.push("events");
        format!("metrics are {}, and P(…)", plain.join(", "))
    });
    SentenceError::new(at.clone(), message, hint)
}
