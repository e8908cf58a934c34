//! Monitors with what they watch looked up, and what breaks faults off.

use crate::expect::{Bound, SentenceError, Watched, parse_guard, parse_watched};
use crate::spec::document::System;
use crate::spec::fault::AbortSpec;
use crate::spec::monitor::AlarmSpec;
use crate::spec::named::Named;
use crate::spec::problem::{Cx, Problem};
use crate::spec::values::inside;
use brownout_topologies::graph::{Graph, MonitorId};
use brownout_topologies::monitor::Monitor;

/// Gives `graph` its monitors, those that stand by themselves first, and its faults those that
/// break them off.
pub(crate) fn add(system: &System, graph: &mut Graph, cx: &mut Cx) {
    for spec in &system.monitors {
        if let Some(monitor) = monitor(&spec.name.text, &spec.alarm, graph, cx) {
            graph.monitors.push(monitor);
        }
    }
    if graph.faults.len() != system.faults.len() {
        return;
    }
    for (place, spec) in system.faults.iter().enumerate() {
        let abort = match &spec.abort {
            None => None,
            Some(AbortSpec::Monitor(named)) => find(named, system, graph, cx),
            Some(AbortSpec::Guard(alarm)) => {
                let name = format!("guard of {}", graph.faults[place].name);
                monitor(&name, alarm, graph, cx).map(|monitor| {
                    graph.monitors.push(monitor);
                    MonitorId(graph.monitors.len() as u32 - 1)
                })
            }
        };
        graph.faults[place].abort = abort;
    }
}

fn find(named: &Named, system: &System, graph: &Graph, cx: &mut Cx) -> Option<MonitorId> {
    let names = system.monitors.iter().map(|spec| spec.name.text.as_str());
    if !names.clone().any(|name| name == named.text) {
        named.unknown("monitor", names, cx);
    }
    let found = graph.monitors.iter().position(|monitor| monitor.name == named.text)?;
    Some(MonitorId(found as u32))
}

fn monitor(name: &str, spec: &AlarmSpec, graph: &Graph, cx: &mut Cx) -> Option<Monitor> {
    let AlarmSpec { watch, bound, every, window, hold, all } = spec;
    let read = |cx: &mut Cx| -> Option<(Watched, Bound, bool)> {
        match bound {
            None => told(watch, parse_guard(&watch.text), cx),
            Some((text, above)) => {
                let watched = told(watch, parse_watched(&watch.text), cx)?;
                let bound = told(text, watched.bound(&text.text), cx)?;
                Some((watched, bound, *above))
            }
        }
    };
    let (watched, bound, above) = read(cx)?;
    let gauge = told(watch, watched.gauge(graph, bound, *all), cx)?;
    Some(Monitor {
        name: name.to_owned(),
        watch: watch.text.trim().to_owned(),
        gauge,
        every: *every,
        window: *window,
        alarm: bound.alarm(above),
        hold: *hold,
    })
}

/// What was read, or nothing after complaining at the words that are wrong.
fn told<T>(named: &Named, read: Result<T, SentenceError>, cx: &mut Cx) -> Option<T> {
    match read {
        Ok(read) => Some(read),
        Err(error) => {
            let place = inside(named.place, &named.text, error.at, cx);
            cx.complain(|_| Problem::error(place, error.message).maybe_help(error.hint));
            None
        }
    }
}
