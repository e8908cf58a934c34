//! The queue against the calls that try again: where a system goes under a fault, and whether it
//! comes back.

use super::{Chart, Needs, heading, means};
use crate::report::stored::{Asked, Stored, Window};
use crate::runner::history::Quantity;
use brownout_plots::{Axis, Figure, Panel, Series, Style};

pub(super) const CHART: Chart = Chart {
    name: "Plane",
    about: "a service's queue against the calls to it that try again, and the way of the two",
    file: "plane",
    needs: Needs::Service,
    draw: figure,
};

/// Points of a way: more are averaged.
const POINTS: usize = 240;
/// A point is shown that is so far from the last one, as a share of the picture: nearer ones are
/// scatter that hides where the way goes.
const STEP: f64 = 0.035;

fn figure(stored: &Stored, asked: &Asked) -> Figure {
    let mut ways = Vec::new();
    for system in &stored.drawing.systems {
        let get = |quantity| stored.series.means(&system.variant, &asked.of, quantity);
        let (queue, retrying) = (get(Quantity::Queue), get(Quantity::Retrying));
        // A system without retries has nothing that tries again.
        let tries = |place: usize| retrying.get(place).map_or(0.0, |(_, number)| *number);
        let way: Vec<Moment> = queue
            .iter()
            .enumerate()
            .map(|(place, (at, queue))| Moment { at: *at, retrying: tries(place), queue: *queue })
            .collect();
        ways.push(thinned(&way));
    }
    let most = |of: fn(&Moment) -> f64| ways.iter().flatten().map(of).fold(0.0, f64::max);
    let size = (most(|moment| moment.retrying), most(|moment| moment.queue));
    let panels = stored.drawing.systems.iter().zip(&ways).map(|(system, way)| {
        let series = phases(way, size, &system.windows);
        let y = Axis::linear(&format!("{} queue", asked.of), "requests");
        Panel::new(&heading(stored, &system.variant), y, series)
    });
    Figure {
        title: format!("{}: {}", asked.of, stored.drawing.title),
        how_to_read: format!(
            "{} Arrows point from earlier to later. A system that copes goes out during a fault \
             and comes back to where it was; one that settles somewhere else is stuck.",
            means(stored)
        ),
        columns: stored.drawing.systems.len(),
        x: Axis::linear(&format!("calls to {} that try again", asked.of), ""),
        bands: Vec::new(),
        panels: panels.collect(),
    }
}

/// Where the system is at a moment.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Moment {
    at: f64,
    retrying: f64,
    queue: f64,
}

/// The way in fewer points, each the mean of its share.
fn thinned(way: &[Moment]) -> Vec<Moment> {
    let together = way.len().div_ceil(POINTS).max(1);
    let mean = |part: &[Moment], of: fn(&Moment) -> f64| {
        part.iter().map(of).sum::<f64>() / part.len() as f64
    };
    let one = |part: &[Moment]| Moment {
        at: part[0].at,
        retrying: mean(part, |moment| moment.retrying),
        queue: mean(part, |moment| moment.queue),
    };
    way.chunks(together).map(one).collect()
}

/// The way before, during and after faults, in a picture of this size; each part begins where the
/// one before it ends.
fn phases(way: &[Moment], size: (f64, f64), windows: &[Window]) -> Vec<Series> {
    let first = windows.iter().map(|window| window.from).fold(f64::INFINITY, f64::min);
    let phase = |at: f64| match windows.iter().any(|own| own.from <= at && at < own.to) {
        true => 1,
        false if at < first => 0,
        false => 2,
    };
    let mut points: [Vec<(f64, f64)>; 3] = Default::default();
    let mut last: Option<(usize, (f64, f64))> = None;
    for moment in way {
        let (own, at) = (phase(moment.at), (moment.retrying, moment.queue));
        if let Some((other, before)) = last
            && other != own
        {
            points[own].extend([(f64::NAN, f64::NAN), before]);
        } else if let Some((_, before)) = last
            && is_near(before, at, size)
        {
            continue;
        }
        points[own].push(at);
        last = Some((own, at));
    }
    let [before, during, after] = points;
    let end = way.last().map(|moment| (moment.retrying, moment.queue));
    [
        Series::new("before any fault", Style::Dots, 0, before),
        Series::new("during a fault", Style::Arrows(1), 2, during),
        Series::new("afterwards", Style::Arrows(0), 1, after),
        Series::new("at the end", Style::Marks(1), 7, end.into_iter().collect()),
    ]
    .into_iter()
    .filter(|series| !series.points.is_empty())
    .collect()
}

/// Whether two points are hardly apart in a picture of this size.
fn is_near(one: (f64, f64), other: (f64, f64), size: (f64, f64)) -> bool {
    let apart =
        |one: f64, other: f64, size: f64| if size > 0.0 { (one - other) / size } else { 0.0 };
    let (x, y) = (apart(one.0, other.0, size.0), apart(one.1, other.1, size.1));
    x * x + y * y < STEP * STEP
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_part_of_the_way_begins_where_the_one_before_it_ends() {
        let moment = |at: f64| Moment { at, retrying: at, queue: 10.0 * at };
        let way: Vec<Moment> = [0.0, 1.0, 2.0, 3.0].map(moment).to_vec();
        let window = Window { name: "slow".to_owned(), from: 1.0, to: 3.0 };
        let series = phases(&way, (3.0, 30.0), &[window]);
        let shown = |series: &Series| {
            let known = series.points.iter().filter(|point| point.0.is_finite());
            known.map(|point| point.0).collect::<Vec<f64>>()
        };
        assert_eq!(shown(&series[0]), [0.0]);
        assert_eq!(shown(&series[1]), [0.0, 1.0, 2.0]);
        assert_eq!(shown(&series[2]), [2.0, 3.0]);
        assert_eq!(shown(&series[3]), [3.0]);
        // In a picture a thousand times as large the way does not leave its place.
        let window = Window { name: "slow".to_owned(), from: 1.0, to: 3.0 };
        assert_eq!(shown(&phases(&way, (3e3, 3e4), &[window])[1]), [0.0, 1.0]);
    }
}
