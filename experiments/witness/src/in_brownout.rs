//! The same workload as Brownout's own experiment file describes it.

use crate::{Counts, Draw, Names};
use brownout::experiment::Experiment;
use brownout::runner::question::Questions;
use brownout::spec::{LoadOptions, load};
use brownout_core::Time;
use brownout_core::digest::Digest;
use brownout_core::heap::Binary;
use brownout_core::random::Seed;
use brownout_policies::outcome::Seen;
use brownout_topologies::graph::{Graph, ServiceId, Step};
use brownout_topologies::ledger::{Plan, Row, Sink};
use brownout_topologies::run::{RunOptions, run, run_with};
use std::cell::RefCell;
use std::rc::Rc;

/// The experiment, ready to run: its system and everything that its report asks of a run.
pub struct Ready {
    graph: Graph,
    plan: Plan,
}

impl Ready {
    /// Reads `experiments/w2.ron`.
    ///
    /// # Errors
    /// When the file cannot be read, or something is wrong with it.
    pub fn read() -> Result<Ready, String> {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../w2.ron");
        let text = std::fs::read_to_string(path).map_err(|error| format!("{path}: {error}"))?;
        let options = LoadOptions {
            file_name: path.to_owned(),
            sets: Vec::new(),
            read: &|name| Err(format!("{name}: w2.ron stands alone")),
        };
        let experiment: Experiment =
            load(&text, &options).map_err(|problems| problems.render(false))?;
        let plan = Questions::of(&experiment).plan(0);
        let graph = experiment.variants[0].graph.clone();
        Ok(Ready { graph, plan })
    }

    /// What the other simulators have to draw to meet the same luck.
    pub fn draw(&self, seed: Seed) -> Draw {
        let load = &self.graph.loads[0];
        let site = &self.graph.sites[load.site.index()];
        let mut next = Some(site.target);
        let services = std::array::from_fn(|_| {
            let id = next.expect("W2 is a chain of three");
            next = self.called_by(id);
            self.graph.services[id.index()].name.clone()
        });
        let names = Names { load: load.name.clone(), site: site.name.clone(), services };
        Draw { seed, names }
    }

    fn called_by(&self, id: ServiceId) -> Option<ServiceId> {
        self.graph.services[id.index()].endpoints[0].steps.iter().find_map(|step| match step {
            Step::Call(site) => Some(self.graph.sites[site.index()].target),
            _ => None,
        })
    }

    /// A run as the program does it.
    pub fn run(&self, seed: Seed) -> Digest {
        run(&self.graph, seed, &self.plan).expect("W2 balances").digest()
    }

    /// A run with a listener that counts; the digest shows that it is the same run.
    pub fn count(&self, seed: Seed) -> (Counts, Digest) {
        let counts = Rc::new(RefCell::new(Counts::default()));
        let sink = Box::new(Listener(Rc::clone(&counts)));
        let options = RunOptions::default();
        let finished = run_with::<Binary>(&self.graph, seed, &self.plan, options, Some(sink))
            .expect("W2 balances");
        let counts = Counts { events: finished.events(), ..*counts.borrow() };
        (counts, finished.digest())
    }
}

struct Listener(Rc<RefCell<Counts>>);

impl Sink for Listener {
    fn row(&mut self, at: Time, row: &Row<'_>) {
        let mut counts = self.0.borrow_mut();
        match *row {
            Row::CallBegun { load: Some(_), .. } => counts.requests += 1,
            Row::AttemptSent { load: Some(_), .. } => counts.attempts += 1,
            Row::AttemptGivenUp { outcome, .. } if outcome.seen == Seen::TimedOut => {
                counts.timeouts += 1;
            }
            Row::CallEnded { load: Some(_), intended, outcome, .. } if outcome.is_success() => {
                counts.successes += 1;
                counts.latency_ns += u128::from((at - intended).nanos());
            }
            _ => {}
        }
    }
}
