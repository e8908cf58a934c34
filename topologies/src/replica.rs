//! A replica: what survives its death, what does not, and the knobs that faults turn.

use crate::activation::{Activation, Doing, Hold, Holds};
use crate::clock::Clock;
use crate::event::Event;
use crate::inlet::Inlet;
use crate::knobs::{Config, Knobs};
use crate::line::{Letter, Line, Turn};
use crate::meter::Meter;
use crate::world::{FAULT, ORDINARY};
use brownout_core::heap::Heap;
use brownout_core::queue::Queue;
use brownout_core::slab::Id;
use brownout_core::{Span, Time};

/// One process of a service: what every arrival meets, in one line of cache, and the rest.
#[derive(Debug)]
#[repr(align(64))]
pub struct Replica {
    /// What does not survive a crash.
    pub volatile: Volatile,
    /// What knobs, configuration and incarnation come to.
    terms: Terms,
    rest: Box<Rest>,
}

/// What is looked up when something is out of the ordinary.
#[derive(Debug)]
struct Rest {
    /// What survives a crash.
    durable: Durable,
    /// What faults have made of it.
    knobs: Knobs,
    /// The configuration that it runs, its own copy.
    config: Config,
    /// Which version of the service's configuration that is.
    version: u32,
    /// How long workers have been taken, if that wears it out.
    meter: Option<Meter>,
    /// Whether the process has been started and not stopped, faults apart.
    started: bool,
    /// What is out of the ordinary about how it takes work in; it does not survive a crash.
    inlet: Option<Box<Inlet>>,
}

/// What an arrival meets, worked out whenever anything behind it changes.
#[derive(Debug, Clone, Copy)]
struct Terms {
    /// Workers that may be taken: none while nothing new is taken up, or where it takes a closer
    /// look.
    workers: u32,
    /// Waiting places.
    places: u32,
    /// Whether the door lets arrivals in without a look at the knobs.
    open: bool,
    /// Whether work that is done may fail all the same.
    fallible: bool,
    /// Whether work takes the time it takes.
    steady: bool,
    /// Whether waits have a limit.
    timed: bool,
    /// Whether it is noted when workers are taken.
    metered: bool,
}

/// What survives a crash.
#[derive(Debug, Default)]
pub struct Durable {
    /// Which life this is, from 0.
    pub incarnation: u32,
    /// Waiting work that was kept through a crash.
    pub kept: Line,
}

/// What a crash wipes out.
#[derive(Debug, Default)]
pub struct Volatile {
    /// Workers taken.
    pub busy: u32,
    /// Activations that wait; the queue may hold names of some that have left.
    pub waiting: u32,
    /// Who waits.
    pub queue: Line,
}

impl Volatile {
    /// Whether most of the names in the queue are of those who have left.
    #[inline]
    pub fn has_left_many(&self) -> bool {
        self.queue.len() / 2 > self.waiting as usize + 32
    }

    /// Takes back what an activation held.
    #[inline(always)]
    pub fn give_back(&mut self, held: Holds) {
        if held == Holds::only(Hold::Worker) {
            self.busy -= 1;
        } else {
            self.busy -= u32::from(held.has(Hold::Worker));
            self.waiting -= u32::from(held.has(Hold::Place));
        }
    }

    /// What a process has when it starts: what was durable, and nothing else.
    pub fn boot(durable: &mut Durable) -> Volatile {
        let queue = durable.kept.take();
        Volatile { busy: 0, waiting: queue.len() as u32, queue }
    }
}

impl Replica {
    /// A healthy process in its first life.
    pub(crate) fn new(
        config: Config,
        line: Line,
        inlet: Option<Inlet>,
        meter: Option<Meter>,
    ) -> Replica {
        let mut durable = Durable { kept: line, ..Durable::default() };
        let volatile = Volatile::boot(&mut durable);
        let (knobs, inlet) = (Knobs::HEALTHY, inlet.map(Box::new));
        let started = true;
        let rest = Box::new(Rest { durable, knobs, config, version: 0, meter, started, inlet });
        Replica { volatile, terms: Terms::of(&rest), rest }
    }

    /// What is out of the ordinary about how it takes work in, beside what it has.
    #[inline]
    pub fn parts(&mut self) -> (&mut Volatile, Option<&mut Inlet>) {
        (&mut self.volatile, self.rest.inlet.as_deref_mut())
    }

