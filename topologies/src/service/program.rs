//! A service's scripts compiled: a flat list of operations, and an activation's place in it.
//!
//! A program begins with one place for each endpoint, so that whoever sends a request need not know
//! the callee's program: the endpoint's number is where the request begins. With several endpoints
//! these places lead to their code; the code of an only one begins right there.

use super::code::Code;
use crate::activation::Doing;
use crate::envelope::Envelope;
use crate::event::Event;
use crate::graph::{Act, Endpoint, EndpointId, Service, SiteId};
use crate::line::Turn;
use crate::replica::Replica;
use crate::world::ORDINARY;
use brownout_core::Span;
use brownout_core::dist::Sampler;
use brownout_core::draw::Child;
use brownout_core::heap::Heap;
use brownout_core::queue::Queue;
use brownout_core::random::{Seed, Stream};
use brownout_core::slab::Id;
use brownout_policies::limiter::LimiterConfig;

/// An operation of a program. Its `key`, the place in the code of its endpoint, from 1, tells the
/// lineages and the draws of one request's operations apart.
#[derive(Debug)]
pub(super) enum Op {
    /// Occupies a worker for a time of [`Program::pieces`].
    Work(u16),
    /// The work of an earlier place once more, with another draw.
    Again { piece: u16, key: u64 },
    /// Calls from this place and waits for the end of the call.
    Call { site: SiteId, key: Child },
    /// Waits for a time of [`Program::pieces`]; the first time without a key.
    Sleep { time: u16, key: Option<u64> },
    /// Fails the request with this probability.
    Fail { ratio: f64, key: u64 },
    /// Goes on at one of these places, each with the probability of it or an earlier one; if the
    /// draw is above all of them, at `rest`.
    Choose { ways: Vec<(f64, u16)>, rest: u16, key: u64 },
    /// Goes on elsewhere.
    Goto(u16),
    /// Starts branches and waits for their join.
    Fork(Forking),
    /// A branch is over.
    Join,
    /// Does something at a store.
    At { store: u16, act: Act },
    /// Looks into a cache: goes on with the next place, or at `miss`.
    Get { store: u16, miss: u16 },
    /// The call before this place asked a limit: here is what comes of its failure.
    Limited(Limited),
    /// What the request is for is done.
    Effect,
    /// Asks for the request's key: goes on at `then`, or with the stored answer at `replay`.
    Key { then: u16, replay: u16 },
    /// The script is over.
    Finish,
}

/// What comes of a limit's answer that is no yes.
#[derive(Debug, Clone, Copy)]
pub(super) enum Limited {
    /// Without an answer the request fails.
    FailClosed,
    /// Without an answer it goes on.
    FailOpen,
    /// Without an answer a limit of the service's own decides.
    Local(u16),
}

/// What a fork starts.
#[derive(Debug, Clone)]
pub(super) struct Forking {
    /// Where the scripts of the branches begin.
    pub(super) entries: Vec<u16>,
    /// How many branches there are.
    pub(super) count: u32,
    /// How many of them have to succeed.
    pub(super) needed: u32,
    /// Where the request goes on then.
    pub(super) then: u16,
    pub(super) key: u64,
}

impl Forking {
    /// Where branch number `index` begins.
    pub(super) fn entry(&self, index: u32) -> u16 {
        self.entries[index as usize % self.entries.len()]
    }

    /// The same in a copy of the code, so many places further on.
    pub(super) fn shifted(&self, shift: u16, key: u64) -> Forking {
        let entries = self.entries.iter().map(|entry| entry + shift).collect();
        Forking { entries, then: self.then + shift, key, ..*self }
    }
}

/// What a service does, ready to run.
#[derive(Debug)]
pub(super) struct Program {
    /// Times to work and to sleep.
    pub(super) pieces: Box<[Piece]>,
    pub(super) ops: Box<[Op]>,
    /// The endpoint to which each place belongs, where there are several.
    parts: Box<[EndpointId]>,
    /// How many places at the beginning are those where requests begin.
    entries: u16,
}

impl Program {
    /// The program of `service`, whose first numbered endpoint is `first`, and limits of its own.
    pub(super) fn new(
        service: &Service,
        first: EndpointId,
        seed: Seed,
    ) -> (Program, Vec<LimiterConfig>) {
        let entries = service.endpoints.len() as u16;
        let (mut ops, mut pieces, mut parts) = (Vec::new(), Vec::new(), Vec::new());
        let mut limits = Vec::new();
        if service.is_divided() || service.idempotency.is_some() {
            ops.extend((0..entries).map(Op::Goto));
        }
        if service.is_divided() {
            parts.extend((0..entries).map(|place| EndpointId(first.0 + u32::from(place))));
        }
        for (place, endpoint) in service.endpoints.iter().enumerate() {
            let base = ops.len();
            if service.is_divided() {
                ops[place] = Op::Goto(base as u16);
            }
            let name = stream_name(service, endpoint);
            let mut code = Code { name, seed, base, ops, pieces, limits };
            code.write(&endpoint.steps);
            code.ops.push(Op::Finish);
            (ops, pieces, limits) = (code.ops, code.pieces, code.limits);
            if let Some(rule) = &service.idempotency {
                let stream = seed.stream(&format!("replay {}", stream_name(service, endpoint)));
                let key = ops.len() as u16;
                ops.push(Op::Key { then: base as u16, replay: key + 1 });
                ops.push(Op::Work(pieces.len() as u16));
                pieces.push(Piece::new(rule.replay.sampler(), stream));
                ops.push(Op::Finish);
                ops[place] = Op::Goto(key);
            }
            if service.is_divided() {
                parts.resize(ops.len(), parts[place]);
            }
        }
        let (pieces, ops, parts) = (pieces.into(), ops.into(), parts.into());
        (Program { pieces, ops, parts, entries }, limits)
    }

