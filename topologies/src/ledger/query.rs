//! What can be asked of a run: a metric, of something, in a window.
//!
//! Queries are known before the run, so windows are kept exactly and nothing else is.

use crate::death::How;
use crate::graph::{EndpointId, Graph, LoadId, MonitorId, ServiceId, SiteId};
use brownout_core::{Span, Time};

/// One question.
#[derive(Debug, Clone, PartialEq)]
pub struct Query {
    /// What.
    pub metric: Metric,
    /// When.
    pub window: Window,
}

/// From a moment (inclusive) to a moment (exclusive), in absolute simulated time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Window {
    /// Inclusive.
    pub from: Time,
    /// Exclusive.
    pub to: Time,
}

impl Window {
    /// Whether `at` lies in it.
    pub fn contains(self, at: Time) -> bool {
        self.from <= at && at < self.to
    }

    /// Its length in seconds.
    pub fn secs(self) -> f64 {
        self.to.since(self.from).as_secs()
    }
}

/// What a metric is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Target {
    /// A service, as its callers see it.
    Service(ServiceId),
    /// One endpoint of a service that has several, as those see it who call it.
    Endpoint(EndpointId),
    /// One load's requests.
    Load(LoadId),
}

impl Target {
    /// What is called from a site.
    pub fn called(graph: &Graph, site: SiteId) -> Target {
        let site = &graph.sites[site.index()];
        Target::part(graph, site.target, site.endpoint)
    }

    /// An endpoint of a service, which is the service itself if it has no other.
    pub fn part(graph: &Graph, service: ServiceId, endpoint: u16) -> Target {
        graph.endpoint(service, endpoint).map_or(Target::Service(service), Target::Endpoint)
    }

    /// What files and tables call it.
    pub fn name(self, graph: &Graph) -> String {
        match self {
            Target::Service(id) => graph.services[id.index()].name.clone(),
            Target::Load(id) => graph.loads[id.index()].name.clone(),
            Target::Endpoint(id) => {
                let mut all = graph.endpoints();
                let found = all.find(|(number, _, _)| *number == id);
                let (_, service, endpoint) = found.expect("numbers are given to endpoints");
                graph.part_name(service, endpoint)
            }
        }
    }
}

/// Who is called: what a metric is of that looks inside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Callee {
    /// A service as a whole.
    Service(ServiceId),
    /// One endpoint of a service that has several.
    Endpoint(EndpointId),
}

impl From<Callee> for Target {
    fn from(callee: Callee) -> Target {
        match callee {
            Callee::Service(id) => Target::Service(id),
            Callee::Endpoint(id) => Target::Endpoint(id),
        }
    }
}

/// A quantity. Rates are per second, shares in [0, 1], times in seconds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Metric {
    /// Calls begun per second.
    Offered(Target),
    /// Calls ended per second, however they ended.
    Throughput(Target),
    /// Calls ended well per second, by event time.
    Goodput(Target),
    /// Calls ended badly per second, by event time.
    Errors(Target),
    /// Calls per second that ended because policies of their own caller turned them away; nothing
    /// was sent for the last of their tries.
    TurnedAway(Target),
    /// Attempts sent per second.
    Attempts(Target),
    /// Share of calls, by intended arrival, that ended well.
    Availability(Target),
    /// Attempts per call.
    CallAmplification(Target),
    /// Attempts at the callee per request that entered the system.
    Amplification(Callee),
    /// Share of worker time spent on attempts that nobody waited for any more.
    Wasted(Callee),
    /// Share of worker time spent on what nobody waited for when it began.
    Dead(Callee),
    /// Latency of calls that ended well, by intended arrival.
    Latency(Target, Stat),
    /// Time of an attempt spent waiting, in service, or both, inside the service.
    Inside(Callee, Phase, Stat),
    /// P(phase > bound).
    InsideAbove(Callee, Phase, Span),
    /// P(latency > bound), of calls that ended well.
    LatencyAbove(Target, Span),
    /// Time average of a level.
    Level(Target, Level),
    /// Largest value of a level.
    LevelMax(Target, Level),
    /// Time-averaged variance of a level.
    LevelVar(Target, Level),
    /// Share of time at exactly `k`.
    LevelIs(Target, Level, u32),
    /// Share of time at `k` or more.
    LevelAtLeast(Target, Level, u32),
    /// Busy worker-seconds over workers × seconds, of replicas that take requests; of unlimited
    /// workers the share of time busy.
    Utilisation(ServiceId),
    /// Time average of the replicas that take requests.
    Replicas(ServiceId),
    /// Per second, of what the counter counts.
    Rate(Callee, Count),
    /// Per second, of what is counted only if somebody asks.
    Tallied(Target, Tallied),
    /// The same per request that entered the system.
    TalliedPerRequest(Callee, Tallied),
    /// Time average of the connections that are lent, of all pools that lead there.
    Lent(ServiceId),
    /// How long attempts wait for a connection there, those that wait in vain not among them.
    PoolWait(ServiceId, Stat),
    /// Whether goodput fell under the verdict's threshold: 0 or 1.
    Tipped(Target),
    /// Whether it never recovered: 0 or 1.
    Stuck(Target),
    /// Seconds from a fault's end to lasting recovery; infinite when never. `None`: the worst.
    Recovery(Target, Option<u32>),
    /// Requests per second that died at a service, or of a load, in one way or in any.
    Died(Target, Option<How>),
    /// Something about a monitor.
    Monitor(MonitorId, MonitorStat),
    /// Effective events per second.
    Events,
}

