//! Links: they delay envelopes and lose some of them.

use crate::envelope::{Body, Envelope};
use crate::graph::Graph;
use crate::ledger::{Ledger, Row};
use crate::world::{Event, ORDINARY};
use brownout_core::Span;
use brownout_core::dist::{Dist, Sampler};
use brownout_core::heap::Heap;
use brownout_core::queue::Queue;
use brownout_core::random::{Seed, Stream};
use brownout_core::slab::{Id, Slab};
use std::collections::VecDeque;

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

/// All links of a run, and what is on them.
#[derive(Debug)]
pub struct Links {
    carriers: Vec<Carrier>,
    /// Envelopes that take time.
    in_flight: Slab<Envelope>,
    /// Envelopes that take none: handed over, first sent first, as soon as their sender is done.
    at_once: VecDeque<Envelope>,
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
        Links { carriers, in_flight: Slab::default(), at_once: VecDeque::new() }
    }

    /// Puts an envelope on its way, or loses it.
    #[inline(always)]
    pub fn send<H: Heap>(
        &mut self,
        envelope: Envelope,
        queue: &mut Queue<Event, H>,
        ledger: &mut Ledger,
    ) {
        ledger.record(queue.now(), Row::EnvelopeSent);
        let carrier = &self.carriers[envelope.link.index()];
        if matches!(carrier.latency, Latency::None) && carrier.loss == 0.0 {
            self.at_once.push_back(envelope);
        } else {
            self.carry(envelope, queue, ledger);
        }
    }

    fn carry<H: Heap>(
        &mut self,
        envelope: Envelope,
        queue: &mut Queue<Event, H>,
        ledger: &mut Ledger,
    ) {
        let carrier = &self.carriers[envelope.link.index()];
        // Each direction of an attempt has its own draws; loss is drawn first.
        let mut draws = carrier.stream.member(way(envelope.body)).draws(envelope.lineage);
        if carrier.loss > 0.0 && draws.unit() < carrier.loss {
            ledger.record(queue.now(), Row::EnvelopeLost { envelope: &envelope });
            return;
        }
        match &carrier.latency {
            Latency::None => self.at_once.push_back(envelope),
            Latency::Constant(span) => {
                let event = Event::Deliver(self.in_flight.insert(envelope));
                queue.after_constant(*span, ORDINARY, event);
            }
            Latency::Drawn(sampler) => {
                let span = Span::round(sampler.sample(&mut draws, 0));
                let event = Event::Deliver(self.in_flight.insert(envelope));
                queue.at(queue.now().saturating_add(span), ORDINARY, event);
            }
        }
    }

    /// Hands over an envelope whose time has come.
    pub fn hand_over(&mut self, id: Id) -> Envelope {
        self.in_flight.remove(id).expect("an envelope is handed over once")
    }

    /// The next envelope that takes no time.
    #[inline(always)]
    pub fn next_at_once(&mut self) -> Option<Envelope> {
        self.at_once.pop_front()
    }

    /// Envelopes on their way.
    pub fn under_way(&self) -> u64 {
        (self.in_flight.len() + self.at_once.len()) as u64
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
