//! Where a distribution ends, degenerates, or is not one.

use super::stats::{assert_fits, assert_near};
use super::{ROOT, by_chance, sample, sample_in_a_row, stream};
use crate::dist::Dist;

#[test]
fn no_value_is_negative_or_beyond_the_support() {
    for dist in by_chance() {
        let ends = [0.0, 1.0].map(|p| dist.quantile(p).expect("it has quantiles"));
        for x in sample(&dist, 200_000) {
            assert!(x >= 0.0 && x.is_finite(), "{dist:?} drew {x}");
            let inside = x >= ends[0] * (1.0 - 1e-15) && x <= ends[1] * (1.0 + 1e-15);
            assert!(inside, "{dist:?} drew {x}, outside {ends:?}");
        }
    }
}

#[test]
fn the_bounded_pareto_never_exceeds_its_cap_and_does_not_pile_up_on_it() {
    for (shape, cap) in [(1.1, 5.0), (0.01, 1.001), (3.0, 1e12)] {
        let pareto = Dist::bounded_pareto(shape, 1.0, cap);
        let values = sample(&pareto, 200_000);
        assert!(values.iter().all(|x| (1.0..=cap).contains(x)));
        assert!(values.iter().filter(|x| **x == cap).count() <= 1);
        assert_fits(values, |x| pareto.cdf(x).expect("it has a CDF"), &format!("{pareto:?}"));
    }
}

#[test]
fn a_normal_is_never_negative_however_far_below_zero_its_mean() {
    for mean in [0.0, -0.999, -1.0, -1.001, -5.0, -40.0, -1e9] {
        let normal = Dist::normal(mean, 1.0);
        let values = sample(&normal, 100_000);
        assert!(values.iter().all(|x| *x >= 0.0));
        assert_fits(values, |x| normal.cdf(x).expect("it has a CDF"), &format!("{normal:?}"));
    }
}

#[test]
fn the_samplers_fit_at_unusual_parameters() {
    let unusual = [
        Dist::gamma(1.0, 10.0),
        Dist::gamma(1.0, 0.999),
        Dist::gamma(1.0, 1e-4),
        Dist::erlang(1_000_000, 1.0),
        Dist::weibull(0.2, 1.0),
        Dist::weibull(50.0, 1.0),
        Dist::pareto(0.5, 1.0),
        Dist::zipf(1, 1.0),
        Dist::zipf(2, 0.3),
        Dist::zipf(1 << 40, 0.7),
        Dist::zipf(1 << 40, 1.2),
        Dist::zipf(1_000_000_000, 1.0),
        Dist::zipf(100_000, 8.0),
        Dist::zipf(10, 1.000_000_001),
        Dist::log_normal(-3.0, 4.0),
        Dist::uniform(3.0, 3.0),
        Dist::folded(-50.0, 1.0),
        Dist::empirical([7.0]),
        Dist::mixture([(1.0, Dist::constant(1.0)), (1.0, Dist::exp(1.0))]),
    ];
    for dist in unusual {
        assert_eq!(dist.problems(), Vec::<String>::new(), "{dist:?}");
        let cdf = |x| dist.cdf(x).expect("it has a CDF");
        assert_fits(sample(&dist, 50_000), cdf, &format!("{dist:?}"));
    }
}

#[test]
fn without_spread_every_kind_that_may_have_none_is_a_constant() {
    let constants = [
        Dist::constant(4.0),
        Dist::uniform(4.0, 4.0),
        Dist::log_normal_mean_cv(4.0, 0.0),
        Dist::normal(4.0, 0.0),
        Dist::folded(-4.0, 0.0),
        Dist::gamma(4.0, 0.0),
    ];
    for dist in constants {
        assert_eq!(dist.variance(), 0.0, "{dist:?}");
        assert_near(dist.mean(), 4.0, 1e-15, &format!("{dist:?}"));
        for value in sample(&dist, 100) {
            assert_near(value, 4.0, 1e-15, &format!("{dist:?}"));
        }
        assert_eq!([dist.cdf(3.999), dist.cdf(4.001)], [Some(0.0), Some(1.0)], "{dist:?}");
    }
}