/// A number about a monitor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MonitorStat {
    /// Whether it fired at any moment: 0 or 1.
    Fired,
    /// Share of time that it fired.
    Firing,
    /// Seconds from a trigger's begin until it fired; infinite when never. `None`: the worst.
    Detected(Option<u32>),
}

/// A number about a distribution.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Stat {
    /// Arithmetic mean, seconds.
    Mean,
    /// Standard deviation, seconds.
    Sd,
    /// Variance, seconds squared.
    Var,
    /// Quantile, the argument in (0, 1).
    Quantile(f64),
}

/// A stretch of an attempt's life inside a service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    /// From arrival to the first worker.
    Wait,
    /// With a worker at work.
    Service,
    /// From arrival to answer.
    Sojourn,
    /// Of what was read at a replica that follows, and was old: how long the one who leads had had
    /// something newer.
    Age,
}

/// A number of things that changes over time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Attempts that wait for a worker (of a load: none).
    Queue,
    /// Attempts inside (of a load: requests open).
    InSystem,
    /// Workers taken.
    Busy,
}

/// Attempts by what became of them at the service; and requests that users made once more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Count {
    /// Said no to, at once: full or dead.
    Refused,
    /// Answered with an error of its own.
    Failed,
    /// Given up by their callers' clocks.
    TimedOut,
    /// Thrown out of the queue by the service.
    Shed,
    /// Lost by a link, a silent queue or a silent crash.
    Lost,
    /// Stopped by a cancel.
    Cancelled,
    /// Attempts that came in.
    Arrived,
    /// Attempts worked to the end.
    Finished,
    /// Stopped in service by the service, at their deadline.
    Expired,
    /// Requests by users whose last one failed.
    Reloaded,
    /// Replicas that one who calls has taken out of use.
    SetAside,
    /// Said no to by a limit at the door.
    Rejected,
    /// Found in a cache.
    Hit,
    /// Not found there.
    Missed,
    /// Read at a replica that follows, and old.
    Stale,
    /// Replicas that have taken the lead from another.
    Promoted,
    /// Changes that nobody has any more, though their requests were answered well.
    LostWrite,
    /// Keys forgotten for want of memory.
    Evicted,
    /// Windows of limits that nobody closes.
    Leaked,
}

/// What is counted only if somebody asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tallied {
    /// Effects done.
    Effects,
    /// Of those, done before for the same request.
    Duplicates,
    /// Requests whose key was known: the stored answer was given.
    Replayed,
    /// Requests that waited for the end of another with the same key.
    Coalesced,
    /// Requests that failed because another with the same key was being worked on.
    Conflicts,
    /// Calls that were reported failed when nothing had been done for them.
    ReportedNothing,
    /// The same when something had been, but not all.
    ReportedPartly,
    /// The same when all had been.
    ReportedDone,
    /// The same when nobody could tell yet.
    ReportedUnknown,
    /// Calls that were reported failed and were done, by then or later.
    CompletedButReportedFailed,
    /// Attempts that did not get a connection: their callers' own pools turned them away.
    PoolTimeouts,
    /// Connections opened.
    Connects,
}

impl Tallied {
    /// Whether it is about what was done for calls that were reported failed.
    pub const fn is_of_calls(self) -> bool {
        match self {
            Tallied::ReportedNothing
            | Tallied::ReportedPartly
            | Tallied::ReportedDone
            | Tallied::ReportedUnknown
            | Tallied::CompletedButReportedFailed => true,
            Tallied::Effects
            | Tallied::Duplicates
            | Tallied::Replayed
            | Tallied::Coalesced
            | Tallied::Conflicts
            | Tallied::PoolTimeouts
            | Tallied::Connects => false,
        }
    }
}

/// How many there are of them.
pub const TALLIED: usize = Tallied::Connects as usize + 1;

/// An answer.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Value {
    /// A number, possibly infinite.
    Is(f64),
    /// The quantile lies in the censored mass: more than this.
    MoreThan(f64),
    /// Nothing happened from which to say.
    Nothing,
}
