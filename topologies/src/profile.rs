//! Rates over time, inverted exactly: where the cumulative rate has grown by a given amount.
//!
//! An arrival process draws amounts (unit exponentials, or ones) and asks where they lead. The
//! draws do not depend on the rate, so a sweep over it meets the same luck everywhere.

use crate::graph::{Piece, Profile};
use brownout_core::{Span, Time};

const NANOS: f64 = 1e9;

impl Profile {
    /// A constant rate, per second.
    pub fn level(per_s: f64) -> Profile {
        let piece = Piece { from: Time::ZERO, start_per_s: per_s, end_per_s: per_s };
        Profile { pieces: vec![piece], calm: None }
    }

    /// The moment by which the cumulative rate has grown by `amount` since `now`, if ever.
    #[inline]
    pub fn after(&self, now: Time, amount: f64) -> Option<Time> {
        match &self.pieces[..] {
            [level] => spread(level.end_per_s, amount).map(|span| now.saturating_add(span)),
            _ => self.after_pieces(now, amount),
        }
    }

    /// The same over several pieces.
    fn after_pieces(&self, now: Time, amount: f64) -> Option<Time> {
        let mut left = amount;
        let mut at = now;
        let mut number = self.pieces.partition_point(|piece| piece.from <= now).saturating_sub(1);
        loop {
            let piece = self.pieces[number];
            let Some(next) = self.pieces.get(number + 1) else {
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

    /// The highest rate, per second.
    pub fn peak(&self) -> f64 {
        self.pieces.iter().fold(0.0, |peak, piece| piece.start_per_s.max(piece.end_per_s).max(peak))
    }

    /// The rate at the start, per second.
    pub fn initial(&self) -> f64 {
        self.pieces.first().map_or(0.0, |piece| piece.start_per_s)
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
fn spread(per_s: f64, left: f64) -> Option<Span> {
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
        let profile = Profile { pieces, calm: None };
        assert_eq!(profile.after(Time::ZERO, 11.0), Some(Time::from_secs(3.5)));
    }

    #[test]
    fn a_ramp_from_nothing_reaches_a_triangle() {
        let pieces = vec![piece(0.0, 0.0, 10.0), piece(10.0, 10.0, 10.0)];
        let profile = Profile { pieces, calm: None };
        assert_eq!(profile.after(Time::ZERO, 12.5), Some(Time::from_secs(5.0)));
        let falling = vec![piece(0.0, 10.0, 0.0), piece(10.0, 0.0, 0.0)];
        let profile = Profile { pieces: falling, calm: None };
        assert_eq!(profile.after(Time::ZERO, 37.5), Some(Time::from_secs(5.0)));
        assert_eq!(profile.after(Time::ZERO, 51.0), None);
    }
}
