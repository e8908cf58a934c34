//! A point of a sweep: what is kept of it, as a line of JSON and read back from one.
//!
//! Everything that is shown of a sweep comes from these lines, whether a point was run just now or
//! taken over from an earlier sitting: so the two cannot differ.

use super::read;
use super::source::Settings;
use crate::report::document::{expectation, measure, verdict};
use crate::report::json::Json;
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

    /// The record on a line; `None` where it is torn or something else.
    pub fn read(line: &str) -> Option<PointRecord> {
        let root = read::json(line)?;
        let Json::Object(settings) = field(&root, "settings")? else { return None };
        let pair = |(path, value): &(String, Json)| Some((path.clone(), text(value)?));
        let outcome = match field(&root, "error") {
            Some(reason) => Err(Broken {
                reason: text(reason)?,
                is_defect: field(&root, "is_defect") == Some(&Json::Bool(true)),
            }),
            None => Ok(list(&root, "variants", VariantRecord::read)?),
        };
        Some(PointRecord {
            point: whole(field(&root, "point")?)? as usize,
            settings: settings.iter().map(pair).collect::<Option<Settings>>()?,
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

    fn read(value: &Json) -> Option<VariantRecord> {
        Some(VariantRecord {
            name: text(field(value, "name")?)?,
            digest: text(field(value, "digest")?)?,
            verdicts: list(value, "verdicts", VerdictRecord::read)?,
            metrics: list(value, "metrics", |row| Row::read(row, "mean"))?,
            measure: list(value, "measure", |row| Row::read(row, "mean"))?,
            expect: list(value, "expect", Expected::read)?,
        })
    }
}

impl VerdictRecord {
    fn read(value: &Json) -> Option<VerdictRecord> {
        Some(VerdictRecord {
            service: text(field(value, "service")?)?,
            tipped: Counted::read(field(value, "tipped")?)?,
            stuck: Counted::read(field(value, "stuck")?)?,
            control_tipped: Counted::read(field(value, "control_tipped")?),
        })
    }
}

impl Counted {
    fn read(value: &Json) -> Option<Counted> {
        Some(Counted {
            runs: whole(field(value, "runs")?)?,
            of: whole(field(value, "of")?)?,
            ci95: ends(field(value, "ci95")?),
        })
    }
}

impl Row {
    fn read(value: &Json, mean: &str) -> Option<Row> {
        Some(Row {
            text: text(field(value, "text")?)?,
            unit: text(field(value, "unit")?)?,
            mean: number(field(value, mean)?)?,
            ci95: ends(field(value, "ci95")?),
            runs: list(value, "runs", number)?,
            is_lower_limit: field(value, "is_lower_limit")? == &Json::Bool(true),
        })
    }
}

impl Expected {
    fn read(value: &Json) -> Option<Expected> {
        Some(Expected {
            held: match field(value, "held")? {
                Json::Bool(held) => Some(*held),
                _ => None,
            },
            row: Row::read(value, "value")?,
            bound: number(field(value, "bound")?)?,
        })
    }
}

fn variant(summary: &Summary<'_>, variant: &VariantSummary<'_>) -> Json {
    let verdicts = variant.entries.iter().enumerate();
    let rows = variant.entries.iter().flat_map(EntrySummary::every).map(measure);
    let amplification = variant.amplification.iter().map(|(_, row)| measure(row));
    Json::object([
        ("name", Json::text(variant.name)),
        ("digest", Json::text(&variant.digest)),
        ("verdicts", Json::List(verdicts.map(|(at, one)| verdict(variant, one, at)).collect())),
        ("metrics", Json::List(rows.chain(amplification).collect())),
        ("measure", Json::List(variant.measures.iter().map(measure).collect())),
        ("expect", Json::List(summary.judgements_of(variant.place).map(expectation).collect())),
    ])
}

fn field<'j>(value: &'j Json, key: &str) -> Option<&'j Json> {
    match value {
        Json::Object(fields) => fields.iter().find(|(own, _)| own == key).map(|(_, value)| value),
        _ => None,
    }
}

fn text(value: &Json) -> Option<String> {
    match value {
        Json::Text(text) => Some(text.clone()),
        _ => None,
    }
}

fn whole(value: &Json) -> Option<u64> {
    match value {
        Json::Whole(value) => Some(*value),
        _ => None,
    }
}

/// A number, with what stands for those that JSON has none for.
fn number(value: &Json) -> Option<f64> {
    match value {
        Json::Null => Some(f64::NAN),
        Json::Whole(value) => Some(*value as f64),
        Json::Number(value) => Some(*value),
        Json::Text(text) => match text.as_str() {
            "inf" => Some(f64::INFINITY),
            "-inf" => Some(f64::NEG_INFINITY),
            _ => None,
        },
        Json::Bool(_) | Json::List(_) | Json::Object(_) => None,
    }
}

fn list<T>(value: &Json, key: &str, read: impl Fn(&Json) -> Option<T>) -> Option<Vec<T>> {
    match field(value, key)? {
        Json::List(items) => items.iter().map(read).collect(),
        _ => None,
    }
}

fn ends(value: &Json) -> Option<(f64, f64)> {
    match value {
        Json::List(ends) => match ends.as_slice() {
            [low, high] => Some((number(low)?, number(high)?)),
            _ => None,
        },
        _ => None,
    }
}
