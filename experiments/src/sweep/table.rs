//! A sweep on a terminal: maps of stuck runs, rows of points, where it breaks off, what held.

use super::record::{PointRecord, Row, VariantRecord};
use super::results::{SweepResults, is_stuck};
use super::tally::{self, Tally};
use super::told::Told;
use crate::experiment::{Axis, Design};
use crate::report::human::wrapped;
use crate::report::number::plus_minus;
use crate::report::paint::Paint;
use crate::report::table::{Align, Cell, Mark, Table};

/// Rows that are shown; all of them are in `points.csv`.
const ROWS: usize = 40;
/// Columns of a map that are shown.
const MAP_COLUMNS: usize = 14;
/// Cliffs that are told for one variant and axis.
const CLIFFS: usize = 12;

/// The report.
pub fn report(told: &Told, results: &SweepResults, paint: Paint) -> String {
    let mut lines = heading(told, results, paint);
    for (number, variant) in results.variants.iter().enumerate() {
        lines.extend(map(results, variant, number == 0, paint));
    }
    lines.extend(rows(results, paint));
    lines.extend(cliffs(results, paint));
    lines.extend(expected(told, results, paint));
    lines.extend(broken(results, paint));
    lines.iter().map(|line| format!("{line}\n")).collect()
}

fn heading(told: &Told, results: &SweepResults, paint: Paint) -> Vec<String> {
    let about = match told.about.as_str() {
        "" => String::new(),
        about => format!(": {about}"),
    };
    let design = match results.sweep.design {
        Design::Grid => "a grid",
        Design::Random => "drawn at random",
        Design::LatinHypercube => "drawn as a Latin hypercube",
    };
    let axis = |axis: &Axis| match results.sweep.design {
        Design::Grid => format!("  {}: {}", axis.path, shortened(&axis.values)),
        Design::Random | Design::LatinHypercube => format!("  {}", axis.path),
    };
    let runs = match told.replications.len() {
        1 => "1 run".to_owned(),
        runs => format!("{runs} runs"),
    };
    let mut lines = wrapped(&format!("{}{about}", told.name), "", "");
    lines[0] = paint.strong(&lines[0]);
    let points = results.sweep.points();
    let seed = told.seed;
    lines.push(format!("{points} points, {design}; {runs} of each variant at each, seed {seed}"));
    lines.extend(results.sweep.axes.iter().map(axis));
    lines.extend(told.warmup.iter().map(|how| format!("warm-up {how}")));
    if results.is_interrupted() {
        let finished = results.finished().count();
        let line = format!("interrupted: {finished} of {points} points finished");
        lines.push(paint.doubtful(&line));
    }
    lines
}

/// The first and the last of a long list.
fn shortened(values: &[String]) -> String {
    match values {
        [first, .., last] if values.len() > 12 => {
            format!("{first} … {last} ({} values)", values.len())
        }
        values => values.join(", "),
    }
}

/// Per cent of runs that are stuck, of a grid of two axes.
fn map(results: &SweepResults, variant: &str, is_first: bool, paint: Paint) -> Vec<String> {
    let [down, across] = results.sweep.axes.as_slice() else { return Vec::new() };
    let records = || results.finished().filter_map(|point| point.variant(variant));
    let has_stuck = records().any(|record| is_stuck(record) == Some(true));
    if results.sweep.design != Design::Grid || across.values.len() > MAP_COLUMNS || !has_stuck {
        return Vec::new();
    }
    let mut lines = vec![String::new()];
    if is_first {
        lines.push(format!("Stuck runs in per cent; down {}, across {}", down.path, across.path));
    }
    let heading = |text: &str| vec![text.to_owned()];
    let mut table = Table { columns: vec![(Align::Left, heading(variant))], rows: Vec::new() };
    table.columns.extend(across.values.iter().map(|value| (Align::Right, heading(value))));
    for (row, value) in down.values.iter().enumerate() {
        let mut cells = vec![Cell::plain(value)];
        for column in 0..across.values.len() {
            let point = results.at(&[row, column]);
            cells.push(match point.map(|point| point.variant(variant)) {
                None => Cell::plain(""),
                Some(None) => Cell::marked("no result", Mark::Bad),
                Some(Some(record)) => stuck(record),
            });
        }
        table.rows.push(cells);
    }
    lines.extend(painted(&table, paint));
    lines
}

