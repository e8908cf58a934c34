//! Our samplers against those of `rand_distr` 0.6, sample against sample.

use super::sample;
use super::stats::assert_same_law;
use crate::dist::Dist;
use crate::draw::Draws;
use rand_distr::Distribution;

const COUNT: u64 = 200_000;

fn assert_agrees(ours: &Dist, theirs: impl Distribution<f64>, keep: impl Fn(f64) -> Option<f64>) {
    let mut draws = Draws::open(0x0AC1E, 7);
    let values = std::iter::repeat_with(|| theirs.sample(&mut draws)).filter_map(keep);
    let theirs = values.take(COUNT as usize).collect();
    assert_same_law(sample(ours, COUNT), theirs, &format!("{ours:?}"));
}

#[test]
fn uniform_exponential_and_gamma_agree_with_rand_distr() {
    let uniform = rand_distr::Uniform::new(2.0, 5.0).expect("valid");
    assert_agrees(&Dist::uniform(2.0, 5.0), uniform, Some);
    assert_agrees(&Dist::exp(3.0), rand_distr::Exp::new(1.0 / 3.0).expect("valid"), Some);
    for shape in [0.3, 1.0, 2.5, 40.0_f64] {
        let ours = Dist::gamma(2.0 * shape, 1.0 / shape.sqrt());
        assert_agrees(&ours, rand_distr::Gamma::new(shape, 2.0).expect("valid"), Some);
    }
    for k in [2, 30] {
        let gamma = rand_distr::Gamma::new(f64::from(k), 0.5).expect("valid");
        assert_agrees(&Dist::erlang(k, 0.5 * f64::from(k)), gamma, Some);
    }
}

#[test]
fn the_normal_family_agrees_with_rand_distr() {
    let log_normal = rand_distr::LogNormal::new(1.0, 0.5).expect("valid");
    assert_agrees(&Dist::log_normal(1.0, 0.5), log_normal, Some);
    for (mean, sd) in [(10.0, 2.0), (0.5, 1.0), (-1.5, 1.0)] {
        let normal = rand_distr::Normal::new(mean, sd).expect("valid");
        assert_agrees(&Dist::normal(mean, sd), normal, |x| (x >= 0.0).then_some(x));
        assert_agrees(&Dist::folded(mean, sd), normal, |x| Some(x.abs()));
    }
}

#[test]
fn the_heavy_tails_agree_with_rand_distr() {
    for shape in [0.7, 2.0] {
        let weibull = rand_distr::Weibull::new(3.0, shape).expect("valid");
        assert_agrees(&Dist::weibull(shape, 3.0), weibull, Some);
    }
    let pareto = rand_distr::Pareto::new(1.0, 1.5).expect("valid");
    assert_agrees(&Dist::pareto(1.5, 1.0), pareto, Some);
    let within = |x| (x <= 8.0).then_some(x);
    assert_agrees(&Dist::bounded_pareto(1.5, 1.0, 8.0), pareto, within);
    for (n, exponent) in [(1000, 1.1), (50, 1.0), (1_000_000, 0.8), (20, 3.0)] {
        let zipf = rand_distr::Zipf::new(n as f64, exponent).expect("valid");
        assert_agrees(&Dist::zipf(n, exponent), zipf, Some);
    }
}
