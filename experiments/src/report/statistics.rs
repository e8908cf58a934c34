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
    Json::object([("warmup", warmup), ("batches", batches), ("until", until)])
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
