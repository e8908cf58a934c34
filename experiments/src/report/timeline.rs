//! The timeline: a column per variant; users above, attempts and queues below, faults shaded.

use super::{Summary, VariantSummary};
use crate::experiment::Plot;
use crate::runner::history::Quantity;
use crate::runner::question::{entries, series_of};
use brownout_core::Time;
use brownout_plots::{Axis, Band, Figure, Panel, Series, Style};
use brownout_policies::stack::Layer;
use brownout_topologies::graph::{Graph, ServiceId};
use brownout_topologies::ledger::query::Target;
use brownout_topologies::ledger::verdict::triggers;

/// A line to draw.
type Line = (Target, Quantity);

/// The figures of a run with the names of their files, `timeline` first.
pub fn figures(summary: &Summary<'_>) -> Vec<(String, Figure)> {
    let shows = summary.experiment.plots.iter().filter_map(|plot| match plot {
        Plot::Timeline { show, .. } => Some(show.as_slice()),
        Plot::Cdf { .. } | Plot::Heatmap { .. } | Plot::Cascade => None,
    });
    let mut shows: Vec<&[String]> = shows.collect();
    if shows.is_empty() {
        shows.push(&[]);
    }
    let names = (1..).map(|number| match number {
        1 => "timeline".to_owned(),
        number => format!("timeline-{number}"),
    });
    names.zip(shows).map(|(name, show)| (name, figure(summary, show))).collect()
}

/// What the file wants drawn and this version cannot draw, one line each.
pub fn undrawn(summary: &Summary<'_>) -> Vec<String> {
    let graph = &summary.experiment.variants[0].graph;
    let mut lines = Vec::new();
    for plot in &summary.experiment.plots {
        match plot {
            Plot::Timeline { show, by } => {
                if *by == crate::experiment::By::Run {
                    lines.push("timeline: all runs are drawn as one line and its range".to_owned());
                }
                for text in show.iter().filter(|text| series_of(graph, text).is_none()) {
                    lines.push(format!("timeline: `{text}` has no series over time; left out"));
                }
            }
            Plot::Heatmap { .. } => lines.push("Heatmap needs a sweep; not drawn".to_owned()),
            Plot::Cdf { .. } => lines.push("Cdf is not drawn by this version".to_owned()),
            Plot::Cascade => lines.push("Cascade is not drawn by this version".to_owned()),
        }
    }
    lines
}

fn figure(summary: &Summary<'_>, show: &[String]) -> Figure {
    let first = &summary.experiment.variants[summary.variants[0].place].graph;
    let named: Vec<Line> = show.iter().filter_map(|text| series_of(first, text)).collect();
    let lines = if named.is_empty() { default_lines(first) } else { named };
    let rows = rows(&lines);
    let mut panels = Vec::with_capacity(rows.len() * summary.variants.len());
    for (depth, row) in rows.iter().enumerate() {
        for variant in &summary.variants {
            panels.push(panel(summary, variant, row, depth == 0));
        }
    }
    let end = summary.variants.iter().map(|one| graph(summary, one).time.as_secs());
    let runs = summary.results.seeds.len();
    let how = match runs {
        1 => "One run. Shaded windows are faults.".to_owned(),
        runs => format!(
            "Lines are means over {runs} runs, their shade reaches from the least to the most. \
             Shaded windows are faults."
        ),
    };
    Figure {
        title: match summary.experiment.about.as_str() {
            "" => summary.experiment.name.clone(),
            about => about.to_owned(),
        },
        how_to_read: how,
        columns: summary.variants.len(),
        x: Axis::linear("time", "s").over(0.0, end.fold(0.0, f64::max)),
        bands: bands(summary),
        panels,
    }
}

fn graph<'s>(summary: &'s Summary<'_>, variant: &VariantSummary<'_>) -> &'s Graph {
    &summary.experiment.variants[variant.place].graph
}

