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

/// Worked by hand: the first answer is lost, the second attempt does it again.
#[test]
fn a_story_says_what_was_done_beside_what_the_user_was_told() {
    let text = r#"(
        run: (time: "10s", runs: 1),
        load: [Steady(to: "pay", rate: "1/s", with: [CLIENT])],
        services: { "pay": (workers: 1, work: Const("10ms"), effect: AtEnd) },
        faults: [Loss(link: "steady-pay -> pay", ratio: "100%", direction: Back, at: "0s")],
    )"#;
    let told = |client: &str| story(&graph(&text.replace("CLIENT", client)), Which::Nth(1)).1;
    let expected = "\
request 1, arrived at 0.500000s: timed out after 400ms

          at       since
   0.500000s         0ms  a user of \"steady-pay\" calls pay
   0.500000s         0ms    attempt 1 to pay
   0.500000s         0ms      arrives: 0 of 1 workers busy, 0 wait
   0.500000s         0ms      a worker, at once
   0.510000s        10ms      10ms of work done
   0.510000s        10ms      its effect is done
   0.510000s        10ms      the answer is lost on the way
   0.700000s       200ms      given up: timed out
   0.700000s       200ms    the timeout of 200ms is up
   0.700000s       200ms    retry: tries again at once (1 of 1)
   0.700000s       200ms    attempt 2 to pay
   0.700000s       200ms      arrives: 0 of 1 workers busy, 0 wait
   0.700000s       200ms      a worker, at once
   0.710000s       210ms      10ms of work done
   0.710000s       210ms      its effect is done once more: a duplicate
   0.710000s       210ms      the answer is lost on the way
   0.900000s       400ms      given up: timed out
   0.900000s       400ms    the timeout of 200ms is up
   0.900000s       400ms    retry: does not try again: it has tried once more already
   0.900000s       400ms    reported failed: it was done
   0.900000s       400ms    the call is over: timed out

in all: 2 attempts, 0ms waiting for workers, 20ms of work
2 effects of it were done, one a duplicate; it was reported failed, and it was done
";
    assert_eq!(told("Retry(times: 1), Timeout(\"200ms\")"), expected);
    let late = told("Timeout(\"5ms\")");
    assert!(late.contains("reported failed: it was under way\n"), "{late}");
    let end = "its effect was done once, 1 after its user had been told how it went; it was \
               reported failed, and it was under way\n";
    assert!(late.ends_with(end), "{late}");
}

/// Worked by hand: one connection; the second request waits for it, and the third in vain.
#[test]
fn a_story_says_who_waits_for_a_connection_and_which_are_dead() {
    let graph = graph(
        r#"(
            run: (time: "20s", runs: 1),
            load: [Steady(to: "api", rate: "1/s")],
            services: {
                "api": (workers: Unlimited, calls: [(to: "db")],
                        pools: { "db": (size: 1, timeout: "700ms", connect: "20ms",
                                        socket_timeout: "3s") }),
                "db": (workers: 9, work: Sequence(["1500ms", "1500ms", "100ms"])),
            },
            faults: [Crash(service: "db", callers: Silence, at: "4200ms", lasts: "100ms")],
        )"#,
    );
    let told = |nth| story(&graph, Which::Nth(nth)).1;
    let first = told(1);
    assert!(
        first.contains("0.520000s        20ms        has a connection, after 20ms\n"),
        "{first}"
    );
    assert!(first.ends_with(", 20ms waiting for connections\n"), "{first}");
    let second = told(2);
    for line in [
        "1.500000s         0ms        waits for a connection, as the first\n",
        "2.020000s       520ms        has a connection, after 520ms\n",
    ] {
        assert!(second.contains(line), "{line} is not in\n{second}");
    }
    let third = told(3);
    assert!(third.contains("3.200000s       700ms        there is no connection for it in time\n"));
    // The database died while nobody had the connection; who is lent it next finds nobody there.
    let dead = told(5);
    for line in [
        "4.500000s         0ms        has a connection whose other end has died: nobody will get \
         what is sent over it\n",
        "7.500000s      3000ms        its connection is closed: nothing has come over it for as \
         long as a socket waits\n",
        "back at its caller: reset\n",
    ] {
        assert!(dead.contains(line), "{line} is not in\n{dead}");
    }
}
