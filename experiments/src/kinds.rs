//! What a file can say: every kind of thing there is, with a line each.

use crate::report::chart::CHARTS;
use brownout_core::dist::Dist;
use brownout_policies::balance;

/// Kinds of one sort.
pub struct Group {
    /// What they are called together.
    pub name: &'static str,
    /// Where they are written.
    pub about: &'static str,
    /// Names and a line each.
    pub kinds: Vec<(&'static str, &'static str)>,
}

/// Every group, in the order of a file.
pub fn groups() -> Vec<Group> {
    let group = |name, about, kinds: &[(&'static str, &'static str)]| Group {
        name,
        about,
        kinds: kinds.to_vec(),
    };
    vec![
        group("loads", "load: [Poisson(to: \"api\", rate: \"100/s\")]", LOADS),
        group("rates", "rate: Steps([(\"0s\", \"100/s\"), (\"60s\", \"300/s\")])", RATES),
        group("distributions", "work: LogNormal(p50: \"20ms\", p99: \"150ms\")", Dist::KINDS),
        group(
            "steps",
            "endpoints: {\"get\": [Work(Exp(mean: \"5ms\")), Call(to: \"db\", with: \"client\")]}",
            STEPS,
        ),
        group("stores", "stores: {\"accounts\": Rows(keys: 1000)}, of a service", STORES),
        group("queues", "queue: Fifo(limit: 200)", QUEUES),
        group("servings", "serving: ProcessorSharing(most: 100)", SERVINGS),
        group("admissions", "admission: [RateLimit(permits: 100, per: \"1s\")]", ADMISSIONS),
        group(
            "policies",
            "policies: {\"client\": [Retry(times: 2), Timeout(\"300ms\")]}",
            POLICIES,
        ),
        Group {
            name: "balancers",
            about: "balance: TwoChoices, of a service, a call or a load; see `list balance`",
            kinds: balancers().collect(),
        },
        group("waits", "Retry(times: 3, wait: Exponential(from: \"50ms\", cap: \"2s\"))", WAITS),
        group("budgets", "Retry(times: 3, budget: Ratio(share: \"10%\"))", BUDGETS),
        group(
            "faults",
            "faults: [Slow(service: \"db\", by: 5, at: \"30s\", lasts: \"20s\")]",
            FAULTS,
        ),
        group(
            "deploys",
            "deploys: [Rolling(service: \"api\", at: \"60s\", every: \"30s\")]",
            DEPLOYS,
        ),
        group(
            "monitors",
            "monitors: {\"slow\": (watch: \"p95(api)\", above: \"500ms\", for: \"2m\")}",
            MONITORS,
        ),
        group("deaths", "measure: [\"died.queued(db)\", \"died.refused(web)\"]", DEATHS),
        group("metrics", "expect: [\"p99(api) < 500ms during 30s..60s\"]", METRICS),
        group("sentences", "expect: […] decides them by the whole 95 % interval", SENTENCES),
        group(
            "sweeps",
            "sweep: Grid({\"load.0.rate\": Linear(from: \"100/s\", to: \"500/s\", steps: 9)})",
            SWEEPS,
        ),
        group("ranges", "hunt: (over: {\"faults.0.by\": Linear(from: 1, to: 9)})", RANGES),
        Group {
            name: "plots",
            about: "plots: [Timeline(show: [\"offered\", \"goodput\", \"db.queue\"]), Cascade]",
            kinds: plots().collect(),
        },
    ]
}

/// How callers choose a replica.
fn balancers() -> impl Iterator<Item = (&'static str, &'static str)> {
    let rules = balance::DIALECTS.iter().filter(|dialect| dialect.name != "Ours");
    let rules = rules.map(|dialect| (dialect.name, dialect.about));
    rules.chain([("Balance", "as a named system does it: see `brownout list balance`")])
}

