//! A recording of a run: every event as a line of JSON, for other tools.

use super::heard::{Event, Hearing};
use super::names::{self, Names};
use crate::report::json::Json;
use brownout_core::Time;
use brownout_core::random::Seed;
use brownout_topologies::envelope::Address;
use brownout_topologies::graph::Graph;
use brownout_topologies::ledger::{Maker, Plan};
use brownout_topologies::run::{Finished, RunError, listen};
use std::io::{self, Write};

/// Runs `graph` and writes every event to `out`, in order, a line each: `at` in seconds, `event`,
/// and whom it is about; lineages as hexadecimal text.
///
/// # Errors
/// When the run has no result. A failure to write is the inner error.
pub fn record(
    graph: &Graph,
    seed: Seed,
    out: &mut dyn Write,
) -> Result<(io::Result<()>, Finished), RunError> {
    let names = Names(graph);
    let mut written = Ok(());
    let mut hearing = Hearing(|at, event| {
        if written.is_ok() {
            written = out.write_all(line(names, at, event).as_bytes());
        }
    });
    let finished = listen(graph, seed, &Plan::default(), &mut hearing)?;
    Ok((written, finished))
}

/// One event on one line.
pub(crate) fn line(names: Names<'_>, at: Time, event: Event) -> String {
    let mut fields = vec![("at".to_owned(), Json::Number(at.as_secs()))];
    let mut add = |key: &str, value: Json| fields.push((key.to_owned(), value));
    let (name, about) = parts(names, at, event);
    add("event", Json::text(name));
    about.into_iter().for_each(|(key, value)| add(key, value));
    Json::Object(fields).line()
}

fn name_of(lineage: u64) -> Json {
    Json::text(format!("{lineage:016x}"))
}

/// What an event is called, and its fields.
pub(crate) fn parts(
    names: Names<'_>,
    at: Time,
    event: Event,
) -> (&'static str, Vec<(&'static str, Json)>) {
    let place = |at: Address| Json::text(names.place(at));
    match event {
        Event::CallBegan { call, site, by, .. } => {
            let by = match by {
                Maker::User(load) => Json::text(names.load(load)),
                Maker::Work(work) => name_of(work),
            };
            let to = Json::text(names.target(site));
            ("call", vec![("call", name_of(call)), ("by", by), ("to", to)])
        }
        Event::AttemptSent { call, attempt, to, .. } => {
            let to = to.map_or(Json::Null, place);
            ("attempt", vec![("call", name_of(call)), ("attempt", name_of(attempt)), ("to", to)])
        }
        Event::AttemptEnded { attempt, outcome, given_up, .. } => {
            let name = if given_up { "attempt given up" } else { "attempt over" };
            (
                name,
                vec![("attempt", name_of(attempt)), ("saw", Json::text(names::outcome(outcome)))],
            )
        }
        Event::CallEnded { call, outcome, .. } => {
            let saw = Json::text(names::outcome(outcome));
            ("call over", vec![("call", name_of(call)), ("saw", saw)])
        }
        Event::CallAbandoned { call } => ("call abandoned", vec![("call", name_of(call))]),
        Event::AnswerLate { attempt, accepted } => {
            ("late answer", vec![("attempt", name_of(attempt)), ("taken", Json::Bool(accepted))])
        }
        Event::Decided { call, site, layer, notice } => {
            let said = Json::text(names.notice(site, layer, notice, at));
            ("policy", vec![("call", name_of(call)), ("said", said)])
        }
        Event::Connection { call, what, .. } => {
            let said = Json::text(names::connection(what, at));
            ("connection", vec![("call", name_of(call)), ("said", said)])
        }
        Event::Effect { work, at: whose, what } => {
            let said = Json::text(names::effect(what));
            ("effect", vec![("work", name_of(work)), ("where", place(whose)), ("said", said)])
        }
        Event::Reported { call, truth, .. } => {
            let truth = Json::text(names::truth(truth));
            ("reported failed", vec![("call", name_of(call)), ("truth", truth)])
        }
        Event::Arrived { attempt, to, waiting, busy } => {
            let (waiting, busy) = (Json::Whole(waiting.into()), Json::Whole(busy.into()));
            let about = [("attempt", name_of(attempt)), ("where", place(to))];
            ("arrival", about.into_iter().chain([("waiting", waiting), ("busy", busy)]).collect())
        }
        Event::TurnedAway { attempt, service, how } => {
            let how = Json::text(format!("{how:?}").to_lowercase());
            let service = Json::text(names.service(service));
            ("turned away", vec![("attempt", name_of(attempt)), ("by", service), ("how", how)])
        }
        other => parts_of_work(names, other),
    }
}

