//! What faults do to a service: crashes and restarts, changes of pace, pushed configurations.

use crate::activation::{Doing, Hold};
use crate::caller::Callers;
use crate::clock::read_by;
use crate::envelope::{Address, Body};
use crate::event::Event;
use crate::fault::FaultKind;
use crate::knobs::{Config, Knobs, under};
use crate::ledger::{Detail, Leaving};
use crate::replica::finish_after;
use crate::service::{Service, is_waiting};
use crate::world::{Io, Kit, ORDINARY};
use brownout_core::Span;
use brownout_core::queue::Rank;
use brownout_core::slab::Id;
use brownout_policies::outcome::Outcome;

impl Service {
    /// Other faults are at work on a replica than before, or with other strengths: resets its knobs
    /// and applies what is at work.
    pub fn set_faults<'a, K: Kit>(
        &mut self,
        number: u32,
        at_work: impl Iterator<Item = (&'a FaultKind, f64)>,
        callers: &mut Callers,
        io: &mut Io<'_, K>,
    ) {
        let (knobs, config) = under(self.rest.configs[0], at_work);
        let before = self.replicas[number as usize].knobs().broken;
        self.push_config(number, config);
        self.set_knobs(number, knobs, callers, io);
        self.retune(number, io);
        self.break_workers(number, knobs.broken.saturating_sub(before), callers, io);
        self.fill(number, callers, io);
    }

    /// Gives a replica its own copy of a configuration, as a new version unless it runs it already.
    fn push_config(&mut self, number: u32, config: Config) {
        let replica = &mut self.replicas[number as usize];
        if *replica.config() == config {
            return;
        }
        let known = self.rest.configs.iter().position(|known| *known == config);
        replica.configure(config, known.unwrap_or(self.rest.configs.len()) as u32);
        if known.is_none() {
            self.rest.configs.push(config);
        }
    }

    fn set_knobs<K: Kit>(
        &mut self,
        number: u32,
        knobs: Knobs,
        callers: &mut Callers,
        io: &mut Io<'_, K>,
    ) {
        let was_up = self.replicas[number as usize].is_up();
        let before = self.replicas[number as usize].turn(knobs);
        self.live_or_die(number, was_up, callers, io);
        if knobs.clock != before.clock {
            self.set_clock(number, before.clock, knobs.clock, io);
        }
        if knobs.demoted != before.demoted {
            self.exile(number, knobs.demoted, callers, io);
        }
        if knobs.flushed && !before.flushed {
            self.flush(number);
        }
        if before.pace != knobs.pace {
            self.change_pace(number, before.pace, knobs.pace, io);
        }
    }

    /// A replica's wall clock jumps. A moment that it has not read yet, or will read again when the
    /// turn of who waits comes, is another one now; what it works on it has a timer for.
    fn set_clock<K: Kit>(&mut self, number: u32, before: i64, after: i64, io: &mut Io<'_, K>) {
        let here = Address { service: self.id, replica: number };
        io.clocks.set(here, after);
        let waits = |doing| matches!(doing, Doing::Travelling | Doing::Waiting | Doing::AtDoor);
        let places = io.links.envelopes.iter().filter(|(_, one)| {
            one.to == here && matches!(one.body, Body::RequestBy { .. }) && waits(one.work.doing)
        });
        let places: Vec<Id> = places.map(|(id, _)| id).collect();
        for id in places {
            if let Body::RequestBy { moment, .. } = &mut io.links.envelopes[id].body {
                *moment = read_by(*moment, before, after);
            }
        }
    }

    /// A process is started, or stopped with whatever is inside.
    pub(crate) fn set_started<K: Kit>(
        &mut self,
        number: u32,
        started: bool,
        callers: &mut Callers,
        io: &mut Io<'_, K>,
    ) {
        let was_up = self.replicas[number as usize].is_up();
        self.replicas[number as usize].set_started(started);
        self.live_or_die(number, was_up, callers, io);
        self.fill(number, callers, io);
    }

