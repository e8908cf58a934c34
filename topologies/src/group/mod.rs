//! A group: the replicas of a service as one who calls them sees them.
//!
//! It chooses among them, counts what is out, sets aside those that do badly, and asks how they
//! feel. It knows what its own attempts and probes have told it, and nothing else.

mod health;
mod near;

use crate::fleet::{At, HealthCheck, Zones};
use crate::graph::{Service, ServiceId, ZoneId};
use crate::link::Way;
use brownout_core::queue::Rank;
use brownout_core::random::Stream;
use brownout_core::{Span, Time};
use brownout_policies::balance;
use brownout_policies::outcome::{ErrorKind, Outcome, Seen};
use brownout_policies::outlier::{Answer, Outlier};
use health::Health;
use near::Near;

/// Purposes of a group's draws.
const OUTLIER: u64 = 1;
const SWEEP: u64 = 2;
const PHASE: u64 = 3;
const PROBE: u64 = 4;
const STAYS: u64 = 5;

/// Nobody is pinned.
const LOOSE: u32 = u32::MAX;

/// The replicas of a service as one who calls them sees them.
#[derive(Debug)]
pub(crate) struct Group {
    /// Whose replicas.
    pub(crate) service: ServiceId,
    /// By which link it asks how they feel.
    pub(crate) way: Way,
    /// Where it is that chooses.
    pub(crate) zone: Option<ZoneId>,
    balance: balance::Balance,
    /// Those that are where it is that chooses, if they are preferred.
    near: Option<Near>,
    outlier: Option<Outlier>,
    health: Option<Health>,
    /// Whom each user, or the caller's replica, is connected to, if connections are kept.
    pins: Vec<u32>,
    /// Names its draws.
    stream: Stream,
    /// Its next wake-up.
    pub(crate) timer: Rank,
    sweeps: u64,
}

/// What is chosen for whom.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Choice<'a> {
    /// The attempt's lineage.
    pub(crate) lineage: u64,
    /// What a rule that hashes goes by.
    pub(crate) key: u64,
    /// Which user, where users are told apart; or 0.
    pub(crate) unit: u32,
    /// Whom the call has tried.
    pub(crate) besides: &'a [u32],
}

impl Group {
    /// All replicas of `service`, in use. `units` is how many have connections of their own; the
    /// first turn is number `first`'s.
    pub(crate) fn new(
        (id, service): (ServiceId, &Service),
        spec: &crate::fleet::Balance,
        way: Way,
        stream: Stream,
        (units, first): (u32, u32),
        zone: Option<ZoneId>,
    ) -> Group {
        let sound = "a graph's settings are sound";
        let mut balance = balance::Balance::new(spec.config, &service.weights()).expect(sound);
        balance.start_at(first);
        let pins = if spec.at == At::Pinned { units as usize } else { 0 };
        let phase = |check: HealthCheck| {
            let share = stream.member(PHASE).draws(0).unit();
            Health::new(check, service.replicas, check.every.scale(share))
        };
        Group {
            service: id,
            way,
            zone,
            near: zone
                .filter(|_| spec.zones == Zones::PreferOwn)
                .map(|zone| Near::new(service, zone, balance.clone())),
            balance,
            outlier: service.fleet.outliers.map(|told| {
                let mut outlier = Outlier::new(told, service.replicas).expect(sound);
                // Its time begins with the run.
                outlier.wake(Time::ZERO, &mut stream.member(SWEEP).draws(0));
                outlier
            }),
            health: service.fleet.health.map(phase),
            pins: vec![LOOSE; pins],
            stream,
            timer: Rank::NONE,
            sweeps: 1,
        }
    }

    /// Who takes an attempt; nobody if nobody is there, or in use and the group never panics.
    pub(crate) fn choose(&mut self, now: Time, choice: &Choice<'_>) -> Option<u32> {
        let Choice { lineage, key, unit, besides } = *choice;
        if let Some(&pinned) = self.pins.get(unit as usize)
            && pinned != LOOSE
            && !besides.contains(&pinned)
            && self.may(pinned)
        {
            return Some(pinned);
        }
        let mut draws = self.stream.draws(lineage);
        let stays = self.near.as_mut().is_some_and(|near| {
            near.takes(besides, || self.stream.member(STAYS).draws(lineage).unit())
        });
        let near = self.near.as_mut().filter(|_| stays);
        let among = near.map_or(&mut self.balance, |near| &mut near.balance);
        let picked = among.pick_besides(now, &mut draws, key, besides)?;
        // A hedge does not move its call's connection.
        if besides.is_empty()
            && let Some(pin) = self.pins.get_mut(unit as usize)
        {
            *pin = picked;
        }
        Some(picked)
    }

    fn may(&self, replica: u32) -> bool {
        let used = self.balance.is_in_use(replica) || self.balance.is_panicking();
        self.balance.is_present(replica) && used
    }

