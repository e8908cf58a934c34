//! Lines with intervals over one axis, and clouds of drawn points.

use super::scale::numbers;
use super::title;
use crate::experiment::Axis;
use crate::sweep::record::{PointRecord, VariantRecord};
use crate::sweep::results::SweepResults;
use crate::sweep::told::Told;
use brownout_plots::{Axis as Side, Band, Figure, Panel, Series, Style};

/// Measures of the file that are drawn, beside what is drawn of every system.
const MEASURES: usize = 4;
/// Share of stuck runs below which hardly any is, and above whose complement nearly all are.
const FEW: f64 = 0.05;

/// A value with the ends of its interval.
type Value = (f64, Option<(f64, f64)>);

/// One row of panels: what it shows of a variant at a point.
struct Shown {
    axis: Side,
    name: String,
    color: usize,
    of: Of,
}

/// What is shown of a variant at a point.
type Of = Box<dyn Fn(&VariantRecord) -> Option<Value>>;

/// A row of panels per quantity, a column per variant, over the only axis.
pub(super) fn figure(told: &Told, results: &SweepResults) -> Figure {
    let axis = &results.sweep.axes[0];
    let (values, unit) = numbers(axis).expect("the axis is one of numbers");
    let rows = shown(results);
    let mut panels = Vec::with_capacity(rows.len() * results.variants.len());
    for (depth, row) in rows.iter().enumerate() {
        for variant in &results.variants {
            let (mut points, mut envelope) = (Vec::new(), Vec::new());
            for (place, x) in values.iter().enumerate() {
                let record = results.at(&[place]).and_then(|point| point.variant(variant));
                let found = record.and_then(|record| (row.of)(record));
                let (y, ends) = found.unwrap_or((f64::NAN, None));
                let (low, high) = ends.unwrap_or((y, y));
                points.push((*x, y));
                envelope.push((*x, low, high));
            }
            let is_top = depth == 0 && told.has_variants;
            let line = Series::new(&row.name, Style::Line, row.color, points);
            panels.push(Panel::new(
                if is_top { variant } else { "" },
                row.axis.clone(),
                vec![Series { envelope: Some(envelope), ..line }],
            ));
        }
    }
    Figure {
        title: title(told, &format!("over {}", axis.path)),
        how_to_read: "How to read this: lines join the means over the runs at each value of the \
                      setting, their shade is the 95 % interval; there is a gap where a mean is \
                      infinite, and where only some runs are stuck. Shaded windows are cliffs: \
                      between their ends the share of stuck runs passes one half."
            .to_owned(),
        columns: results.variants.len(),
        x: Side::linear(&axis.path, &unit),
        bands: bands(results, axis),
        panels,
    }
}

fn shown(results: &SweepResults) -> Vec<Shown> {
    let Some(first) = results.finished().flat_map(PointRecord::variants).next() else {
        return Vec::new();
    };
    let mut rows = vec![Shown {
        axis: Side::linear("stuck runs", "%").over(0.0, 105.0),
        name: "stuck runs".to_owned(),
        color: 2,
        of: Box::new(|variant| {
            let stuck = variant.worst()?.stuck;
            let ends = stuck.ci95.map(|(low, high)| (100.0 * low, 100.0 * high));
            Some((100.0 * stuck.share(), ends))
        }),
    }];
    let standard = ["goodput(", "p99("]
        .into_iter()
        .filter_map(|metric| first.metrics.iter().find(|row| row.text.starts_with(metric)));
    let own = first.measure.iter().take(MEASURES);
    for row in standard.chain(own) {
        let unit = if row.unit == "1" { "" } else { row.unit.as_str() };
        let text = row.text.clone();
        rows.push(Shown {
            axis: Side::linear(&row.text, unit),
            name: "mean over the runs".to_owned(),
            color: 1,
            of: Box::new(move |variant| {
                let row = variant.row(&text).filter(|_| !variant.is_mixed())?;
                Some((row.mean, row.ci95))
            }),
        });
    }
    rows
}

/// Where variants break off.
fn bands(results: &SweepResults, axis: &Axis) -> Vec<Band> {
    let (values, _) = numbers(axis).expect("the axis is one of numbers");
    let number = |text: &str| {
        let place = axis.values.iter().position(|value| value == text);
        place.map_or(f64::NAN, |place| values[place])
    };
    let mut bands: Vec<Band> = Vec::new();
    for variant in &results.variants {
        for cliff in results.cliffs(variant, 0) {
            let (safe, stuck) = (number(&cliff.safe), number(&cliff.stuck));
            bands.push(Band {
                from: safe.min(stuck),
                to: safe.max(stuck),
                label: format!("cliff: {variant}"),
            });
        }
    }
    bands
}

/// The drawn points over the first two axes, by what became of their runs. `None` where an axis is
/// one of words.
pub(super) fn cloud(told: &Told, results: &SweepResults, x: &Axis, y: &Axis) -> Option<Figure> {
    let ((xs, x_unit), (ys, y_unit)) = (numbers(x)?, numbers(y)?);
    let sides = [
        ("hardly any run stuck", (0, 6), 0.0..FEW),
        ("some runs stuck", (2, 0), FEW..1.0 - FEW),
        ("nearly all runs stuck", (3, 7), 1.0 - FEW..f64::INFINITY),
    ];
    let panel = |variant: &String| {
        let series = sides.clone().map(|(name, (mark, color), shares)| {
            let inside = results.finished().filter(|point| {
                let worst = point.variant(variant).and_then(VariantRecord::worst);
                worst.is_some_and(|verdict| shares.contains(&verdict.stuck.share()))
            });
            let mut points: Vec<(f64, f64)> =
                inside.map(|point| (xs[point.point], ys[point.point])).collect();
            points.sort_by(|a, b| a.0.total_cmp(&b.0));
            Series::new(name, Style::Marks(mark), color, points)
        });
        Panel::new(
            if told.has_variants { variant } else { "" },
            Side::linear(&y.path, &y_unit),
            series.into(),
        )
    };
    Some(Figure {
        title: title(told, &format!("P(stuck) over {} and {}", x.path, y.path)),
        how_to_read: "How to read this: a mark is one point of the sweep; its shape says how many \
                      of its runs tipped and never recovered."
            .to_owned(),
        columns: results.variants.len(),
        x: Side::linear(&x.path, &x_unit),
        bands: Vec::new(),
        panels: results.variants.iter().map(panel).collect(),
    })
}
