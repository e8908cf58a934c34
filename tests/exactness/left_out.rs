//! What of the oracle is not checked here, and why.

use crate::harness::every_value;

/// Values of cases whose other values are checked: how their names begin, and why.
const VALUES: &[(&str, &str, &str)] = &[
    ("A04", "se_at", "the same number in other units"),
    ("A04", "halfwidth99", "the same number in other units"),
    ("A18", "var_wait", "needs the third moment of a heavy tail: not for a run of test length"),
    ("A20", "var_wait", "needs the third moment of a heavy tail: not for a run of test length"),
    ("A22", "var_wait", "needs the third moment of a heavy tail: not for a run of test length"),
    ("A22", "service_m", "given, not measured: moments of the work"),
    ("A22", "lam", "given, not measured"),
    ("A25", "sigma", "a root of the equation behind the other values"),
    ("A27", "sigma", "a root of the equation behind the other values"),
    ("A55", "think_mean", "given, not measured"),
    ("A57", "think_mean", "given, not measured"),
    ("A58", "prob_busy_serving", "a worker is held while its server is down: that is measured"),
    ("A60", "completion_m2", "a moment behind the mean wait, which is checked"),
    ("A64", "mean_rate", "given, not measured; the utilisation is checked"),
    ("A64", "decay_rate", "the ratio of two of the tails that are checked"),
    ("B02", "sigma", "a root of the equation behind the other values"),
    ("B04", "sigma", "a root of the equation behind the other values"),
    ("C18", "trace", "a vector of the conformance runner"),
    ("C18", "zero_drift_p", "arithmetic without a model; the chain at that ratio is checked"),
    ("C29", "asymptotic_growth_rate", "the slope of the backlogs that are checked"),
    ("C31", "poisson", "an approximation, for illustration"),
    ("C31", "always_safe", "arithmetic without a model"),
    ("D16", "prob_any_slow", "the same as prob_any_over_leaf_p99, with other numbers"),
    ("D16", "leaf_percentile", "arithmetic on the quantile of a leaf"),
    ("E01", "prob_trip_within_100000_p0.01_N5", "once in a hundred thousand runs"),
    ("H01", "parallel_3", "down once in a million: needs rare-event simulation"),
    ("H01", "kofn_3of5", "down once in a hundred thousand: needs rare-event simulation"),
    ("H01", "kofn_4of5", "down once in ten million: needs rare-event simulation"),
    ("H01", "diamond", "its parts' availabilities are not in the oracle"),
    ("H01", "bridge", "paths that share a part are no chain of calls"),
    ("H03", "outages", "outages are not counted; their share of time is checked"),
    ("H03", "budget", "arithmetic without a model"),
    ("H03", "nines", "the availability in other units"),
    ("I09", "prob_in_system_ge_100", "once in two million seconds: needs rare-event simulation"),
    ("I09", "decay_rate", "the ratio of two of the tails that are checked"),
    ("J03", "refined_mean_field", "an approximation of the simulated values, which are checked"),
    ("J05", "prediction", "B16 under another name"),
];

/// The tests of each file.
const SOURCES: [&str; 15] = [
    include_str!("arrivals.rs"),
    include_str!("attempts.rs"),
    include_str!("balancing.rs"),
    include_str!("breakdowns.rs"),
    include_str!("breakers.rs"),
    include_str!("disciplines.rs"),
    include_str!("heard.rs"),
    include_str!("intervals.rs"),
    include_str!("limiters.rs"),
    include_str!("networks.rs"),
    include_str!("queues.rs"),
    include_str!("scripts.rs"),
    include_str!("shared.rs"),
    include_str!("storms.rs"),
    include_str!("waits.rs"),
];

/// What stands in quotes in a source and could be a name, or a name with holes in it.
fn words(source: &str) -> Vec<&str> {
    let quoted = source.split('"').skip(1).step_by(2);
    let odd = |c: char| !(c.is_alphanumeric() || "_.{}".contains(c));
    quoted.filter(|text| !text.is_empty() && !text.contains(odd)).collect()
}

/// Whether a name is this word, whose holes are filled with other words or with numbers.
fn fits(name: &str, word: &str, words: &[&str]) -> bool {
    let Some((before, rest)) = word.split_once('{') else { return name == word };
    let (Some(name), Some((_, after))) = (name.strip_prefix(before), rest.split_once('}')) else {
        return false;
    };
    (1..=name.len()).any(|end| {
        let (filling, rest) = name.split_at(end);
        let is_known = filling.parse::<f64>().is_ok() || words.contains(&filling);
        is_known && fits(rest, after, words)
    })
}

#[test]
fn every_value_is_checked_or_has_its_reason() {
    let values: Vec<(String, String)> =
        every_value().into_iter().map(|(id, name, _)| (id[..3].to_owned(), name)).collect();
    let sources: Vec<(&str, Vec<&str>)> =
        SOURCES.iter().map(|source| (*source, words(source))).collect();
    let is_in_a_test = |(id, name): &(String, String)| {
        let own = sources.iter().filter(|(source, _)| source.contains(&format!("\"{id}\"")));
        own.into_iter().any(|(_, words)| words.iter().any(|word| fits(name, word, words)))
    };
    let has_reason = |(id, name): &(String, String)| {
        VALUES.iter().any(|(case, prefix, _)| case == id && name.starts_with(prefix))
    };
    let forgotten: Vec<_> =
        values.iter().filter(|value| !is_in_a_test(value) && !has_reason(value)).collect();
    assert!(forgotten.is_empty(), "neither checked nor left out: {forgotten:?}");
    for (case, prefix, reason) in VALUES {
        let is_there = values.iter().any(|(id, name)| id == case && name.starts_with(prefix));
        assert!(is_there && !reason.is_empty(), "nothing of {case} begins with {prefix}");
    }
    let checked = values.iter().filter(|value| !has_reason(value)).count();
    println!("{checked} of {} values are checked", values.len());
}
