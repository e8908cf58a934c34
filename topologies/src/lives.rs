//! Replicas that come and go: supervisors that start them again, deploys, and scaling.
//!
//! A process dies by a fault, or because somebody stops it. What brings it back is here: a
//! supervisor that waits longer each time, a deploy that has stopped it itself, or a scaler that
//! wants more of them. Callers hear at once who is ready; a dead or starting process refuses.

mod plan;

use crate::caller::Callers;
use crate::event::Event;
use crate::fleet::Restart;
use crate::graph::{Graph, ServiceId};
use crate::ledger::{Row, Standing};
use crate::service::Service;
use crate::world::{Io, Kit, ORDINARY};
use brownout_core::queue::Rank;
use brownout_core::{Span, Time};
use plan::Plan;

/// The lives of all replicas that come and go.
#[derive(Debug)]
pub(crate) struct Lives {
    /// The first life of each service, if its replicas come and go.
    first: Vec<Option<u32>>,
    lives: Vec<Life>,
    plans: Vec<Plan>,
}

/// One replica's.
#[derive(Debug, Clone, Copy)]
struct Life {
    service: ServiceId,
    replica: u32,
    doing: Doing,
    timer: Rank,
    /// Restarts since it last ran for long enough.
    restarts: u32,
    /// When it was last ready.
    since: Time,
}

/// What a process is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Doing {
    /// It is ready.
    Running,
    /// It finishes what it has, and callers send it nothing new; then it stops.
    Draining(Then),
    /// It is dead, until its supervisor starts it.
    Waiting,
    /// It starts.
    Booting,
    /// It is not there.
    Gone,
}

/// What follows when a process has stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Then {
    /// It is started anew, which takes so long.
    Boot(Span),
    /// Nothing.
    Gone,
}

/// Who can be told about a replica.
pub(crate) struct Told<'a, 'w, K: Kit> {
    pub(crate) services: &'a mut [Service],
    pub(crate) callers: &'a mut Callers,
    pub(crate) io: &'a mut Io<'w, K>,
}

impl Lives {
    /// The lives of `graph`'s replicas.
    pub(crate) fn new(graph: &Graph) -> Lives {
        let (mut first, mut lives) = (Vec::with_capacity(graph.services.len()), Vec::new());
        for (id, service) in (0..).map(ServiceId).zip(&graph.services) {
            let comes_and_goes = service.fleet.comes_and_goes();
            first.push(comes_and_goes.then_some(lives.len() as u32));
            let initial = service.fleet.autoscale.map_or(service.replicas, |scale| scale.initial);
            let life = |replica| Life {
                service: id,
                replica,
                doing: if replica < initial { Doing::Running } else { Doing::Gone },
                timer: Rank::NONE,
                restarts: 0,
                since: Time::ZERO,
            };
            lives.extend((0..if comes_and_goes { service.replicas } else { 0 }).map(life));
        }
        Lives { first, lives, plans: Plan::all(graph) }
    }

    /// Schedules the plans, and takes away who is not there at first.
    pub(crate) fn begin<K: Kit>(&mut self, told: &mut Told<'_, '_, K>) {
        for place in 0..self.lives.len() {
            if self.lives[place].doing == Doing::Gone {
                self.set_ready(place, false, told);
                self.set_alive(place, false, told);
            }
        }
        for number in 0..self.plans.len() {
            let first = self.plans[number].first;
            self.schedule_plan(number, first, told.io);
        }
    }

    /// The rank of a life's or a plan's timer.
    pub(crate) fn timer(&mut self, place: u32) -> &mut Rank {
        let place = place as usize;
        match self.lives.len() {
            lives if place < lives => &mut self.lives[place].timer,
            lives => &mut self.plans[place - lives].timer,
        }
    }

    /// A timer has fired.
    pub(crate) fn wake<K: Kit>(&mut self, place: u32, rank: Rank, told: &mut Told<'_, '_, K>) {
        if *self.timer(place) != rank {
            return;
        }
        let place = place as usize;
        if place >= self.lives.len() {
            return self.follow(place - self.lives.len(), told);
        }
        match self.lives[place].doing {
            Doing::Running | Doing::Gone => {}
            Doing::Draining(then) => {
                self.set_alive(place, false, told);
                match then {
                    Then::Boot(boot) => self.boot(place, boot, told),
                    Then::Gone => self.lives[place].doing = Doing::Gone,
                }
            }
            Doing::Waiting => match self.restart(place, told.io.graph) {
                Some(rule) if self.is_sound(place, told) => self.boot(place, rule.boot, told),
                _ => self.die(place, told),
            },
            Doing::Booting if self.is_sound(place, told) => self.run(place, told),
            Doing::Booting => match self.restart(place, told.io.graph) {
                Some(_) => self.die(place, told),
                // Nobody watches it: it is there as soon as the fault is over.
                None => self.run(place, told),
            },
        }
    }

