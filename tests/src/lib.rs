//! What the tests share: experiments from text, run in place, asked by sentences.

use brownout::expect::{Values, measure};
use brownout::experiment::Experiment;
use brownout::spec::{LoadOptions, load};
use brownout_core::random::Seed;
use brownout_topologies::ledger::Plan;
use brownout_topologies::ledger::query::{Query, Value};
use brownout_topologies::run::run;
use std::collections::BTreeMap;

/// An experiment from its text, which must be right.
///
/// # Panics
/// With all its problems, if it is not.
pub fn parse(text: &str) -> Experiment {
    parse_with(text, &[])
}

/// [`parse`] with files beside it: (path, text).
///
/// # Panics
/// With all its problems, if it is not right.
pub fn parse_with(text: &str, files: &[(&str, &str)]) -> Experiment {
    let read = |path: &str| {
        let found = files.iter().find(|(name, _)| *name == path);
        found.map(|(_, text)| (*text).to_owned()).ok_or(format!("there is no file {path}"))
    };
    let options = LoadOptions { file_name: "test.ron".to_owned(), sets: Vec::new(), read: &read };
    load(text, &options).unwrap_or_else(|problems| panic!("{}\n{text}", problems.render(false)))
}

/// Every question of the file's measures, with the first variant's answer in every replication.
///
/// # Panics
/// If a run fails.
pub fn replicate(experiment: &Experiment) -> Vec<(Query, Vec<Value>)> {
    let graph = &experiment.variants[0].graph;
    let mut queries: Vec<Query> = Vec::new();
    for (_, query) in experiment.measure.iter().flat_map(|bound| bound.queries()) {
        if !queries.contains(query) {
            queries.push(query.clone());
        }
    }
    let plan = Plan { queries: queries.clone(), ..Plan::default() };
    let mut answers: Vec<(Query, Vec<Value>)> =
        queries.into_iter().map(|query| (query, Vec::new())).collect();
    for replication in 0..experiment.runs {
        let seed = Seed { seed: experiment.seed, replication };
        let finished = run(graph, seed, &plan).unwrap_or_else(|error| panic!("{error}"));
        for (query, values) in &mut answers {
            values.push(finished.answer(graph, query));
        }
    }
    answers
}

/// What the file's measures say in every replication of its first variant.
///
/// # Panics
/// If a run fails.
pub fn rows(experiment: &Experiment) -> BTreeMap<String, Vec<f64>> {
    let answers = replicate(experiment);
    let values: &Values<'_> = &|_, query| {
        let found = answers.iter().find(|(asked, _)| asked == query);
        &found.expect("every query was in the plan").1
    };
    let rows = experiment.measure.iter().flat_map(|bound| measure(bound, values));
    rows.map(|row| (row.text, row.runs)).collect()
}

/// `text` with these sentences as its `measure`.
///
/// # Panics
/// If the text does not end as an experiment does.
pub fn measuring(text: &str, sentences: &[&str]) -> Experiment {
    measuring_with(text, sentences, &[])
}

/// [`measuring`] with files beside it: (path, text).
///
/// # Panics
/// As [`measuring`].
pub fn measuring_with(text: &str, sentences: &[&str], files: &[(&str, &str)]) -> Experiment {
    let quoted: Vec<String> = sentences.iter().map(|sentence| format!("\"{sentence}\"")).collect();
    let body = text.trim_end().strip_suffix(')').expect("an experiment ends with a parenthesis");
    parse_with(&format!("{body}\n    measure: [{}],\n)", quoted.join(", ")), files)
}

/// What one sentence says of the first replication.
///
/// # Panics
/// If a run fails.
pub fn value(text: &str, sentence: &str) -> f64 {
    rows(&measuring(text, &[sentence]))[sentence][0]
}

/// The gaps before arrivals at these seconds, as a distribution; none comes after them.
pub fn arriving_at(seconds: &[f64]) -> String {
    let mut last = 0.0;
    let gaps = seconds.iter().chain(&[1_000_000.0]).map(|&at| {
        let gap = at - last;
        last = at;
        format!("\"{gap}s\"")
    });
    format!("Sequence([{}])", gaps.collect::<Vec<String>>().join(", "))
}

/// Requests at these seconds to a service `q` with ten seconds of work.
pub fn ten_seconds_of_work(arrivals: &[f64], service: &str, rest: &str) -> String {
    let every = arriving_at(arrivals);
    format!(
        "Experiment(
            name: \"by hand\",
            run: (time: \"1000s\", runs: 1),
            load: [Renewal(to: \"q\", every: {every}, name: \"l\")],
            services: {{ \"q\": (workers: 1, work: Const(\"10s\"), {service}) }},
            {rest}
        )"
    )
}