const LOADS: &[(&str, &str)] = &[
    ("Poisson", "requests at random moments, at a rate"),
    ("Steady", "evenly spaced requests, at a rate"),
    ("Renewal", "independent gaps of a distribution between requests"),
    ("Batch", "batches of requests at random moments, at a rate of batches"),
    ("Bursty", "random moments at a rate that goes from stage to stage (MMPP)"),
    ("Trace", "at the moments that a file holds"),
    ("AtOnce", "so many requests, or users, at one moment; requests are a trigger, as faults are"),
    ("Closed", "users who think, ask and wait for the answer"),
];
const RATES: &[(&str, &str)] = &[
    ("Steps", "levels that hold from their moment to the next"),
    ("Ramp", "a straight line from one rate to another"),
    ("Spike", "a base rate with another for a while, perhaps ramped; a trigger, as faults are"),
    ("Diurnal", "up and down around a mean, once a period"),
    ("Trace", "levels that a file holds, each for the same time"),
];
const STEPS: &[(&str, &str)] = &[
    ("Work", "occupies a worker for a time of a distribution"),
    ("Call", "calls another service and waits; a failure fails the request"),
    ("Sleep", "waits for a time, with its worker where workers are held"),
    ("Fail", "fails the request, always or with a probability"),
    ("Repeat", "the same steps so many times, one after the other"),
    ("Choice", "one of several ways, by probability"),
    ("Parallel", "branches at the same time, and a join: all, any or a quorum"),
    ("Read", "remembers what a store of the service holds: the version of a row"),
    ("Write", "writes to a store; of rows perhaps only if nobody else has since the read"),
    ("Lock", "takes the lock of a row, or waits for it in order of arrival"),
    ("Unlock", "gives the lock of a row back before the request ends"),
    ("Admit", "takes one from a limit that the service keeps, or fails the request"),
    ("Get", "looks into a cache: one way if it is there, another if not"),
    ("Put", "puts what was fetched into a cache"),
    ("Limit", "asks a limit that another service keeps; says what to do without an answer"),
    ("Effect", "what the request is for is done, and stands whatever comes after"),
];
const STORES: &[(&str, &str)] = &[
    ("Rows", "rows with versions and locks; they outlive their process"),
    ("Cache", "answers that need not be fetched again, with room for so many, for so long"),
    ("Limits", "limits of a rate, as scripts in Redis keep them, by their own or callers' clocks"),
];
const QUEUES: &[(&str, &str)] = &[
    ("Fifo", "first come, first served, with so many waiting places per replica"),
    ("Unbounded", "the same without a limit"),
    ("Lifo", "last come, first served"),
    ("AdaptiveLifo", "last come, first served, and short waits, when not empty for too long"),
    ("CoDel", "drops who waited too long when even the least wait of an interval was too long"),
    ("Priority", "the most important first; may interrupt who is less important"),
    ("EarliestDeadline", "whose caller's time is up first"),
    ("Fair", "each class of requests in turn"),
    ("Random", "anyone, with equal chances"),
];
const SERVINGS: &[(&str, &str)] = &[
    ("Workers", "each by a worker of its own"),
    ("ProcessorSharing", "all in service share the workers, at most so many of them"),
];
const ADMISSIONS: &[(&str, &str)] = &[
    ("RateLimit", "so many per time and replica; others wait or are turned away"),
    ("Concurrency", "so many inside at once as measuring says"),
    ("Bulkhead", "so many inside at once; others wait or are turned away"),
    ("Throttle", "refuses a part when many fail"),
    ("Shed", "turns the least important away while waits are long: see `brownout list shed`"),
    (
        "Endpoint",
        "gates for one endpoint only: Endpoint(name: \"slow\", gates: [Bulkhead(places: 30)])",
    ),
];
const POLICIES: &[(&str, &str)] = &[
    ("Timeout", "gives up on what is inside it after a time, the same always or drawn"),
    ("Deadline", "the same for a whole call, with a reserve that is kept for the caller"),
    ("Retry", "tries what is inside it again after a failure"),
    ("Hedge", "starts what is inside it once more before the first has failed"),
    ("Breaker", "stops calls to what keeps failing, and finds out when it is well again"),
    ("RateLimit", "so many calls per time; others wait or are turned away"),
    ("AdaptiveRate", "as fast as the other side admits; slower at once when it throttles"),
    ("Concurrency", "so many calls at once as measuring says"),
    ("Bulkhead", "so many calls at once; others wait or are turned away"),
    ("Throttle", "refuses a part of what the other side would refuse anyway"),
    ("Fallback", "an answer of the caller's own when there is no other"),
];
const WAITS: &[(&str, &str)] = &[
    ("Constant", "the same wait every time; \"1s\" is short for it"),
    ("Exponential", "grows by a factor up to a cap, with no, full or equal jitter"),
    ("Decorrelated", "at random up to three times the last wait, up to a cap"),
    ("Random", "exponentially distributed around a mean"),
    ("Backoff", "as a named system does it: see `brownout list backoff`"),
];
const BUDGETS: &[(&str, &str)] = &[
    ("Ratio", "retries up to a share of the calls of the last seconds"),
    ("Bucket", "tokens that calls or successes put in and retries take out"),
    ("Budget", "as a named system does it: see `brownout list budget`"),
];
const FAULTS: &[(&str, &str)] = &[
    ("Slow", "all work takes longer, that in service included"),
    ("Stall", "nothing is started; what is in service stops too, or runs on"),
    ("Crash", "the process dies and comes back empty"),
    ("Errors", "a share of attempts fails, at once or after the work"),
    ("BlackHole", "requests are taken and never answered"),
    ("Capacity", "a share of the workers or of the speed is left"),
    ("Breakdowns", "replicas, or single workers, break down and are repaired at random"),
    ("Config", "a configuration is pushed, and the old one back at the end"),
    ("Latency", "a link takes longer"),
    ("Loss", "a link loses a share of what it carries"),
    ("Partition", "nothing gets from one side to the other, or only one way"),
    ("LoadSpike", "a load comes at a multiple of its rate"),
    ("CacheFlush", "caches forget everything"),
    ("Demote", "who leads replicas that keep the same does not any more"),
    ("ClockJump", "wall clocks go ahead or fall behind; with a ramp they drift"),
];
const MONITORS: &[(&str, &str)] = &[
    ("p95(x)", "a quantile or the mean of the latency of what ended well in the window"),
    ("sojourn.p95(x)", "the same of wait, service or sojourn time inside a service"),
    ("errors(x)", "calls ended badly: above: \"5%\" of those that ended, or \"3/s\""),
    ("goodput(x)", "calls per second; also offered, throughput, turned_away and attempts"),
    ("queue(x)", "a level as it stands at each scrape; also in_system and busy"),
];
const DEATHS: &[(&str, &str)] = &[
    ("rejected", "a policy of the caller's own turned it away"),
    ("refused", "the service, full or dead, said no at once"),
    ("reset", "the process that worked on it died"),
    ("failed", "the service answered with an error of its own"),
    ("shed", "the service threw it out of its queue"),
    ("timed_out", "the caller's time or patience was up; the others say where it was then"),
    ("queued", "waiting for a worker"),
    ("in_service", "being worked on"),
    ("on_link", "on the way, there or back"),
    ("lost", "nowhere: a link, a full queue or a dead process lost it"),
    ("held", "not sent yet: a policy of the caller's own held it back"),
    ("pool_timeout", "not sent: a pool of the caller's own had no connection in time"),
];
const DEPLOYS: &[(&str, &str)] =
    &[("Rolling", "one replica after the other drains, stops and is started anew")];
