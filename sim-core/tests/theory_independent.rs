//! Closed forms against a second way of computing the same thing.

use brownout_core::math;
use brownout_core::theory::laplace;
use brownout_core::theory::transform::{self, Moments};
use brownout_core::theory::{
    birth_death, discipline, erlang_a, gim1, jackson, md1, mg1, mginf, mm1, mmc, mmck, mva,
    poisson, tandem, timeout, transient,
};

#[track_caller]
fn assert_close(found: f64, expected: f64, relative: f64) {
    let error = (found - expected).abs() / expected.abs().max(1e-300);
    assert!(error <= relative, "found {found}, expected {expected}: {error:e}");
}

/// ∫ f over [0, end] by Simpson's rule.
fn integral(f: impl Fn(f64) -> f64, end: f64, steps: u32) -> f64 {
    let step = end / f64::from(steps);
    let at = |k: u32| f(step * f64::from(k));
    let weight = |k: u32| if k % 2 == 1 { 4.0 } else { 2.0 };
    let inner: f64 = (1..steps).map(|k| weight(k) * at(k)).sum();
    (at(0) + inner + at(steps)) * step / 3.0
}

#[test]
fn mmc_is_the_birth_death_chain_it_stands_for() {
    for (lambda, mu, c) in [(0.8, 1.0, 1), (4.0, 1.0, 5), (19.0, 1.0, 20), (0.1, 2.0, 3)] {
        let chain = birth_death::stationary(|_| lambda, |n| f64::from(n.min(c)) * mu, 2_000);
        for n in [0, 1, c, c + 1, c + 40] {
            assert_close(mmc::in_system_pmf(lambda, mu, c, n), chain[n as usize], 1e-11);
        }
        let all_busy: f64 = chain[c as usize..].iter().sum();
        assert_close(mmc::prob_wait(lambda, mu, c), all_busy, 1e-11);
        assert_close(mmc::in_system_mean(lambda, mu, c), birth_death::mean(&chain), 1e-11);
    }
}

#[test]
fn means_and_variances_are_integrals_of_tails() {
    // E[X] = ∫ P(X > t) dt and E[X²] = ∫ 2t P(X > t) dt.
    let (l, m, c) = (4.0, 1.0, 5);
    let tail = |t| mmc::sojourn_tail(l, m, c, t);
    let mean = integral(tail, 60.0, 20_000);
    let second = integral(|t| 2.0 * t * tail(t), 60.0, 20_000);
    assert_close(mmc::sojourn_mean(l, m, c), mean, 1e-9);
    assert_close(mmc::sojourn_variance(l, m, c), second - mean * mean, 1e-9);

    let rates = [0.3, 0.8, 0.8, 2.0];
    let mean = integral(|t| tandem::tail(&rates, t), 120.0, 4_000);
    let second = integral(|t| 2.0 * t * tandem::tail(&rates, t), 120.0, 4_000);
    assert_close(tandem::mean(&rates), mean, 1e-9);
    assert_close(tandem::variance(&rates), second - mean * mean, 1e-9);

    let queue = mmck::solve(5.0, 1.0, 4, 12);
    assert_close(queue.wait_mean, integral(|t| queue.wait_tail(t), 40.0, 20_000), 1e-9);

    let closed = mva::finite_source(12, 3, 2.0, 1.0);
    assert_close(closed.response_mean, integral(|t| closed.response_tail(t), 60.0, 4_000), 1e-9);
}

#[test]
fn one_server_is_mm1_in_every_family() {
    let (l, m) = (0.7, 1.3);
    let sojourn = mm1::sojourn_quantile(l, m, 0.99);
    assert_close(mmc::sojourn_quantile(l, m, 1, 0.99), sojourn, 1e-13);
    assert_close(tandem::quantile(&tandem::sojourn_rates(l, &[m]), 0.99), sojourn, 1e-13);
    let service = transform::exponential(1.0 / m);
    assert_close(mg1::sojourn_quantile(l, 1.0 / m, &service, 0.99), sojourn, 1e-8);
    let wait = mm1::wait_quantile(l, m, 0.999);
    assert_close(mg1::wait_quantile(l, 1.0 / m, &service, 0.999), wait, 1e-7);
    let moments = Moments::exponential(1.0 / m);
    assert_close(mg1::wait_variance(l, &moments), mm1::wait_variance(l, m), 1e-13);
    let sigma = gim1::sigma(gim1::erlang(1, 1.0 / l), m);
    assert_close(sigma, l / m, 1e-13);
    assert_close(gim1::wait_variance(sigma, m), mm1::wait_variance(l, m), 1e-12);
    let deep = mmck::solve(l, m, 1, 400);
    assert_close(deep.sojourn_mean, mm1::sojourn_mean(l, m), 1e-12);
    assert_close(deep.wait_quantile(0.99), mm1::wait_quantile(l, m, 0.99), 1e-10);
}

