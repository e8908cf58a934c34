//! A service's scripts compiled: a flat list of operations, and an activation's place in it.
//!
//! A program begins with one place for each endpoint, so that whoever sends a request need not know
//! the callee's program: the endpoint's number is where the request begins. With several endpoints
//! these places lead to their code; the code of an only one begins right there.

use crate::activation::Doing;
use crate::envelope::Envelope;
use crate::event::Event;
use crate::graph::{Endpoint, EndpointId, Service, SiteId, Step};
use crate::replica::Replica;
use crate::world::ORDINARY;
use brownout_core::Span;
use brownout_core::dist::Sampler;
use brownout_core::heap::Heap;
use brownout_core::queue::Queue;
use brownout_core::random::{Seed, Stream};
use brownout_core::slab::Id;

/// An operation of a program.
#[derive(Debug)]
pub(super) enum Op {
    /// Occupies a worker.
    Work(Piece),
    /// Calls from this place and waits for the end of the call; `key` tells the lineage of this
    /// call from those of others that the same request makes.
    Call { site: SiteId, key: u64 },
    /// Goes on elsewhere.
    Goto(u16),
    /// The script is over.
    Finish,
}

/// What a service does, ready to run.
#[derive(Debug)]
pub(super) struct Program {
    pub(super) ops: Vec<Op>,
    /// How many places at the beginning are those where requests begin.
    entries: u16,
    /// The endpoint to which each place belongs, where there are several.
    parts: Vec<EndpointId>,
}

impl Program {
    /// The program of `service`, whose first numbered endpoint is `first`.
    pub(super) fn new(service: &Service, first: EndpointId, seed: Seed) -> Program {
        let entries = service.endpoints.len() as u16;
        let (mut ops, mut parts) = (Vec::new(), Vec::new());
        if service.is_divided() {
            ops.extend((0..entries).map(Op::Goto));
            parts.extend((0..entries).map(|place| EndpointId(first.0 + u32::from(place))));
        }
        for (place, endpoint) in service.endpoints.iter().enumerate() {
            let base = ops.len();
            if service.is_divided() {
                ops[place] = Op::Goto(base as u16);
            }
            let mut code = Code { name: stream_name(service, endpoint), seed, base, ops };
            code.write(&endpoint.steps);
            code.ops.push(Op::Finish);
            ops = code.ops;
            if service.is_divided() {
                parts.resize(ops.len(), parts[place]);
            }
        }
        Program { ops, entries, parts }
    }

    /// Whether nothing has been done yet by who is at this place.
    #[inline(always)]
    pub(super) const fn is_entry(&self, step: u16) -> bool {
        step < self.entries
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

/// The code of one endpoint, as it is written.
struct Code {
    name: String,
    seed: Seed,
    /// Where it begins.
    base: usize,
    ops: Vec<Op>,
}

impl Code {
    fn write(&mut self, steps: &[Step]) {
        for step in steps {
            let number = self.ops.len() - self.base;
            self.ops.push(match step {
                Step::Work(time) => {
                    let stream = self.seed.stream(&format!("work {} {number}", self.name));
                    Op::Work(Piece::new(time.sampler(), stream))
                }
                Step::Call(site) => Op::Call { site: *site, key: number as u64 + 1 },
            });
        }
    }
}

/// A piece of work, ready to be drawn.
#[derive(Debug)]
pub(super) struct Piece {
    time: Sampler,
    stream: Stream,
    /// How often it was drawn.
    nth: u64,
}

impl Piece {
    fn new(time: Sampler, stream: Stream) -> Piece {
        Piece { time, stream, nth: 0 }
    }

    /// The worker that an activation holds takes it up, at the pace of its replica.
    #[inline(always)]
    pub(super) fn begin<H: Heap>(
        &mut self,
        id: Id,
        envelope: &mut Envelope,
        replica: &Replica,
        queue: &mut Queue<H>,
    ) {
        let (now, work) = (queue.now(), &mut envelope.work);
        let mut draws = self.stream.draws(envelope.lineage);
        let left = Span::round(self.time.sample(&mut draws, self.nth));
        self.nth += 1;
        work.step += 1;
        work.doing = Doing::Working { left, since: now, began: now };
        if let Some(after) = replica.finish_after(left) {
            let event = Event::Service(id.place() as u32).payload();
            work.timer = queue.at(now.saturating_add(after), ORDINARY, event);
        }
    }
}
