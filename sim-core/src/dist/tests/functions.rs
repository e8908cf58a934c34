//! The special functions against values computed with 40 digits (mpmath 1.3), rounded to `f64`.

use super::stats::{assert_near, assert_within};
use crate::dist::{Dist, normal_quantile, special};
use crate::math;

/// (a, x, P(a, x)).
const GAMMA_P: [(f64, f64, f64); 16] = [
    (0.01, 1e-5, 0.8963367982671973),
    (0.3, 0.2, 0.6575067242697218),
    (1.0, 3.0, 0.950212931632136),
    (2.5, 0.5, 0.03743422675270363),
    (2.5, 9.0, 0.9970535954121197),
    (19.5, 15.0, 0.15082211090117423),
    (20.0, 30.0, 0.9781265315586092),
    (40.0, 40.0, 0.5210288610610552),
    (1e3, 930.0, 0.012008463910231248),
    (1e3, 1100.0, 0.99894067674607),
    (5e4, 50_200.0, 0.814533642938086),
    (4e6, 3_998_000.0, 0.15865524384575744),
    (4e6, 4_000_000.0, 0.5000664903801593),
    (4e6, 4_003_000.0, 0.9331658315778236),
    (1e10, 10_000_050_000.0, 0.6914633414371466),
    (1e14, 99_999_980_000_000.0, 0.022750126549082286),
];

#[test]
fn the_incomplete_gamma_function_is_right_at_every_size_of_its_shape() {
    for (a, x, expected) in GAMMA_P {
        assert_near(special::gamma_p(a, x), expected, 2e-11, &format!("P({a}, {x})"));
    }
}

#[test]
fn the_incomplete_gamma_function_rises_through_its_changes_of_method() {
    for a in [0.5, 19.999, 20.0, 999_999.0, 1_000_001.0_f64] {
        let spread = a.sqrt();
        let points = (-400..400).map(|i| a + 1.0 + spread * f64::from(i) / 80.0);
        let values: Vec<f64> = points.map(|x| special::gamma_p(a, x)).collect();
        assert!(values.is_sorted(), "P({a}, x) falls somewhere");
    }
    let either_side = [1e6, 1e6 + 1e-4].map(|a: f64| special::gamma_p(a, a + 1.3 * a.sqrt()));
    assert_within(either_side[0], either_side[1], 1e-10, "the series and Temme's expansion");
}

#[test]
fn the_normal_quantile_is_right_far_into_the_tail() {
    let quantiles = [
        (0.3, -0.5244005127080408),
        (0.99, 2.326347874040841),
        (0.025, -1.9599639845400543),
        (1e-6, -4.753424308822899),
        (1e-100, -21.273453560965326),
        (1e-300, -37.0470962993612),
    ];
    for (p, expected) in quantiles {
        assert_near(normal_quantile(p), expected, 1e-14, &format!("quantile {p}"));
    }
    assert_within(normal_quantile(0.5), 0.0, 1e-15, "the median");
    assert_eq!([normal_quantile(0.0), normal_quantile(1.0)], [f64::NEG_INFINITY, f64::INFINITY]);
}

#[test]
fn laplaces_fraction_meets_the_ratio_it_replaces() {
    for x in [special::FRACTION_FROM, 5.0, 8.0] {
        let hazard = special::normal_density(x) / special::normal_cdf(-x);
        assert_near(x + special::laplace_fraction(1, x), hazard, 1e-14, "hazard");
    }
}

#[test]
fn bisecting_the_bits_finds_the_very_float() {
    for x in [0.0, 1e-310, 0.1, 1.0, 1e300] {
        assert_eq!(special::least_where(|y| y >= x), x);
    }
    assert_eq!(special::least_where(|_| false), f64::INFINITY);
}

#[test]
fn the_conditioned_normal_has_the_moments_of_its_integral() {
    // (mean and sd before, mean and variance after, CDF at that mean), by quadrature.
    let cases = [
        (10.0, 2.0, 10.000002973439882, 3.999970265592341, 0.5000004497897865),
        (0.5, 1.0, 1.0091604338370335, 0.4861754356963671, 0.5584432935375073),
        (-1.0, 1.0, 0.5251352761609812, 0.1990976655703488, 0.5990509076754721),
        (-7.9, 2.0, 0.45592661305576888, 0.1903106803669209, 0.6236383869224835),
        (-8.1, 2.0, 0.4465912531122965, 0.18316710243398717, 0.623948216650569),
        (-30.0, 2.0, 0.13217365433564407, 0.017320495030239575, 0.6313266221294912),
        (-100.0, 1.0, 0.009998000999260705, 9.994004994826345e-5, 0.6321021772610617),
    ];
    for (mean, sd, mean_after, variance_after, level) in cases {
        let normal = Dist::normal(mean, sd);
        assert_near(normal.mean(), mean_after, 1e-12, "mean");
        assert_near(normal.variance(), variance_after, 1e-11, "variance");
        assert_near(normal.cdf(mean_after).expect("it has a CDF"), level, 1e-11, "CDF");
    }
}

#[test]
fn zipfs_sums_of_powers_are_right_from_ten_terms_to_a_million_million() {
    let sums = [
        (10, 1.0, 2.9289682539682538),
        (1000, 1.1, 5.572826676352741),
        (100_000, 1.0, 12.090146129863427),
        (100_000, 0.5, 630.9967586623787),
        (1_000_000_000_000, 1.2, 5.571677082650079),
        (1_000_000_000, 1.0, 21.300481502347942),
        (5000, 6.0, 1.0173430619844492),
    ];
    for (n, exponent, sum) in sums {
        // All the mass up to rank 1 is the first term of the sum, which is 1.
        let first = Dist::zipf(n, exponent).cdf(1.0).expect("it has a CDF");
        assert_near(1.0 / first, sum, 1e-13, &format!("zipf({n}, {exponent})"));
    }
    // Σk and Σk² over n, worked on paper.
    let level = Dist::zipf(100_000, 0.0);
    assert_near(level.mean(), 50_000.5, 1e-13, "mean of 1..=n");
    assert_near(level.variance(), (1e10 - 1.0) / 12.0, 1e-12, "variance of 1..=n");
}

#[test]
fn a_log_normal_given_by_quantiles_has_them() {
    let dist = Dist::log_normal_p50_p99(20.0, 150.0);
    assert_near(dist.quantile(0.5).expect("it has quantiles"), 20.0, 1e-14, "p50");
    assert_near(dist.quantile(0.99).expect("it has quantiles"), 150.0, 1e-13, "p99");
    let Dist::LogNormal(by_moments) = Dist::log_normal_mean_cv(1.0, 2.0) else { unreachable!() };
    assert_near(by_moments.mu, -0.8047189562, 1e-9, "mu");
    assert_near(by_moments.sigma, 1.2686362412, 1e-9, "sigma");
    assert_near(Dist::log_normal_mean_cv(1.0, 2.0).variance(), 4.0, 1e-14, "variance");
    let by_median = Dist::log_normal_median_sigma(40.0, 0.4);
    assert_near(by_median.quantile(0.5).expect("it has quantiles"), 40.0, 1e-14, "median");
    assert_near(by_median.mean(), 40.0 * math::exp(0.08), 1e-14, "mean");
}
