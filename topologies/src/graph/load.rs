//! Loads: who comes, when, and what they do when it goes badly.

use super::{ClassId, Profile, SiteId, Size, ZoneId};
use brownout_core::dist::Dist;
use brownout_core::{Span, Time};
use std::sync::Arc;

/// A load source: callers that no one calls.
#[derive(Debug, Clone, PartialEq)]
pub struct Load {
    /// Its `name:`, or its kind and target.
    pub name: String,
    /// Where its requests go, and through which policies; the first place of several.
    pub site: SiteId,
    /// Shares of the sites from [`Load::site`] on, which together are 1; empty if there is but one.
    pub mix: Vec<f64>,
    /// Of which class they are.
    pub class: ClassId,
    /// When they come.
    pub arrivals: Arrivals,
    /// Independent callers, ≥ 1: each is a replica of its own to policies. An arrival belongs to
    /// one of them; of users, each belongs to one.
    pub clients: u32,
    /// Where they are, each in one of these in turn; none is nowhere in particular.
    pub zones: Vec<ZoneId>,
    /// What users do after a request that failed.
    pub conduct: Conduct,
}

impl Load {
    /// One caller with one place to call, who takes failures as they come.
    pub fn plain(name: &str, site: SiteId, arrivals: Arrivals) -> Load {
        let (name, conduct) = (name.to_owned(), Conduct::default());
        let (mix, class) = (Vec::new(), ClassId::default());
        Load { name, site, mix, class, arrivals, clients: 1, zones: Vec::new(), conduct }
    }

    /// Where its requests go, and which share of them.
    pub fn sites(&self) -> impl Iterator<Item = (SiteId, f64)> {
        let shares: &[f64] = if self.mix.is_empty() { &[1.0] } else { &self.mix };
        (self.site.0..).map(SiteId).zip(shares.iter().copied())
    }

    /// How many connections there are to each callee for each of its clients: users of one client
    /// have one each.
    pub fn connections(&self) -> u32 {
        match self.arrivals {
            Arrivals::Closed { users, .. } if self.clients == 1 => users,
            Arrivals::Closed { .. }
            | Arrivals::Poisson(_)
            | Arrivals::Steady(_)
            | Arrivals::Renewal(_)
            | Arrivals::Batch { .. }
            | Arrivals::Bursty(_)
            | Arrivals::Trace(_)
            | Arrivals::AtOnce { .. } => 1,
        }
    }

    /// Whether anyone of it wants to hear how a request ended.
    pub fn listens(&self) -> bool {
        matches!(self.arrivals, Arrivals::Closed { .. }) || self.conduct.reload.is_some()
    }
}

/// When requests come.
#[derive(Debug, Clone, PartialEq)]
pub enum Arrivals {
    /// A Poisson process with this rate.
    Poisson(Profile),
    /// Evenly spaced with this rate; the first at half a space.
    Steady(Profile),
    /// Independent gaps, in nanoseconds.
    Renewal(Dist),
    /// Batches, whose moments are a Poisson process.
    Batch {
        /// Batches, not requests, over time.
        rate: Profile,
        /// Requests in a batch.
        size: Size,
    },
    /// A Poisson process whose rate goes from stage to stage, and from the last to the first: an
    /// MMPP if stages last exponentially long. It starts at the beginning of the first.
    Bursty(Vec<Stage>),
    /// At these moments, in order.
    Trace(Arc<[Time]>),
    /// All at one moment; a trigger, as faults are.
    AtOnce {
        /// When.
        at: Time,
        /// How many.
        count: u32,
    },
    /// Users who think, ask, and wait for the answer.
    Closed {
        /// How many.
        users: u32,
        /// Nanoseconds between an answer and the next request.
        think: Dist,
        /// When all of them ask for the first time; if nothing is said, each thinks first.
        start: Option<Time>,
    },
}

impl Arrivals {
    /// The rate, where one over time is given.
    pub fn profile(&self) -> Option<&Profile> {
        match self {
            Arrivals::Poisson(rate) | Arrivals::Steady(rate) | Arrivals::Batch { rate, .. } => {
                Some(rate)
            }
            Arrivals::Renewal(_)
            | Arrivals::Bursty(_)
            | Arrivals::Trace(_)
            | Arrivals::AtOnce { .. }
            | Arrivals::Closed { .. } => None,
        }
    }

    /// The same load without what makes it a trigger.
    pub(super) fn calm(&mut self) {
        match self {
            Arrivals::Poisson(rate) | Arrivals::Steady(rate) | Arrivals::Batch { rate, .. } => {
                if let Some(spike) = rate.spike.take() {
                    rate.curve = spike.calm;
                }
            }
            Arrivals::AtOnce { count, .. } => *count = 0,
            Arrivals::Renewal(_)
            | Arrivals::Bursty(_)
            | Arrivals::Trace(_)
            | Arrivals::Closed { .. } => {}
        }
    }
}

/// A stretch of a bursty load.
#[derive(Debug, Clone, PartialEq)]
pub struct Stage {
    /// Requests per second, ≥ 0.
    pub per_s: f64,
    /// How long it lasts, in nanoseconds.
    pub lasts: Dist,
}

/// What users do after a request that failed.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Conduct {
    /// Whether they ask again, on their own and beside all policies.
    pub reload: Option<Reload>,
    /// Whether they come back when they are told to.
    pub obey: Obey,
}

/// A user asks again after a failure: a new request, offered like any other, with its own latency.
#[derive(Debug, Clone, PartialEq)]
pub struct Reload {
    /// How often in a row, ≥ 1; `u32::MAX` is until it goes well.
    pub times: u32,
    /// Nanoseconds from the failure to the next request.
    pub after: Dist,
}

/// What users make of an answer that says when to come back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Obey {
    /// Nothing: they come back when they want to.
    #[default]
    Ignore,
    /// They come back no earlier than they were told.
    RetryAfter,
    /// No earlier, and up to half as much later, at random (Envoy's lower-bound jitter).
    RetryAfterJitter,
}

impl Obey {
    /// Half as much later at most.
    const JITTER: f64 = 0.5;

    /// How long to stay away when told to come back after `told`; `unit` is a draw from [0, 1).
    pub fn pause(self, told: Span, unit: f64) -> Span {
        match self {
            Obey::Ignore => Span::ZERO,
            Obey::RetryAfter => told,
            Obey::RetryAfterJitter => told.saturating_add(told.scale(Obey::JITTER * unit)),
        }
    }
}
