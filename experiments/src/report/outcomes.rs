//! The table of a report: a row per variant, what its users saw and what became of its runs.

mod deeds;

use super::human::wrapped;
use super::number::{plus_minus, time_unit};
use super::paint::Paint;
use super::table::{Align, Cell, Mark, Table};
use super::{EntrySummary, Summary, VariantSummary, complement, count};
use crate::expect::{MeasureRow, Unit};
use brownout_core::{Time, interval};
use brownout_topologies::graph::Graph;
use brownout_topologies::ledger::verdict::triggers;

/// A share of requests open at the end that no column shows. Below it they are the ordinary work in
/// progress of a run that stops without draining.
const OPEN_WORTH_TELLING: f64 = 0.02;

/// One row per variant; a variant whose runs ended in two ways has a row for each way too.
pub(super) fn outcomes(summary: &Summary<'_>, number: usize, paint: Paint) -> Vec<String> {
    let rows = || summary.variants.iter().map(|variant| &variant.entries[number]);
    let p50 = time_unit(rows().map(|entry| entry.p50.mean));
    let p99 = time_unit(rows().map(|entry| entry.p99.mean));
    let worst = worst_service(summary);
    let service = &summary.variants[0].entries[number].service;
    let mut table = Table { columns: columns(service, p50.0, p99.0, worst), rows: Vec::new() };
    let deeds = deeds::shown(summary);
    table.columns.extend(deeds.iter().map(|place| deeds::column(summary, *place)));
    let mut notes = Vec::new();
    for variant in &summary.variants {
        let entry = &variant.entries[number];
        let graph = &summary.experiment.variants[variant.place].graph;
        let attempts = attempts(variant, worst);
        let every: Vec<usize> = (0..summary.results.seeds.len()).collect();
        let numbers = |runs: Option<&[usize]>| numbers(entry, attempts, runs, [p50.1, p99.1]);
        let mut row = vec![Cell::plain(variant.name)];
        row.extend(numbers(None));
        row.extend(verdict(variant, entry, number, graph));
        row.extend(deeds.iter().map(|place| deeds::cell(variant, *place)));
        table.rows.push(row);
        let (stuck, known) = count(&entry.stuck);
        if 0 < stuck && stuck < known {
            for (is_stuck, text) in [(1.0, "stuck"), (0.0, "not stuck")] {
                let runs: Vec<usize> = every
                    .iter()
                    .copied()
                    .filter(|run| entry.stuck.runs[*run] == is_stuck)
                    .collect();
                let name = format!("  {} {text}", runs.len());
                let mut row = vec![Cell::marked(name, Mark::Aside)];
                row.extend(numbers(Some(&runs)));
                row.resize(table.columns.len(), Cell::default());
                table.rows.push(row);
            }
            notes.push(mixed(variant.name, "stuck", &entry.stuck));
        }
        notes.extend(remarks(variant, entry));
    }
    let mark = |mark: Mark, text: &str| match mark {
        Mark::None => text.to_owned(),
        Mark::Aside => paint.dim(text),
        Mark::Bad => paint.bad(text),
    };
    let mut lines = table.lines(|text| paint.strong(text), mark);
    for note in notes {
        lines.extend(wrapped(&note, "", ""));
    }
    lines
}

fn columns(service: &str, p50: &str, p99: &str, worst: Option<&str>) -> Vec<(Align, Vec<String>)> {
    let lines = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
    let attempts = match worst {
        Some(worst) => vec!["attempts at".to_owned(), worst.to_owned(), "per request".to_owned()],
        None => vec!["attempts".to_owned(), "per request".to_owned()],
    };
    vec![
        (Align::Left, vec!["users of".to_owned(), service.to_owned()]),
        (Align::Right, lines(&["offered", "/s"])),
        (Align::Right, lines(&["goodput", "/s"])),
        (Align::Right, lines(&["failed", "%"])),
        (Align::Right, lines(&["p50", p50])),
        (Align::Right, lines(&["p99", p99])),
        (Align::Right, attempts),
        (Align::Right, lines(&["tipped", "runs"])),
        (Align::Right, lines(&["recovered", "after", "s"])),
        (Align::Right, lines(&["tipped", "without", "triggers"])),
    ]
}

/// The numbers of a row, over some of the runs or all of them.
fn numbers(
    entry: &EntrySummary,
    attempts: Option<&MeasureRow>,
    runs: Option<&[usize]>,
    scales: [f64; 2],
) -> Vec<Cell> {
    let shown = |row: &MeasureRow, scale: f64| {
        let (mean, ci95) = over(row, runs);
        let more = if row.is_censored { "> " } else { "" };
        Cell::plain(format!("{more}{}", plus_minus(mean, ci95, scale)))
    };
    vec![
        shown(&entry.offered, 1.0),
        shown(&entry.goodput, 1.0),
        shown(&complement(&entry.availability), 0.01),
        shown(&entry.p50, scales[0]),
        shown(&entry.p99, scales[1]),
        attempts.map_or_else(Cell::default, |row| shown(row, 1.0)),
    ]
}

