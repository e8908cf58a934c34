//! A checked experiment: one graph per variant, and what is asked of their runs.

use crate::expect::{BoundExpectation, BoundMeasure, BoundTrend};
use crate::spec::Problems;
use brownout_core::math;
use brownout_topologies::graph::Graph;

/// Everything a file says, valid by construction.
#[derive(Debug, Clone, PartialEq)]
pub struct Experiment {
    /// Its `name:`, or the name of the file.
    pub name: String,
    /// What it is about, for the reader of a report; may be empty.
    pub about: String,
    /// From which every draw of every replication comes.
    pub seed: u64,
    /// Replications of each variant, ≥ 1; with [`Statistics::until`] the first ones.
    pub runs: u32,
    /// How its numbers get their intervals, where plain replications are not all.
    pub statistics: Statistics,
    /// In the order of the file; a file without variants has one, named `base`.
    pub variants: Vec<Variant>,
    /// What must hold.
    pub expect: Vec<BoundExpectation>,
    /// What must hold along the axes of the sweep.
    pub trends: Vec<BoundTrend>,
    /// What is to be measured without a verdict.
    pub measure: Vec<BoundMeasure>,
    /// What is to be drawn.
    pub plots: Vec<Plot>,
    /// What is to be varied, when asked to.
    pub sweep: Option<Sweep>,
    /// What `--set` changed, in order: path and value.
    pub settings: Vec<(String, String)>,
    /// Where the edge of what it withstands is to be looked for, when asked to.
    pub hunt: Option<Hunt>,
    /// BLAKE3 in hexadecimal of the text, the settings changed by `--set`, and the files read.
    pub text_hash: String,
    /// The files beside the experiment that were read with it, in order of path.
    pub files: Vec<ReadWith>,
    /// What is probably not as meant, though it runs.
    pub warnings: Problems,
}

/// How numbers get their intervals.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Statistics {
    /// When enough has been run; without it after so many runs.
    pub until: Option<Until>,
    /// Into how many stretches of equal length a single run is cut, each of which counts as a run.
    pub batches: Option<u32>,
    /// How the warm-up came about.
    pub warmup: Warmup,
}

/// Runs go on until every measured mean is known well enough and every expectation is decided.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Until {
    /// Half of the 95 % interval over the mean, in (0, 0.5]; of a share of runs, in itself.
    pub half_width: f64,
    /// Runs at most.
    pub max: u32,
}

/// How the warm-up came about.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Warmup {
    /// It is written in the file, or there is none.
    #[default]
    Declared,
    /// It is yet to be found; until then nothing is left out.
    ToDetect,
    /// It was found: how, for the reader of a report.
    Detected(String),
}

/// A file that was read with an experiment: a topology, measured numbers, a trace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadWith {
    /// As written, relative to the experiment.
    pub path: String,
    /// BLAKE3 in hexadecimal of its text.
    pub hash: String,
}

/// One of the systems that are compared.
#[derive(Debug, Clone, PartialEq)]
pub struct Variant {
    /// Its key in the file.
    pub name: String,
    /// The system.
    pub graph: Graph,
}

/// Settings to try, point by point.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sweep {
    /// Which combinations of values are points.
    pub design: Design,
    /// In the order of the file, at least one.
    pub axes: Vec<Axis>,
}

/// Which combinations of values are points.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Design {
    /// Every one; the last axis changes fastest.
    #[default]
    Grid,
    /// As many as were asked for, each value drawn by itself: point i is value i of every axis.
    Random,
    /// The same, with one value in each of as many equal parts of every range as there are points.
    LatinHypercube,
}

/// A setting and the values it takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Axis {
    /// As for `--set`.
    pub path: String,
    /// As for `--set`: `"24"`, `"150/s"`.
    pub values: Vec<String>,
}

/// Where the edge of what a system withstands is looked for.
#[derive(Debug, Clone, PartialEq)]
pub struct Hunt {
    /// Each is searched alone, then all together.
    pub over: Vec<Over>,
    /// What a bad run is.
    pub bad: Bad,
    /// Share of bad runs above which a setting is bad, in (0, 1).
    pub share: f64,
    /// The variant to hunt in; all where none is named.
    pub on: Option<String>,
    /// Most runs of one probe, ≥ 8.
    pub runs: u32,
    /// How close the last safe and the first bad value come, as a share of the range, in (0, 1).
    pub within: f64,
}

