//! One side of a comparison: what its runs answered, by question and seed.

use crate::expect::{BindContext, MeasureRow, parse_measure};
use crate::experiment::Experiment;
use crate::report::json::{self, Cursor, Misfit};
use crate::report::{EntrySummary, Summary, VariantSummary};
use brownout_topologies::graph::Graph;
use std::path::Path;

/// What the runs of one variant answered.
#[derive(Debug, Clone, PartialEq)]
pub struct Side {
    /// What it is called.
    pub name: String,
    /// The variant.
    pub variant: String,
    /// In order: `42#0`.
    pub seeds: Vec<String>,
    /// The digest of each run.
    pub digests: Vec<String>,
    /// What was asked.
    pub rows: Vec<Row>,
}

/// One question and its answers.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// The question: `p99(api)`.
    pub text: String,
    /// The unit of the answers, as machine-readable output names it.
    pub unit: String,
    /// By run, or by batch of an only run; not a number where there is none, infinite when never.
    pub runs: Vec<f64>,
}

/// Adds what a comparison asks besides: the share of work for nobody, of every service.
pub fn ask_for_waste(experiment: &mut Experiment) {
    let graphs: Vec<(&str, &Graph)> =
        experiment.variants.iter().map(|one| (one.name.as_str(), &one.graph)).collect();
    let context = BindContext { variants: &graphs, batches: experiment.statistics.batches };
    let services = graphs[0].1.services.iter();
    let asked = services.filter_map(|service| {
        let measure = parse_measure(&format!("wasted('{}')", service.name)).ok()?;
        measure.bind(&context).ok()
    });
    let asked: Vec<_> = asked.collect();
    experiment.measure.extend(asked);
}

impl Side {
    /// The sides of a summary, one for each variant that ran.
    pub fn all_of(summary: &Summary<'_>, name: &str) -> Vec<Side> {
        let seeds = summary.results.seeds.iter().map(ToString::to_string);
        let seeds: Vec<String> = seeds.collect();
        let side = |variant: &VariantSummary<'_>| {
            let digests = variant.results.digests.iter().map(ToString::to_string);
            let entries = variant.entries.iter().flat_map(EntrySummary::every);
            let amplified = variant.amplification.iter().map(|(_, row)| row);
            let is_own =
                |row: &&MeasureRow| variant.measures.iter().any(|own| own.text == row.text);
            let deeds = variant.deeds.iter().map(|(_, _, row)| row).filter(|row| !is_own(row));
            let rows = entries.chain(amplified).chain(deeds).chain(&variant.measures).map(Row::of);
            Side {
                name: name.to_owned(),
                variant: variant.name.to_owned(),
                seeds: seeds.clone(),
                digests: digests.collect(),
                rows: rows.collect(),
            }
        };
        summary.variants.iter().map(side).collect()
    }

    /// The sides of a directory of results, one for each variant.
    ///
    /// # Errors
    /// Why they cannot be read, for a person.
    pub fn in_directory(directory: &Path) -> Result<Vec<Side>, String> {
        let path = directory.join("summary.json");
        let shown = path.display();
        let text = std::fs::read_to_string(&path)
            .map_err(|error| format!("cannot read {shown}: {error}"))?;
        let value = json::read(&text).map_err(|error| format!("{shown}: {error}"))?;
        let name = directory.display().to_string();
        Side::all_in(&Cursor::new(&value), &name)
            .map_err(|misfit| format!("{shown} is no summary that `brownout run` wrote: {misfit}"))
    }

    fn all_in(root: &Cursor<'_>, name: &str) -> Result<Vec<Side>, Misfit> {
        let seeds = root.get("replications").texts()?;
        root.get("variants").each(|variant| {
            let metrics = variant.get("metrics").each(Row::in_json)?;
            let measures = variant.get("measure").each(Row::in_json)?;
            Ok(Side {
                name: name.to_owned(),
                variant: variant.get("name").text()?.to_owned(),
                seeds: seeds.clone(),
                digests: variant.get("digests").texts()?,
                rows: [metrics, measures].concat(),
            })
        })
    }
}

impl Row {
    fn of(row: &MeasureRow) -> Row {
        Row {
            text: row.text.replace('\'', ""),
            unit: row.unit.name().to_owned(),
            runs: row.runs.clone(),
        }
    }

    fn in_json(row: &Cursor<'_>) -> Result<Row, Misfit> {
        Ok(Row {
            text: row.get("text").text()?.to_owned(),
            unit: row.get("unit").text()?.to_owned(),
            runs: row.get("runs").numbers()?,
        })
    }
}
