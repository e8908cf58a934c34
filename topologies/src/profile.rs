//! Rates over time, inverted exactly: where the cumulative rate has grown by a given amount.
//!
//! An arrival process draws amounts (unit exponentials, or ones) and asks where they lead. The
//! draws do not depend on the rate, so a sweep over it meets the same luck everywhere.

use crate::graph::{Curve, Piece, Profile, Wave};
use brownout_core::{Span, Time};
use brownout_policies::math;
use std::f64::consts::PI;

const NANOS: f64 = 1e9;

impl Profile {
    /// The moment by which the cumulative rate has grown by `amount` since `now`, if ever.
    #[inline(always)]
    pub fn after(&self, now: Time, amount: f64) -> Option<Time> {
        match &self.curve {
            Curve::Pieces(pieces) => match &pieces[..] {
                [level] => spread(level.end_per_s, amount).map(|span| now.saturating_add(span)),
                pieces => after_pieces(pieces, now, amount),
            },
            Curve::Wave(wave) => wave.after(now, amount),
        }
    }
}

impl Profile {
    /// The rate per second, if it is always the same.
    pub fn level_per_s(&self) -> Option<f64> {
        match &self.curve {
            Curve::Pieces(pieces) => match pieces[..] {
                [level] => Some(level.end_per_s),
                _ => None,
            },
            Curve::Wave(_) => None,
        }
    }

    /// How much the cumulative rate grows from one moment to another.
    ///
    /// # Panics
    /// On a wave: nothing that asks is made of one.
    pub fn between(&self, from: Time, to: Time) -> f64 {
        let Curve::Pieces(pieces) = &self.curve else {
            unreachable!("a wave is refused where that is asked")
        };
        let first = pieces.partition_point(|piece| piece.from <= from).saturating_sub(1);
        let (mut at, mut sum) = (from, 0.0);
        for (number, piece) in pieces.iter().enumerate().skip(first) {
            let end = pieces.get(number + 1).map_or(Time::MAX, |next| next.from);
            let (rate, slope) = match end {
                Time::MAX => (piece.end_per_s, 0.0),
                end => piece.rate_and_slope(at, end),
            };
            let width = end.min(to).since(at).as_secs();
            sum += (rate + 0.5 * slope * width) * width;
            at = end;
            if end >= to {
                break;
            }
        }
        sum
    }
}

/// The same over several pieces.
#[inline(never)]
fn after_pieces(pieces: &[Piece], now: Time, amount: f64) -> Option<Time> {
    let mut left = amount;
    let mut at = now;
    let mut number = pieces.partition_point(|piece| piece.from <= now).saturating_sub(1);
    loop {
        let piece = pieces[number];
        let Some(next) = pieces.get(number + 1) else {
            return spread(piece.end_per_s, left).map(|span| at.saturating_add(span));
        };
        let (rate, slope) = piece.rate_and_slope(at, next.from);
        let width = next.from.since(at).as_secs();
        let mass = (rate + 0.5 * slope * width) * width;
        if left <= mass && mass > 0.0 {
            let inside = if slope == 0.0 { left / rate } else { solve(rate, slope, left) };
            return Some(at.saturating_add(Span::from_secs(inside.min(width))));
        }
        left -= mass;
        at = next.from;
        number += 1;
    }
}

impl Wave {
    /// The same on a wave. Over a period the cumulative rate grows by mean · period whatever the
    /// phase, so only a part of one is left to be searched.
    #[inline(never)]
    fn after(&self, now: Time, amount: f64) -> Option<Time> {
        let period = self.period.as_secs();
        let each = self.mean_per_s * period;
        if each <= 0.0 {
            return None;
        }
        let whole = (amount / each).floor();
        let part = self.solve(self.phase(now), amount - whole * each);
        let span = Span::round(whole * self.period.nanos() as f64 + part * NANOS);
        Some(now.saturating_add(span))
    }

