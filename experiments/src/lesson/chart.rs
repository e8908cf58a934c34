//! A small chart for a terminal: the theory as dots, the simulated points on top.

use super::part::Part;
use super::run::Outcome;
use crate::report::number::four_digits;
use brownout_core::math;

const WIDTH: usize = 64;
const HEIGHT: usize = 14;

/// The marks of the points, curve by curve.
pub const MARKS: [char; 6] = ['●', '○', '▲', '△', '■', '□'];

/// The lines of the chart.
pub fn lines(part: &Part, outcome: &Outcome) -> Vec<String> {
    let points = || outcome.rows.iter().flat_map(|row| &row.points).map(|one| (one.x, one.mean));
    let theory = || outcome.rows.iter().flat_map(|row| &row.theory).copied();
    let ys = points().chain(theory()).map(|(_, y)| y).filter(|y| is_shown(*y, part.y.is_log));
    // A theory that runs off to infinity does not squeeze what was measured.
    let seen = points().map(|(_, y)| y).filter(|y| is_shown(*y, part.y.is_log)).fold(0.0, f64::max);
    let (low, high) = span(ys.filter(|y| *y <= seen * 1.3), part.y.is_log);
    let across = span(points().map(|(x, _)| x), true);
    let mut cells = vec![vec![' '; WIDTH]; HEIGHT];
    let mut put = |(x, y): (f64, f64), mark: char| {
        let column = place(x, across, part.x.is_log, WIDTH);
        let row = place(y, (low, high), part.y.is_log, HEIGHT);
        if let (Some(column), Some(row)) = (column, row) {
            cells[HEIGHT - 1 - row][column] = mark;
        }
    };
    theory().for_each(|at| put(at, '·'));
    for (place, row) in outcome.rows.iter().enumerate() {
        for point in &row.points {
            put((point.x, point.mean), MARKS[place % MARKS.len()]);
        }
    }
    let labels = [four_digits(high), four_digits(low)];
    let gutter = labels.iter().map(|label| label.chars().count()).max().unwrap_or(0);
    let mut lines = vec![caption(&part.y.label, &part.y.unit)];
    for (row, cells) in cells.iter().enumerate() {
        let label = match row {
            0 => &labels[0],
            row if row == HEIGHT - 1 => &labels[1],
            _ => "",
        };
        let cells: String = cells.iter().collect();
        lines.push(format!("{label:>gutter$} │{}", cells.trim_end()));
    }
    lines.push(format!("{:>gutter$} └{}", "", "─".repeat(WIDTH)));
    let (first, last) = (four_digits(across.0), four_digits(across.1));
    let name = caption(&part.x.label, &part.x.unit);
    let space = WIDTH.saturating_sub(first.chars().count() + last.chars().count());
    lines.push(format!("{:>gutter$}  {first}{name:^space$}{last}", ""));
    for (place, curve) in part.curves.iter().enumerate() {
        let dots = if curve.theory.is_empty() { "" } else { "  (· its theory)" };
        lines.push(format!("{:>gutter$}  {} {}{dots}", "", MARKS[place % MARKS.len()], curve.name));
    }
    lines
}

fn caption(label: &str, unit: &str) -> String {
    if unit.is_empty() { label.to_owned() } else { format!("{label} ({unit})") }
}

fn is_shown(value: f64, is_log: bool) -> bool {
    value.is_finite() && (!is_log || value > 0.0)
}

/// The least and the greatest; from zero on an axis that may show it.
fn span(values: impl Iterator<Item = f64>, is_tight: bool) -> (f64, f64) {
    let ends = |(low, high): (f64, f64), value: f64| (low.min(value), high.max(value));
    let (low, high) = values.fold((f64::INFINITY, f64::NEG_INFINITY), ends);
    match (low.is_finite(), is_tight) {
        (false, _) => (0.0, 1.0),
        (true, true) => (low, if high > low { high } else { low + 1.0 }),
        (true, false) => (low.min(0.0), high.max(low.min(0.0) + 1e-9)),
    }
}

/// The column or row of a value among so many, if it is among them.
fn place(value: f64, (low, high): (f64, f64), is_log: bool, cells: usize) -> Option<usize> {
    if !is_shown(value, is_log) || (is_log && low <= 0.0) {
        return None;
    }
    let share = match is_log {
        true => math::ln(value / low) / math::ln(high / low),
        false => (value - low) / (high - low),
    };
    let is_inside = (-1e-9..=1.0 + 1e-9).contains(&share);
    is_inside.then(|| ((share * (cells - 1) as f64).round() as usize).min(cells - 1))
}
