//! Distributions: the share of times up to each length, and the share beyond it.

use super::{Chart, Needs};
use crate::expect::Unit;
use crate::report::stored::{Asked, Distribution, Stored};
use brownout_plots::{Axis, Figure, Panel, Series, Style};

pub(super) const CDF: Chart = Chart {
    name: "Cdf",
    about: "a cumulative distribution: the share of times up to each length",
    file: "cdf",
    needs: Needs::Curve,
    draw: cdf,
};

pub(super) const CCDF: Chart = Chart {
    name: "Ccdf",
    about: "the share of times beyond each length, both axes logarithmic: the tail",
    file: "ccdf",
    needs: Needs::Curve,
    draw: ccdf,
};

fn cdf(stored: &Stored, asked: &Asked) -> Figure {
    let y = Axis::linear("share", "").over(0.0, 1.0);
    let how = "The share of successes that took at most the time on the x axis: further left is \
               faster. What did not succeed is not in it; its share stands in the legend.";
    figure(stored, asked, y, how, |point| point)
}

fn ccdf(stored: &Stored, asked: &Asked) -> Figure {
    let how = "The share of successes that took longer than the time on the x axis: at 0.01 is \
               the p99. A straight line down is a heavy tail, a cliff a limit such as a timeout.";
    figure(stored, asked, Axis::log("share beyond", ""), how, |(time, share)| (time, 1.0 - share))
}

fn figure(
    stored: &Stored,
    asked: &Asked,
    y: Axis,
    how_to_read: &str,
    turn: fn((f64, f64)) -> (f64, f64),
) -> Figure {
    let systems = || stored.drawing.systems.iter().enumerate();
    let curves: Vec<(usize, &str, &Distribution)> = systems()
        .filter_map(|(place, system)| {
            let mut curves = system.curves.iter();
            Some((place, &*system.variant, curves.find(|curve| curve.of == asked.of)?))
        })
        .collect();
    let longest = curves.iter().map(|(_, _, curve)| curve.most).max().unwrap_or(0);
    let (unit, nanos) = if longest < 20_000_000_000 { ("ms", 1e6) } else { ("s", 1e9) };
    let series = curves.into_iter().map(|(place, variant, curve)| {
        let points = cumulative(curve, nanos).into_iter().map(turn).collect();
        Series::new(
            &name(variant, curve),
            Style::Pattern(place),
            Series::color_of_system(place),
            points,
        )
    });
    let what = asked.of.split('(').next().unwrap_or("time");
    Figure {
        title: format!("{}: {}", asked.of, stored.drawing.title),
        how_to_read: how_to_read.to_owned(),
        columns: 1,
        x: Axis::log(what, unit),
        bands: Vec::new(),
        panels: vec![Panel::new("", y, series.collect())],
    }
}

/// The variant, and the share of those that did not succeed.
fn name(variant: &str, curve: &Distribution) -> String {
    let lost = curve.failed as f64 + curve.open as f64;
    match lost > 0.0 {
        false => variant.to_owned(),
        true => {
            let share = lost / (all(curve) + lost);
            format!("{variant} ({} without success)", Unit::Share.human(share))
        }
    }
}

/// How many times there are.
fn all(curve: &Distribution) -> f64 {
    curve.counts.iter().map(|count| *count as f64).sum()
}

/// (time, share of times up to it).
fn cumulative(curve: &Distribution, nanos: f64) -> Vec<(f64, f64)> {
    let all = all(curve);
    let mut points = vec![(curve.least as f64 / nanos, 0.0)];
    let mut sum = 0.0;
    for (end, count) in curve.ends.iter().zip(&curve.counts) {
        sum += *count as f64;
        points.push(((*end).min(curve.most) as f64 / nanos, sum / all));
    }
    points
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_curve_goes_from_the_least_to_the_most_and_from_nothing_to_all() {
        let curve = Distribution {
            of: "latency(api)".to_owned(),
            least: 3_000_000,
            most: 40_000_000,
            ends: vec![4_000_000, 50_000_000],
            counts: vec![3, 1],
            failed: 4,
            open: 0,
        };
        assert_eq!(cumulative(&curve, 1e6), [(3.0, 0.0), (4.0, 0.75), (40.0, 1.0)]);
        assert_eq!(name("naive", &curve), "naive (50 % without success)");
    }
}
