//! The edge as a picture: the share of bad runs at every setting that was judged.

use super::document::{Told, word};
use super::search::Searched;
use crate::report::files::File;
use brownout_plots::{Axis, Band, DrawError, Figure, Panel, Series, Style, to_png, to_svg};
use brownout_policies::units::leading_number;

/// The files of the pictures, one a search over one setting that found an edge.
///
/// # Errors
/// When one cannot be drawn.
pub fn files(told: &Told<'_>, searches: &[Searched]) -> Result<Vec<File>, DrawError> {
    let mut files = Vec::new();
    let mut number = 0;
    for one in searches {
        let Some(figure) = figure(told, one) else { continue };
        number += 1;
        let name = if number == 1 { "edge".to_owned() } else { format!("edge-{number}") };
        files.push((format!("{name}.svg"), to_svg(&figure)?.into_bytes()));
        files.push((format!("{name}.png"), to_png(&figure)?));
    }
    Ok(files)
}

fn figure(told: &Told<'_>, one: &Searched) -> Option<Figure> {
    let [over] = one.over.as_slice() else { return None };
    let (safe, bad) = one.edge()?;
    let value = |probe: &super::probe::Probe| {
        let (_, text) = probe.settings.first()?;
        leading_number(text).map(|(number, _)| number)
    };
    let mut found: Vec<(f64, f64, f64, f64)> = Vec::with_capacity(one.probes.len());
    for probe in &one.probes {
        let share = probe.share();
        found.push((value(probe)?, 100.0 * share.mean, 100.0 * share.low, 100.0 * share.high));
    }
    found.sort_by(|a, b| a.0.total_cmp(&b.0));
    let points = || found.iter().map(|(x, mean, _, _)| (*x, *mean)).collect::<Vec<(f64, f64)>>();
    let envelope = found.iter().map(|(x, _, low, high)| (*x, *low, *high)).collect();
    let name = format!("{} runs", word(told.bad));
    let line = Series::new(&name, Style::Line, 2, points());
    let (a, b) = (value(safe)?, value(bad)?);
    let x = match over.range.is_log {
        true => Axis::log(&over.path, &over.range.unit),
        false => Axis::linear(&over.path, &over.range.unit),
    };
    Some(Figure {
        title: format!("{}, {}: over {}", told.experiment.name, one.variant, over.path),
        how_to_read: format!(
            "How to read this: the line joins the shares of runs that are {} at every setting that \
             was judged, its shade is the 95 % interval of each. The edge is in the shaded window.",
            word(told.bad)
        ),
        columns: 1,
        x,
        bands: vec![Band {
            from: a.min(b),
            to: a.max(b),
            label: format!("edge: {} to {}", safe.settings[0].1, bad.settings[0].1),
        }],
        panels: vec![Panel::new(
            "",
            Axis::linear(&name, "%").over(0.0, 105.0),
            vec![Series { envelope: Some(envelope), ..line }],
        )],
    })
}
