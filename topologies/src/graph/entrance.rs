//! How attempts come into a service, in which order they are served, and how they share it.

use brownout_core::Span;
use brownout_core::dist::Dist;
use brownout_policies::shed::ShedConfig;
use brownout_policies::stack::GateRule;

/// A class of requests: a name to be fair to, and a priority.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Class {
    /// What it is called; empty for requests without a class.
    pub name: String,
    /// How important it is: 0 is the most important.
    pub priority: u32,
}

/// A place in [`super::Graph::classes`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct ClassId(pub u8);

impl ClassId {
    /// The most classes of one graph.
    pub const MOST: usize = 256;

    /// The place in the graph's list of classes.
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

/// Who is let in, and who is served next.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Entrance {
    /// Who is served next.
    pub discipline: Discipline,
    /// Gates at each replica's door, outermost first.
    pub admission: Vec<GateRule>,
    /// For which endpoint each of the gates is, in their order; `None`, or none here, is for all.
    pub only_for: Vec<Option<u16>>,
    /// What is thrown out, or not let in, when more comes than can be served.
    pub shed: Option<ShedConfig>,
    /// How long an attempt waits for a worker before it leaves, in nanoseconds, drawn for each.
    pub patience: Option<Dist>,
}

impl Entrance {
    /// The gates that are not for an endpoint: a bit for each, the lowest for the outermost.
    pub(crate) fn not_for(&self, endpoint: u16) -> u16 {
        let all = self.only_for.iter().take(u16::BITS as usize).enumerate();
        let others = all.filter(|(_, only)| only.is_some_and(|only| only != endpoint));
        others.fold(0, |skips, (gate, _)| skips | 1 << gate)
    }

    /// Whether attempts are let in while there is a place, and served in order of arrival.
    pub fn is_plain(&self) -> bool {
        *self == Entrance::default()
    }
}

/// Who is served next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Discipline {
    /// Who came first.
    #[default]
    Fifo,
    /// Who came last.
    Lifo,
    /// Who came first, or who came last while the shedder says so.
    Adaptive,
    /// The most important, in order of arrival among equals.
    Priority {
        /// Whether who is more important takes the worker of who is less; that one goes on later
        /// where it was interrupted.
        preemptive: bool,
    },
    /// Whose caller's time is up first; those whose callers never give up come last.
    EarliestDeadline,
    /// Each class in turn, in order of arrival inside a class.
    Fair,
    /// Anyone, with equal chances.
    Random,
}

/// How those in service share what there is.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Serving {
    /// Workers are processors that all in service share, instead of one for each.
    pub sharing: Option<ProcessorSharing>,
    /// What being many costs.
    pub slowdown: Option<Slowdown>,
    /// When everything stands still.
    pub pauses: Option<Pauses>,
    /// How a process gets up to speed.
    pub warm_up: Option<WarmUp>,
}

impl Serving {
    /// Whether each has a worker to itself, at full speed.
    pub fn is_plain(&self) -> bool {
        *self == Serving::default()
    }
}

/// All in service share the workers: with c of them and n in service, each goes on at the speed
/// min(1, c / n).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ProcessorSharing {
    /// The most that share; further ones wait. `None` is no bound.
    pub most: Option<u32>,
}

/// The Universal Scalability Law (Gunther 1993): with n in service each goes on at the speed
/// 1 / (1 + σ (n − 1) + κ n (n − 1)).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Slowdown {
    /// σ, what queueing for shared things costs, dimensionless, ≥ 0.
    pub contention: f64,
    /// κ, what agreeing among each two costs, dimensionless, ≥ 0.
    pub coherency: f64,
}

/// Pauses in which a replica stands still, as a garbage collector makes them: they come with work.
#[derive(Debug, Clone, PartialEq)]
pub struct Pauses {
    /// Pieces of work from one to the next, ≥ 1.
    pub every: u32,
    /// How long one takes, in nanoseconds.
    pub lasts: Dist,
}

/// A process that has just started is slow: caches are cold, code is not compiled.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct WarmUp {
    /// Its speed when it starts, in (0, 1].
    pub from: f64,
    /// How long it takes to full speed, in a straight line.
    pub over: Span,
}
