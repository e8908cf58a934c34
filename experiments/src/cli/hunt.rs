//! `brownout hunt`: the edge of what a system withstands, or the seed that breaks it, made small.

use super::chase::{Chase, Found};
use super::exit::{Exit, Refusal};
use super::run::stop_on_interrupt;
use super::selection::{quoted, refused, unwritable};
use super::{HuntArguments, Shape, Until, output, progress};
use brownout::experiment::{Bad, Experiment, Hunt, Over};
use brownout::hunt::document::{self, Told};
use brownout::hunt::probe::Probe;
use brownout::hunt::search::{Outcome, Searched};
use brownout::hunt::{picture, report};
use brownout::report::files;
use brownout::runner::Progress;
use brownout::runner::piecework::Crew;
use brownout::sweep::source::Source;
use brownout_core::{Span, Time};
use brownout_topologies::ledger::verdict::triggers;
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::channel;

/// Runs of one probe where nothing is said.
const RUNS: u32 = 200;

pub(super) fn hunt(arguments: &HuntArguments) -> anyhow::Result<Exit> {
    let what = &arguments.what;
    let name = what.file.display().to_string();
    let beside = |relative: &str| what.beside(relative);
    let mut source = Source::new(name, what.text()?, what.settings(), &beside);
    let base = source.base().map_err(|problems| refused(&problems))?;
    let base = source.settled(base).map_err(|error| Refusal::invalid(error.to_string()))?;
    let hunt = asked(arguments, &base)?;
    check_ranges(&source, &hunt.over)?;
    let variants = variants(arguments, &base, &hunt)?;
    let directory = what.directory(&format!("{}-hunt", base.name))?;
    let progress = Arc::new(Progress::default());
    stop_on_interrupt(&progress)?;
    let crew = Crew::of(what.manner.threads());
    let chase = Chase { arguments, source: &source, base: &base, hunt: &hunt, crew: &crew };
    let mut found = std::thread::scope(|scope| {
        let (running, finished) = channel::<()>();
        if progress::is_wanted(what.manner.quiet) {
            let progress = &*progress;
            scope.spawn(move || progress::watch(progress, &finished));
        }
        let found = chase.run(&variants, &progress);
        drop(running);
        found
    })?;
    let (file, command) = (what.shown_file(), what.command("hunt", &options(arguments)));
    let bad_runs = std::mem::take(&mut found.bad_runs);
    let told = chase.told((&file, &command), &bad_runs);
    if let Some(shrunk) = &mut found.shrunk {
        let path = directory.join(&shrunk.name).display().to_string();
        shrunk.replay = shrunk.replay.replace("{}", &quoted(&path));
    }
    write(&told, &mut found, &directory)?;
    chase.check_shrunk(&found, &directory)?;
    tell(&chase, &told, &found, &directory);
    Ok(exit(&found))
}

/// The hunt of the command line over that of the file.
fn asked(arguments: &HuntArguments, base: &Experiment) -> anyhow::Result<Hunt> {
    let own = base.hunt.clone();
    let until = arguments.until.map(|until| match until {
        Until::Stuck => Bad::Stuck,
        Until::Tipped => Bad::Tipped,
        Until::Failed => Bad::Failed,
    });
    let of_file = own.as_ref().map(|hunt| hunt.bad);
    let usual = if arguments.seeds.is_some() { Bad::Failed } else { Bad::Stuck };
    let of_file = if arguments.seeds.is_some() { None } else { of_file };
    let over: Vec<Over> = match arguments.over.as_slice() {
        _ if arguments.seeds.is_some() => Vec::new(),
        [] => own.as_ref().map_or_else(Vec::new, |hunt| hunt.over.clone()),
        over => over.iter().map(|argument| argument.0.clone()).collect(),
    };
    if over.is_empty() && arguments.seeds.is_none() {
        return Err(Refusal::usage(
            "what is to be searched? write --over faults.0.lasts=1s..20s, a `hunt:` into the file, \
             or --seeds 1000 for the first bad run",
        ));
    }
    let bad = until.or(of_file).unwrap_or(usual);
    if bad == Bad::Failed && base.expect.is_empty() {
        let name = arguments.what.file.display();
        return Err(Refusal::usage(format!("{name} expects nothing, so no run can fail")));
    }
    Ok(Hunt {
        over,
        bad,
        share: arguments.share.map(|own| own.0).or(own.as_ref().map(|h| h.share)).unwrap_or(0.5),
        on: own.as_ref().and_then(|hunt| hunt.on.clone()),
        runs: arguments.runs.or(own.as_ref().map(|hunt| hunt.runs)).unwrap_or(RUNS),
        within: arguments.within.map(|own| own.0).or(own.map(|h| h.within)).unwrap_or(0.01),
    })
}

/// Refuses ranges whose paths lead nowhere or whose ends do not fit, all at once; warns of an end
/// at which nothing could recover.
fn check_ranges(source: &Source<'_>, over: &[Over]) -> anyhow::Result<()> {
    let (mut refusal, mut short) = (None, None);
    for one in over {
        for share in [0.0, 1.0] {
            let (path, value) = (one.path.clone(), one.range.at(share, 12));
            match source.at(&[(path.clone(), value.clone())]) {
                Ok(experiment) => {
                    let found = no_time_to_recover(&experiment);
                    short = short.or(found.map(|why| format!("at {path}={value} {why}")));
                }
                Err(problems) => {
                    refusal = Some(refused(&problems));
                    break;
                }
            }
        }
    }
    if let (Some(why), None) = (short, &refusal) {
        output::warning(&why);
    }
    refusal.map_or(Ok(()), Err)
}

