//! A point of a sweep: what is kept of it, as a line of JSON and read back from one.
//!
//! Everything that is shown of a sweep comes from these lines, whether a point was run just now or
//! taken over from an earlier sitting: so the two cannot differ.

use super::source::Settings;
use crate::report::document::{expectation, ids, measure, verdict};
use crate::report::json::{self, Cursor, Json, Misfit};
use crate::report::{EntrySummary, Summary, VariantSummary};

/// One point.
#[derive(Debug, Clone, PartialEq)]
pub struct PointRecord {
    /// Its number, from 0.
    pub point: usize,
    /// The settings that make it, in the order of the axes.
    pub settings: Settings,
    /// What came of it, by variant.
    pub outcome: Result<Vec<VariantRecord>, Broken>,
    /// The line that all this is.
    pub line: String,
}

/// Why a point has no result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broken {
    /// In words.
    pub reason: String,
    /// Whether the program is wrong, and not the point.
    pub is_defect: bool,
}

/// One variant at one point.
#[derive(Debug, Clone, PartialEq)]
pub struct VariantRecord {
    /// Its key in the file.
    pub name: String,
    /// One number for all that happened in all its replications.
    pub digest: String,
    /// The id of each run, in order of seed.
    pub ids: Vec<String>,
    /// The digest of each run.
    pub digests: Vec<String>,
    /// What became of its runs, by what users call.
    pub verdicts: Vec<VerdictRecord>,
    /// What is measured of every system: offered, goodput, p99 …
    pub metrics: Vec<Row>,
    /// What the file measures.
    pub measure: Vec<Row>,
    /// What must hold.
    pub expect: Vec<Expected>,
}

/// What became of the runs, as seen at one service or endpoint.
#[derive(Debug, Clone, PartialEq)]
pub struct VerdictRecord {
    /// What users call.
    pub service: String,
    /// Runs that tipped.
    pub tipped: Counted,
    /// Runs that tipped and never recovered.
    pub stuck: Counted,
    /// Runs that tip without the triggers; `None` where there are no triggers.
    pub control_tipped: Option<Counted>,
}

/// Runs out of runs, with Wilson's interval of the share.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Counted {
    /// So many.
    pub runs: u64,
    /// Of so many.
    pub of: u64,
    /// 95 % interval of the share; none without runs.
    pub ci95: Option<(f64, f64)>,
}

/// A measured value.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// The sentence.
    pub text: String,
    /// `s`, `1/s`, `share`, `1`, `s^2`.
    pub unit: String,
    /// Mean over the runs; infinite when never in one run, not a number when nothing happened.
    pub mean: f64,
    /// 95 % interval of the mean.
    pub ci95: Option<(f64, f64)>,
    /// The value of each run, in order of seed.
    pub runs: Vec<f64>,
    /// Whether the mean is only a lower limit.
    pub is_lower_limit: bool,
}

/// An expectation and what became of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Expected {
    /// Held, failed, or undecided.
    pub held: Option<bool>,
    /// The value compared.
    pub row: Row,
    /// What it is compared with.
    pub bound: f64,
}

impl Counted {
    /// The share, not a number without runs.
    pub fn share(&self) -> f64 {
        self.runs as f64 / self.of as f64
    }
}

impl PointRecord {
    /// The record of a point that was run.
    pub fn of(point: usize, settings: &Settings, summary: &Summary<'_>) -> PointRecord {
        let variants = summary.variants.iter().map(|one| variant(summary, one)).collect();
        let hash = Json::text(&summary.experiment.text_hash);
        let rest = [("file_hash", hash), ("variants", Json::List(variants))];
        PointRecord::made(point, settings, rest)
    }

    /// The record of a point that has no result.
    pub fn broken(point: usize, settings: &Settings, broken: &Broken) -> PointRecord {
        let rest =
            [("error", Json::text(&broken.reason)), ("is_defect", Json::Bool(broken.is_defect))];
        PointRecord::made(point, settings, rest)
    }

    fn made<const N: usize>(
        point: usize,
        settings: &Settings,
        rest: [(&str, Json); N],
    ) -> PointRecord {
        let settings = settings.iter().map(|(path, value)| (path.clone(), Json::text(value)));
        let head = [
            ("point".to_owned(), Json::Whole(point as u64)),
            ("settings".to_owned(), Json::Object(settings.collect())),
        ];
        let rest = rest.map(|(key, value)| (key.to_owned(), value));
        let line = Json::Object(head.into_iter().chain(rest).collect()).tight();
        PointRecord::read(&line).expect("what was written can be read")
    }

    /// The record on a line.
    ///
    /// # Errors
    /// What is wrong with the line, where it is torn or something else.
    pub fn read(line: &str) -> Result<PointRecord, String> {
        let root = json::read(line).map_err(|garbled| garbled.to_string())?;
        let of = |outcome| PointRecord::of_json(&Cursor::new(&root), line, outcome);
        let read = match Cursor::new(&root).get("error").json() {
            Json::Null => VariantRecord::all(&Cursor::new(&root)).and_then(|all| of(Ok(all))),
            _ => Broken::read(&Cursor::new(&root)).and_then(|broken| of(Err(broken))),
        };
        read.map_err(|misfit| misfit.to_string())
    }

    fn of_json(
        root: &Cursor<'_>,
        line: &str,
        outcome: Result<Vec<VariantRecord>, Broken>,
    ) -> Result<PointRecord, Misfit> {
        Ok(PointRecord {
            point: root.get("point").whole()? as usize,
            settings: settings(&root.get("settings"))?,
            outcome,
            line: line.to_owned(),
        })
    }