#[test]
fn the_sojourn_of_mmc_has_no_seam_where_one_server_is_spare() {
    // At λ/μ = c − 1 the formula divides 0 by 0.
    let at = |lambda: f64| mmc::sojourn_tail(lambda, 1.0, 4, 2.5);
    assert_close(at(3.0), (at(3.0 - 1e-6) + at(3.0 + 1e-6)) / 2.0, 1e-11);
}

#[test]
fn md1_has_one_distribution_by_three_routes() {
    for lambda in [0.3, 0.8, 0.95] {
        let pmf = md1::in_system_pmf(lambda, 1.0, 1_200);
        assert_close(pmf.iter().sum(), 1.0, 1e-12);
        assert_close(birth_death::mean(&pmf), md1::in_system_mean(lambda, 1.0), 1e-10);
        // E[W] = ∫ P(W > t) dt, a service time at a time because the tail has a kink at each.
        let by_pieces: f64 = (0..400)
            .map(|n| {
                let start = f64::from(n) + 1e-12;
                integral(|u| 1.0 - md1::wait_cdf(lambda, 1.0, start + u), 1.0 - 2e-12, 40)
            })
            .sum();
        assert_close(by_pieces, md1::wait_mean(lambda, 1.0), 1e-7);
        let service = transform::deterministic(1.0);
        for t in [0.5, 2.5, 7.5] {
            let inverted = mg1::wait_tail(lambda, 1.0, &service, t);
            let summed = 1.0 - md1::wait_cdf(lambda, 1.0, t);
            assert!(
                (inverted - summed).abs() < 2e-5,
                "λ = {lambda}, t = {t}: {inverted}, {summed}"
            );
        }
    }
}

/// The sum of Erlang and Crommelin as printed, which alternates.
fn crommelin(lambda: f64, t: f64) -> f64 {
    let term = |k: u32| {
        let x = lambda * (f64::from(k) - t);
        math::powi(x, k) / math::gamma(f64::from(k) + 1.0) * math::exp(-x)
    };
    (1.0 - lambda) * (0..=t as u32).map(term).sum::<f64>()
}

#[test]
fn md1_agrees_with_crommelin_while_his_sum_holds_and_goes_on_after() {
    for t in [0.0, 0.3, 1.0, 2.7, 5.5, 9.9] {
        assert_close(md1::wait_cdf(0.9, 1.0, t), crommelin(0.9, t), 1e-9);
    }
    assert!((crommelin(0.9, 60.0) - 1.0).abs() > 1.0, "the alternating sum has lost every digit");
    // The tail decays at the root of e^{θ} = 1 + θ/λ: the ratio over one service time.
    let tail = |t| 1.0 - md1::wait_cdf(0.9, 1.0, t);
    let mut theta: f64 = 0.2;
    for _ in 0..100 {
        theta -= (math::exp(theta) - 1.0 - theta / 0.9) / (math::exp(theta) - 1.0 / 0.9);
    }
    assert_close(tail(61.0) / tail(60.0), math::exp(-theta), 1e-7);
}

#[test]
fn inversion_recovers_tails_that_are_known() {
    let mean = 2.0;
    for t in [0.05, 0.5, 3.0, 10.0, 20.0] {
        let exponential = laplace::tail(transform::exponential(mean), t);
        assert!((exponential - math::exp(-t / mean)).abs() < 1e-10, "t = {t}: {exponential}");
        let erlang = laplace::tail(transform::erlang(4, mean), t);
        assert!(
            (erlang - poisson::erlang_tail(4, mean / 4.0, t)).abs() < 2e-10,
            "t = {t}: {erlang}"
        );
    }
    // P(lognormal > t) = erfc((ln t − μ)/(σ√2))/2.
    let service = transform::lognormal(-0.8, 1.27);
    for t in [0.3, 1.0, 10.0, 50.0] {
        let z = (math::ln(t) + 0.8) / (1.27 * core::f64::consts::SQRT_2);
        let inverted = laplace::tail(&service, t);
        assert!((inverted - math::erfc(z) / 2.0).abs() < 1e-9, "t = {t}: {inverted}");
    }
}

