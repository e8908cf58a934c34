//! The picture of a part: the theory's curve under the simulated points with their interval bars.

use super::part::{Claim, Curve, Part};
use super::run::{Outcome, Row};
use brownout_plots::{Axis, Compared, Measured, Scale, Versus};

/// What every picture of a lesson says of its looks.
const LOOK: &str = "Lines are formulas; marks are simulated, with bars for their 95 % intervals.";

/// The chart of a part.
pub fn chart(part: &Part, outcome: &Outcome) -> Versus {
    let axis = |label: &str, unit: &str, is_log: bool| Axis {
        label: label.to_owned(),
        unit: unit.to_owned(),
        scale: if is_log { Scale::Log } else { Scale::Linear },
        range: None,
        names: Vec::new(),
    };
    let curves = part.curves.iter().zip(&outcome.rows);
    Versus {
        title: part.title.clone(),
        how_to_read: format!("{} {LOOK}", part.read),
        x: axis(&part.x.label, &part.x.unit, part.x.is_log),
        y: axis(&part.y.label, &part.y.unit, part.y.is_log),
        curves: curves.map(|(curve, row)| compared(curve, row)).collect(),
    }
}

fn compared(curve: &Curve, row: &Row) -> Compared {
    let seen = row.points.iter().map(|point| point.ci95.1).fold(0.0, f64::max);
    // A theory that runs off to infinity does not squeeze what was measured.
    let shown = |&(x, y): &(f64, f64)| (x, if y > seen * 1.3 { f64::NAN } else { y });
    let has_theory = row.theory.iter().any(|(_, y)| y.is_finite());
    let measured = row.points.iter().map(|point| {
        let (low, high) = point.ci95;
        Measured { x: point.x, y: point.mean, low, high }
    });
    Compared {
        name: curve.name.clone(),
        theory: if has_theory { row.theory.iter().map(shown).collect() } else { Vec::new() },
        is_rough: matches!(curve.claim, Claim::Roughly(_)),
        points: measured.collect(),
    }
}
