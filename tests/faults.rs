//! Faults by hand: when they strike, whom, and what a request at a known moment makes of it.

mod kinds;
mod workers;

use brownout_core::random::Seed;
use brownout_tests::{measuring, parse, rows, ten_seconds_of_work, value};
use brownout_topologies::ledger::Plan;
use brownout_topologies::run::run;
use std::collections::BTreeMap;

/// The latency of the request at 1 s to ten seconds of work.
fn latency(faults: &str) -> f64 {
    value(&ten_seconds_of_work(&[1.0], "", &format!("faults: [{faults}],")), "mean(q)")
}

/// What every sentence says of the first replication.
fn told(text: &str, sentences: &[&str]) -> BTreeMap<String, f64> {
    let rows = rows(&measuring(text, sentences));
    rows.into_iter().map(|(text, runs)| (text, runs[0])).collect()
}

fn digest(text: &str) -> u64 {
    let experiment = parse(text);
    let finished = run(&experiment.variants[0].graph, Seed::new(7), &Plan::default());
    finished.unwrap_or_else(|error| panic!("{error}")).digest().word()
}

#[test]
fn a_fault_comes_again_as_often_as_it_says() {
    let slow = "Slow(service: \"q\", by: 2, at: \"3s\", lasts: \"2s\"";
    // 2 s done by 3; each bad stretch of 2 s costs one. Two stretches: 12, three: 13, at 3, 6, 9.
    assert_eq!(latency(&format!("{slow}, every: \"3s\", times: 2)")), 12.0);
    assert_eq!(latency(&format!("{slow}, every: \"3s\", times: 3)")), 13.0);
    // For ever: 2 s at 3, 6, 9, 12 …: of every 3 s two are done. 2 + 2·4 at 15: 14.
    assert_eq!(latency(&format!("{slow}, every: \"3s\")")), 14.0);
    // One after the other without a gap is one long fault.
    let gapless = latency(&format!("{slow}, every: \"2s\", times: 3)"));
    assert_eq!(gapless, latency("Slow(service: \"q\", by: 2, at: \"3s\", lasts: \"6s\")"));
}

#[test]
fn a_ramp_changes_the_pace_of_work_in_service_step_by_step() {
    // Strengths .25, .75, .75, .25 for 2 s each: paces 2, 4, 4, 2. 4 s done by 5; 1, ½, ½, 1 more
    // by 13; the last 3 s until 16.
    let ramp = "ramp: (up: \"4s\", down: \"4s\", steps: 2)";
    let slow = format!("Slow(service: \"q\", by: 5, at: \"5s\", lasts: \"8s\", {ramp})");
    assert_eq!(latency(&slow), 15.0);
}

