//! What is told of a sweep besides its points: taken from the experiment, or read back.

use super::results::SweepResults;
use super::source::{Settings, Source};
use super::trend::{self, TrendVerdict};
use crate::experiment::{Axis, Design, Experiment, Plot, Sweep};
use crate::report::document::FORMAT;
use crate::report::json::{Cursor, Json, Misfit};
use brownout_core::random::Seed;

/// What is told of a sweep besides its points.
#[derive(Debug, Clone, PartialEq)]
pub struct Told {
    /// The experiment's name.
    pub name: String,
    /// What it is about; may be empty.
    pub about: String,
    /// Of the base point.
    pub file_hash: String,
    /// From which every draw comes.
    pub seed: u64,
    /// One per replication of each point: `42#0`.
    pub replications: Vec<String>,
    /// Settings at all points: those of the command line, and a warm-up that was detected.
    pub settings: Settings,
    /// How the warm-up came about, in words; none where it is declared, or there is none.
    pub warmup: Option<String>,
    /// The file as it was named.
    pub file: String,
    /// What was read beside it: path and hash.
    pub files: Vec<(String, String)>,
    /// The line that makes the same files again.
    pub command: String,
    /// The version of the program.
    pub version: String,
    /// Whether the file has several variants.
    pub has_variants: bool,
    /// Each sentence of `expect` with its line.
    pub expected: Vec<(String, usize)>,
    /// Heatmaps that the file asks for: the axes across and up, and the colour.
    pub heatmaps: Vec<[String; 3]>,
    /// What came of the sentences about the sweep.
    pub trends: Vec<TrendVerdict>,
    /// Sentences about the sweep whose variants did not run.
    pub unjudged: Vec<String>,
}

impl Told {
    /// What is told of these results. `seeds` has one per replication of a point.
    pub fn of(
        experiment: &Experiment,
        source: &Source<'_>,
        seeds: &[Seed],
        (file, command): (&str, &str),
        results: &SweepResults,
    ) -> Told {
        let heatmap = |plot: &Plot| match plot {
            Plot::Heatmap { x, y, color } => Some([x.clone(), y.clone(), color.clone()]),
            Plot::Timeline { .. } | Plot::Chart { .. } => None,
        };
        let expected = experiment.expect.iter();
        let unjudged = trend::unjudged(&experiment.trends, results);
        Told {
            name: experiment.name.clone(),
            about: experiment.about.clone(),
            file_hash: experiment.text_hash.clone(),
            seed: seeds[0].seed,
            replications: seeds.iter().map(Seed::to_string).collect(),
            settings: source.sets.clone(),
            warmup: source.warmup.clone(),
            file: file.to_owned(),
            files: experiment.files.iter().map(|f| (f.path.clone(), f.hash.clone())).collect(),
            command: command.to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            has_variants: experiment.variants.len() > 1,
            expected: expected.map(|one| (one.text().to_owned(), one.line())).collect(),
            heatmaps: experiment.plots.iter().filter_map(heatmap).collect(),
            trends: trend::judge(&experiment.trends, results),
            unjudged: unjudged.map(|trend| trend.text.clone()).collect(),
        }
    }

    /// All of it, with the axes and what became of the points.
    pub fn fields(&self, results: &SweepResults) -> Vec<(String, Json)> {
        let (finished, of) = (results.finished().count() as u64, results.sweep.points() as u64);
        let interrupted = match results.is_interrupted() {
            true => Json::object([("finished", Json::Whole(finished)), ("of", Json::Whole(of))]),
            false => Json::Null,
        };
        let broken = results.broken().map(|point| Json::Whole(point.point as u64));
        let settings = self.settings.iter().map(|(path, value)| format!("{path}={value}"));
        let expected = self.expected.iter().map(|(text, line)| {
            Json::object([("text", Json::text(text)), ("line", Json::Whole(*line as u64))])
        });
        let heatmap = |[x, y, color]: &[String; 3]| {
            Json::object([("x", Json::text(x)), ("y", Json::text(y)), ("color", Json::text(color))])
        };
        let fields = [
            ("format", Json::Whole(FORMAT)),
            ("experiment", Json::text(&self.name)),
            ("about", Json::text(&self.about)),
            ("file_hash", Json::text(&self.file_hash)),
            ("seed", Json::Whole(self.seed)),
            ("runs", Json::Whole(self.replications.len() as u64)),
            ("replications", texts(&self.replications)),
            ("settings", texts(&settings.collect::<Vec<String>>())),
            ("warmup", self.warmup.as_ref().map_or(Json::Null, Json::text)),
            ("variant_names", texts(&results.variants)),
            ("has_variants", Json::Bool(self.has_variants)),
            ("sweep", sweep(&results.sweep)),
            ("interrupted", interrupted),
            ("broken", Json::List(broken.collect())),
            ("expected", Json::List(expected.collect())),
            ("heatmaps", Json::List(self.heatmaps.iter().map(heatmap).collect())),
            ("trends", Json::List(self.trends.iter().map(TrendVerdict::json).collect())),
            ("unjudged", texts(&self.unjudged)),
        ];
        fields.map(|(key, value)| (key.to_owned(), value)).into()
    }

