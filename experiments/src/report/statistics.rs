//! How the numbers of a report got their intervals, where plain replications are not all.

use super::Summary;
use super::json::Json;
use crate::expect::{MeasureRow, Unit};
use crate::experiment::{Until, Warmup};
use crate::runner::until::widest;

/// A sentence each: about the warm-up, the batches, and why it stopped when it did.
pub(super) fn words(summary: &Summary<'_>) -> Vec<String> {
    let statistics = &summary.experiment.statistics;
    let mut words = Vec::new();
    if let Warmup::Detected(how) = &statistics.warmup {
        words.push(format!("warm-up {how}"));
    }
    if let Some(batches) = batches(summary) {
        words.push(format!(
            "the run is cut into {batches} stretches of equal length; ± is half the 95 % interval \
             over these"
        ));
    }
    if let Some((rule, found)) = until(summary) {
        let runs = summary.results.seeds.len();
        let share = |value| Unit::Share.human(value);
        let widest = found.as_ref().map_or_else(String::new, |(row, width)| {
            let (text, width) = (row.text.replace('\'', ""), share(*width));
            format!("; least well known is {text} on {}, ± {width}", row.variant)
        });
        let goal = share(rule.half_width);
        words.push(match is_reached(rule, found.as_ref()) {
            true => format!("{runs} runs were enough for half-widths of {goal}{widest}"),
            false => format!("half-widths of {goal} were not reached in {runs} runs{widest}"),
        });
    }
    words
}

/// How each number was got: what of it, and how.
fn manner(summary: &Summary<'_>) -> Vec<(&'static str, String)> {
    let statistics = &summary.experiment.statistics;
    let runs = summary.results.seeds.len();
    let first = summary.variants.first().map(|one| &summary.experiment.variants[one.place].graph);
    let warmup = match (&statistics.warmup, first.map(|graph| graph.warmup)) {
        (Warmup::Detected(how), _) => how.clone(),
        (_, Some(warmup)) if !warmup.is_zero() => {
            format!("the first {warmup} are left out, as the file says")
        }
        _ => "none is left out".to_owned(),
    };
    let intervals = match (runs, batches(summary)) {
        (_, Some(batches)) => format!("95 %, Student’s over {batches} stretches of the only run"),
        (1, None) => "none of one run".to_owned(),
        _ => "95 %: Student’s of means over the runs, Wilson’s of shares of runs".to_owned(),
    };
    let replications = match runs {
        1 => format!("one, {}", summary.results.seeds[0]),
        runs => format!("{runs} of seed {}, each with draws of its own", summary.seed),
    };
    let stopping = match until(summary) {
        None => "after the number of runs that was asked for".to_owned(),
        Some(_) => words(summary).pop().unwrap_or_default(),
    };
    let mut rows = vec![
        ("replications", replications),
        ("intervals", intervals),
        ("warm-up", warmup),
        ("stopping", stopping),
    ];
    if summary.variants.len() > 1 {
        rows.push(("pairing", pairing(summary)));
    }
    rows
}

/// How variants are compared, and what that was good for.
fn pairing(summary: &Summary<'_>) -> String {
    let how = "variants meet the same arrivals and service times, and are compared run by run";
    let gains = summary.judgements.iter().filter_map(|judgement| {
        let (_, gain) = judgement.note.as_ref()?.split_once("common draws: ")?;
        let gain = gain.split(';').next().unwrap_or(gain);
        Some(format!("{}: {gain}", judgement.text))
    });
    let gains = gains.collect::<Vec<String>>();
    if gains.is_empty() { how.to_owned() } else { format!("{how}; {}", gains.join("; ")) }
}

/// The same as data.
pub(super) fn json(summary: &Summary<'_>) -> Json {
    let statistics = &summary.experiment.statistics;
    let warmup = match &statistics.warmup {
        Warmup::Detected(how) => Json::text(how),
        Warmup::Declared | Warmup::ToDetect => Json::Null,
    };
    let until = until(summary).map_or(Json::Null, |(rule, found)| {
        let reached = is_reached(rule, found.as_ref());
        let width = found.as_ref().map_or(Json::Null, |(_, width)| Json::Number(*width));
        Json::object([
            ("half_width", Json::Number(rule.half_width)),
            ("max", Json::Whole(u64::from(rule.max))),
            ("reached", Json::Bool(reached)),
            ("widest", found.as_ref().map_or(Json::Null, |(row, _)| Json::text(&row.text))),
            ("widest_half_width", width),
        ])
    });
    let batches = batches(summary).map_or(Json::Null, |one| Json::Whole(u64::from(one)));
    let manner = manner(summary)
        .into_iter()
        .map(|(what, how)| Json::object([("what", Json::text(what)), ("how", Json::text(how))]));
    Json::object([
        ("warmup", warmup),
        ("batches", batches),
        ("until", until),
        ("manner", Json::List(manner.collect())),
    ])
}

/// The number of stretches, where there is one run to cut.
fn batches(summary: &Summary<'_>) -> Option<u32> {
    summary.experiment.statistics.batches.filter(|_| summary.results.seeds.len() == 1)
}

/// The rule, and what is known least well. None where the command line said how many runs.
fn until(summary: &Summary<'_>) -> Option<(Until, Option<(MeasureRow, f64)>)> {
    let rule = summary.experiment.statistics.until?;
    let is_ruled = summary.results.seeds.len() >= summary.experiment.runs as usize;
    is_ruled.then(|| (rule, widest(summary.experiment, summary.results)))
}

fn is_reached(rule: Until, widest: Option<&(MeasureRow, f64)>) -> bool {
    widest.is_none_or(|(_, width)| *width <= rule.half_width)
}
