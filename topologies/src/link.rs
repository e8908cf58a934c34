//! Links: they delay envelopes and lose some of them.

use crate::activation::Doing;
use crate::envelope::{Body, Envelope};
use crate::event::Delivery;
use crate::fault::{LinkHarm, Reach, Sick};
use crate::graph::{Caller, Graph, LinkId};
use crate::ledger::Row;
use crate::store::note::Notes;
use crate::world::{Io, Kit, ORDINARY};
use brownout_core::Span;
use brownout_core::dist::{Dist, Sampler};
use brownout_core::random::{Seed, Stream};
use brownout_core::slab::{Id, Slab};
use brownout_policies::outcome::{ErrorKind, Outcome, Seen};

/// One link, ready to carry.
#[derive(Debug)]
struct Carrier {
    latency: Latency,
    loss: f64,
    /// Names the link's draws.
    stream: Stream,
    /// The faults at work on it.
    sick: Vec<Sick>,
}

#[derive(Debug)]
enum Latency {
    /// No time at all: the envelope is there at the same instant.
    None,
    /// Always the same, so in order.
    Constant(Span),
    /// Drawn for each envelope; one may overtake another.
    Drawn(Sampler),
}

/// Which link an envelope takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Way(u32);

impl Way {
    /// A link that takes no time and loses nothing: there is nothing to look up.
    pub const AT_ONCE: Way = Way(u32::MAX);
}

/// The way by each link.
#[derive(Debug)]
pub(crate) struct Ways(Vec<Way>);

impl Ways {
    /// The ways by the links of `graph`, whose faults can do so much.
    pub(crate) fn of(graph: &Graph, reach: &Reach) -> Ways {
        let ways = (0..).map(LinkId).zip(&graph.links).map(|(id, link)| {
            let is_perfect = link.loss == 0.0 && link.latency == Dist::constant(0.0);
            if is_perfect && !reach.strikes(id) { Way::AT_ONCE } else { Way(id.0) }
        });
        Ways(ways.collect())
    }

    /// The way by a link.
    pub(crate) fn by(&self, link: LinkId) -> Way {
        self.0[link.index()]
    }
}

impl Default for Way {
    fn default() -> Way {
        Way::AT_ONCE
    }
}

/// All links of a run, and the envelopes between nodes.
///
/// An envelope is written once and stays where it is: what moves is its name. The callee keeps it
/// while it works on the request, and the answer goes back in it.
#[derive(Debug)]
pub struct Links {
    carriers: Vec<Carrier>,
    /// What faults do to links, by the place of the fault.
    harms: Vec<Option<LinkHarm>>,
    /// Every envelope there is, on its way or in a service's hands.
    pub envelopes: Slab<Envelope>,
    /// What goes with each.
    pub notes: Notes,
}

impl Links {
    /// The links of `graph`, with the draws of `seed`.
    pub fn new(graph: &Graph, seed: Seed) -> Links {
        let carriers = graph.links.iter().map(|link| Carrier {
            latency: match &link.latency {
                Dist::Const(constant) if constant.value == 0.0 => Latency::None,
                Dist::Const(constant) => Latency::Constant(Span::round(constant.value)),
                drawn => Latency::Drawn(drawn.sampler()),
            },
            loss: link.loss,
            stream: seed.stream("link"),
            sick: Vec::new(),
        });
        let carriers = carriers.collect();
        let (harms, notes) = (LinkHarm::all(graph, seed), Notes::new(graph.has_stores()));
        Links { carriers, harms, envelopes: Slab::default(), notes }
    }

    /// The faults at work on a link, to be changed.
    pub(crate) fn sickness(&mut self, link: LinkId) -> &mut Vec<Sick> {
        &mut self.carriers[link.index()].sick
    }

