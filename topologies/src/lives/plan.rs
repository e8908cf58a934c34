//! What is planned for the replicas of a service: deploys, and how many there should be.

use super::{Doing, Lives, Then, Told};
use crate::fleet::{Autoscale, Goal, Rolling};
use crate::graph::{Graph, ServiceId};
use crate::world::Kit;
use brownout_core::queue::Rank;
use brownout_core::{Span, Time};
use std::collections::VecDeque;

/// A scaler looks at its replicas so often between two decisions.
const LOOKS: u32 = 10;

/// Something planned.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) service: ServiceId,
    /// When it begins.
    pub(super) first: Time,
    pub(super) timer: Rank,
    what: What,
}

#[derive(Debug)]
enum What {
    /// The next replica, and how.
    Roll(u32, Rolling),
    Scale(Scaler),
}

/// A scaler at work.
#[derive(Debug)]
struct Scaler {
    rule: Autoscale,
    /// Looks since the last decision.
    looks: u32,
    /// What was seen: busy workers, or activations that wait, summed over looks and replicas.
    seen: u64,
    /// How many there should have been, by the decisions of the last while, the newest last.
    wanted: VecDeque<(Time, u32)>,
}

impl Plan {
    /// Every plan, by service.
    pub(super) fn all(graph: &Graph) -> Vec<Plan> {
        let mut plans = Vec::new();
        for (service, spec) in (0..).map(ServiceId).zip(&graph.services) {
            let plan = |first, what| Plan { service, first, timer: Rank::NONE, what };
            let deploys = spec.fleet.deploys.iter();
            plans.extend(deploys.map(|rolling| plan(rolling.at, What::Roll(0, *rolling))));
            plans.extend(spec.fleet.autoscale.map(|rule| {
                let wanted = VecDeque::with_capacity(rule.remembers() as usize + 1);
                let scaler = Scaler { rule, looks: 0, seen: 0, wanted };
                plan(Time::ZERO + rule.look(), What::Scale(scaler))
            }));
        }
        plans
    }
}

impl Autoscale {
    /// Time between two looks.
    fn look(&self) -> Span {
        Span::from_nanos(self.every.nanos().div_ceil(u64::from(LOOKS)))
    }
}

impl Lives {
    /// The next step of a plan.
    pub(super) fn follow<K: Kit>(&mut self, number: usize, told: &mut Told<'_, '_, K>) {
        let (now, service) = (told.io.now(), self.plans[number].service);
        let first = self.first[service.index()].expect("its replicas come and go") as usize;
        let replicas = told.services[service.index()].replicas.len();
        match &mut self.plans[number].what {
            What::Roll(next, rolling) => {
                let (place, rolling) = (first + *next as usize, *rolling);
                *next += 1;
                let is_last = *next as usize == replicas;
                if self.lives[place].doing == Doing::Running {
                    self.drain(place, rolling.drain, Then::Boot(rolling.boot), told);
                }
                if !is_last {
                    self.schedule_plan(number, now.saturating_add(rolling.every), told.io);
                }
            }
            What::Scale(scaler) => {
                let lives = &self.lives[first..first + replicas];
                for life in lives.iter().filter(|life| life.doing == Doing::Running) {
                    let volatile =
                        &told.services[service.index()].replicas[life.replica as usize].volatile;
                    scaler.seen += u64::from(match scaler.rule.goal {
                        Goal::Utilisation(_) => volatile.busy,
                        Goal::Queue(_) => volatile.waiting,
                    });
                }
                scaler.looks += 1;
                let (look, is_due) = (scaler.rule.look(), scaler.looks == LOOKS);
                self.schedule_plan(number, now.saturating_add(look), told.io);
                if is_due {
                    self.decide(number, (first, replicas), told);
                }
            }
        }
    }

    /// How many there should be, and what it takes to get there.
    fn decide<K: Kit>(
        &mut self,
        number: usize,
        (first, replicas): (usize, usize),
        told: &mut Told<'_, '_, K>,
    ) {
        let (now, service) = (told.io.now(), self.plans[number].service);
        let places = first..first + replicas;
        let counts = |doing| matches!(doing, Doing::Running | Doing::Booting | Doing::Waiting);
        let there = places.clone().filter(|place| counts(self.lives[*place].doing)).count() as u32;
        let workers = told.io.graph.services[service.index()].workers.unwrap_or(1);
        let What::Scale(scaler) = &mut self.plans[number].what else { return };
        let rule = scaler.rule;
        let wanted = scaler.decide(now, there, replicas as u32, workers);
        let (mut more, mut fewer) = (wanted.saturating_sub(there), there.saturating_sub(wanted));
        for place in places.clone() {
            if more > 0 && self.lives[place].doing == Doing::Gone {
                self.boot(place, rule.boot, told);
                more -= 1;
            }
        }
        for place in places.rev() {
            if fewer > 0 && self.lives[place].doing == Doing::Running {
                self.drain(place, rule.drain, Then::Gone, told);
                fewer -= 1;
            }
        }
    }
}

impl Scaler {
    /// How many there should be now, by what was seen since the last decision.
    fn decide(&mut self, now: Time, there: u32, most: u32, workers: u32) -> u32 {
        let seen = self.seen as f64 / f64::from(LOOKS);
        (self.looks, self.seen) = (0, 0);
        let each = match self.rule.goal {
            Goal::Utilisation(share) => share * f64::from(workers),
            Goal::Queue(length) => length,
        };
        let ideal = seen / each;
        let is_near = (ideal - f64::from(there)).abs() <= self.rule.tolerance * f64::from(there);
        let wanted = if is_near { there } else { ideal.ceil().min(f64::from(most)) as u32 };
        let wanted = wanted.clamp(self.rule.least, most);
        let since = Time::from_nanos(now.nanos().saturating_sub(self.rule.down_after.nanos()));
        while self.wanted.front().is_some_and(|(at, _)| *at <= since) {
            self.wanted.pop_front();
        }
        self.wanted.push_back((now, wanted));
        // Down only to the most that was wanted in the last while.
        let most_wanted = self.wanted.iter().map(|(_, wanted)| *wanted).max().unwrap_or(wanted);
        if wanted < there { most_wanted.min(there) } else { wanted }
    }
}