    /// How far `now` is into a period that begins at a peak, in [0, 2π).
    fn phase(&self, now: Time) -> f64 {
        let period = self.period.nanos();
        let into = (now.nanos() % period + period - self.peak.nanos() % period) % period;
        2.0 * PI * (into as f64 / period as f64)
    }

    /// Seconds after a moment at `phase` by which the cumulative rate has grown by `amount`, at
    /// most a period's: Newton's steps, and a bisection where one would leave the bracket.
    fn solve(&self, phase: f64, amount: f64) -> f64 {
        /// A tenth of a nanosecond: below what a moment can say.
        const CLOSE_SECS: f64 = 1e-10;
        const STEPS_MAX: u32 = 200;
        let pace = 2.0 * PI / self.period.as_secs();
        let (mut low, mut high) = (0.0, self.period.as_secs());
        let mut at = (amount / self.mean_per_s).min(high);
        for _ in 0..STEPS_MAX {
            let half = 0.5 * pace * at;
            // sin(phase + 2·half) − sin(phase), in the form that does not cancel.
            let swung = 2.0 * math::cos(phase + half) * math::sin(half) / pace;
            let over = self.mean_per_s * (at + self.amplitude * swung) - amount;
            if over > 0.0 {
                high = at
            } else {
                low = at
            }
            let rate = self.mean_per_s * (1.0 + self.amplitude * math::cos(phase + 2.0 * half));
            let newton = at - over / rate;
            let next = if low < newton && newton < high { newton } else { 0.5 * (low + high) };
            let step = (next - at).abs();
            at = next;
            if step <= CLOSE_SECS {
                break;
            }
        }
        at
    }
}

impl Piece {
    /// Rate at `at` (per second) and its slope (per second squared), in a piece ending at `end`.
    fn rate_and_slope(self, at: Time, end: Time) -> (f64, f64) {
        let width = end.since(self.from).as_secs();
        if self.start_per_s == self.end_per_s || width == 0.0 {
            return (self.start_per_s, 0.0);
        }
        let slope = (self.end_per_s - self.start_per_s) / width;
        (self.start_per_s + slope * at.since(self.from).as_secs(), slope)
    }
}

/// How long a constant rate takes to amount to `left`.
#[inline]
pub(crate) fn spread(per_s: f64, left: f64) -> Option<Span> {
    (per_s > 0.0).then(|| Span::round(left / per_s * NANOS))
}

