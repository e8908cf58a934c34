//! What faults do to links.

use super::{Fault, Harm};
use crate::graph::{Graph, LinkId, ZoneId};
use brownout_core::Span;
use brownout_core::dist::{Dist, Sampler};
use brownout_core::random::{Seed, Stream};

/// What a fault does to a link.
#[derive(Debug, Clone, PartialEq)]
pub enum LinkFault {
    /// Envelopes take longer by this, in nanoseconds.
    Latency {
        /// Drawn for each envelope.
        add: Dist,
    },
    /// A share of the envelopes is lost.
    Loss {
        /// In [0, 1].
        ratio: f64,
    },
    /// Nothing gets through.
    Cut,
}

impl LinkFault {
    /// Whether there is more or less of it, so that it can grow over time.
    pub const fn has_strength(&self) -> bool {
        match self {
            LinkFault::Latency { .. } | LinkFault::Loss { .. } => true,
            LinkFault::Cut => false,
        }
    }

    /// Whether an envelope may never arrive.
    pub const fn loses(&self) -> bool {
        match self {
            LinkFault::Latency { .. } => false,
            LinkFault::Loss { .. } | LinkFault::Cut => true,
        }
    }
}

/// A link, and which way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LinkPart {
    /// Which.
    pub link: LinkId,
    /// Whether it strikes what goes from the caller to the callee: requests and cancels.
    pub forth: bool,
    /// Whether it strikes what goes back: replies.
    pub back: bool,
    /// If this is about a zone: it strikes only what goes from there to somewhere else, which is
    /// `forth`, or from somewhere else there, which is `back`.
    pub zone: Option<ZoneId>,
}

/// A fault of links, ready to be drawn.
#[derive(Debug)]
pub(crate) struct LinkHarm {
    kind: Ready,
    /// Names its draws.
    stream: Stream,
}

#[derive(Debug)]
enum Ready {
    Latency(Sampler),
    Loss(f64),
    Cut,
}

/// A fault at work on one link.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Sick {
    /// Its place among the harms.
    pub(crate) harm: u32,
    /// In (0, 1].
    pub(crate) strength: f64,
    pub(crate) forth: bool,
    pub(crate) back: bool,
    pub(crate) zone: Option<ZoneId>,
}

impl Sick {
    /// Whether it strikes what goes from a zone to another, on its way back or forth.
    pub(crate) fn strikes(&self, is_back: bool, from: Option<ZoneId>, to: Option<ZoneId>) -> bool {
        match self.zone {
            None => {
                if is_back {
                    self.back
                } else {
                    self.forth
                }
            }
            Some(_) if from == to => false,
            zone if from == zone => self.forth,
            zone => to == zone && self.back,
        }
    }
}

impl LinkHarm {
    /// Every fault of links in `graph` by the fault's place; others have none.
    pub(crate) fn all(graph: &Graph, seed: Seed) -> Vec<Option<LinkHarm>> {
        let ready = |fault: &Fault| {
            let Harm::Links { kind, .. } = &fault.harm else { return None };
            let kind = match kind {
                LinkFault::Latency { add } => Ready::Latency(add.sampler()),
                LinkFault::Loss { ratio } => Ready::Loss(*ratio),
                LinkFault::Cut => Ready::Cut,
            };
            Some(LinkHarm { kind, stream: seed.stream(&format!("link fault {}", fault.name)) })
        };
        graph.faults.iter().map(ready).collect()
    }

    /// Whether nothing gets through.
    pub(crate) fn cuts(&self, strength: f64) -> bool {
        match self.kind {
            Ready::Latency(_) => false,
            Ready::Loss(ratio) => ratio * strength >= 1.0,
            Ready::Cut => true,
        }
    }

    /// By how much it delays what is sent again when it is lost.
    pub(crate) fn delays(&self, lineage: u64, direction: u64, strength: f64) -> Span {
        match self.kind {
            Ready::Latency(_) => self.strike(lineage, direction, strength).unwrap_or(Span::ZERO),
            Ready::Loss(_) | Ready::Cut => Span::ZERO,
        }
    }

    /// What it does to an envelope: lost, or later by so much. Each direction of an attempt has its
    /// own draws.
    pub(crate) fn strike(&self, lineage: u64, direction: u64, strength: f64) -> Option<Span> {
        let mut draws = self.stream.member(direction).draws(lineage);
        match &self.kind {
            Ready::Latency(sampler) => {
                Some(Span::round(sampler.sample(&mut draws, 0)).scale(strength))
            }
            Ready::Loss(ratio) => (draws.unit() >= ratio * strength).then_some(Span::ZERO),
            Ready::Cut => None,
        }
    }
}
