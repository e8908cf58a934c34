//! What makes requests of an open loop come: when the next one is due.

use super::steered::{Steered, steady};
use crate::graph::{Arrivals, Profile, Stage};
use crate::profile::spread;
use brownout_core::dist::{Sampler, UnitExp};
use brownout_core::random::Stream;
use brownout_core::{Draws, Span, Time};
use std::sync::Arc;

/// How the arrivals of an open loop follow each other.
#[derive(Debug)]
pub(super) enum Pace {
    /// Unit exponentials at a rate that stays as it is.
    Level(Level),
    /// Unit exponentials are amounts of this cumulative rate.
    Poisson(UnitExp, Profile),
    /// Ones, after a half, are amounts of this cumulative rate.
    Steady(Profile),
    /// Gaps.
    Renewal(Sampler),
    /// Unit exponentials are amounts of a cumulative rate that goes through stages.
    Bursty(Box<Bursty>),
    /// Known moments.
    Trace(Trace),
    /// A cumulative rate that may be changed on the way.
    Steered(Box<Steered>),
}

impl Pace {
    /// The pace of `arrivals`; `stays` names the draws of how long stages last. Users of a closed
    /// loop have none.
    /// `spiked` is what faults make of a rate, and `steered` whether one of them may be broken off.
    pub(super) fn of(
        arrivals: &Arrivals,
        stays: Stream,
        spiked: impl Fn(&Profile) -> Profile,
        steered: bool,
        draws: &mut Draws,
    ) -> Option<Pace> {
        Some(match arrivals {
            Arrivals::Poisson(rate) | Arrivals::Batch { rate, .. } if steered => {
                Pace::Steered(Box::new(Steered::new(Some(UnitExp::new()), spiked(rate))))
            }
            Arrivals::Steady(rate) if steered => {
                Pace::Steered(Box::new(Steered::new(None, spiked(rate))))
            }
            Arrivals::Poisson(rate) | Arrivals::Batch { rate, .. } => {
                let (unit, rate) = (UnitExp::new(), spiked(rate));
                match rate.level_per_s() {
                    Some(per_s) => Pace::Level(Level::new(unit, per_s, draws)),
                    None => Pace::Poisson(unit, rate),
                }
            }
            Arrivals::Steady(rate) => Pace::Steady(spiked(rate)),
            Arrivals::Renewal(gaps) => Pace::Renewal(gaps.sampler()),
            Arrivals::Bursty(stages) => Pace::Bursty(Box::new(Bursty::new(stages, stays))),
            Arrivals::Trace(times) => Pace::Trace(Trace { times: Arc::clone(times), next: 0 }),
            Arrivals::AtOnce { count: 0, .. } => Pace::Trace(Trace { times: [].into(), next: 0 }),
            Arrivals::AtOnce { at, .. } => Pace::Trace(Trace { times: [*at].into(), next: 0 }),
            Arrivals::Closed { .. } => return None,
        })
    }

    /// When the next one comes, if ever; `made` have come so far. Nobody wants to know of those
    /// after `end`.
    #[inline(always)]
    pub(super) fn next(
        &mut self,
        now: Time,
        made: u64,
        end: Time,
        draws: &mut Draws,
    ) -> Option<Time> {
        match self {
            Pace::Level(level) => level.next(now, draws),
            Pace::Poisson(unit, rate) => rate.after(now, unit.sample(draws)),
            Pace::Steady(rate) => rate.after(now, steady(now, made)),
            Pace::Renewal(gaps) => Some(now.saturating_add(Span::round(gaps.sample(draws, made)))),
            Pace::Bursty(bursty) => bursty.next(now, end, draws),
            Pace::Trace(trace) => trace.next(),
            Pace::Steered(steered) => steered.next(now, made, draws),
        }
    }

    /// The pace whose rate may be changed, if it is one.
    pub(super) fn steered(&mut self) -> Option<&mut Steered> {
        match self {
            Pace::Steered(steered) => Some(steered),
            Pace::Level(_)
            | Pace::Poisson(..)
            | Pace::Steady(_)
            | Pace::Renewal(_)
            | Pace::Bursty(_)
            | Pace::Trace(_) => None,
        }
    }
}

/// Poisson arrivals at a constant rate. A gap is drawn one arrival ahead: when someone comes, it is
/// known already when the next one will.
#[derive(Debug)]
pub(super) struct Level {
    unit: UnitExp,
    per_s: f64,
    /// From the next arrival to the one after it; none at a rate of zero.
    gap: Option<Span>,
}

impl Level {
    fn new(unit: UnitExp, per_s: f64, draws: &mut Draws) -> Level {
        Level { unit, per_s, gap: spread(per_s, unit.sample(draws)) }
    }

    #[inline(always)]
    fn next(&mut self, now: Time, draws: &mut Draws) -> Option<Time> {
        let next = self.gap.map(|gap| now.saturating_add(gap));
        self.gap = spread(self.per_s, self.unit.sample(draws));
        next
    }
}

/// Known moments, one after the other.
#[derive(Debug)]
pub(super) struct Trace {
    times: Arc<[Time]>,
    next: usize,
}

