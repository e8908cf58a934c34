//! Charts: figures of stored results, one file each. A new one is its file and its line in
//! [`CHARTS`], from which come its name in files, its line in `brownout list`, what is kept for it,
//! and its place on the page and in the gallery.

mod amplification;
mod capacity;
pub(crate) mod cascade;
mod cdf;
mod heat;
mod lanes;
mod plane;
#[cfg(test)]
mod tests;
mod timeline;

pub use lanes::lanes_figure;
pub(crate) use timeline::default_lines;

use super::stored::{Asked, Stored};
use crate::runner::history::Quantity;
use brownout_plots::{Axis, Band, Figure, Panel};

/// Every chart, in the order in which a page shows them.
pub const CHARTS: [Chart; 9] = [
    timeline::CHART,
    cascade::CHART,
    capacity::CHART,
    amplification::CHART,
    cdf::CDF,
    cdf::CCDF,
    heat::CHART,
    plane::CHART,
    lanes::CHART,
];

/// A kind of chart.
#[derive(Debug)]
pub struct Chart {
    /// What files call it.
    pub name: &'static str,
    /// What it shows, in a line.
    pub about: &'static str,
    /// The name of its picture, without an ending.
    pub file: &'static str,
    /// What it is of, and what must be kept for it during a run.
    pub needs: Needs,
    /// Draws it.
    pub draw: fn(&Stored, &Asked) -> Figure,
}

/// What a chart is of, and what must be kept for it during a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Needs {
    /// Of a time, such as `latency(api)`: its whole distribution.
    Curve,
    /// Of a latency: every one, by the moment of arrival.
    Heat,
    /// Of a service: its series.
    Service,
    /// Of everything: calls and attempts by where they come from.
    Edges,
    /// Of everything: series.
    Series,
    /// Of one request, which is looked for in a run once more.
    Request,
}

impl Needs {
    /// Whether the chart is of one thing, which a file may name.
    pub const fn has_of(self) -> bool {
        match self {
            Needs::Curve | Needs::Heat | Needs::Service => true,
            Needs::Edges | Needs::Series | Needs::Request => false,
        }
    }
}

/// The chart with this name.
pub fn find(name: &str) -> Option<&'static Chart> {
    CHARTS.iter().find(|chart| chart.name == name)
}

/// The chart with this name, which there is.
pub(crate) fn chart(name: &str) -> &'static Chart {
    find(name).expect("names of charts are checked where they are read")
}

/// A picture with the name of its file.
#[derive(Debug)]
pub struct Picture {
    /// Without an ending: `timeline`, `cdf-2`.
    pub file: String,
    /// The chart's name in files.
    pub chart: &'static str,
    /// What is drawn.
    pub figure: Figure,
}

/// The pictures that the experiment asks for, in the order of the file.
pub fn pictures(stored: &Stored) -> Vec<Picture> {
    let mut pictures: Vec<Picture> = Vec::new();
    for asked in &stored.drawing.asked {
        pictures.push(picture(stored, asked, &pictures));
    }
    pictures
}

/// One picture; others of its kind come before it.
pub(crate) fn picture(stored: &Stored, asked: &Asked, before: &[Picture]) -> Picture {
    let Chart { name, file, draw, .. } = chart(&asked.chart);
    let number = before.iter().filter(|other| other.chart == *name).count();
    let file = match number {
        0 => (*file).to_owned(),
        number => format!("{file}-{}", number + 1),
    };
    Picture { file, chart: name, figure: draw(stored, asked) }
}

/// A chart over simulated time, of panels row by row, a column for each system.
fn over_time(stored: &Stored, how_to_read: String, mut panels: Vec<Panel>) -> Figure {
    let drawing = &stored.drawing;
    let windows = drawing.windows();
    // A system's own faults are behind it, and not those of the system beside it.
    for (panel, system) in panels.iter_mut().zip(drawing.systems.iter().cycle()) {
        let is_other = |place: &usize| !system.windows.contains(windows[*place]);
        panel.spared = (0..windows.len()).filter(is_other).collect();
    }
    let band = |window: &super::stored::Window| Band {
        from: window.from,
        to: window.to,
        label: window.name.clone(),
    };
    Figure {
        title: drawing.title.clone(),
        how_to_read,
        columns: drawing.systems.len(),
        x: Axis::linear("time", "s").over(0.0, drawing.end()),
        bands: windows.into_iter().map(band).collect(),
        panels,
    }
}

/// Above the panels of a variant: its name, where there may be several.
fn heading(stored: &Stored, variant: &str) -> String {
    match stored.drawing.systems.len() {
        1 if variant == "base" => String::new(),
        _ => variant.to_owned(),
    }
}

/// How many runs a line is the mean of.
fn means(stored: &Stored) -> String {
    match stored.drawing.runs {
        1 => "One run.".to_owned(),
        runs => format!("Means over {runs} runs."),
    }
}

/// The quantity with this name.
fn quantity(name: &str) -> Option<Quantity> {
    Quantity::EVERY.into_iter().find(|own| own.name() == name)
}