#[test]
fn parts_of_weight_zero_are_never_drawn_and_do_not_count() {
    let heavy = Dist::pareto(0.5, 1.0);
    let dist = Dist::mixture([
        (0.0, heavy.clone()),
        (0.1, Dist::constant(1.0)),
        (0.0, Dist::constant(9.0)),
        (0.2, Dist::constant(2.0)),
        (0.0, heavy),
    ]);
    assert!(sample(&dist, 100_000).iter().all(|x| *x == 1.0 || *x == 2.0));
    assert_near(dist.mean(), 5.0 / 3.0, 1e-15, "mean");
    assert_near(dist.variance(), 2.0 / 9.0, 1e-14, "variance");
    assert_eq!([dist.quantile(0.0), dist.quantile(1.0)], [Some(1.0), Some(2.0)]);
}

#[test]
fn a_sequence_within_a_mixture_answers_by_the_ordinal_of_the_draw() {
    let dist = Dist::mixture([(1.0, Dist::sequence([2.0, 3.0]))]);
    assert_eq!(sample_in_a_row(&dist.sampler(), 4), [2.0, 3.0, 2.0, 3.0]);
    assert_eq!((dist.cdf(2.0), dist.quantile(0.5)), (None, None));
}

#[test]
fn what_is_wrong_is_said_in_words() {
    let wrong: [(Dist, &[&str]); 16] = [
        (Dist::constant(-1.0), &["value is -1: it must be zero or more and finite"]),
        (Dist::uniform(5.0, 2.0), &["to is 2: it must be at least from, which is 5"]),
        (Dist::exp(-3.0), &["mean is -3: it must be positive and finite"]),
        (
            Dist::erlang(0, f64::INFINITY),
            &["k is 0: it must be at least 1", "mean is inf: it must be positive and finite"],
        ),
        (Dist::hyper_exp([]), &["the list of parts is empty: it must have at least one"]),
        (Dist::hyper_exp([(1.0, 0.0)]), &["mean 1 is 0: it must be positive and finite"]),
        (
            Dist::log_normal_p50_p99(-20.0, 150.0),
            &[
                "the median is NaN: it must be positive and finite",
                "sigma is NaN: it must be zero or more and finite",
            ],
        ),
        (Dist::normal(-2.0, 0.0), &["mean is -2 with sd 0: mean must then be zero or more"]),
        (Dist::folded(f64::NAN, 1.0), &["mean is NaN: it must be finite"]),
        (Dist::gamma(1.0, 1e200), &["cv is 1e200: mean times its square must be finite"]),
        (Dist::weibull(0.0, 1.0), &["shape is 0: it must be positive and finite"]),
        (
            Dist::bounded_pareto(1.0, 2.0, 1.0),
            &["cap is 1: it must be finite and above from, which is 2"],
        ),
        (Dist::zipf(0, 1.0), &["n is 0: it must be from 1 to 1099511627776"]),
        (Dist::empirical([1.0, -2.0]), &["value 1 is -2: it must be zero or more and finite"]),
        (
            Dist::mixture([(0.0, Dist::exp(-3.0))]),
            &[
                "the weights add up to 0: it must be positive and finite",
                "part 1: mean is -3: it must be positive and finite",
            ],
        ),
        (Dist::sequence([]), &["the list of values is empty: it must have at least one"]),
    ];
    for (dist, problems) in wrong {
        assert_eq!(dist.problems(), problems, "{dist:?}");
    }
}

#[test]
fn a_clone_of_a_sampler_draws_the_same() {
    for dist in Dist::examples() {
        let sampler = dist.sampler();
        let copy = sampler.clone();
        let (mut first, mut second) = (stream().draws(ROOT), stream().draws(ROOT));
        assert!((0..100).all(|n| sampler.sample(&mut first, n) == copy.sample(&mut second, n)));
        assert_eq!(first.word(), second.word());
    }
}