    /// Whether nothing has been done yet by who is at this place.
    #[inline(always)]
    pub(super) const fn is_entry(&self, step: u16) -> bool {
        step < self.entries
    }

    /// Whether whoever is at this place is done, where there is one endpoint and nothing else.
    #[inline(always)]
    pub(super) fn is_over(&self, step: u16) -> bool {
        usize::from(step) + 1 == self.ops.len()
    }

    /// Whether there is one endpoint, whose code begins with the only work there is.
    pub(super) fn works_once_and_first(&self) -> bool {
        let works = |op: &Op| matches!(op, Op::Work(_) | Op::Again { .. });
        let [first, rest @ ..] = &self.ops[..] else { return false };
        let begins = matches!(first, Op::Work(0));
        self.entries == 1 && self.parts.is_empty() && begins && !rest.iter().any(works)
    }

    /// How long the work takes that whoever has this lineage begins with at a place, so that it is
    /// known when a worker takes it up: what is drawn for a lineage is the same whenever it is
    /// drawn.
    #[inline(always)]
    pub(super) fn ahead<const ORDINARY: bool>(&mut self, step: u16, lineage: u64) -> Span {
        self.work_at::<ORDINARY>(step).map_or(Turn::NOT_DRAWN, |piece| piece.ahead(lineage))
    }

    /// The work to be done at a place, if it is work that is done there. Where work comes once and
    /// first, as is `ORDINARY`, it is the first piece.
    #[inline(always)]
    pub(super) fn work_at<const ORDINARY: bool>(&mut self, step: u16) -> Option<&mut Piece> {
        if ORDINARY {
            return Some(&mut self.pieces[0]);
        }
        match self.ops[usize::from(step)] {
            Op::Work(piece) => Some(&mut self.pieces[usize::from(piece)]),
            _ => None,
        }
    }

    /// Whether there are several endpoints.
    pub(super) const fn is_divided(&self) -> bool {
        !self.parts.is_empty()
    }

    /// The endpoint to which a place belongs, if there are several.
    #[inline(always)]
    pub(super) fn endpoint(&self, step: u16) -> Option<EndpointId> {
        if self.parts.is_empty() { None } else { Some(self.parts[usize::from(step)]) }
    }
}

/// What the draws of an endpoint are called after: another endpoint beside it changes nothing.
fn stream_name(service: &Service, endpoint: &Endpoint) -> String {
    match endpoint.name.as_str() {
        Endpoint::DEFAULT => service.name.clone(),
        name => format!("{}.{name}", service.name),
    }
}

/// A piece of work, ready to be drawn.
#[derive(Debug)]
#[repr(C, align(64))]
pub(super) struct Piece {
    stream: Stream,
    /// How often it was drawn, where that makes a difference.
    nth: u64,
    counts: bool,
    time: Sampler,
}

impl Piece {
    pub(super) fn new(time: Sampler, stream: Stream) -> Piece {
        let counts = time.counts();
        Piece { time, stream, nth: 0, counts }
    }

    /// The same before its time, unless it matters how many have been drawn.
    #[inline(always)]
    pub(super) fn ahead(&mut self, lineage: u64) -> Span {
        if self.counts { Turn::NOT_DRAWN } else { self.draw(lineage) }
    }

    /// How long it takes whoever has this lineage.
    #[inline(always)]
    pub(super) fn draw(&mut self, lineage: u64) -> Span {
        let time = Span::round(self.time.sample(&mut self.stream.draws(lineage), self.nth));
        if self.counts {
            // No run is long enough for it to come round.
            self.nth = self.nth.wrapping_add(1);
        }
        time
    }
}

/// The worker that an activation holds takes up the piece of work at a place, at the pace of its
/// replica.
#[inline(always)]
pub(super) fn begin<H: Heap>(
    (left, step): (Span, u16),
    id: Id,
    envelope: &mut Envelope,
    replica: &Replica,
    queue: &mut Queue<H>,
) {
    let (now, work) = (queue.now(), &mut envelope.work);
    work.step = step + 1;
    work.doing = Doing::Working { left, since: now, began: now };
    if let Some(after) = replica.finish_after(left) {
        let event = Event::Service(id.place() as u32).payload();
        work.timer = queue.at(now.saturating_add(after), ORDINARY, event);
    }
}
