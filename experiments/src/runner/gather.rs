//! Results in the order of replications, whatever the order in which they come in.

use super::arm::{Arm, Outcome};
use super::history::History;
use super::pictures::Kept;
use super::{ControlResults, Failure, Request, Results, VariantResults};
use crate::experiment::Experiment;
use brownout_core::digest::Digest;
use brownout_topologies::death::{Death, How};
use brownout_topologies::graph::ServiceId;
use brownout_topologies::ledger::query::{Query, Value};
use std::collections::BTreeMap;

/// What came in so far. Only what waits for an earlier replication is held back, so memory does
/// not grow with the number of replications beyond an answer per question.
pub(super) struct Gathering {
    /// Replications not yet complete or not yet in turn, by number: one outcome per arm.
    waiting: BTreeMap<usize, Vec<Option<Outcome>>>,
    folded: usize,
    arms: Vec<Folded>,
    /// The failure that comes first in order of replication and arm.
    failure: Option<(usize, usize, Box<Failure>)>,
}

/// One arm over the replications so far.
struct Folded {
    answers: Vec<Vec<Value>>,
    digests: Vec<Digest>,
    /// Requests that died, by service and by how, over all replications.
    deaths: BTreeMap<(ServiceId, How), u64>,
    history: History,
    pictures: Kept,
}

impl Gathering {
    pub(super) fn new(arms: &[Arm<'_>]) -> Gathering {
        let empty = |arm: &Arm<'_>| Folded {
            answers: vec![Vec::new(); arm.plan.queries.len()],
            digests: Vec::new(),
            deaths: BTreeMap::new(),
            history: match arm.is_control {
                true => History::default(),
                false => History::new(&arm.graph, &arm.plan.watch),
            },
            pictures: Kept::default(),
        };
        Gathering {
            waiting: BTreeMap::new(),
            folded: 0,
            arms: arms.iter().map(empty).collect(),
            failure: None,
        }
    }

    /// Takes in the outcome of one run.
    pub(super) fn add(
        &mut self,
        replication: usize,
        arm: usize,
        outcome: Result<Outcome, Box<Failure>>,
    ) {
        let outcome = match outcome {
            Ok(outcome) => outcome,
            Err(failure) => {
                let is_first = self
                    .failure
                    .as_ref()
                    .is_none_or(|(earlier, other, _)| (replication, arm) < (*earlier, *other));
                if is_first {
                    self.failure = Some((replication, arm, failure));
                }
                return;
            }
        };
        let arms = self.arms.len();
        let waiting =
            self.waiting.entry(replication).or_insert_with(|| (0..arms).map(|_| None).collect());
        waiting[arm] = Some(outcome);
        while let Some(next) = self.waiting.get(&self.folded)
            && next.iter().all(Option::is_some)
        {
            let complete = self.waiting.remove(&self.folded).expect("it was there");
            for (folded, outcome) in self.arms.iter_mut().zip(complete.into_iter().flatten()) {
                folded.add(outcome);
            }
            self.folded += 1;
        }
    }

    /// The results, arms back together as variants.
    pub(super) fn finish(
        self,
        experiment: &Experiment,
        arms: &[Arm<'_>],
        request: &Request,
    ) -> Result<Results, Box<Failure>> {
        if let Some((_, _, failure)) = self.failure {
            return Err(failure);
        }
        let mut variants: Vec<VariantResults> = Vec::with_capacity(experiment.variants.len());
        for (arm, folded) in arms.iter().zip(self.arms) {
            let queries = arm.plan.queries.iter().cloned();
            let answers: Vec<(Query, Vec<Value>)> = queries.zip(folded.answers).collect();
            let digests = folded.digests;
            if arm.is_control {
                let own = variants.last_mut().expect("a control arm follows its variant");
                own.control = Some(ControlResults { answers, digests });
            } else {
                variants.push(VariantResults {
                    variant: arm.variant,
                    answers,
                    digests,
                    deaths: folded.deaths.into_iter().collect(),
                    history: folded.history,
                    pictures: folded.pictures,
                    control: None,
                });
            }
        }
        let seeds = request.seeds[..self.folded].to_vec();
        Ok(Results { seeds, planned: request.seeds.len(), variants })
    }
}

impl Folded {
    fn add(&mut self, outcome: Outcome) {
        for (answers, answer) in self.answers.iter_mut().zip(outcome.answers) {
            answers.push(answer);
        }
        self.digests.push(outcome.digest);
        for (Death { at, how }, number) in outcome.deaths {
            *self.deaths.entry((at, how)).or_default() += number;
        }
        self.history.add(&outcome.bins);
        self.pictures.add(outcome.pictures);
    }
}