/// Offered and goodput of what users call; attempts and queue of the service that suffers.
fn default_lines(graph: &Graph) -> Vec<Line> {
    let Some(entry) = entries(graph).first().copied() else { return Vec::new() };
    let sufferer = sufferer(graph).map_or(entry, Target::Service);
    vec![
        (entry, Quantity::Offered),
        (entry, Quantity::Goodput),
        (sufferer, Quantity::Attempts),
        (sufferer, Quantity::Queue),
    ]
}

/// The service of the first fault, or the first that is called through a retry.
fn sufferer(graph: &Graph) -> Option<ServiceId> {
    let retried = || {
        graph.sites.iter().find(|site| {
            let layers = &graph.stacks[site.stack.index()].layers;
            layers.iter().any(|layer| matches!(layer, Layer::Retry(_)))
        })
    };
    let struck = graph.faults.first().and_then(|fault| fault.services().next());
    struck.or_else(|| retried().map(|site| site.target))
}

/// Lines that share a panel: what users offer and get; everything else has its own.
fn rows(lines: &[Line]) -> Vec<Vec<Line>> {
    let shares =
        |quantity| matches!(quantity, Quantity::Offered | Quantity::Goodput | Quantity::Errors);
    let mut rows: Vec<Vec<Line>> = Vec::new();
    for line in lines {
        let row = rows.iter_mut().find(|row| {
            let (target, quantity) = row[0];
            target == line.0 && shares(quantity) && shares(line.1)
        });
        match row {
            Some(row) => row.push(*line),
            None => rows.push(vec![*line]),
        }
    }
    rows
}

fn panel(summary: &Summary<'_>, variant: &VariantSummary<'_>, row: &[Line], is_top: bool) -> Panel {
    let graph = graph(summary, variant);
    let (target, quantity) = row[0];
    let label = match row {
        [_] => format!("{} {}", target.name(graph), quantity.name()),
        _ => format!("{} requests", target.name(graph)),
    };
    let unit = if quantity.is_rate() { "/s" } else { "" };
    let several = summary.results.seeds.len() > 1;
    let series = row.iter().map(|line| series(variant, *line, several)).collect();
    Panel {
        title: if is_top && summary.experiment.variants.len() > 1 {
            variant.name.to_owned()
        } else {
            String::new()
        },
        y: Axis::linear(&label, unit),
        series,
    }
}

fn series(variant: &VariantSummary<'_>, (target, quantity): Line, several: bool) -> Series {
    let history = variant.results.history.of(target, quantity);
    let points = history.iter().map(|(at, spread)| (at.as_secs(), spread.mean)).collect();
    let envelope =
        history.iter().map(|(at, spread)| (at.as_secs(), spread.least, spread.most)).collect();
    let (style, color) = match quantity {
        Quantity::Offered => (Style::Dashed, 0),
        Quantity::Goodput => (Style::Line, 1),
        Quantity::Attempts => (Style::Line, 2),
        Quantity::Busy => (Style::Line, 3),
        Quantity::Queue => (Style::Line, 4),
        Quantity::Errors => (Style::Line, 5),
        Quantity::InSystem => (Style::Line, 6),
    };
    // The reference needs no shade: it would hide what is compared with it.
    let shaded = several && quantity != Quantity::Offered;
    Series {
        envelope: shaded.then_some(envelope),
        ..Series::new(quantity.name(), style, color, points)
    }
}

/// The triggers of all variants, each once.
fn bands(summary: &Summary<'_>) -> Vec<Band> {
    let mut bands: Vec<Band> = Vec::new();
    for variant in &summary.variants {
        let graph = graph(summary, variant);
        let end = (Time::ZERO + graph.time).as_secs();
        for trigger in triggers(graph) {
            let band = Band {
                from: trigger.from.as_secs(),
                to: trigger.to.as_secs().min(end),
                label: trigger.name,
            };
            if !bands.contains(&band) {
                bands.push(band);
            }
        }
    }
    bands
}
