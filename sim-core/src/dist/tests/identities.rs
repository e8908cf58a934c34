//! Two ways of computing one thing: CDF against quantile, moments against integrals.

use super::stats::assert_near;
use super::{by_chance, continuous};
use crate::dist::Dist;
use crate::math;

fn cdf(dist: &Dist, x: f64) -> f64 {
    dist.cdf(x).expect("what is drawn by chance has a CDF")
}

fn quantile(dist: &Dist, p: f64) -> f64 {
    dist.quantile(p).expect("what is drawn by chance has quantiles")
}

#[test]
fn the_quantile_of_a_values_level_is_the_value() {
    for dist in by_chance() {
        for i in 1..40 {
            let x = quantile(&dist, f64::from(i) / 40.0);
            assert_near(quantile(&dist, cdf(&dist, x)), x, 1e-9, &format!("{dist:?} at {x}"));
        }
    }
}

#[test]
fn a_quantile_is_the_least_value_that_reaches_its_level() {
    for dist in by_chance() {
        for i in 0..=200 {
            let p = f64::from(i) / 200.0;
            let x = quantile(&dist, p);
            let reached = cdf(&dist, x);
            assert!(reached >= p - 1e-12, "{dist:?}: P(X ≤ {x}) is {reached}, under {p}");
            let below = cdf(&dist, x * (1.0 - 1e-9) - 1e-12);
            assert!(below <= p + 1e-12, "{dist:?}: a value below {x} has {below} of {p} already");
        }
    }
}

#[test]
fn a_cdf_rises_from_zero_to_one() {
    for dist in by_chance() {
        assert_eq!(cdf(&dist, -1.0), 0.0, "{dist:?}");
        assert_eq!(cdf(&dist, f64::MAX), 1.0, "{dist:?}");
        let levels: Vec<f64> = (0..5000).map(|i| cdf(&dist, f64::from(i) / 50.0)).collect();
        assert!(levels.is_sorted(), "{dist:?} falls somewhere");
        assert!(levels.iter().all(|level| (0.0..=1.0).contains(level)), "{dist:?}");
    }
}

/// ∫ power·x^(power−1)·(1 − F(x)) dx over the support: E[X^power] for power 1 and 2. By Simpson's
/// rule on a logarithmic axis; below its start, at the support's or far under it, 1 − F is 1.
fn moment_by_integration(dist: &Dist, power: u32) -> f64 {
    const STEPS: u32 = 100_000;
    let end = math::ln(quantile(dist, 1.0 - 1e-15));
    let start = (end - 60.0).max(math::ln(quantile(dist, 0.0)));
    let step = (end - start) / f64::from(STEPS);
    let value = |x: f64| if power == 1 { x } else { 2.0 * x * x };
    let at = |i: u32| {
        let x = math::exp(start + step * f64::from(i));
        value(x) * (1.0 - cdf(dist, x))
    };
    let weight = |i: u32| if i % 2 == 1 { 4.0 } else { 2.0 };
    let inner: f64 = (1..STEPS).map(|i| weight(i) * at(i)).sum();
    math::powi(math::exp(start), power) + (at(0) + inner + at(STEPS)) * step / 3.0
}

#[test]
fn mean_and_variance_are_integrals_of_the_cdf() {
    for dist in continuous() {
        let (first, second) = (moment_by_integration(&dist, 1), moment_by_integration(&dist, 2));
        assert_near(dist.mean(), first, 1e-7, &format!("mean of {dist:?}"));
        let variance = second - first * first;
        // What cancels in the difference is allowed for.
        let relative = 1e-6 * (second / variance).max(1.0);
        assert_near(dist.variance(), variance, relative, &format!("variance of {dist:?}"));
    }
}

