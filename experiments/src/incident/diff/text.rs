//! A comparison for a person, and for machines.

use super::part::Parting;
use super::{Better, Diff, Difference};
use crate::expect::Unit;
use crate::incident::names::moment;
use crate::report::json::Json;
use crate::report::paint::Paint;

/// Where the runs part, if that was looked for: nothing if they never do.
pub type Parted = Option<Option<Parting>>;

/// The comparison as a table, a verdict and where the runs part.
pub fn text(diff: &Diff, parted: &Parted, paint: Paint) -> String {
    let (a, b) = (&diff.names.0, &diff.names.1);
    let runs = match diff.seeds.as_slice() {
        [only] => format!("one pair of runs, seed {only}, no intervals"),
        [first, .., last] => format!("{} pairs of runs, {first} to {last}", diff.seeds.len()),
        [] => "no runs".to_owned(),
    };
    let head = format!("{} → {}: {runs}", paint.strong(a), paint.strong(b));
    let mut lines = vec![head];
    lines.push(paint.dim("differences are run by run; [ ] is their 95 % interval (Student)"));
    lines.push(paint.dim("pairing: how many times as many unpaired runs would tell as much"));
    lines.push(String::new());
    lines.extend(table(diff, paint));
    lines.push(String::new());
    lines.push(diff.verdict());
    if let Some(parting) = parted {
        lines.push(String::new());
        lines.extend(parting_lines(diff, parting.as_ref()));
    }
    for text in &diff.alone {
        lines.push(paint.dim(&format!("not compared: {text}")));
    }
    lines.join("\n") + "\n"
}

fn table(diff: &Diff, paint: Paint) -> Vec<String> {
    let (a, b) = (&diff.names.0, &diff.names.1);
    let head = ["", a, b, "difference", "", "pairing", ""];
    let mut rows = vec![head.map(str::to_owned).to_vec()];
    for one in &diff.differences {
        let unit = unit(&one.unit);
        let signed = |value: f64| match value > 0.0 {
            true => format!("+{}", unit.human(value)),
            false => unit.human(value),
        };
        let interval = one
            .ci95
            .map_or_else(String::new, |(low, high)| format!("[{}, {}]", signed(low), signed(high)));
        let difference = match one.never {
            (0, 0) => one.mean.map_or("–".to_owned(), signed),
            (a, b) => format!("never in {a} → {b} of {}", one.runs),
        };
        rows.push(vec![
            one.text.clone(),
            unit.human(one.means.0),
            unit.human(one.means.1),
            difference,
            interval,
            one.gain.map_or("–".to_owned(), |gain| format!("× {gain:.1}")),
            mark(one, diff.tolerance).to_owned(),
        ]);
    }
    let columns = rows[0].len();
    let width =
        |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let line = |row: &Vec<String>| {
        let mut cells = String::new();
        for (column, (cell, width)) in row.iter().zip(&widths).enumerate() {
            let cell = match column {
                1..=3 | 5 => format!("{cell:>width$}"),
                _ => format!("{cell:<width$}"),
            };
            cells += &match (column, row[6].as_str()) {
                (6, "worse") => paint.bad(&cell),
                (6, "better") => paint.good(&cell),
                _ => cell,
            };
            cells += "  ";
        }
        cells.trim_end().to_owned()
    };
    rows.iter().map(line).collect()
}

fn mark(one: &Difference, tolerance: f64) -> &'static str {
    match (one.is_worse(tolerance), one.is_better(tolerance)) {
        (true, _) => "worse",
        (_, true) => "better",
        (false, false) => "",
    }
}

/// The unit by its name; what counts things has none.
fn unit(name: &str) -> Unit {
    let all = [Unit::Seconds, Unit::SecondsSquared, Unit::PerSecond, Unit::Share];
    all.into_iter().find(|unit| unit.name() == name).unwrap_or(Unit::Ratio)
}

fn parting_lines(diff: &Diff, parting: Option<&Parting>) -> Vec<String> {
    let seed = diff.seeds.first().map_or("", String::as_str);
    let Some(parting) = parting else {
        return vec![format!("Run {seed} never parts: all events are the same.")];
    };
    let at = [&parting.first, &parting.second].into_iter().flatten().map(|(at, _)| *at).min();
    let at = at.map_or("at the end".to_owned(), |at| format!("at {}", moment(at)));
    let mut lines = vec![format!(
        "Run {seed} parts {at}, after {} events that are the same in both:",
        parting.common
    )];
    let (a, b) = (&diff.names.0, &diff.names.1);
    let width = a.chars().count().max(b.chars().count());
    for (name, next) in [(a, &parting.first), (b, &parting.second)] {
        let next = match next {
            Some((at, what)) => format!("{} {what}", moment(*at)),
            None => "nothing more".to_owned(),
        };
        lines.push(format!("  {name:<width$}  {next}"));
    }
    lines
}

/// The comparison for machines.
pub fn json(diff: &Diff, parted: &Parted) -> Json {
    let number = |value: Option<f64>| value.map_or(Json::Null, Json::Number);
    let differences = diff.differences.iter().map(|one| {
        let ci95 = one.ci95.map_or(Json::Null, |(low, high)| Json::numbers(&[low, high]));
        let better = match one.better {
            Better::Higher => Json::text("higher"),
            Better::Lower => Json::text("lower"),
            Better::Neither => Json::Null,
        };
        Json::object([
            ("text", Json::text(&one.text)),
            ("unit", Json::text(&one.unit)),
            ("better", better),
            ("means", Json::numbers(&[one.means.0, one.means.1])),
            ("difference", number(one.mean)),
            ("ci95", ci95),
            ("variance_reduction", number(one.gain)),
            ("never", Json::numbers(&[one.never.0 as f64, one.never.1 as f64])),
            ("runs", Json::Whole(one.runs as u64)),
            (
                "verdict",
                match mark(one, diff.tolerance) {
                    "" => Json::Null,
                    mark => Json::text(mark),
                },
            ),
        ])
    });
    let next = |next: &Option<(brownout_core::Time, String)>| match next {
        None => Json::Null,
        Some((at, what)) => {
            Json::object([("at", Json::Number(at.as_secs())), ("what", Json::text(what))])
        }
    };
    let parting = parted.as_ref().and_then(Option::as_ref).map_or(Json::Null, |parting| {
        Json::object([
            ("events_in_common", Json::Whole(parting.common as u64)),
            ("first", next(&parting.first)),
            ("second", next(&parting.second)),
        ])
    });
    Json::object([
        ("format", Json::Whole(1)),
        ("first", Json::text(&diff.names.0)),
        ("second", Json::text(&diff.names.1)),
        ("seeds", Json::List(diff.seeds.iter().map(Json::text).collect())),
        ("same", Json::Bool(diff.same)),
        ("tolerance", Json::Number(diff.tolerance)),
        ("verdict", Json::text(diff.verdict())),
        ("parting", parting),
        ("differences", Json::List(differences.collect())),
    ])
}
