//! OTLP's JSON encoding, one document: spans with parents, as tracing back ends take them.
//!
//! A call is a span of its caller, each attempt a span below it, and the work behind an attempt a
//! span of the callee below that; a request's trace is everything it led to. Spans are written in
//! batches as they end. Their ids are derived from lineages, so they are the same in every run of
//! the same file with the same seed. Simulated time counts from the beginning of 2020, since tools
//! do not show 1970.

use super::{Stretch, Writer};
use crate::incident::heard::Event;
use crate::incident::names::{self, Names};
use crate::report::json::Json;
use brownout_core::Time;
use brownout_core::draw::mix;
use brownout_core::random::Seed;
use brownout_policies::outcome::Outcome;
use brownout_topologies::envelope::Address;
use brownout_topologies::graph::{Caller, Graph, SiteId};
use brownout_topologies::ledger::{Leaving, Maker};
use std::collections::BTreeMap;
use std::io::{self, Write};

/// The beginning of 2020, in nanoseconds since the epoch.
const EPOCH_NS: u64 = 1_577_836_800_000_000_000;
/// Spans of one service that are written together.
const BATCH: usize = 256;
/// The kinds of OTLP.
const INTERNAL: u64 = 1;
const SERVER: u64 = 2;
const CLIENT: u64 = 3;
/// Tell the ids of a call, an attempt and the work behind it apart, which share a lineage.
const CALL: u64 = 0x6361_6c6c;
const ATTEMPT: u64 = 0x6174_7470;
const WORK: u64 = 0x776f_726b;

/// Writes spans.
pub(super) struct Otlp<'g> {
    names: Names<'g>,
    stretch: Stretch,
    seed: Seed,
    calls: BTreeMap<u64, Open>,
    attempts: BTreeMap<u64, Open>,
    works: BTreeMap<u64, Open>,
    /// Spans that have ended, by who they are of.
    batches: BTreeMap<String, Vec<Json>>,
    is_first: bool,
}

