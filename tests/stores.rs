//! Stores by hand: requests at known moments, and answers worked out on paper.

mod elections;
mod replication;

use brownout_tests::{arriving_at, measuring, rows};
use std::collections::BTreeMap;

/// Requests at these seconds to `db`, which keeps one row and has this script.
fn one_row(arrivals: &[f64], steps: &str, more: &str, asked: &[&str]) -> BTreeMap<String, f64> {
    let every = arriving_at(arrivals);
    let text = format!(
        "Experiment(
            name: \"by hand\",
            run: (time: \"1000s\", runs: 1),
            load: [Renewal(to: \"db\", every: {every}, name: \"l\")],
            services: {{
                \"db\": (workers: 10, stores: {{\"row\": Rows}}, {more} endpoints: {{
                    \"go\": [{steps}],
                }}),
                \"far\": (workers: 9, work: Const(\"3s\")),
            }},
        )"
    );
    let rows = rows(&measuring(&text, asked));
    rows.into_iter().map(|(sentence, runs)| (sentence, runs[0])).collect()
}

#[test]
fn a_row_is_locked_by_one_at_a_time_in_order_of_arrival_until_the_request_ends() {
    let asked = ["mean(l)", "sd(l)", "busy(db)", "wait.mean(db)", "queue(db)"];
    let steps = "Lock(\"row\"), Work(\"2s\"), Call(\"far\")";
    let rows = one_row(&[1.0, 2.0, 3.0], steps, "", &asked);
    // Each holds the row for five seconds: they are done at 6, 11 and 16.
    assert_eq!(rows["mean(l)"], (5.0 + 9.0 + 13.0) / 3.0);
    // Who waits for a row has a worker, and waits for none.
    assert!((rows["busy(db)"] - 0.027).abs() < 1e-9);
    assert_eq!((rows["wait.mean(db)"], rows["queue(db)"]), (0.0, 0.0));
}

#[test]
fn a_row_can_be_given_back_before_the_request_ends() {
    let steps = "Lock(\"row\"), Work(\"2s\"), Unlock(\"row\"), Call(\"far\")";
    let rows = one_row(&[1.0, 2.0, 3.0], steps, "", &["mean(l)"]);
    // Locked from 1 to 3, to 5 and to 7, and three seconds more: done at 6, 8 and 10.
    assert_eq!(rows["mean(l)"], (5.0 + 6.0 + 7.0) / 3.0);
}

#[test]
fn who_waits_for_a_row_has_no_worker_where_workers_are_released() {
    let steps = "Lock(\"row\"), Work(\"2s\"), Call(\"far\")";
    let rows =
        one_row(&[1.0, 2.0, 3.0], steps, "while_calling: Released,", &["mean(l)", "busy(db)"]);
    assert_eq!(rows["mean(l)"], 9.0);
    assert!((rows["busy(db)"] - 0.006).abs() < 1e-9);
}

