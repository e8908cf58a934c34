//! One arm of an experiment: a variant, or its control, ready to run with any seed.

use super::Failure;
use super::history::{self, Bins};
use super::pictures::Kept;
use super::question::Questions;
use crate::experiment::Experiment;
use brownout_core::digest::Digest;
use brownout_core::random::Seed;
use brownout_topologies::death::Death;
use brownout_topologies::graph::Graph;
use brownout_topologies::ledger::Plan;
use brownout_topologies::ledger::query::Value;
use brownout_topologies::ledger::verdict::{Trigger, triggers};
use brownout_topologies::run;
use std::borrow::Cow;

/// A system, what it is asked, and whose triggers it is judged with.
pub(super) struct Arm<'e> {
    /// Place in [`Experiment::variants`].
    pub(super) variant: usize,
    name: &'e str,
    pub(super) graph: Cow<'e, Graph>,
    pub(super) plan: Plan,
    triggers: Vec<Trigger>,
    pub(super) is_control: bool,
}

/// What is kept of one run.
pub(super) struct Outcome {
    /// In the order of the plan's queries.
    pub(super) answers: Vec<Value>,
    pub(super) digest: Digest,
    /// Where requests died and how.
    pub(super) deaths: Vec<(Death, u64)>,
    /// In the order of the plan's watch list; of a control arm none.
    pub(super) bins: Vec<Bins>,
    /// What was kept for pictures.
    pub(super) pictures: Kept,
}

impl<'e> Arm<'e> {
    /// The arm of a variant, and its control arm if it has triggers.
    pub(super) fn of_variant(
        experiment: &'e Experiment,
        questions: &Questions,
        place: usize,
    ) -> Vec<Arm<'e>> {
        let variant = &experiment.variants[place];
        let triggers = triggers(&variant.graph);
        let own = Arm {
            variant: place,
            name: &variant.name,
            graph: Cow::Borrowed(&variant.graph),
            plan: questions.plan(place),
            triggers: triggers.clone(),
            is_control: false,
        };
        let control = (!triggers.is_empty()).then(|| Arm {
            variant: place,
            name: &variant.name,
            graph: Cow::Owned(variant.graph.calm()),
            plan: questions.control_plan(place),
            triggers,
            is_control: true,
        });
        std::iter::once(own).chain(control).collect()
    }

    /// A variant without its triggers, watched like the variant.
    pub(super) fn calm(experiment: &'e Experiment, questions: &Questions, place: usize) -> Arm<'e> {
        let variant = &experiment.variants[place];
        Arm {
            variant: place,
            name: &variant.name,
            graph: Cow::Owned(variant.graph.calm()),
            plan: Plan { queries: Vec::new(), ..questions.plan(place) },
            triggers: Vec::new(),
            is_control: false,
        }
    }

    /// One replication.
    pub(super) fn run(&self, seed: Seed) -> Result<Outcome, Box<Failure>> {
        let graph = &*self.graph;
        let finished = run::run(graph, seed, &self.plan).map_err(|error| Failure {
            variant: self.name.to_owned(),
            is_control: self.is_control,
            seed,
            error,
        })?;
        let answer = |query| finished.answer_beside(graph, &self.triggers, query);
        let bins = match self.is_control {
            true => Vec::new(),
            false => history::bins(finished.ledger(), &self.plan.watch),
        };
        Ok(Outcome {
            answers: self.plan.queries.iter().map(answer).collect(),
            digest: finished.digest(),
            deaths: finished.deaths(),
            bins,
            pictures: Kept::of(finished.ledger(), &self.plan.pictures),
        })
    }
}
