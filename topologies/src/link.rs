//! Links: they delay envelopes and lose some of them.

use crate::envelope::{Body, Envelope};
use crate::graph::Graph;
use crate::ledger::{Ledger, Row};
use crate::world::{Event, ORDINARY};
use brownout_core::dist::{Dist, Sampler};
use brownout_core::heap::Heap;
use brownout_core::queue::Queue;
use brownout_core::random::{Seed, Stream};
use brownout_core::Span;

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

/// All links of a run.
#[derive(Debug)]
pub struct Links {
    carriers: Vec<Carrier>,
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
        Links { carriers: carriers.collect() }
    }

    /// Puts an envelope on its way, or loses it.
    #[inline]
    pub fn send<H: Heap>(
        &self,
        envelope: Envelope,
        queue: &mut Queue<Event, H>,
        ledger: &mut Ledger,
    ) {
        ledger.record(queue.now(), Row::EnvelopeSent);
        let carrier = &self.carriers[envelope.link.index()];
        if let (Latency::None, true) = (&carrier.latency, carrier.loss == 0.0) {
            queue.instantly(ORDINARY, Event::Deliver(envelope));
            return;
        }
        carrier.carry(envelope, queue, ledger);
    }
}

impl Carrier {
    fn carry<H: Heap>(
        &self,
        envelope: Envelope,
        queue: &mut Queue<Event, H>,
        ledger: &mut Ledger,
    ) {
        // Each direction of an attempt has its own draws; loss is drawn first.
        let mut draws = self.stream.member(way(envelope.body)).draws(envelope.lineage);
        if self.loss > 0.0 && draws.unit() < self.loss {
            ledger.record(queue.now(), Row::EnvelopeLost { envelope: &envelope });
            return;
        }
        let event = Event::Deliver(envelope);
        match &self.latency {
            Latency::None => queue.instantly(ORDINARY, event),
            Latency::Constant(span) => {
                queue.after_constant(*span, ORDINARY, event);
            }
            Latency::Drawn(sampler) => {
                let span = Span::round(sampler.sample(&mut draws, 0).max(0.0));
                queue.at(queue.now().saturating_add(span), ORDINARY, event);
            }
        }
    }
}

/// Tells the directions of one attempt apart.
fn way(body: Body) -> u64 {
    match body {
        Body::Request { .. } => 1,
        Body::Reply(_) => 2,
        Body::Cancel => 3,
    }
}