#[test]
fn whoever_dies_gives_its_row_back_and_what_waits_for_it_dies_with_it() {
    let every = arriving_at(&[1.0, 2.0, 8.0]);
    let text = format!(
        "Experiment(
            name: \"by hand\",
            run: (time: \"1000s\", runs: 1),
            load: [Renewal(to: \"db\", every: {every}, name: \"l\")],
            services: {{\"db\": (workers: 10, stores: {{\"row\": Rows}}, endpoints: {{
                \"go\": [Lock(\"row\"), Work(\"5s\")],
            }})}},
            faults: [Crash(service: \"db\", at: \"4s\", lasts: \"1s\")],
        )"
    );
    let rows = rows(&measuring(&text, &["mean(l)", "availability(l)"]));
    // The third finds the row free.
    assert_eq!((rows["mean(l)"][0], rows["availability(l)"][0]), (5.0, 1.0 / 3.0));
}

#[test]
fn a_deadline_ends_the_wait_for_a_row() {
    let every = arriving_at(&[1.0, 2.0, 2.5, 7.0]);
    let text = format!(
        "Experiment(
            name: \"by hand\",
            run: (time: \"1000s\", runs: 1),
            load: [Renewal(to: \"db\", every: {every}, name: \"l\", with: [Timeout(\"4s\")])],
            services: {{\"db\": (workers: 10, stores: {{\"row\": Rows}},
                on_deadline: (in_service: Stop),
                endpoints: {{\"go\": [Lock(\"row\"), Work(\"2s\")]}})}},
        )"
    );
    let rows = rows(&measuring(&text, &["mean(l)", "availability(l)", "expired(db)"]));
    // Done at 3, at 5, not at 6.5, and at 9: only the third is too late, while it works.
    assert_eq!((rows["mean(l)"][0], rows["availability(l)"][0]), ((2.0 + 3.0 + 2.0) / 3.0, 0.75));
    assert_eq!(rows["expired(db)"][0], 0.001);
}

/// Two clients read a row and write it a second later, the second one half a second after the
/// first; a third reads when both are done.
fn races(write: &str) -> f64 {
    let every = arriving_at(&[1.0, 1.5, 9.0]);
    let text = format!(
        "Experiment(
            name: \"by hand\",
            run: (time: \"1000s\", runs: 1),
            load: [Renewal(to: \"client\", every: {every}, name: \"l\")],
            services: {{
                \"client\": (workers: Unlimited, endpoints: {{
                    \"go\": [Call(\"db.read\"), Sleep(\"1s\"), Call(\"db.write\")],
                }}),
                \"db\": (workers: Unlimited, stores: {{\"row\": Rows}}, endpoints: {{
                    \"read\": [Read(\"row\")],
                    \"write\": [{write}],
                }}),
            }},
        )"
    );
    rows(&measuring(&text, &["availability(l)"]))["availability(l)"][0]
}

#[test]
fn what_a_caller_read_at_one_call_goes_with_its_next() {
    assert_eq!(races("Write(store: \"row\", when: Unchanged)"), 2.0 / 3.0);
    assert_eq!(races("Write(\"row\")"), 1.0);
}

/// Requests at these seconds to a service that asks a limit in a shard for each; a third service
/// stands behind it.
fn limited(arrivals: &[f64], limit: &str, more: &str, asked: &[&str]) -> BTreeMap<String, f64> {
    let every = arriving_at(arrivals);
    let text = format!(
        "Experiment(
            name: \"by hand\",
            run: (time: \"1000s\", runs: 1),
            load: [Renewal(to: \"api\", every: {every}, name: \"l\")],
            services: {{
                \"api\": (workers: 10, endpoints: {{ \"go\": [{limit}, Call(to: \"far\")] }}),
                \"shard\": (workers: 1, endpoints: {{ \"go\": [Work(\"1s\"), Admit(\"limits\")] }},
                    stores: {{\"limits\": Limits(
                        limit: RateLimit(permits: 1, per: \"10s\", burst: 2),
                    )}}),
                \"far\": (workers: 9, work: Const(\"3s\")),
            }},
            {more}
        )"
    );
    let rows = rows(&measuring(&text, asked));
    rows.into_iter().map(|(sentence, runs)| (sentence, runs[0])).collect()
}

#[test]
fn a_limit_in_a_shard_lets_its_burst_through_and_turns_the_rest_away() {
    let asked = ["availability(l)", "rejected(api)", "rejected(shard)", "goodput(far)", "mean(l)"];
    let rows = limited(&[1.0, 2.0, 3.0, 12.0], "Limit(by: \"shard\")", "", &asked);
    // Two at once, the third too early, and one more ten seconds after the first.
    assert_eq!((rows["availability(l)"], rows["goodput(far)"]), (0.75, 0.003));
    assert_eq!((rows["rejected(api)"], rows["rejected(shard)"]), (0.001, 0.001));
    assert_eq!(rows["mean(l)"], 4.0);
}

#[test]
fn without_an_answer_a_request_fails_goes_on_or_is_up_to_a_limit_of_its_own() {
    let crash = "faults: [Crash(service: \"shard\", at: \"0s\", lasts: \"1000s\")],";
    let asked = ["availability(l)", "rejected(api)", "failed(api)", "goodput(far)"];
    let own = "RateLimit(permits: 1, per: \"10s\", burst: 1)";
    let at = |on_error: &str| {
        let limit = format!("Limit(by: \"shard\", on_error: {on_error})");
        limited(&[1.0, 2.0, 3.0, 12.0], &limit, crash, &asked)
    };
    let (closed, open) = (at("FailClosed"), at("FailOpen"));
    let local = at(&format!("Local({own})"));
    assert_eq!((closed["availability(l)"], closed["failed(api)"]), (0.0, 0.004));
    assert_eq!((open["availability(l)"], open["goodput(far)"]), (1.0, 0.004));
    // The first, and the one that comes ten seconds later.
    assert_eq!((local["availability(l)"], local["rejected(api)"]), (0.5, 0.002));
}

#[test]
fn a_limit_says_when_to_come_back_and_who_asked_in_vain_can_do_so() {
    let every = arriving_at(&[1.0, 2.0]);
    let text = format!(
        "Experiment(
            name: \"by hand\",
            run: (time: \"1000s\", runs: 1),
            load: [Renewal(to: \"api\", every: {every}, name: \"l\", with: [Retry(times: 1)])],
            services: {{
                \"api\": (workers: 10, endpoints: {{ \"go\": [Limit(by: \"shard\")] }}),
                \"shard\": (workers: 1, endpoints: {{ \"go\": [Admit(\"limits\")] }},
                    stores: {{\"limits\": Limits(
                        limit: RateLimit(permits: 1, per: \"10s\", burst: 1),
                    )}}),
            }},
        )"
    );
    let rows = rows(&measuring(&text, &["availability(l)", "mean(l)", "attempts(l)"]));
    // The second comes at 2, nine seconds too early, and again at 11.
    assert_eq!((rows["availability(l)"][0], rows["attempts(l)"][0]), (1.0, 0.003));
    assert_eq!(rows["mean(l)"][0], 4.5);
}

#[test]
fn who_reads_and_writes_apart_is_let_through_with_all_who_read_in_between() {
    let every = arriving_at(&[1.0, 1.5, 1.9, 4.0]);
    let text = |script: &str| {
        format!(
            "Experiment(
                name: \"by hand\",
                run: (time: \"1000s\", runs: 1),
                load: [Renewal(to: \"api\", every: {every}, name: \"l\")],
                services: {{
                    \"api\": (workers: 10, endpoints: {{ \"go\": [{script}] }}),
                    \"shard\": (workers: 9, endpoints: {{
                        \"get\": [Read(\"limits\")],
                        \"set\": [Work(\"1s\"), Write(\"limits\")],
                        \"both\": [Work(\"1s\"), Admit(\"limits\")],
                    }}, stores: {{\"limits\": Limits(
                        limit: RateLimit(permits: 1, per: \"10s\", burst: 1),
                    )}}),
                }},
            )"
        )
    };
    let good = |script| rows(&measuring(&text(script), &["goodput(l)"]))["goodput(l)"][0];
    assert_eq!(good("Limit(by: \"shard.get\"), Call(to: \"shard.set\")"), 0.003);
    assert_eq!(good("Limit(by: \"shard.both\")"), 0.001);
}

/// Requests at these seconds to a service with a cache, which fetches what is not there in two
/// seconds, from a service that can do one thing at a time.
fn cached(arrivals: &[f64], cache: &str, more: &str, asked: &[&str]) -> BTreeMap<String, f64> {
    let every = arriving_at(arrivals);
    let text = format!(
        "Experiment(
            name: \"by hand\",
            run: (time: \"1000s\", runs: 1),
            load: [Renewal(to: \"shop\", every: {every}, name: \"l\", with: [Timeout(\"50s\")])],
            services: {{
                \"shop\": (workers: 10, on_cancel: (in_service: Stop),
                    stores: {{\"pages\": Cache({cache})}}, endpoints: {{ \"go\": [
                        Get(store: \"pages\", hit: [Work(\"1s\")], miss: [Call(to: \"db\"), Put(\"pages\")]),
                    ] }}),
                \"db\": (workers: 1, work: Const(\"2s\")),
            }},
            {more}
        )"
    );
    let rows = rows(&measuring(&text, asked));
    rows.into_iter().map(|(sentence, runs)| (sentence, runs[0])).collect()
}

const HITS: [&str; 4] = ["mean(l)", "hits(shop)", "misses(shop)", "offered(db)"];

#[test]
fn who_misses_fetches_and_who_comes_later_finds_it_until_it_dies() {
    let rows = cached(&[1.0, 2.0, 5.0, 15.5, 20.0], "ttl: \"10s\"", "", &HITS);
    // Fetched by 3 and, as nobody waits for another, once more by 5: so it is there to 15.
    assert_eq!((rows["hits(shop)"], rows["misses(shop)"]), (0.002, 0.003));
    assert_eq!(
        (rows["mean(l)"], rows["offered(db)"]),
        ((2.0 + 3.0 + 1.0 + 2.0 + 1.0) / 5.0, 0.003)
    );
}

#[test]
fn who_misses_what_another_fetches_waits_for_it_where_misses_are_coalesced() {
    let rows = cached(&[1.0, 2.0, 2.5], "ttl: \"10s\", coalesce: true", "", &HITS);
    // Fetched by 3; the others find it then.
    assert_eq!((rows["hits(shop)"], rows["misses(shop)"]), (0.002, 0.001));
    assert_eq!(rows["mean(l)"], (2.0 + 2.0 + 1.5) / 3.0);
}

#[test]
fn if_the_one_who_fetches_fails_the_next_one_fetches() {
    let crash = "faults: [Crash(service: \"db\", at: \"1.5s\", lasts: \"1s\")],";
    let asked = ["availability(l)", "mean(l)", "hits(shop)", "misses(shop)"];
    let rows = cached(&[1.0, 1.2, 3.0], "coalesce: true", crash, &asked);
    // The first dies at 1.5, and so does the second, which fetches at once; the third does at 3.
    assert_eq!((rows["availability(l)"], rows["mean(l)"]), (1.0 / 3.0, 2.0));
    assert_eq!((rows["hits(shop)"], rows["misses(shop)"]), (0.0, 0.003));
}

#[test]
fn a_flush_and_a_crash_empty_a_cache() {
    for fault in [
        "CacheFlush(service: \"shop\", at: \"9s\")",
        "Crash(service: \"shop\", at: \"9s\", lasts: \"100ms\")",
    ] {
        let faults = format!("faults: [{fault}],");
        let rows = cached(&[1.0, 5.0, 10.0, 15.0], "", &faults, &HITS);
        assert_eq!((rows["hits(shop)"], rows["misses(shop)"]), (0.002, 0.002), "{fault}");
    }
}

#[test]
fn what_is_stale_is_fetched_by_one_and_served_to_the_others() {
    let rows = cached(&[1.0, 8.0, 8.5, 11.0], "ttl: \"20s\", soft_ttl: \"5s\"", "", &HITS);
    assert_eq!((rows["hits(shop)"], rows["misses(shop)"]), (0.002, 0.002));
    assert_eq!(rows["mean(l)"], (2.0 + 2.0 + 1.0 + 1.0) / 4.0);
}

#[test]
fn keys_are_drawn_by_the_users_call_and_so_its_retries_are_about_the_same() {
    let text = "Experiment(
        name: \"keys\",
        run: (time: \"500s\", runs: 1, seed: 4),
        load: [Poisson(to: \"shop\", rate: \"20/s\", name: \"l\", with: [Retry(times: 1)])],
        services: {
            \"shop\": (workers: Unlimited, stores: {\"pages\": Cache(keys: Zipf(n: 50, exponent: 1.0), capacity: 1)},
                endpoints: { \"go\": [Get(store: \"pages\", miss: [Put(\"pages\"), Fail])] }),
        },
    )";
    let rows =
        rows(&measuring(text, &["availability(l)", "hits(shop)", "misses(shop)", "offered(l)"]));
    // Who misses fails, tries again at once, and finds what it put there itself.
    assert_eq!(rows["availability(l)"][0], 1.0);
    // With room for one, a hit at first is a key twice in a row: Σ p² = H₂(50) / H₁(50)² = 8.03 %.
    let hit = 1.0 - rows["misses(shop)"][0] / rows["offered(l)"][0];
    assert!((hit - 0.0803).abs() < 0.009, "{hit}");
}

#[test]
fn a_statement_timeout_counts_from_the_first_worker_and_ends_a_wait_for_a_row_too() {
    let every = arriving_at(&[1.0, 2.0, 3.0]);
    let text = |workers: u32, steps: &str| {
        format!(
            "Experiment(
                name: \"by hand\",
                run: (time: \"1000s\", runs: 1),
                load: [Renewal(to: \"db\", every: {every}, name: \"l\")],
                services: {{\"db\": (workers: {workers}, statement_timeout: \"4s\",
                    stores: {{\"row\": Rows}}, endpoints: {{\"go\": [{steps}]}})}},
            )"
        )
    };
    let asked = ["availability(l)", "mean(l)", "expired(db)"];
    // Waiting for a connection is no part of it: done at 4, 7 and 10.
    let queued = rows(&measuring(&text(1, "Work(\"3s\")"), &asked));
    assert_eq!((queued["availability(l)"][0], queued["mean(l)"][0]), (1.0, 5.0));
    // Waiting for a row is: the first has it to 4, the second to 6, where it is stopped, and the
    // third, which has it from then on, is stopped at 7.
    let locked = rows(&measuring(&text(9, "Lock(\"row\"), Work(\"3s\")"), &asked));
    assert_eq!((locked["availability(l)"][0], locked["mean(l)"][0]), (1.0 / 3.0, 3.0));
    assert_eq!(locked["expired(db)"][0], 0.002);
}