#[test]
fn mean_and_variance_of_ranks_are_sums_over_the_steps_of_the_cdf() {
    for (n, exponent) in [(1000, 1.1), (50, 1.0), (6, 0.0), (1, 2.0), (3000, 0.5)] {
        let zipf = Dist::zipf(n, exponent).scaled(2.0);
        let chance = |rank: u64| {
            let x = 2.0 * rank as f64;
            (x, cdf(&zipf, x) - cdf(&zipf, x - 1.0))
        };
        let mean: f64 = (1..=n).map(chance).map(|(x, p)| x * p).sum();
        let variance: f64 = (1..=n).map(chance).map(|(x, p)| (x - mean) * (x - mean) * p).sum();
        assert_near(zipf.mean(), mean, 1e-11, "mean");
        assert!((zipf.variance() - variance).abs() < 1e-9 * (1.0 + variance), "variance");
    }
}

#[test]
fn the_published_moments_of_the_bounded_pareto_are_ours() {
    // Harchol-Balter (2013): α = 1.5 on [1, 1000].
    let pareto = Dist::bounded_pareto(1.5, 1.0, 1000.0);
    assert_near(pareto.mean(), 2.905223541, 1e-9, "mean");
    let second = 91.87123503;
    assert_near(pareto.variance(), second - 2.905223541 * 2.905223541, 1e-8, "variance");
    // At α = 1 and α = 2 a moment's formula divides by zero; the moments pass through smoothly.
    for shape in [1.0, 2.0] {
        let [at, near] = [shape, shape + 1e-9].map(|shape| Dist::bounded_pareto(shape, 3.0, 90.0));
        assert_near(at.mean(), near.mean(), 1e-7, "mean");
        assert_near(at.variance(), near.variance(), 1e-7, "variance");
    }
}

#[test]
fn a_pareto_without_a_cap_is_the_limit_of_far_caps() {
    let open = Dist::pareto(4.5, 2.0);
    let capped = Dist::bounded_pareto(4.5, 2.0, 1e9);
    assert_near(open.mean(), capped.mean(), 1e-12, "mean");
    assert_near(open.variance(), capped.variance(), 1e-9, "variance");
    assert_eq!(Dist::pareto(1.0, 2.0).mean(), f64::INFINITY);
    assert_eq!(Dist::pareto(2.0, 2.0).variance(), f64::INFINITY);
}

#[test]
fn moments_worked_on_paper() {
    // 0.9·0.5 + 0.1·5.5 = 1; E[X²] = 2(0.9·0.25 + 0.1·30.25) = 6.5.
    let hyper = Dist::hyper_exp([(9.0, 0.5), (1.0, 5.5)]);
    assert_near(hyper.mean(), 1.0, 1e-15, "mean");
    assert_near(hyper.variance(), 5.5, 1e-14, "variance");
    // Two points: 0.95·0.5 + 0.05·10.5 = 1; variance 0.95·0.05·10².
    let points = Dist::mixture([(0.95, Dist::constant(0.5)), (0.05, Dist::constant(10.5))]);
    assert_near(points.mean(), 1.0, 1e-15, "mean");
    assert_near(points.variance(), 4.75, 1e-14, "variance");
    assert_eq!([points.quantile(0.95), points.quantile(0.951)], [Some(0.5), Some(10.5)]);
    // {1, 2, 3, 6}: mean 3, squares of distances 4 + 1 + 0 + 9.
    let list = Dist::empirical([3.0, 1.0, 6.0, 2.0]);
    assert_eq!((list.mean(), list.variance()), (3.0, 3.5));
    assert_eq!([list.quantile(0.5), list.quantile(0.51)], [Some(2.0), Some(3.0)]);
    // Weibull of shape 1 is exponential; of shape 2 its mean is scale·√π/2.
    assert_near(Dist::weibull(1.0, 3.0).variance(), 9.0, 1e-14, "variance");
    assert_near(Dist::weibull_mean(0.7, 5.0).mean(), 5.0, 1e-14, "mean");
    let rayleigh = std::f64::consts::PI.sqrt() / 2.0;
    assert_near(Dist::weibull(2.0, 1.0).mean(), rayleigh, 1e-14, "mean");
}
