//! Samples against the distribution they are samples of.

use super::stats::{assert_even, assert_fits, assert_near, assert_within, mean, moment};
use super::{ROOT, by_chance, continuous, sample, sample_in_a_row, stream};
use crate::dist::{Dist, UnitExp};
use crate::draw::mix;

const COUNT: u64 = 200_000;

#[test]
fn one_value_per_request_fits_the_cdf() {
    for dist in by_chance() {
        let cdf = |x| dist.cdf(x).expect("it has a CDF");
        assert_fits(sample(&dist, COUNT), cdf, &format!("{dist:?}"));
    }
}

#[test]
fn one_value_per_request_fits_the_cdf_when_lineages_are_consecutive_numbers() {
    for dist in by_chance() {
        let (sampler, stream) = (dist.sampler(), stream());
        let values = (0..COUNT).map(|n| sampler.sample(&mut stream.draws(n), n)).collect();
        assert_fits(values, |x| dist.cdf(x).expect("it has a CDF"), &format!("{dist:?}"));
    }
}

#[test]
fn values_in_a_row_fit_the_cdf() {
    for dist in by_chance() {
        let values = sample_in_a_row(&dist.sampler(), COUNT);
        assert_fits(values, |x| dist.cdf(x).expect("it has a CDF"), &format!("{dist:?}"));
    }
}

#[test]
fn the_ziggurats_fit_to_one_part_in_a_thousand_at_every_level() {
    // Four million draws over a thousand cells of equal chance, so that a layer too thick or a
    // bit used twice shows.
    for dist in [Dist::exp(1.0), Dist::log_normal(0.0, 1.0), Dist::folded(0.0, 1.0)] {
        let mut counts = vec![0; 1000];
        for x in sample_in_a_row(&dist.sampler(), 4_000_000) {
            counts[(dist.cdf(x).expect("it has a CDF") * 1000.0) as usize] += 1;
        }
        assert_even(&counts, &format!("{dist:?}"));
    }
}

#[test]
fn the_tail_of_the_exponential_is_the_exponential_again() {
    let (exp, mut draws) = (UnitExp::new(), stream().draws(ROOT));
    // Beyond where the widest layer is cut, one draw in 2 200.
    let tail: Vec<f64> =
        (0..10_000_000).map(|_| exp.sample(&mut draws) - 7.7).filter(|x| *x > 0.0).collect();
    assert_within(tail.len() as f64, 4528.3, 4.5 * 67.3, "draws beyond 7.7 of 10⁷, e^−7.7 each");
    assert_fits(tail, |x| Dist::exp(1.0).cdf(x).expect("it has a CDF"), "the tail");
}

#[test]
fn the_tail_of_the_normal_is_the_normal_given_that_it_is_beyond() {
    const FROM: f64 = 3.66;
    let (folded, mut draws) = (Dist::folded(0.0, 1.0), stream().draws(ROOT));
    let sampler = folded.sampler();
    // Beyond where the widest layer is cut, one draw in 4 000.
    let values = (0..40_000_000).map(|n| sampler.sample(&mut draws, n));
    let tail: Vec<f64> = values.filter(|x| *x > FROM).collect();
    let below = |x| folded.cdf(x).expect("it has a CDF");
    let beyond = 1.0 - below(FROM);
    let expected = 4e7 * beyond;
    assert_within(tail.len() as f64, expected, 4.5 * expected.sqrt(), "draws in the tail");
    assert_fits(tail, |x| ((below(x) - below(FROM)) / beyond).max(0.0), "the tail");
}

#[test]
fn the_sample_mean_and_variance_are_those_of_the_distribution() {
    const COUNT: u64 = 1_000_000;
    for dist in by_chance() {
        let values = sample(&dist, COUNT);
        let (mean_expected, variance_expected) = (dist.mean(), dist.variance());
        let fourth = moment(&values, mean_expected, 4);
        let error = |variance: f64| 4.5 * (variance / COUNT as f64).sqrt();
        let of = format!("{dist:?}");
        assert_within(mean(&values), mean_expected, error(variance_expected), &of);
        let spread = fourth - variance_expected * variance_expected;
        let variance = moment(&values, mean_expected, 2);
        assert_within(variance, variance_expected, error(spread.max(0.0)) + 1e-12, &of);
    }
}

