//! When a fault is at work, and how strongly.

use brownout_core::dist::Dist;
use brownout_core::random::Stream;
use brownout_core::{Span, Time};

/// Tells the draws of whether an occurrence happens from a fault's other draws.
const HAPPENS: u64 = 1;

/// Occurrences at known times.
#[derive(Debug, Clone, PartialEq)]
pub struct Schedule {
    /// When the first one begins.
    pub at: Time,
    /// How long each lasts, above zero; [`Span::MAX`] is to the end.
    pub lasts: Span,
    /// From the beginning of one to that of the next, at least `lasts`; `None` is once.
    pub every: Option<Span>,
    /// How many there are; `None` is to the end of the run.
    pub times: Option<u64>,
    /// How each comes and goes.
    pub ramp: Ramp,
    /// With what probability each one happens, in [0, 1].
    pub probability: f64,
}

/// How strength grows at the beginning of an occurrence and falls at its end: in equal steps, each
/// at the strength that a straight line has in its middle.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ramp {
    /// From nothing to full strength; zero is at once.
    pub up: Span,
    /// From full strength to nothing, at the end of the occurrence; zero is at once.
    pub down: Span,
    /// Steps of each slope, ≥ 1.
    pub steps: u32,
}

impl Ramp {
    /// All at once, there and back.
    pub const NONE: Ramp = Ramp { up: Span::ZERO, down: Span::ZERO, steps: Ramp::STEPS };
    /// Steps where none are written: a twentieth is less than most systems notice.
    pub const STEPS: u32 = 20;
}

/// Breakdowns and repairs, one after the other for ever.
#[derive(Debug, Clone, PartialEq)]
pub struct Breakdowns {
    /// Until when nothing breaks.
    pub from: Time,
    /// When everything is repaired for good; [`Time::MAX`] is never.
    pub until: Time,
    /// From a repair to the next breakdown, in nanoseconds.
    pub up: Dist,
    /// From a breakdown to its repair, in nanoseconds.
    pub down: Dist,
    /// Whether all replicas break down together, or each has luck of its own: each of their
    /// workers, if it is workers that break down.
    pub together: bool,
    /// Whether only time with a worker taken counts towards a breakdown.
    pub while_busy: bool,
}

impl Schedule {
    /// One occurrence, at full strength from its first moment to its last.
    pub const fn once(at: Time, lasts: Span) -> Schedule {
        Schedule { at, lasts, every: None, times: None, ramp: Ramp::NONE, probability: 1.0 }
    }

    /// When the last occurrence ends; [`Time::MAX`] if there is no last one.
    pub const fn ends(&self) -> Time {
        match (self.every, self.times) {
            (None, _) => self.at.saturating_add(self.lasts),
            (Some(_), None) => Time::MAX,
            (Some(every), Some(times)) => {
                let last = every.saturating_mul(times.saturating_sub(1));
                self.at.saturating_add(last).saturating_add(self.lasts)
            }
        }
    }

    /// When the occurrence after the `nth` begins (they count from 0), if there is one.
    pub(super) fn begin_after(&self, nth: u64) -> Option<Time> {
        let every = self.every?;
        let next = nth + 1;
        let begins = self.at.saturating_add(every.saturating_mul(next));
        (self.times.is_none_or(|times| next < times) && begins < Time::MAX).then_some(begins)
    }

    /// Whether the `nth` occurrence happens, by a draw from the fault's own.
    pub(super) fn happens(&self, stream: Stream, nth: u64) -> bool {
        self.probability >= 1.0 || stream.member(HAPPENS).draws(nth).unit() < self.probability
    }

    /// How strong an occurrence is so long after its beginning, in [0, 1]; zero once it is over.
    pub(super) fn strength(&self, since: Span) -> f64 {
        let Ramp { up, down, steps } = self.ramp;
        if since >= self.lasts {
            return 0.0;
        }
        let middle = |step: u64| (step as f64 + 0.5) / f64::from(steps);
        let rising = if since < up { middle(step(up, steps, since)) } else { 1.0 };
        let slope = self.lasts.saturating_sub(down);
        let falling = if since >= slope && !down.is_zero() {
            1.0 - middle(step(down, steps, since.saturating_sub(slope)))
        } else {
            1.0
        };
        f64::min(rising, falling)
    }

