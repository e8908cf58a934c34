//! How many requests a batch has.

use brownout_core::dist::Dist;
use brownout_policies::math;

/// How many requests a batch has: whole numbers, 1 or more.
#[derive(Debug, Clone, PartialEq)]
pub enum Size {
    /// Always so many.
    Const(u32),
    /// Every whole number from the first to the second, equally often.
    Uniform(u32, u32),
    /// Geometric from 1 on, with this mean ≥ 1.
    Geometric(f64),
    /// Some numbers, by weight.
    Mixture(Vec<(f64, u32)>),
    /// These in order, and again from the first after the last.
    Sequence(Vec<u32>),
}

impl Size {
    /// Requests in a batch on average.
    pub fn mean(&self) -> f64 {
        match self {
            Size::Geometric(mean) => *mean,
            Size::Uniform(from, to) => 0.5 * (f64::from(*from) + f64::from(*to)),
            Size::Const(_) | Size::Mixture(_) | Size::Sequence(_) => self.dist().mean(),
        }
    }

    /// A distribution whose values, rounded up, are the sizes.
    pub(crate) fn dist(&self) -> Dist {
        match self {
            Size::Const(size) => Dist::constant(f64::from(*size)),
            Size::Uniform(from, to) => Dist::uniform(f64::from(*from) - 1.0, f64::from(*to)),
            // An exponential rounded up is geometric: P(size > k) = e^(−k/m) = (1 − 1/mean)^k.
            Size::Geometric(mean) if *mean > 1.0 => Dist::exp(-1.0 / math::ln_1p(-1.0 / mean)),
            Size::Geometric(_) => Dist::constant(1.0),
            Size::Mixture(parts) => {
                let parts = parts.iter();
                Dist::mixture(
                    parts
                        .map(|&(weight, size)| (weight, Dist::constant(f64::from(size))))
                        .collect::<Vec<_>>(),
                )
            }
            Size::Sequence(sizes) => {
                Dist::sequence(sizes.iter().map(|&size| f64::from(size)).collect::<Vec<_>>())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_exponential_rounded_up_is_geometric() {
        let size = Size::Geometric(4.0);
        for k in 1..20_u32 {
            let up_to = size.dist().cdf(f64::from(k)).expect("an exponential has one");
            assert!((up_to - (1.0 - math::powi(0.75, k))).abs() < 1e-15, "{k}");
        }
    }

    #[test]
    fn a_uniform_size_has_the_same_share_at_every_number() {
        let (size, exact) = (Size::Uniform(2, 5), [0.25, 0.5, 0.75, 1.0]);
        for (k, exact) in (2..=5).zip(exact) {
            assert_eq!(size.dist().cdf(f64::from(k)), Some(exact));
        }
        assert_eq!((size.mean(), size.dist().cdf(1.0)), (3.5, Some(0.0)));
    }

    #[test]
    fn means_are_those_of_whole_numbers() {
        assert_eq!(Size::Const(3).mean(), 3.0);
        assert_eq!(Size::Sequence(vec![1, 2, 6]).mean(), 3.0);
        assert_eq!(Size::Mixture(vec![(3.0, 1), (1.0, 5)]).mean(), 2.0);
    }
}
