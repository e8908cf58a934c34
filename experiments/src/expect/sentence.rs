//! Sentences as read: names not yet looked up, each with the bytes it came from.

use super::amount::Amount;
use super::kind::Kind;
use super::stretch::{level_name, phase_name};
use super::token::is_word;
use super::unit::Unit;
use brownout_core::{Span, Time};
use brownout_topologies::ledger::query::{Level, Phase};
use std::fmt;
use std::ops::Range;

/// A sentence that holds or does not: `p99(checkout) < 800ms during 90s..180s on budget`.
#[derive(Debug, Clone, PartialEq)]
pub struct Expectation {
    pub(super) text: String,
    pub(super) claim: Claim,
}

/// A sentence that asks: `p99(checkout) during 60s..70s`.
#[derive(Debug, Clone, PartialEq)]
pub struct Measure {
    pub(super) text: String,
    pub(super) side: Side,
}

/// Something, and the bytes of the sentence it came from. Equal when the things are.
#[derive(Debug, Clone)]
pub(super) struct Spanned<T> {
    pub(super) what: T,
    pub(super) at: Range<usize>,
}

/// What an expectation says.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Claim {
    pub(super) left: Side,
    pub(super) compare: Compare,
    pub(super) right: Right,
    /// The share of runs that it is to hold in, each by itself; without one it is about the mean.
    pub(super) quota: Option<Amount>,
}

/// How two values are to compare.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Compare {
    Below,
    AtMost,
    Above,
    AtLeast,
    /// Equal in every run.
    Exactly,
    /// Equal within a tolerance, in the metric's unit.
    Within(Amount),
}

/// What the left side is compared with.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Right {
    /// A number.
    Value(Amount),
    /// So many times another metric. Boxed: it is rare, and large.
    Side { factor: Amount, side: Box<Side> },
    /// The same metric on these variants: each compares so with the next.
    Ranks(Vec<Spanned<String>>),
    /// The same metric on every variant but this one, which is the left side's.
    Others(Spanned<String>),
}

/// A metric, when, and on which variant.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Side {
    pub(super) metric: Metric,
    /// Divided by what was offered, run by run.
    pub(super) of_offered: bool,
    pub(super) when: Option<Spanned<When>>,
    pub(super) on: Option<Spanned<String>>,
}

/// A metric of something.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Metric {
    Events,
    /// Counted from a fault, or from the worst.
    Since {
        kind: Kind,
        target: Spanned<Target>,
        fault: Option<Spanned<String>>,
    },
    Of {
        kind: Spanned<Kind>,
        target: Spanned<Target>,
    },
    Chance {
        of: Chance,
        target: Spanned<Target>,
    },
}

/// A probability, or with `not` its complement.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Chance {
    /// A time above a bound. Without a phase it is the latency.
    Above { phase: Option<Phase>, bound: Span, not: bool },
    /// A level at exactly `k`.
    Exactly { level: Level, k: u32 },
    /// A level at `k` or more.
    AtLeast { level: Level, k: u32, not: bool },
}

/// A name before it is looked up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Target {
    /// A service, or else a load.
    Any(String),
    /// `load.NAME`.
    Load(String),
}

/// A stretch of the run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum When {
    During(Time, Time),
    After(Time),
    Before(Time),
}

impl<T: PartialEq> PartialEq for Spanned<T> {
    fn eq(&self, other: &Self) -> bool {
        self.what == other.what
    }
}

impl Expectation {
    /// As it was written, without space around it.
    pub fn text(&self) -> &str {
        &self.text
    }
}

impl Measure {
    /// As it was written, without space around it.
    pub fn text(&self) -> &str {
        &self.text
    }
}

impl Side {
    /// What its value is in.
    pub(super) fn unit(&self) -> Unit {
        if self.of_offered { Unit::Share } else { self.metric.unit() }
    }

    /// The least and the most that an interval of its mean is shown to reach: a part is not more
    /// than the whole, whereas goodput may exceed what was offered; and no time, rate or number
    /// that a run says of itself is less than nothing.
    pub(super) fn range(&self) -> (f64, f64) {
        match self.unit() {
            Unit::Share if self.of_offered => (0.0, f64::INFINITY),
            Unit::Share => (0.0, 1.0),
            Unit::Seconds | Unit::SecondsSquared | Unit::PerSecond | Unit::Ratio | Unit::Count => {
                (0.0, f64::INFINITY)
            }
        }
    }

    /// What it is called without what it is of, for messages.
    pub(super) fn name(&self) -> String {
        let name = self.metric.name();
        if self.of_offered { format!("{name} of offered") } else { name }
    }
}

impl Metric {
    /// The metric's kind, unless it is a probability.
    pub(super) fn kind(&self) -> Option<Kind> {
        match self {
            Metric::Events => Some(Kind::Events),
            Metric::Since { kind, .. } => Some(*kind),
            Metric::Of { kind, .. } => Some(kind.what),
            Metric::Chance { .. } => None,
        }
    }

