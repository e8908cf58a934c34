//! The picture of a part: the theory's curve over the simulated points with their interval bars.

use super::part::{Claim, Part};
use super::run::Outcome;
use brownout_plots::{Axis, Figure, Panel, Scale, Series, Style};

/// The figure of a part.
pub fn figure(part: &Part, outcome: &Outcome) -> Figure {
    let scale = |is_log: bool| if is_log { Scale::Log } else { Scale::Linear };
    let axis = |label: &str, unit: &str, is_log: bool| Axis {
        label: label.to_owned(),
        unit: unit.to_owned(),
        scale: scale(is_log),
        range: None,
    };
    let mut series = Vec::new();
    for (place, (curve, row)) in part.curves.iter().zip(&outcome.rows).enumerate() {
        let color = place + 1;
        let style = match curve.claim {
            Claim::Roughly(_) => Style::Dashed,
            Claim::Equal | Claim::Within(..) | Claim::AtMost => Style::Line,
        };
        if row.theory.iter().any(|(_, y)| y.is_finite()) {
            let seen = row.points.iter().map(|point| point.ci95.1).fold(0.0, f64::max);
            // A theory that runs off to infinity does not squeeze what was measured.
            let shown = |&(x, y): &(f64, f64)| (x, if y > seen * 1.3 { f64::NAN } else { y });
            let theory = row.theory.iter().map(shown).collect();
            series.push(Series::new(&format!("{}, theory", curve.name), style, color, theory));
        }
        let bars = row.points.iter().flat_map(|point| {
            let (low, high) = point.ci95;
            [(point.x, low), (point.x, high), (f64::NAN, f64::NAN)]
        });
        series.push(Series::new("95 % interval", Style::Line, 7, bars.collect()));
        let points = row.points.iter().map(|point| (point.x, point.mean)).collect();
        series.push(Series::new(&format!("{}, simulated", curve.name), Style::Dots, color, points));
    }
    Figure {
        title: part.title.clone(),
        how_to_read: part.read.clone(),
        columns: 1,
        x: axis(&part.x.label, &part.x.unit, part.x.is_log),
        bands: Vec::new(),
        panels: vec![Panel {
            title: String::new(),
            y: axis(&part.y.label, &part.y.unit, part.y.is_log),
            series,
        }],
    }
}
