//! Attempts per call from each caller to each callee.

use super::{Chart, Needs};
use crate::report::stored::{Asked, Stored, System};
use brownout_plots::{Axis, Figure, Panel, Series, Style};

pub(super) const CHART: Chart = Chart {
    name: "Amplification",
    about: "attempts per call from each caller to each callee",
    file: "amplification",
    needs: Needs::Edges,
    draw: figure,
};

fn figure(stored: &Stored, _: &Asked) -> Figure {
    let systems = &stored.drawing.systems;
    let mut names: Vec<String> = Vec::new();
    for name in systems.iter().flat_map(ratios).map(|(name, _)| name) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    // The first stands on top.
    names.reverse();
    let series = systems.iter().enumerate().map(|(place, system)| {
        let height = |name: &str| names.iter().position(|own| own == name).unwrap_or(0) as f64;
        // Side by side in their row, so that none hides another.
        let aside = (systems.len() as f64 - 1.0) / 2.0 - place as f64;
        let aside = 0.6 * aside / systems.len() as f64;
        let points = ratios(system).into_iter().map(|(name, ratio)| (ratio, height(&name) + aside));
        let color = Series::color_of_system(place);
        Series::new(&system.variant, Style::Marks(place), color, points.collect())
    });
    let most = systems.iter().flat_map(ratios).map(|(_, ratio)| ratio).fold(1.0, f64::max);
    Figure {
        title: format!("Attempts per call: {}", stored.drawing.title),
        how_to_read: "Each row is one caller and whom it calls; 1 is no call made twice. What \
                      rows on a path have multiplies along it."
            .to_owned(),
        columns: 1,
        x: Axis::linear("attempts per call", "").over(0.0, most * 1.06),
        bands: Vec::new(),
        panels: vec![Panel::new("", Axis::of_names(&names), series.collect())],
    }
}

/// `caller → callee` and attempts per call, of those that called at all.
fn ratios(system: &System) -> Vec<(String, f64)> {
    let mut sums: Vec<(String, f64, f64)> = Vec::new();
    for edge in &system.edges {
        let Some((calls, attempts)) = edge.count else { continue };
        let name = format!("{} → {}", edge.from, edge.to);
        match sums.iter_mut().find(|(own, _, _)| *own == name) {
            Some(own) => (own.1, own.2) = (own.1 + calls as f64, own.2 + attempts as f64),
            None => sums.push((name, calls as f64, attempts as f64)),
        }
    }
    let called = sums.into_iter().filter(|(_, calls, _)| *calls > 0.0);
    called.map(|(name, calls, attempts)| (name, attempts / calls)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::stored::Edge;

    #[test]
    fn calls_from_two_places_to_one_service_are_counted_together() {
        let edge = |to: &str, count| Edge {
            from: "web".to_owned(),
            to: to.to_owned(),
            service: to.to_owned(),
            count,
        };
        let edges = vec![
            edge("db", Some((10, 10))),
            edge("db", Some((10, 30))),
            edge("idle", Some((0, 0))),
            edge("routed", None),
        ];
        let system = System { edges, ..System::default() };
        assert_eq!(ratios(&system), [("web → db".to_owned(), 2.0)]);
    }
}
