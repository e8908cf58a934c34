//! The life of a request: everything that begins in it ends in it, and it says why.

use brownout::incident::find::{Which, find};
use brownout::incident::story::Story;
use brownout_core::random::Seed;
use brownout_tests::parse;
use brownout_topologies::graph::Graph;

fn story(graph: &Graph, which: Which) -> (Story, String) {
    let seed = Seed::new(1);
    let (found, _) = find(graph, seed, which).unwrap_or_else(|error| panic!("{error}"));
    let found = found.unwrap_or_else(|error| panic!("{error}"));
    let (story, _) = Story::of(graph, seed, found).unwrap_or_else(|error| panic!("{error}"));
    let text = story.text(graph);
    (story, text)
}

fn graph(text: &str) -> Graph {
    parse(text).variants.remove(0).graph
}

/// Crashes, cancels, branches, hedges, retries, refusals and lost envelopes; all of it is over long
/// before the end.
#[test]
fn everything_that_begins_in_a_request_s_life_ends_in_it() {
    let graph = graph(
        r#"(
            run: (time: "60s", runs: 1),
            load: [Poisson(to: "api", rate: Steps([("0s", "40/s"), ("10s", "0/s")]),
                           with: [Timeout("900ms"), Retry(times: 2), Timeout("250ms")])],
            services: {
                "api": (workers: 12, queue: Fifo(limit: 20), endpoints: { "default": [
                    Work(Exp(mean: "5ms")),
                    Parallel([[Call(to: "db", with: "hedged")], [Work(Exp(mean: "2ms"))]]),
                ] }),
                "db": (replicas: 2, workers: 1, queue: Fifo(limit: 5), work: Exp(mean: "40ms"),
                       on_cancel: (queued: Remove, in_service: Stop)),
            },
            policies: { "hedged": [Timeout("200ms"), Hedge(after: "50ms")] },
            links: { "api -> db": (latency: Const("1ms"), loss: "2%") },
            faults: [Crash(service: "db", replica: 0, at: "3s", lasts: "2s")],
        )"#,
    );
    let mut seen = String::new();
    for nth in (1..380).step_by(7) {
        let (story, text) = story(&graph, Which::Nth(nth));
        assert!(story.is_over(), "{text}");
        assert!(text.starts_with(&format!("request {nth}, ")), "{text}");
        seen += &text;
    }
    for what in [
        "sends another leg",
        "stopped by a cancel",
        "is lost on the way",
        "refused at the door",
        "branch",
        "tries again at once",
        "given up",
    ] {
        assert!(seen.contains(what), "nothing of the kind: {what}");
    }
}

/// Worked by hand: two requests to one worker, the second with half a second of patience.
#[test]
fn a_story_says_what_was_met_how_long_it_took_and_for_whom() {
    let graph = graph(
        r#"(
            run: (time: "10s", runs: 1),
            load: [Steady(to: "q", rate: "1/s", with: [Timeout("500ms")])],
            services: { "q": (workers: 1, work: Sequence(["1800ms", "100ms", "50ms"])) },
        )"#,
    );
    let (story, text) = story(&graph, Which::Nth(2));
    let expected = "\
request 2, arrived at 1.500000s: timed out after 500ms

          at       since
   1.500000s         0ms  a user of \"steady-q\" calls q
   1.500000s         0ms    attempt 1 to q
   1.500000s         0ms      arrives: 1 of 1 workers busy, 0 wait
   2.000000s       500ms      given up: timed out
   2.300000s       800ms      a worker, after 800ms in the queue, for nobody
   2.400000s       900ms      100ms of work done, for nobody
   2.400000s       900ms      answer, for which nobody waits
   2.000000s       500ms    the timeout of 500ms is up
   2.000000s       500ms    the call is over: timed out

in all: 1 attempt, 800ms waiting for workers, 100ms of work, 100ms of it when nobody waited any more
";
    assert_eq!(text, expected);
    assert!(story.is_over());
    let (_, first) = self::story(&graph, Which::FirstFailed);
    assert!(first.starts_with("request 1, arrived at 0.500000s: timed out"), "{first}");
    let (_, slowest) = self::story(&graph, Which::Slowest);
    assert!(
        slowest.starts_with("request 3, arrived at 2.500000s: answered after 50ms"),
        "{slowest}"
    );
}