    fn live_or_die<K: Kit>(
        &mut self,
        number: u32,
        was_up: bool,
        callers: &mut Callers,
        io: &mut Io<'_, K>,
    ) {
        let is_up = self.replicas[number as usize].is_up();
        if was_up != is_up {
            let service = self.id;
            io.tell(|_| Detail::Process { service, replica: number, is_up });
        }
        if was_up && !is_up {
            let silent = self.replicas[number as usize].knobs().silent;
            callers.process_dies(self.id, number, silent);
            self.crash(number, callers, io);
            callers.process_died(self.id, number, io);
        } else if !was_up && is_up {
            callers.process_lives(self.id, number);
            // Some may have left while nobody served them: their own timers went on.
            let waiting = |id| is_waiting(&io.links.envelopes, id);
            self.replicas[number as usize].boot(waiting);
            self.renew_inlet(number, io.now());
            self.renew_limits(number);
        }
        if was_up != is_up {
            self.replica_stands(number, is_up, callers, io);
        }
    }

    /// The process dies: everything it was doing goes with it, except a queue that is kept.
    fn crash<K: Kit>(&mut self, number: u32, callers: &mut Callers, io: &mut Io<'_, K>) {
        let replica = &mut self.replicas[number as usize];
        let knobs = *replica.knobs();
        let mut kept = replica.volatile.queue.take();
        if !knobs.keeps_queue {
            kept.retain(|_| false);
        }
        let outcome = (!knobs.silent).then_some(Outcome::RESET);
        for id in self.inside(number, io) {
            let work = &mut io.links.envelopes[id].work;
            if work.is_branch() {
                self.break_off(id, callers, io);
                self.leave_branch(id, Leaving::Crashed, io);
            } else if !(work.doing == Doing::Waiting && knobs.keeps_queue) {
                self.break_off(id, callers, io);
                self.leave_early(id, Leaving::Crashed, outcome, callers, io);
            } else {
                // The gates that let it in are gone, too.
                work.holds.give_back(Hold::Pass);
            }
        }
        self.replicas[number as usize].die(kept);
    }

    /// Work in service goes on at a new pace: what is left is recomputed, and so is its end.
    fn change_pace<K: Kit>(&mut self, number: u32, before: f64, after: f64, io: &mut Io<'_, K>) {
        let now = io.now();
        for id in self.inside(number, io) {
            let work = &mut io.links.envelopes[id].work;
            let Doing::Working { left, since, began } = work.doing else { continue };
            let left = left_at(left, now - since, before);
            let event = Event::Service(id.place() as u32).payload();
            work.timer = match finish_after(left, after) {
                Some(span) => io.queue.at(now.saturating_add(span), ORDINARY, event),
                None => Rank::NONE,
            };
            work.doing = Doing::Working { left, since: now, began };
            self.mind_deadline(id, io);
        }
    }

    /// What is inside a replica, in order of arrival: an order that does not depend on where
    /// envelopes are kept.
    pub(crate) fn inside<K: Kit>(&self, number: u32, io: &Io<'_, K>) -> Vec<Id> {
        let here = Address { service: self.id, replica: number };
        let inside = io.links.envelopes.iter();
        let inside =
            inside.filter(|(_, envelope)| envelope.to == here && envelope.work.is_inside());
        let mut inside: Vec<_> =
            inside.map(|(id, envelope)| (envelope.work.arrived, envelope.lineage, id)).collect();
        inside.sort_unstable();
        inside.into_iter().map(|(_, _, id)| id).collect()
    }
}

/// What is left of work, at full speed, that has been in service for so long at a pace.
pub(crate) fn left_at(left: Span, after: Span, pace: f64) -> Span {
    left.saturating_sub(after.scale(if pace.is_finite() { 1.0 / pace } else { 0.0 }))
}
