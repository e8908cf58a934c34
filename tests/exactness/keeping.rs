//! What services keep, against closed forms: connections, rows, copies, keys, caches.

use crate::harness::{Score, runs_of};
use brownout_core::theory::{cache, mm1, mmc, mmck, once, pool, replica};
use brownout_policies::math;
use brownout_tests::{measuring, rows};

/// Checks sentences, each times a factor, against exact values.
fn check(score: &mut Score, text: &str, exact: &[(&str, f64, f64)]) {
    let sentences: Vec<&str> = exact.iter().map(|own| own.0).collect();
    let rows = rows(&measuring(text, &sentences));
    for &(sentence, factor, exact) in exact {
        let runs: Vec<f64> = rows[sentence].iter().map(|run| run * factor).collect();
        score.check(sentence, &runs, exact);
    }
}

/// Three requests a second, whose calls take a second each over four connections.
fn pooled(more: &str) -> String {
    format!(
        "Experiment(
            name: \"pool\",
            run: (time: \"2000s\", warmup: \"50s\", seed: 41, runs: 20),
            load: [Poisson(to: \"front\", rate: \"3/s\", name: \"l\")],
            services: {{
                \"front\": (workers: Unlimited, calls: [(to: \"q\")],
                          pools: {{\"q\": (size: 4, connect: \"0s\", {more})}}),
                \"q\": (workers: Unlimited, work: Exp(mean: \"1s\")),
            }},
        )"
    )
}

/// Connections are the servers of the queue.
#[test]
fn a_pool_of_connections_is_a_queue_with_as_many_servers() {
    let mut score = Score::default();
    let all = [
        ("pool_wait(q)", 1.0, mmc::wait_mean(3.0, 1.0, 4)),
        ("pool_in_use(q)", 1.0, 3.0),
        ("mean(l)", 1.0, mmc::sojourn_mean(3.0, 1.0, 4)),
        ("pool_timeouts(q)", 1.0, 0.0),
    ];
    check(&mut score, &pooled("timeout: \"1h\""), &all);
    for (timeout, tau) in [("500ms", 0.5), ("2s", 2.0)] {
        let exact = pool::solve(3.0, 1.0, 4, tau);
        let some = [
            ("pool_timeouts(q)", 1.0 / 3.0, exact.prob_timeout),
            ("pool_in_use(q)", 1.0, exact.in_use),
        ];
        check(&mut score, &pooled(&format!("timeout: \"{timeout}\"")), &some);
    }
    for places in [0, 2] {
        let exact = mmck::solve(3.0, 1.0, 4, 4 + places);
        let some = [("pool_timeouts(q)", 1.0 / 3.0, exact.prob_block)];
        check(&mut score, &pooled(&format!("timeout: \"1h\", queue: {places}")), &some);
    }
    score.finish();
}

/// Payments, a thousand seconds long and then nobody, over a link that loses either way.
fn payments(service: &str, layers: &str, (forth, back): (f64, f64)) -> String {
    format!(
        "Experiment(
            name: \"once\",
            run: (time: \"1010s\", seed: 43, runs: 20),
            load: [Poisson(to: \"pay\", rate: Steps([(\"0s\", \"20/s\"), (\"1000s\", \"0/s\")]),
                           name: \"l\", with: [{layers}])],
            services: {{ \"pay\": (workers: Unlimited, effect: AtEnd, {service}) }},
            faults: [
                Loss(link: \"l -> pay\", ratio: {forth}, direction: Forth, at: \"0s\", name: \"f\"),
                Loss(link: \"l -> pay\", ratio: {back}, direction: Back, at: \"0s\", name: \"b\"),
            ],
        )"
    )
}

const AMBIGUOUS: &str = "completed_but_reported_failed(l)";

/// From a rate in the whole run to a share of the requests.
const SHARE: f64 = 1010.0 / 20_000.0;

#[test]
fn lost_messages_make_duplicates_and_what_is_done_but_reported_failed() {
    let mut score = Score::default();
    let at_once = "work: Const(\"1ms\")";
    for (lost, retries) in [((0.0, 0.3), 0), ((0.0, 0.3), 3), ((0.2, 0.1), 2), ((0.4, 0.4), 1)] {
        let layers = format!("Retry(times: {retries}), Timeout(\"500ms\")");
        let ambiguous = (AMBIGUOUS, SHARE, once::ambiguous_prob(lost.0, lost.1, retries));
        let done = once::done_prob(lost.0, retries);
        let bare = [
            ("effects(pay)", 1.0, once::done_mean(lost.0, lost.1, retries)),
            ("duplicates(pay)", 1.0, once::duplicates_mean(lost.0, lost.1, retries)),
            ambiguous,
        ];
        check(&mut score, &payments(at_once, &layers, lost), &bare);
        let keyed = format!("{at_once}, idempotency: ()");
        let once = [("effects(pay)", 1.0, done), ("duplicates(pay)", 1.0, 0.0), ambiguous];
        check(&mut score, &payments(&keyed, &layers, lost), &once);
    }
    score.finish();
}

#[test]
fn an_answer_that_is_late_or_lost_is_of_what_is_done_all_the_same() {
    let mut score = Score::default();
    let slow = "work: Exp(mean: \"100ms\")";
    for back in [0.0, 0.25] {
        let exact = once::late_or_lost_prob(math::exp(-2.0), back);
        let text = payments(slow, "Timeout(\"200ms\")", (0.0, back));
        check(&mut score, &text, &[(AMBIGUOUS, SHARE, exact), ("effects(pay)", 1.0, 1.0)]);
    }
    score.finish();
}

/// Five writes a second to a row with one follower, and readers of either.
fn followed(lag: &str, more: &str, faults: &str) -> String {
    format!(
        "Experiment(
            name: \"followed\",
            run: (time: \"1005s\", warmup: \"5s\", seed: 47, runs: 20),
            load: [Poisson(to: \"db.write\", rate: \"5/s\", name: \"w\"),
                   Poisson(to: \"db.read\", rate: \"10/s\", name: \"r\")],
            services: {{
                \"db\": (replicas: 2, workers: Unlimited, balance: Random, stores: {{\"row\": Rows}},
                       replication: (lag: {lag}, {more}),
                       endpoints: {{ \"write\": [Write(\"row\")], \"read\": [Read(\"row\")] }}),
            }},
            faults: [{faults}],
        )"
    )
}

#[test]
fn a_follower_is_behind_as_often_and_by_as_much_as_writes_are_on_their_way() {
    let mut score = Score::default();
    // Half of the readers meet the primary.
    let stale = ("stale(db)", 1.0 / 5.0, replica::prob_behind(5.0, 0.2));
    let ages = [replica::age_constant(5.0, 0.2), replica::age_exponential(5.0, 0.2)];
    for (lag, age) in ["\"200ms\"", "Exp(mean: \"200ms\")"].into_iter().zip(ages) {
        check(&mut score, &followed(lag, "", ""), &[stale, ("age.mean(db)", 1.0, age)]);
    }
    score.finish();
}

#[test]
fn a_failover_loses_as_many_writes_as_are_on_their_way() {
    let mut score = Score::default();
    // Every ten seconds whoever leads is deprived of it, and another leads a second later.
    let faults = "Demote(service: \"db\", at: \"10s\", lasts: \"3s\", every: \"10s\")";
    let exact = [replica::lacks_constant(5.0, 0.4), replica::lacks_exponential(5.0, 0.4)];
    for (lag, lost) in ["\"400ms\"", "Exp(mean: \"400ms\")"].into_iter().zip(exact) {
        let text = followed(lag, "failover: \"1s\"", faults);
        check(&mut score, &text, &[("lost_writes(db)", 10.0, lost), ("failovers(db)", 10.0, 1.0)]);
    }
    let safe = followed("Exp(mean: \"400ms\")", "failover: \"1s\", synchronous: 1", faults);
    check(&mut score, &safe, &[("lost_writes(db)", 10.0, 0.0)]);
    score.finish();
}

/// Ten a second for keys of a store with this endpoint.
fn keyed(store: &str, steps: &str) -> String {
    format!(
        "Experiment(
            name: \"keyed\",
            run: (time: \"1020s\", warmup: \"20s\", seed: 53, runs: 16),
            load: [Poisson(to: \"q\", rate: \"10/s\", name: \"l\")],
            services: {{ \"q\": (workers: Unlimited, stores: {{\"own\": {store}}},
                               endpoints: {{ \"go\": [{steps}] }}) }},
        )"
    )
}

const FETCH: &str = "Get(store: \"own\", miss: [Put(\"own\")])";

#[test]
fn whoever_was_used_longest_ago_makes_room() {
    let mut score = Score::default();
    for (exponent, capacity) in [(0.0, 3), (1.0, 1), (1.0, 3), (0.7, 4)] {
        let hit = cache::lru_hit_ratio(&cache::zipf(8, exponent), capacity as usize);
        let keys = format!("keys: Zipf(n: 8, exponent: {exponent:?})");
        let text = keyed(&format!("Cache({keys}, capacity: {capacity})"), FETCH);
        check(&mut score, &text, &[("hits(q)", 0.1, hit), ("misses(q)", 0.1, 1.0 - hit)]);
        // Of limits, too: whom it does not know it makes room for.
        let limit = "limit: RateLimit(permits: 1, per: \"10000s\", burst: 1)";
        let limits = format!("Limits({keys}, {limit}, memory: (keys: {capacity}))");
        let text = keyed(&limits, "Admit(\"own\")");
        let exact = [("evicted(q)", 0.1, 1.0 - hit), ("goodput(l)", 0.1, 1.0 - hit)];
        check(&mut score, &text, &exact);
    }
    score.finish();
}

#[test]
fn what_lives_for_a_while_is_hit_until_it_dies() {
    let mut score = Score::default();
    let rates: Vec<f64> = cache::zipf(8, 1.0).iter().map(|share| share * 10.0).collect();
    let text = keyed("Cache(keys: Zipf(n: 8, exponent: 1.0), capacity: 8, ttl: \"1s\")", FETCH);
    check(&mut score, &text, &[("hits(q)", 0.1, cache::ttl_hit_ratio(&rates, 1.0))]);
    score.finish();
}

/// Whoever waits for a row waits in the queue of one server.
#[test]
fn a_row_is_a_server() {
    let mut score = Score::default();
    for (keys, rate) in [("", 10.0), ("(keys: 2)", 5.0)] {
        let text = keyed(&format!("Rows{keys}"), "Lock(\"own\"), Work(Exp(mean: \"80ms\"))");
        score.check(keys, &runs_of(&text, "mean(l)"), mm1::sojourn_mean(rate, 12.5));
    }
    score.finish();
}
