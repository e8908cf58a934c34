//! Monitors: what a metrics system sees of a run, beside the truth that the ledger knows.
//!
//! A monitor is scraped at intervals. It sees what ended since the last scrape, whenever that was
//! meant to begin, and levels as they stand at that moment; it knows nothing of what is still open.

use crate::ledger::query::{Level, Phase, Stat, Target};
use brownout_core::Span;

/// A number that is read at intervals, and when it is alarming.
#[derive(Debug, Clone, PartialEq)]
pub struct Monitor {
    /// Its key in the file.
    pub name: String,
    /// What it reads, as it was written.
    pub watch: String,
    /// What it reads.
    pub gauge: Gauge,
    /// From one scrape to the next, above zero; the first is so long after the start.
    pub every: Span,
    /// How much of the past a reading is about: a whole number of scrapes.
    pub window: Span,
    /// What is alarming.
    pub alarm: Alarm,
    /// For how long readings have to be alarming, one after the other, before it fires.
    pub hold: Span,
}

/// What a monitor reads.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Gauge {
    /// A statistic of the times of what ended in the window, in seconds; nothing if nothing did.
    Times {
        /// Of what.
        of: Target,
        /// A stretch of an attempt's life inside the service; `None` is the caller's latency.
        phase: Option<Phase>,
        /// Which number.
        stat: Stat,
        /// Whether what ended badly counts too.
        all: bool,
    },
    /// So many per second.
    Rate(Target, Counted),
    /// Share of the calls that ended in the window which ended badly; nothing if none ended.
    ErrorShare(Target),
    /// Mean of the level at the scrapes in the window.
    Level(Target, Level),
}

/// What a monitor counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counted {
    /// Calls begun.
    Offered,
    /// Calls ended, however they ended.
    Throughput,
    /// Calls ended well.
    Goodput,
    /// Calls ended badly.
    Errors,
    /// Calls that policies of their own caller turned away.
    TurnedAway,
    /// Attempts sent.
    Attempts,
}

/// What is alarming, in the unit of the reading: seconds, per second, or a share.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Alarm {
    /// More than this.
    Above(f64),
    /// Less than this.
    Below(f64),
}

impl Monitor {
    /// Most scrapes in a window.
    pub const SLICES_MAX: u64 = 1_000;

    /// Scrapes in a window.
    pub const fn slices(&self) -> u64 {
        self.window.nanos() / self.every.nanos()
    }
}

impl Alarm {
    /// Whether a reading is alarming. No data is no alarm.
    pub fn is_raised(self, reading: Option<f64>) -> bool {
        match (self, reading) {
            (_, None) => false,
            (Alarm::Above(bound), Some(reading)) => reading > bound,
            (Alarm::Below(bound), Some(reading)) => reading < bound,
        }
    }
}

impl Gauge {
    /// What it is about.
    pub const fn target(&self) -> Target {
        match self {
            Gauge::Times { of, .. }
            | Gauge::Rate(of, _)
            | Gauge::ErrorShare(of)
            | Gauge::Level(of, _) => *of,
        }
    }
}