/// A setting and the range it is searched in.
#[derive(Debug, Clone, PartialEq)]
pub struct Over {
    /// As for `--set`.
    pub path: String,
    /// From one end to the other, whichever of them is bad.
    pub range: Range,
}

/// Numbers of one unit between two ends.
#[derive(Debug, Clone, PartialEq)]
pub struct Range {
    /// One end.
    pub from: f64,
    /// The other.
    pub to: f64,
    /// `/s`, `ms`, `%`; empty for a bare number.
    pub unit: String,
    /// Equal steps are equal ratios; both ends are above 0.
    pub is_log: bool,
    /// Only whole numbers.
    pub is_whole: bool,
}

/// What a bad run is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bad {
    /// It tipped and never recovered.
    Stuck,
    /// It tipped.
    Tipped,
    /// An expectation does not hold in it.
    Failed,
}

impl Sweep {
    /// How many points there are.
    pub fn points(&self) -> usize {
        match self.design {
            Design::Grid => {
                let lengths = self.axes.iter().map(|axis| axis.values.len());
                lengths.fold(1, usize::saturating_mul)
            }
            Design::Random | Design::LatinHypercube => self.axes[0].values.len(),
        }
    }

    /// For each axis, the place of its value at a point.
    pub fn places(&self, point: usize) -> Vec<usize> {
        match self.design {
            Design::Grid => {
                let mut left = point;
                let mut places: Vec<usize> = Vec::with_capacity(self.axes.len());
                for axis in self.axes.iter().rev() {
                    places.push(left % axis.values.len());
                    left /= axis.values.len();
                }
                places.reverse();
                places
            }
            Design::Random | Design::LatinHypercube => vec![point; self.axes.len()],
        }
    }

    /// The settings of a point, in the order of the axes.
    pub fn settings(&self, point: usize) -> Vec<(String, String)> {
        let pairs = self.axes.iter().zip(self.places(point));
        pairs.map(|(axis, place)| (axis.path.clone(), axis.values[place].clone())).collect()
    }
}

impl Range {
    /// The value so far from one end (0) to the other (1), with so many digits, as for `--set`.
    pub fn at(&self, share: f64, digits: usize) -> String {
        let value = match (share, self.is_log) {
            // Exactly the ends as written.
            (0.0, _) => self.from,
            (1.0, _) => self.to,
            (share, false) => self.from + (self.to - self.from) * share,
            (share, true) => {
                let ratio = math::ln(self.to / self.from);
                self.from * math::exp(ratio * share)
            }
        };
        let value = if self.is_whole { value.round() } else { value };
        format!("{}{}", rounded(value, digits), self.unit)
    }
}

/// The nearest number of so many decimal digits.
fn rounded(value: f64, digits: usize) -> f64 {
    format!("{value:.*e}", digits.saturating_sub(1)).parse().unwrap_or(value)
}

/// A picture to draw.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Plot {
    /// Series over simulated time.
    Timeline {
        /// `goodput`, `ledger.queue`, `queue(ledger)`.
        show: Vec<String>,
        /// What makes a line.
        by: By,
    },
    /// One of [`CHARTS`](crate::report::chart::CHARTS).
    Chart {
        /// Its name in files.
        name: &'static str,
        /// Of what: `latency(checkout)`, `ledger`; `None` is what suggests itself.
        of: Option<String>,
        /// What makes a line, where there are lines.
        by: By,
    },
    /// A metric over two axes of the sweep.
    Heatmap {
        /// The path of an axis.
        x: String,
        /// The path of another.
        y: String,
        /// A sentence of `measure`.
        color: String,
    },
}

/// What makes a line of a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// One per variant, over its replications.
    Variant,
    /// One per replication.
    Run,
}

impl Experiment {
    /// The variant called `name`.
    pub fn variant(&self, name: &str) -> Option<&Variant> {
        self.variants.iter().find(|variant| variant.name == name)
    }
}
