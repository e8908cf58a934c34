//! One experiment as jobs for whoever hands them out: many experiments share the threads this way.
//!
//! What comes out is what [`run`](super::run) of the same experiment says, but for what happened
//! when, which nobody asks a hundred points about.

use super::arm::Arm;
use super::gather::Gathering;
use super::question::Questions;
use super::{Failure, Request, Results};
use crate::experiment::Experiment;
use brownout_core::random::Seed;
use rayon::ThreadPool;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// Threads that take jobs by their numbers, in order.
pub struct Crew(Option<ThreadPool>);

/// The jobs of one experiment: one run each.
pub struct Piecework<'e> {
    experiment: &'e Experiment,
    arms: Vec<Arm<'e>>,
    request: Request,
    gathering: Mutex<Option<Gathering>>,
    /// Jobs not yet done.
    left: AtomicUsize,
    /// The first job so far that failed; those behind it are not worth running.
    failed: AtomicUsize,
}

/// Whether a job was the last one to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Done {
    /// There are others.
    One,
    /// There is none left.
    All,
}

impl Crew {
    /// So many threads, ≥ 1; one is the caller's own.
    pub fn of(jobs: usize) -> Crew {
        let pool = || {
            let builder = rayon::ThreadPoolBuilder::new().num_threads(jobs);
            builder.build().expect("threads can be started")
        };
        Crew((jobs > 1).then(pool))
    }

    /// Threads.
    pub fn size(&self) -> usize {
        self.0.as_ref().map_or(1, ThreadPool::current_num_threads)
    }

    /// Does jobs 0, 1, … below `count`, each once, until `stop` is set.
    pub fn each(&self, count: usize, stop: &AtomicBool, job: impl Fn(usize) + Sync) {
        let next = AtomicUsize::new(0);
        let work = || {
            while !stop.load(Ordering::Relaxed) {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= count {
                    break;
                }
                job(number);
            }
        };
        match &self.0 {
            None => work(),
            Some(pool) => drop(pool.broadcast(|_| work())),
        }
    }
}

impl<'e> Piecework<'e> {
    /// The runs of `variants` with `seeds`, and of their control arms if asked to.
    pub fn new(
        experiment: &'e Experiment,
        questions: &Questions,
        request: Request,
        with_controls: bool,
    ) -> Piecework<'e> {
        let variants = request.variants.iter();
        let mut arms: Vec<Arm<'_>> =
            variants.flat_map(|place| Arm::of_variant(experiment, questions, *place)).collect();
        arms.retain(|arm| with_controls || !arm.is_control);
        arms.iter_mut().for_each(|arm| arm.plan.watch.clear());
        Piecework {
            experiment,
            gathering: Mutex::new(Some(Gathering::new(&arms))),
            left: AtomicUsize::new(arms.len() * request.seeds.len()),
            failed: AtomicUsize::new(usize::MAX),
            arms,
            request,
        }
    }

    /// How many jobs there are: those of one replication after those of the other.
    pub fn jobs(&self) -> usize {
        self.arms.len() * self.request.seeds.len()
    }

    /// The seeds of its replications.
    pub fn seeds(&self) -> &[Seed] {
        &self.request.seeds
    }

    /// Does one job.
    pub fn run(&self, job: usize) -> Done {
        if self.failed.load(Ordering::Relaxed) > job {
            let (replication, arm) = (job / self.arms.len(), job % self.arms.len());
            let outcome = self.arms[arm].run(self.request.seeds[replication]);
            if outcome.is_err() {
                self.failed.fetch_min(job, Ordering::Relaxed);
            }
            let mut gathering = self.gathering.lock().expect("no thread panics while it gathers");
            let gathering = gathering.as_mut().expect("nothing is finished before all is done");
            gathering.add(replication, arm, outcome);
        }
        match self.left.fetch_sub(1, Ordering::AcqRel) {
            1 => Done::All,
            _ => Done::One,
        }
    }

    /// The results, once all jobs are done.
    ///
    /// # Errors
    /// The first run, in order of replication and variant, that has no result.
    pub fn finish(&self) -> Result<Results, Box<Failure>> {
        let gathering = self.gathering.lock().expect("no thread panics while it gathers").take();
        let gathering = gathering.expect("it is finished once");
        gathering.finish(self.experiment, &self.arms, &self.request)
    }
}
