use super::*;
use brownout_policies::math;
use core::f64::consts::PI;

#[track_caller]
fn assert_close(found: f64, expected: f64, relative: f64) {
    let error = (found - expected).abs() / expected.abs().max(1e-300);
    assert!(error <= relative, "found {found}, expected {expected}, relative error {error:e}");
}

#[test]
fn student_quantiles_agree_with_printed_tables() {
    // p, degrees of freedom, t.
    let table = [
        (0.995, 9.0, 3.249835541592),
        (0.975, 9.0, 2.262157162798),
        (0.975, 29.0, 2.045229642133),
        (0.995, 29.0, 2.756385903671),
        (0.95, 10.0, 1.812461122812),
        (0.975, 4.0, 2.776445105198),
        (0.9995, 5.0, 6.868826625881),
        (0.975, 120.0, 1.979930405082),
    ];
    for (p, df, t) in table {
        assert_close(student_t_quantile(p, df), t, 1e-12);
        assert_close(student_t_quantile(1.0 - p, df), -t, 1e-12);
    }
}

/// P(|T| < √df tan θ) for a whole number of degrees (Abramowitz & Stegun 26.7.3 and 26.7.4).
fn inside(theta: f64, df: u32) -> f64 {
    let (sine, cosine) = (math::sin(theta), math::cos(theta));
    let series = |first: u32, start: f64| {
        let (mut term, mut sum) = (start, start);
        for k in (first..df.saturating_sub(1)).step_by(2) {
            term *= cosine * cosine * f64::from(k - 1) / f64::from(k);
            sum += term;
        }
        sum
    };
    match df {
        1 => 2.0 * theta / PI,
        odd if odd % 2 == 1 => 2.0 / PI * (theta + sine * series(3, cosine)),
        _ => sine * series(2, 1.0),
    }
}

#[test]
fn whole_degrees_of_freedom_have_closed_forms() {
    for df in (1..40).chain([99, 100, 101, 1_001]) {
        for step in 1..60 {
            let theta = PI / 2.0 * f64::from(step) / 60.0;
            let share = inside(theta, df);
            if share > 0.99999 {
                break;
            }
            let t = f64::from(df).sqrt() * math::sin(theta) / math::cos(theta);
            assert_close(student_t_quantile(0.5 + share / 2.0, f64::from(df)), t, 1e-10);
        }
    }
}

#[test]
fn many_degrees_of_freedom_lose_no_digits() {
    // P(|T| < t) by Abramowitz & Stegun 26.7.4 in fifty-digit arithmetic.
    for (df, t, share) in [
        (1e3, 1.96, 0.9497268150442513),
        (99_998.0, 1.96, 0.9500014367502391),
        (99_998.0, 4.0, 0.9999366120015323),
        (1e5, 1.96, 0.9500014368056984),
        (1e5, 4.0, 0.9999366120024428),
        (1e6, 4.0, 0.99993665296599),
    ] {
        assert_close(student_t_quantile(0.5 + share / 2.0, df), t, 2e-11);
    }
}

#[test]
fn student_tends_to_the_normal_as_its_expansion_says() {
    // Abramowitz & Stegun 26.7.5, to the third order in 1/df.
    for df in [1e3, 1e4, 9e4] {
        for p in [0.6, 0.975, 0.995, 0.9999] {
            let z = normal_quantile(p);
            let (z2, z4) = (z * z, z * z * z * z);
            let first = z * (z2 + 1.0) / (4.0 * df);
            let second = z * (5.0 * z4 + 16.0 * z2 + 3.0) / (96.0 * df * df);
            let third = z * (3.0 * z4 * z2 + 19.0 * z4 + 17.0 * z2 - 15.0) / (384.0 * df * df * df);
            let expansion = z + first + second + third;
            assert_close(student_t_quantile(p, df), expansion, 1e3 / (df * df * df * df) + 1e-11);
        }
    }
}

#[test]
fn normal_quantiles_agree_with_printed_tables() {
    for (p, z) in [
        (0.975, 1.959963984540054),
        (0.995, 2.575829303548901),
        (0.9995, 3.290526731491926),
        (0.75, 0.674489750196082),
        (1e-10, -6.361340902404056),
    ] {
        assert_close(normal_quantile(p), z, 1e-14);
    }
    assert_eq!(normal_quantile(0.5), 0.0);
}

#[test]
fn an_interval_worked_on_paper_comes_out() {
    // Mean 5, Σ(x − 5)² = 10, variance 2.5, standard error 1/√2, t(0.975; 4) = 2.776 445 105.
    let interval = mean_interval(&[3.0, 4.0, 5.0, 6.0, 7.0], 0.95).expect("five values");
    assert_eq!((interval.mean, interval.n), (5.0, 5));
    assert_close(interval.half_width, 2.776445105198 / 2.0_f64.sqrt(), 1e-12);
    assert!(interval.contains(3.1) && !interval.contains(3.0));
}

#[test]
fn no_interval_comes_from_fewer_than_two_values() {
    assert_eq!(mean_interval(&[], 0.95), None);
    assert_eq!(mean_interval(&[1.0], 0.95), None);
    assert_eq!(wilson(0, 0, 0.95), None);
}

