//! Active health checks: rounds of probes, and what runs of good and bad answers come to.

use crate::fleet::HealthCheck;
use brownout_core::{Span, Time};

/// The checks of one group.
#[derive(Debug)]
pub(crate) struct Health {
    check: HealthCheck,
    replicas: Box<[Vitals]>,
    /// The round that has begun last, from 1; none is 0.
    round: u32,
    /// When the next round begins.
    begins: Time,
    /// When those are judged who have not answered in this round.
    ends: Option<Time>,
}

/// What is known of one replica.
#[derive(Debug, Clone, Copy)]
struct Vitals {
    well: bool,
    /// Answers in a row that speak against that.
    run: u32,
    /// The last round in which it was judged.
    judged: u32,
}

const WELL: Vitals = Vitals { well: true, run: 0, judged: 0 };

impl Health {
    /// Everybody is well until something else is known; the first round begins after `phase`.
    pub(super) fn new(check: HealthCheck, replicas: u32, phase: Span) -> Health {
        let (round, begins) = (0, Time::ZERO.saturating_add(phase));
        Health { check, replicas: vec![WELL; replicas as usize].into(), round, begins, ends: None }
    }

    /// Whether a replica is well, as far as is known.
    pub(super) fn is_well(&self, replica: u32) -> bool {
        self.replicas[replica as usize].well
    }

    /// A replica is new: nothing is known of it.
    pub(super) fn forget(&mut self, replica: u32) {
        self.replicas[replica as usize] = Vitals { judged: self.round, ..WELL };
    }

    pub(super) fn next_wakeup(&self) -> Time {
        self.ends.map_or(self.begins, |ends| ends.min(self.begins))
    }

    /// Judges those who have not answered, if their time is up. `is_asked` says of whom an answer
    /// is expected.
    pub(crate) fn judge(&mut self, now: Time, is_asked: impl Fn(u32) -> bool) {
        if self.ends.is_none_or(|ends| now < ends) {
            return;
        }
        self.ends = None;
        for (number, vitals) in (0..).zip(&mut self.replicas) {
            if vitals.judged != self.round && is_asked(number) {
                vitals.judge(&self.check, self.round, false);
            }
        }
    }

    /// Begins a round if it is time for one; its number.
    pub(crate) fn begin(&mut self, now: Time) -> Option<u32> {
        if now < self.begins {
            return None;
        }
        self.round += 1;
        self.begins = now.saturating_add(self.check.every);
        self.ends = Some(now.saturating_add(self.check.timeout));
        Some(self.round)
    }

    /// A replica has answered a round's probe; too late is not at all.
    pub(crate) fn answered(&mut self, replica: u32, round: u32, good: bool) {
        let vitals = &mut self.replicas[replica as usize];
        if round == self.round && self.ends.is_some() && vitals.judged != round {
            vitals.judge(&self.check, round, good);
        }
    }
}

impl Vitals {
    fn judge(&mut self, check: &HealthCheck, round: u32, good: bool) {
        self.judged = round;
        if good == self.well {
            self.run = 0;
            return;
        }
        self.run += 1;
        if self.run >= if self.well { check.fall } else { check.rise } {
            (self.well, self.run) = (good, 0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(secs: u64) -> Time {
        Time::ZERO + Span::from_millis(secs * 1_000)
    }

    #[test]
    fn runs_of_answers_take_a_replica_out_and_bring_it_back() {
        let (every, timeout) = (Span::from_millis(10_000), Span::from_millis(1_000));
        let check = HealthCheck { every, timeout, fall: 2, rise: 3 };
        let mut health = Health::new(check, 2, Span::from_millis(5_000));
        assert_eq!((health.next_wakeup(), health.begin(at(4))), (at(5), None));
        let mut well = Vec::new();
        for (round, good) in [true, false, true, false, false, true, true, true].iter().enumerate()
        {
            let begins = at(5 + 10 * round as u64);
            let number = health.begin(begins).expect("it is time");
            assert_eq!(health.next_wakeup(), begins + timeout);
            // No answer is a bad one, and one that comes too late is none.
            if *good {
                health.answered(0, number, true);
            }
            health.judge(begins + timeout, |replica| replica == 0);
            health.answered(0, number, true);
            well.push(health.is_well(0));
        }
        assert_eq!(well, [true, true, true, true, false, false, false, true]);
        assert!(health.is_well(1), "nobody asked it");
    }
}
