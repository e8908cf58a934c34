//! `hunt.json`: what was found, nothing rounded.

use super::probe::{CONFIDENCE, Probe, Verdict};
use super::search::{Outcome, Searched};
use crate::experiment::{Bad, Experiment};
use crate::report::document::FORMAT;
use crate::report::json::Json;
use crate::sweep::source::Settings;
use brownout_core::random::Seed;
use std::fmt::Write;

/// What is told of a hunt besides what it found.
pub struct Told<'e> {
    /// The experiment.
    pub experiment: &'e Experiment,
    /// From which every draw comes.
    pub seed: u64,
    /// What a bad run is.
    pub bad: Bad,
    /// Share of bad runs above which a setting is bad.
    pub share: f64,
    /// Most runs of one probe.
    pub runs: u32,
    /// The file as it was named.
    pub file: &'e str,
    /// The line that makes the same files again.
    pub command: &'e str,
    /// Settings of the command line, and a warm-up that was detected.
    pub settings: &'e Settings,
    /// The bad runs that are named.
    pub bad_runs: &'e [BadRun],
}

/// What was made of the file.
pub struct Shrunk {
    /// The name of the file.
    pub name: String,
    /// What was done to it.
    pub steps: Vec<String>,
    /// Texts that were tried.
    pub tried: usize,
    /// The line that shows that it is still bad.
    pub replay: String,
    /// Whether it was told to stop before nothing more could go.
    pub is_interrupted: bool,
}

/// A bad run, by its id.
pub struct BadRun {
    /// For `brownout replay`.
    pub id: String,
    /// One number for all that happens in it.
    pub digest: String,
}

/// A bad run, by the line that runs it again.
pub struct Incident {
    /// The variant.
    pub variant: String,
    /// For `brownout replay`.
    pub id: String,
    /// The replication.
    pub run: Seed,
    /// The line.
    pub replay: String,
    /// Replications that were tried, up to this one.
    pub tried: u32,
}

/// The document.
pub fn document(
    told: &Told<'_>,
    searches: &[Searched],
    incidents: &[Incident],
    shrunk: Option<&Shrunk>,
) -> Json {
    let is_interrupted = searches.iter().any(|one| one.is_interrupted)
        || shrunk.is_some_and(|one| one.is_interrupted);
    let settings = told.settings.iter();
    let settings = settings.map(|(path, value)| Json::text(format!("{path}={value}")));
    Json::object([
        ("format", Json::Whole(FORMAT)),
        ("experiment", Json::text(&told.experiment.name)),
        ("file", Json::text(told.file)),
        ("file_hash", Json::text(&told.experiment.text_hash)),
        ("settings", Json::List(settings.collect())),
        ("command", Json::text(told.command)),
        ("seed", Json::Whole(told.seed)),
        ("until", Json::text(word(told.bad))),
        ("share", Json::Number(told.share)),
        ("runs_max", Json::Whole(told.runs.into())),
        ("confidence", Json::Number(CONFIDENCE)),
        ("interrupted", Json::Bool(is_interrupted)),
        ("searches", Json::List(searches.iter().map(searched).collect())),
        ("incidents", Json::List(incidents.iter().map(incident).collect())),
        ("bad_runs", Json::List(told.bad_runs.iter().map(bad_run).collect())),
        ("shrunk", shrunk.map_or(Json::Null, shrink)),
        ("versions", Json::object([("brownout", Json::text(env!("CARGO_PKG_VERSION")))])),
    ])
}

/// What is hunted, in one word.
pub fn word(bad: Bad) -> &'static str {
    match bad {
        Bad::Stuck => "stuck",
        Bad::Tipped => "tipped",
        Bad::Failed => "failed",
    }
}

fn searched(one: &Searched) -> Json {
    let outcome = match &one.outcome {
        Outcome::Edge { .. } => "edge",
        Outcome::AllSafe => "all_safe",
        Outcome::AllBad => "all_bad",
        Outcome::Unclear => "unclear",
        Outcome::Broken(_) => "broken",
    };
    let reason = match &one.outcome {
        Outcome::Broken(reason) => Json::text(reason),
        _ => Json::Null,
    };
    let edge = one.edge();
    let control = one.control.map_or(Json::Null, |(runs, of)| {
        Json::object([("runs", Json::Whole(runs as u64)), ("of", Json::Whole(of as u64))])
    });
    Json::object([
        ("variant", Json::text(&one.variant)),
        ("over", Json::List(one.over.iter().map(|over| Json::text(&over.path)).collect())),
        ("outcome", Json::text(outcome)),
        ("reason", reason),
        ("last_safe", edge.map_or(Json::Null, |(safe, _)| probe(safe))),
        ("first_bad", edge.map_or(Json::Null, |(_, bad)| probe(bad))),
        ("control_tipped", control),
        ("runs", Json::Whole(one.runs().into())),
        ("probes", Json::List(one.probes.iter().map(probe).collect())),
    ])
}

fn probe(probe: &Probe) -> Json {
    let share = probe.share();
    let settings = probe.settings.iter().map(|(path, value)| (path.clone(), Json::text(value)));
    Json::object([
        ("settings", Json::Object(settings.collect())),
        ("verdict", Json::text(verdict(probe.verdict))),
        ("runs", Json::Whole(probe.runs.into())),
        ("bad", Json::Whole(probe.bad.into())),
        ("ci95", Json::numbers(&[share.low, share.high])),
        ("first_bad", probe.first_bad.map_or(Json::Null, |seed| Json::text(seed.to_string()))),
        ("id", probe.id.as_ref().map_or(Json::Null, Json::text)),
    ])
}

fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Safe => "safe",
        Verdict::Bad => "bad",
        Verdict::Undecided => "undecided",
    }
}

fn bad_run(run: &BadRun) -> Json {
    Json::object([("id", Json::text(&run.id)), ("digest", Json::text(&run.digest))])
}

fn incident(incident: &Incident) -> Json {
    Json::object([
        ("variant", Json::text(&incident.variant)),
        ("seed", Json::text(incident.run.to_string())),
        ("id", Json::text(&incident.id)),
        ("tried", Json::Whole(incident.tried.into())),
        ("replay", Json::text(&incident.replay)),
    ])
}

fn shrink(shrunk: &Shrunk) -> Json {
    Json::object([
        ("file", Json::text(&shrunk.name)),
        ("steps", Json::List(shrunk.steps.iter().map(Json::text).collect())),
        ("tried", Json::Whole(shrunk.tried as u64)),
        ("replay", Json::text(&shrunk.replay)),
        ("interrupted", Json::Bool(shrunk.is_interrupted)),
    ])
}

/// `probes.csv`: a row per setting that was judged, in order of asking.
pub fn probes(searches: &[Searched]) -> String {
    let field = crate::report::stored::series::field;
    let mut out = String::from("variant,over,values,at,runs,bad,share,share_lo,share_hi,verdict\n");
    for one in searches {
        for probe in &one.probes {
            let values = probe.settings.iter().map(|(_, value)| value.as_str());
            let values = field(&values.collect::<Vec<&str>>().join(" and "));
            let share = probe.share();
            writeln!(
                out,
                "{},{},{values},{},{},{},{},{},{},{}",
                field(&one.variant),
                field(&one.paths()),
                probe.at,
                probe.runs,
                probe.bad,
                share.mean,
                share.low,
                share.high,
                verdict(probe.verdict)
            )
            .expect("a string takes everything");
        }
    }
    out
}
