//! Scripts by hand: requests at known moments, and answers worked out on paper.

use brownout_tests::{arriving_at, measuring, rows, value};

/// Requests at these seconds to `q`, whose script this is; the other services stand behind it.
fn script(arrivals: &[f64], steps: &str, service: &str) -> String {
    let every = arriving_at(arrivals);
    format!(
        "Experiment(
            name: \"by hand\",
            run: (time: \"1000s\", runs: 1),
            load: [Renewal(to: \"q\", every: {every}, name: \"l\")],
            services: {{
                \"q\": (workers: 1, {service} endpoints: {{ \"go\": [{steps}] }}),
                \"a\": (workers: 9, work: Const(\"3s\"), on_cancel: (in_service: Stop)),
                \"b\": (workers: 9, work: Const(\"5s\"), on_cancel: (in_service: Stop)),
                \"c\": (workers: 9, work: Const(\"9s\"), on_cancel: (in_service: Stop)),
                \"bad\": (workers: 9, endpoints: {{ \"go\": [Work(\"2s\"), Fail] }}),
            }},
        )"
    )
}

/// How long the one request at 1 s is open: whether it succeeds or fails.
fn lasts(steps: &str, service: &str) -> (f64, f64) {
    let text = script(&[1.0], steps, service);
    let rows = rows(&measuring(&text, &["in_system(l)", "availability(l)"]));
    (rows["in_system(l)"][0] * 1000.0, rows["availability(l)"][0])
}

fn near(measured: f64, exact: f64) -> bool {
    (measured - exact).abs() < 1e-6
}

#[test]
fn work_may_come_after_calls_and_between_them() {
    let (open, good) =
        lasts("Work(\"1s\"), Call(\"a\"), Work(\"2s\"), Call(\"b\"), Work(\"4s\")", "");
    assert!(near(open, 15.0) && good == 1.0, "{open}");
}

#[test]
fn endpoints_share_the_workers_and_the_queue_of_their_service() {
    let text = "Experiment(
        name: \"two\",
        run: (time: \"100s\", runs: 1),
        load: [
            Renewal(to: \"q.slow\", every: Sequence([\"1s\", \"1s\", \"1000s\"]), name: \"s\"),
            Renewal(to: \"q.fast\", every: Sequence([\"4s\", \"1000s\"]), name: \"f\"),
        ],
        services: { \"q\": (workers: 1, endpoints: {
            \"slow\": [Work(\"5s\")],
            \"fast\": [Work(\"1s\")],
        }) },
    )";
    let asked = [
        "mean(q.slow)",
        "mean(q.fast)",
        "wait.mean(q.fast)",
        "service.mean(q.slow)",
        "busy(q.slow)",
        "busy(q)",
        "queue(q.fast)",
        "queue(q)",
        "utilisation(q)",
        "goodput(q.slow)",
        "arrived(q.fast)",
        "mean(q)",
    ];
    let rows = rows(&measuring(text, &asked));
    let value = |sentence: &str| rows[sentence][0];
    // Slow from 1 to 6 and, having waited since 2, to 11; fast, having come at 4, from 11 to 12.
    assert_eq!((value("mean(q.slow)"), value("mean(q.fast)")), (7.0, 8.0));
    assert_eq!((value("wait.mean(q.fast)"), value("service.mean(q.slow)")), (7.0, 5.0));
    assert!(near(value("busy(q.slow)"), 0.1) && near(value("busy(q)"), 0.11));
    assert!(near(value("queue(q.fast)"), 0.07) && near(value("queue(q)"), 0.11));
    assert!(near(value("utilisation(q)"), 0.11));
    assert_eq!((value("goodput(q.slow)"), value("arrived(q.fast)")), (0.02, 0.01));
    assert!(near(value("mean(q)"), 22.0 / 3.0));
}

#[test]
fn a_caller_that_names_no_endpoint_means_the_default_one() {
    let text = script(&[1.0], "Call(\"two\"), Call(\"two.other\")", "").replace(
        "\"a\": (",
        "\"two\": (endpoints: { \"default\": [Work(\"7s\")], \"other\": [Work(\"1s\")] }), \"a\": (",
    );
    assert_eq!((value(&text, "mean(l)"), value(&text, "mean(two.default)")), (8.0, 7.0));
}

#[test]
fn a_route_leads_to_an_endpoint_too() {
    let text = script(&[1.0], "Work(\"1s\")", "next: [(1, \"two.last\")],").replace(
        "\"a\": (",
        "\"two\": (endpoints: { \"first\": [Work(\"7s\")], \"last\": [Work(\"2s\")] }), \"a\": (",
    );
    assert_eq!((value(&text, "mean(l)"), value(&text, "finished(two.last)")), (3.0, 0.001));
}

#[test]
fn what_is_repeated_draws_anew_each_time() {
    let (open, _) =
        lasts("Repeat(times: 3, steps: [Work(Sequence([\"1s\", \"2s\", \"4s\"]))])", "");
    assert!(near(open, 7.0), "{open}");
    let (open, _) = lasts("Repeat(times: 4, steps: [Call(\"a\"), Sleep(\"1s\")])", "");
    assert!(near(open, 16.0), "{open}");
    let nested = "Repeat(times: 2, steps: [Work(\"1s\"), Repeat(times: 3, steps: [Work(\"2s\")])])";
    assert!(near(lasts(nested, "").0, 14.0));
    // Exponential rounds of one request differ, and so does their sum from a multiple of the first.
    let text = script(&[1.0], "Repeat(times: 2, steps: [Work(Exp(mean: \"1s\"))])", "");
    let once = script(&[1.0], "Work(Exp(mean: \"1s\"))", "");
    let (twice, once) = (value(&text, "mean(l)"), value(&once, "mean(l)"));
    assert!(twice > once && !near(twice, 2.0 * once), "{twice} {once}");
}

#[test]
fn a_sleeper_keeps_its_worker_where_workers_are_held() {
    let sleeps = "Work(\"1s\"), Sleep(\"3s\"), Work(\"1s\")";
    let mean = |service: &str| value(&script(&[1.0, 2.0], sleeps, service), "mean(l)");
    // Held: 1 to 6, then 6 to 11. Released: works at 1 and 5, and the other at 2 and 6.
    assert_eq!(mean(""), 7.0);
    assert_eq!(mean("while_calling: Released,"), 5.0);
}

#[test]
fn a_failure_ends_the_script() {
    let (open, good) = lasts("Work(\"1s\"), Fail, Work(\"1s\")", "");
    assert!(near(open, 1.0) && good == 0.0, "{open}");
    assert_eq!(lasts("Fail(ratio: 0), Work(\"1s\")", "").1, 1.0);
    // A call fails that fails at the other side, and what comes after it is skipped.
    let (open, good) = lasts("Call(\"bad\"), Work(\"1s\")", "");
    assert!(near(open, 2.0) && good == 0.0, "{open}");
    let text = script(&[1.0], "Work(\"1s\"), Fail", "");
    let rows = rows(&measuring(&text, &["failed(q)", "busy(q)"]));
    assert_eq!((rows["failed(q)"][0], rows["busy(q)"][0]), (0.001, 0.001));
}

#[test]
fn a_choice_takes_one_way_or_none() {
    let first = "Choice([(0, [Work(\"5s\")]), (1, [Work(\"2s\"), Call(\"a\")])]), Work(\"1s\")";
    assert!(near(lasts(first, "").0, 6.0));
    assert!(near(lasts("Choice([(0, [Fail])]), Work(\"1s\")", "").0, 1.0));
    // Of 4 000 requests a quarter works for a millisecond more and a half fails.
    let text = "Experiment(
        name: \"choice\",
        run: (time: \"400s\", seed: 3, runs: 1),
        load: [Steady(to: \"q\", rate: \"10/s\", name: \"l\")],
        services: { \"q\": (endpoints: { \"go\": [
            Work(\"1ms\"),
            Choice([(0.25, [Work(\"4ms\")]), (\"50%\", [Fail])]),
        ] }) },
    )";
    let rows = rows(&measuring(text, &["availability(l)", "busy(q)"]));
    let (good, busy) = (rows["availability(l)"][0], rows["busy(q)"][0]);
    // Four standard deviations of a share of 4 000: 0.032 and 0.027.
    assert!((good - 0.5).abs() < 0.032 && (busy - 0.02).abs() < 0.04 * 0.027, "{good} {busy}");
}

#[test]
fn a_join_waits_for_all_for_one_or_for_a_quorum() {
    let of = |join: &str| {
        let calls = "Call(\"a\"), Call(\"b\"), Call(\"c\")";
        lasts(&format!("Parallel(branches: [{calls}], join: {join}), Sleep(\"1s\")"), "").0
    };
    assert!(near(of("All"), 10.0) && near(of("Any"), 4.0) && near(of("Quorum(2)"), 6.0));
    let many = "Parallel(branches: [Call(\"a\")], times: 8, join: Quorum(of: 5))";
    assert!(near(lasts(many, "").0, 3.0));
    let text = script(&[1.0], many, "");
    assert_eq!(value(&text, "attempts(a)"), 0.008);
}

#[test]
fn a_join_fails_when_too_many_branches_have_failed() {
    let of = |branches: &str, join: &str| {
        lasts(&format!("Parallel(branches: [{branches}], join: {join})"), "")
    };
    // `bad` fails after 2 s, a succeeds after 3, b after 5.
    assert_eq!(of("Call(\"bad\"), Call(\"b\")", "All"), (2.0, 0.0));
    assert_eq!(of("Call(\"bad\"), Call(\"b\")", "Any"), (5.0, 1.0));
    assert_eq!(of("Call(\"bad\"), Call(\"a\"), Call(\"b\")", "Quorum(2)"), (5.0, 1.0));
    let late = "[Sleep(\"4s\"), Fail]";
    let three = format!("Call(\"bad\"), {late}, Call(\"b\")");
    assert_eq!(of(&three, "Quorum(2)"), (4.0, 0.0));
    assert_eq!(of(&format!("Call(\"bad\"), {late}"), "Any"), (4.0, 0.0));
    // Decided before all branches have begun: the third is never started.
    let text = script(&[1.0], "Parallel([Fail, Call(\"a\")])", "");
    let rows = rows(&measuring(&text, &["attempts(a)", "availability(l)", "failed(q)"]));
    assert_eq!((rows["attempts(a)"][0], rows["availability(l)"][0]), (0.0, 0.0));
    assert_eq!(rows["failed(q)"][0], 0.001);
}

#[test]
fn branches_that_nobody_waits_for_run_on_or_stop_as_after_a_cancel() {
    let of = |service: &str| {
        let calls = "Parallel(branches: [Call(\"a\"), [Call(\"c\"), Work(\"1s\")]], join: Any)";
        let text = script(&[1.0], calls, service);
        let rows = rows(&measuring(&text, &["busy(c)", "wasted(c)", "busy(q)", "mean(l)"]));
        assert_eq!(rows["mean(l)"][0], 3.0);
        (rows["busy(c)"][0] * 1000.0, rows["wasted(c)"][0], rows["busy(q)"][0] * 1000.0)
    };
    // Left to run: c works for all its 9 s, and the branch for its own second after that.
    let (c, wasted, q) = of("");
    assert!(near(c, 9.0) && wasted == 1.0 && near(q, 4.0), "{c} {wasted} {q}");
    let (c, wasted, q) = of("on_cancel: (in_service: Stop),");
    assert!(near(c, 3.0) && wasted == 1.0 && near(q, 3.0), "{c} {wasted} {q}");
}

#[test]
fn branches_that_work_take_over_the_worker_of_their_request_and_line_up_for_others() {
    let works = "Parallel([Work(\"2s\"), Work(\"3s\")]), Work(\"1s\")";
    let mean = |arrivals: &[f64], workers: u32| {
        let text = script(arrivals, works, "")
            .replace("\"q\": (workers: 1,", &format!("\"q\": (workers: {workers},"));
        (value(&text, "mean(l)"), value(&text, "busy(q)") * 1000.0)
    };
    // One worker: 2 s, then 3 s in the queue's turn, then the join hands it on.
    let (mean_1, busy_1) = mean(&[1.0], 1);
    assert!(mean_1 == 6.0 && near(busy_1, 6.0), "{mean_1} {busy_1}");
    // Two: both at once; the one that ends first gives its worker back.
    let (mean_2, busy_2) = mean(&[1.0], 2);
    assert!(mean_2 == 4.0 && near(busy_2, 6.0), "{mean_2} {busy_2}");
    // One worker, another request at 1.5: 1 to 3, then the second branch, which lined up first,
    // to 6, the rest to 7; the other request begins at 7 and is done at 13.
    assert_eq!(mean(&[1.0, 1.5], 1).0, (6.0 + 11.5) / 2.0);
    let deep = "Parallel([[Parallel([Work(\"1s\"), Work(\"2s\")]), Work(\"4s\")], Work(\"8s\")])";
    let (open, good) = lasts(deep, "");
    assert!(near(open, 15.0) && good == 1.0, "{open}");
    assert!(near(lasts(deep, "while_calling: Released,").0, 15.0));
    // The only worker is two forks further up, and comes back by two joins.
    let up = "Parallel([[Parallel([Work(\"1s\"), Sleep(\"5s\")])], Sleep(\"2s\")]), Work(\"1s\")";
    assert!(near(lasts(up, "").0, 6.0));
}

#[test]
fn a_request_holds_its_worker_while_its_branches_call_or_lets_it_go() {
    let calls = "Work(\"1s\"), Parallel([Call(\"a\"), Call(\"b\")]), Work(\"1s\")";
    let mean = |service: &str| value(&script(&[1.0, 2.0], calls, service), "mean(l)");
    // Held: 1 to 8 and 8 to 15. Released: 1, 7 to 8; 2, 8 to 9.
    assert_eq!(mean(""), (7.0 + 13.0) / 2.0);
    assert_eq!(mean("while_calling: Released,"), 7.0);
}

#[test]
fn a_crash_ends_requests_and_their_branches_alike() {
    let branches =
        "Parallel([Work(\"9s\"), Work(\"9s\"), Sleep(\"9s\"), [Call(\"c\"), Work(\"1s\")]])";
    let crash = "faults: [Crash(service: \"q\", queue: Kept, at: \"5s\", lasts: \"10s\")],\n)";
    let text = script(&[1.0, 2.0], branches, "");
    let text = format!("{}{crash}", text.trim_end().strip_suffix(')').expect("it ends so"));
    let rows = rows(&measuring(&text, &["errors(l)", "lost(q)", "busy(q)", "mean(l)"]));
    // The first is reset at 5; the second, which waited, is served from 15 on, 18 s by one worker,
    // and a second more for the last branch, which waits for its turn.
    assert_eq!((rows["errors(l)"][0], rows["lost(q)"][0]), (0.001, 0.001));
    assert!(near(rows["mean(l)"][0], 13.0 + 19.0), "{}", rows["mean(l)"][0]);
    assert!(near(rows["busy(q)"][0], 0.004 + 0.019), "{}", rows["busy(q)"][0]);
}

#[test]
fn a_cancel_reaches_the_branches_of_what_it_stops() {
    let branches = "Parallel([Call(\"c\"), Work(\"9s\"), Work(\"9s\")])";
    let service = "on_cancel: (queued: Remove, in_service: Stop),";
    let text =
        script(&[1.0], branches, service).replace("name: \"l\"", "name: \"l\", patience: \"4s\"");
    let rows = rows(&measuring(&text, &["busy(q)", "busy(c)", "queue(q)", "cancelled(q)"]));
    assert!(near(rows["busy(q)"][0], 0.004) && near(rows["busy(c)"][0], 0.004));
    assert!(near(rows["queue(q)"][0], 0.004) && rows["cancelled(q)"][0] == 0.001);
}