    /// How long after the beginning an occurrence's strength next changes, after `since`; its end
    /// is the last change.
    pub(super) fn change_after(&self, since: Span) -> Option<Span> {
        let Ramp { up, down, steps } = self.ramp;
        let slope = self.lasts.saturating_sub(down);
        let next = if since < up {
            edge(up, steps, step(up, steps, since) + 1)
        } else if since < slope {
            slope
        } else if since < self.lasts {
            let inside = since.saturating_sub(slope);
            slope.saturating_add(edge(down, steps, step(down, steps, inside) + 1))
        } else {
            return None;
        };
        Some(next.min(self.lasts))
    }
}

/// In which of `steps` equal parts of `whole` the moment `at` lies, before its end.
fn step(whole: Span, steps: u32, at: Span) -> u64 {
    let (whole, at) = (u128::from(whole.nanos()), u128::from(at.nanos()));
    // The last step whose edge is not after `at`; edges are rounded up.
    (at * u128::from(steps) / whole.max(1)).min(u128::from(steps) - 1) as u64
}

/// Where the part numbered `step` begins: the first nanosecond that lies in it.
fn edge(whole: Span, steps: u32, step: u64) -> Span {
    let nanos = u128::from(whole.nanos()) * u128::from(step);
    Span::from_nanos(nanos.div_ceil(u128::from(steps)) as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn secs(secs: u64) -> Span {
        Span::from_millis(secs * 1_000)
    }

    fn at(secs_after: u64) -> Time {
        Time::ZERO + secs(secs_after)
    }

    /// Every change of one occurrence, as (seconds since its beginning, strength from then on).
    fn course(schedule: &Schedule) -> Vec<(f64, f64)> {
        let mut since = Span::ZERO;
        let mut course = vec![(0.0, schedule.strength(since))];
        while let Some(next) = schedule.change_after(since) {
            assert!(next > since, "time goes on");
            since = next;
            course.push((since.as_secs(), schedule.strength(since)));
        }
        course
    }

    #[test]
    fn without_a_ramp_an_occurrence_is_there_and_then_gone() {
        assert_eq!(course(&Schedule::once(at(5), secs(10))), [(0.0, 1.0), (10.0, 0.0)]);
    }

    #[test]
    fn a_ramp_goes_up_and_down_in_the_middles_of_its_steps() {
        let ramp = Ramp { up: secs(4), down: secs(2), steps: 2 };
        let schedule = Schedule { ramp, ..Schedule::once(at(5), secs(10)) };
        let expected =
            [(0.0, 0.25), (2.0, 0.75), (4.0, 1.0), (8.0, 0.75), (9.0, 0.25), (10.0, 0.0)];
        assert_eq!(course(&schedule), expected);
        // As much harm as a straight line does: 10 s less half of each slope.
        let area: f64 = expected.windows(2).map(|pair| (pair[1].0 - pair[0].0) * pair[0].1).sum();
        assert_eq!(area, 7.0);
    }

    #[test]
    fn steps_shorter_than_a_nanosecond_are_skipped_and_never_stand_still() {
        let ramp = Ramp { up: Span::from_nanos(3), down: Span::from_nanos(1), steps: 20 };
        let schedule = Schedule { ramp, ..Schedule::once(at(0), Span::from_nanos(10)) };
        let course = course(&schedule);
        assert_eq!(course.len(), 6, "three rising, the top, one falling, the end: {course:?}");
        assert_eq!(course.last(), Some(&(1e-8, 0.0)));
    }

    #[test]
    fn occurrences_follow_each_other_until_there_are_no_more() {
        let once = Schedule::once(at(5), secs(10));
        assert_eq!((once.begin_after(0), once.ends()), (None, at(15)));
        let thrice = Schedule { every: Some(secs(60)), times: Some(3), ..once.clone() };
        assert_eq!((thrice.begin_after(0), thrice.begin_after(2)), (Some(at(65)), None));
        assert_eq!(thrice.ends(), at(135));
        let for_ever = Schedule { every: Some(secs(60)), ..once };
        assert_eq!(for_ever.ends(), Time::MAX);
        assert_eq!(for_ever.begin_after(u64::MAX - 1), None);
    }
}
