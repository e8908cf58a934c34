//! A moving average that begins as a plain mean.

/// The mean of the first samples, then an exponential average of weight 2 / (window + 1).
#[derive(Debug, Clone, Copy)]
pub(super) struct Average {
    weight: f64,
    warmup: u32,
    count: u32,
    sum: f64,
    value: f64,
}

impl Average {
    /// Remembers about `window` samples, after a plain mean of the first `warmup`.
    pub(super) fn new(window: u32, warmup: u32) -> Average {
        let weight = 2.0 / (f64::from(window) + 1.0);
        Average { weight, warmup, count: 0, sum: 0.0, value: 0.0 }
    }

    /// Takes one more sample; the average with it.
    pub(super) fn add(&mut self, sample: f64) -> f64 {
        if self.count < self.warmup {
            self.count += 1;
            self.sum += sample;
            self.value = self.sum / f64::from(self.count);
        } else {
            self.value = self.value * (1.0 - self.weight) + sample * self.weight;
        }
        self.value
    }

    /// The average now, zero before the first sample.
    pub(super) fn value(&self) -> f64 {
        self.value
    }

    /// Multiplies what it holds; a mean still warming up forgets that with its next sample.
    pub(super) fn scale(&mut self, factor: f64) {
        self.value *= factor;
    }
}

/// The middle one of the last five values; before there are five, the value itself.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Median {
    values: [f64; 5],
    next: usize,
    count: usize,
}

impl Median {
    /// Takes one more value; what it makes of it.
    pub(super) fn add(&mut self, value: f64) -> f64 {
        self.values[self.next] = value;
        self.next = (self.next + 1) % self.values.len();
        if self.count < self.values.len() - 1 {
            self.count += 1;
            return value;
        }
        let mut sorted = self.values;
        sorted.sort_unstable_by(f64::total_cmp);
        sorted[sorted.len() / 2]
    }
}

/// Numbers in [0, 1) that spread evenly however many are taken: Weyl's sequence of the golden
/// ratio. Where it starts is the caller's affair, so that many limiters need not move in step.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Phase(pub(super) u64);

impl Phase {
    /// The next one.
    pub(super) fn next(&mut self) -> f64 {
        let share = crate::draw::unit(self.0);
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        share
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_a_mean_until_it_is_warm() {
        let mut average = Average::new(600, 3);
        assert_eq!([10.0, 20.0, 30.0].map(|sample| average.add(sample)), [10.0, 15.0, 20.0]);
        let weight = 2.0 / 601.0;
        assert_eq!(average.add(50.0), 20.0 * (1.0 - weight) + 50.0 * weight);
    }

    #[test]
    fn four_values_pass_and_the_fifth_is_the_middle_one() {
        let mut median = Median::default();
        let seen = [100.0, 300.0, 200.0, 200.0, 250.0].map(|value| median.add(value));
        assert_eq!(seen, [100.0, 300.0, 200.0, 200.0, 200.0]);
    }
}