    /// The same, to look at.
    pub fn inlet(&self) -> Option<&Inlet> {
        self.rest.inlet.as_deref()
    }

    /// What is out of the ordinary about how it takes work in, of a process that starts.
    pub fn renew(&mut self, inlet: Option<Inlet>) {
        self.rest.inlet = inlet.map(Box::new);
    }

    /// Whether nothing new is taken up, as workers are all taken or stand still.
    pub fn is_full(&self) -> bool {
        let knobs = &self.rest.knobs;
        !self.is_up() || knobs.stalled || self.volatile.busy >= self.most()
    }

    /// Whether more workers are taken than there are since some were cut.
    pub fn has_too_many(&self) -> bool {
        self.volatile.busy > self.most()
    }

    /// Workers that may be taken.
    fn most(&self) -> u32 {
        let Rest { knobs, config, inlet, .. } = &*self.rest;
        let workers = knobs.workers_of(config);
        inlet.as_ref().map_or(workers, |own| own.sharing.most(workers))
    }

    /// What faults have made of it.
    #[inline]
    pub const fn knobs(&self) -> &Knobs {
        &self.rest.knobs
    }

    /// The configuration that it runs.
    #[inline]
    pub const fn config(&self) -> &Config {
        &self.rest.config
    }

    /// Turns the knobs; returns how they were.
    pub fn turn(&mut self, knobs: Knobs) -> Knobs {
        let before = std::mem::replace(&mut self.rest.knobs, knobs);
        self.terms = Terms::of(&self.rest);
        before
    }

    /// Gives it its own copy of a version of the configuration.
    pub fn configure(&mut self, config: Config, version: u32) {
        (self.rest.config, self.rest.version) = (config, version);
        self.terms = Terms::of(&self.rest);
    }

    /// Whether the process lives.
    #[inline]
    pub const fn is_up(&self) -> bool {
        self.rest.is_up()
    }

    /// The process is started or stopped; it lives if no fault keeps it from that.
    pub fn set_started(&mut self, started: bool) {
        self.rest.started = started;
        self.terms = Terms::of(&self.rest);
    }

    /// The process is gone: this is its last will.
    pub fn die(&mut self, kept: Line) {
        self.rest.durable.incarnation += 1;
        self.rest.durable.kept = kept;
        self.terms = Terms::of(&self.rest);
    }

    /// The process starts anew, with those who still wait of what was kept.
    pub fn boot(&mut self, still_waits: impl Fn(Id) -> bool) {
        self.rest.durable.kept.retain(still_waits);
        self.volatile = Volatile::boot(&mut self.rest.durable);
    }

    /// Which version of the service's configuration it runs.
    pub const fn version(&self) -> u32 {
        self.rest.version
    }

    /// Which life this is, from 0.
    #[inline]
    pub const fn incarnation(&self) -> u32 {
        self.rest.durable.incarnation
    }

    /// How long work takes here; `None` when nothing moves.
    #[inline(always)]
    pub fn finish_after(&self, work: Span) -> Option<Span> {
        if self.terms.steady { Some(work) } else { finish_after(work, self.rest.knobs.pace) }
    }

    /// Longest wait for a worker.
    #[inline(always)]
    pub const fn queue_timeout(&self) -> Option<Span> {
        if self.terms.timed { self.rest.config.queue_timeout } else { None }
    }

    /// Whether an arrival gets a worker without waiting.
    #[inline(always)]
    pub const fn takes_at_once(&self) -> bool {
        self.volatile.waiting == 0 && self.volatile.busy < self.terms.workers
    }

    /// Whether an arrival finds a place to wait.
    #[inline(always)]
    pub const fn has_place(&self) -> bool {
        self.volatile.waiting < self.terms.places
    }

    /// Puts an activation that holds a place at the end of the queue; so long takes its first work.
    #[inline(always)]
    pub fn line_up<H: Heap>(
        &mut self,
        (id, work): (Id, &mut Activation),
        first: Span,
        clock: Clock,
        queue: &mut Queue<H>,
    ) {
        work.doing = Doing::Waiting;
        if let Some(timeout) = self.queue_timeout() {
            let event = Event::Service(id.place() as u32).payload();
            work.timer = queue.after_constant(clock.true_span(timeout), ORDINARY, event);
        }
        self.volatile.waiting += 1;
        self.volatile.queue.push_fifo(Turn { id, work: first });
    }

