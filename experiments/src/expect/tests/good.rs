//! Sentences that are understood, and how they are spelt.

use crate::expect::{parse_expectation, parse_measure};

/// Expectations, and their canonical spelling where it differs.
const EXPECTATIONS: [(&str, &str); 55] = [
    // format.md
    ("availability(api) > 99%", ""),
    ("p99(api) < 500ms", ""),
    ("recovery(api) < 10s", ""),
    ("goodput(checkout) > 95% of offered after 90s on budget", ""),
    ("p99(checkout) < 800ms during 90s..180s on budget", ""),
    ("amplification(ledger) < 1.2 on budget", ""),
    ("recovery(checkout) < 15s on budget", ""),
    ("goodput(checkout) < 50% of offered after 90s on naive", ""),
    // Targets.
    ("p99(load.web) < 1s", ""),
    ("p99(load.'my load') < 1s", ""),
    ("p99(load.\"my load\") < 1s", "p99(load.'my load') < 1s"),
    ("p99('night shift') < 1s", ""),
    ("p99('load.web') < 1s", ""),
    ("p99(\"don't\") < 1s", ""),
    ("p99(ledger-client.v2) < 1s", ""),
    // Metrics.
    ("p99.9(api) < 2s", ""),
    ("p99.999(api) < 2s", ""),
    ("wait.p99(db) < 20ms", ""),
    ("wait(db) <= 5us", ""),
    ("wait.mean(db) <= 5us", "wait(db) <= 5us"),
    ("latency.p50(api) < 1s", "p50(api) < 1s"),
    ("latency(api) < 1s", "mean(api) < 1s"),
    ("var(api) < 0.04s2", ""),
    ("sojourn.sd(api) < 1min", "sojourn.sd(api) < 60s"),
    ("queue.max(db) >= 10", ""),
    ("rejected(db) < 120/min", "rejected(db) < 2/s"),
    ("dropped(db) == 0 ± 3600/h", "lost(db) == 0 ± 1/s"),
    ("events() > 1/ms", "events > 1000/s"),
    ("recovery(api, fault: \"deploy\") < 10s", "recovery(api, fault: 'deploy') < 10s"),
    ("fired(page) == 1 during 60s..90s", ""),
    ("detected(page, fault: \"deploy\") < 2min", "detected(page, fault: 'deploy') < 120s"),
    ("died.in_service(db) < 1/s", ""),
    ("died(web) > 10% of offered", ""),
    ("P(wait(db) > 20ms) < 5%", ""),
    ("P(wait(db) > 0) ≤ 0.5", "P(wait(db) > 0s) <= 0.5"),
    ("P(latency(api) ≤ 500ms) > 99%", "P(latency(api) <= 500ms) > 99%"),
    ("P(in_system(db) == 3) < 10%", "P(in_system(db) = 3) < 10%"),
    ("P(queue(db) > 9) < 1%", "P(queue(db) >= 10) < 1%"),
    ("P(busy(db) <= 2) > 90%", "P(busy(db) < 3) > 90%"),
    // Comparisons.
    ("utilisation(db) == 0.9 ± 0.01", ""),
    ("utilisation(db) == 90 % within 1 % before 60 s", "utilisation(db) == 90% ± 1% before 60s"),
    ("stuck(api) == 0 on no retries", "stuck(api) == 0 on 'no retries'"),
    ("goodput(api) of offered after 0.5min >= 0.95", "goodput(api) >= 0.95 of offered after 30s"),
    (
        "errors(api) after 90s on no retries < 10% of errors(api) on 'a < b'",
        "errors(api) after 90s on 'no retries' < 10% of errors(api) on 'a < b'",
    ),
    ("p99(api) on a < 2x p99(api) on b", "p99(api) on a < 2x of p99(api) on b"),
    ("p99(api) < p50(db) during 10s..20s", "p99(api) < 1 of p50(db) during 10s..20s"),
    ("mean(api) on a == mean(api) ± 5ms on b", "mean(api) on a == 1 of mean(api) ± 5ms on b"),
    // Shares of runs.
    ("p99(api) < 1s on no retries in 90% of runs", "p99(api) < 1s on 'no retries' in 90% of runs"),
    ("p99(api) < 1s in 90 % of runs on a", "p99(api) < 1s on a in 90% of runs"),
    ("p99(api) < 1s in 0.9 of runs", ""),
    (
        "p99(api) on a < 2x p99(api) in 95% of runs on b",
        "p99(api) on a < 2x of p99(api) on b in 95% of runs",
    ),
    // Orders of variants.
    ("p99(api) ranks a<no retries <c", "p99(api) ranks a < 'no retries' < c"),
    ("goodput(api) of offered after 90s ranks b > a", ""),
    ("p99(api) is lowest on no retries", "p99(api) is lowest on 'no retries'"),
    ("goodput(api) is highest after 90s on a", "goodput(api) after 90s is highest on a"),
];

#[test]
fn every_expectation_has_one_canonical_spelling_that_means_the_same() {
    for (written, canonical) in EXPECTATIONS {
        let canonical = if canonical.is_empty() { written } else { canonical };
        let read = parse_expectation(written).unwrap_or_else(|e| panic!("{written}: {e}"));
        assert_eq!(read.to_string(), canonical);
        let again = parse_expectation(canonical).unwrap_or_else(|e| panic!("{canonical}: {e}"));
        assert_eq!(again.claim, read.claim, "{written}");
    }
}

#[test]
fn every_measure_has_one_canonical_spelling_that_means_the_same() {
    for (written, canonical) in [
        ("p99(checkout) during 60s..70s", "p99(checkout) during 60s..70s"),
        ("utilisation(ledger)", "utilisation(ledger)"),
        ("attempts(api)  of offered on no retries", "attempts(api) of offered on 'no retries'"),
        ("P(wait(db) > 20ms) after 1.5s", "P(wait(db) > 20ms) after 1.5s"),
        ("cancelled(db)", "cancelled(db)"),
    ] {
        let read = parse_measure(written).unwrap_or_else(|e| panic!("{written}: {e}"));
        assert_eq!(read.to_string(), canonical);
        assert_eq!(parse_measure(canonical).expect("it is canonical").side, read.side);
    }
}

#[test]
fn a_sentence_keeps_the_text_it_was_written_in() {
    let text = " p99(api)<1s  on no retries ";
    assert_eq!(parse_expectation(text).expect("it is well formed").text(), text.trim());
    assert_eq!(parse_measure(" sd(api)").expect("it is well formed").text(), "sd(api)");
}

#[test]
fn every_metric_name_is_read_and_printed_alike() {
    let names = "offered throughput goodput errors turned_away attempts availability amplification wasted \
                 utilisation refused failed timed_out shed lost cancelled arrived finished tipped \
                 stuck mean sd var p1 p50 p95 p99 p99.9 wait wait.sd wait.var wait.p50 service \
                 service.p99 sojourn sojourn.p99.99 queue queue.max queue.var in_system \
                 in_system.max in_system.var busy busy.max busy.var recovery";
    for name in names.split_whitespace() {
        let sentence = format!("{name}(api)");
        let read = parse_measure(&sentence).unwrap_or_else(|e| panic!("{sentence}: {e}"));
        assert_eq!(read.to_string(), sentence);
    }
}
