//! What is kept for pictures alone, and only where somebody asks for it: distributions, latencies
//! by the moment of arrival, attempts by where they come from, and how services stand.

use super::Ledger;
use super::query::{Target, Window};
use super::series::bin_width;
use super::tracks::{Followed, Track};
use brownout_core::histogram::Histogram;
use brownout_core::{Span, Time};

/// The most stretches of time in which latencies are told apart; a picture has hardly more pixels.
pub const COLUMNS_MAX: u64 = 240;

/// What is kept for pictures alone.
#[derive(Debug, Clone, Default)]
pub struct Pictures {
    /// Whole distributions.
    pub curves: Vec<Curve>,
    /// Whose latencies are told apart by the moment of the intended arrival.
    pub heat: Vec<Target>,
    /// Whether calls and attempts are counted by where they come from.
    pub edges: bool,
    /// Whether somebody looks at breakers and at calls that try again, at the end of each bin.
    pub looks: bool,
}

/// A distribution of times in a window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Curve {
    /// Whose.
    pub target: Target,
    /// What is timed.
    pub followed: Followed,
    /// Which arrivals.
    pub window: Window,
}

/// What came of a distribution.
#[derive(Debug, Clone, Default)]
pub struct Times {
    /// Times of those that ended well, ns.
    pub times: Histogram,
    /// Ended badly.
    pub failed: u64,
    /// Still open at the end.
    pub open: u64,
}

/// Calls and attempts from one place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct EdgeCount {
    /// Calls begun.
    pub calls: u64,
    /// Attempts sent.
    pub attempts: u64,
}

/// How a service stands at a moment, in the eyes of those who call it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Seen {
    /// Calls to it that try again: one or more of their attempts have failed, and they are not
    /// over. (The orbit of a retrial queue, with those of it that are back in line.)
    pub retrying: u32,
    /// Breakers before it that let nothing through.
    pub open: u32,
    /// Breakers before it that let a few calls through, to see.
    pub half_open: u32,
    /// Breakers before it, however they stand.
    pub breakers: u32,
}

/// How long the stretches are in which latencies are told apart, and how many there are.
pub fn columns(time: Span) -> (Span, usize) {
    let bin = bin_width(time);
    let bins = time.nanos().div_ceil(bin.nanos());
    let width = bin.saturating_mul(bins.div_ceil(COLUMNS_MAX));
    (width, time.nanos().div_ceil(width.nanos()) as usize)
}

impl Ledger {
    /// Makes sure that the pictures can be drawn.
    pub(super) fn prepare_pictures(&mut self, pictures: &Pictures) {
        for curve in &pictures.curves {
            self.follow(curve.target, curve.followed, curve.window);
        }
        let (width, number) = columns(self.series().end().since(Time::ZERO));
        for target in &pictures.heat {
            let account = self.account_mut(*target);
            account.keep();
            account.follow(Followed::Latency, Track::by_arrival(width, number));
        }
    }

    /// A distribution that was asked for.
    pub fn times(&self, curve: &Curve) -> Times {
        let track = self.track(curve.target, curve.followed, curve.window);
        track.map_or_else(Times::default, |track| {
            let (failed, open) = track.others();
            Times { times: track.times().clone(), failed, open }
        })
    }

    /// Latencies by stretches of arrivals, as long as [`columns`] says; none if nobody asked.
    pub fn heat(&self, target: Target) -> &[Histogram] {
        let mut tracks = self.account(target).tracks(Followed::Latency).iter();
        tracks.find(|track| !track.columns().is_empty()).map_or(&[], Track::columns)
    }

    /// Calls and attempts from each site, if they were counted.
    pub fn edges(&self) -> impl Iterator<Item = EdgeCount> {
        self.sites.iter().map(|site| site.count)
    }
}
