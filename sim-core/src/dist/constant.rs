//! The same value every time.

use super::{Dist, Kind, Sample, problem, special};
use crate::Draws;

/// The same value every time (D in Kendall's notation).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Const {
    /// The value, ≥ 0.
    pub value: f64,
}

impl Dist {
    /// Always `value`.
    pub const fn constant(value: f64) -> Dist {
        Dist::Const(Const { value })
    }
}

impl Kind for Const {
    const NAME: &'static str = "Const";
    const ABOUT: &'static str = "the same value every time";
    type Sampler = Const;

    fn examples() -> Vec<Const> {
        vec![Const { value: 2.5 }]
    }

    fn problems(&self) -> Vec<String> {
        problem::unless_non_negative("value", self.value).into_iter().collect()
    }

    fn mean(&self) -> f64 {
        self.value
    }

    fn variance(&self) -> f64 {
        0.0
    }

    fn cdf(&self, x: f64) -> Option<f64> {
        Some(special::step(self.value, x))
    }

    fn quantile(&self, _: f64) -> Option<f64> {
        Some(self.value)
    }

    fn scaled(&self, factor: f64) -> Const {
        Const { value: self.value * factor }
    }

    fn sampler(&self) -> Const {
        *self
    }
}

impl Sample for Const {
    #[inline]
    fn sample(&self, _: &mut Draws, _: u64) -> f64 {
        self.value
    }
}
