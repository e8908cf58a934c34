//! Replicas that come and go, by hand: known moments, and answers worked out on paper.

use brownout_tests::{measuring, rows, value};

/// A request every second, at the half of each, to a service `q` with hardly any work.
fn every_second(service: &str, faults: &str) -> String {
    format!(
        "Experiment(
            name: \"by hand\",
            run: (time: \"400s\", runs: 1),
            load: [Steady(to: \"q\", rate: \"1/s\")],
            services: {{ \"q\": (work: Const(\"1ms\"), {service}) }},
            faults: [{faults}],
        )"
    )
}

fn errors(text: &str) -> f64 {
    (value(text, "errors(q)") * 400.0).round()
}

#[test]
fn a_supervisor_restarts_at_once_and_then_waits_longer_each_time() {
    let crash = "Crash(service: \"q\", at: \"10s\", lasts: \"50s\")";
    // Nobody but the end of the fault brings it back: 50 fail.
    assert_eq!(errors(&every_second("", crash)), 50.0);
    // It dies at 10, 10, 20 and 40 s; at 80 s the fault is over.
    let text = every_second("restart: ()", crash);
    let rows = rows(&measuring(&text, &["errors(q)", "replicas(q)", "errors(q) during 80s..400s"]));
    assert_eq!((rows["errors(q)"][0] * 400.0).round(), 70.0);
    assert_eq!(rows["replicas(q)"], [1.0 - 70.0 / 400.0]);
    assert_eq!(rows["errors(q) during 80s..400s"], [0.0]);
    // It takes 5 s to be ready, each time that it does not die before.
    assert_eq!(errors(&every_second("restart: (boot: \"5s\")", crash)), 75.0);
    // A fault of a moment costs no more than the boot.
    let moment = "Crash(service: \"q\", at: \"10s\", lasts: \"1ns\")";
    assert_eq!(errors(&every_second("restart: (first: \"2s\", boot: \"5s\")", moment)), 7.0);
}

#[test]
fn a_process_that_has_run_for_long_is_as_good_as_new() {
    let crashes = "Crash(service: \"q\", at: \"10s\", lasts: \"50s\"),
                   Crash(service: \"q\", at: \"200s\", lasts: \"1s\")";
    // After 120 s it starts again at once, in vain, and after 10 s: 70 + 10.
    assert_eq!(errors(&every_second("restart: (forget: \"60s\")", crashes)), 80.0);
    // If that does not count the fifth wait is 80 s: 70 + 80.
    assert_eq!(errors(&every_second("restart: (forget: \"600s\")", crashes)), 150.0);
}

/// A fault is over and the process not started yet: what was kept waits until it is.
#[test]
fn a_queue_that_is_kept_waits_for_the_supervisor_too() {
    let crash = "Crash(service: \"q\", at: \"10.5s\", lasts: \"1s\", queue: Kept)";
    let kept = |more: &str| {
        let service = format!("workers: 1, restart: (first: \"2s\", boot: \"5s\"){more}");
        let text = every_second(&service, crash).replace("\"1ms\"", "\"4s\"");
        errors(&text.replace("\"1/s\"", "Steps([(\"0s\", \"1/s\"), (\"18s\", \"0/s\")])"))
    };
    // The one in service dies, and those of 11 to 17 are refused; the others are done in the end.
    assert_eq!(kept(""), 8.0);
    assert_eq!(kept(", admission: [Bulkhead(places: 99)]"), 8.0);
}

#[test]
fn a_rolling_deploy_takes_one_replica_after_the_other() {
    let deploy = |drain: &str| {
        let service = "replicas: 2, workers: 9";
        let text = every_second(service, "").replace("\"1ms\"", "\"3s\"");
        let rolling = format!(
            "deploys: [Rolling(service: \"q\", at: \"10s\", every: \"30s\", drain: \"{drain}\",
                               boot: \"10s\")],"
        );
        text.replace("faults: [],", &rolling)
    };
    // Drained within 5 s nothing is lost; each is away for 15 s, one after the other.
    let rows = rows(&measuring(&deploy("5s"), &["errors(q)", "replicas(q)", "busy(q)"]));
    assert_eq!((rows["errors(q)"][0], rows["replicas(q)"][0]), (0.0, 2.0 - 30.0 / 400.0));
    // In 1 s what has begun less than 2 s before is not done: of those at 8.5 and 9.5 s, and of
    // those at 38.5 and 39.5 s, each time the one that is at that replica.
    assert_eq!(errors(&deploy("1s")), 2.0);
}

#[test]
fn a_deploy_is_a_trigger_and_the_control_arm_has_none() {
    let text = every_second("replicas: 1", "")
        .replace("faults: [],", "deploys: [Rolling(service: \"q\", at: \"100s\", boot: \"60s\")],");
    let rows = rows(&measuring(&text, &["tipped(q)", "stuck(q)", "recovery(q)"]));
    assert_eq!(
        (rows["tipped(q)"][0], rows["stuck(q)"][0], rows["recovery(q)"][0]),
        (1.0, 0.0, 0.0)
    );
}

/// Ten workers each, half of them to be taken; a request takes a worker for a second.
#[test]
fn a_scaler_follows_the_load_up_and_after_a_while_down() {
    let text = "Experiment(
        name: \"scaled\",
        run: (time: \"1200s\", runs: 1),
        load: [Steady(to: \"q\", rate: Steps([(\"0s\", \"10/s\"), (\"100s\", \"18/s\"),
                                              (\"500s\", \"10/s\")]))],
        services: { \"q\": (replicas: 2, workers: 10, work: Const(\"1s\"),
            autoscale: (utilisation: \"50%\", min: 1, max: 10, boot: \"30s\", drain: \"5s\")) },
    )";
    let sentences = [
        "replicas(q) during 0s..100s",
        "replicas(q) during 200s..790s",
        "replicas(q) during 830s..1200s",
        "utilisation(q) during 300s..500s",
        "errors(q)",
    ];
    let rows = rows(&measuring(text, &sentences));
    let found: Vec<f64> = sentences.iter().map(|sentence| rows[*sentence][0]).collect();
    // 18 busy workers are half of those of nearly 4 replicas, and 10 of those of 2; 300 s after the
    // last time that 4 were wanted, two of them go.
    let expected = [2.0, 4.0, 2.0, 0.45, 0.0];
    let is_near = |(found, expected): (&f64, f64)| (found - expected).abs() < 1e-6;
    assert!(found.iter().zip(expected).all(is_near), "{found:?}");
}

/// Two replicas can do 20 a second and 40 come: until there are more a backlog grows, by which the
/// scaler takes the load for twice what it is.
#[test]
fn a_backlog_makes_a_scaler_overshoot() {
    let text = "Experiment(
        name: \"backlog\",
        run: (time: \"400s\", runs: 1),
        load: [Steady(to: \"q\", rate: Steps([(\"0s\", \"10/s\"), (\"100s\", \"40/s\")]))],
        services: { \"q\": (replicas: 2, workers: 10, work: Const(\"1s\"),
            autoscale: (utilisation: \"50%\", max: 20, boot: \"30s\")) },
    )";
    let rows = rows(&measuring(text, &["replicas(q) during 250s..400s", "errors(q)"]));
    let found = rows["replicas(q) during 250s..400s"][0];
    assert!(found > 8.0 && rows["errors(q)"] == [0.0], "eight would do: {found}");
}
