//! A time limit: the same every time, or drawn anew for each of those it bounds.

use crate::draw::Chance;
use crate::math;
use crate::time::Span;

/// Gives up after a time. Outside a retry it bounds the whole call, inside it each attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Timeout {
    /// Counted from the start of what it wraps; the mean where chance has a say. Above zero.
    pub after: Span,
    /// What chance makes of it.
    pub chance: Lasts,
    /// Who gives up: the caller's code, or the user who will not wait any longer.
    pub patience: bool,
    /// What is kept for the caller itself: everything inside has to end this much earlier.
    pub reserve: Span,
}

/// How long a time limit lasts from one time to the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lasts {
    /// As long every time.
    Alike,
    /// Exponentially distributed, a nanosecond at least: how users leave, and what makes timeouts
    /// fit Markov chains.
    Exponential,
}

impl Timeout {
    /// Gives up after `after`.
    pub const fn after(after: Span) -> Timeout {
        Timeout { after, chance: Lasts::Alike, patience: false, reserve: Span::ZERO }
    }

    /// Gives up after an exponentially distributed time with this mean.
    pub const fn exponential(mean: Span) -> Timeout {
        Timeout { chance: Lasts::Exponential, ..Timeout::after(mean) }
    }

    /// The longest that it can last; `None` if there is no such time.
    pub const fn longest(&self) -> Option<Span> {
        match self.chance {
            Lasts::Alike => Some(self.after),
            Lasts::Exponential => None,
        }
    }

    /// The time that it outlasts as often as not.
    pub fn median(&self) -> Span {
        match self.chance {
            Lasts::Alike => self.after,
            Lasts::Exponential => self.after.scale(core::f64::consts::LN_2),
        }
    }

    /// The same with the time that it lasts this once; `draws` are opened if chance has a say.
    #[inline(always)]
    pub(crate) fn drawn<C: Chance>(&self, draws: impl FnOnce() -> C) -> Timeout {
        match self.chance {
            Lasts::Alike => *self,
            Lasts::Exponential => Timeout { after: exponential(self.after, draws()), ..*self },
        }
    }
}

#[cold]
fn exponential(mean: Span, mut chance: impl Chance) -> Span {
    mean.scale(-math::ln_1p(-chance.share())).max(Span::from_nanos(1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draw::Draws;

    #[test]
    fn what_is_alike_asks_no_chance() {
        let timeout = Timeout::after(Span::from_millis(300));
        let same = timeout.drawn(|| -> Draws { unreachable!("chance has no say") });
        assert_eq!((same, timeout.longest()), (timeout, Some(Span::from_millis(300))));
    }

    #[test]
    fn exponential_limits_have_their_mean_and_survive_it_once_in_e_times() {
        const TIMES: u64 = 100_000;
        let timeout = Timeout::exponential(Span::from_millis(300));
        assert_eq!(timeout.longest(), None);
        let drawn = |lineage| timeout.drawn(|| Draws::open(7, lineage)).after;
        let sum: f64 = (0..TIMES).map(|lineage| drawn(lineage).as_secs()).sum();
        let longer = (0..TIMES).filter(|lineage| drawn(*lineage) > timeout.after).count();
        // Standard deviations of 0.3 s / √100 000 and √(e⁻¹ (1 − e⁻¹) / 100 000); four of each.
        assert!((sum / TIMES as f64 - 0.3).abs() < 0.0038, "{}", sum / TIMES as f64);
        let share = longer as f64 / TIMES as f64;
        assert!((share - math::exp(-1.0)).abs() < 0.0061, "{share}");
        assert_eq!(drawn(5), drawn(5), "a draw is a function of what it is for");
    }
}