impl Trace {
    fn next(&mut self) -> Option<Time> {
        let at = self.times.get(self.next).copied();
        self.next += 1;
        at
    }
}

/// A rate that goes from stage to stage.
#[derive(Debug)]
pub(super) struct Bursty {
    unit: UnitExp,
    /// Rates per second, and how long they last.
    stages: Vec<(f64, Sampler)>,
    /// Names the draws of how long stages last: the n-th stay has its own.
    stream: Stream,
    /// Stays begun so far; the present stage is that of the last.
    stays: u64,
    /// When the present stage ends.
    until: Time,
}

impl Bursty {
    fn new(stages: &[Stage], stream: Stream) -> Bursty {
        let stages = stages.iter().map(|stage| (stage.per_s, stage.lasts.sampler())).collect();
        Bursty { unit: UnitExp::new(), stages, stream, stays: 0, until: Time::ZERO }
    }

    #[inline(never)]
    fn next(&mut self, now: Time, end: Time, draws: &mut Draws) -> Option<Time> {
        let (mut at, mut left) = (now, self.unit.sample(draws));
        loop {
            let per_s = self.rate();
            let mass = per_s * self.until.since(at).as_secs();
            if left < mass {
                let at = at.saturating_add(Span::from_secs(left / per_s));
                return Some(at.min(self.until));
            }
            (at, left) = (self.until, left - mass);
            if at >= end {
                return None;
            }
            self.go_on();
        }
    }

    /// The rate of the present stage; before the first there is none.
    fn rate(&self) -> f64 {
        match self.stays {
            0 => 0.0,
            stays => self.stages[((stays - 1) % self.stages.len() as u64) as usize].0,
        }
    }

    /// The next stage begins where the present one ends.
    fn go_on(&mut self) {
        let number = self.stages.len() as u64;
        let (stage, lap) = ((self.stays % number) as usize, self.stays / number);
        let mut draws = self.stream.draws(self.stays);
        let lasts = Span::round(self.stages[stage].1.sample(&mut draws, lap));
        self.stays += 1;
        self.until = self.until.saturating_add(lasts);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use brownout_core::dist::Dist;
    use brownout_core::random::Seed;

    fn bursty(stages: &[(f64, &[f64])]) -> Bursty {
        let stage = |&(per_s, secs): &(f64, &[f64])| {
            let lasts: Vec<f64> = secs.iter().map(|secs| secs * 1e9).collect();
            Stage { per_s, lasts: Dist::sequence(lasts) }
        };
        let stages: Vec<Stage> = stages.iter().map(stage).collect();
        Bursty::new(&stages, Seed::new(1).stream("stays"))
    }

    /// Arrivals up to `end`, in seconds.
    fn all(bursty: &mut Bursty, end: f64) -> Vec<f64> {
        let (end, mut draws) = (Time::from_secs(end), Seed::new(1).stream("arrivals").draws(0));
        let mut at = Time::ZERO;
        let mut all = Vec::new();
        while let Some(next) = bursty.next(at, end, &mut draws).filter(|next| *next < end) {
            at = next;
            all.push(at.as_secs());
        }
        all
    }

    #[test]
    fn stages_follow_each_other_and_a_stay_has_its_turn_of_a_sequence() {
        // 0–2 s at 1000/s, nothing to 3 s, 3–4 s at 1000/s, nothing to 8 s, 8–10 s again.
        let times = all(&mut bursty(&[(1e3, &[2.0, 1.0]), (0.0, &[1.0, 4.0])]), 10.0);
        let inside =
            |from: f64, to: f64| times.iter().filter(|at| from <= **at && **at < to).count();
        assert_eq!((inside(2.0, 3.0), inside(4.0, 8.0)), (0, 0));
        for (from, to, mean) in [(0.0, 2.0, 2e3_f64), (3.0, 4.0, 1e3), (8.0, 10.0, 2e3)] {
            let off = inside(from, to) as f64 - mean;
            assert!(off.abs() < 5.0 * mean.sqrt(), "{from} to {to}: {off} off {mean}");
        }
    }

    #[test]
    fn a_rate_that_stays_the_same_is_a_plain_poisson_process() {
        let mut draws = Seed::new(1).stream("arrivals").draws(0);
        let (unit, rate) = (UnitExp::new(), Profile::level(50.0));
        let mut at = Time::ZERO;
        let plain: Vec<f64> = std::iter::from_fn(|| {
            at = rate.after(at, unit.sample(&mut draws))?;
            Some(at.as_secs())
        })
        .take_while(|at| *at < 20.0)
        .collect();
        let cut = all(&mut bursty(&[(50.0, &[0.3]), (50.0, &[0.0]), (50.0, &[1.1])]), 20.0);
        assert_eq!(plain.len(), cut.len());
        assert!(plain.iter().zip(&cut).all(|(one, other)| (one - other).abs() < 1e-6));
    }

    #[test]
    fn stages_without_arrivals_come_to_an_end() {
        assert_eq!(all(&mut bursty(&[(0.0, &[1.0])]), 50.0), [0.0; 0]);
    }
}
