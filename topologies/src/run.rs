//! A run: a function of (graph, seed), with a plan of what to keep.

use crate::death::Death;
use crate::graph::Graph;
use crate::ledger::books::{Entry, Imbalance};
use crate::ledger::query::{Query, Value};
use crate::ledger::verdict::{Trigger, triggers};
use crate::ledger::{Ledger, Nobody, Plan, Sink};
use crate::world::look::{Look, Until};
use crate::world::{Kit, World};
use brownout_core::Time;
use brownout_core::digest::Digest;
use brownout_core::engine::{self, Runaway};
use brownout_core::heap::{Heap, Ladder};
use brownout_core::queue::QueueOptions;
use brownout_core::random::Seed;

/// How a run is carried out; nothing here may change its results (ties and mutations apart).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RunOptions {
    /// How the queue works inside.
    pub queue: QueueOptions,
    /// A count to leave out once: the mutation that shows that conservation is really checked.
    pub skip: Option<Entry>,
    /// Whether everything goes the general way, even what is ordinary.
    pub roundabout: bool,
    /// Whether everyone who waits has a name, so that it is seen by who looks at a moment.
    pub named: bool,
}

/// Why a run has no result.
#[derive(Debug)]
pub enum RunError {
    /// Time stands still: events cause events at one instant without end.
    Runaway(Runaway),
    /// Something is not accounted for: a defect of the simulator.
    Imbalance(Imbalance),
}

impl std::fmt::Display for RunError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            RunError::Runaway(runaway) => write!(
                f,
                "{runaway}; look for an unlimited retry without a wait, or users who do not think"
            ),
            RunError::Imbalance(imbalance) => imbalance.fmt(f),
        }
    }
}

impl std::error::Error for RunError {}

/// A finished run.
pub struct Finished {
    ledger: Ledger,
}

/// Runs `graph` once with `seed` and keeps what `plan` asks for.
///
/// # Errors
/// When time stands still, or when something is not accounted for at the end.
pub fn run(graph: &Graph, seed: Seed, plan: &Plan) -> Result<Finished, RunError> {
    run_kit::<(Ladder, Nobody)>(graph, seed, plan, RunOptions::default(), Nobody)
}

/// [`run`] with another heap, other options, or a listener.
///
/// # Errors
/// As [`run`].
pub fn run_with<H: Heap>(
    graph: &Graph,
    seed: Seed,
    plan: &Plan,
    options: RunOptions,
    sink: Option<Box<dyn Sink>>,
) -> Result<Finished, RunError> {
    match sink {
        None => run_kit::<(H, Nobody)>(graph, seed, plan, options, Nobody),
        Some(sink) => run_kit::<(H, Box<dyn Sink>)>(graph, seed, plan, options, sink),
    }
}

/// [`run`] with a listener; it changes nothing that comes out.
///
/// # Errors
/// As [`run`].
pub fn listen(
    graph: &Graph,
    seed: Seed,
    plan: &Plan,
    sink: &mut dyn Sink,
) -> Result<Finished, RunError> {
    let mut world = watched(graph, seed, plan, RunOptions::default(), sink);
    let mut until = Until { world: &mut world, at: Time::MAX, next: None };
    engine::run(&mut until).map_err(RunError::Runaway)?;
    finish(world)
}

/// A world that somebody watches, before anything has happened but its beginning. Those who listen
/// and those who look at a moment share one kind of it, so that it is compiled once.
fn watched<'g, 's>(
    graph: &'g Graph,
    seed: Seed,
    plan: &Plan,
    options: RunOptions,
    sink: &'s mut dyn Sink,
) -> World<'g, (Ladder, &'s mut dyn Sink)> {
    let mut world = World::new(graph, seed, plan, options, sink);
    world.begin();
    world
}

/// How everything is at a moment of a run, when all that is due by then has happened; after the end
/// as it is at the end.
///
/// # Errors
/// When time stands still.
pub fn look(graph: &Graph, seed: Seed, at: Time) -> Result<Look, RunError> {
    let (plan, mut nobody) = (Plan::default(), Nobody);
    let options = RunOptions { named: true, ..RunOptions::default() };
    let mut world = watched(graph, seed, &plan, options, &mut nobody);
    let at = at.min(Time::ZERO + graph.time);
    let mut until = Until { world: &mut world, at, next: None };
    engine::run(&mut until).map_err(RunError::Runaway)?;
    let next = until.next;
    Ok(world.look(at, next))
}

fn run_kit<K: Kit>(
    graph: &Graph,
    seed: Seed,
    plan: &Plan,
    options: RunOptions,
    sink: K::Sink,
) -> Result<Finished, RunError> {
    let mut world = World::<K>::new(graph, seed, plan, options, sink);
    if let Some(entry) = options.skip {
        world.ledger_mut().books_mut().skip_once(entry);
    }
    world.begin();
    engine::run(&mut world).map_err(RunError::Runaway)?;
    finish(world)
}

/// What a run that is over leaves behind, if everything is accounted for.
fn finish<K: Kit>(world: World<'_, K>) -> Result<Finished, RunError> {
    let (ledger, under_way) = world.finish();
    ledger.books().check(under_way).map_err(RunError::Imbalance)?;
    Ok(Finished { ledger })
}

impl Finished {
    /// The answer to a question that was in the plan, judged with the graph's own triggers.
    pub fn answer(&self, graph: &Graph, query: &Query) -> Value {
        self.ledger.answer(graph, &triggers(graph), query)
    }

    /// The answer judged with someone else's triggers: a control arm has none of its own.
    pub fn answer_beside(&self, graph: &Graph, triggers: &[Trigger], query: &Query) -> Value {
        self.ledger.answer(graph, triggers, query)
    }

    /// The digest of what happened.
    pub fn digest(&self) -> Digest {
        self.ledger.digest()
    }

    /// Effective events: arrivals, pieces of work done, policy timers that changed something.
    pub fn events(&self) -> u64 {
        self.ledger.events()
    }

    /// Where requests died and how, from the first moment to the last, in order of service.
    pub fn deaths(&self) -> Vec<(Death, u64)> {
        self.ledger.deaths()
    }

    /// The ledger.
    pub fn ledger(&self) -> &Ledger {
        &self.ledger
    }
}
