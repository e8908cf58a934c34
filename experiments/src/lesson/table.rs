//! What was simulated beside what the theory says, as a table.

use super::part::{Claim, Curve, Part};
use super::run::{Outcome, Point, Row};
use crate::expect::Unit;
use crate::report::number::four_digits;
use crate::report::table::{Align, Cell, Mark, Table};

/// A number in the unit of the axis; a share near the whole keeps the digits of what is missing.
fn written(part: &Part, value: f64) -> String {
    match part.y.unit.as_str() {
        "%" if (99.0..100.0).contains(&value) => {
            Unit::Share.human(value / 100.0).trim_end_matches(" %").to_owned()
        }
        _ => four_digits(value),
    }
}

/// The cells of a point: value of the axis, simulated, interval, theory, mark.
fn cells(part: &Part, curve: &Curve, point: &Point, value: &str) -> [String; 5] {
    let (low, high) = point.ci95;
    let interval = match low == high {
        true => "none: all runs agree".to_owned(),
        false => format!("[{}, {}]", written(part, low), written(part, high)),
    };
    let theory = match (point.theory, &curve.claim) {
        (Some(theory), Claim::AtMost) => format!("≤ {}", written(part, theory)),
        (Some(theory), Claim::Roughly(_)) => format!("≈ {}", written(part, theory)),
        (Some(theory), Claim::Within(by, _)) => {
            format!("{} ± {}", written(part, theory), four_digits(*by))
        }
        (Some(theory), Claim::Equal) => written(part, theory),
        (None, _) if curve.theory.is_empty() => String::new(),
        (None, _) => "none".to_owned(),
    };
    let simulated = match point.mean.is_nan() {
        true => "nothing".to_owned(),
        false => written(part, point.mean),
    };
    let value = match part.x.unit.is_empty() {
        true => value.to_owned(),
        false => value.replace(&part.x.unit, &format!(" {}", part.x.unit)).replace(" /", "/"),
    };
    [value, simulated, interval, theory, point.verdict.mark().to_owned()]
}

fn headings(part: &Part) -> [String; 5] {
    let simulated = match part.y.unit.is_empty() {
        true => "simulated".to_owned(),
        false => format!("simulated, {}", part.y.unit),
    };
    [part.x.label.clone(), simulated, "95 % interval".into(), "theory".into(), String::new()]
}

/// The points of a curve for a terminal.
pub fn lines(part: &Part, curve: &Curve, row: &Row) -> Vec<String> {
    let aligns = [Align::Right, Align::Right, Align::Left, Align::Right, Align::Left];
    let columns = aligns.into_iter().zip(headings(part)).map(|(align, head)| (align, vec![head]));
    let points = row.points.iter().zip(&part.x.values);
    let rows = points.map(|(point, value)| {
        cells(part, curve, point, value).into_iter().map(Cell::plain).collect()
    });
    let table = Table { columns: columns.collect(), rows: rows.collect() };
    let mut lines = vec![curve.name.clone()];
    lines.extend(table.lines(str::to_owned, |_: Mark, text| text.to_owned()));
    lines.iter().map(|line| line.trim_end().to_owned()).collect()
}

/// All curves of a part as a table in Markdown.
pub fn markdown(part: &Part, outcome: &Outcome) -> String {
    let mut text = String::new();
    for (curve, row) in part.curves.iter().zip(&outcome.rows) {
        let head = headings(part).join(" | ");
        text.push_str(&format!("**{}**\n\n| {head} |\n|--:|--:|---|--:|---|\n", curve.name));
        for (point, value) in row.points.iter().zip(&part.x.values) {
            let cells = cells(part, curve, point, value).join(" | ");
            text.push_str(&format!("| {cells} |\n"));
        }
        text.push('\n');
    }
    text
}

/// What the marks of the table mean, how much was run, and what the theory does not claim.
pub fn notes(part: &Part, outcome: &Outcome, checks: usize) -> Vec<String> {
    let (runs, seed) = (outcome.runs, outcome.seed);
    let many = match runs {
        1 => "One run for each point: nothing here is random. ✓ the theory agrees; ✗ it does not."
            .to_owned(),
        runs => format!("{runs} runs for each point, seed {seed}."),
    };
    let mut notes = vec![many];
    if part.checks() > 0 && runs > 1 {
        notes[0].push_str(&format!(
            " ✓ the theory lies in the 95 % interval; ≈ outside it, as one in twenty does by \
             chance, but inside the wider one that covers for all {checks} points of this lesson \
             at once with 99 %; ✗ outside both."
        ));
    }
    for curve in &part.curves {
        match &curve.claim {
            Claim::Equal => {}
            Claim::AtMost => notes.push(format!("{}: the theory is a bound.", curve.name)),
            Claim::Within(_, why) => notes.push(format!("{}: {why}.", curve.name)),
            Claim::Roughly(why) => {
                notes.push(format!("{}: shown and not judged, because {why}.", curve.name));
            }
        }
    }
    notes
}

/// The commands that print the theory at the middle value of the axis.
pub fn commands(part: &Part) -> Vec<String> {
    let middle = &part.x.values[part.x.values.len() / 2];
    let written =
        |curve: &Curve| format!("brownout theory {}", curve.theory.replace("{x}", middle));
    let mut commands: Vec<String> =
        part.curves.iter().filter(|curve| !curve.theory.is_empty()).map(written).collect();
    commands.dedup();
    commands
}
