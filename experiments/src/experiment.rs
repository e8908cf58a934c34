//! A checked experiment: one graph per variant, and what is asked of their runs.

use crate::expect::{BoundExpectation, BoundMeasure};
use crate::spec::Problems;
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
    /// What is to be measured without a verdict.
    pub measure: Vec<BoundMeasure>,
    /// What is to be drawn.
    pub plots: Vec<Plot>,
    /// What is to be varied, when asked to.
    pub sweep: Option<Sweep>,
    /// What `--set` changed, in order: path and value.
    pub settings: Vec<(String, String)>,
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

/// A grid of settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sweep {
    /// In the order of the file.
    pub axes: Vec<Axis>,
}

/// A setting and the values it takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Axis {
    /// As for `--set`.
    pub path: String,
    /// As for `--set`: `"24"`, `"150/s"`.
    pub values: Vec<String>,
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
