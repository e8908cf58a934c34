//! Links: they delay envelopes and lose some of them.

use crate::activation::{Asked, Doing};
use crate::envelope::{Body, Envelope};
use crate::graph::{Graph, LinkId};
use crate::ledger::{Ledger, Row};
use crate::world::{Event, ORDINARY};
use brownout_core::Span;
use brownout_core::dist::{Dist, Sampler};
use brownout_core::heap::Heap;
use brownout_core::queue::Queue;
use brownout_core::random::{Seed, Stream};
use brownout_core::slab::{Id, Slab};
use brownout_policies::outcome::Outcome;
use std::collections::VecDeque;

/// One link, ready to carry.
#[derive(Debug)]
struct Carrier {
    /// Whether it takes no time and loses nothing.
    immediate: bool,
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

/// All links of a run, and the envelopes between nodes.
///
/// An envelope is written once and stays where it is: what moves is its name. The callee keeps it
/// while it works on the request, and the answer goes back in it.
#[derive(Debug)]
pub struct Links {
    carriers: Vec<Carrier>,
    /// Every envelope there is, on its way or in a service's hands.
    pub envelopes: Slab<Envelope>,
    /// Envelopes that take no time: handed over, first sent first, as soon as their sender is done.
    at_once: AtOnce,
}

/// Names of envelopes, first in, first out. There is rarely more than one, so the first has a
/// place of its own and the others a queue.
#[derive(Debug)]
struct AtOnce {
    /// [`Id::NONE`] when there is none; then there are no others either.
    first: Id,
    others: VecDeque<Id>,
}

impl AtOnce {
    #[inline(always)]
    fn push(&mut self, id: Id) {
        if self.first.is_none() {
            self.first = id;
        } else {
            self.others.push_back(id);
        }
    }

    #[inline(always)]
    fn pop(&mut self) -> Option<Id> {
        let first = self.first;
        if first.is_none() {
            return None;
        }
        self.first = if self.others.is_empty() { Id::NONE } else { self.next() };
        Some(first)
    }

    #[inline(never)]
    fn next(&mut self) -> Id {
        self.others.pop_front().unwrap_or(Id::NONE)
    }

    fn len(&self) -> usize {
        usize::from(!self.first.is_none()) + self.others.len()
    }
}

impl Links {
    /// The links of `graph`, with the draws of `seed`.
    pub fn new(graph: &Graph, seed: Seed) -> Links {
        let carriers = graph.links.iter().map(|link| Carrier {
            immediate: link.loss == 0.0 && link.latency == Dist::constant(0.0),
            latency: match &link.latency {
                Dist::Const(constant) if constant.value == 0.0 => Latency::None,
                Dist::Const(constant) => Latency::Constant(Span::round(constant.value)),
                drawn => Latency::Drawn(drawn.sampler()),
            },
            loss: link.loss,
            stream: seed.stream("link"),
        });
        let carriers = carriers.collect();
        let at_once = AtOnce { first: Id::NONE, others: VecDeque::new() };
        Links { carriers, envelopes: Slab::default(), at_once }
    }

    /// Sends an envelope back to where it came from, with an answer in it.
    #[inline(always)]
    pub fn reply<H: Heap>(
        &mut self,
        id: Id,
        incarnation: u32,
        outcome: Outcome,
        queue: &mut Queue<Event, H>,
        ledger: &mut Ledger,
    ) {
        let envelope = &mut self.envelopes[id];
        std::mem::swap(&mut envelope.from, &mut envelope.to);
        envelope.incarnation = incarnation;
        envelope.body = Body::Reply(outcome);
        envelope.work.doing = Doing::Travelling;
        let link = envelope.link;
        self.post(id, link, queue, ledger);
    }

    /// Puts an envelope that is written on its way, or loses it.
    #[inline(always)]
    pub fn post<H: Heap>(
        &mut self,
        id: Id,
        link: LinkId,
        queue: &mut Queue<Event, H>,
        ledger: &mut Ledger,
    ) {
        ledger.record(queue.now(), Row::EnvelopeSent);
        let carrier = &self.carriers[link.index()];
        if carrier.immediate {
            self.at_once.push(id);
        } else {
            self.carry(id, queue, ledger);
        }
    }

    #[inline(never)]
    fn carry<H: Heap>(&mut self, id: Id, queue: &mut Queue<Event, H>, ledger: &mut Ledger) {
        let envelope = &self.envelopes[id];
        let carrier = &self.carriers[envelope.link.index()];
        // Each direction of an attempt has its own draws; loss is drawn first.
        let mut draws = carrier.stream.member(way(envelope.body)).draws(envelope.lineage);
        if carrier.loss > 0.0 && draws.unit() < carrier.loss {
            ledger.record(queue.now(), Row::EnvelopeLost { envelope });
            self.envelopes.discard(id);
            return;
        }
        match &carrier.latency {
            Latency::None => self.at_once.push(id),
            Latency::Constant(span) => {
                queue.after_constant(*span, ORDINARY, Event::Deliver(id));
            }
            Latency::Drawn(sampler) => {
                let span = Span::round(sampler.sample(&mut draws, 0));
                queue.at(queue.now().saturating_add(span), ORDINARY, Event::Deliver(id));
            }
        }
    }

    /// The next envelope that takes no time.
    #[inline(always)]
    pub fn next_at_once(&mut self) -> Option<Id> {
        self.at_once.pop()
    }

    /// Envelopes in services' hands: what is waiting or at work, by the request.
    pub fn inside(&self) -> impl Iterator<Item = &Envelope> {
        let envelopes = self.envelopes.iter().map(|(_, envelope)| envelope);
        envelopes.filter(|envelope| envelope.work.is_inside())
    }

    /// Whether the caller of a plain call still waits for this envelope of it.
    #[inline(always)]
    pub fn waits(&self, id: Id, envelope: &Envelope) -> bool {
        let mine = Doing::Calling(Asked::Plain(id));
        envelope.caller().service().is_none()
            || self.envelopes.get(envelope.call).is_some_and(|caller| caller.work.doing == mine)
    }

    /// Envelopes that take no time and were not handed over yet.
    pub fn at_once(&self) -> u64 {
        self.at_once.len() as u64
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
