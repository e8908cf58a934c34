//! What is said of a whole sweep, the page of a sweep, and the ids of its runs.

use super::harness::{Desk, SMALL};
use serde_json::Value;
use std::fs;

/// A queue whose waiting grows with its load; of two variants one is twice as fast.
fn queue(expect: &str) -> String {
    format!(
        r#"Experiment(
    name: "queue",
    run: (time: "60s", seed: 5, runs: 5),
    load: [Poisson(to: "q", rate: "50/s", name: "users")],
    services: {{ "q": (workers: 1, queue: Unbounded, work: Exp(mean: "10ms")) }},
    variants: {{ "slow": {{}}, "quick": {{ set: {{ "services.q.work": Exp(mean: "5ms") }} }} }},
    sweep: Grid({{ "load.users.rate": List(["20/s", "90/s", "50/s"]) }}),
    expect: [{expect}],
)
"#
    )
}

#[test]
fn a_sentence_about_the_sweep_holds_or_fails_and_a_run_leaves_it_to_the_sweep() {
    let held =
        "\"mean(q) rises over load.users.rate\", \"offered(q) is monotone over load.users.rate\"";
    let desk = Desk::with("a_sentence_about_the_sweep", &queue(held));
    let done = desk.brownout("sweep own.ron -o out");
    assert_eq!(done.code, 0, "{}{}", done.stdout, done.stderr);
    assert!(done.stdout.contains("held at 2 of 2 lines"), "{}", done.stdout);
    let run = desk.brownout("run own.ron -o run");
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(run.stdout.contains("load.users.rate: `brownout sweep` decides it"), "{}", run.stdout);
    assert_eq!(desk.summary("run")["of_the_sweep"].as_array().map(Vec::len), Some(2));
    // Nothing falls with load, and the quick one is never the slower.
    let failed = "\"mean(q) falls over load.users.rate on slow\", \
                  \"mean(q) on slow crosses quick over load.users.rate\"";
    desk.put("own.ron", queue(failed));
    let done = desk.brownout("sweep own.ron -o failed --junit junit.xml --format github");
    assert_eq!(done.code, 1, "{}{}", done.stdout, done.stderr);
    let xml = fs::read_to_string(desk.directory.join("junit.xml")).expect("it was written");
    assert!(xml.contains("tests=\"2\" failures=\"2\" errors=\"0\" skipped=\"0\""), "{xml}");
    let case = "<testcase name=\"mean(q) falls over load.users.rate on slow\" \
                classname=\"queue.slow\" file=\"own.ron\" line=\"8\">";
    assert!(xml.contains(case) && xml.contains("it rises from 20/s to 50/s by +"), "{xml}");
    let note = "::error file=own.ron,line=8,title=expectation failed::mean(q) falls over";
    assert!(done.stdout.contains(note), "{}", done.stdout);
    // Whoever runs one variant only is told what cannot be decided.
    let done = desk.brownout("sweep own.ron -o quick --variant quick --junit junit.xml");
    assert_eq!(done.code, 0, "{}{}", done.stdout, done.stderr);
    let xml = fs::read_to_string(desk.directory.join("junit.xml")).expect("it was written");
    assert_eq!(xml.matches("<skipped ").count(), 2, "{xml}");
}

#[test]
fn a_sentence_that_few_runs_cannot_decide_is_undecided() {
    let text = queue("\"goodput(q) on slow crosses quick over load.users.rate\"");
    let desk = Desk::with("a_sentence_that_few_runs", &text.replace("runs: 5", "runs: 2"));
    let done = desk.brownout("sweep own.ron -o out");
    assert_eq!(done.code, 6, "{}{}", done.stdout, done.stderr);
    desk.put("own.ron", queue("\"mean(q) rises over load.rate\""));
    let wrong = desk.brownout("sweep own.ron");
    assert_eq!(wrong.code, 3, "{}", wrong.stdout);
    for said in ["`load.rate` is no axis of the sweep", "axes are load.users.rate", "own.ron:8"] {
        assert!(wrong.stderr.contains(said), "{said}: {}", wrong.stderr);
    }
}

#[test]
fn a_run_of_a_sweep_is_replayed_by_its_id_and_proven_the_same() {
    let desk = Desk::with("a_run_of_a_sweep", &queue(""));
    let swept = desk.brownout("sweep own.ron --set services.q.workers=2");
    assert_eq!(swept.code, 0, "{}", swept.stderr);
    let text = fs::read_to_string(desk.directory.join("out/queue-sweep/points.ndjson"));
    let text = text.expect("it was written");
    let point: Value = serde_json::from_str(text.lines().nth(1).expect("a line")).expect("JSON");
    let (ids, digests) = (&point["variants"][1]["ids"], &point["variants"][1]["digests"]);
    let (id, digest) = (ids[3].as_str().expect("an id"), digests[3].as_str().expect("a digest"));
    assert!(id.contains(":quick:5#3:services.q.workers=2:load.users.rate=90/s:"), "{id}");
    let done = desk.brownout(&format!("replay {id}"));
    assert_eq!(done.code, 0, "{}", done.stderr);
    let proof = format!("digest {digest}: the same as in out/queue-sweep/manifest.json");
    assert!(done.stdout.contains(&proof), "{}", done.stdout);
    let there = desk.brownout(&format!("replay {id} out/queue-sweep"));
    assert!(there.code == 0 && there.stdout.contains(&proof), "{}{}", there.stdout, there.stderr);
    // A digest that was changed is noticed; a sweep is not one run.
    let path = desk.directory.join("out/queue-sweep/points.ndjson");
    fs::write(&path, text.replace(digest, "0000000000000000")).expect("it can be written");
    assert_eq!(desk.brownout(&format!("replay {id}")).code, 4);
    let which = desk.brownout("replay out/queue-sweep");
    assert_eq!(which.code, 2);
    assert!(which.stderr.contains("name one of its runs by its id"), "{}", which.stderr);
}

