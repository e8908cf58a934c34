//! What faults do to a service: crashes and restarts, changes of pace, pushed configurations.

use crate::activation::Doing;
use crate::caller::Callers;
use crate::fault::Fault;
use crate::ledger::Leaving;
use crate::replica::{Config, Knobs, Volatile, under};
use crate::service::{Service, finish_after, is_waiting};
use crate::world::{Event, Io, Node, ORDINARY};
use brownout_core::heap::Heap;
use brownout_core::slab::Id;
use brownout_policies::outcome::Outcome;

impl Service {
    /// The set of active faults has changed: resets every knob and applies those that are active.
    pub fn set_faults<H: Heap>(
        &mut self,
        active: &[&Fault],
        callers: &mut Callers,
        io: &mut Io<'_, H>,
    ) {
        for number in 0..self.replicas.len() as u32 {
            let (knobs, config) = under(self.configs[0], number, active.iter().copied());
            self.push_config(number, config);
            self.set_knobs(number, knobs, callers, io);
            self.fill(number, callers, io);
        }
    }

    /// Gives a replica its own copy of a configuration, as a new version unless it runs it already.
    fn push_config(&mut self, number: u32, config: Config) {
        let replica = &mut self.replicas[number as usize];
        if *replica.config() == config {
            return;
        }
        let known = self.configs.iter().position(|known| *known == config);
        replica.configure(config, known.unwrap_or(self.configs.len()) as u32);
        if known.is_none() {
            self.configs.push(config);
        }
    }

    fn set_knobs<H: Heap>(
        &mut self,
        number: u32,
        knobs: Knobs,
        callers: &mut Callers,
        io: &mut Io<'_, H>,
    ) {
        let before = self.replicas[number as usize].turn(knobs);
        if before.up && !knobs.up {
            self.crash(number, callers, io);
        } else if !before.up && knobs.up {
            let replica = &mut self.replicas[number as usize];
            // Some may have left while nobody served them: their own timers went on.
            replica.durable.kept.retain(|&id| is_waiting(&self.activations, id));
            replica.volatile = Volatile::boot(&mut replica.durable);
        }
        if before.pace != knobs.pace {
            self.change_pace(number, before.pace, knobs.pace, io);
        }
    }

    /// The process dies: everything it was doing goes with it, except a queue that is kept.
    fn crash<H: Heap>(&mut self, number: u32, callers: &mut Callers, io: &mut Io<'_, H>) {
        let replica = &self.replicas[number as usize];
        let knobs = *replica.knobs();
        let (mut dying, mut kept) = (Vec::new(), std::collections::VecDeque::new());
        if knobs.keeps_queue {
            kept.extend(
                replica
                    .volatile
                    .queue
                    .iter()
                    .copied()
                    .filter(|&id| is_waiting(&self.activations, id)),
            );
        }
        for (id, activation) in self.activations.iter() {
            let waits = matches!(activation.doing, Doing::Waiting { .. });
            if activation.replica == number && !(waits && knobs.keeps_queue) {
                dying.push(id);
            }
        }
        let outcome = (!knobs.silent).then_some(Outcome::RESET);
        for id in dying {
            self.stop(id, callers, io);
            self.leave(id, Leaving::Crashed, outcome, io);
        }
        let replica = &mut self.replicas[number as usize];
        replica.durable.incarnation += 1;
        replica.durable.kept = kept;
    }

    /// Work in service goes on at a new pace: what is left is recomputed, and so is its end.
    fn change_pace<H: Heap>(&mut self, number: u32, before: f64, after: f64, io: &mut Io<'_, H>) {
        let now = io.now();
        let on_replica: Vec<Id> = self
            .activations
            .iter()
            .filter(|(_, activation)| activation.replica == number)
            .map(|(id, _)| id)
            .collect();
        for id in on_replica {
            let Doing::Working { left, since, began, timer } = self.activations[id].doing else {
                continue;
            };
            if let Some(timer) = timer {
                io.queue.cancel(timer);
            }
            let done = (now - since).scale(if before.is_finite() { 1.0 / before } else { 0.0 });
            let left = left.saturating_sub(done);
            let timer = finish_after(left, after).map(|span| {
                let event = Event::Wake(Node::Service(self.id), id);
                io.queue.at(now.saturating_add(span), ORDINARY, event)
            });
            self.activations[id].doing = Doing::Working { left, since: now, began, timer };
        }
    }
}