    /// Faults have begun or ended on a replica: its supervisor hears if it has died.
    pub(crate) fn after_faults<K: Kit>(
        &mut self,
        service: ServiceId,
        replica: u32,
        told: &mut Told<'_, '_, K>,
    ) {
        let Some(first) = self.first[service.index()] else { return };
        let place = (first + replica) as usize;
        let dies = match self.lives[place].doing {
            Doing::Running | Doing::Draining(_) | Doing::Booting => !self.is_sound(place, told),
            Doing::Waiting | Doing::Gone => false,
        };
        if dies && self.restart(place, told.io.graph).is_some() {
            self.die(place, told);
        }
    }

    /// Whether no fault keeps a process from living.
    fn is_sound<K: Kit>(&self, place: usize, told: &Told<'_, '_, K>) -> bool {
        let Life { service, replica, .. } = self.lives[place];
        told.services[service.index()].replicas[replica as usize].knobs().up
    }

    fn restart(&self, place: usize, graph: &Graph) -> Option<Restart> {
        graph.services[self.lives[place].service.index()].fleet.restart
    }

    /// A process has died: its supervisor waits, longer each time.
    fn die<K: Kit>(&mut self, place: usize, told: &mut Told<'_, '_, K>) {
        let Some(rule) = self.restart(place, told.io.graph) else { return };
        let now = told.io.now();
        let ran = matches!(self.lives[place].doing, Doing::Running | Doing::Draining(_));
        if matches!(self.lives[place].doing, Doing::Running) {
            self.set_ready(place, false, told);
        }
        self.set_alive(place, false, told);
        let life = &mut self.lives[place];
        if ran && now - life.since >= rule.forget {
            life.restarts = 0;
        }
        let wait = rule.wait(life.restarts);
        life.restarts = life.restarts.saturating_add(1);
        life.doing = Doing::Waiting;
        self.schedule(place, wait, told.io);
    }

    /// A process starts.
    fn boot<K: Kit>(&mut self, place: usize, boot: Span, told: &mut Told<'_, '_, K>) {
        self.lives[place].doing = Doing::Booting;
        self.schedule(place, boot, told.io);
    }

    /// A process is ready.
    fn run<K: Kit>(&mut self, place: usize, told: &mut Told<'_, '_, K>) {
        let life = &mut self.lives[place];
        (life.doing, life.since, life.timer) = (Doing::Running, told.io.now(), Rank::NONE);
        self.set_alive(place, true, told);
        self.set_ready(place, true, told);
    }

    /// A process is to stop when it has had time to finish what it has.
    fn drain<K: Kit>(&mut self, place: usize, drain: Span, then: Then, told: &mut Told<'_, '_, K>) {
        self.lives[place].doing = Doing::Draining(then);
        self.set_ready(place, false, told);
        self.schedule(place, drain, told.io);
    }

    fn schedule<K: Kit>(&mut self, place: usize, after: Span, io: &mut Io<'_, K>) {
        let at = io.now().saturating_add(after);
        self.lives[place].timer = if at < io.end {
            io.queue.at(at, ORDINARY, Event::Life(place as u32).payload())
        } else {
            Rank::NONE
        };
    }

    fn schedule_plan<K: Kit>(&mut self, number: usize, at: Time, io: &mut Io<'_, K>) {
        let place = (self.lives.len() + number) as u32;
        self.plans[number].timer = if at < io.end {
            io.queue.at(at, ORDINARY, Event::Life(place).payload())
        } else {
            Rank::NONE
        };
    }

    fn set_alive<K: Kit>(&self, place: usize, alive: bool, told: &mut Told<'_, '_, K>) {
        let Life { service, replica, .. } = self.lives[place];
        told.services[service.index()].set_started(replica, alive, told.callers, told.io);
    }

    /// Tells everybody whether a replica takes requests.
    fn set_ready<K: Kit>(&self, place: usize, ready: bool, told: &mut Told<'_, '_, K>) {
        let Life { service, replica, .. } = self.lives[place];
        let now = told.io.now();
        let is = if ready { Standing::Ready } else { Standing::Away };
        told.io.record(Row::Replica { service, replica, is });
        told.callers.set_present(service, replica, ready, now);
        for other in told.services.iter_mut() {
            other.set_present(service, replica, ready, now);
        }
    }
}