    /// What a manifest tells.
    ///
    /// # Errors
    /// At the first value that is not as it was written.
    pub fn read(manifest: &Cursor<'_>) -> Result<Told, Misfit> {
        let text = |key: &str| Ok(manifest.get(key).text()?.to_owned());
        let line = |line: Cursor<'_>| line.whole().map(|line| line as usize);
        let files = manifest.get("files");
        let file =
            |(path, _): &(String, Json)| Ok((path.clone(), files.get(path).text()?.to_owned()));
        let files = files.fields()?.iter().map(file).collect::<Result<_, Misfit>>()?;
        let heatmaps = manifest.get("heatmaps").each(|one| {
            let text = |key: &str| Ok(one.get(key).text()?.to_owned());
            Ok([text("x")?, text("y")?, text("color")?])
        })?;
        Ok(Told {
            name: text("experiment")?,
            about: text("about")?,
            file_hash: text("file_hash")?,
            seed: manifest.get("seed").whole()?,
            replications: manifest.get("replications").texts()?,
            settings: manifest.get("settings").each(Cursor::setting)?,
            warmup: manifest.get("warmup").maybe(|how| Ok(how.text()?.to_owned()))?,
            file: text("file")?,
            files,
            command: text("command")?,
            version: manifest.get("versions").get("brownout").text()?.to_owned(),
            has_variants: manifest.get("has_variants").flag()?,
            expected: manifest
                .get("expected")
                .each(|one| Ok((one.get("text").text()?.to_owned(), line(one.get("line"))?)))?,
            heatmaps,
            trends: manifest.get("trends").each(TrendVerdict::read)?,
            unjudged: manifest.get("unjudged").texts()?,
        })
    }
}

fn texts(texts: &[String]) -> Json {
    Json::List(texts.iter().map(Json::text).collect())
}

/// Designs by the names that documents have for them.
const DESIGNS: [(&str, Design); 3] = [
    ("grid", Design::Grid),
    ("random", Design::Random),
    ("latin_hypercube", Design::LatinHypercube),
];

fn sweep(sweep: &Sweep) -> Json {
    let named = DESIGNS.iter().find(|(_, design)| *design == sweep.design);
    let (design, _) = named.expect("every design has a name");
    let axis = |axis: &Axis| {
        Json::object([("path", Json::text(&axis.path)), ("values", texts(&axis.values))])
    };
    Json::object([
        ("design", Json::text(*design)),
        ("points", Json::Whole(sweep.points() as u64)),
        ("axes", Json::List(sweep.axes.iter().map(axis).collect())),
    ])
}

/// The sweep that a manifest tells of.
///
/// # Errors
/// At the first value that is not as it was written.
pub(super) fn read_sweep(sweep: &Cursor<'_>) -> Result<Sweep, Misfit> {
    let design = sweep.get("design");
    let name = design.text()?;
    let known = DESIGNS.iter().find(|(own, _)| *own == name);
    let (_, design) = known.ok_or_else(|| design.misfit("grid, random or latin_hypercube"))?;
    let axes = sweep.get("axes").each(|axis| {
        let values = axis.get("values").texts()?;
        match values.is_empty() {
            true => Err(axis.get("values").misfit("a list of one or more")),
            false => Ok(Axis { path: axis.get("path").text()?.to_owned(), values }),
        }
    })?;
    let lengths = || axes.iter().map(|axis| axis.values.len());
    let is_even = lengths().all(|length| Some(length) == lengths().next());
    if axes.is_empty() || *design != Design::Grid && !is_even {
        return Err(sweep.get("axes").misfit("a list of axes that fit each other"));
    }
    let read = Sweep { design: *design, axes };
    // Room is made for the points, so a wrong number must not be believed.
    match sweep.get("points").whole()? == read.points() as u64 && read.points() <= POINTS_MAX {
        true => Ok(read),
        false => Err(sweep.get("points").misfit("the number of points on the axes")),
    }
}

/// Most points of a sweep.
const POINTS_MAX: usize = 1_000_000;
