//! Names of services, endpoints, loads and faults looked up in one variant's graph, and windows in
//! its run.

use super::error::{SentenceError, suggest};
use super::kind::{Kind, LevelSummary};
use super::more::is_per_request;
use super::sentence::{Spanned, Target, When};
use super::stretch::level_name;
use brownout_core::Time;
use brownout_topologies::graph::{Graph, MonitorId, ServiceId};
use brownout_topologies::ledger::query::{
    Callee, Level, Metric, MonitorStat, Tallied, Target as Of, Window,
};

/// The service or the endpoint of this name, or else the load.
pub(super) fn service_or_load(
    graph: &Graph,
    target: &Spanned<Target>,
) -> Result<Of, SentenceError> {
    let parts: Vec<String> = graph
        .endpoints()
        .map(|(_, service, endpoint)| graph.part_name(service, endpoint))
        .collect();
    let services = graph.services.iter().map(|service| service.name.as_str());
    let services = services.chain(parts.iter().map(String::as_str));
    let loads = || graph.loads.iter().map(|load| load.name.as_str());
    let (found, noun, plural, name, known): (_, _, _, _, Vec<&str>) = match &target.what {
        Target::Any(name) => {
            let service = graph.service(name).map(Of::Service);
            let part = graph.part(name).map(|(id, endpoint)| Of::part(graph, id, endpoint));
            let found = service.or(part).or_else(|| graph.load(name).map(Of::Load));
            let known = services.chain(loads()).collect();
            (found, "service or load", "services and loads", name, known)
        }
        Target::Load(name) => {
            (graph.load(name).map(Of::Load), "load", "loads", name, loads().collect())
        }
    };
    found.ok_or_else(|| {
        let message = format!("unknown {noun} \"{name}\"");
        let hint = suggest(name, &known, &format!("{plural} are"));
        SentenceError::new(target.at.clone(), message, hint)
    })
}

/// The service of this name, for a metric that neither loads nor endpoints have.
pub(super) fn service(
    graph: &Graph,
    target: &Spanned<Target>,
    metric: &str,
) -> Result<ServiceId, SentenceError> {
    match callee(graph, target, metric)? {
        Callee::Service(id) => Ok(id),
        Callee::Endpoint(id) => {
            let name = Of::Endpoint(id).name(graph);
            let (service, _) = name.split_once('.').unwrap_or((&name, ""));
            Err(SentenceError::new(
                target.at.clone(),
                format!("{metric} is of a service, \"{name}\" is an endpoint"),
                format!("its workers are those of `{service}`"),
            ))
        }
    }
}

/// The service or the endpoint of this name, for a metric that loads do not have.
pub(super) fn callee(
    graph: &Graph,
    target: &Spanned<Target>,
    metric: &str,
) -> Result<Callee, SentenceError> {
    match service_or_load(graph, target)? {
        Of::Service(id) => Ok(Callee::Service(id)),
        Of::Endpoint(id) => Ok(Callee::Endpoint(id)),
        Of::Load(id) => {
            let load = &graph.loads[id.index()];
            let called: Vec<String> = load.sites().map(|(site, _)| graph.called(site)).collect();
            Err(SentenceError::new(
                target.at.clone(),
                format!("{metric} is of a service, \"{}\" is a load", load.name),
                format!("the service it calls is `{}`", called.join("` or `")),
            ))
        }
    }
}

/// What has a level of this kind: any service, and of loads the number of open requests.
pub(super) fn leveled(
    graph: &Graph,
    level: Level,
    target: &Spanned<Target>,
) -> Result<Of, SentenceError> {
    match level {
        Level::InSystem => service_or_load(graph, target),
        Level::Queue | Level::Busy => callee(graph, target, level_name(level)).map(Of::from),
    }
}