/// The root t ≥ 0 of rate·t + slope·t²/2 = left, in the form that does not cancel.
fn solve(rate: f64, slope: f64, left: f64) -> f64 {
    let root = (rate * rate + 2.0 * slope * left).max(0.0).sqrt();
    2.0 * left / (rate + root)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn piece(from_s: f64, start_per_s: f64, end_per_s: f64) -> Piece {
        Piece { from: Time::from_secs(from_s), start_per_s, end_per_s }
    }

    #[test]
    fn a_level_rate_is_reached_by_division() {
        let profile = Profile::level(4.0);
        assert_eq!(profile.after(Time::from_secs(1.0), 2.0), Some(Time::from_secs(1.5)));
    }

    #[test]
    fn amounts_are_carried_over_steps_and_gaps() {
        let pieces = vec![piece(0.0, 10.0, 10.0), piece(1.0, 0.0, 0.0), piece(3.0, 2.0, 2.0)];
        let profile = Profile::pieces(pieces);
        assert_eq!(profile.after(Time::ZERO, 11.0), Some(Time::from_secs(3.5)));
    }

    #[test]
    fn a_ramp_from_nothing_reaches_a_triangle() {
        let pieces = vec![piece(0.0, 0.0, 10.0), piece(10.0, 10.0, 10.0)];
        let profile = Profile::pieces(pieces);
        assert_eq!(profile.after(Time::ZERO, 12.5), Some(Time::from_secs(5.0)));
        let falling = vec![piece(0.0, 10.0, 0.0), piece(10.0, 0.0, 0.0)];
        let profile = Profile::pieces(falling);
        assert_eq!(profile.after(Time::ZERO, 37.5), Some(Time::from_secs(5.0)));
        assert_eq!(profile.after(Time::ZERO, 51.0), None);
    }

    #[test]
    fn the_cumulative_rate_grows_by_an_amount_until_the_moment_that_this_leads_to() {
        let pieces = vec![piece(0.0, 2.0, 6.0), piece(4.0, 0.0, 0.0), piece(6.0, 3.0, 3.0)];
        let profile = Profile::pieces(pieces);
        for from in [0.0, 1.5, 4.5, 7.0].map(Time::from_secs) {
            for amount in [0.25, 3.0, 40.0] {
                let until = profile.after(from, amount).expect("it goes on");
                let grown = profile.between(from, until);
                assert!((grown - amount).abs() < 1e-7, "{from}, {amount}: {grown}");
            }
        }
        assert_eq!(profile.between(Time::from_secs(4.5), Time::from_secs(5.5)), 0.0);
    }

    fn wave(amplitude: f64) -> Profile {
        let (period, peak) = (Span::from_secs(20.0), Time::from_secs(5.0));
        let wave = Wave { mean_per_s: 10.0, amplitude, period, peak };
        Profile { curve: Curve::Wave(wave), spike: None }
    }

    /// Quarters of a sine by hand: from trough to zero and from zero to peak the swing takes and
    /// gives amplitude · mean · period / 2π.
    #[test]
    fn a_wave_is_reached_where_its_integral_says() {
        let quarter = 0.5 * 10.0 * 20.0 / (2.0 * PI);
        let profile = wave(0.5);
        let at = |from: f64, amount: f64| profile.after(Time::from_secs(from), amount);
        assert_eq!(at(0.0, 50.0 + quarter), Some(Time::from_secs(5.0)));
        assert_eq!(at(5.0, 50.0 + quarter), Some(Time::from_secs(10.0)));
        assert_eq!(at(10.0, 50.0 - quarter), Some(Time::from_secs(15.0)));
        assert_eq!(at(15.0, 600.0), Some(Time::from_secs(75.0)));
        assert_eq!(at(0.0, 650.0 + quarter), Some(Time::from_secs(65.0)));
    }

    /// One way of computing against another: a wave cut into ten thousand straight pieces. Near
    /// the trough of a full swing the rate is almost nothing, so a moment is the least certain.
    #[test]
    fn a_wave_is_where_its_straight_pieces_are() {
        for (amplitude, close_secs) in [(0.0, 2e-9), (0.5, 1e-6), (1.0, 2e-3)] {
            let profile = wave(amplitude);
            let rate = |at: f64| 10.0 * (1.0 + amplitude * math::cos(2.0 * PI * (at - 5.0) / 20.0));
            let cut = |number: u32| f64::from(number) * 0.005;
            let pieces = (0..10_000).map(|number| {
                piece(cut(number), rate(cut(number)).max(0.0), rate(cut(number + 1)).max(0.0))
            });
            let straight = Profile::pieces(pieces.collect());
            for number in 0..400 {
                let (from, amount) = (Time::from_secs(cut(number * 17)), 0.1 + cut(number) * 9.0);
                let (one, other) = (profile.after(from, amount), straight.after(from, amount));
                let apart =
                    one.zip(other).map(|(one, other)| one.since(other).max(other.since(one)));
                assert!(apart.is_some_and(|apart| apart.as_secs() <= close_secs), "{apart:?}");
            }
        }
    }

    #[test]
    fn a_wave_without_height_never_comes() {
        let wave = Wave {
            mean_per_s: 0.0,
            amplitude: 0.5,
            period: Span::from_secs(1.0),
            peak: Time::ZERO,
        };
        let profile = Profile { curve: Curve::Wave(wave), spike: None };
        assert_eq!(profile.after(Time::ZERO, 0.1), None);
    }
}
