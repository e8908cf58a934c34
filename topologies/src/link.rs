//! Links: they delay envelopes and lose some of them.

use crate::activation::Doing;
use crate::envelope::{Body, Envelope};
use crate::event::Delivery;
use crate::graph::{Caller, Graph, LinkId};
use crate::ledger::Row;
use crate::world::{Io, Kit, ORDINARY};
use brownout_core::Span;
use brownout_core::dist::{Dist, Sampler};
use brownout_core::random::{Seed, Stream};
use brownout_core::slab::{Id, Slab};
use brownout_policies::outcome::Outcome;

/// One link, ready to carry.
#[derive(Debug)]
struct Carrier {
    latency: Latency,
    loss: f64,
    /// Names the link's draws.
    stream: Stream,
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

    /// The way by a link.
    pub fn by(graph: &Graph, link: LinkId) -> Way {
        let spec = &graph.links[link.index()];
        let at_once = spec.loss == 0.0 && spec.latency == Dist::constant(0.0);
        if at_once { Way::AT_ONCE } else { Way(link.0) }
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
    /// Every envelope there is, on its way or in a service's hands.
    pub envelopes: Slab<Envelope>,
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
        });
        let carriers = carriers.collect();
        Links { carriers, envelopes: Slab::default() }
    }
}

impl<K: Kit> Io<'_, K> {
    /// Sends an envelope back to where its request came from, with an answer in it.
    #[inline(always)]
    pub fn reply(&mut self, id: Id, outcome: Outcome) {
        let envelope = &mut self.links.envelopes[id];
        debug_assert!(envelope.work.doing == Doing::Travelling, "it has left, or never was inside");
        envelope.body = Body::Reply(outcome);
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
            let envelope = *envelope;
            let to = match (envelope.body, self.graph.sites[envelope.site.index()].caller) {
                (Body::Request { .. } | Body::Cancel, _) => Some(envelope.to.service),
                (Body::Reply(_), Caller::Service(caller)) => Some(caller),
                (Body::Reply(_), Caller::Load(_)) => None,
            };
            self.record(Row::EnvelopeLost { envelope: &envelope, to });
            self.links.envelopes.discard(id);
            return;
        }
        match &carrier.latency {
            Latency::None => self.queue.at_once(event),
            Latency::Constant(span) => {
                self.queue.after_constant(*span, ORDINARY, event);
            }
            Latency::Drawn(sampler) => {
                let span = Span::round(sampler.sample(&mut draws, 0));
                self.queue.at(self.queue.now().saturating_add(span), ORDINARY, event);
            }
        }
    }
}

/// Tells the directions of one attempt apart.
fn direction(body: Body) -> u64 {
    match body {
        Body::Request { .. } => 1,
        Body::Reply(_) => 2,
        Body::Cancel => 3,
    }
}