/// A span that has not ended.
#[derive(Debug, Clone)]
struct Open {
    trace: u64,
    parent: u64,
    from: Time,
    /// Who it is of.
    whose: String,
    name: String,
    kind: u64,
    about: Vec<(&'static str, Json)>,
    events: Vec<(Time, String)>,
    /// Whether its end has been written; it stays for those below it.
    is_over: bool,
    /// Whether a service may still have what it began.
    is_out: bool,
}

impl<'g> Otlp<'g> {
    pub(super) fn new(graph: &'g Graph, seed: Seed, stretch: Stretch) -> Otlp<'g> {
        Otlp {
            names: Names(graph),
            stretch,
            seed,
            calls: BTreeMap::new(),
            attempts: BTreeMap::new(),
            works: BTreeMap::new(),
            batches: BTreeMap::new(),
            is_first: true,
        }
    }

    /// A span has ended.
    fn close(
        &mut self,
        span: (u64, &Open),
        to: Time,
        failed: Option<&str>,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        let (id, open) = span;
        if to <= self.stretch.from && open.from < self.stretch.from || open.from >= self.stretch.to
        {
            return Ok(());
        }
        let status = match failed {
            None => Json::object([("code", Json::Whole(1))]),
            Some(why) => Json::object([("code", Json::Whole(2)), ("message", Json::text(why))]),
        };
        let events = open.events.iter().map(|(at, name)| {
            Json::object([("timeUnixNano", nanos(*at)), ("name", Json::text(name))])
        });
        let about = open.about.iter().map(|(key, value)| attribute(key, value));
        let mut fields = vec![
            ("traceId", Json::text(trace_id(self.seed, open.trace))),
            ("spanId", Json::text(format!("{id:016x}"))),
            ("name", Json::text(&open.name)),
            ("kind", Json::Whole(open.kind)),
            ("startTimeUnixNano", nanos(open.from)),
            ("endTimeUnixNano", nanos(to)),
            ("attributes", Json::List(about.collect())),
            ("events", Json::List(events.collect())),
            ("status", status),
        ];
        if open.parent != 0 {
            fields.insert(2, ("parentSpanId", Json::text(format!("{:016x}", open.parent))));
        }
        let fields = fields.into_iter().map(|(key, value)| (key.to_owned(), value)).collect();
        let batch = self.batches.entry(open.whose.clone()).or_default();
        batch.push(Json::Object(fields));
        if batch.len() < BATCH {
            return Ok(());
        }
        let full = std::mem::take(batch);
        self.put(&open.whose, full, out)
    }

    /// Writes a batch of spans of one service.
    fn put(&mut self, whose: &str, spans: Vec<Json>, out: &mut dyn Write) -> io::Result<()> {
        let service = attribute("service.name", &Json::text(whose));
        let scope = Json::object([
            ("name", Json::text("brownout")),
            ("version", Json::text(env!("CARGO_PKG_VERSION"))),
        ]);
        let scope = Json::object([("scope", scope), ("spans", Json::List(spans))]);
        let resource = Json::object([("attributes", Json::List(vec![service]))]);
        let entry = Json::object([("resource", resource), ("scopeSpans", Json::List(vec![scope]))]);
        let comma = if std::mem::replace(&mut self.is_first, false) { "" } else { "," };
        out.write_all(format!("{comma}{}", entry.line()).as_bytes())
    }

    fn begin_call(&mut self, at: Time, call: u64, site: SiteId, by: Maker) {
        let (trace, parent) = match by {
            Maker::User(_) => (call, 0),
            Maker::Work(work) => match self.works.get(&work) {
                Some(open) => (open.trace, mix(work, WORK)),
                None => (call, 0),
            },
        };
        let whose = match self.names.0.sites[site.index()].caller {
            Caller::Load(load) => self.names.load(load).to_owned(),
            Caller::Service(service) => self.names.service(service).to_owned(),
        };
        let name = format!("call {}", self.names.target(site));
        self.calls.insert(call, Open::new((trace, parent), at, whose, name, INTERNAL));
    }

    fn send(&mut self, at: Time, call: u64, attempt: u64, to: Option<Address>) {
        let Some(open) = self.calls.get(&call) else { return };
        let (trace, parent, whose) = (open.trace, mix(call, CALL), open.whose.clone());
        let name = match to {
            Some(to) => self.names.service(to.service).to_owned(),
            None => "nobody".to_owned(),
        };
        let mut open = Open::new((trace, parent), at, whose, name, CLIENT);
        open.is_out = to.is_some();
        if let Some(to) = to {
            open.about.push(("server.replica", Json::Whole(to.replica.into())));
        }
        self.attempts.insert(attempt, open);
    }

    fn arrive(&mut self, at: Time, attempt: u64, to: Address, met: (u32, u32)) {
        let above = self.attempts.get(&attempt).map(|open| (open.trace, mix(attempt, ATTEMPT)));
        // One that came onward has no attempt of its own.
        let Some(above) = above else { return };
        let name = self.names.service(to.service).to_owned();
        let mut open = Open::new(above, at, name.clone(), name, SERVER);
        open.about = vec![
            ("replica", Json::Whole(to.replica.into())),
            ("queue.met", Json::Whole(met.0.into())),
            ("busy.met", Json::Whole(met.1.into())),
        ];
        self.works.insert(attempt, open);
    }

    fn end_attempt(
        &mut self,
        at: Time,
        attempt: u64,
        outcome: Outcome,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        let Some(mut open) = self.attempts.remove(&attempt) else { return Ok(()) };
        let failed = (!outcome.is_success()).then(|| names::outcome(outcome));
        self.close((mix(attempt, ATTEMPT), &open), at, failed, out)?;
        open.is_over = true;
        if open.is_out {
            self.attempts.insert(attempt, open);
        }
        Ok(())
    }

    /// No service has anything of an attempt any more.
    fn is_in(&mut self, attempt: u64) {
        match self.attempts.get_mut(&attempt) {
            Some(open) if open.is_over => {
                self.attempts.remove(&attempt);
            }
            Some(open) => open.is_out = false,
            None => {}
        }
    }

    fn end_call(
        &mut self,
        at: Time,
        call: u64,
        failed: Option<&str>,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        let Some(open) = self.calls.remove(&call) else { return Ok(()) };
        self.close((mix(call, CALL), &open), at, failed, out)
    }

    fn end_work(
        &mut self,
        at: Time,
        work: u64,
        failed: Option<&str>,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        let Some(open) = self.works.remove(&work) else { return Ok(()) };
        self.is_in(work);
        self.close((mix(work, WORK), &open), at, failed, out)
    }

    fn note(&mut self, at: Time, work: u64, what: &str) {
        if let Some(open) = self.works.get_mut(&work) {
            open.events.push((at, what.to_owned()));
        }
    }

    fn note_of_call(&mut self, at: Time, call: u64, what: String) {
        if let Some(open) = self.calls.get_mut(&call) {
            open.events.push((at, what));
        }
    }

    /// A job goes on under another name: its next stay is a span below the last.
    fn go_on(&mut self, at: Time, from: u64, work: u64, to: Address, trace: Option<u64>) {
        let name = self.names.service(to.service).to_owned();
        let above = (trace.unwrap_or(from), mix(from, WORK));
        let mut open = Open::new(above, at, name.clone(), name, CLIENT);
        (open.is_over, open.is_out) = (true, true);
        self.attempts.insert(work, open);
    }
}

impl Open {
    fn new(
        (trace, parent): (u64, u64),
        from: Time,
        whose: String,
        name: String,
        kind: u64,
    ) -> Open {
        let (about, events) = (Vec::new(), Vec::new());
        let (is_over, is_out) = (false, false);
        Open { trace, parent, from, whose, name, kind, about, events, is_over, is_out }
    }
}

impl Writer for Otlp<'_> {
    fn begin(&mut self, out: &mut dyn Write) -> io::Result<()> {
        out.write_all(b"{\"resourceSpans\":[\n")
    }

