//! Heatmaps and phase diagrams of a grid.

use super::scale::settings;
use super::title;
use crate::expect::Unit;
use crate::experiment::Axis;
use crate::sweep::record::{PointRecord, Row, VariantRecord};
use crate::sweep::results::{SweepResults, is_stuck};
use crate::sweep::told::Told;
use brownout_plots::{Axis as Shade, Settings, Surface, Tile, Tiles};

/// Ratio of the largest to the least value from which shades go by ratios.
const WIDE: f64 = 50.0;
const EDGE: &str = "the cliff: half of the runs stuck";

/// The value of a sentence over two axes, a panel per variant. `None` where nothing is known of it.
pub(super) fn heatmap(
    told: &Told,
    results: &SweepResults,
    x: &str,
    y: &str,
    color: &str,
) -> Option<Surface> {
    let mut found = results.finished().flat_map(PointRecord::variants).filter_map(|v| v.row(color));
    let unit = found.next()?.unit.clone();
    let tile = |variant: &VariantRecord| match variant.row(color) {
        Some(row) if row.mean.is_nan() => Tile::Empty,
        Some(row) if row.mean.is_infinite() => Tile::Beyond(beyond(&unit, row)),
        // A mean of two worlds is no number to print.
        Some(row) if variant.is_mixed() => Tile::Shade(row.mean, how_many(variant)),
        Some(row) => {
            let more = if row.is_lower_limit { "> " } else { "" };
            Tile::Shade(row.mean, format!("{more}{}", human(&unit, row.mean)))
        }
        None => Tile::Empty,
    };
    let rows = results.finished().flat_map(PointRecord::variants).filter_map(|v| v.row(color));
    let values = rows.map(|row| row.mean).filter(|value| value.is_finite());
    let (low, high) = values.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| {
        (low.min(value), high.max(value))
    });
    let shown = if unit == "1" { "" } else { unit.as_str() };
    let shade = match low > 0.0 && high / low > WIDE {
        true => Shade::log(color, shown),
        false => Shade::linear(color, shown),
    };
    let mut surface = over(told, results, x, y, &tile)?;
    surface.title = title(told, &format!("{color} over {x} and {y}"));
    surface.shade = shade;
    let is_infinite = |tile: &Tile| matches!(tile, Tile::Beyond(_));
    let mixed = match results.finished().flat_map(PointRecord::variants).any(|v| v.is_mixed()) {
        true => " 4/10 stuck: four of ten runs are, so a mean says little.",
        false => "",
    };
    let never = match surface.panels.iter().flat_map(|panel| &panel.tiles).any(is_infinite) {
        true => " 4/10 never: in four of ten runs it never comes.",
        false => "",
    };
    surface.how_to_read = format!(
        "How to read this: a tile is one pair of settings, its shade the mean of {color} over the \
         runs there, as the bar says.{never}{mixed} {}",
        surface.how_to_read
    );
    Some(surface)
}

/// The share of stuck runs over two axes. `None` where there is nothing that could stick.
pub(super) fn phase(told: &Told, results: &SweepResults, x: &str, y: &str) -> Option<Surface> {
    let mut records = results.finished().flat_map(PointRecord::variants);
    records.find(|variant| is_stuck(variant).is_some())?;
    let mut surface = over(told, results, x, y, &share)?;
    surface.title = title(told, &format!("P(stuck) over {x} and {y}"));
    surface.how_to_read = format!(
        "How to read this: a tile is one pair of settings, its number the per cent of runs that \
         tipped and never recovered. {}",
        surface.how_to_read
    );
    Some(surface)
}