/// Per cent of stuck runs, where it is worst.
fn stuck(variant: &VariantRecord) -> Cell {
    match variant.worst().map(|verdict| verdict.stuck.share()) {
        Some(share) if share >= 0.5 => Cell::marked(format!("{:.0}", 100.0 * share), Mark::Bad),
        Some(share) if !share.is_nan() => Cell::plain(format!("{:.0}", 100.0 * share)),
        Some(_) | None => Cell::plain("–"),
    }
}

fn painted(table: &Table, paint: Paint) -> Vec<String> {
    let mark = |mark: Mark, text: &str| match mark {
        Mark::None => text.to_owned(),
        Mark::Aside => paint.dim(text),
        Mark::Bad => paint.bad(text),
    };
    table.lines(|text| paint.strong(text), mark)
}

/// A row per point and variant.
fn rows(results: &SweepResults, paint: Paint) -> Vec<String> {
    let mut table = Table { columns: columns(results), rows: Vec::new() };
    let every = results.finished().flat_map(|point| {
        let variants: Vec<Option<&VariantRecord>> = match &point.outcome {
            Ok(variants) => variants.iter().map(Some).collect(),
            Err(_) => vec![None],
        };
        variants.into_iter().map(move |variant| (point, variant))
    });
    let every: Vec<(&PointRecord, Option<&VariantRecord>)> = every.collect();
    for (point, variant) in every.iter().take(ROWS) {
        let mut cells: Vec<Cell> =
            point.settings.iter().map(|(_, value)| Cell::plain(value)).collect();
        match variant {
            Some(variant) => {
                cells.push(Cell::plain(&variant.name));
                cells.extend(numbers(variant));
            }
            None => {
                cells.push(Cell::marked("no result", Mark::Bad));
                cells.resize(table.columns.len(), Cell::default());
            }
        }
        table.rows.push(cells);
    }
    let mut lines = vec![String::new()];
    lines.extend(painted(&table, paint));
    if every.len() > ROWS {
        lines.push(paint.dim(&format!("… and {} more rows in points.csv", every.len() - ROWS)));
    }
    lines
}

fn columns(results: &SweepResults) -> Vec<(Align, Vec<String>)> {
    let lines = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
    let axes = results.sweep.axes.iter();
    let axes = axes.map(|axis| (Align::Right, vec![axis.path.clone()]));
    let rest = [
        (Align::Left, lines(&["variant"])),
        (Align::Right, lines(&["offered", "/s"])),
        (Align::Right, lines(&["goodput", "/s"])),
        (Align::Right, lines(&["p99", "ms"])),
        (Align::Right, lines(&["P(stuck)", "95 %"])),
        (Align::Right, lines(&["tipped without", "triggers"])),
        (Align::Right, lines(&["held", "of"])),
    ];
    axes.chain(rest).collect()
}

fn numbers(variant: &VariantRecord) -> Vec<Cell> {
    let find = |metric: &str| {
        variant.metrics.iter().find(|row| row.text.starts_with(&format!("{metric}(")))
    };
    let shown = |row: Option<&Row>, scale: f64| match row {
        // A mean of two worlds is no number to print.
        Some(row) if variant.is_mixed() && !row.text.starts_with("offered(") => {
            Cell::marked("mixed", Mark::Aside)
        }
        Some(row) => {
            let more = if row.is_lower_limit { "> " } else { "" };
            Cell::plain(format!("{more}{}", plus_minus(row.mean, row.ci95, scale)))
        }
        None => Cell::plain("–"),
    };
    let worst = variant.worst();
    let stuck = worst.map(|verdict| verdict.stuck);
    let stuck = match stuck.map(|stuck| (stuck.share(), stuck.ci95)) {
        Some((share, Some((low, high)))) => {
            let text = format!("{share:.2} [{low:.2}, {high:.2}]");
            Cell { text, mark: if share >= 0.5 { Mark::Bad } else { Mark::None } }
        }
        Some(_) | None => Cell::plain("–"),
    };
    let control = worst.and_then(|verdict| verdict.control_tipped);
    let control = control.map_or_else(
        || Cell::plain("–"),
        |control| {
            let mark = if control.runs > 0 { Mark::Bad } else { Mark::None };
            Cell { text: format!("{}/{}", control.runs, control.of), mark }
        },
    );
    let held = variant.expect.iter().filter(|one| one.held == Some(true)).count();
    let failed = variant.expect.iter().any(|one| one.held == Some(false));
    let held = Cell {
        text: format!("{held}/{}", variant.expect.len()),
        mark: if failed { Mark::Bad } else { Mark::None },
    };
    vec![
        shown(find("offered"), 1.0),
        shown(find("goodput"), 1.0),
        shown(find("p99"), 1e-3),
        stuck,
        control,
        held,
    ]
}

