//! The timeline: a column per variant; users above, attempts and queues below, faults shaded.

use super::{Chart, Needs, heading, over_time, quantity};
use crate::report::stored::{Asked, Stored, System};
use crate::runner::history::Quantity;
use crate::runner::pictures::sufferer;
use crate::runner::question::entries;
use brownout_plots::{Axis, Figure, Panel, Series, Style};
use brownout_topologies::graph::Graph;
use brownout_topologies::ledger::query::Target;

pub(super) const CHART: Chart = Chart {
    name: "Timeline",
    about: "series over simulated time",
    file: "timeline",
    needs: Needs::Series,
    draw: figure,
};

/// A line to draw: what it is of, and which quantity.
type Line<'s> = (&'s str, Quantity);

fn figure(stored: &Stored, asked: &Asked) -> Figure {
    let known = asked.lines.iter().filter_map(|(target, name)| Some((&**target, quantity(name)?)));
    let rows = rows(known);
    let systems = &stored.drawing.systems;
    let mut panels = Vec::with_capacity(rows.len() * systems.len());
    for (depth, row) in rows.iter().enumerate() {
        panels.extend(systems.iter().map(|system| panel(stored, system, row, depth == 0)));
    }
    let how = match stored.drawing.runs {
        1 => "One run. Shaded windows are faults.".to_owned(),
        runs => format!(
            "Lines are means over {runs} runs, their shade reaches from the least to the most. \
             Shaded windows are faults."
        ),
    };
    over_time(stored, how, panels)
}

/// Offered and goodput of what users call; attempts and queue of the service that suffers.
pub(crate) fn default_lines(graph: &Graph) -> Vec<(String, String)> {
    let Some(entry) = entries(graph).first().copied() else { return Vec::new() };
    let sufferer = sufferer(graph).map_or(entry, Target::Service);
    let line =
        |target: Target, quantity: Quantity| (target.name(graph), quantity.name().to_owned());
    vec![
        line(entry, Quantity::Offered),
        line(entry, Quantity::Goodput),
        line(sufferer, Quantity::Attempts),
        line(sufferer, Quantity::Queue),
    ]
}

/// Lines that share a panel: what users offer and get; everything else has its own.
fn rows<'s>(lines: impl Iterator<Item = Line<'s>>) -> Vec<Vec<Line<'s>>> {
    let shares =
        |quantity| matches!(quantity, Quantity::Offered | Quantity::Goodput | Quantity::Errors);
    let mut rows: Vec<Vec<Line<'_>>> = Vec::new();
    for line in lines {
        let row = rows.iter_mut().find(|row| {
            let (target, quantity) = row[0];
            target == line.0 && shares(quantity) && shares(line.1)
        });
        match row {
            Some(row) => row.push(line),
            None => rows.push(vec![line]),
        }
    }
    rows
}

fn panel(stored: &Stored, system: &System, row: &[Line<'_>], is_top: bool) -> Panel {
    let (target, quantity) = row[0];
    let label = match row {
        [_] => format!("{target} {}", quantity.name()),
        _ => format!("{target} requests"),
    };
    let unit = match quantity {
        quantity if quantity.is_rate() => "/s",
        Quantity::Queue | Quantity::InSystem => "requests",
        Quantity::Busy => "workers",
        _ => "",
    };
    let series = row.iter().map(|line| series(stored, &system.variant, *line)).collect();
    let title = if is_top { heading(stored, &system.variant) } else { String::new() };
    Panel::new(&title, Axis::linear(&label, unit), series)
}

fn series(stored: &Stored, variant: &str, (target, quantity): Line<'_>) -> Series {
    let history = stored.series.get(variant, target, quantity);
    let points = history.iter().map(|(at, spread)| (*at, spread.mean)).collect();
    let envelope = history.iter().map(|(at, spread)| (*at, spread.least, spread.most)).collect();
    let (style, color) = match quantity {
        Quantity::Offered => (Style::Dashed, 0),
        Quantity::Goodput => (Style::Line, 1),
        Quantity::Attempts => (Style::Line, 2),
        Quantity::Busy | Quantity::Replicas => (Style::Line, 3),
        Quantity::Queue => (Style::Line, 4),
        Quantity::Errors => (Style::Pattern(3), 5),
        Quantity::InSystem => (Style::Line, 6),
        Quantity::Retrying => (Style::Pattern(1), 2),
        Quantity::Open | Quantity::HalfOpen => (Style::Line, 7),
    };
    // The reference needs no shade: it would hide what is compared with it.
    let shaded = stored.drawing.runs > 1 && quantity != Quantity::Offered;
    Series {
        envelope: shaded.then_some(envelope),
        ..Series::new(quantity.name(), style, color, points)
    }
}
