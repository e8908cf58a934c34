//! Group d of the oracle: hedges, forks and joins; and deadlines that stop work.

use crate::harness::{Check, Score, is, is_rest, sum};

/// Requests that never wait, hedged after a delay. The windows of this file end long before their
/// runs do: what is still open at the end counts as slower than anything, and moves a tail.
struct Hedged {
    id: &'static str,
    extra: u32,
    work: &'static str,
    /// Requests per second.
    rate: u32,
    /// Seconds.
    time: u32,
    /// What the oracle's times are to be multiplied with to be seconds.
    unit: f64,
}

/// What becomes of who has lost.
const STOP: &str = "on_cancel: (queued: Remove, in_service: Stop)";

impl Hedged {
    /// The experiment, and the window in which it is looked at.
    fn text(&self, delay: &str, on_cancel: &str) -> (String, String) {
        let &Hedged { extra, work, rate, time, .. } = self;
        let text = format!(
            "Experiment(
                name: \"hedged\",
                run: (time: \"{time}s\", warmup: \"{}s\", seed: 31, runs: 40),
                load: [Poisson(to: \"q\", rate: \"{rate}/s\", name: \"l\",
                               with: [Hedge(after: \"{delay}\", extra: {extra})])],
                services: {{ \"q\": (workers: Unlimited, work: {work}, {on_cancel}) }},
            )",
            time / 28
        );
        (text, format!("during {}s..{}s", time / 28, time / 28 * 27))
    }

    fn check(&self, score: &mut Score, delays: &[(&str, &str)]) {
        for (suffix, delay) in delays {
            let (text, within) = self.text(delay, STOP);
            let named = |what: &str| -> &'static str { format!("{what}_{suffix}").leak() };
            let mut checks: Vec<Check> = ["mean", "p50", "p90", "p99", "p99.9"]
                .map(|what| {
                    let metric = format!("{what}(l) {within}");
                    sum(named(what), 0.0, &[(1.0 / self.unit, &metric)])
                })
                .into();
            let extra = named("extra_requests_per_request");
            checks.push(sum(extra, -1.0, &[(1.0, &format!("amplification(q) {within}"))]));
            score.case(self.id, &text, &checks);
        }
    }

    /// By Little, what is in service is what comes times the work that is done for it.
    fn check_work(&self, score: &mut Score, delays: &[(&str, &str)]) {
        for (suffix, delay) in delays {
            for (what, on_cancel) in
                [("server_work_with_cancel", STOP), ("server_work_no_cancel", "")]
            {
                let (text, within) = self.text(delay, on_cancel);
                let name: &'static str = format!("{what}_{suffix}").leak();
                let busy = format!("in_system(q) {within}");
                let work = sum(name, 0.0, &[(1.0 / f64::from(self.rate), &busy)]);
                score.case(self.id, &text, &[work]);
            }
        }
    }
}

#[test]
fn hedges_among_servers_that_are_always_free_have_the_tails_of_the_first_answer() {
    let mut score = Score::default();
    let work = "Exp(mean: \"1s\")";
    let one = Hedged { id: "D01", extra: 1, work, rate: 20, time: 2_800, unit: 1.0 };
    let delays = [("d0", "0s"), ("d0_5", "500ms"), ("dp95", "2995732274ns"), ("d5", "5s")];
    one.check(&mut score, &delays);
    one.check_work(&mut score, &delays);
    let two = Hedged { id: "D05", extra: 2, ..one };
    two.check(&mut score, &[("d1", "1s"), ("d2", "2s")]);
    score.finish();
}

#[test]
fn hedges_cut_the_tail_of_a_mixture() {
    let mut score = Score::default();
    let work = "HyperExp([(0.99, \"10ms\"), (0.01, \"1s\")])";
    let mixed = Hedged { id: "D03", extra: 1, work, rate: 200, time: 280, unit: 1e-3 };
    mixed.check(&mut score, &[("d0", "0s"), ("d10", "10ms"), ("d30", "30ms"), ("d100", "100ms")]);
    score.finish();
}

#[test]
fn a_fan_out_that_waits_for_all_is_as_slow_as_the_slowest() {
    let mut score = Score::default();
    for (n, rate) in [(2, "20/s"), (10, "10/s"), (100, "2/s"), (1000, "1/s")] {
        let text = format!(
            "Experiment(
                name: \"fan-out\",
                run: (time: \"600s\", warmup: \"50s\", seed: 33, runs: 40),
                load: [Poisson(to: \"root\", rate: \"{rate}\", name: \"l\")],
                services: {{
                    \"root\": (workers: Unlimited, endpoints: {{
                        \"ask\": [Parallel(branches: [Call(to: \"leaf\")], times: {n}, join: All)],
                    }}),
                    \"leaf\": (workers: Unlimited, work: Exp(mean: \"1s\")),
                }},
            )"
        );
        let named = |what: &str| -> &'static str { format!("{what}_max_exp_n{n}").leak() };
        let checks = ["mean", "var", "p50", "p99"]
            .map(|what| is(named(what), &format!("{what}(l) during 50s..550s")));
        score.case("D16", &text, &checks);
        if n == 100 {
            // One leaf in a hundred is slower than ln 100 s.
            let slow = "P(latency(l) > 4605170186ns) during 50s..550s";
            score.case("D16", &text, &[is("prob_any_over_leaf_p99_n100", slow)]);
        }
    }
    score.finish();
}

#[test]
fn a_fork_over_two_queues_is_joined_as_flatto_and_hahn_say() {
    let text = "Experiment(
        name: \"fork-join\",
        run: (time: \"20000s\", warmup: \"1000s\", seed: 34, runs: 40),
        load: [Poisson(to: \"root\", rate: \"0.7/s\", name: \"l\")],
        services: {
            \"root\": (workers: Unlimited, endpoints: {
                \"ask\": [Parallel([Call(to: \"one\"), Call(to: \"two\")])],
            }),
            \"one\": (workers: 1, queue: Unbounded, work: Exp(mean: \"1s\")),
            \"two\": (workers: 1, queue: Unbounded, work: Exp(mean: \"1s\")),
        },
    )";
    let mut score = Score::default();
    let checks = [
        is("mean_response", "mean(l)"),
        is("mean_response_per_branch", "mean(two)"),
        is("mean_jobs_incomplete", "in_system(root)"),
        sum("sync_delay_mean", 0.0, &[(1.0, "mean(l)"), (-0.5, "mean(one)"), (-0.5, "mean(two)")]),
    ];
    score.case("D18", text, &checks);
    score.finish();
}

#[test]
fn a_server_that_is_held_until_all_branches_are_done_is_an_mg1_with_the_slowest() {
    let mut score = Score::default();
    let checks = [
        is("mean_wait", "wait.mean(root)"),
        is("mean_response", "mean(l)"),
        is("utilization", "utilisation(root)"),
        sum("mean_service", 0.0, &[(1.0, "sojourn.mean(root)"), (-1.0, "wait.mean(root)")]),
    ];
    let fans = "Parallel(branches: [Call(to: \"leaf\")], times: 4)";
    let sleeps = "Parallel(branches: [Sleep(Exp(mean: \"1s\"))], times: 4)";
    for step in [fans, sleeps] {
        let text = format!(
            "Experiment(
                name: \"split-merge\",
                run: (time: \"20000s\", warmup: \"1000s\", seed: 35, runs: 40),
                load: [Poisson(to: \"root\", rate: \"0.3/s\", name: \"l\")],
                services: {{
                    \"root\": (workers: 1, queue: Unbounded, endpoints: {{ \"ask\": [{step}] }}),
                    \"leaf\": (workers: Unlimited, work: Exp(mean: \"1s\")),
                }},
            )"
        );
        score.case("D20", &text, &checks);
    }
    score.finish();
}

#[test]
fn a_quorum_is_reached_as_often_as_enough_of_its_branches_succeed() {
    let mut score = Score::default();
    let quorums = [
        ("kofn_3of4_0_9", 3, 4, 0.1, "200/s"),
        ("kofn_2of3_0_99", 2, 3, 0.01, "1000/s"),
        ("quorum_3of5_failp_0_6", 3, 5, 0.6, "200/s"),
    ];
    for (name, needed, times, ratio, rate) in quorums {
        let text = format!(
            "Experiment(
                name: \"quorum\",
                run: (time: \"30s\", seed: 37, runs: 40),
                load: [Poisson(to: \"root\", rate: \"{rate}\", name: \"l\")],
                services: {{ \"root\": (workers: Unlimited, endpoints: {{
                    \"ask\": [Parallel(branches: [Fail(ratio: {ratio})], times: {times},
                                      join: Quorum({needed}))],
                }}) }},
            )"
        );
        score.case("H01", &text, &[is(name, "availability(l)")]);
    }
    score.finish();
}

/// The same M/M/1 with patience whether the caller's cancel stops the work or the service does so
/// itself, from the deadline that came with the request.
#[test]
fn a_service_that_minds_deadlines_needs_no_cancel() {
    let text = "Experiment(
        name: \"deadline\",
        run: (time: \"40000s\", warmup: \"1000s\", seed: 36, runs: 40),
        load: [Poisson(to: \"q\", rate: \"0.9/s\", with: [Timeout(\"4s\")])],
        services: { \"q\": (workers: 1, queue: Unbounded, work: Exp(mean: \"1s\"),
                            on_deadline: (queued: Drop, in_service: Stop)) },
    )";
    let mut score = Score::default();
    let checks = [
        is_rest("prob_deadline_miss", "availability(q)"),
        is("goodput", "goodput(q)"),
        // Who waits beyond the deadline stays in the queue until its turn comes.
        is_rest("prob_empty", "utilisation(q)"),
    ];
    score.case("A46", text, &checks);
    score.finish();
}