/// Where each variant breaks off, along every axis of a grid.
fn cliffs(results: &SweepResults, paint: Paint) -> Vec<String> {
    let mut lines = Vec::new();
    for variant in &results.variants {
        for (number, axis) in results.sweep.axes.iter().enumerate() {
            let cliffs = results.cliffs(variant, number);
            for cliff in cliffs.iter().take(CLIFFS) {
                let fixed = cliff.fixed.iter().map(|(path, value)| format!(" {path}={value}"));
                let fixed: String = fixed.collect();
                let (path, safe, stuck) = (&axis.path, &cliff.safe, &cliff.stuck);
                lines.push(format!("  {variant}{fixed}: {path} {safe} is safe, {stuck} is stuck"));
                lines.extend(cliff.run.iter().map(|id| paint.dim(&format!("      such as {id}"))));
            }
            if cliffs.len() > CLIFFS {
                let more = cliffs.len() - CLIFFS;
                lines.push(format!("  {variant}: {more} more along {}", axis.path));
            }
        }
    }
    match lines.is_empty() {
        true => lines,
        false => {
            let title = paint.strong("Where it breaks off (half of the runs stuck)");
            [String::new(), title].into_iter().chain(lines).collect()
        }
    }
}

/// At how many points each expectation held, and on how many lines what is said of the sweep.
fn expected(told: &Told, results: &SweepResults, paint: Paint) -> Vec<String> {
    let points = tally::of_points(results).into_iter().map(|one| (one, "point"));
    let trends = tally::of_trends(told).into_iter().map(|one| (one, "line"));
    let all: Vec<(Tally, &str)> = points.chain(trends).collect();
    if all.is_empty() && told.unjudged.is_empty() {
        return Vec::new();
    }
    let mut lines = vec![String::new(), paint.strong("Expected")];
    let width = all.iter().map(|(one, _)| one.text.chars().count()).max().unwrap_or(0);
    for (one, noun) in all {
        let sign = match one.verdict() {
            Some(true) => paint.good("✓"),
            None => paint.doubtful("?"),
            Some(false) => paint.bad("✗"),
        };
        lines.push(format!("  {sign} {:<width$}  {}", one.text, one.counts(noun)));
        let Some((place, run)) = one.first else { continue };
        let place = wrapped(&format!("first: {place}"), "      ", "        ");
        lines.extend(place.iter().map(|line| paint.dim(line)));
        lines.extend(run.map(|id| paint.dim(&format!("      such as {id}"))));
    }
    for text in &told.unjudged {
        lines.push(paint.dim(&format!("  – {text}: its variants did not run")));
    }
    lines
}

/// The points that have no result, and why.
fn broken(results: &SweepResults, paint: Paint) -> Vec<String> {
    let mut lines = Vec::new();
    for point in results.broken().take(ROWS) {
        let Err(broken) = &point.outcome else { continue };
        let (number, words) = (point.point, point.words());
        lines.extend(wrapped(&format!("point {number}, {words}: {}", broken.reason), "  ", "    "));
    }
    let count = results.broken().count();
    if count > ROWS {
        lines.push(format!("  … and {} more in points.csv", count - ROWS));
    }
    match count {
        0 => lines,
        count => {
            let points = if count == 1 { "point" } else { "points" };
            let title = paint.bad(&format!("No result at {count} {points}"));
            [String::new(), title].into_iter().chain(lines).collect()
        }
    }
}
