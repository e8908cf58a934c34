//! Group c of the oracle, continued: how long retries wait.

use crate::harness::{Score, exact};
use brownout_core::math;
use brownout_core::{Draws, Span};
use brownout_policies::backoff::{Backoff, Jitter};

const BATCHES: u64 = 200;

/// Numbers of one kind, in batches: the mean of each batch, and its mean square about `mean`.
fn moments(each: u64, mean: f64, number: impl Fn(u64) -> f64) -> (Vec<f64>, Vec<f64>) {
    let batch = |batch: u64| {
        let (mut sum, mut squares) = (0.0, 0.0);
        for n in batch * each..(batch + 1) * each {
            let number = number(n);
            sum += number;
            squares += (number - mean) * (number - mean);
        }
        (sum / each as f64, squares / each as f64)
    };
    (0..BATCHES).map(batch).unzip()
}

/// Checks a mean and a variance by the names that a case has for them.
fn check(score: &mut Score, id: &str, [mean, var]: [&str; 2], number: impl Fn(u64) -> f64) {
    let (means, squares) = moments(500, exact(id, mean), number);
    score.check(mean, &means, exact(id, mean));
    score.check(var, &squares, exact(id, var));
}

#[test]
fn backoff_waits_have_their_moments() {
    let mut score = Score::default();
    let (from, cap) = (Span::from_secs(100.0), Span::from_secs(20_000.0));
    let grown = |jitter| Backoff::Exponential { from, factor: 2.0, cap, jitter, first: 1 };
    let wait = |jitter, k: u32, n: u64| {
        grown(jitter).wait(k - 1, None, &mut Draws::open(u64::from(k), n)).as_secs()
    };
    for k in 1..=8 {
        let names = [format!("full_jitter_mean_k{k}"), format!("full_jitter_var_k{k}")];
        check(&mut score, "C21", names.each_ref().map(|name| &**name), |n| {
            wait(Jitter::Full, k, n)
        });
        let names = [format!("equal_jitter_mean_k{k}"), format!("equal_jitter_var_k{k}")];
        check(&mut score, "C21", names.each_ref().map(|name| &**name), |n| {
            wait(Jitter::Equal, k, n + BATCHES * 500)
        });
        let bare = grown(Jitter::None).wait(k - 1, None, &mut Draws::open(0, 0));
        assert_eq!(bare.as_secs(), exact("C21", &format!("expo_no_jitter_k{k}")));
    }
    check(&mut score, "C21", ["full_jitter_mean_total_8", "full_jitter_var_total_8"], |n| {
        (1..=8).map(|k| wait(Jitter::Full, k, n)).sum()
    });
    score.finish();
}

/// The wait number `last`, from 1, of a chain of waits that each depend on the one before.
fn in_chain(backoff: Backoff, last: u32, key: u64, n: u64) -> Span {
    let (mut draws, mut wait) = (Draws::open(key, n), None);
    for k in 0..last {
        wait = Some(backoff.wait(k, wait, &mut draws));
    }
    wait.expect("the first wait has number 1")
}

#[test]
fn decorrelated_jitter_grows_by_half_on_average() {
    let mut score = Score::default();
    let from = Span::from_secs(100.0);
    let backoff = Backoff::Decorrelated { from, cap: Span::from_secs(1e9) };
    for k in 1..=10 {
        let names = [format!("uncapped_mean_k{k}"), format!("uncapped_var_k{k}")];
        let uncapped = 100.0 * (2.0 * math::powi(1.5, k) - 1.0);
        assert!((uncapped - exact("C22", &names[0])).abs() < 1e-6 * uncapped);
        check(&mut score, "C22", names.each_ref().map(|name| &**name), |n| {
            in_chain(backoff, k, 77, n).as_secs()
        });
    }
    score.finish();
}

#[test]
fn decorrelated_jitter_under_a_cap_comes_to_stand_still_in_distribution() {
    let mut score = Score::default();
    let (from, cap) = (Span::from_secs(100.0), Span::from_secs(20_000.0));
    let backoff = Backoff::Decorrelated { from, cap };
    let is_capped = |wait: Span| f64::from(u8::from(wait == cap));
    for k in [1, 2, 3, 4, 5, 6, 8, 10, 15, 20] {
        let (mean, capped) = (format!("capped_mean_k{k}"), format!("capped_prob_at_cap_k{k}"));
        let (means, _) = moments(500, 0.0, |n| in_chain(backoff, k, 78, n).as_secs());
        score.check(&mean, &means, exact("C22", &mean));
        // The fifth is capped once in 280 000 times.
        let each = if k == 5 { 50_000 } else { 500 };
        let (shares, _) = moments(each, 0.0, |n| is_capped(in_chain(backoff, k, 79, n)));
        score.check(&capped, &shares, exact("C22", &capped));
    }
    // After 200 of them nothing is left of how they began.
    let lasting = |n| in_chain(backoff, 200, 80, n);
    let names = ["capped_mean_stationary", "capped_var_stationary"];
    check(&mut score, "C22", names, |n| lasting(n).as_secs());
    let (shares, _) = moments(500, 0.0, |n| is_capped(lasting(n)));
    let capped = "capped_prob_at_cap_stationary";
    score.check(capped, &shares, exact("C22", capped));
    score.finish();
}
