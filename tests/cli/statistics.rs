//! How numbers get their intervals: until they are known well enough, from batches of one run,
//! after a warm-up that was detected.

use super::harness::Desk;
use serde_json::Value;

/// A queue at 80 %, asked for its mean latency.
fn queue(run: &str, load: &str) -> String {
    format!(
        "Experiment(
            run: ({run}),
            load: [Poisson(to: \"q\", rate: \"{load}/s\")],
            services: {{\"q\": (workers: 1, queue: Unbounded, work: Exp(mean: \"1s\"))}},
            measure: [\"mean(q)\"],
        )"
    )
}

fn document(desk: &Desk, line: &str) -> Value {
    let done = desk.brownout(line);
    assert_eq!(done.code, 0, "{}", done.stderr);
    serde_json::from_str(&done.stdout).expect("one document")
}

#[test]
fn runs_go_on_until_the_mean_is_known_well_enough() {
    let run = "time: \"2000s\", seed: 3, runs: Until(half_width: \"2%\", max: 400)";
    let desk = Desk::with("runs_go_on_until", &queue(run, "0.5"));
    let found = document(&desk, "run own.ron --format json --jobs 2");
    let until = &found["statistics"]["until"];
    let width = until["widest_half_width"].as_f64().expect("there is an interval");
    let runs = found["runs"].as_u64().expect("a number");
    assert_eq!(until["reached"], true);
    assert!(width <= 0.02 && runs > 10 && runs < 400, "{width} after {runs}");
    let row = &found["variants"][0]["measure"][0];
    assert_eq!(row["runs"].as_array().map(Vec::len), Some(runs as usize));
    // The same at one thread, to the byte.
    let first = desk.brownout("run own.ron --format json --jobs 2 -o a").stdout;
    assert_eq!(first, desk.brownout("run own.ron --format json --jobs 1 -o b").stdout);
    // One batch of all of them says the same: what is appended is what would have been run.
    let plain = document(&desk, &format!("run own.ron --format json --runs {runs}"));
    assert_eq!(plain["variants"][0]["digest"], found["variants"][0]["digest"]);
    assert_eq!(plain["variants"][0]["measure"], found["variants"][0]["measure"]);
    let said = desk.brownout("run own.ron").stdout;
    assert!(said.contains("runs were enough for half-widths of 2 %"), "{said}");
}

#[test]
fn too_few_runs_at_most_are_said_to_be_too_few() {
    let run = "time: \"100s\", seed: 3, runs: Until(half_width: \"1%\", min: 4, max: 7)";
    let desk = Desk::with("too_few_runs_at_most", &queue(run, "0.8"));
    let found = document(&desk, "run own.ron --format json");
    assert_eq!(
        (&found["runs"], &found["statistics"]["until"]["reached"]),
        (&7.into(), &false.into())
    );
    let said = desk.brownout("run own.ron").stdout;
    assert!(said.contains("were not reached in 7 runs; least well known is mean(q)"), "{said}");
}

#[test]
fn one_long_run_is_cut_into_batches() {
    let run = "time: \"20100s\", warmup: \"100s\", seed: 3, runs: Batches(20)";
    let desk = Desk::with("one_long_run", &queue(run, "0.5"));
    let found = document(&desk, "run own.ron --format json");
    let row = &found["variants"][0]["measure"][0];
    assert_eq!((&found["runs"], &found["statistics"]["batches"]), (&1.into(), &20.into()));
    assert_eq!(row["runs"].as_array().map(Vec::len), Some(20));
    assert_eq!(row["note"], Value::Null, "batches of a thousand seconds are independent");
    // Stretches of ten seconds are alike, which is said.
    let short = "time: \"220s\", warmup: \"20s\", seed: 3, runs: Batches(20)";
    desk.put("short.ron", queue(short, "0.9"));
    let found = document(&desk, "run short.ron --format json");
    let note = found["variants"][0]["measure"][0]["note"].as_str().unwrap_or_default();
    assert!(note.contains("neighbouring stretches are alike"), "{note}");
}

#[test]
fn a_warm_up_is_detected_and_told() {
    let run = "time: \"4000s\", warmup: Detected, seed: 3, runs: 4";
    let desk = Desk::with("a_warm_up_is_detected", &queue(run, "0.9"));
    let found = document(&desk, "run own.ron --format json");
    let cut = found["variants"][0]["warmup"].as_f64().expect("a number");
    // M/M/1 at 0.9 forgets its start in 1 / (1 − √0.9)² = 380 s.
    assert!(cut > 0.0 && cut < 2_000.0, "{cut}");
    let how = found["statistics"]["warmup"].as_str().expect("a text");
    assert!(how.contains("detected by MSER-5 on 5 runs without triggers, as long as `q`"), "{how}");
    // Above its capacity nothing settles.
    desk.put("over.ron", queue(run, "1.2"));
    let done = desk.brownout("run over.ron");
    assert_eq!(done.code, 3, "{}", done.stderr);
    assert!(done.stderr.contains("the number in `q` on base does not settle"), "{}", done.stderr);
}
