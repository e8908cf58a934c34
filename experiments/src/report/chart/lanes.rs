//! The swim-lanes of one request: a lane per replica, what waits and works there, which attempts
//! go out, and what becomes of them.

use super::{Chart, Needs, heading};
use crate::incident::lanes::{End, Lanes, Sent, Stretch};
use crate::report::stored::{Asked, Stored};
use brownout_plots::{Axis, Figure, Panel, Series, Style};

pub(super) const CHART: Chart = Chart {
    name: "Lanes",
    about: "one request as lanes: the first that failed, or the slowest, of the first run",
    file: "lanes",
    needs: Needs::Request,
    draw: figure,
};

const HOW: &str = "A lane is the user or a replica. Thin bars wait for a worker, thick ones are \
                   in service, those of middling height are so for nobody; the line along a lane \
                   is an open call. Lines from lane to lane are attempts, marks what their \
                   callers see of them.";

fn figure(stored: &Stored, _: &Asked) -> Figure {
    let systems = &stored.drawing.systems;
    let all = systems.iter().filter_map(|system| {
        let lanes = system.lanes.as_ref()?;
        let name = heading(stored, &system.variant);
        let which = format!("request {} of run {}", lanes.request, lanes.seed);
        let title = if name.is_empty() { which } else { format!("{name}: {which}") };
        Some((title, lanes))
    });
    lanes_figure(&format!("One request: {}", stored.drawing.title), all.collect())
}

/// Lanes side by side, each under its title.
pub fn lanes_figure(title: &str, all: Vec<(String, &Lanes)>) -> Figure {
    let ends = all.iter().flat_map(|(_, lanes)| {
        let bars = lanes.bars.iter().map(|bar| bar.to);
        bars.chain(lanes.marks.iter().map(|mark| mark.at))
    });
    let last = ends.fold(0.0, f64::max);
    let (unit, scale) = if last < 1.0 { ("ms", 1e3) } else { ("s", 1.0) };
    let panels = all.iter().map(|(title, lanes)| panel(title, lanes, scale));
    Figure {
        title: title.to_owned(),
        how_to_read: HOW.to_owned(),
        // Lanes have long names, so each request has the whole width.
        columns: 1,
        x: Axis::linear("since the request arrived", unit)
            .over(0.0, (last * scale * 1.03).max(1e-6)),
        bands: Vec::new(),
        panels: panels.collect(),
    }
}

fn panel(title: &str, lanes: &Lanes, scale: f64) -> Panel {
    // The first stands on top.
    let mut names = lanes.names.clone();
    names.reverse();
    let height = |lane: usize| (lanes.names.len() - 1 - lane.min(lanes.names.len() - 1)) as f64;
    let mut series = Vec::new();
    for (what, _) in Stretch::EVERY {
        for bar in lanes.bars.iter().filter(|bar| bar.what == what) {
            let (from, to, y) = (bar.from * scale, bar.to * scale, height(bar.lane));
            let (name, half, (style, color)) = match what {
                Stretch::Open => {
                    let line = vec![(from, y), (to, y)];
                    series.push(Series::new("open call", Style::Line, 0, line));
                    continue;
                }
                Stretch::Waiting => ("waiting", 0.12, (Style::Full, 2)),
                Stretch::Service => ("in service", 0.32, (Style::Area, 1)),
                Stretch::ForNobody => ("in service for nobody", 0.22, (Style::Full, 7)),
            };
            let area = Series::new(name, style, color, Vec::new());
            let envelope = Some(vec![(from, y - half, y + half), (to, y - half, y + half)]);
            series.push(Series { envelope, ..area });
        }
    }
    for (what, _) in Sent::EVERY {
        let (name, pattern, color) = match what {
            Sent::First => ("first attempt", 0, 7),
            Sent::Retry => ("retry", 1, 7),
            Sent::Hedge => ("hedge", 2, 7),
        };
        for link in lanes.links.iter().filter(|link| link.what == what) {
            let at = link.at * scale;
            let line = vec![(at, height(link.from)), (at, height(link.to))];
            series.push(Series::new(name, Style::Pattern(pattern), color, line));
        }
    }
    for (number, (what, _)) in End::EVERY.into_iter().enumerate() {
        let (name, color) = match what {
            End::Answer => ("good answer", 3),
            End::Timeout => ("timed out", 2),
            End::GivenUp => ("given up: another was first", 4),
            End::Failure => ("failed", 2),
        };
        let own = lanes.marks.iter().filter(|mark| mark.what == what);
        let points: Vec<(f64, f64)> =
            own.map(|mark| (mark.at * scale, height(mark.lane))).collect();
        if !points.is_empty() {
            series.push(Series::new(name, Style::Marks(number), color, points));
        }
    }
    Panel::new(title, Axis::of_names(&names), series)
}