#[test]
fn transforms_have_the_moments_that_are_claimed() {
    // −d/ds at 0 by a central difference of the real transform, for each law.
    let slope = |service: &dyn Fn(laplace::Complex) -> laplace::Complex| {
        let at = |s: f64| service(laplace::Complex::real(s)).re;
        (at(-1e-5) - at(1e-5)) / 2e-5
    };
    let branches = [(0.9, 0.5), (0.1, 5.5)];
    assert_close(slope(&transform::hyperexponential(&branches)), 1.0, 1e-8);
    assert_close(slope(&transform::lognormal(-0.5, 1.0)), 1.0, 1e-8);
    assert_close(slope(&transform::deterministic(1.7)), 1.7, 1e-8);
    assert_close(slope(&transform::erlang(3, 2.0)), 2.0, 1e-8);
    let pareto = Moments::bounded_pareto(1.5, 1.0, 50.0);
    assert_close(slope(&transform::bounded_pareto(1.5, 1.0, 50.0)), pareto.first, 1e-6);
    assert_close(Moments::erlang(3, 2.0).variance(), 4.0 / 3.0, 1e-14);
}

#[test]
fn mm1_from_empty_follows_its_chain() {
    // Uniformisation at λ + μ: the number of jumps by t is Poisson.
    let (lambda, mu, t) = (0.9, 1.0, 20.0);
    let mut state = vec![0.0; 300];
    state[0] = 1.0;
    let (mut empty, mut mean) = (0.0, 0.0);
    for jumps in 0..200 {
        let weight = poisson::pmf((lambda + mu) * t, jumps);
        empty += weight * state[0];
        mean += weight * birth_death::mean(&state);
        let up = lambda / (lambda + mu);
        let mut next = vec![0.0; state.len()];
        for (n, p) in state.iter().enumerate().take(299) {
            next[n + 1] += p * up;
            next[n.saturating_sub(1)] += p * (1.0 - up);
        }
        state = next;
    }
    assert_close(transient::prob_empty(lambda, mu, t), empty, 1e-8);
    assert_close(transient::in_system_mean(lambda, mu, t), mean, 1e-8);
}

#[test]
fn lifo_waits_have_the_variance_of_their_tail() {
    let (l, m) = (0.5, 1.0);
    let second =
        integral(|t| 2.0 * t * discipline::wait_tail_lifo(l, m, t.max(1e-9)), 200.0, 4_000);
    let mean = mm1::wait_mean(l, m);
    assert_close(discipline::wait_variance_lifo(l, m), second - mean * mean, 1e-5);
}

#[test]
fn queue_timeouts_have_no_seam_at_saturation_and_both_limits() {
    let near = |lambda| timeout::queue_timeout(lambda, 1.0, 3.0);
    for field in [
        |q: &timeout::QueueTimeout| q.prob_timeout,
        |q: &timeout::QueueTimeout| q.wait_mean_served,
        |q: &timeout::QueueTimeout| q.wait_tail_served(1.0),
    ] {
        let middle = (field(&near(1.0 - 1e-5)) + field(&near(1.0 + 1e-5))) / 2.0;
        assert_close(field(&near(1.0)), middle, 1e-8);
    }
    // No patience is Erlang's loss system, endless patience M/M/1; served and idle work balance.
    assert_close(timeout::queue_timeout(0.9, 1.0, 0.0).prob_timeout, mmc::erlang_b(0.9, 1), 1e-14);
    let patient = timeout::queue_timeout(0.9, 1.0, 400.0);
    assert_close(patient.wait_mean_served, mm1::wait_mean(0.9, 1.0), 1e-12);
    let queue = timeout::queue_timeout(1.7, 1.0, 3.0);
    assert_close(queue.goodput, 1.0 - queue.prob_empty, 1e-14);
    assert_close(
        queue.wait_mean_served,
        integral(|t| queue.wait_tail_served(t), 3.0, 2_000),
        1e-10,
    );
}

#[test]
fn wasted_work_is_all_work_less_what_was_in_time() {
    // In time: E[S; W + S ≤ τ] = ∫ s μe^{−μs} P(W ≤ τ − s) ds, over E[S] = 1/μ.
    let (l, m, tau) = (0.8, 1.0, 10.0);
    let in_time = |s: f64| s * m * math::exp(-m * s) * (1.0 - mm1::wait_tail(l, m, tau - s));
    let useful = integral(in_time, tau, 4_000) * m;
    assert_close(timeout::no_cancel(l, m, tau).wasted_work_fraction, 1.0 - useful, 1e-10);
}