fn parts_of_work(names: Names<'_>, event: Event) -> (&'static str, Vec<(&'static str, Json)>) {
    let whose = |work: u64, at: Address| {
        vec![("work", name_of(work)), ("where", Json::text(names.place(at)))]
    };
    let service = |id| Json::text(names.service(id));
    match event {
        Event::Waits { work, at, at_gate: false } => ("waits", whose(work, at)),
        Event::Waits { work, at, at_gate: true } => ("waits at gate", whose(work, at)),
        Event::Seated { work, at } => ("takes worker", whose(work, at)),
        Event::Rose { work, at } => ("frees worker", whose(work, at)),
        Event::HandedOver { from, to, at } => {
            let mut about = whose(to, at);
            about.push(("from", name_of(from)));
            ("worker handed over", about)
        }
        Event::WorkBegan { work, at } => ("work begins", whose(work, at)),
        Event::WorkEnded { work, service: id, took, broken_off, .. } => {
            let name = if broken_off { "work broken off" } else { "work done" };
            let took = Json::Number(took.as_secs());
            (name, vec![("work", name_of(work)), ("where", service(id)), ("took", took)])
        }
        Event::Interrupted { work, at } => ("interrupted", whose(work, at)),
        Event::Sleeps { work, until } => {
            ("sleeps", vec![("work", name_of(work)), ("until", Json::Number(until.as_secs()))])
        }
        Event::BranchBegan { parent, work, at } => {
            let mut about = whose(work, at);
            about.push(("of", name_of(parent)));
            ("branch", about)
        }
        Event::Onward { from, work, to } => {
            let mut about = whose(work, to);
            about.push(("from", name_of(from)));
            ("onward", about)
        }
        Event::Left { work, service: id, how } => {
            let how = Json::text(names::leaving(how));
            ("leaves", vec![("work", name_of(work)), ("where", service(id)), ("how", how)])
        }
        Event::Lost { attempt, is_request } => {
            let what = Json::text(if is_request { "request" } else { "answer" });
            ("lost", vec![("attempt", name_of(attempt)), ("what", what)])
        }
        other => parts_of_world(names, other),
    }
}

/// What happens to replicas, and the faults that happen to them.
fn parts_of_world(names: Names<'_>, event: Event) -> (&'static str, Vec<(&'static str, Json)>) {
    let service = |id| Json::text(names.service(id));
    match event {
        Event::Fault { fault, strength } => {
            let name = Json::text(&names.0.faults[fault as usize].name);
            ("fault", vec![("fault", name), ("strength", Json::Number(strength))])
        }
        Event::Process { service: id, replica, is_up } => {
            let replica = Json::Whole(replica.into());
            let name = if is_up { "process up" } else { "process down" };
            (name, vec![("service", service(id)), ("replica", replica)])
        }
        Event::Replica { service: id, replica, is } => {
            let replica = Json::Whole(replica.into());
            let is = Json::text(format!("{is:?}").to_lowercase());
            ("replica", vec![("service", service(id)), ("replica", replica), ("is", is)])
        }
        Event::Waits { .. }
        | Event::Seated { .. }
        | Event::Rose { .. }
        | Event::HandedOver { .. }
        | Event::WorkBegan { .. }
        | Event::WorkEnded { .. }
        | Event::Interrupted { .. }
        | Event::Sleeps { .. }
        | Event::BranchBegan { .. }
        | Event::Onward { .. }
        | Event::Left { .. }
        | Event::Lost { .. }
        | Event::CallBegan { .. }
        | Event::AttemptSent { .. }
        | Event::AttemptEnded { .. }
        | Event::CallEnded { .. }
        | Event::CallAbandoned { .. }
        | Event::AnswerLate { .. }
        | Event::Decided { .. }
        | Event::Connection { .. }
        | Event::Effect { .. }
        | Event::Reported { .. }
        | Event::Arrived { .. }
        | Event::TurnedAway { .. } => unreachable!("these are told by themselves"),
    }
}
