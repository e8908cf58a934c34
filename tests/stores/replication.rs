//! Replicas that keep the same, by hand: who leads, what the others have, what is lost.

use brownout_tests::{arriving_at, measuring, rows};
use std::collections::BTreeMap;

/// Writers and readers at these seconds of a database with three replicas.
fn database(
    (writes, reads): (&[f64], &[f64]),
    replication: &str,
    more: &str,
    asked: &[&str],
) -> BTreeMap<String, f64> {
    let (writes, reads) = (arriving_at(writes), arriving_at(reads));
    let text = format!(
        "Experiment(
            name: \"by hand\",
            run: (time: \"1000s\", runs: 1),
            load: [Renewal(to: \"db.write\", every: {writes}, name: \"w\"),
                   Renewal(to: \"db.read\", every: {reads}, name: \"r\")],
            services: {{
                \"db\": (replicas: 3, workers: 10, stores: {{\"row\": Rows}},
                       replication: ({replication}),
                       endpoints: {{ \"write\": [Write(\"row\")], \"read\": [Read(\"row\")] }}),
            }},
            {more}
        )"
    );
    let rows = rows(&measuring(&text, asked));
    rows.into_iter().map(|(sentence, runs)| (sentence, runs[0])).collect()
}

/// In a run of a thousand seconds.
fn count(rows: &BTreeMap<String, f64>, sentence: &str) -> f64 {
    (rows[sentence] * 1000.0).round()
}

#[test]
fn a_follower_has_a_write_after_its_lag_and_until_then_what_is_old() {
    let asked = ["stale(db)", "age.mean(db)", "availability(w)", "availability(r)"];
    // Readers go to numbers 0, 1, 2, 0, 1, 2 in turn. The write at 10 is at the followers at 14; at
    // 11 number 0 has it, at 12 number 1 has not, at 13 number 2 has not; later all have it.
    let reads = [11.0, 12.0, 13.0, 15.0, 16.0, 17.0];
    let rows = database((&[10.0], &reads), "lag: \"4s\"", "", &asked);
    assert_eq!((count(&rows, "stale(db)"), rows["age.mean(db)"]), (2.0, 2.5));
    assert_eq!((rows["availability(w)"], rows["availability(r)"]), (1.0, 1.0));
    let primary = database((&[10.0], &reads), "lag: \"4s\", reads: Primary", "", &asked);
    assert_eq!(count(&primary, "stale(db)"), 0.0);
}

#[test]
fn a_write_waits_for_as_many_followers_as_must_have_it() {
    let lag = "lag: Sequence([\"2s\", \"5s\"])";
    let took = |replication: &str| {
        let rows = database((&[10.0, 30.0], &[]), replication, "", &["mean(w)"]);
        rows["mean(w)"]
    };
    // Both followers have the first after 2 s and the second after 5 s.
    assert_eq!(took(lag), 0.0);
    assert_eq!(took(&format!("{lag}, synchronous: 1")), 3.5);
    assert_eq!(took(&format!("{lag}, synchronous: 2")), 3.5);
}

const DIES: &str = "faults: [Crash(service: \"db\", replica: 0, at: \"20s\", lasts: \"30s\")],";

#[test]
fn a_failover_loses_what_no_follower_had_and_whoever_was_answered_is_told_nothing() {
    let asked =
        ["lost_writes(db)", "failovers(db)", "availability(w)", "failed(db)", "refused(db)"];
    // Written at 10 and 19; the second is on its way for 4 s when the primary dies at 20. At 25
    // number 1 leads; callers learn of it at 28. At 22 nobody answers, at 26 the dead one is asked
    // still, at 29 the new one; the old one is back at 50 and follows.
    let writes = [10.0, 19.0, 22.0, 26.0, 29.0, 60.0];
    let rule = "lag: \"4s\", failover: \"5s\", learned: \"3s\"";
    let rows = database((&writes, &[]), rule, DIES, &asked);
    assert_eq!((count(&rows, "lost_writes(db)"), count(&rows, "failovers(db)")), (1.0, 1.0));
    assert_eq!((rows["availability(w)"], count(&rows, "refused(db)")), (4.0 / 6.0, 2.0));
    // Who waits for a follower is not answered before it is safe: the write at 19 dies with its
    // primary, and its writer knows.
    let safe = database((&writes, &[]), &format!("{rule}, synchronous: 1"), DIES, &asked);
    assert_eq!((count(&safe, "lost_writes(db)"), safe["availability(w)"]), (0.0, 0.5));
    // Nobody takes its place: it comes back with all it had.
    let rows = database((&writes, &[]), "lag: \"4s\"", DIES, &asked);
    assert_eq!((count(&rows, "lost_writes(db)"), count(&rows, "failovers(db)")), (0.0, 0.0));
    assert_eq!(rows["availability(w)"], 0.5);
}

#[test]
fn who_is_demoted_refuses_writes_and_serves_what_is_old_until_it_may_follow() {
    let asked = ["failed(db)", "stale(db)", "failovers(db)", "availability(w)", "availability(r)"];
    let demote = "faults: [Demote(service: \"db\", at: \"20s\", lasts: \"30s\")],";
    // At 21 number 0 leads no more and nobody does; at 26 number 1 does. The readers at 40, 41, 42
    // meet numbers 0, 1 and 2, and number 0 has not the write of 30; at 60 it has it.
    let times: (&[f64], &[f64]) = (&[10.0, 21.0, 30.0], &[40.0, 41.0, 42.0, 60.0]);
    let rows = database(times, "lag: \"1s\", failover: \"5s\"", demote, &asked);
    assert_eq!((count(&rows, "failed(db)"), count(&rows, "failovers(db)")), (1.0, 1.0));
    assert_eq!((count(&rows, "stale(db)"), rows["availability(r)"]), (1.0, 1.0));
    assert_eq!(rows["availability(w)"], 2.0 / 3.0);
}

#[test]
fn who_waits_for_followers_when_its_primary_is_demoted_fails_and_nothing_answered_is_lost() {
    let demote = "faults: [Demote(service: \"db\", at: \"20s\", lasts: \"30s\")],";
    let asked = ["failed(db)", "lost_writes(db)", "availability(w)"];
    let times: (&[f64], &[f64]) = (&[10.0, 19.0, 30.0], &[]);
    let rule = "lag: \"4s\", failover: \"5s\"";
    // The write at 19 is on its way when its primary is cut off: answered at once and lost, or not.
    let rows = database(times, rule, demote, &asked);
    assert_eq!((count(&rows, "failed(db)"), count(&rows, "lost_writes(db)")), (0.0, 1.0));
    let rows = database(times, &format!("{rule}, synchronous: 1"), demote, &asked);
    assert_eq!((count(&rows, "failed(db)"), count(&rows, "lost_writes(db)")), (1.0, 0.0));
    assert_eq!(rows["availability(w)"], 2.0 / 3.0);
}

#[test]
fn with_too_few_followers_nothing_is_changed() {
    let crash = "faults: [Crash(service: \"db\", replica: 1, at: \"20s\", lasts: \"30s\")],";
    let asked = ["availability(w)", "failed(db)"];
    let rule = "lag: \"1s\", synchronous: 2";
    let rows = database((&[10.0, 30.0, 60.0], &[]), rule, crash, &asked);
    assert_eq!((rows["availability(w)"], count(&rows, "failed(db)")), (2.0 / 3.0, 1.0));
}

/// Requests at these seconds for a limit of two at once and one in a thousand seconds, which a
/// shard keeps and a follower some seconds later.
fn limited(
    arrivals: &[f64],
    limits: &str,
    (service, more): (&str, &str),
    asked: &[&str],
) -> BTreeMap<String, f64> {
    let every = arriving_at(arrivals);
    let text = format!(
        "Experiment(
            name: \"by hand\",
            run: (time: \"1000s\", runs: 1),
            load: [Renewal(to: \"shard\", every: {every}, name: \"l\")],
            services: {{
                \"shard\": (workers: 1, endpoints: {{ \"go\": [Admit(\"limits\")] }},
                          stores: {{\"limits\": Limits({limits})}}, {service}),
            }},
            {more}
        )"
    );
    let rows = rows(&measuring(&text, asked));
    rows.into_iter().map(|(sentence, runs)| (sentence, runs[0])).collect()
}

const TWO: &str = "limit: RateLimit(permits: 1, per: \"1000s\", burst: 2)";

#[test]
fn a_follower_that_is_behind_hands_out_the_burst_once_more() {
    let run = |lag: &str| {
        let service = format!("replicas: 2, replication: (lag: \"{lag}\", failover: \"1s\")");
        let more = "faults: [Crash(service: \"shard\", replica: 0, at: \"20s\", lasts: \"900s\")],";
        let asked = ["availability(l)", "lost_writes(shard)"];
        let rows = limited(&[10.0, 11.0, 12.0, 30.0, 31.0, 32.0], TWO, (&service, more), &asked);
        (rows["availability(l)"], count(&rows, "lost_writes(shard)"))
    };
    assert_eq!(run("1s"), (2.0 / 6.0, 0.0));
    assert_eq!(run("60s"), (4.0 / 6.0, 2.0));
    // It has the first of the two.
    assert_eq!(run("9500ms"), (3.0 / 6.0, 1.0));
}

#[test]
fn a_shard_that_comes_back_empty_empties_those_who_follow_it() {
    let service = "replicas: 2, replication: (lag: \"1s\", failover: \"10s\")";
    let more = "faults: [Crash(service: \"shard\", replica: 0, at: \"20s\", lasts: \"5s\"),
                         Crash(service: \"shard\", replica: 0, at: \"40s\", lasts: \"900s\")],";
    let asked = ["availability(l)", "failovers(shard)"];
    let arrivals = [10.0, 11.0, 12.0, 26.0, 60.0, 61.0, 62.0];
    let rows = limited(&arrivals, TWO, (service, more), &asked);
    // Two before, one of the new two at 26, which the follower has heard of, and the other at 60.
    assert_eq!((rows["availability(l)"], count(&rows, "failovers(shard)")), (4.0 / 7.0, 1.0));
}

#[test]
fn a_window_without_an_end_locks_its_user_out_for_good() {
    let limit = |leak: &str| {
        let limits = format!(
            "limit: RateLimit(algorithm: AnchoredWindow, permits: 1, per: \"10s\"), \
             leak: \"{leak}\""
        );
        let asked = ["availability(l)", "leaked(shard)"];
        let rows = limited(&[1.0, 2.0, 20.0, 40.0], &limits, ("", ""), &asked);
        (rows["availability(l)"], count(&rows, "leaked(shard)"))
    };
    assert_eq!(limit("0%"), (0.75, 0.0));
    assert_eq!(limit("100%"), (0.25, 1.0));
}

/// Two users who ask in turn: keys are drawn, so that it takes many to see both.
#[test]
fn memory_for_one_key_forgets_the_other_or_refuses_it() {
    let arrivals: Vec<f64> = (1..=40).map(f64::from).collect();
    let run = |memory: &str| {
        let limits = format!("{TWO}, keys: 2, {memory}");
        let asked = ["availability(l)", "evicted(shard)", "failed(shard)", "rejected(shard)"];
        let rows = limited(&arrivals, &limits, ("", ""), &asked);
        let [evicted, failed] = ["evicted(shard)", "failed(shard)"].map(|what| count(&rows, what));
        ((rows["availability(l)"] * 40.0).round(), evicted, failed)
    };
    assert_eq!(run(""), (4.0, 0.0, 0.0));
    let (passed, evicted, failed) = run("memory: (keys: 1)");
    assert!(passed > 10.0 && evicted >= passed / 2.0 - 1.0 && failed == 0.0, "{passed} {evicted}");
    let (passed, evicted, failed) = run("memory: (keys: 1, full: Refuse)");
    assert!((passed, evicted) == (2.0, 0.0) && failed > 10.0, "{passed} {evicted} {failed}");
}

/// The limit's clock is ten seconds ahead from 20 to 50: what is due at 110 comes at 100, and after
/// the clock is set right it stands until it has caught up.
#[test]
fn a_limit_goes_by_its_shards_clock_and_a_jump_moves_it() {
    let limit = "limit: RateLimit(permits: 1, per: \"100s\", burst: 1)";
    let jump = |by: &str| {
        let more = format!(
            "faults: [ClockJump(service: \"shard\", by: \"{by}\", at: \"20s\", lasts: \"200s\")],"
        );
        let arrivals = [10.0, 101.0, 109.0, 111.0, 121.0];
        let rows = limited(&arrivals, limit, ("", &more), &["availability(l)"]);
        (rows["availability(l)"] * 5.0).round()
    };
    // Due at 110: it is 101 + 10 by its clock; then nothing before 211.
    assert_eq!(jump("10s"), 2.0);
    // By its clock it is 101 at 111 and 111 at 121.
    assert_eq!(jump("-10s"), 2.0);
    let early = limited(&[10.0, 101.0], limit, ("", ""), &["availability(l)"]);
    assert_eq!(early["availability(l)"], 0.5);
}
