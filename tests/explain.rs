//! Every link of an explanation is said where its condition holds, and not where it does not; and
//! its numbers are those that sentences of `measure` give.

use brownout::incident::explain::{Certainty, Explanation, Finding, Kind, explain};
use brownout_core::random::Seed;
use brownout_tests::{measuring, parse, rows};

/// A ledger behind a checkout, with this client and these faults.
fn system(client: &str, faults: &str) -> String {
    format!(
        "Experiment(
            name: \"links\",
            run: (time: \"120s\", warmup: \"10s\", seed: 42, runs: 1),
            load: [Poisson(to: \"checkout\", rate: \"100/s\")],
            services: {{
                \"checkout\": (workers: 200, work: Exp(mean: \"2ms\"), calls: [(to: \"ledger\", with: \"client\")]),
                \"ledger\": (workers: 16, queue: Fifo(limit: 200), work: Exp(mean: \"80ms\")),
            }},
            policies: {{ \"client\": [{client}] }},
            faults: [{faults}],
        )"
    )
}

const SLOW: &str = "Slow(service: \"ledger\", by: 4, at: \"40s\", lasts: \"10s\")";
const NAIVE: &str = "Retry(times: 3), Timeout(\"500ms\")";

fn explained(text: &str) -> Explanation {
    let experiment = parse(text);
    let seed = Seed::new(experiment.seed);
    explain(&experiment, 0, seed).unwrap_or_else(|error| panic!("{error}"))
}

fn find<'e>(explanation: &'e Explanation, kind: Kind, service: &str) -> Option<&'e Finding> {
    let is_it = |one: &&Finding| {
        one.kind == kind && (service.is_empty() || one.service.as_deref() == Some(service))
    };
    explanation.findings.iter().find(is_it)
}

fn number(finding: Option<&Finding>, name: &str) -> f64 {
    let numbers = &finding.unwrap_or_else(|| panic!("it is said: {name}")).numbers;
    numbers.iter().find(|one| one.name == name).expect("it has this number").value
}

/// The kinds that are said of a service.
fn kinds(explanation: &Explanation, service: &str) -> Vec<Kind> {
    let own = explanation.findings.iter().filter(|one| one.service.as_deref() == Some(service));
    own.map(|one| one.kind).collect()
}

#[test]
fn a_retry_storm_has_every_link_and_its_numbers_are_those_of_sentences() {
    let text = system(NAIVE, SLOW);
    let found = explained(&text);
    use Kind::*;
    let expected = [
        Trigger, Overload, Queue, Refusals, Timeouts, Retries, KeptDown, StaleQueue, ForNobody,
        Work,
    ];
    assert_eq!(kinds(&found, "ledger"), expected, "{}", found.text());
    let asked = [
        "queue(ledger) during 40s..50s",
        "attempts(ledger) during 40s..50s",
        "offered(ledger) during 40s..50s",
        "wasted(ledger) during 60s..120s",
        "attempts(ledger) during 60s..120s",
        "goodput(checkout) during 60s..120s",
        "offered(checkout) during 60s..120s",
    ];
    let measured = rows(&measuring(&text, &asked));
    let of = |text: &str| measured[text][0];
    let close = |a: f64, b: f64| assert!((a - b).abs() <= 1e-9 * a.abs().max(1.0), "{a} {b}");
    close(number(find(&found, Queue, "ledger"), "during"), of(asked[0]));
    close(number(find(&found, Retries, "ledger"), "during"), of(asked[1]) / of(asked[2]));
    close(number(find(&found, ForNobody, "ledger"), "share"), of(asked[3]));
    close(number(find(&found, KeptDown, "ledger"), "rate"), of(asked[4]));
    close(number(find(&found, Verdict, ""), "good_after"), of(asked[5]) / of(asked[6]));
    // 80 ms on 16 workers: the first attempts ask for half of them.
    let first = number(find(&found, KeptDown, "ledger"), "first");
    assert!((0.45..0.55).contains(&first), "{first}");
    assert!(number(find(&found, KeptDown, "ledger"), "asked") > 1.1);
    let control = find(&found, Control, "").expect("there is a control arm");
    assert_eq!(control.certainty, Certainty::Clear);
}

#[test]
fn where_nothing_comes_of_a_trigger_no_link_is_said() {
    // A third more of half the workers leaves a third of them idle.
    let mild = "Slow(service: \"ledger\", by: 1.3, at: \"40s\", lasts: \"10s\")";
    let found = explained(&system("Timeout(\"2s\")", mild));
    assert_eq!(kinds(&found, "ledger"), [Kind::Trigger, Kind::Work], "{}", found.text());
    assert_eq!(kinds(&found, "checkout"), [Kind::Work], "{}", found.text());
    let slower = find(&found, Kind::Trigger, "ledger").expect("1.3 is more than 1.2");
    assert_eq!(slower.certainty, Certainty::Weak, "and less than 1.5: {}", slower.text);
    assert!(slower.text.contains("perhaps"), "{}", slower.text);
}

#[test]
fn without_a_trigger_nothing_is_blamed() {
    let found = explained(&system(NAIVE, ""));
    assert!(find(&found, Kind::Verdict, "").is_some_and(|one| one.text.contains("no trigger")));
    let allowed = |one: &Finding| matches!(one.kind, Kind::Verdict | Kind::Work);
    assert!(found.findings.iter().all(allowed), "{}", found.text());
}

#[test]
fn without_retries_they_are_not_blamed_and_the_system_recovers() {
    let found = explained(&system("Timeout(\"500ms\")", SLOW));
    for kind in [Kind::Retries, Kind::KeptDown, Kind::StaleQueue, Kind::ForNobody, Kind::HeldBack] {
        assert!(find(&found, kind, "").is_none(), "{}", found.text());
    }
    assert!(find(&found, Kind::Timeouts, "ledger").is_some());
    let recovery = number(find(&found, Kind::Verdict, ""), "recovery");
    assert!(recovery.is_finite(), "{}", found.text());
}

#[test]
fn a_budget_is_named_where_it_refuses_and_only_there() {
    let budget = "Retry(times: 3, budget: Ratio(share: \"10%\")), Timeout(\"500ms\")";
    let found = explained(&system(budget, SLOW));
    let held = find(&found, Kind::HeldBack, "ledger").expect("it refuses most of them");
    assert!(held.text.contains("Budgets") && number(Some(held), "refused") > 100.0);
    assert!(find(&explained(&system(NAIVE, SLOW)), Kind::HeldBack, "").is_none());
}

#[test]
fn a_breaker_is_named_where_it_opens_and_only_there() {
    let breaker = "Breaker(window: LastCalls, calls: 50, failure_share: \"50%\", open: \"5s\"), \
                   Timeout(\"500ms\")";
    let found = explained(&system(breaker, SLOW));
    let held = find(&found, Kind::HeldBack, "ledger").expect("it opens");
    assert!(held.text.contains("open") && number(Some(held), "opened") >= 1.0, "{}", held.text);
    let mild = "Slow(service: \"ledger\", by: 1.3, at: \"40s\", lasts: \"10s\")";
    assert!(find(&explained(&system(breaker, mild)), Kind::HeldBack, "").is_none());
}

#[test]
fn errors_and_standstill_and_load_are_told_apart_from_slowness() {
    let effect = |fault: &str| {
        let found = explained(&system("Timeout(\"500ms\")", fault));
        let all = found.findings.iter().filter(|one| one.kind == Kind::Trigger).skip(1);
        all.map(|one| one.text.clone()).collect::<Vec<String>>().join("\n")
    };
    let errors = effect("Errors(service: \"ledger\", ratio: \"40%\", at: \"40s\", lasts: \"10s\")");
    assert!(errors.contains("are refused, fail or are lost"), "{errors}");
    assert!(!errors.contains("times as long"), "{errors}");
    let stall = effect("Stall(service: \"ledger\", at: \"40s\", lasts: \"5s\")");
    assert!(stall.contains("of the work it did a second before"), "{stall}");
    let cut = effect("Capacity(service: \"ledger\", to: \"40%\", at: \"40s\", lasts: \"10s\")");
    assert!(cut.contains("of the 16 workers of ledger are taken"), "{cut}");
    let broken = "Breakdowns(service: \"ledger\", mode: Worker, mtbf: \"4s\", mttr: \"8s\", \
                  at: \"40s\", lasts: \"20s\")";
    assert!(effect(broken).contains("workers of ledger are taken"), "{}", effect(broken));
    let slow = effect(SLOW);
    assert!(!slow.contains("are taken"), "all of them work: {slow}");
    let spike = system("Timeout(\"2s\")", "").replace(
        "rate: \"100/s\"",
        "rate: Spike(base: \"100/s\", to: \"150/s\", at: \"40s\", lasts: \"10s\")",
    );
    let found = explained(&spike);
    let more = found.findings.iter().any(|one| one.text.contains("users send"));
    assert!(more && !found.text().contains("times as long"), "{}", found.text());
}

#[test]
fn workers_that_only_wait_spread_it_and_enough_of_them_do_not() {
    let with = |workers: u32| {
        let text = system("", SLOW).replace("workers: 200", &format!("workers: {workers}"));
        explained(&text)
    };
    let spread = with(20);
    let found = find(&spread, Kind::Spread, "checkout").expect("20 wait for the ledger");
    assert!(number(Some(found), "waiting") > 0.9, "{}", found.text);
    assert!(find(&with(5_000), Kind::Spread, "checkout").is_none());
}

#[test]
fn where_first_attempts_alone_are_too_many_retries_are_not_blamed() {
    let text = system(NAIVE, SLOW).replace("workers: 16", "workers: 6");
    let found = explained(&text);
    let kept = find(&found, Kind::KeptDown, "ledger").expect("100/s × 80 ms need 8 workers");
    assert!(kept.text.starts_with("Even the first attempts"), "{}", kept.text);
    assert!(number(Some(kept), "first") > 1.2);
    let control = find(&found, Kind::Control, "").expect("there is a control arm");
    assert!(control.text.contains("the trigger is not needed"), "{}", control.text);
}

#[test]
fn a_condition_that_stands_from_the_start_is_compared_with_the_control() {
    let standing = "Slow(service: \"ledger\", by: 3, at: \"0s\")";
    let found = explained(&system("Timeout(\"500ms\")", standing));
    assert!(found.text().contains("compared with the same run without it"), "{}", found.text());
    let slower = find(&found, Kind::Trigger, "ledger");
    assert!((2.9..3.1).contains(&(number(slower, "during") / number(slower, "before"))));
}

#[test]
fn pools_are_named_where_they_keep_callers_waiting_and_only_there() {
    let with = |pools: &str| {
        let crash = "Crash(service: \"ledger\", callers: Silence, at: \"40s\", lasts: \"2s\")";
        let calls = "calls: [(to: \"ledger\", with: \"client\")]";
        let text = system("", crash).replace(calls, &format!("{calls}, {pools}"));
        explained(&text)
    };
    let blind = with(
        "pools: { \"ledger\": (size: 20, timeout: \"1s\", connect: \"5ms\", socket_timeout: \"50s\") }",
    );
    let all: Vec<&Finding> =
        blind.findings.iter().filter(|one| one.kind == Kind::Connections).collect();
    let [dead, waits] = all.as_slice() else { panic!("{}", blind.text()) };
    // About eight are busy when the host goes, and every other one is lent soon after.
    assert!(number(Some(dead), "lent_dead") > 5.0, "{}", dead.text);
    assert_eq!(number(Some(dead), "connections"), 20.0);
    assert!(number(Some(waits), "without") > 0.1, "{}", waits.text);
    let kept = find(&blind, Kind::KeptDown, "ledger").expect("no socket is given up before 90s");
    assert!(kept.text.contains("wait for connections"), "{}", kept.text);
    let plain = with("");
    assert!(find(&plain, Kind::Connections, "").is_none(), "{}", plain.text());
}

#[test]
fn what_was_done_is_told_with_the_numbers_of_sentences() {
    let text = "Experiment(
        name: \"paid\",
        run: (time: \"60s\", seed: 5, runs: 1),
        load: [Poisson(to: \"pay\", rate: \"50/s\", with: [CLIENT])],
        services: { \"pay\": (workers: Unlimited, work: Exp(mean: \"10ms\"), effect: AtEnd) },
        faults: [Loss(link: \"poisson-pay -> pay\", ratio: \"20%\", direction: Back, at: \"0s\")],
    )";
    let retried = text.replace("CLIENT", "Retry(times: 1), Timeout(\"200ms\")");
    let found = explained(&retried);
    let deeds: Vec<&Finding> =
        found.findings.iter().filter(|one| one.kind == Kind::Deeds).collect();
    let [done, told] = deeds.as_slice() else { panic!("{}", found.text()) };
    let asked = ["effects(pay)", "duplicates(pay)", "offered(pay)"];
    let measured = rows(&measuring(&retried, &asked));
    let calls = measured[asked[2]][0] * 60.0;
    let close = |a: f64, b: f64| assert!((a - b).abs() < 0.01, "{a} {b}");
    close(number(Some(done), "effects"), measured[asked[0]][0] * calls);
    close(number(Some(done), "duplicates"), measured[asked[1]][0] * calls);
    assert!(number(Some(told), "done") > 0.9 * number(Some(told), "failed"), "{}", told.text);
    let once = explained(&text.replace("CLIENT", "Timeout(\"200ms\")"));
    assert!(once.text().contains("none of them twice"), "{}", once.text());
    assert!(find(&explained(&system(NAIVE, SLOW)), Kind::Deeds, "").is_none());
}