#[test]
fn runs_with_a_detected_warm_up_are_replayed_too() {
    let text = queue("").replace("time: \"60s\"", "time: \"300s\", warmup: Detected");
    let desk = Desk::with("runs_with_a_detected_warm_up", &text);
    assert_eq!(desk.brownout("run own.ron").code, 0);
    let id = desk.summary("out/queue")["variants"][1]["ids"][2].as_str().expect("an id").to_owned();
    let done = desk.brownout(&format!("replay {id}"));
    assert!(done.stdout.contains("the same as in out/queue/manifest.json"), "{}", done.stderr);
    assert_eq!(desk.brownout("sweep own.ron").code, 0);
    let text = fs::read_to_string(desk.directory.join("out/queue-sweep/points.ndjson"));
    let text = text.expect("it was written");
    let point: Value = serde_json::from_str(text.lines().next().expect("a line")).expect("JSON");
    let id = point["variants"][0]["ids"][1].as_str().expect("an id");
    assert!(id.contains(":run.warmup="), "the warm-up that was found is part of it: {id}");
    let done = desk.brownout(&format!("replay {id}"));
    let proof = "the same as in out/queue-sweep/manifest.json";
    assert!(done.stdout.contains(proof), "{}{}", done.stdout, done.stderr);
    let page = String::from_utf8(desk.files("out/queue-sweep")["report.html"].clone());
    assert!(page.expect("text").contains("detected by MSER-5"));
}

#[test]
fn the_page_and_the_pictures_of_a_sweep_are_made_again_from_its_files() {
    let text = queue("\"mean(q) rises over load.users.rate\", \"goodput(q) > 1/s\"");
    let desk = Desk::with("the_page_of_a_sweep", &text);
    assert_eq!(desk.brownout("sweep own.ron -o out").code, 0);
    let first = desk.files("out");
    let page = String::from_utf8_lossy(&first["report.html"]).into_owned();
    for said in [
        "2 of 2 expectations held everywhere",
        "<figure class=\"chart",
        "How the numbers were got",
        "brownout sweep own.ron",
        "brownout replay ",
    ] {
        assert!(page.contains(said), "{said}");
    }
    for line in ["report out -o again", "plot out -o again"] {
        let done = desk.brownout(line);
        assert_eq!(done.code, 0, "{line}: {}", done.stderr);
    }
    let again = desk.files("again");
    assert!(again.len() > 2 && again.iter().all(|(name, bytes)| first[name] == *bytes));
    // What is not as it was written is named.
    let broken = |name: &str, from: &str, to: &str| {
        let path = desk.directory.join("out").join(name);
        let text = fs::read_to_string(&path).expect("it was written");
        fs::write(&path, text.replacen(from, to, 1)).expect("it can be written");
        let done = desk.brownout("report out");
        fs::write(&path, text).expect("it can be written");
        assert_eq!(done.code, 3, "{}", done.stderr);
        done.stderr
    };
    let said = broken("manifest.json", "\"has_variants\": true", "\"has_variants\": 3");
    assert!(said.contains("manifest.json: `has_variants` should be true or false"), "{said}");
    let said = broken("points.ndjson", "\"point\":1", "\"point\":2");
    assert!(said.contains("points.ndjson: its points are others than those of"), "{said}");
    fs::remove_file(desk.directory.join("out/points.ndjson")).expect("it is there");
    assert!(desk.brownout("plot out").stderr.contains("points.ndjson: it is not there"));
}

#[test]
fn a_request_is_drawn_as_lanes_on_the_page_and_by_itself() {
    let text =
        SMALL.replace("measure:", "plots: [Lanes],\n    measure:").replace("runs: 6", "runs: 2");
    let desk = Desk::with("a_request_as_lanes", &text);
    assert_ne!(desk.brownout("run own.ron -o out --quiet").code, 3);
    let files = desk.files("out");
    let svg = String::from_utf8_lossy(&files["lanes.svg"]).into_owned();
    for said in ["waiting", "in service", "first attempt", "retry", "timed out", "user"] {
        assert!(svg.contains(said), "{said}");
    }
    assert!(String::from_utf8_lossy(&files["report.html"]).contains("figure-lanes"));
    assert_eq!(desk.brownout("report out -o again").code, 0);
    assert_eq!(desk.files("again")["report.html"], files["report.html"]);
    let line = "replay own.ron --variant retry --request first-failed --chart one.svg";
    let done = desk.brownout(line);
    assert_eq!(done.code, 0, "{}", done.stderr);
    assert!(done.stdout.contains("drawn in one.svg"), "{}", done.stdout);
    assert!(desk.names().contains(&"one.svg".to_owned()));
    assert_eq!(desk.brownout(&line.replace("one.svg", "one.png")).code, 0);
    for wrong in ["replay own.ron --chart one.svg", &line.replace("one.svg", "one.txt")] {
        assert_eq!(desk.brownout(wrong).code, 2, "{wrong}");
    }
}

#[test]
fn parquet_is_written_by_builds_that_have_it_and_refused_by_others() {
    let desk = Desk::with("parquet", &queue(""));
    let done = desk.brownout("sweep own.ron -o out --parquet");
    match cfg!(feature = "parquet") {
        true => assert!(done.code == 0 && desk.files("out").contains_key("points.parquet")),
        false => {
            assert_eq!(done.code, 2);
            assert!(done.stderr.contains("--features parquet"), "{}", done.stderr);
            assert_eq!(desk.names(), ["own.ron"], "nothing was run");
        }
    }
}