    /// What it is measured in.
    pub(super) fn unit(&self) -> Unit {
        self.kind().map_or(Unit::Share, Kind::unit)
    }

    /// Whether it is given per second, of something.
    pub(super) fn is_rate(&self) -> bool {
        matches!(self, Metric::Of { kind, .. } if kind.what.unit() == Unit::PerSecond)
    }

    /// Whether a window can narrow it.
    pub(super) fn takes_a_window(&self) -> bool {
        !self.kind().is_some_and(Kind::is_of_the_whole_run)
    }

    /// Its name without what it is of, for messages.
    pub(super) fn name(&self) -> String {
        self.kind().map_or_else(|| "P(…)".to_owned(), |kind| kind.to_string())
    }
}

impl fmt::Display for Expectation {
    /// The canonical spelling; reading it gives the same expectation.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.claim.fmt(f)
    }
}

impl fmt::Display for Measure {
    /// The canonical spelling; reading it gives the same measure.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.side.fmt(f)
    }
}

impl fmt::Display for Claim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Claim { left, compare, right, quota } = self;
        let (sign, tolerance) = match compare {
            Compare::Below => ("<", None),
            Compare::AtMost => ("<=", None),
            Compare::Above => (">", None),
            Compare::AtLeast => (">=", None),
            Compare::Exactly => ("==", None),
            Compare::Within(tolerance) => ("==", Some(tolerance)),
        };
        match right {
            Right::Value(value) => {
                write!(f, "{} {sign} {value}", left.metric)?;
                if left.of_offered {
                    f.write_str(" of offered")?;
                }
            }
            Right::Side { factor, side } => {
                write!(f, "{left} {sign} {factor} of {}", side.metric)?;
                if side.of_offered {
                    f.write_str(" of offered")?;
                }
            }
            Right::Ranks(names) => {
                write!(f, "{left} ranks")?;
                for (at, name) in names.iter().enumerate() {
                    let sign = if at == 0 { String::new() } else { format!(" {sign}") };
                    write!(f, "{sign} {}", Name(&name.what))?;
                }
                return Ok(());
            }
            Right::Others(on) => {
                let most = if *compare == Compare::Below { "lowest" } else { "highest" };
                return write!(f, "{left} is {most} on {}", Name(&on.what));
            }
        }
        if let Some(tolerance) = tolerance {
            write!(f, " ± {tolerance}")?;
        }
        match right {
            Right::Side { side, .. } => side.tail(f)?,
            Right::Value(_) | Right::Ranks(_) | Right::Others(_) => left.tail(f)?,
        }
        quota.map_or(Ok(()), |quota| write!(f, " in {quota} of runs"))
    }
}

impl fmt::Display for Side {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.metric.fmt(f)?;
        if self.of_offered {
            f.write_str(" of offered")?;
        }
        self.tail(f)
    }
}

impl Side {
    /// Writes when and on what.
    fn tail(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.when.as_ref().map(|when| when.what) {
            Some(When::During(from, to)) => write!(f, " during {from}..{to}")?,
            Some(When::After(from)) => write!(f, " after {from}")?,
            Some(When::Before(to)) => write!(f, " before {to}")?,
            None => {}
        }
        match &self.on {
            Some(on) => write!(f, " on {}", Name(&on.what)),
            None => Ok(()),
        }
    }
}

impl fmt::Display for Metric {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Metric::Events => f.write_str("events"),
            Metric::Since { kind, target, fault: None } => write!(f, "{kind}({})", target.what),
            Metric::Since { kind, target, fault: Some(fault) } => {
                write!(f, "{kind}({}, fault: {})", target.what, quote(&fault.what))
            }
            Metric::Of { kind, target } => write!(f, "{}({})", kind.what, target.what),
            Metric::Chance { of, target } => {
                let (name, relation) = match *of {
                    Chance::Above { phase, bound, not } => {
                        let sign = if not { "<=" } else { ">" };
                        (phase.map_or("latency", phase_name), format!("{sign} {bound}"))
                    }
                    Chance::Exactly { level, k } => (level_name(level), format!("= {k}")),
                    Chance::AtLeast { level, k, not } => {
                        (level_name(level), format!("{} {k}", if not { "<" } else { ">=" }))
                    }
                };
                write!(f, "P({name}({}) {relation})", target.what)
            }
        }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Target::Load(name) => write!(f, "load.{}", Name(name)),
            // Without quotes it would force the load.
            Target::Any(name) if name.starts_with("load.") => f.write_str(&quote(name)),
            Target::Any(name) => write!(f, "{}", Name(name)),
        }
    }
}

/// A name, in quotes when it needs them.
pub(super) struct Name<'n>(pub(super) &'n str);

impl fmt::Display for Name<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if is_word(self.0) { f.write_str(self.0) } else { f.write_str(&quote(self.0)) }
    }
}

/// The name in quotes: single ones, which need no escape inside a RON string, when they can be.
fn quote(name: &str) -> String {
    if name.contains('\'') { format!("\"{name}\"") } else { format!("'{name}'") }
}