#[test]
fn a_large_mean_does_not_swallow_a_small_variance() {
    let values: Vec<f64> = (0..1000).map(|i| 1e12 + f64::from(i % 2)).collect();
    assert_close(sample_variance(&values).expect("many values"), 250.0 / 999.0, 1e-12);
    assert_eq!(sum([1e16, 1.0, -1e16]), 1.0);
}

#[test]
fn wilson_gives_the_intervals_of_newcombe() {
    // Newcombe, Statistics in Medicine 17 (1998), table I, method 3: four decimals.
    for (successes, trials, low, high) in
        [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611)]
    {
        let interval = wilson(successes, trials, 0.95).expect("trials");
        assert!((interval.low - low).abs() < 5e-5, "{successes}/{trials}: {interval:?}");
        assert!((interval.high - high).abs() < 5e-5, "{successes}/{trials}: {interval:?}");
    }
    assert_close(wilson(1, 29, 0.95).expect("trials").high, 0.1718, 3e-4);
    assert_eq!(wilson(20, 20, 0.95).expect("trials").high, 1.0);
}

#[test]
fn wilson_ends_are_the_shares_whose_own_test_is_on_the_edge() {
    let interval = wilson(7, 100, 0.99).expect("trials");
    let z = normal_quantile(0.995);
    for end in [interval.low, interval.high] {
        let score = (0.07 - end).abs() / (end * (1.0 - end) / 100.0).sqrt();
        assert_close(score, z, 1e-12);
    }
}

#[test]
fn a_binomial_point_is_the_least_that_covers() {
    // P(X ≤ 2) for 4 fair coins is 11/16, P(X ≤ 3) is 15/16.
    assert_eq!(binomial_upper(4, 0.5, 11.0 / 16.0 - 1e-12), 2);
    assert_eq!(binomial_upper(4, 0.5, 11.0 / 16.0 + 1e-12), 3);
    assert_eq!(binomial_upper(4, 0.5, 1.0 - 1e-12), 4);
    assert_eq!(binomial_upper(0, 0.01, 0.999), 0);
    // (0.99)^100 Σ: P(X ≤ 4) = 0.99657, P(X ≤ 5) = 0.99946.
    assert_eq!(binomial_upper(100, 0.01, 0.999), 5);
}

#[test]
fn the_jackknife_of_one_value_per_replication_is_the_variance_of_a_sample() {
    let values = [3.0, 9.0, 4.0, 8.0, 1.0, 5.0];
    let runs: Vec<Totals> = values.iter().map(|&x| Totals::of(&[x])).collect();
    let interval = variance_interval(&runs, 0.95).expect("six runs");
    // The jackknife removes the 1/n bias of the pooled variance exactly.
    assert_close(interval.mean, sample_variance(&values).expect("six values"), 1e-12);
}

#[test]
fn variance_intervals_do_not_depend_on_where_zero_is() {
    let run = |shift: f64, k: u32| {
        let values: Vec<f64> = (0..50).map(|i| shift + f64::from((i * k + k) % 17)).collect();
        Totals::of(&values)
    };
    let near: Vec<Totals> = (1..9).map(|k| run(0.0, k)).collect();
    let far: Vec<Totals> = (1..9).map(|k| run(1e5, k)).collect();
    let (near, far) = (variance_interval(&near, 0.99), variance_interval(&far, 0.99));
    let (near, far) = (near.expect("eight runs"), far.expect("eight runs"));
    assert_close(far.mean, near.mean, 1e-4);
    assert_close(far.half_width, near.half_width, 1e-3);
}

/// Standard normals by inversion of SplitMix64.
fn normals(seed: u64) -> impl Iterator<Item = f64> {
    let mut state = seed;
    core::iter::repeat_with(move || {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        let unit = ((mixed ^ (mixed >> 31)) >> 11) as f64 + 0.5;
        normal_quantile(unit / (1u64 << 53) as f64)
    })
}

#[test]
fn intervals_cover_the_true_mean_as_often_as_they_say() {
    for (n, confidence) in [(2, 0.95), (10, 0.95), (10, 0.99)] {
        let mut draws = normals(n as u64);
        let covered = (0..10_000).filter(|_| {
            let values: Vec<f64> = draws.by_ref().take(n).collect();
            mean_interval(&values, confidence).expect("values").contains(0.0)
        });
        let share = wilson(covered.count() as u64, 10_000, 0.999).expect("trials");
        assert!(share.contains(confidence), "{n} values at {confidence}: covered {share:?}");
    }
}

#[test]
fn pooled_variances_have_no_bias() {
    let mut draws = normals(1);
    let mut run = |n: usize| Totals::of(&draws.by_ref().take(n).collect::<Vec<f64>>());
    let estimates: Vec<f64> = (0..2_000)
        .map(|_| {
            let runs = [run(4), run(4), run(4), run(4), run(4)];
            variance_interval(&runs, 0.95).expect("five runs").mean
        })
        .collect();
    let interval = mean_interval(&estimates, 0.999).expect("many estimates");
    assert!(interval.contains(1.0), "the variance of a standard normal is 1: {interval:?}");
}