const SENTENCES: &[(&str, &str)] = &[
    ("p99(x) < 500ms", "or <=, >, >=; == for what can be equal, == 9 ± 0.4 for the rest"),
    ("goodput(x) > 95% of offered", "a rate as a share of what was offered"),
    ("… during 60s..90s", "or after 60s, or before 90s: absolute simulated time"),
    ("… on budget", "on one variant; without it on every one"),
    ("… in 90% of runs", "each run by itself, the share by Wilson's interval"),
    ("p99(x) on a < 2x p99(x) on b", "two variants, by the differences of runs of equal seed"),
    ("p99(x) ranks a < b < c", "each variant against the next, likewise"),
    ("p99(x) is lowest on a", "or highest: against every other variant, likewise"),
    ("stuck(x) rises over load.0.rate", "or falls, or is monotone: no step of a sweep goes back"),
    ("… ± 2%", "no step goes back by more"),
    ("p99(x) on a crosses b over load.0.rate", "first on one side of b, then on the other"),
    ("… between 100/s and 200/s", "the one up to the first value, the other from the second"),
];

const METRICS: &[(&str, &str)] = &[
    ("offered(x)", "calls begun per second"),
    ("throughput(x)", "calls ended per second"),
    ("goodput(x)", "calls ended well per second; `> 95% of offered` compares"),
    ("errors(x)", "calls ended badly per second"),
    ("turned_away(x)", "calls per second that policies of their own caller turned away"),
    ("attempts(x)", "attempts sent per second"),
    ("availability(x)", "share of calls that ended well"),
    ("amplification(x)", "attempts at a service per request of the system"),
    ("wasted(x)", "share of work done for nobody"),
    ("dead(x)", "share of work that was for nobody already when it began"),
    ("p99(x)", "quantile of latency; also mean, sd, var, p50, p99.9 …"),
    ("wait.p99(x)", "the same of wait, service or sojourn time inside a service"),
    ("P(latency(x) > 1s)", "share of successes slower than that; also wait, service, sojourn"),
    ("queue(x)", "attempts that wait, on average; also in_system, busy, queue.max"),
    ("P(in_system(x) = 3)", "share of time at a level; also >="),
    ("utilisation(x)", "share of worker time in use"),
    ("replicas(x)", "replicas that take requests, on average"),
    (
        "rejected(x)",
        "attempts turned away by a limit, per second; also refused, timed_out, shed, expired",
    ),
    ("stale(x)", "reads of what is old, at replicas that follow, per second; age.p99(x) how old"),
    ("lost_writes(x)", "answered changes that a failover lost, per second; also failovers"),
    ("evicted(x)", "keys forgotten for want of memory, per second; also leaked"),
    ("hits(x)", "looks into caches that found something, per second; also misses"),
    ("reloads(x)", "requests per second by users whose last one failed"),
    ("effects(x)", "effects done per request of the system; duplicates: done before for the same"),
    (
        "completed_but_reported_failed(x)",
        "calls per second whose caller was told that they failed, and that were done all the same",
    ),
    (
        "reported_failed.unknown(x)",
        "calls per second that failed while nobody could tell; also nothing, partly, done by then",
    ),
    (
        "replayed(x)",
        "requests per second answered by their key; also coalesced, who waited for it, conflicts",
    ),
    ("pool_in_use(x)", "connections to a service that are lent, on average"),
    ("pool_wait.p99(x)", "wait for a connection to a service; also pool_wait, its mean"),
    ("pool_timeouts(x)", "attempts per second without a connection in time; also connects"),
    ("set_aside(x)", "replicas that callers take out of use, per second"),
    ("tipped(x)", "share of runs whose goodput fell while a trigger was at work"),
    ("stuck(x)", "share of runs that tipped and never recovered"),
    ("recovery(x)", "time from a trigger's end to lasting recovery"),
    ("died(x)", "requests per second that died at a service, or of a load"),
    ("died.queued(x)", "the same in one way: see `brownout list deaths`"),
    ("fired(m)", "share of runs in which a monitor fired; in a window, too"),
    ("firing(m)", "share of time that a monitor fired"),
    ("detected(m)", "time from a trigger's begin until a monitor fired"),
    ("events", "effective events per second"),
];
const SWEEPS: &[(&str, &str)] = &[
    ("Grid", "every combination of the values of its paths"),
    ("Random", "points drawn by themselves: Random(over: {…}, points: 50, seed: 1)"),
    (
        "LatinHypercube",
        "points that fill every range evenly: LatinHypercube(over: {…}, points: 50)",
    ),
];
const RANGES: &[(&str, &str)] = &[
    ("Linear", "from one end to the other in equal steps; whole: true keeps whole numbers"),
    ("Log", "from one end to the other in equal ratios"),
    ("List", "these values, words too: List([Fifo, Lifo])"),
];
/// Charts of a run, and pictures that need a sweep.
fn plots() -> impl Iterator<Item = (&'static str, &'static str)> {
    CHARTS.iter().map(|chart| (chart.name, chart.about)).chain(PLOTS.iter().copied())
}