    /// Puts one who has no name at the end of the queue.
    #[inline(always)]
    pub fn post(&mut self, letter: Letter) {
        self.volatile.waiting += 1;
        self.volatile.queue.letters().push(letter);
    }

    /// Takes a worker. An `ORDINARY` one does not wear out.
    #[inline(always)]
    pub fn take_worker<H: Heap, const ORDINARY: bool>(&mut self, queue: &mut Queue<H>) {
        self.volatile.busy += 1;
        if !ORDINARY && self.terms.metered && self.volatile.busy == 1 {
            self.begin_wear(queue);
        }
    }

    /// Takes back what an activation held.
    #[inline(always)]
    pub fn give_back(&mut self, held: Holds, now: Time) {
        self.volatile.give_back(held);
        if self.terms.metered && self.volatile.busy == 0 && held.has(Hold::Worker) {
            self.end_wear(now);
        }
    }

    /// Whether it wears out while workers are busy.
    pub const fn wears_out(&self) -> bool {
        self.terms.metered
    }

    #[cold]
    #[inline(never)]
    fn begin_wear<H: Heap>(&mut self, queue: &mut Queue<H>) {
        let now = queue.now();
        if self.rest.meter.as_mut().is_some_and(|meter| meter.begin(now)) {
            queue.rarely(now, FAULT, Event::Faults.payload());
        }
    }

    #[cold]
    #[inline(never)]
    fn end_wear(&mut self, now: Time) {
        self.rest.meter.iter_mut().for_each(|meter| meter.end(now));
    }

    /// How long workers have been taken, of a replica that wears out.
    pub(crate) fn meter(&mut self) -> &mut Meter {
        self.rest.meter.as_mut().expect("what wears out has a meter")
    }

    /// Whether someone waits and a worker is free.
    #[inline(always)]
    pub const fn can_take_up(&self) -> bool {
        self.volatile.waiting > 0 && self.volatile.busy < self.terms.workers
    }

    /// Whether the door lets arrivals in without a look at the knobs.
    #[inline(always)]
    pub const fn is_open(&self) -> bool {
        self.terms.open
    }

    /// Whether work that is done may fail all the same.
    #[inline(always)]
    pub const fn is_fallible(&self) -> bool {
        self.terms.fallible
    }
}

impl Rest {
    const fn is_up(&self) -> bool {
        self.knobs.up && self.started
    }
}

impl Terms {
    fn of(rest: &Rest) -> Terms {
        let (knobs, config, usual) = (&rest.knobs, &rest.config, rest.inlet.is_none());
        Terms {
            workers: if knobs.stalled || !rest.is_up() || !usual {
                0
            } else {
                knobs.workers_of(config)
            },
            places: config.queue_limit,
            open: rest.is_up() && knobs.errors_at_once == 0.0 && !knobs.swallows && usual,
            fallible: knobs.errors_after > 0.0,
            steady: knobs.pace == 1.0,
            timed: config.queue_timeout.is_some(),
            metered: rest.meter.is_some(),
        }
    }
}

/// How long work takes at a pace; `None` when nothing moves.
pub fn finish_after(work: Span, pace: f64) -> Option<Span> {
    if pace == 1.0 { Some(work) } else { pace.is_finite().then(|| work.scale(pace)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_arrival_meets_is_one_line_of_cache() {
        assert_eq!(size_of::<Replica>(), 64);
    }

    #[test]
    fn a_crash_wipes_out_what_is_volatile_and_boot_sees_only_what_is_durable() {
        let config = Config { workers: 4, queue_limit: 10, queue_timeout: None };
        let mut replica = Replica::new(config, Line::default(), None, None);
        replica.volatile.busy = 3;
        let (stays, left) = (Id::from_word(1), Id::from_word(2));
        let turn = |id| Turn { id, work: Turn::NOT_DRAWN };
        replica.volatile.queue.push_fifo(turn(stays));
        replica.volatile.queue.push_fifo(turn(left));
        let kept = replica.volatile.queue.take();
        replica.die(kept);
        replica.boot(|id| id == stays);
        assert_eq!((replica.volatile.busy, replica.volatile.waiting), (0, 1));
        assert_eq!(
            (replica.incarnation(), replica.volatile.queue.pop_fifo(1)),
            (1, Some((turn(stays), false)))
        );
    }
}