#[test]
fn what_never_happens_changes_nothing_and_what_always_does_needs_no_luck() {
    let with = |faults: &str| {
        format!(
            "Experiment(
                name: \"luck\",
                run: (time: \"60s\", runs: 1),
                load: [Poisson(to: \"q\", rate: \"20/s\")],
                services: {{ \"q\": (replicas: 4, workers: 2, work: Exp(mean: \"100ms\")) }},
                faults: [{faults}],
            )"
        )
    };
    let slow = |rest: &str| {
        let slow = "Slow(service: \"q\", by: 3, at: \"10s\", lasts: \"2s\", every: \"5s\"";
        digest(&with(&format!("{slow}, {rest})")))
    };
    assert_eq!(slow("probability: \"0%\""), digest(&with("")));
    assert_eq!(slow("probability: \"100%\""), slow(""));
    assert_ne!(slow("probability: \"50%\""), slow(""));
    assert_eq!(slow("replicas: 4"), slow(""));
    assert_eq!(slow("replicas: \"100%\""), slow(""));
    assert_ne!(slow("replicas: 2"), slow("replicas: 3"));
}

/// Four replicas in turn, one request every 250 ms; every answer of the chosen ones is an error.
#[test]
fn a_blast_radius_is_a_share_of_the_replicas_and_stays_while_an_occurrence_does() {
    let errors = |replicas: &str| {
        let text = format!(
            "Experiment(
                name: \"radius\",
                run: (time: \"100s\", runs: 1),
                load: [Steady(to: \"q\", rate: \"4/s\")],
                services: {{ \"q\": (replicas: 4, workers: 2, work: Const(\"1ms\")) }},
                faults: [Errors(service: \"q\", ratio: \"100%\", {replicas}, at: \"0s\", \
                         lasts: \"10s\", every: \"10s\")],
            )"
        );
        value(&text, "errors(q)")
    };
    assert_eq!(errors("replica: 2"), 1.0);
    assert_eq!(errors("replicas: 3"), 3.0);
    assert_eq!(errors("replicas: \"50%\""), 2.0);
    assert_eq!(errors("replicas: \"1%\""), 1.0);
}

#[test]
fn a_black_hole_takes_requests_and_never_answers_while_work_inside_goes_on() {
    let text = ten_seconds_of_work(
        &[1.0, 5.0, 20.0],
        "",
        "faults: [BlackHole(service: \"q\", at: \"2s\", lasts: \"10s\")],",
    );
    let told = told(&text, &["mean(q)", "lost(q)", "in_system(l) during 100s..200s", "goodput(q)"]);
    assert_eq!((told["mean(q)"], told["goodput(q)"]), (10.0, 0.002));
    assert_eq!((told["lost(q)"], told["in_system(l) during 100s..200s"]), (0.001, 1.0));
}

#[test]
fn a_cut_of_workers_lets_work_in_service_end_and_a_cut_of_speed_slows_it() {
    let cut = |of: &str| {
        let text = ten_seconds_of_work(
            &[1.0, 1.0, 1.0, 1.0],
            "",
            &format!(
                "faults: [Capacity(service: \"q\", to: \"25%\", of: {of}, at: \"5s\", \
                      lasts: \"10s\")],"
            ),
        );
        value(&text.replace("workers: 1", "workers: 3"), "mean(q)")
    };
    // Three until 11; the fourth alone on the one worker that is left, from 11 to 21: mean of
    // 10, 10, 10, 20. Had there been none, it would have waited until 15.
    assert_eq!(cut("Workers"), 12.5);
    // 4 s done by 5, 2.5 in the bad ten, 3.5 until 18.5; the fourth from there to 28.5.
    assert_eq!(cut("Speed"), (3.0 * 17.5 + 27.5) / 4.0);
}

/// Work in service goes on to its end where workers are cut, and its worker is taken up no more:
/// not by one who is more important either, as long as more are in service than workers are left.
#[test]
fn nobody_is_interrupted_for_a_worker_that_a_cut_has_taken_away() {
    let load = |name: &str, at: f64, priority: u32| {
        format!(
            "Renewal(to: \"q\", every: Sequence([\"{at}s\", \"1000000s\"]), name: \"{name}\",
                     priority: {priority})"
        )
    };
    let took = |to: &str| {
        let loads = [load("a", 1.0, 1), load("b", 2.0, 1), load("c", 6.0, 0)].join(", ");
        let text = format!(
            "Experiment(
                name: \"by hand\",
                run: (time: \"1000s\", runs: 1),
                load: [{loads}],
                services: {{ \"q\": (workers: 2, work: Const(\"10s\"),
                                   queue: Priority(limit: 9, preemptive: true)) }},
                faults: [Capacity(service: \"q\", to: \"{to}\", of: Workers, at: \"5s\",
                                  lasts: \"30s\")],
            )"
        );
        ["a", "b", "c"].map(|name| value(&text, &format!("mean({name})")))
    };
    // None is left until 35: c begins then, and not at 6 with b's worker.
    assert_eq!(took("0%"), [10.0, 10.0, 39.0]);
    // One is left: at 11 a ends and its worker is gone; at 12 b ends, and c has the one left.
    assert_eq!(took("50%"), [10.0, 10.0, 16.0]);
    // Both are there: c takes b's worker at 6, and b goes on with a's, from 11 to 17.
    assert_eq!(took("100%"), [10.0, 15.0, 10.0]);
}

/// One call over a link of 1 s each way.
fn linked(faults: &str) -> String {
    let rest = format!("links: {{ \"l -> q\": (latency: \"1s\") }}, faults: [{faults}],");
    ten_seconds_of_work(&[1.0, 50.0], "", &rest)
}

#[test]
fn a_link_takes_longer_while_a_fault_is_at_work_on_it_in_its_direction() {
    let late = |rest: &str| {
        let fault =
            format!("Latency(link: \"l -> q\", add: \"3s\", at: \"0s\", lasts: \"30s\"{rest})");
        let told = told(&linked(&fault), &["mean(q) during 0s..40s", "mean(q) during 40s..100s"]);
        (told["mean(q) during 0s..40s"], told["mean(q) during 40s..100s"])
    };
    assert_eq!(late(""), (18.0, 12.0));
    assert_eq!(late(", direction: Forth"), (15.0, 12.0));
    assert_eq!(late(", direction: Back"), (15.0, 12.0));
    assert_eq!(late(", probability: \"0%\""), (12.0, 12.0));
    // Strength .5 from 0 to 10 s, when the request is sent; 1 when its answer is, at 13.5 s.
    assert_eq!(late(", ramp: (up: \"10s\", steps: 1)"), (10.0 + 2.5 + 4.0, 12.0));
}

/// A link without latency is no event at all, unless a fault can strike it.
#[test]
fn a_link_that_takes_no_time_can_be_struck_too() {
    let text =
        |faults: &str| ten_seconds_of_work(&[1.0, 20.0], "", &format!("faults: [{faults}],"));
    let late = "Latency(link: \"l -> q\", add: \"3s\", at: \"0s\", lasts: \"5s\")";
    assert_eq!(value(&text(late), "mean(q)"), 11.5);
    let lost = "Loss(link: \"l -> q\", ratio: \"100%\", at: \"0s\", lasts: \"5s\")";
    let told = told(&text(lost), &["lost(q)", "goodput(q)", "in_system(l) during 50s..60s"]);
    assert_eq!(told["lost(q)"], 0.001);
    assert_eq!((told["goodput(q)"], told["in_system(l) during 50s..60s"]), (0.001, 1.0));
}

/// Users call `a`, which calls `b`; their calls end after 3 s.
fn chain(faults: &str) -> BTreeMap<String, f64> {
    let text = format!(
        "Experiment(
            name: \"chain\",
            run: (time: \"100s\", runs: 1),
            load: [Steady(to: \"a\", rate: \"1/s\", name: \"l\")],
            services: {{
                \"a\": (workers: Unlimited, calls: [(to: \"b\", with: \"p\")]),
                \"b\": (workers: Unlimited, work: Const(\"100ms\")),
            }},
            policies: {{ \"p\": [Timeout(\"3s\")] }},
            faults: [{faults}],
        )"
    );
    told(&text, &["errors(l)", "finished(b)", "lost(b)", "lost(a)", "timed_out(b)"])
}

#[test]
fn a_partition_cuts_both_ways_or_one() {
    let cut = |rest: &str| {
        chain(&format!(
            "Partition(between: [\"a\"], and: [\"b\"], at: \"10s\", lasts: \"20s\"{rest})"
        ))
    };
    // Twenty requests from 10.5 to 29.5 s never reach b.
    let both = cut("");
    assert_eq!((both["errors(l)"], both["finished(b)"], both["lost(b)"]), (0.2, 0.8, 0.2));
    let forth = cut(", direction: Forth");
    assert_eq!((forth["errors(l)"], forth["finished(b)"]), (0.2, 0.8));
    // Only answers are lost: the work is done all the same.
    let back = cut(", direction: Back");
    assert_eq!((back["errors(l)"], back["finished(b)"]), (0.2, 1.0));
    assert_eq!((back["lost(a)"], back["timed_out(b)"]), (0.2, 0.2));
    // Named the other way round, answers go forth.
    let turned = chain(
        "Partition(between: [\"b\"], and: [\"a\"], at: \"10s\", lasts: \"20s\", direction: Forth)",
    );
    assert_eq!(turned, back);
    // Users call `a` from the same side.
    let around =
        chain("Partition(between: [\"l\", \"a\"], and: \"b\", at: \"10s\", lasts: \"20s\")");
    assert_eq!(around, both);
}

#[test]
fn a_load_comes_at_a_multiple_of_its_rate() {
    let offered = |rest: &str| {
        let text = format!(
            "Experiment(
                name: \"spike\",
                run: (time: \"100s\", runs: 1),
                load: [Steady(to: \"q\", rate: \"4/s\", name: \"web\")],
                services: {{ \"q\": (workers: Unlimited, work: Const(\"1ms\")) }},
                faults: [LoadSpike(load: \"web\", by: 3, at: \"20s\", lasts: \"10s\"{rest})],
            )"
        );
        let told = told(&text, &["offered(q)", "offered(q) during 20s..30s"]);
        (told["offered(q)"], told["offered(q) during 20s..30s"])
    };
    assert_eq!(offered(""), (4.8, 12.0));
    assert_eq!(offered(", every: \"20s\", times: 2"), (5.6, 12.0));
    assert_eq!(offered(", probability: \"0%\""), (4.0, 4.0));
    // Half as much more on the way up and down.
    assert_eq!(offered(", ramp: \"5s\""), (4.4, 8.0));
}

#[test]
fn a_spike_that_is_broken_off_leaves_other_loads_alone() {
    let told = |rest: &str| {
        let text = format!(
            "Experiment(
                name: \"spikes\",
                run: (time: \"100s\", runs: 1),
                load: [
                    Poisson(to: \"q\", rate: \"40/s\", name: \"web\"),
                    Poisson(to: \"r\", rate: \"40/s\", name: \"app\"),
                ],
                services: {{
                    \"q\": (workers: 1, queue: Unbounded, work: Exp(\"10ms\")),
                    \"r\": (workers: 1, queue: Unbounded, work: Exp(\"10ms\")),
                }},
                faults: [{rest}],
            )"
        );
        let of = |load| ["offered", "mean", "p99"].map(|what| format!("{what}(load.{load})"));
        let [web, app] = [of("web"), of("app")];
        let sentences: Vec<&str> = web.iter().chain(&app).map(String::as_str).collect();
        let told = told(&text, &sentences);
        [web, app].map(|own| own.map(|sentence| told[&sentence]))
    };
    let spike = "LoadSpike(load: \"web\", by: 3, at: \"20s\", lasts: \"40s\"";
    let [quiet, other] = told("");
    let [whole, beside_whole] = told(&format!("{spike})"));
    let guard = "abort_if: (watch: \"mean(q)\", above: \"1s\", window: \"2s\")";
    let [broken, beside_broken] = told(&format!("{spike}, {guard})"));
    // It begins, and is broken off; whoever calls elsewhere meets the same to the nanosecond.
    assert!(quiet[0] < broken[0] && broken[0] < whole[0], "{quiet:?} {broken:?} {whole:?}");
    assert_eq!((beside_whole, beside_broken), (other, other));
}

#[test]
fn a_domain_fails_together_or_not_at_all() {
    let text = "Experiment(
        name: \"rack\",
        run: (time: \"10s\", runs: 40),
        load: [Steady(to: \"a\", rate: \"1/s\"), Steady(to: \"b\", rate: \"1/s\")],
        services: {
            \"a\": (workers: 1, work: Const(\"1ms\")),
            \"b\": (replicas: 2, workers: 1, work: Const(\"1ms\")),
        },
        domains: { \"rack\": [\"a\", (service: \"b\", replica: 1)] },
        faults: [Crash(domain: \"rack\", at: \"0s\", probability: \"50%\")],
    )";
    let rows = rows(&measuring(text, &["refused(a)", "refused(b)"]));
    let both: Vec<(f64, f64)> =
        rows["refused(a)"].iter().copied().zip(rows["refused(b)"].iter().copied()).collect();
    assert!(both.iter().all(|pair| [(0.0, 0.0), (1.0, 0.5)].contains(pair)), "{both:?}");
    assert!(both.contains(&(0.0, 0.0)) && both.contains(&(1.0, 0.5)), "{both:?}");
}

#[test]
fn breakdowns_come_after_their_time_between_and_go_after_their_time_to_repair() {
    let down = "Breakdowns(service: \"q\", mtbf: Const(\"5s\"), mttr: Const(\"2s\")";
    // Down from 5 to 7, 12 to 14 …: 4 s by 5, 9 by 12, the last one until 15.
    assert_eq!(latency(&format!("{down})")), 14.0);
    // They begin at 4 and end at 12: down from 9 to 11 only.
    assert_eq!(latency(&format!("{down}, at: \"4s\", lasts: \"8s\")")), 12.0);
    let crash = format!("faults: [{down}, mode: Crash, lasts: \"10s\")],");
    let text = ten_seconds_of_work(&[1.0, 6.0, 8.0], "", &crash);
    let told = told(&text, &["mean(q)", "refused(q)", "lost(q)"]);
    assert_eq!((told["mean(q)"], told["refused(q)"], told["lost(q)"]), (10.0, 0.001, 0.001));
}

#[test]
fn what_breaks_down_while_busy_does_not_age_while_it_is_idle() {
    let worn = "faults: [Breakdowns(service: \"q\", mtbf: Const(\"4.5s\"), mttr: Const(\"2s\"), \
                while_busy: true)],";
    let text = ten_seconds_of_work(&[1.0, 30.0], "", worn);
    let told = told(&text, &["mean(q) during 0s..20s", "mean(q) during 20s..50s"]);
    // Broken from 5.5 to 7.5 and from 12 to 14; done at 15, one second into the next stretch.
    assert_eq!(told["mean(q) during 0s..20s"], 14.0);
    // The other 3.5 s of it from 30; broken until 35.5, and from 40 to 42; done at 44.
    assert_eq!(told["mean(q) during 20s..50s"], 14.0);
}

#[test]
fn each_replica_breaks_down_by_luck_of_its_own_and_a_domain_by_one() {
    let refused = |whom: &str| {
        let text = format!(
            "Experiment(
                name: \"luck\",
                run: (time: \"1000s\", runs: 1),
                load: [Steady(to: \"q\", rate: \"10/s\")],
                services: {{ \"q\": (replicas: 2, workers: 4, work: Const(\"1ms\"), balance: Random) }},
                domains: {{ \"all\": [\"q\"] }},
                faults: [Breakdowns({whom}, mtbf: \"10s\", mttr: \"10s\", mode: Crash)],
            )"
        );
        let told = told(&text, &["P(in_system(q) = 0)", "goodput(q)"]);
        told["goodput(q)"] / 10.0
    };
    // Half of the time down, either way; alone, replicas are down at different times.
    for whom in ["service: \"q\"", "domain: \"all\""] {
        assert!((refused(whom) - 0.5).abs() < 0.1, "{whom}: {}", refused(whom));
    }
}
