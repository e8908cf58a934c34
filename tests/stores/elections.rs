//! Who leads when those who follow have been away or cut off, by hand.

use brownout_tests::{arriving_at, measuring, rows};
use std::collections::BTreeMap;

/// Writers and readers at these seconds of a database with a replica in each of three zones.
fn database(
    times: (&[f64], &[f64]),
    replication: &str,
    faults: &str,
) -> BTreeMap<&'static str, f64> {
    scripted(("Write(\"row\")", "Keep"), times, replication, faults)
}

/// The same, where this is what writers have done, and what becomes of it when nobody waits.
fn scripted(
    (script, in_service): (&str, &str),
    (writes, reads): (&[f64], &[f64]),
    replication: &str,
    faults: &str,
) -> BTreeMap<&'static str, f64> {
    let (writes, reads) = (arriving_at(writes), arriving_at(reads));
    let text = format!(
        "Experiment(
            name: \"by hand\",
            run: (time: \"1000s\", runs: 1),
            load: [Renewal(to: \"db.write\", every: {writes}, name: \"w\"),
                   Renewal(to: \"db.read\", every: {reads}, name: \"r\")],
            services: {{
                \"db\": (replicas: 3, workers: 10, stores: {{\"row\": Rows}}, zones: [\"a\", \"b\", \"c\"],
                       replication: (lag: \"4s\", {replication}),
                       on_cancel: (in_service: {in_service}),
                       endpoints: {{ \"write\": [{script}], \"read\": [Read(\"row\")] }}),
            }},
            faults: [{faults}],
        )"
    );
    const ASKED: [(&str, f64); 5] = [
        ("goodput(w)", 1000.0),
        ("failovers(db)", 1000.0),
        ("lost_writes(db)", 1000.0),
        ("stale(db)", 1000.0),
        ("mean(w)", 1.0),
    ];
    let rows = rows(&measuring(&text, &ASKED.map(|asked| asked.0)));
    let value =
        |(name, times): (&'static str, f64)| (name, (rows[name][0] * times * 1e6).round() / 1e6);
    ASKED.map(value).into_iter().collect()
}

/// A replica's process is dead from one second to another.
fn dies(replica: u32, from: u32, to: u32) -> String {
    let lasts = to - from;
    format!("Crash(service: \"db\", replica: {replica}, at: \"{from}s\", lasts: \"{lasts}s\"), ")
}

#[test]
fn if_nobody_is_there_when_a_primary_dies_the_first_who_comes_back_takes_its_place() {
    let all_die = [dies(1, 15, 35), dies(2, 15, 60), dies(0, 20, 920)].concat();
    // The writes of 14 and 18 never come to number 1, which leads from 40 on.
    let rows = database((&[10.0, 14.0, 18.0, 38.0, 42.0], &[]), "failover: \"5s\"", &all_die);
    assert_eq!((rows["goodput(w)"], rows["failovers(db)"]), (4.0, 1.0));
    assert_eq!(rows["lost_writes(db)"], 2.0);
    // It is back before the time is up.
    let soon = [dies(1, 15, 22), dies(2, 15, 60), dies(0, 20, 920)].concat();
    let rows = database((&[10.0, 24.0, 26.0], &[]), "failover: \"5s\"", &soon);
    assert_eq!((rows["goodput(w)"], rows["failovers(db)"]), (2.0, 1.0));
    // And number 2, which comes back later, has what number 1 had: it leads when that dies.
    let later = format!("{all_die}{}", dies(1, 70, 920));
    let rows = database((&[10.0, 42.0, 76.0], &[]), "failover: \"5s\"", &later);
    assert_eq!(
        (rows["goodput(w)"], rows["failovers(db)"], rows["lost_writes(db)"]),
        (3.0, 2.0, 0.0)
    );
}

#[test]
fn who_has_what_was_lost_does_not_lead_again_before_it_has_followed() {
    let faults = [dies(0, 20, 35), dies(1, 30, 60), dies(2, 30, 920)].concat();
    // Number 1 leads from 25 on. Number 0 comes back when nobody else is there.
    let alone = |writes: &[f64]| {
        let rows = database((writes, &[]), "failover: \"5s\"", &faults);
        ["goodput(w)", "failovers(db)", "lost_writes(db)"].map(|name| rows[name])
    };
    assert_eq!(alone(&[10.0, 50.0, 70.0]), [3.0, 2.0, 0.0], "it lacks nothing and leads at 40");
    assert_eq!(alone(&[10.0, 26.0, 50.0]), [3.0, 2.0, 1.0], "it lacks the write of 26");
    assert_eq!(
        alone(&[10.0, 19.0, 50.0, 70.0]),
        [3.0, 1.0, 1.0],
        "it has that of 19: nobody leads"
    );
}

const APART: &str = "Partition(zone: \"b\", at: \"20s\", lasts: \"20s\"";

#[test]
fn changes_wait_while_a_partition_cuts_a_follower_off_and_are_sent_when_it_is_over() {
    // Readers meet numbers 0, 1 and 2 in turn, and the one at 41.1 number 1.
    let reads = [41.0, 41.1, 41.2, 45.0, 45.1, 45.2];
    let stale = |faults: &str| database((&[10.0, 18.0, 25.0], &reads), "", faults)["stale(db)"];
    assert_eq!(stale(""), 0.0);
    for way in [")", ", direction: Forth)", ", direction: Back)"] {
        assert_eq!(stale(&format!("{APART}{way}")), 1.0, "{way}");
    }
    assert_eq!(stale("Loss(zone: \"b\", ratio: \"100%\", at: \"20s\", lasts: \"20s\")"), 1.0);
    assert_eq!(stale("Loss(zone: \"b\", ratio: \"90%\", at: \"20s\", lasts: \"20s\")"), 0.0);
    // A follower that stands still is no better.
    assert_eq!(stale("Stall(service: \"db\", replica: 1, at: \"20s\", lasts: \"20s\")"), 1.0);
}

#[test]
fn who_must_wait_for_a_follower_that_is_cut_off_waits_until_it_has_the_change() {
    let took = |synchronous: u32, faults: &str| {
        database((&[18.0], &[]), &format!("synchronous: {synchronous}"), faults)["mean(w)"]
    };
    assert_eq!(took(2, ""), 4.0);
    // It is on its way when the partition begins, and once more when it ends.
    let apart = format!("{APART})");
    assert_eq!((took(2, &apart), took(1, &apart)), (26.0, 4.0));
    let slow = "Latency(zone: \"b\", add: \"3s\", at: \"15s\", lasts: \"20s\")";
    assert_eq!((took(2, slow), took(1, slow)), (7.0, 4.0));
}

/// What was changed stands; but nobody is told so.
#[test]
fn who_waits_for_more_followers_than_there_are_left_fails() {
    let run = |synchronous: u32| {
        let rule = format!("synchronous: {synchronous}");
        let rows = database((&[10.0, 18.0], &[]), &rule, &dies(1, 20, 50));
        (rows["goodput(w)"], rows["mean(w)"], rows["lost_writes(db)"])
    };
    assert_eq!((run(1), run(2)), ((2.0, 4.0, 0.0), (1.0, 4.0, 0.0)));
}

#[test]
fn who_is_cut_off_lacks_what_was_changed_meanwhile_if_it_takes_the_primarys_place() {
    // Numbers 1 and 2 are both apart from the primary; number 2 is not for long.
    let faults = format!(
        "{APART}), Partition(zone: \"c\", at: \"20s\", lasts: \"2s\"), {}",
        dies(0, 30, 920)
    );
    // The write of 18 is at number 2 at 26, that of 24 at 28, and that of 27 nowhere at 30.
    let rows = database((&[10.0, 18.0, 24.0, 27.0, 50.0], &[]), "failover: \"5s\"", &faults);
    assert_eq!((rows["lost_writes(db)"], rows["goodput(w)"]), (1.0, 5.0));
    // With number 2 dead, number 1 has that of 10 only.
    let faults = format!("{faults}{}", dies(2, 19, 920));
    let rows = database((&[10.0, 18.0, 24.0, 27.0, 50.0], &[]), "failover: \"5s\"", &faults);
    assert_eq!((rows["lost_writes(db)"], rows["goodput(w)"]), (3.0, 5.0));
}

#[test]
fn branches_that_wait_for_followers_fail_as_one_when_their_primary_is_demoted() {
    let two = "Parallel([[Write(\"row\")], [Write(\"row\")]])";
    let demote = "Demote(service: \"db\", at: \"20s\", lasts: \"900s\")";
    let rows =
        scripted((two, "Stop"), (&[10.0, 19.0], &[]), "synchronous: 1, failover: \"5s\"", demote);
    assert_eq!((rows["goodput(w)"], rows["mean(w)"], rows["lost_writes(db)"]), (1.0, 4.0, 0.0));
}

#[test]
fn a_branch_may_write_when_its_request_has_long_been_answered() {
    let later = "Parallel(branches: [[Sleep(\"1s\")], [Sleep(\"5s\"), Write(\"row\")]], join: Any)";
    // Answered at 11; the other branch writes at 15, and number 1, which is asked second, has it
    // at 19.
    let run = |in_service: &str| {
        let rows = scripted((later, in_service), (&[10.0], &[16.0, 16.1]), "", "");
        (rows["mean(w)"], rows["stale(db)"])
    };
    assert_eq!((run("Keep"), run("Stop")), ((1.0, 1.0), (1.0, 0.0)));
}