/// The question about `kind` of `target`.
pub(super) fn metric(
    graph: &Graph,
    kind: Kind,
    target: &Spanned<Target>,
) -> Result<Metric, SentenceError> {
    let of = || service_or_load(graph, target);
    let callee = || callee(graph, target, &kind.to_string());
    let leveled = |level| leveled(graph, level, target);
    Ok(match kind {
        Kind::Offered => Metric::Offered(of()?),
        Kind::Throughput => Metric::Throughput(of()?),
        Kind::Goodput => Metric::Goodput(of()?),
        Kind::Errors => Metric::Errors(of()?),
        Kind::TurnedAway => Metric::TurnedAway(of()?),
        Kind::Attempts => Metric::Attempts(of()?),
        Kind::Availability => Metric::Availability(of()?),
        Kind::Amplification => match of()? {
            Of::Service(id) => Metric::Amplification(Callee::Service(id)),
            Of::Endpoint(id) => Metric::Amplification(Callee::Endpoint(id)),
            Of::Load(id) => Metric::CallAmplification(Of::Load(id)),
        },
        Kind::Wasted => Metric::Wasted(callee()?),
        Kind::Dead => Metric::Dead(callee()?),
        Kind::Utilisation => Metric::Utilisation(service(graph, target, &kind.to_string())?),
        Kind::Replicas => Metric::Replicas(service(graph, target, &kind.to_string())?),
        Kind::Rate(count) => Metric::Rate(callee()?, count),
        Kind::Latency(summary) => Metric::Latency(of()?, summary.stat()),
        Kind::Inside(phase, summary) => Metric::Inside(callee()?, phase, summary.stat()),
        Kind::Level(level, LevelSummary::Mean) => Metric::Level(leveled(level)?, level),
        Kind::Level(level, LevelSummary::Max) => Metric::LevelMax(leveled(level)?, level),
        Kind::Level(level, LevelSummary::Var) => Metric::LevelVar(leveled(level)?, level),
        Kind::Tipped => Metric::Tipped(of()?),
        Kind::Stuck => Metric::Stuck(of()?),
        Kind::Recovery => Metric::Recovery(of()?, None),
        Kind::Died(how) => Metric::Died(mortal(graph, target, kind)?, how),
        Kind::Tallied(tallied) if is_per_request(tallied) => {
            Metric::TalliedPerRequest(callee()?, tallied)
        }
        Kind::Tallied(tallied) if tallied.is_of_calls() => Metric::Tallied(of()?, tallied),
        Kind::Tallied(tallied @ (Tallied::PoolTimeouts | Tallied::Connects)) => {
            Metric::Tallied(Of::Service(service(graph, target, &kind.to_string())?), tallied)
        }
        Kind::Tallied(tallied) => Metric::Tallied(callee()?.into(), tallied),
        Kind::PoolInUse => Metric::Lent(service(graph, target, &kind.to_string())?),
        Kind::PoolWait(summary) => {
            Metric::PoolWait(service(graph, target, &kind.to_string())?, summary.stat())
        }
        Kind::Fired => Metric::Monitor(monitor(graph, target, "fired")?, MonitorStat::Fired),
        Kind::Firing => Metric::Monitor(monitor(graph, target, "firing")?, MonitorStat::Firing),
        Kind::Detected => {
            let monitor = monitor(graph, target, "detected")?;
            Metric::Monitor(monitor, MonitorStat::Detected(None))
        }
        Kind::Events => Metric::Events,
    })
}

/// Where requests die, or whose: a service or a load.
fn mortal(graph: &Graph, target: &Spanned<Target>, kind: Kind) -> Result<Of, SentenceError> {
    match service_or_load(graph, target)? {
        Of::Endpoint(_) => Err(SentenceError::new(
            target.at.clone(),
            format!("{kind} is of a service as a whole, or of a load"),
            "name the service without its endpoint",
        )),
        of => Ok(of),
    }
}

/// The monitor of this name.
pub(super) fn monitor(
    graph: &Graph,
    target: &Spanned<Target>,
    metric: &str,
) -> Result<MonitorId, SentenceError> {
    let (Target::Any(name) | Target::Load(name)) = &target.what;
    if let Some(found) = graph.monitors.iter().position(|monitor| monitor.name == *name) {
        return Ok(MonitorId(found as u32));
    }
    let known: Vec<&str> = graph.monitors.iter().map(|monitor| monitor.name.as_str()).collect();
    let message = format!("{metric} is of a monitor, and none is called \"{name}\"");
    let hint = match known.as_slice() {
        [] => "the file has no `monitors`".to_owned(),
        known => suggest(name, known, "monitors are"),
    };
    Err(SentenceError::new(target.at.clone(), message, hint))
}

/// The place of the fault of this name.
pub(super) fn fault(graph: &Graph, name: &Spanned<String>) -> Result<u32, SentenceError> {
    let found = graph.faults.iter().position(|fault| fault.name == name.what);
    found.map(|index| index as u32).ok_or_else(|| {
        let message = format!("unknown fault \"{}\"", name.what);
        let known: Vec<&str> = graph.faults.iter().map(|fault| fault.name.as_str()).collect();
        let hint = match known.as_slice() {
            [] => "there are no faults: drop `fault:`".to_owned(),
            known => suggest(&name.what, known, "faults are"),
        };
        SentenceError::new(name.at.clone(), message, hint)
    })
}

/// The stretch of the run that `when` means; without one, all after the warm-up.
pub(super) fn window(graph: &Graph, when: Option<&Spanned<When>>) -> Result<Window, SentenceError> {
    let (begin, end) = (Time::ZERO + graph.warmup, Time::ZERO + graph.time);
    let Some(when) = when else {
        return Ok(Window { from: begin, to: end });
    };
    let (from, to) = match when.what {
        When::During(from, to) => (from, to),
        When::After(from) => (from, end),
        When::Before(to) => (begin, to),
    };
    let wrong =
        |message: String, hint: String| Err(SentenceError::new(when.at.clone(), message, hint));
    let whole = format!("the run is measured from {begin} to {end}");
    if to > end {
        return wrong(format!("the window ends at {to}, after the run"), whole);
    }
    if from >= end {
        return wrong(format!("the window starts at {from}, when the run is over"), whole);
    }
    if to <= begin {
        return wrong(format!("the window ends at {to}, before the warm-up does"), whole);
    }
    if from < begin {
        return wrong(format!("the window starts at {from}, inside the warm-up"), whole);
    }
    Ok(Window { from, to })
}
