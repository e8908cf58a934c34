//! Breakdowns: queues whose server fails (group a of the oracle), and who is up (group h).

use crate::harness::{Score, is, sum};

/// An experiment over `time` seconds; `rest` holds its services and what befalls them.
fn experiment(load: &str, time: u32, rest: &str) -> String {
    format!(
        "Experiment(
            name: \"breakdowns\",
            run: (time: \"{time}s\", warmup: \"{}s\", seed: 58, runs: 30),
            load: [{load}],
            {rest}
        )",
        time / 20
    )
}

const HALF: &str = "Poisson(to: \"q\", rate: \"0.5/s\")";

/// Beside the queue stands a probe that breaks down with it and is asked once a second.
#[test]
fn mm1_that_breaks_down_at_any_time_resumes_where_it_stopped() {
    let load = format!("{HALF}, Steady(to: \"probe\", rate: \"1/s\")");
    let text = experiment(
        &load,
        200_000,
        "services: {
            \"q\": (workers: 1, queue: Unbounded, work: Exp(mean: \"1s\")),
            \"probe\": (workers: 1, queue: Fifo(limit: 0), work: Const(\"0s\")),
        },
        domains: { \"machine\": [\"q\", \"probe\"] },
        faults: [Breakdowns(domain: \"machine\", mtbf: \"10s\", mttr: \"2.5s\")],",
    );
    let mut score = Score::default();
    let checks = [
        is("mean_in_system", "in_system(q)"),
        is("mean_sojourn", "sojourn.mean(q)"),
        is("availability", "availability(probe)"),
        is("pmf_in_system_0", "P(in_system(q) = 0)"),
        is("pmf_in_system_5", "P(in_system(q) = 5)"),
        is("pmf_in_system_20", "P(in_system(q) = 20)"),
    ];
    score.case("A58", &text, &checks);
    score.finish();
}

#[test]
fn mm1_that_breaks_down_only_while_it_serves_has_gavers_completion_times() {
    let text = experiment(
        HALF,
        200_000,
        "services: { \"q\": (workers: 1, queue: Unbounded, work: Exp(mean: \"1s\")) },
        faults: [Breakdowns(service: \"q\", mtbf: \"10s\", mttr: \"2.5s\", while_busy: true)],",
    );
    let mut score = Score::default();
    let checks = [
        is("completion_mean", "service.mean(q)"),
        is("mean_wait_to_first_start", "wait.mean(q)"),
        is("mean_sojourn", "sojourn.mean(q)"),
        is("utilization_incl_repair", "utilisation(q)"),
    ];
    score.case("A60", &text, &checks);
    score.finish();
}

/// Beside the queue stands one that always has more to do than it has workers.
#[test]
fn mm3_whose_workers_break_down_each_on_its_own_goes_on_with_another() {
    let workers =
        |name: &str| format!("\"{name}\": (workers: 3, queue: Unbounded, work: Exp(mean: \"1s\"))");
    let breakdowns = |name: &str| {
        format!("Breakdowns(service: \"{name}\", mode: Worker, mtbf: \"20s\", mttr: \"5s\")")
    };
    let text = experiment(
        "Poisson(to: \"q\", rate: \"1.8/s\"), Closed(to: \"full\", users: 9, think: \"0s\")",
        100_000,
        &format!(
            "services: {{ {}, {} }}, faults: [{}, {}],",
            workers("q"),
            workers("full"),
            breakdowns("q"),
            breakdowns("full")
        ),
    );
    let mut score = Score::default();
    let checks = [
        is("mean_in_system", "in_system(q)"),
        is("mean_sojourn", "sojourn.mean(q)"),
        is("mean_up_servers", "busy(full)"),
        is("prob_all_down", "P(busy(full) = 0)"),
    ];
    score.case("A62", &text, &checks);
    score.finish();
}

/// Users who ask once a second, at random, whether everything that they need is up.
fn availability(services: &str, faults: &str) -> String {
    experiment(
        "Poisson(to: \"front\", rate: \"1/s\")",
        100_000,
        &format!("services: {{ {services} }}, {faults}"),
    )
}

#[test]
fn a_chain_is_up_when_every_link_of_it_is() {
    let mut score = Score::default();
    let part = |name: &str| format!("\"{name}\": (workers: Unlimited, work: Const(\"0s\"))");
    let down = |whom: &str, up: &str, down: &str| {
        format!("Breakdowns({whom}, mtbf: \"{up}\", mttr: \"{down}\", mode: Crash)")
    };
    let names = ["a", "b", "c", "d", "e"];
    let calls: Vec<String> = names.iter().map(|name| format!("(to: \"{name}\")")).collect();
    let parts: Vec<String> = names.iter().map(|name| part(name)).collect();
    let faults = names.map(|name| down(&format!("service: \"{name}\""), "99s", "1s"));
    let front = format!("\"front\": (workers: Unlimited, calls: [{}])", calls.join(", "));
    let text = availability(
        &format!("{front}, {}", parts.join(", ")),
        &format!("faults: [{}],", faults.join(", ")),
    );
    score.case("H01", &text, &[is("series_5_at_0_99", "availability(front)")]);
    let alone = format!("faults: [{}],", down("service: \"front\"", "4s", "6s"));
    let single = [is("single_failp_0_6", "availability(front)")];
    score.case("H01", &availability(&part("front"), &alone), &single);
    score.finish();
}

/// Whoever fails to reach one host tries the next at once; what all of them stand in fails too.
#[test]
fn hosts_share_the_fate_of_what_they_stand_in() {
    let mut score = Score::default();
    let hosts = |count: u32, host_up: &str, all_up: &str| {
        let services = format!(
            "\"front\": (workers: Unlimited, calls: [(to: \"host\", with: \"others\")]),
             \"host\": (replicas: {count}, workers: Unlimited, work: Const(\"0s\"))"
        );
        let down = |whom: &str, up: &str| {
            format!("Breakdowns({whom}, mtbf: \"{up}\", mttr: \"1s\", mode: Crash)")
        };
        let faults = format!(
            "policies: {{ \"others\": [Retry(times: {}, wait: \"0s\")] }},
             domains: {{ \"site\": [\"host\"] }},
             faults: [{}, {}],",
            count - 1,
            down("service: \"host\"", host_up),
            down("domain: \"site\"", all_up)
        );
        availability(&services, &faults).replace("100000s", "400000s")
    };
    let up = [is("datacentre_0_999_hosts_3_at_0_99", "availability(front)")];
    score.case("H01", &hosts(3, "99s", "999s"), &up);
    // q = 1 %, of which 5 % strike both at once: 0.95 % each alone, 0.05 % together.
    let down = sum(
        "beta_factor_2_parallel_q0_01_beta0_05_unavailability",
        1.0,
        &[(-1.0, "availability(front)")],
    );
    score.case("H01", &hosts(2, "104.2631578947s", "1999s"), &[down]);
    score.finish();
}

#[test]
fn a_failover_takes_its_time_to_be_noticed_and_done() {
    let mut score = Score::default();
    let text = availability(
        "\"front\": (workers: Unlimited, work: Const(\"0s\"))",
        "faults: [Breakdowns(service: \"front\", mtbf: \"1000s\", mttr: Const(\"45s\"), mode: Crash)],",
    );
    let text = text.replace("100000s", "400000s");
    score.case("H03", &text, &[is("availability", "availability(front)")]);
    score.finish();
}