/// Why every run that tips would count as stuck.
fn no_time_to_recover(experiment: &Experiment) -> Option<String> {
    experiment.variants.iter().find_map(|variant| {
        let graph = &variant.graph;
        let end = Time::ZERO + graph.time;
        let ending = triggers(graph).into_iter().filter(|trigger| trigger.to < Time::MAX);
        let last = ending.max_by_key(|trigger| trigger.to)?;
        let left = if last.to < end { end.since(last.to) } else { Span::ZERO };
        let hold = graph.verdict.hold;
        let name = last.name;
        (left < hold.saturating_mul(2)).then(|| {
            format!(
                "`{name}` ends {left} before the run does, and whoever recovers must hold for \
                 {hold}: a run that tips may count as stuck for want of time; lengthen run.time"
            )
        })
    })
}

/// The variants to hunt in.
fn variants(
    arguments: &HuntArguments,
    base: &Experiment,
    hunt: &Hunt,
) -> anyhow::Result<Vec<String>> {
    let places = arguments.what.variants(base)?;
    let every = places.into_iter().map(|place| base.variants[place].name.clone());
    let on = |name: &String| match (&hunt.on, arguments.what.variant.is_empty()) {
        (Some(on), true) => name == on,
        _ => true,
    };
    Ok(every.filter(on).collect())
}

/// What was asked beside the common arguments.
fn options(arguments: &HuntArguments) -> Vec<String> {
    let mut words = Vec::new();
    let mut option = |name: &str, value: String| words.extend([name.to_owned(), value]);
    for over in &arguments.over {
        let Over { path, range } = &over.0;
        option("--over", format!("{path}={}..{}", range.at(0.0, 12), range.at(1.0, 12)));
    }
    if let Some(until) = arguments.until {
        option("--until", format!("{until:?}").to_lowercase());
    }
    if let Some(share) = arguments.share {
        option("--share", share.0.to_string());
    }
    if let Some(within) = arguments.within {
        option("--within", within.0.to_string());
    }
    if let Some(runs) = arguments.runs {
        option("--runs", runs.to_string());
    }
    if let Some(seeds) = arguments.seeds {
        option("--seeds", seeds.to_string());
    }
    if let Some(seed) = arguments.seed {
        option("--seed", seed.to_string());
    }
    if arguments.no_shrink {
        words.push("--no-shrink".to_owned());
    }
    words
}

fn write(told: &Told<'_>, found: &mut Found, directory: &Path) -> anyhow::Result<()> {
    let pictures = picture::files(told, &found.searches);
    let pictures = pictures
        .map_err(|error| Refusal::internal(format!("a picture cannot be drawn: {error}")))?;
    found.files.extend(pictures);
    if !found.searches.is_empty() {
        let probes = document::probes(&found.searches).into_bytes();
        found.files.push(("probes.csv".to_owned(), probes));
    }
    let shrunk = found.shrunk.as_ref();
    let document = document::document(told, &found.searches, &found.incidents, shrunk).document();
    found.files.push(("hunt.json".to_owned(), document.into_bytes()));
    files::write(directory, &found.files).map_err(|error| unwritable(directory, &error))
}

fn tell(chase: &Chase<'_>, told: &Told<'_>, found: &Found, directory: &Path) {
    let Found { searches, incidents, shrunk, .. } = found;
    match chase.arguments.format {
        Shape::Json => output::print(
            &document::document(told, searches, incidents, shrunk.as_ref()).document(),
        ),
        Shape::Human if chase.arguments.what.manner.quiet => {}
        Shape::Human => {
            let paint = output::paint();
            let replay = |searched: &Searched, probe: &Probe| {
                chase.replay(&searched.variant, &probe.settings, probe.first_bad)
            };
            let mut text =
                report::report(told, searches, incidents, shrunk.as_ref(), &replay, paint);
            if let (Some(most), []) = (chase.arguments.seeds, incidents.as_slice()) {
                let tried = if found.is_interrupted { "interrupted;" } else { "" };
                text.push_str(&format!("\n{tried} no bad run among {most}\n"));
            }
            let names = found.files.iter().map(|(name, _)| name.as_str());
            let names = names.collect::<Vec<&str>>().join("  ");
            let place = paint.strong(&format!("Written to {}", directory.display()));
            text.push_str(&format!("\n{place}\n  {names}\n"));
            output::print(&text);
        }
    }
}

/// 0 for an answer, 1 for a run that breaks an expectation, 6 where more runs are needed.
fn exit(found: &Found) -> Exit {
    let start = if found.is_interrupted { Exit::Interrupted } else { Exit::Held };
    let start = if found.incidents.is_empty() { start } else { start.worse(Exit::Failed) };
    found.searches.iter().fold(start, |exit, one| {
        exit.worse(match one.outcome {
            Outcome::Edge { .. } | Outcome::AllSafe | Outcome::AllBad => Exit::Held,
            Outcome::Unclear if one.is_interrupted => Exit::Interrupted,
            Outcome::Unclear => Exit::Undecided,
            Outcome::Broken(_) => Exit::Invalid,
        })
    })
}