#[test]
fn a_sequence_is_its_values_in_order_again_and_again() {
    let sequence = Dist::sequence([2.0, 3.0, 100.0]);
    assert_eq!(sample(&sequence, 5), [2.0, 3.0, 100.0, 2.0, 3.0]);
    assert_eq!((sequence.cdf(3.0), sequence.quantile(0.5)), (None, None));
    assert_eq!(sequence.mean(), 35.0);
}

#[test]
fn an_erlang_drawn_as_a_sum_and_one_drawn_as_a_gamma_are_one_distribution() {
    for k in [1, 3, 4, 5, 8] {
        let erlang = Dist::erlang(k, 6.0);
        let gamma = Dist::gamma(6.0, 1.0 / f64::from(k).sqrt());
        assert_near(gamma.variance(), erlang.variance(), 1e-12, "variance");
        let cdf = |x| gamma.cdf(x).expect("a gamma has a CDF");
        assert_fits(sample(&erlang, COUNT), cdf, &format!("{erlang:?}"));
    }
}

#[test]
fn a_normal_far_below_zero_is_nearly_an_exponential() {
    // Given that it is positive, N(−m, 1) falls like e^(−mx − x²/2), and x is about 1/m.
    let normal = Dist::normal(-1e4, 1.0);
    assert_near(normal.mean(), 1e-4, 1e-7, "mean");
    assert_near(normal.variance(), 1e-8, 1e-6, "variance");
    assert_fits(sample(&normal, COUNT), |x| normal.cdf(x).expect("it has a CDF"), "normal");
    assert_fits(sample(&normal, COUNT), |x| Dist::exp(1e-4).cdf(x).unwrap_or(0.0), "exponential");
}

#[test]
fn a_scaled_distribution_draws_the_scaled_values() {
    for dist in Dist::examples() {
        let scaled = dist.scaled(250.0);
        assert_eq!(scaled.name(), dist.name());
        let pairs = sample(&dist, 1000).into_iter().zip(sample(&scaled, 1000));
        for (value, scaled) in pairs {
            assert_near(scaled, 250.0 * value, 1e-12, &format!("{dist:?}"));
        }
        assert_near(scaled.mean(), 250.0 * dist.mean(), 1e-12, "mean");
        assert_near(scaled.variance(), 62_500.0 * dist.variance(), 1e-9, "variance");
    }
}

#[test]
fn neighbouring_requests_draw_uncorrelated_values() {
    for dist in continuous() {
        // As levels, so that a heavy tail does not hide a dependence.
        let values = sample(&dist, COUNT);
        let levels: Vec<f64> = values.iter().map(|&x| dist.cdf(x).expect("it has a CDF")).collect();
        for lag in 1..=10 {
            let of = format!("{dist:?} at lag {lag}");
            super::stats::assert_uncorrelated(&levels[lag..], &levels[..levels.len() - lag], &of);
        }
    }
}

#[test]
fn other_draws_of_a_request_do_not_move_with_the_words_one_of_them_takes() {
    // A gamma rejects now and then; the same request's exponential, under its own name, stays.
    let stream = stream();
    let other = stream.member(1);
    let gamma = Dist::gamma(4.0, 1.5).sampler();
    let exp = Dist::exp(1.0).sampler();
    for n in 0..1000 {
        let lineage = mix(ROOT, n);
        let alone = exp.sample(&mut other.draws(lineage), n);
        gamma.sample(&mut stream.draws(lineage), n);
        assert_eq!(exp.sample(&mut other.draws(lineage), n), alone);
    }
}
