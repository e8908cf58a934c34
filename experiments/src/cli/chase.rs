//! The chase of a hunt: every variant searched, and the first incident made small.

use super::exit::Refusal;
use super::selection::{quoted, refused};
use super::{HuntArguments, file, output, target};
use brownout::experiment::{Experiment, Hunt};
use brownout::hunt::document::{BadRun, Incident, Shrunk, Told};
use brownout::hunt::probe::Probe;
use brownout::hunt::search::{Outcome, Searched, search};
use brownout::hunt::seeds::look;
use brownout::hunt::shrink::{Judge, Shrink, is_bad};
use brownout::hunt::{Ground, Halt};
use brownout::incident::id::RunId;
use brownout::report::files::File;
use brownout::runner::Progress;
use brownout::runner::piecework::Crew;
use brownout::sweep::source::{Settings, Source};
use brownout_core::random::Seed;
use brownout_topologies::ledger::Plan;
use brownout_topologies::run::run;
use std::path::Path;

/// What was found.
#[derive(Default)]
pub(super) struct Found {
    pub(super) searches: Vec<Searched>,
    pub(super) incidents: Vec<Incident>,
    /// The bad setting or run that is made small: variant, settings, how it is judged.
    pub(super) prey: Option<(String, Settings, Judge)>,
    pub(super) shrunk: Option<Shrunk>,
    pub(super) files: Vec<File>,
    /// The bad runs that are named.
    pub(super) bad_runs: Vec<BadRun>,
    pub(super) is_interrupted: bool,
}

/// A hunt with its means.
pub(super) struct Chase<'c> {
    pub(super) arguments: &'c HuntArguments,
    pub(super) source: &'c Source<'c>,
    pub(super) base: &'c Experiment,
    pub(super) hunt: &'c Hunt,
    pub(super) crew: &'c Crew,
}