    /// The variants, none of a point without a result.
    pub fn variants(&self) -> &[VariantRecord] {
        self.outcome.as_deref().unwrap_or_default()
    }

    /// The variant of this name, if there is a result.
    pub fn variant(&self, name: &str) -> Option<&VariantRecord> {
        self.variants().iter().find(|variant| variant.name == name)
    }

    /// The settings as words: `load.0.rate=100/s services.db.workers=8`.
    pub fn words(&self) -> String {
        let words = self.settings.iter().map(|(path, value)| format!("{path}={value}"));
        words.collect::<Vec<String>>().join(" ")
    }
}

impl VariantRecord {
    /// The value of a sentence, among what the file measures or what is measured of every system.
    pub fn row(&self, sentence: &str) -> Option<&Row> {
        let plain = |text: &str| text.replace(['\'', '"'], "");
        let sentence = plain(sentence);
        self.measure.iter().chain(&self.metrics).find(|row| plain(&row.text) == sentence)
    }

    /// Of what users call, the one that is stuck most often.
    pub fn worst(&self) -> Option<&VerdictRecord> {
        let by_share = |a: &&VerdictRecord, b: &&VerdictRecord| {
            a.stuck.share().total_cmp(&b.stuck.share()).then(std::cmp::Ordering::Greater)
        };
        self.verdicts.iter().max_by(by_share)
    }

    /// Whether some runs are stuck and others are not, so that a mean over all says little.
    pub fn is_mixed(&self) -> bool {
        self.verdicts.iter().any(|verdict| (1..verdict.stuck.of).contains(&verdict.stuck.runs))
    }

    fn all(root: &Cursor<'_>) -> Result<Vec<VariantRecord>, Misfit> {
        root.get("variants").each(|one| {
            Ok(VariantRecord {
                name: one.get("name").text()?.to_owned(),
                digest: one.get("digest").text()?.to_owned(),
                ids: one.get("ids").texts()?,
                digests: one.get("digests").texts()?,
                verdicts: one.get("verdicts").each(VerdictRecord::read)?,
                metrics: one.get("metrics").each(|row| Row::read(row, "mean"))?,
                measure: one.get("measure").each(|row| Row::read(row, "mean"))?,
                expect: one.get("expect").each(Expected::read)?,
            })
        })
    }
}

impl Broken {
    fn read(root: &Cursor<'_>) -> Result<Broken, Misfit> {
        let reason = root.get("error").text()?.to_owned();
        Ok(Broken { reason, is_defect: root.get("is_defect").flag()? })
    }
}

impl VerdictRecord {
    fn read(json: &Cursor<'_>) -> Result<VerdictRecord, Misfit> {
        Ok(VerdictRecord {
            service: json.get("service").text()?.to_owned(),
            tipped: Counted::read(&json.get("tipped"))?,
            stuck: Counted::read(&json.get("stuck"))?,
            control_tipped: json.get("control_tipped").maybe(Counted::read)?,
        })
    }
}

impl Counted {
    fn read(json: &Cursor<'_>) -> Result<Counted, Misfit> {
        Ok(Counted {
            runs: json.get("runs").whole()?,
            of: json.get("of").whole()?,
            ci95: json.get("ci95").ends()?,
        })
    }
}

impl Row {
    fn read(json: &Cursor<'_>, mean: &str) -> Result<Row, Misfit> {
        Ok(Row {
            text: json.get("text").text()?.to_owned(),
            unit: json.get("unit").text()?.to_owned(),
            mean: json.get(mean).number()?,
            ci95: json.get("ci95").ends()?,
            runs: json.get("runs").numbers()?,
            is_lower_limit: json.get("is_lower_limit").flag()?,
        })
    }
}

impl Expected {
    fn read(json: &Cursor<'_>) -> Result<Expected, Misfit> {
        Ok(Expected {
            held: json.get("held").maybe(Cursor::flag)?,
            row: Row::read(json, "value")?,
            bound: json.get("bound").number()?,
        })
    }
}

/// Paths and values of an object.
pub(super) fn settings(json: &Cursor<'_>) -> Result<Settings, Misfit> {
    let fields = json.fields()?.iter();
    fields.map(|(path, _)| Ok((path.clone(), json.get(path).text()?.to_owned()))).collect()
}

fn variant(summary: &Summary<'_>, variant: &VariantSummary<'_>) -> Json {
    let verdicts = variant.entries.iter().enumerate();
    let digests = variant.results.digests.iter();
    let rows = variant.entries.iter().flat_map(EntrySummary::every).map(measure);
    let amplification = variant.amplification.iter().map(|(_, row)| measure(row));
    let deeds = variant.deeds.iter().map(|(_, _, row)| measure(row));
    Json::object([
        ("name", Json::text(variant.name)),
        ("digest", Json::text(&variant.digest)),
        ("ids", ids(summary, variant.place)),
        ("digests", Json::List(digests.map(|one| Json::text(one.to_string())).collect())),
        ("verdicts", Json::List(verdicts.map(|(at, one)| verdict(variant, one, at)).collect())),
        ("metrics", Json::List(rows.chain(amplification).chain(deeds).collect())),
        ("measure", Json::List(variant.measures.iter().map(measure).collect())),
        ("expect", Json::List(summary.judgements_of(variant.place).map(expectation).collect())),
    ])
}