    /// An attempt is sent to a replica.
    pub(crate) fn sent(&mut self, replica: u32) {
        self.balance.on_send(replica);
        if let Some(near) = &mut self.near {
            near.balance.on_send(replica);
        }
    }

    /// An attempt at a replica is over for its caller. Whether that ejected anybody, so that
    /// [`Group::change`] has something to do.
    pub(crate) fn ended(&mut self, now: Time, replica: u32, took: Span, end: &Ended) -> bool {
        let Ended { outcome, lineage, unit } = *end;
        self.balance.on_reply(now, replica, outcome.class(), took);
        if let Some(near) = &mut self.near {
            near.balance.on_reply(now, replica, outcome.class(), took);
        }
        if matches!(outcome.seen, Seen::Refused | Seen::Reset)
            && let Some(pin) = self.pins.get_mut(unit as usize)
            && *pin == replica
        {
            *pin = LOOSE;
        }
        let (Some(outlier), Some(answer)) = (&mut self.outlier, as_answer(outcome)) else {
            return false;
        };
        let before = outlier.ejections();
        let mut draws = self.stream.member(OUTLIER).draws(lineage);
        if answer != Answer::Unreached {
            outlier.answer(now, replica, Answer::Reached, &mut draws);
        }
        outlier.answer(now, replica, answer, &mut draws);
        outlier.ejections() != before
    }

    /// A replica comes or goes: its service says so.
    pub(crate) fn set_present(&mut self, now: Time, replica: u32, present: bool) {
        self.balance.set_present(now, replica, present);
        if let Some(near) = &mut self.near {
            near.set_present(now, replica, present);
        }
        if present && let Some(health) = &mut self.health {
            health.forget(replica);
        }
    }

    /// Whether a replica is there.
    pub(crate) fn is_present(&self, replica: u32) -> bool {
        self.balance.is_present(replica)
    }

    /// Takes replicas out of use, or back, as their answers and probes demand; tells whom.
    pub(crate) fn change(&mut self, now: Time, mut tell: impl FnMut(u32, bool)) {
        for replica in 0..self.balance.members() {
            let usable = self.outlier.as_ref().is_none_or(|outlier| outlier.is_usable(replica));
            let well = self.health.as_ref().is_none_or(|health| health.is_well(replica));
            if self.balance.set_in_use(now, replica, usable && well) {
                if let Some(near) = &mut self.near {
                    near.set_in_use(now, replica, usable && well);
                }
                tell(replica, usable && well);
            }
        }
    }

    /// When time alone changes something.
    pub(crate) fn next_wakeup(&self) -> Option<Time> {
        let sweep = self.outlier.as_ref().and_then(Outlier::next_wakeup);
        let health = self.health.as_ref().map(Health::next_wakeup);
        sweep.into_iter().chain(health).min()
    }

    /// Sweeps, if a sweep is due.
    pub(crate) fn sweep(&mut self, now: Time) {
        let Some(outlier) = &mut self.outlier else { return };
        let mut draws = self.stream.member(SWEEP).draws(self.sweeps);
        self.sweeps += 1;
        outlier.wake(now, &mut draws);
    }

    /// Judges those who have not answered in time, and begins a round of probes if it is time for
    /// one; the round's number.
    pub(crate) fn begin_round(&mut self, now: Time) -> Option<u32> {
        let Group { health, balance, .. } = self;
        let health = health.as_mut()?;
        health.judge(now, |replica| balance.is_present(replica));
        health.begin(now)
    }

    /// A replica has answered a round's probe.
    pub(crate) fn answered(&mut self, replica: u32, round: u32, good: bool) {
        if let Some(health) = &mut self.health {
            health.answered(replica, round, good);
        }
    }

    /// Replicas, there or not.
    pub(crate) fn replicas(&self) -> u32 {
        self.balance.members()
    }

    /// Names the draws of what it sends.
    pub(crate) fn probe_lineage(&self, round: u32, replica: u32) -> u64 {
        self.stream.member(PROBE).draws(u64::from(round) << 32 | u64::from(replica)).word()
    }
}

/// How an attempt ended for its caller.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ended {
    pub(crate) outcome: Outcome,
    /// The attempt's lineage.
    pub(crate) lineage: u64,
    /// Which user, where users are told apart; or 0.
    pub(crate) unit: u32,
}

/// What an outcome says about a replica, as a proxy would see its status.
fn as_answer(outcome: Outcome) -> Option<Answer> {
    match outcome.seen {
        Seen::Answered => Some(Answer::Good),
        Seen::Error(ErrorKind::Failed) => Some(Answer::Error),
        Seen::Error(ErrorKind::Dependency | ErrorKind::Shed) => Some(Answer::GatewayError),
        // The caller's own fault: 400 and 429 are no errors of a server.
        Seen::Error(ErrorKind::Throttled | ErrorKind::Fatal) => Some(Answer::Good),
        Seen::TimedOut | Seen::Refused | Seen::Reset => Some(Answer::Unreached),
        Seen::Abandoned | Seen::Rejected | Seen::PoolTimeout => None,
    }
}