impl Chase<'_> {
    fn seed(&self) -> u64 {
        self.arguments.seed.unwrap_or(self.base.seed)
    }

    fn ground<'g>(&'g self, variant: &str, progress: &'g Progress) -> Ground<'g> {
        Ground {
            variant: variant.to_owned(),
            bad: self.hunt.bad,
            share: self.hunt.share,
            runs: self.hunt.runs,
            seed: self.seed(),
            crew: self.crew,
            progress,
        }
    }

    pub(super) fn told<'t>(
        &'t self,
        (file, command): (&'t str, &'t str),
        bad_runs: &'t [BadRun],
    ) -> Told<'t> {
        Told {
            experiment: self.base,
            seed: self.seed(),
            bad: self.hunt.bad,
            share: self.hunt.share,
            runs: self.hunt.runs,
            file,
            command,
            settings: &self.source.sets,
            bad_runs,
        }
    }

    pub(super) fn run(&self, variants: &[String], progress: &Progress) -> anyhow::Result<Found> {
        let mut found = Found::default();
        for variant in variants {
            let ground = self.ground(variant, progress);
            match self.arguments.seeds {
                Some(most) => self.look(&ground, most, &mut found)?,
                None => {
                    let searched = search(&ground, self.source, &self.hunt.over, self.hunt.within);
                    found.is_interrupted |= searched.iter().any(|one| one.is_interrupted);
                    found.searches.extend(searched);
                }
            }
            if found.is_interrupted {
                return Ok(found);
            }
        }
        if found.prey.is_none() {
            let edges = found.searches.iter().filter_map(|one| Some((one, one.edge()?)));
            let settings = |(one, (_, bad)): (&Searched, (&Probe, &Probe))| {
                (one.variant.clone(), bad.settings.clone(), Judge::Share)
            };
            found.prey = edges.map(settings).next();
        }
        self.record(&mut found)?;
        if !self.arguments.no_shrink {
            self.shrink(progress, &mut found)?;
        }
        Ok(found)
    }

    fn look(&self, ground: &Ground<'_>, most: u32, found: &mut Found) -> anyhow::Result<()> {
        let looked = look(ground, self.base, most).map_err(refusal)?;
        found.is_interrupted |= looked.is_interrupted;
        if let Some(seed) = looked.found {
            found.incidents.push(Incident {
                variant: ground.variant.clone(),
                id: self.id(&ground.variant, seed).to_string(),
                run: seed,
                replay: self.replay(&ground.variant, &Settings::new(), Some(seed)),
                tried: looked.tried,
            });
            let prey = (ground.variant.clone(), Settings::new(), Judge::Run(seed));
            found.prey.get_or_insert(prey);
        }
        Ok(())
    }

    /// Runs what is named once more, for its digest: whoever replays it has something to compare.
    fn record(&self, found: &mut Found) -> anyhow::Result<()> {
        let none = Settings::new();
        let probes = found.searches.iter().filter_map(|one| match one.outcome {
            Outcome::Edge { bad, .. } => Some((one, &one.probes[bad])),
            Outcome::AllBad => Some((one, one.probes.first()?)),
            Outcome::AllSafe | Outcome::Unclear | Outcome::Broken(_) => None,
        });
        let probes = probes
            .filter_map(|(one, probe)| Some((&one.variant, &probe.settings, probe.first_bad?)));
        let incidents = found.incidents.iter().map(|one| (&one.variant, &none, one.run));
        let mut bad_runs = Vec::new();
        for (variant, settings, seed) in probes.chain(incidents) {
            let experiment = self.source.at(settings).map_err(|problems| refused(&problems))?;
            let place = experiment.variants.iter().position(|own| own.name == *variant);
            let place = place.expect("a bad run is one of a variant");
            let id = RunId::of(&experiment, place, seed);
            let finished = run(&experiment.variants[place].graph, seed, &Plan::default());
            let finished = finished.map_err(|error| target::refusal(&id, &error))?;
            bad_runs.push(BadRun { id: id.to_string(), digest: finished.digest().to_string() });
        }
        found.bad_runs = bad_runs;
        Ok(())
    }

    /// Makes the first incident small. What cannot begin is a warning: the edge stands anyway.
    fn shrink(&self, progress: &Progress, found: &mut Found) -> anyhow::Result<()> {
        let Some((variant, settings, judge)) = &found.prey else { return Ok(()) };
        let beside = |relative: &str| self.source.beside(relative);
        let Source { name, text, sets, .. } = self.source;
        // Settings go into the text, so that the file says all of it.
        let bare = Source::new(name.clone(), text.clone(), Settings::new(), &beside);
        let all: Settings = sets.iter().chain(settings).cloned().collect();
        let ground = self.ground(variant, progress);
        let mut shrink = match Shrink::start(&ground, &bare, &all, *judge) {
            Ok(shrink) => shrink,
            Err(Halt::Stopped) => {
                found.is_interrupted = true;
                return Ok(());
            }
            Err(Halt::Broken(reason)) => {
                output::warning(&format!("the file cannot be made smaller: {reason}"));
                return Ok(());
            }
        };
        shrink.run().map_err(refusal)?;
        found.is_interrupted |= shrink.is_interrupted;
        let experiment = bare.with_text(&shrink.text).map_err(|problems| refused(&problems))?;
        let (text, files) = beside_each_other(&experiment, &shrink.text, &bare);
        let extension =
            self.arguments.what.file.extension().map_or("ron".into(), |own| own.to_string_lossy());
        let file_name = format!("{}-shrunk.{extension}", plain(&self.base.name));
        found.files = files;
        found.files.push((file_name.clone(), text.into_bytes()));
        let only = match judge {
            Judge::Run(seed) => format!(" --seed '{seed}'"),
            Judge::Share => String::new(),
        };
        let of_variant = match experiment.variants.len() {
            1 => String::new(),
            _ => format!(" --variant {}", quoted(variant)),
        };
        found.shrunk = Some(Shrunk {
            name: file_name,
            steps: shrink.steps.clone(),
            tried: shrink.tried,
            replay: format!("brownout run {{}}{of_variant}{only}"),
            is_interrupted: shrink.is_interrupted,
        });
        Ok(())
    }

    /// Reads the shrunk file from where it was written and runs it: it must still be bad.
    pub(super) fn check_shrunk(&self, found: &Found, directory: &Path) -> anyhow::Result<()> {
        let (Some(shrunk), Some((variant, _, judge))) = (&found.shrunk, &found.prey) else {
            return Ok(());
        };
        let experiment = file::experiment(&directory.join(&shrunk.name), &[])?;
        let progress = Progress::default();
        match is_bad(&self.ground(variant, &progress), *judge, &experiment) {
            Ok(true) => Ok(()),
            Ok(false) => {
                Err(Refusal::internal(format!("{} is not bad once it is written", shrunk.name)))
            }
            Err(halt) => Err(refusal(halt)),
        }
    }

    /// The id of a run of the file as it is.
    fn id(&self, variant: &str, seed: Seed) -> RunId {
        let place = self.base.variants.iter().position(|own| own.name == variant);
        RunId::of(self.base, place.expect("it is hunted in"), seed)
    }

    /// The line that runs a setting again, or one run of it.
    pub(super) fn replay(&self, variant: &str, settings: &Settings, seed: Option<Seed>) -> String {
        let file = self.arguments.what.shown_file();
        let mut words = vec!["brownout".to_owned(), "run".to_owned(), quoted(&file)];
        let mut option = |name: &str, value: &str| words.extend([name.to_owned(), quoted(value)]);
        if self.base.variants.len() > 1 {
            option("--variant", variant);
        }
        for (path, value) in self.source.sets.iter().chain(settings) {
            option("--set", &format!("{path}={value}"));
        }
        match seed {
            Some(seed) => option("--seed", &seed.to_string()),
            None if self.arguments.seed.is_some() => option("--seed", &self.seed().to_string()),
            None => {}
        }
        words.join(" ")
    }
}

fn refusal(halt: Halt) -> anyhow::Error {
    match halt {
        Halt::Stopped => Refusal::internal("the hunt was stopped without anyone saying so"),
        Halt::Broken(reason) => Refusal::invalid(reason),
    }
}

/// The text and the files that it reads, all in one directory.
fn beside_each_other(
    experiment: &Experiment,
    text: &str,
    source: &Source<'_>,
) -> (String, Vec<File>) {
    let (mut text, mut files) = (text.to_owned(), Vec::new());
    for (number, with) in experiment.files.iter().enumerate() {
        let own = Path::new(&with.path).file_name().map(|name| name.to_string_lossy().into_owned());
        let own = own.unwrap_or_else(|| "file".to_owned());
        let is_taken = files.iter().any(|(name, _)| *name == own);
        let own = if is_taken { format!("{number}-{own}") } else { own };
        let content = source.beside(&with.path).unwrap_or_default();
        text = text.replace(&format!("\"{}\"", with.path), &format!("\"{own}\""));
        files.push((own, content.into_bytes()));
    }
    (text, files)
}

/// A name as a file has it.
fn plain(name: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_');
    name.chars().map(|c| if is_plain(c) { c } else { '-' }).collect()
}