    /// What the faults at work on the link of an envelope do to it: lost, or later by so much.
    #[inline(never)]
    fn strike(&self, envelope: &Envelope) -> Option<Span> {
        let back = matches!(envelope.body, Body::Reply(_) | Body::Probed(..));
        let mut late = Span::ZERO;
        for sick in &self.carriers[envelope.way.0 as usize].sick {
            if if back { sick.back } else { sick.forth } {
                let harm = self.harms[sick.harm as usize].as_ref();
                let harm = harm.expect("what strikes a link is a fault of links");
                let direction = direction(envelope.body);
                late =
                    late.saturating_add(harm.strike(envelope.lineage, direction, sick.strength)?);
            }
        }
        Some(late)
    }
}

impl<K: Kit> Io<'_, K> {
    /// Sends an envelope back to where its request came from, with an answer in it.
    #[inline(always)]
    pub fn reply(&mut self, id: Id, outcome: Outcome) {
        let envelope = &mut self.links.envelopes[id];
        debug_assert!(envelope.work.doing == Doing::Travelling, "it has left, or never was inside");
        envelope.body = Body::Reply(outcome);
        if let Seen::Error(ErrorKind::Dependency) = outcome.seen {
            envelope.work.doing = Doing::Failing(self.died);
        }
        let way = envelope.way;
        self.post(id, way, Delivery::Answer);
    }

    /// Puts an envelope that is written on its way, or loses it. What takes no time is handed over
    /// as soon as its sender is done.
    #[inline(always)]
    pub fn post(&mut self, id: Id, way: Way, delivery: fn(u32) -> Delivery) {
        let event = delivery(id.place() as u32).payload();
        self.record(Row::EnvelopeSent);
        if way == Way::AT_ONCE {
            self.queue.at_once(event);
        } else {
            self.carry(id, event);
        }
    }

    #[inline(never)]
    fn carry(&mut self, id: Id, event: u32) {
        let envelope = &self.links.envelopes[id];
        let carrier = &self.links.carriers[envelope.way.0 as usize];
        // Each direction of an attempt has its own draws; loss is drawn first.
        let mut draws = carrier.stream.member(direction(envelope.body)).draws(envelope.lineage);
        if carrier.loss > 0.0 && draws.unit() < carrier.loss {
            return self.lose(id);
        }
        let late =
            if carrier.sick.is_empty() { Some(Span::ZERO) } else { self.links.strike(envelope) };
        let Some(late) = late else { return self.lose(id) };
        let span = match &carrier.latency {
            Latency::None if late.is_zero() => return self.queue.at_once(event),
            Latency::Constant(span) if late.is_zero() => {
                self.queue.after_constant(*span, ORDINARY, event);
                return;
            }
            Latency::None => Span::ZERO,
            Latency::Constant(span) => *span,
            Latency::Drawn(sampler) => Span::round(sampler.sample(&mut draws, 0)),
        };
        let at = self.queue.now().saturating_add(span).saturating_add(late);
        self.queue.at(at, ORDINARY, event);
    }

    /// An envelope never arrives.
    #[inline(never)]
    fn lose(&mut self, id: Id) {
        let envelope = self.links.envelopes[id];
        let to = match (envelope.body, self.graph.sites[envelope.site.index()].caller) {
            (Body::Request { .. } | Body::RequestBy { .. } | Body::Cancel, _) => {
                Some(envelope.to.service)
            }
            (Body::Probe(_) | Body::Probed(..), _) => None,
            (Body::Reply(_), Caller::Service(caller)) => Some(caller),
            (Body::Reply(_), Caller::Load(_)) => None,
        };
        self.record(Row::EnvelopeLost { envelope: &envelope, to });
        self.links.envelopes.discard(id);
    }
}

/// Tells the directions of one attempt apart.
fn direction(body: Body) -> u64 {
    match body {
        Body::Request { .. } | Body::RequestBy { .. } => 1,
        Body::Reply(_) => 2,
        Body::Cancel => 3,
        Body::Probe(_) => 4,
        Body::Probed(..) => 5,
    }
}
