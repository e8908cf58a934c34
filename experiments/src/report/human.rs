//! The report for a person: who coped, who did not, what was expected, and under which rules.

use super::number::{plus_minus, time_unit};
use super::paint::Paint;
use super::table::{Align, Cell, Mark, Table};
use super::{EntrySummary, Summary, VariantSummary, complement, count};
use crate::expect::{Judgement, MeasureRow, Unit};
use brownout_core::{Time, interval};
use brownout_topologies::graph::Graph;
use brownout_topologies::ledger::verdict::{Trigger, triggers};

/// Where text is broken, in columns.
const WIDTH: usize = 110;

/// The whole report, except where it was written.
pub fn report(summary: &Summary<'_>, paint: Paint) -> String {
    let mut lines = head(summary, paint);
    for number in 0..summary.variants.first().map_or(0, |first| first.entries.len()) {
        lines.push(String::new());
        lines.extend(outcomes(summary, number, paint));
    }
    section(&mut lines, paint, "Measured", measured(summary, paint));
    section(&mut lines, paint, "Expected", expected(summary, paint));
    section(&mut lines, paint, "Semantics in force", semantics(summary, paint));
    lines.join("\n") + "\n"
}

/// The part that says where the files are: (where, their names) and the digests.
pub fn written(summary: &Summary<'_>, files: Option<(&str, &[String])>, paint: Paint) -> String {
    let mut lines = Vec::new();
    if let Some((directory, names)) = files {
        lines.push(paint.strong(&format!("Written to {directory}")));
        lines.push(format!("  {}", names.join("  ")));
        lines.push(String::new());
    }
    lines.push(
        paint.strong("Digests") + &paint.dim(": equal when exactly the same things happened"),
    );
    let width = name_width(summary);
    for variant in &summary.variants {
        lines.push(format!("  {:<width$}  {}", variant.name, variant.digest));
    }
    lines.join("\n") + "\n"
}

fn section(lines: &mut Vec<String>, paint: Paint, title: &str, body: Vec<String>) {
    if !body.is_empty() {
        lines.push(String::new());
        lines.push(paint.strong(title));
        lines.extend(body);
    }
}

fn head(summary: &Summary<'_>, paint: Paint) -> Vec<String> {
    let experiment = summary.experiment;
    let mut lines = vec![match experiment.about.as_str() {
        "" => paint.strong(&experiment.name),
        about => format!("{}: {about}", paint.strong(&experiment.name)),
    }];
    let Some(first) = summary.variants.first() else { return lines };
    let graph = &experiment.variants[first.place].graph;
    let runs = match summary.results.seeds.as_slice() {
        [seed] => format!("one run of {}, seed {seed}, no intervals", graph.time),
        seeds => format!(
            "{} runs of {}, seed {}; ± is half the 95 % interval over the runs",
            seeds.len(),
            graph.time,
            summary.seed
        ),
    };
    let warmup = match graph.warmup.is_zero() {
        true => String::new(),
        false => format!("; the first {} left out", graph.warmup),
    };
    lines.push(paint.dim(&format!("{runs}{warmup}")));
    for trigger in triggers(graph) {
        lines.push(paint.dim(&format!("{}: {}", window(&trigger), trigger.name)));
    }
    if summary.is_interrupted() {
        let (done, planned) = (summary.results.seeds.len(), summary.results.planned);
        lines.push(paint.bad(&format!("interrupted: {done} of {planned} runs finished")));
    }
    lines
}

fn window(trigger: &Trigger) -> String {
    match trigger.to {
        Time::MAX => format!("from {}", trigger.from),
        to => format!("{} to {to}", trigger.from),
    }
}

