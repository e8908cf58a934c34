//! An experiment whose warm-up is to be detected becomes one whose warm-up is known.

use crate::experiment::{Experiment, Statistics, Warmup};
use crate::runner::Request;
use crate::runner::warmup::{Found, PILOTS, Unfound, detect};
use crate::spec::{LoadOptions, load};
use brownout_core::random::Seed;

/// The experiment as it is, or, with `warmup: Detected`, the same with the warm-up that pilot runs
/// show: it is read again with that setting. Pilots have the experiment's seed; the hash and the
/// settings stay those that were given.
///
/// # Errors
/// When no warm-up is found.
pub fn settled(
    experiment: Experiment,
    text: &str,
    options: LoadOptions<'_>,
) -> Result<Experiment, Unfound> {
    if experiment.statistics.warmup != Warmup::ToDetect {
        return Ok(experiment);
    }
    let seed = |replication| Seed { seed: experiment.seed, replication };
    let request = Request { seeds: (0..PILOTS).map(seed).collect(), variants: Vec::new(), jobs: 1 };
    let found = detect(&experiment, &request)?;
    let mut options = options;
    options.sets.push(("run.warmup".to_owned(), format!("{}", found.cut)));
    // A cut in the first half of the run fits every window that fitted no cut at all, or complains.
    let again = load(text, &options).map_err(Unfound::Unfit)?;
    let warmup = Warmup::Detected(words(&found));
    let statistics = Statistics { warmup, ..again.statistics };
    let Experiment { text_hash, settings, .. } = experiment;
    Ok(Experiment { statistics, text_hash, settings, ..again })
}

/// How a warm-up was found, for the reader of a report.
pub(crate) fn words(found: &Found) -> String {
    let how = format!("{}: detected by MSER-5 on {PILOTS} runs without triggers", found.cut);
    match &found.slowest {
        Some((service, variant)) => format!("{how}, as long as `{service}` on {variant} takes"),
        None => format!("{how}, all services being steady from the start"),
    }
}