const PLOTS: &[(&str, &str)] = &[(
    "Heatmap",
    "a metric over two axes of the sweep, with the cliff; drawn by `brownout sweep`",
)];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec;

    #[test]
    fn what_is_listed_is_what_is_read() {
        let names = |kinds: &[(&'static str, &str)]| -> Vec<&'static str> {
            kinds.iter().map(|(name, _)| *name).collect()
        };
        assert_eq!(names(LOADS), spec::load::KINDS.known);
        assert_eq!(names(RATES), spec::rate::PROFILES.known);
        assert_eq!(names(STEPS), spec::script::STEPS.known);
        assert_eq!(names(STORES), spec::store::STORES.known);
        assert_eq!(names(QUEUES), spec::entrance::QUEUES.known);
        assert_eq!(names(SERVINGS), spec::serving::SERVINGS.known);
        assert_eq!(names(ADMISSIONS), brownout_policies::stack::read::AT_THE_DOOR.known);
        assert_eq!(names(POLICIES), brownout_policies::stack::read::KINDS.known);
        assert_eq!(names(FAULTS), spec::fault::KINDS.known);
        assert_eq!(names(DEPLOYS), spec::lives::KINDS.known);
        assert_eq!(names(SWEEPS), spec::sweep::KINDS.known);
        assert_eq!(names(RANGES), spec::range::KINDS.known);
        let rules: Vec<&str> = balancers().map(|(name, _)| name).collect();
        assert_eq!(rules, spec::fleet::kinds().known);
        let plots: Vec<&str> = plots().map(|(name, _)| name).collect();
        assert_eq!(plots, spec::plot::KINDS.known);
    }
}