#[test]
fn deadlines_abort_what_a_finite_dam_spills() {
    // Flow balance: the work done, 1 − p₀, is that of requests cut at the deadline.
    let (l, m, tau) = (0.9, 1.0, 4.0);
    let queue = timeout::deadline_abort(l, m, tau);
    let done = |wait: f64| -math::exp_m1(-m * (tau - wait)) / m;
    let density = |x: f64| queue.prob_empty * l * math::exp(-(m - l) * x) * done(x);
    let work = l * (queue.prob_empty * done(0.0) + integral(density, tau, 2_000));
    assert_close(1.0 - queue.prob_empty, work, 1e-10);
}

#[test]
fn patience_has_erlang_b_and_erlang_c_at_its_ends() {
    let hasty = erlang_a::solve(8.0, 1.0, 10, 1e7);
    assert_close(hasty.prob_abandon, mmc::erlang_b(8.0, 10), 1e-5);
    let patient = erlang_a::solve(8.0, 1.0, 10, 1e-3);
    assert_close(patient.prob_wait, mmc::erlang_c(8.0, 10), 5e-3);
    // Waits of all are those of the served and of the leavers, who wait no longer than patience.
    let queue = erlang_a::solve(12.0, 1.0, 10, 0.5);
    let served = (1.0 - queue.prob_abandon) * queue.wait_mean_served;
    assert!(served < queue.wait_mean && queue.wait_mean - served < queue.prob_abandon / 0.5);
}

#[test]
fn mva_of_one_station_is_the_finite_source_queue() {
    let network = mva::solve(10, 9.0, &[1.0]);
    let chain = mva::finite_source(10, 1, 9.0, 1.0);
    assert_close(network.throughput, chain.throughput, 1e-13);
    assert_close(network.response_mean, chain.response_mean, 1e-13);
    assert_close(chain.prob_wait(), mva::finite_source(9, 1, 9.0, 1.0).utilisation, 1e-13);
    assert_close(mva::saturation_clients(2.0, &[0.2, 0.3, 0.15]), 2.65 / 0.3, 1e-14);
}

#[test]
fn a_jackson_network_without_loops_is_its_tandem() {
    let routing = [vec![0.0, 1.0], vec![0.0, 0.0]];
    let stations =
        [jackson::Station { mu: 1.0, servers: 1 }, jackson::Station { mu: 1.5, servers: 1 }];
    let network = jackson::solve(&[0.7, 0.0], &routing, &stations);
    let tandem = tandem::mean(&tandem::sojourn_rates(0.7, &[1.0, 1.5]));
    assert_close(network.sojourn_mean, tandem, 1e-13);
}

#[test]
fn poisson_sums_keep_their_digits_far_out() {
    let direct: f64 = (0..=900).map(|n| poisson::pmf(1_000.0, n)).sum();
    assert_close(poisson::cdf(1_000.0, 900), direct, 1e-12);
    let complement: f64 = (901..2_000).map(|n| poisson::pmf(1_000.0, n)).sum();
    assert!((direct + complement - 1.0).abs() < 1e-11);
    let birth = birth_death::stationary(|_| 10.0, f64::from, 80);
    for n in [0, 7, 25, 60] {
        assert_close(mginf::in_system_pmf(20.0, 0.5, n), birth[n as usize], 1e-12);
    }
    assert_eq!((poisson::pmf(0.0, 0), poisson::pmf(0.0, 3)), (1.0, 0.0));
}

#[test]
fn beyond_saturation_there_is_no_steady_state() {
    assert_eq!(mm1::sojourn_quantile(1.2, 1.0, 0.5), f64::INFINITY);
    assert_eq!(mm1::wait_mean(1.0, 1.0), f64::INFINITY);
    assert_eq!(mmc::wait_mean(5.0, 1.0, 5), f64::INFINITY);
    assert_eq!(mmc::in_system_pmf(6.0, 1.0, 5, 3), 0.0);
    assert_eq!(md1::wait_quantile(1.1, 1.0, 0.5), f64::INFINITY);
    assert_eq!(mg1::wait_mean(2.0, &Moments::exponential(1.0)), f64::INFINITY);
    assert_eq!(gim1::sigma(gim1::deterministic(0.5), 1.0), 1.0);
    assert_eq!(tandem::quantile(&tandem::sojourn_rates(1.0, &[1.0, 2.0]), 0.5), f64::INFINITY);
}
