//! Faults: functions from healthy to sick, with a beginning and an end.

mod around;
mod choice;
mod link;
mod process;
mod reach;
pub mod schedule;
mod spike;
mod timeline;

pub use link::{LinkFault, LinkPart};
pub use schedule::{Breakdowns, Ramp, Schedule};

pub(crate) use link::{LinkHarm, Sick};
pub(crate) use reach::Reach;
pub(crate) use spike::{spiked, spikes_end};
pub(crate) use timeline::Timeline;

use crate::graph::{LoadId, MonitorId, ServiceId};
use brownout_core::{Span, Time};

/// A fault on the timeline.
#[derive(Debug, Clone, PartialEq)]
pub struct Fault {
    /// Its `name:`, or its kind and victim; it also names the fault's draws.
    pub name: String,
    /// What it does, and to whom.
    pub harm: Harm,
    /// When it is at work.
    pub when: When,
    /// Who breaks it off for good by beginning to fire, if anybody does.
    pub abort: Option<MonitorId>,
}

impl Fault {
    /// What befalls every replica of a service once.
    pub fn once(name: &str, service: ServiceId, kind: FaultKind, at: Time, lasts: Span) -> Fault {
        let parts = vec![Part { service, replicas: Replicas::All }];
        let harm = Harm::Replicas { parts, kind };
        let when = When::Planned(Schedule::once(at, lasts));
        Fault { name: name.to_owned(), harm, when, abort: None }
    }

    /// When it first begins.
    pub const fn begins(&self) -> Time {
        match &self.when {
            When::Planned(schedule) => schedule.at,
            When::Random(breakdowns) => breakdowns.from,
        }
    }

    /// When it is over for good, were every occurrence to happen; [`Time::MAX`] if it never is.
    pub const fn ends(&self) -> Time {
        match &self.when {
            When::Planned(schedule) => schedule.ends(),
            When::Random(breakdowns) => breakdowns.until,
        }
    }

    /// The services it strikes, in the order of the file; none if it is about links or loads.
    pub fn services(&self) -> impl Iterator<Item = ServiceId> {
        let parts: &[Part] = match &self.harm {
            Harm::Replicas { parts, .. } => parts,
            Harm::Links { .. } | Harm::Load { .. } => &[],
        };
        parts.iter().map(|part| part.service)
    }
}

/// What a fault does, and to whom.
#[derive(Debug, Clone, PartialEq)]
pub enum Harm {
    /// Something is wrong with replicas.
    Replicas {
        /// Whose; the parts share every draw: they are struck together or not at all.
        parts: Vec<Part>,
        /// What.
        kind: FaultKind,
    },
    /// Something is wrong between nodes.
    Links {
        /// Where.
        parts: Vec<LinkPart>,
        /// What.
        kind: LinkFault,
    },
    /// More users than usual come.
    Load {
        /// Of which load; its arrivals have a rate.
        load: LoadId,
        /// How many times as many, ≥ 0.
        by: f64,
    },
}

/// When a fault is at work.
#[derive(Debug, Clone, PartialEq)]
pub enum When {
    /// At known times.
    Planned(Schedule),
    /// At random times.
    Random(Breakdowns),
}

/// Replicas of one service.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Part {
    /// Whose.
    pub service: ServiceId,
    /// Which.
    pub replicas: Replicas,
}

/// Which replicas of a service a fault strikes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Replicas {
    /// Every one.
    All,
    /// This one.
    One(u32),
    /// Every so many-th, from this one on: those of a zone.
    InTurn {
        /// The first.
        first: u32,
        /// From one to the next, ≥ 1.
        every: u32,
    },
    /// So many, drawn anew for each occurrence; all of them if there are fewer.
    Count(u32),
    /// A share in (0, 1], drawn anew for each occurrence: to the nearest number, one at least.
    Share(f64),
}

/// What a fault does to replicas.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum FaultKind {
    /// All work, that in service included, takes `by` times as long.
    Slow {
        /// > 0; below 1 it is faster.
        by: f64,
    },
    /// Nothing is started; what is in service stops too, or runs on.
    Stall {
        /// Whether work in service stops as well.
        freezes_service: bool,
    },
    /// The process dies and comes back empty at the end.
    Crash {
        /// What callers see.
        callers: Callers,
        /// What becomes of waiting work.
        queue: QueueFate,
    },
    /// A share of attempts fails.
    Errors {
        /// In [0, 1].
        ratio: f64,
        /// Before or after the work.
        when: ErrorsWhen,
    },
    /// Requests that arrive are taken and never answered; what is inside already goes on.
    BlackHole,
    /// Caches forget everything when it begins.
    CacheFlush,
    /// The one of the replicas that leads does not any more; where another takes its place, it
    /// follows that one from the end on.
    Demote,
    /// The wall clock goes ahead, or falls behind; at the end it is set right. What only measures
    /// how much time has passed does not notice.
    ClockJump {
        /// By so many nanoseconds, negative for behind.
        by: i64,
    },
    /// A part of the capacity is gone.
    Capacity {
        /// The share that is left, in [0, 1].
        to: f64,
        /// What of.
        of: CapacityOf,
    },
    /// A configuration is pushed, and the old one pushed back at the end.
    Config(ConfigChange),
    /// A worker breaks down. Another that is free goes on with its work; where none is, that waits
    /// at the head of the queue, or is lost.
    Worker {
        /// What becomes of the work.
        work: QueueFate,
    },
}

impl FaultKind {
    /// Whether there is more or less of it, so that it can grow over time.
    pub const fn has_strength(&self) -> bool {
        match self {
            FaultKind::Slow { .. }
            | FaultKind::Errors { .. }
            | FaultKind::Capacity { .. }
            | FaultKind::ClockJump { .. } => true,
            FaultKind::Stall { .. }
            | FaultKind::Crash { .. }
            | FaultKind::BlackHole
            | FaultKind::CacheFlush
            | FaultKind::Demote
            | FaultKind::Config(_)
            | FaultKind::Worker { .. } => false,
        }
    }
}

/// What callers of a crashed process see.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Callers {
    /// Broken connections, and refusals while it is down.
    Reset,
    /// Nothing.
    Silence,
}

/// What becomes of waiting work in a crash, and of the work of a worker that breaks down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum QueueFate {
    /// It dies with the process.
    Lost,
    /// It is there after the restart.
    Kept,
}

/// When an error strikes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorsWhen {
    /// On arrival; no worker is taken.
    AtOnce,
    /// When the work is done.
    AfterWork,
}

/// What a capacity cut takes away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CapacityOf {
    /// Workers: the nearest number is left, one at least unless nothing is. Work in service goes on
    /// to its end, and its worker is taken up no more.
    Workers,
    /// Speed: as many workers, each slower; work in service slows down with them.
    Speed,
}

/// The settings that can be pushed to a running service; `None` leaves one as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ConfigChange {
    /// Workers per replica.
    pub workers: Option<u32>,
    /// Waiting places per replica.
    pub queue_limit: Option<u32>,
    /// Longest wait for a worker.
    pub queue_timeout: Option<Span>,
}