    fn hear(&mut self, at: Time, event: Event, out: &mut dyn Write) -> io::Result<()> {
        match event {
            Event::CallBegan { call, site, by, .. } => self.begin_call(at, call, site, by),
            Event::AttemptSent { call, attempt, to, .. } => self.send(at, call, attempt, to),
            Event::AttemptEnded { attempt, outcome, .. } => {
                self.end_attempt(at, attempt, outcome, out)?;
            }
            Event::CallEnded { call, outcome, .. } => {
                let failed = (!outcome.is_success()).then(|| names::outcome(outcome));
                self.end_call(at, call, failed, out)?;
            }
            Event::CallAbandoned { call } => self.end_call(at, call, Some("abandoned"), out)?,
            Event::Decided { call, site, layer, notice } => {
                self.note_of_call(at, call, self.names.notice(site, layer, notice, at));
            }
            Event::Connection { call, what, .. } => {
                self.note_of_call(at, call, names::connection(what, at));
            }
            Event::Effect { work, what, .. } => self.note(at, work, names::effect(what)),
            Event::Reported { call, truth, .. } => {
                self.note_of_call(at, call, format!("reported failed: {}", names::truth(truth)));
            }
            Event::Arrived { attempt, to, waiting, busy } => {
                self.arrive(at, attempt, to, (waiting, busy));
            }
            Event::TurnedAway { attempt, how, .. } => {
                let why = format!("{how:?} at the door").to_lowercase();
                self.end_work(at, attempt, Some(&why), out)?;
            }
            Event::Lost { attempt, is_request: true } => self.is_in(attempt),
            Event::Waits { work, at_gate, .. } => {
                self.note(at, work, if at_gate { "waits at a gate" } else { "waits" });
            }
            Event::Seated { work, .. } => self.note(at, work, "takes a worker"),
            Event::Rose { work, .. } => self.note(at, work, "frees its worker"),
            Event::WorkBegan { work, .. } => self.note(at, work, "work begins"),
            Event::WorkEnded { work, .. } => self.note(at, work, "work ends"),
            Event::BranchBegan { parent, work, at: place } => {
                let Some(above) = self.works.get(&parent) else { return Ok(()) };
                let (trace, whose) = (above.trace, self.names.service(place.service).to_owned());
                let above = (trace, mix(parent, WORK));
                let open = Open::new(above, at, whose, "branch".to_owned(), INTERNAL);
                self.works.insert(work, open);
            }
            Event::Onward { from, work, to } => {
                let trace = self.attempts.get(&from).map(|open| open.trace);
                self.go_on(at, from, work, to, trace);
            }
            Event::Left { work, how, .. } => {
                let failed = (how != Leaving::Finished).then(|| names::leaving(how));
                self.end_work(at, work, failed, out)?;
            }
            _ => {}
        }
        Ok(())
    }

    fn end(&mut self, out: &mut dyn Write) -> io::Result<()> {
        let end = self.stretch.to;
        let open =
            [(&mut self.calls, CALL), (&mut self.attempts, ATTEMPT), (&mut self.works, WORK)];
        let mut left = Vec::new();
        for (all, key) in open {
            let all = std::mem::take(all).into_iter();
            left.extend(all.map(|(lineage, open)| (mix(lineage, key), open)));
        }
        for (id, open) in left.iter().filter(|(_, open)| !open.is_over) {
            self.close((*id, open), end, Some("open at the end"), out)?;
        }
        for (whose, spans) in std::mem::take(&mut self.batches) {
            if !spans.is_empty() {
                self.put(&whose, spans, out)?;
            }
        }
        out.write_all(b"]}\n")
    }
}

/// 16 bytes: the seed keeps requests of different runs apart.
fn trace_id(seed: Seed, request: u64) -> String {
    format!("{:016x}{request:016x}", mix(seed.seed, u64::from(seed.replication)))
}

/// 64-bit numbers are text in OTLP's JSON.
fn nanos(at: Time) -> Json {
    Json::text((EPOCH_NS + at.nanos()).to_string())
}

fn attribute(key: &str, value: &Json) -> Json {
    let value = match value {
        Json::Whole(number) => Json::object([("intValue", Json::text(number.to_string()))]),
        Json::Text(text) => Json::object([("stringValue", Json::text(text))]),
        other => Json::object([("stringValue", Json::text(other.tight()))]),
    };
    Json::object([("key", Json::text(key)), ("value", value)])
}
