//! The length of a wait, and the course of waits of one call.

use crate::backoff::config::{Arithmetic, BackoffConfig, Capped, Growth, Hint, Spread};
use crate::backoff::{GROWTH_MAX, finagle, single, ticks};
use crate::draw::Chance;
use crate::math;
use crate::settings::Share;
use crate::time::{NANOS_PER_SEC, Span};

/// Where a call is in its waits. It belongs to the call, never to the policy: what several calls
/// share must not carry one call's chances over to another (tower clones its generator into each
/// session, and all of them wait alike).
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Course {
    /// Which retry is next, as growth counts it.
    pub nth: u32,
    /// How many waits there have been.
    pub waits: u32,
    /// The last wait.
    pub previous: Option<Span>,
    /// What [`Growth::Smooth`] carries from wait to wait.
    pub carried: f64,
}

/// What is known when a wait is asked for, besides the course.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Ask {
    /// Whether the last attempt was throttled.
    pub throttled: bool,
    /// What the server asks for.
    pub hint: Option<Span>,
}

/// At most so much longer than the computed wait is a hint that should be [`Hint::Near`] (AWS 2.1).
const NEAR: Span = Span::from_millis(5_000);

impl BackoffConfig {
    /// The next wait of a call, or `None` if there are no more.
    ///
    /// Takes one draw where chance plays a part, none otherwise; the first wait of Finagle's
    /// growths, and theirs at the cap, are without chance.
    pub fn next(&self, course: &mut Course, ask: Ask, chance: &mut impl Chance) -> Option<Span> {
        if self.times.is_some_and(|times| course.waits >= times) {
            return None;
        }
        course.waits = course.waits.saturating_add(1);
        let wait = match ask.hint {
            Some(hint) if self.hint == Hint::Obeyed => {
                course.nth = 0;
                hint
            }
            hint => {
                let from = self.from_throttled.filter(|_| ask.throttled).unwrap_or(self.from);
                let wait = self.computed(from, course, chance);
                course.nth = course.nth.saturating_add(1);
                self.hinted(wait, hint)
            }
        };
        course.previous = Some(wait);
        Some(wait)
    }

    /// The wait before retry `nth` (from 0), given the previous wait of this call, without regard
    /// to `times` and hints. [`Growth::Smooth`] needs more than that: here it takes the draw before
    /// to have been ½. Draws as [`next`](BackoffConfig::next) does.
    pub fn wait(&self, nth: u32, previous: Option<Span>, chance: &mut impl Chance) -> Span {
        let carried = match self.growth {
            Growth::Smooth if nth > 0 => ticks::smooth(f64::from(nth) - 0.5),
            _ => 0.0,
        };
        let mut course = Course { nth, waits: nth, previous, carried };
        self.computed(self.from, &mut course, chance)
    }

    /// Whether every wait is the same known length.
    pub fn constant(&self) -> Option<Span> {
        let still = self.growth == Growth::Constant && self.spread == Spread::None;
        (still && self.from_throttled.is_none() && self.times.is_none())
            .then(|| self.from.min(self.cap.unwrap_or(Span::MAX)))
    }

    /// The most that a wait may be, chance and all; `None` if there is no bound.
    pub fn longest(&self) -> Option<Span> {
        let cap = self.cap?;
        let over = match (self.capped, self.spread) {
            (Capped::Before, Spread::Around | Spread::Above) => 1.0 + self.width.as_f64(),
            (Capped::Before, Spread::None | Spread::Full | Spread::Equal)
            | (Capped::After | Capped::Twice, _) => 1.0,
        };
        // Single precision keeps 24 bits.
        let slack = if self.arithmetic == Arithmetic::Single { 1.0 + 1e-6 } else { 1.0 };
        Some(cap.scale(over * slack))
    }

    fn hinted(&self, wait: Span, hint: Option<Span>) -> Span {
        match (self.hint, hint) {
            (Hint::Capped, Some(hint)) => hint.min(self.cap.unwrap_or(Span::MAX)),
            (Hint::Near, Some(hint)) => hint.clamp(wait, wait.saturating_add(NEAR)),
            (Hint::Ignored | Hint::Obeyed, _) | (_, None) => wait,
        }
    }

    fn computed(&self, from: Span, course: &mut Course, chance: &mut impl Chance) -> Span {
        let cap = self.cap.unwrap_or(Span::MAX);
        let (nth, previous) = (course.nth, course.previous);
        match self.growth {
            Growth::Constant | Growth::Linear | Growth::Exponential => match self.arithmetic {
                Arithmetic::Nanoseconds | Arithmetic::Split => self.grown(from, nth, chance),
                Arithmetic::Ticks => ticks::grown(self, from, nth, chance),
                Arithmetic::Single => single::grown(self, from, nth, chance),
            },
            Growth::Decorrelated => {
                let low = from.nanos() as f64;
                let high = 3.0 * previous.unwrap_or(from).nanos() as f64;
                Span::round(low + (high - low) * chance.share()).min(cap)
            }
            Growth::Random => from.scale(-math::ln_1p(-chance.share())).min(cap),
            Growth::Smooth => ticks::smoothed(from, nth, &mut course.carried, chance).min(cap),
            Growth::Rising => finagle::rising(from, cap, nth, previous, chance),
            Growth::Compounding => finagle::compounding(from, cap, nth, previous, chance),
            Growth::Climbing => finagle::climbing(from, cap, nth, previous, chance),
        }
    }

    /// Growth, cap and chance in nanoseconds.
    fn grown(&self, from: Span, nth: u32, chance: &mut impl Chance) -> Span {
        let k = nth.saturating_add(self.first);
        let raw = match self.growth {
            Growth::Linear => from.saturating_add(self.step.saturating_mul(u64::from(k))),
            Growth::Exponential => from.scale(math::powi(self.factor, k).min(GROWTH_MAX)),
            Growth::Constant
            | Growth::Decorrelated
            | Growth::Smooth
            | Growth::Random
            | Growth::Rising
            | Growth::Compounding
            | Growth::Climbing => from,
        };
        let cap = self.cap.unwrap_or(Span::MAX);
        let v = if self.capped == Capped::After { raw } else { raw.min(cap) };
        let spread = self.spread(v, chance);
        if self.capped == Capped::Before { spread } else { spread.min(cap) }
    }

    fn spread(&self, v: Span, chance: &mut impl Chance) -> Span {
        let width = self.width.as_f64();
        match self.spread {
            Spread::None => v,
            Spread::Full => v.scale(chance.share()),
            Spread::Equal => v.scale(0.5 + 0.5 * chance.share()),
            Spread::Around => {
                let v = v.nanos() as f64;
                Span::round(v + (v * (2.0 * width) * chance.share() - v * width))
            }
            Spread::Above if self.width == Share::NONE => v,
            Spread::Above if self.arithmetic == Arithmetic::Split => {
                v.saturating_add(split(v, chance.share() * width))
            }
            Spread::Above => v.saturating_add(v.scale(chance.share() * width)),
        }
    }
}

/// A part of `v` as tower computes it: of the whole seconds and of the rest, each cut down.
fn split(v: Span, part: f64) -> Span {
    let (secs, rest) = (v.nanos() / NANOS_PER_SEC, v.nanos() % NANOS_PER_SEC);
    let (secs, rest) = ((secs as f64 * part) as u64, (rest as f64 * part) as u32);
    Span::from_nanos(secs.saturating_mul(NANOS_PER_SEC).saturating_add(u64::from(rest)))
}
