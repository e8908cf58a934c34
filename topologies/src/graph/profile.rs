//! Rates over time, as data.

use brownout_core::{Span, Time};

/// A rate over time.
#[derive(Debug, Clone, PartialEq)]
pub struct Profile {
    /// How it goes.
    pub curve: Curve,
    /// What of it is a trigger, if anything is.
    pub spike: Option<Spike>,
}

/// How a rate goes over time, from 0 to [`Time::MAX`].
#[derive(Debug, Clone, PartialEq)]
pub enum Curve {
    /// Straight pieces without a gap, in order of time.
    Pieces(Vec<Piece>),
    /// Up and down around a mean.
    Wave(Wave),
}

/// A straight piece of a curve.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Piece {
    /// Where it starts.
    pub from: Time,
    /// Requests per second at the start, ≥ 0.
    pub start_per_s: f64,
    /// Requests per second at the end of the piece; equal to the start for a level one.
    pub end_per_s: f64,
}

/// mean · (1 + amplitude · cos(2π (t − peak) / period)).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Wave {
    /// Requests per second on average over a period, ≥ 0.
    pub mean_per_s: f64,
    /// How far it goes up and down, as a share of the mean, in [0, 1].
    pub amplitude: f64,
    /// From peak to peak, > 0.
    pub period: Span,
    /// When it is highest.
    pub peak: Time,
}

/// A part of a profile that is a trigger, as faults are.
#[derive(Debug, Clone, PartialEq)]
pub struct Spike {
    /// Where the rate leaves its usual course.
    pub from: Time,
    /// Where it is back.
    pub until: Time,
    /// The usual course, for the control arm.
    pub calm: Curve,
}

impl Profile {
    /// A constant rate, per second.
    pub fn level(per_s: f64) -> Profile {
        Profile::pieces(vec![Piece { from: Time::ZERO, start_per_s: per_s, end_per_s: per_s }])
    }

    /// A rate of straight pieces, without a trigger.
    pub const fn pieces(pieces: Vec<Piece>) -> Profile {
        Profile { curve: Curve::Pieces(pieces), spike: None }
    }

    /// The highest rate on its usual course, per second.
    pub fn usual_peak(&self) -> f64 {
        self.spike.as_ref().map_or(&self.curve, |spike| &spike.calm).peak()
    }
}

impl Curve {
    /// The highest rate, per second.
    pub fn peak(&self) -> f64 {
        match self {
            Curve::Pieces(pieces) => pieces
                .iter()
                .fold(0.0, |peak, piece| piece.start_per_s.max(piece.end_per_s).max(peak)),
            Curve::Wave(wave) => wave.mean_per_s * (1.0 + wave.amplitude),
        }
    }
}