/// The share of stuck runs over one axis of words, a row per variant.
pub(super) fn by_variant(told: &Told, results: &SweepResults) -> Surface {
    let axis = &results.sweep.axes[0];
    let mut panel = Tiles { title: String::new(), tiles: Vec::new(), sides: Vec::new() };
    for variant in results.variants.iter().rev() {
        for place in 0..axis.values.len() {
            add(&mut panel, results.at(&[place]), variant, &share);
        }
    }
    Surface {
        title: title(told, &format!("P(stuck) over {}", axis.path)),
        how_to_read: "How to read this: a row is a variant, a tile one value of the setting; its \
                      number is the per cent of runs that tipped and never recovered."
            .to_owned(),
        x: settings(axis),
        y: Settings {
            caption: "variant".to_owned(),
            values: results.variants.iter().rev().cloned().collect(),
        },
        shade: stuck_shade(),
        edge: EDGE.to_owned(),
        beyond: "never".to_owned(),
        panels: vec![panel],
    }
}

fn stuck_shade() -> Shade {
    Shade::linear("stuck runs", "%").over(0.0, 100.0)
}

fn share(variant: &VariantRecord) -> Tile {
    match variant.worst().map(|verdict| 100.0 * verdict.stuck.share()) {
        Some(share) if !share.is_nan() => Tile::Shade(share, format!("{share:.0}")),
        Some(_) | None => Tile::Empty,
    }
}

/// Tiles over two axes of a grid; the others stand at their first value, which is said.
fn over(
    told: &Told,
    results: &SweepResults,
    x: &str,
    y: &str,
    tile: &dyn Fn(&VariantRecord) -> Tile,
) -> Option<Surface> {
    let axes = &results.sweep.axes;
    let find = |path: &str| axes.iter().position(|axis| axis.path == path);
    let (across, up) = (find(x)?, find(y)?);
    let panel = |variant: &String| {
        let title = if told.has_variants { variant.clone() } else { String::new() };
        let mut panel = Tiles { title, tiles: Vec::new(), sides: Vec::new() };
        for row in 0..axes[up].values.len() {
            for column in 0..axes[across].values.len() {
                let mut places = vec![0; axes.len()];
                (places[across], places[up]) = (column, row);
                add(&mut panel, results.at(&places), variant, tile);
            }
        }
        panel
    };
    let others = axes.iter().enumerate().filter(|(at, _)| *at != across && *at != up);
    let others = others.map(|(_, axis)| said(axis)).collect::<Vec<String>>();
    let how_to_read = match others.is_empty() {
        true => String::new(),
        false => format!("Here {}.", others.join(", ")),
    };
    Some(Surface {
        title: String::new(),
        how_to_read,
        x: settings(&axes[across]),
        y: settings(&axes[up]),
        shade: stuck_shade(),
        edge: EDGE.to_owned(),
        beyond: "never".to_owned(),
        panels: results.variants.iter().map(panel).collect(),
    })
}

fn said(axis: &Axis) -> String {
    format!("{} is {}", axis.path, axis.values[0])
}

fn add(
    panel: &mut Tiles,
    point: Option<&PointRecord>,
    variant: &str,
    tile: &dyn Fn(&VariantRecord) -> Tile,
) {
    let record = point.and_then(|point| point.variant(variant));
    panel.tiles.push(match (point, record) {
        (None, _) => Tile::Empty,
        (Some(_), None) => Tile::Broken,
        (Some(_), Some(record)) => tile(record),
    });
    panel.sides.push(record.and_then(is_stuck));
}

/// A mean that is infinite because some runs are: how many, unless it is all of them.
fn beyond(unit: &str, row: &Row) -> String {
    let infinite = row.runs.iter().filter(|run| run.is_infinite()).count();
    match infinite == row.runs.len() {
        true => human(unit, row.mean),
        false => format!("{infinite}/{} {}", row.runs.len(), human(unit, row.mean)),
    }
}

/// `4/10 stuck`.
fn how_many(variant: &VariantRecord) -> String {
    let stuck = variant.worst().map(|verdict| verdict.stuck);
    stuck.map_or_else(String::new, |stuck| format!("{}/{} stuck", stuck.runs, stuck.of))
}

/// A value in the unit that a person would choose.
fn human(unit: &str, value: f64) -> String {
    let every = [Unit::Seconds, Unit::SecondsSquared, Unit::PerSecond, Unit::Share, Unit::Ratio];
    let unit = every.into_iter().find(|own| own.name() == unit).unwrap_or(Unit::Count);
    unit.human(value)
}