/// One row per variant; a variant whose runs ended in two ways has a row for each way too.
fn outcomes(summary: &Summary<'_>, number: usize, paint: Paint) -> Vec<String> {
    let entry = |variant: &'_ VariantSummary<'_>| -> usize { variant.entries.len().min(number) };
    let rows = || summary.variants.iter().map(|variant| &variant.entries[entry(variant)]);
    let p50 = time_unit(rows().map(|entry| entry.p50.mean));
    let p99 = time_unit(rows().map(|entry| entry.p99.mean));
    let worst = worst_service(summary);
    let service = &summary.variants[0].entries[number].service;
    let mut table = Table { columns: columns(service, p50.0, p99.0, worst), rows: Vec::new() };
    let mut notes = Vec::new();
    for variant in &summary.variants {
        let entry = &variant.entries[number];
        let graph = &summary.experiment.variants[variant.place].graph;
        let attempts = attempts(variant, worst);
        let every: Vec<usize> = (0..summary.results.seeds.len()).collect();
        let numbers = |runs: &[usize]| numbers(entry, attempts, runs, [p50.1, p99.1]);
        let mut row = vec![Cell::plain(variant.name)];
        row.extend(numbers(&every));
        row.extend(verdict(variant, entry, number, graph));
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
                row.extend(numbers(&runs));
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

/// The numbers of a row, over some of the runs.
fn numbers(
    entry: &EntrySummary,
    attempts: Option<&MeasureRow>,
    runs: &[usize],
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
fn over(row: &MeasureRow, runs: &[usize]) -> (f64, Option<(f64, f64)>) {
    if runs.len() == row.runs.len() {
        return (row.mean, row.ci95);
    }
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
    for row in [&entry.p50, &entry.p99] {
        if let (true, Some(note)) = (row.is_censored, &row.note) {
            notes.push(format!("{}: {}: {note}", variant.name, row.text.replace('\'', "")));
        }
    }
    notes
}

fn name_width(summary: &Summary<'_>) -> usize {
    summary.variants.iter().map(|variant| variant.name.chars().count()).max().unwrap_or(0)
}

/// Each sentence with its value on every variant it is about.
fn measured(summary: &Summary<'_>, paint: Paint) -> Vec<String> {
    let width = name_width(summary);
    let mut lines = Vec::new();
    let mut last = "";
    let texts: Vec<&MeasureRow> = summary.variants.iter().flat_map(|one| &one.measures).collect();
    let mut ordered: Vec<&MeasureRow> = Vec::with_capacity(texts.len());
    for row in &texts {
        if !ordered.iter().any(|other| other.text == row.text) {
            ordered.extend(texts.iter().copied().filter(|other| other.text == row.text));
        }
    }
    for row in ordered {
        if row.text != last {
            lines.push(format!("  {}", row.text));
            last = &row.text;
        }
        let note = row.note.as_ref().filter(|note| *note != "one run, no interval");
        let note = note.map_or_else(String::new, |note| paint.dim(&format!("  ({note})")));
        lines.push(format!("    {:<width$}  {}{note}", row.variant, row.human()));
    }
    lines
}

fn expected(summary: &Summary<'_>, paint: Paint) -> Vec<String> {
    let several = summary.experiment.variants.len() > 1;
    let told = |judgement: &Judgement| match &judgement.variant {
        Some(variant) if several && !judgement.text.contains(" on ") => {
            format!("{} (on {variant})", judgement.text)
        }
        _ => judgement.text.clone(),
    };
    let judgements = &summary.judgements;
    let widest = judgements.iter().map(|one| told(one).chars().count()).max().unwrap_or(0);
    let width = widest.min(WIDTH - 40);
    let mut lines = Vec::new();
    for judgement in judgements {
        let mark = match judgement.held {
            Some(true) => paint.good("✓"),
            Some(false) => paint.bad("✗"),
            None => paint.doubtful("?"),
        };
        lines.push(format!("  {mark} {:<width$}  {}", told(judgement), judgement.human()));
        let note = judgement.note.as_ref().filter(|note| *note != "one run, no interval");
        lines.extend(note.map(|note| paint.dim(&format!("      {note}"))));
    }
    for text in &summary.unjudged {
        lines.push(paint.dim(&format!("  – {text}: its variant did not run")));
    }
    let of = |held| judgements.iter().filter(|judgement| judgement.held == held).count();
    if !judgements.is_empty() {
        let (held, failed, open) = (of(Some(true)), of(Some(false)), of(None));
        let mut parts = vec![format!("{held} of {} held", judgements.len())];
        if failed > 0 {
            parts.push(paint.bad(&format!("{failed} failed")));
        }
        if open > 0 {
            parts.push(paint.doubtful(&format!("{open} undecided: more runs may tell (--runs)")));
        }
        lines.push(format!("  {}", parts.join(", ")));
    }
    lines
}

fn semantics(summary: &Summary<'_>, paint: Paint) -> Vec<String> {
    let own = summary.variants.iter().map(|variant| (variant.name, variant.semantics.as_slice()));
    let own: Vec<(&str, &[(String, String)])> = own.collect();
    let lines = switches(&summary.semantics, &own);
    lines.into_iter().map(|line| paint.dim(&line)).collect()
}

/// Switches, each followed by the variants in which it is another.
pub fn switches(
    common: &[(String, String)],
    variants: &[(&str, &[(String, String)])],
) -> Vec<String> {
    let width = common.iter().map(|(key, _)| key.chars().count()).max().unwrap_or(0);
    let mut lines = Vec::new();
    for (key, value) in common {
        lines.extend(wrapped(value, &format!("  {key:<width$}  "), &" ".repeat(width + 4)));
        let mut others: Vec<(&str, Vec<&str>)> = Vec::new();
        for (name, switches) in variants {
            for (_, other) in switches.iter().filter(|(other, _)| other == key) {
                match others.iter_mut().find(|(known, _)| known == other) {
                    Some((_, names)) => names.push(name),
                    None => others.push((other, vec![name])),
                }
            }
        }
        for (other, names) in others {
            let head = format!("{}on {}: ", " ".repeat(width + 4), names.join(", "));
            lines.extend(wrapped(other, &head, &" ".repeat(width + 6)));
        }
    }
    lines
}

/// `text` after `head`, broken at blanks; further lines begin with `indent`.
pub fn wrapped(text: &str, head: &str, indent: &str) -> Vec<String> {
    let mut lines = vec![head.to_owned()];
    let mut is_fresh = true;
    for word in text.split(' ') {
        let line = lines.last_mut().expect("there is always a line");
        if !is_fresh && line.chars().count() + 1 + word.chars().count() > WIDTH {
            lines.push(format!("{indent}{word}"));
            continue;
        }
        if !is_fresh {
            line.push(' ');
        }
        line.push_str(word);
        is_fresh = false;
    }
    lines
}
