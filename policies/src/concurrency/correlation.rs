//! Whether two things rise together, over the last so many pairs.

use alloc::boxed::Box;
use alloc::vec;

/// Sums over a ring of values.
#[derive(Debug, Clone)]
struct Sums {
    values: Box<[f64]>,
    count: usize,
    next: usize,
    sum: f64,
    squares: f64,
}

/// Mean, variance, and the deviation as a share of the mean.
#[derive(Debug, Clone, Copy)]
struct Moments {
    mean: f64,
    variance: f64,
    variation: f64,
}

impl Sums {
    fn new(size: u32) -> Sums {
        let values = vec![0.0; size.max(1) as usize].into();
        Sums { values, count: 0, next: 0, sum: 0.0, squares: 0.0 }
    }

    /// Takes a value, unless it is zero; the one that falls out, if the ring was full.
    fn add(&mut self, value: f64) -> Option<f64> {
        if value == 0.0 {
            return None;
        }
        let mut out = None;
        if self.count == self.values.len() {
            let old = self.values[self.next];
            self.sum -= old;
            self.squares -= old * old;
            out = Some(old);
        } else {
            self.count += 1;
        }
        self.values[self.next] = value;
        self.sum += value;
        self.squares += value * value;
        self.next = (self.next + 1) % self.values.len();
        out
    }

    fn moments(&self) -> Option<Moments> {
        if self.count < 2 {
            return None;
        }
        let count = self.count as f64;
        let mean = self.sum / count;
        let variance = self.squares / count - mean * mean;
        if variance < 0.0 || mean == 0.0 {
            return None;
        }
        Some(Moments { mean, variance, variation: libm::sqrt(variance) / mean })
    }
}

/// Pearson's coefficient of the last pairs, as failsafe-go keeps it.
#[derive(Debug, Clone)]
pub(super) struct Correlation {
    x: Sums,
    y: Sums,
    products: f64,
    warmup: usize,
}

impl Correlation {
    /// Over `size` pairs, silent before there are `warmup`.
    pub(super) fn new(size: u32, warmup: usize) -> Correlation {
        Correlation { x: Sums::new(size), y: Sums::new(size), products: 0.0, warmup }
    }

    /// Takes a pair; the coefficient in [−1, 1] and the variation of y. Both are zero before it is
    /// warm, and the coefficient is while either varies by less than 1 %.
    pub(super) fn add(&mut self, x: f64, y: f64) -> (f64, f64) {
        let (old_x, old_y) = (self.x.add(x), self.y.add(y));
        let (x_moments, y_moments) = (self.x.moments(), self.y.moments());
        if let Some(old_x) = old_x {
            self.products -= old_x * old_y.unwrap_or(0.0);
        }
        self.products += x * y;
        let (Some(by_x), Some(by_y)) = (x_moments, y_moments) else { return (0.0, 0.0) };
        if self.x.count < self.warmup {
            return (0.0, 0.0);
        }
        if by_x.variation < 0.01 || by_y.variation < 0.01 {
            return (0.0, by_y.variation);
        }
        let covariance = self.products / self.x.count as f64 - by_x.mean * by_y.mean;
        let deviations = libm::sqrt(by_x.variance) * libm::sqrt(by_y.variance);
        (covariance / deviations, by_y.variation)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_correlates_fully_once_it_is_warm() {
        let mut rising = Correlation::new(50, 10);
        let mut last = (0.0, 0.0);
        for step in 1..=12 {
            last = rising.add(f64::from(step), 3.0 * f64::from(step) + 1.0);
            assert!(step >= 10 || last == (0.0, 0.0));
        }
        assert!((last.0 - 1.0).abs() < 1e-9);
    }
}