/// Mean and interval over some runs; over all of them as the row has it.
fn over(row: &MeasureRow, runs: Option<&[usize]>) -> (f64, Option<(f64, f64)>) {
    let Some(runs) = runs else { return (row.mean, row.ci95) };
    let values: Vec<f64> = runs.iter().map(|run| row.runs[*run]).collect();
    let found = interval::mean_interval(&values, 0.95);
    let mean = interval::mean(&values).unwrap_or(f64::NAN);
    (mean, found.map(|found| (found.low, found.high)).filter(|(low, _)| low.is_finite()))
}

/// Tipped, recovered, and tipped without triggers.
fn verdict(
    variant: &VariantSummary<'_>,
    entry: &EntrySummary,
    number: usize,
    graph: &Graph,
) -> Vec<Cell> {
    let of = |row: &MeasureRow, is_bad: bool| {
        let (ones, known) = count(row);
        let mark = if is_bad && ones > 0 { Mark::Bad } else { Mark::None };
        Cell::marked(format!("{ones}/{known}"), mark)
    };
    let control = variant.control.as_ref().and_then(|control| control.tipped.get(number));
    let Some(control) = control else { return vec![Cell::plain("–"); 3] };
    vec![of(&entry.tipped, false), recovered(entry, graph), of(control, true)]
}

/// Mean time to recovery where every run recovered, else how many did.
fn recovered(entry: &EntrySummary, graph: &Graph) -> Cell {
    if triggers(graph).iter().all(|trigger| trigger.to == Time::MAX) {
        return Cell::plain("no end");
    }
    let (stuck, known) = count(&entry.stuck);
    let never = entry.recovery.runs.iter().filter(|secs| secs.is_infinite()).count();
    match (stuck, never) {
        (0, 0) if entry.recovery.runs.iter().all(|secs| *secs == 0.0) => Cell::plain("at once"),
        (0, 0) => Cell::plain(plus_minus(entry.recovery.mean, entry.recovery.ci95, 1.0)),
        _ if stuck.max(never) == known => Cell::marked("never", Mark::Bad),
        _ => Cell::marked(format!("{}/{known} runs", known - stuck.max(never)), Mark::Bad),
    }
}

/// The service with the most attempts per request in any variant.
fn worst_service<'s>(summary: &'s Summary<'_>) -> Option<&'s str> {
    let rows = summary.variants.iter().flat_map(|variant| &variant.amplification);
    let known = rows.filter(|(_, row)| !row.mean.is_nan());
    let mut worst: Option<(&str, f64)> = None;
    for (service, row) in known {
        if worst.is_none_or(|(_, most)| row.mean > most) {
            worst = Some((service, row.mean));
        }
    }
    worst.map(|(service, _)| service)
}

fn attempts<'s>(variant: &'s VariantSummary<'_>, worst: Option<&str>) -> Option<&'s MeasureRow> {
    let found = variant.amplification.iter().find(|(service, _)| Some(service.as_str()) == worst);
    found.map(|(_, row)| row)
}

/// Two outcomes under one mean are said out loud.
fn mixed(variant: &str, what: &str, row: &MeasureRow) -> String {
    let (ones, known) = count(row);
    let interval =
        interval::wilson(ones as u64, known as u64, 0.95).map_or_else(String::new, |found| {
            format!(
                " ({}, 95 % interval {} to {})",
                Unit::Share.human(found.mean),
                Unit::Share.human(found.low),
                Unit::Share.human(found.high)
            )
        });
    format!(
        "{variant}: {what} in {ones} of {known} runs{interval}; its means mix two outcomes, which \
         are shown apart"
    )
}

/// What the table cannot say: mixed tipping, quantiles beyond the end.
fn remarks(variant: &VariantSummary<'_>, entry: &EntrySummary) -> Vec<String> {
    let mut notes = Vec::new();
    let (tipped, known) = count(&entry.tipped);
    if 0 < tipped && tipped < known {
        let found = interval::wilson(tipped as u64, known as u64, 0.95);
        notes.extend(found.map(|found| {
            let share = |value| Unit::Share.human(value);
            format!(
                "{}: tipped in {} of runs, 95 % interval {} to {}",
                variant.name,
                share(found.mean),
                share(found.low),
                share(found.high)
            )
        }));
    }
    let open = 1.0 - entry.throughput.mean / entry.offered.mean;
    if open > OPEN_WORTH_TELLING {
        notes.push(format!(
            "{}: {} of the requests were still open at the end; those without a deadline are not \
             among the failed",
            variant.name,
            Unit::Share.human(open)
        ));
    }
    for row in [&entry.p50, &entry.p99] {
        if let (true, Some(note)) = (row.is_censored, &row.note) {
            notes.push(format!("{}: {}: {note}", variant.name, row.text.replace('\'', "")));
        }
    }
    notes
}
