//! From an experiment to results: variants × replications, in parallel, kept by index.
//!
//! What comes out is a function of the experiment and the seeds; the number of threads is not part
//! of it. A run that is told to stop keeps the replications that every variant has finished.

mod arm;
mod gather;
pub mod history;
pub mod pictures;
pub mod piecework;
pub mod question;
pub mod until;
pub mod warmup;

use crate::experiment::Experiment;
use arm::Arm;
use brownout_core::digest::Digest;
use brownout_core::draw::mix;
use brownout_core::random::Seed;
use brownout_topologies::death::How;
use brownout_topologies::graph::ServiceId;
use brownout_topologies::ledger::query::{Query, Value};
use brownout_topologies::run::RunError;
use gather::Gathering;
use history::History;
use pictures::Kept;
use question::Questions;
use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};

/// What is to be run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// One per replication, in order.
    pub seeds: Vec<Seed>,
    /// Places in [`Experiment::variants`], in order.
    pub variants: Vec<usize>,
    /// Threads, ≥ 1.
    pub jobs: usize,
}

/// How far a run is, and whether it is to go on; shared with whoever watches it.
#[derive(Debug, Default)]
pub struct Progress {
    /// Set to begin no more replications.
    pub stop: AtomicBool,
    /// Runs finished, control arms included.
    pub done: AtomicU64,
    /// Runs to do, control arms included.
    pub total: AtomicU64,
}

/// What came of it.
#[derive(Debug)]
pub struct Results {
    /// The seeds of the replications that all variants finished, in order.
    pub seeds: Vec<Seed>,
    /// How many replications were asked for.
    pub planned: usize,
    /// One per variant that ran, in order.
    pub variants: Vec<VariantResults>,
}

/// What came of one variant.
#[derive(Debug)]
pub struct VariantResults {
    /// Its place in [`Experiment::variants`].
    pub variant: usize,
    /// Every question, with one answer per replication.
    pub answers: Vec<(Query, Vec<Value>)>,
    /// One per replication.
    pub digests: Vec<Digest>,
    /// Requests that died, by service and by how, over all replications.
    pub deaths: Deaths,
    /// What happened when, over all replications.
    pub history: History,
    /// What was kept for pictures alone, over all replications.
    pub pictures: Kept,
    /// The same system without its triggers, if it has any.
    pub control: Option<ControlResults>,
}

/// What came of a control arm: the variant without its triggers, judged as if it had them.
#[derive(Debug)]
pub struct ControlResults {
    /// Every question, with one answer per replication.
    pub answers: Vec<(Query, Vec<Value>)>,
    /// One per replication.
    pub digests: Vec<Digest>,
}

/// A run that has no result.
#[derive(Debug)]
pub struct Failure {
    /// The variant's name.
    pub variant: String,
    /// Whether it was the control arm.
    pub is_control: bool,
    /// Which replication.
    pub seed: Seed,
    /// Why.
    pub error: RunError,
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let arm = if self.is_control { ", its control arm" } else { "" };
        write!(f, "variant \"{}\"{arm}, seed {}: {}", self.variant, self.seed, self.error)
    }
}

impl std::error::Error for Failure {}

impl Results {
    /// Whether replications are missing.
    pub fn is_interrupted(&self) -> bool {
        self.seeds.len() < self.planned
    }

    /// These results and those of further replications of the same variants.
    fn append(&mut self, more: Results) {
        self.seeds.extend(more.seeds);
        self.planned += more.planned;
        for (own, more) in self.variants.iter_mut().zip(more.variants) {
            extend(&mut own.answers, more.answers);
            own.digests.extend(more.digests);
            own.deaths = merged(&own.deaths, &more.deaths);
            own.history.append(&more.history);
            own.pictures.add(more.pictures);
            if let (Some(own), Some(more)) = (&mut own.control, more.control) {
                extend(&mut own.answers, more.answers);
                own.digests.extend(more.digests);
            }
        }
    }

    /// The results of the variant at `place` in the experiment, if it ran.
    pub fn of(&self, place: usize) -> Option<&VariantResults> {
        self.variants.iter().find(|results| results.variant == place)
    }

    /// The answers to `query`, one per replication; none where it was not asked.
    pub fn answers(&self, place: usize, query: &Query) -> &[Value] {
        self.of(place).map_or(&[], |results| found(&results.answers, query))
    }
}

/// The answers of further replications after those before, question by question.
fn extend(answers: &mut [(Query, Vec<Value>)], more: Vec<(Query, Vec<Value>)>) {
    for ((_, own), (_, more)) in answers.iter_mut().zip(more) {
        own.extend(more);
    }
}

/// A number of deaths by service and by how.
type Deaths = Vec<((ServiceId, How), u64)>;

/// Two lists of deaths as one, in their order.
fn merged(one: &Deaths, other: &Deaths) -> Deaths {
    let mut all: BTreeMap<(ServiceId, How), u64> = BTreeMap::new();
    for (what, number) in one.iter().chain(other) {
        *all.entry(*what).or_default() += number;
    }
    all.into_iter().collect()
}

/// The answers to one question.
pub fn found<'a>(answers: &'a [(Query, Vec<Value>)], query: &Query) -> &'a [Value] {
    answers.iter().find(|(asked, _)| asked == query).map_or(&[], |(_, answers)| answers)
}

/// One digest for all replications, in their order.
pub fn fold(digests: &[Digest]) -> u64 {
    digests.iter().fold(digests.len() as u64, |word, digest| mix(word, digest.word()))
}

/// Runs every replication of every variant, and of its control arm.
///
/// # Errors
/// The first run, in order of replication and variant, that has no result.
pub fn run(
    experiment: &Experiment,
    questions: &Questions,
    request: &Request,
    progress: &Progress,
) -> Result<Results, Box<Failure>> {
    let arms: Vec<Arm> = request
        .variants
        .iter()
        .flat_map(|place| Arm::of_variant(experiment, questions, *place))
        .collect();
    let jobs = arms.len() * request.seeds.len();
    progress.total.fetch_add(jobs as u64, Ordering::Relaxed);
    let gathering = Mutex::new(Gathering::new(&arms));
    let next = AtomicUsize::new(0);
    // Jobs are handed out in order, replication by replication, so that what is finished when
    // someone says stop is a prefix of them.
    let work = || {
        while !progress.stop.load(Ordering::Relaxed) {
            let job = next.fetch_add(1, Ordering::Relaxed);
            if job >= jobs {
                break;
            }
            let (replication, arm) = (job / arms.len(), job % arms.len());
            let outcome = arms[arm].run(request.seeds[replication]);
            let is_failure = outcome.is_err();
            let mut gathering = gathering.lock().expect("no thread panics while it gathers");
            gathering.add(replication, arm, outcome);
            progress.done.fetch_add(1, Ordering::Relaxed);
            if is_failure {
                progress.stop.store(true, Ordering::Relaxed);
            }
        }
    };
    if request.jobs == 1 {
        work();
    } else {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(request.jobs)
            .build()
            .expect("threads can be started");
        pool.broadcast(|_| work());
    }
    let gathering = gathering.into_inner().expect("no thread panics while it gathers");
    gathering.finish(experiment, &arms, request)
}
