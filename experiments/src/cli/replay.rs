//! `brownout replay`: a run once more, the same to the bit, and a close look at it.

use super::exit::{Exit, Refusal};
use super::run::write_one;
use super::target::{self, Reader, Target, TargetArguments};
use super::{output, writing};
use brownout::incident::find::{Which, find};
use brownout::incident::lanes::Lanes;
use brownout::incident::moment::{self, Deeds};
use brownout::incident::record;
use brownout::incident::story::Story;
use brownout::report::chart::lanes_figure;
use brownout::report::json::Json;
use brownout_core::Time;
use brownout_plots::{to_png, to_svg};
use brownout_policies::units;
use brownout_topologies::ledger::Plan;
use brownout_topologies::run::{Finished, look, run};
use clap::Args;
use std::path::{Path, PathBuf};

/// What to replay, and what to look at.
#[derive(Debug, Args)]
pub(super) struct ReplayArguments {
    #[command(flatten)]
    target: TargetArguments,
    /// Tell the life of one request: the N-th to arrive (from 1), `slowest` or `first-failed`.
    #[arg(long, value_name = "N")]
    request: Option<Which>,
    /// Also draw that request as lanes into this file, which ends in .svg or .png.
    #[arg(long, value_name = "FILE", requires = "request", value_parser = picture)]
    chart: Option<PathBuf>,
    /// Tell the state at one moment, such as `61.2s`.
    #[arg(long, value_name = "TIME", value_parser = time)]
    at: Option<Time>,
    /// Write every event to this file, one line of JSON each.
    #[arg(long, value_name = "FILE")]
    record: Option<PathBuf>,
    /// What to print on standard output.
    #[arg(long, value_enum, default_value_t = Reader::Human)]
    format: Reader,
}

/// A moment of simulated time.
pub(super) fn time(text: &str) -> Result<Time, String> {
    let span = units::span(text).map_err(|error| error.to_string())?;
    Ok(Time::ZERO + span)
}

pub(super) fn replay(arguments: &ReplayArguments) -> anyhow::Result<Exit> {
    let target = target::target(&arguments.target)?;
    let failed = |error| target::refusal(&target.id, &error);
    let mut digests = Vec::new();
    let mut texts = Vec::new();
    let mut note = |finished: &Finished| digests.push(finished.digest().to_string());
    if let Some(which) = arguments.request {
        let (found, finished) = find(target.graph(), target.seed, which).map_err(failed)?;
        note(&finished);
        let found = found.map_err(Refusal::usage)?;
        let (story, finished) = Story::of(target.graph(), target.seed, found).map_err(failed)?;
        note(&finished);
        texts.push(story.text(target.graph()));
        if let Some(path) = &arguments.chart {
            let lanes = Lanes::of(target.graph(), target.seed, found).map_err(failed)?;
            write_one(path, drawn(&target, &lanes, path)?)?;
            texts.push(format!("drawn in {}\n", path.display()));
        }
    }
    if let Some(at) = arguments.at {
        if at > Time::ZERO + target.graph().time {
            let message = format!("--at {at} is after the end of the run, {}", target.graph().time);
            return Err(Refusal::usage(message));
        }
        let look = look(target.graph(), target.seed, at).map_err(failed)?;
        let deeds = match target.graph().follows_effects() {
            true => {
                let (deeds, finished) =
                    Deeds::until(target.graph(), target.seed, at).map_err(failed)?;
                note(&finished);
                Some(deeds)
            }
            false => None,
        };
        texts.push(moment::text(target.graph(), &look, deeds.as_ref()));
    }
    if let Some(path) = &arguments.record {
        let finished = writing::whole(path, |out| {
            let (written, finished) =
                record::record(target.graph(), target.seed, out).map_err(failed)?;
            Ok((written, finished))
        })?;
        note(&finished);
        texts.push(format!("recorded in {}\n", path.display()));
    }
    // One run proves nothing if there is nothing to compare it with.
    let wanted = if target.recorded.is_some() { 1 } else { 2 };
    while digests.len() < wanted {
        let finished = run(target.graph(), target.seed, &Plan::default()).map_err(failed)?;
        digests.push(finished.digest().to_string());
    }
    tell(arguments, &target, &digests, &texts)
}

/// A file whose ending says how to draw.
fn picture(text: &str) -> Result<PathBuf, String> {
    let path = PathBuf::from(text);
    match path.extension().is_some_and(|ending| ending == "svg" || ending == "png") {
        true => Ok(path),
        false => Err("write a name that ends in .svg or .png".to_owned()),
    }
}

/// The lanes of a request, as the file's ending says.
fn drawn(target: &Target, lanes: &Lanes, path: &Path) -> anyhow::Result<Vec<u8>> {
    let name = &target.experiment.name;
    let title = format!("{name}: request {} of {}", lanes.request, target.id.variant);
    let figure = lanes_figure(&title, vec![(format!("run {}", lanes.seed), lanes)]);
    let drawn = match path.extension().is_some_and(|ending| ending == "png") {
        true => to_png(&figure),
        false => to_svg(&figure).map(String::into_bytes),
    };
    drawn.map_err(|error| Refusal::internal(format!("the picture cannot be drawn: {error}")))
}

/// Says whether it was the same run again, and what was asked.
fn tell(
    arguments: &ReplayArguments,
    target: &Target,
    digests: &[String],
    texts: &[String],
) -> anyhow::Result<Exit> {
    let digest = &digests[0];
    let agree = digests.iter().all(|other| other == digest);
    let recorded = target.recorded.as_ref();
    let is_same = agree && recorded.is_none_or(|(_, recorded)| recorded == digest);
    match arguments.format {
        Reader::Json => {
            let recorded = recorded.map_or(Json::Null, |(_, digest)| Json::text(digest));
            let document = Json::object([
                ("format", Json::Whole(1)),
                ("id", Json::text(target.id.to_string())),
                ("digest", Json::text(digest)),
                ("recorded", recorded),
                ("same", Json::Bool(is_same)),
                ("runs", Json::Whole(digests.len() as u64)),
                ("told", Json::List(texts.iter().map(Json::text).collect())),
            ]);
            output::print(&document.document());
        }
        Reader::Human => {
            let proof = match recorded {
                Some((path, _)) if is_same => format!("the same as in {}", path.display()),
                Some((path, _)) => format!("another than in {}", path.display()),
                None if agree => {
                    format!("nothing is recorded to compare it with; {} runs agree", digests.len())
                }
                None => "another in each run".to_owned(),
            };
            let head = format!("run {}\ndigest {digest}: {proof}\n", target.id);
            output::print(&std::iter::once(&head).chain(texts).fold(String::new(), |all, text| {
                if all.is_empty() { text.clone() } else { format!("{all}\n{text}") }
            }));
        }
    }
    if is_same {
        return Ok(Exit::Held);
    }
    let against = recorded.map_or(&digests[digests.len() - 1], |(_, recorded)| recorded);
    Err(Refusal::mismatch(format!(
        "run {}: its digest is {digest} and should be {against}; was it recorded by another \
         version of brownout?",
        target.id
    )))
}
