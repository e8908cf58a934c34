//! Chrome's Trace Event Format, as Perfetto and `chrome://tracing` read it.
//!
//! A service is a process and each worker of a replica a thread: a slice from when somebody takes
//! the worker until it is free, and in it a slice for each piece of work. Waiting is an
//! asynchronous slice, and the queue's length a counter. A request is an asynchronous slice of its
//! load. An arrow goes from who calls to the worker that takes the call up. Faults are slices of a
//! process of their own, with an instant at each end; what policies decide are instants.
//!
//! Times are microseconds of simulated time, to the nanosecond.

mod hear;

use super::Stretch;
use super::lanes::Lanes;
use crate::incident::names::Names;
use crate::report::json::Json;
use brownout_core::Time;
use brownout_topologies::envelope::Address;
use brownout_topologies::graph::{Caller, Graph, SiteId};
use brownout_topologies::ledger::Maker;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

/// The process of the faults; services follow, then loads.
const FAULTS: u64 = 1;
/// Threads of one replica: more than it can have workers that a picture could show.
const PER_REPLICA: u64 = 100_000;

/// Writes a trace.
pub(super) struct Chrome<'g> {
    names: Names<'g>,
    stretch: Stretch,
    lanes: Lanes,
    /// The work under way, by lineage.
    works: BTreeMap<u64, Work>,
    /// Requests open, by lineage, and of which load.
    requests: BTreeMap<u64, (u64, String)>,
    /// Who made each call that is open, and from where.
    calls: BTreeMap<u64, (SiteId, Maker)>,
    /// Attempts from which an arrow goes out that has not come to anybody yet.
    arrows: BTreeSet<u64>,
    /// Who waits at each replica.
    waiting: BTreeMap<(u32, u32), u64>,
    faults: BTreeMap<u32, f64>,
    is_first: bool,
    /// Whether what was under way at the beginning of the stretch has been written.
    is_on: bool,
    is_off: bool,
}

/// A piece of work of an attempt.
#[derive(Debug, Clone, Copy)]
struct Work {
    at: Address,
    waits: bool,
    lane: Option<u32>,
    works: bool,
}

/// One event of the format: phase, process, thread, and the rest.
struct Mark {
    phase: &'static str,
    process: u64,
    thread: u64,
    name: String,
    more: Vec<(&'static str, Json)>,
}

impl<'g> Chrome<'g> {
    pub(super) fn new(graph: &'g Graph, stretch: Stretch) -> Chrome<'g> {
        Chrome {
            names: Names(graph),
            stretch,
            lanes: Lanes::default(),
            works: BTreeMap::new(),
            requests: BTreeMap::new(),
            calls: BTreeMap::new(),
            arrows: BTreeSet::new(),
            waiting: BTreeMap::new(),
            faults: BTreeMap::new(),
            is_first: true,
            is_on: false,
            is_off: false,
        }
    }

    fn process_of(at: Address) -> u64 {
        FAULTS + 1 + u64::from(at.service.0)
    }

    fn process_of_load(&self, load: u32) -> u64 {
        FAULTS + 1 + self.names.0.services.len() as u64 + u64::from(load)
    }

    fn thread_of(at: Address, lane: u32) -> u64 {
        1 + u64::from(at.replica) * PER_REPLICA + u64::from(lane)
    }

    fn put(&mut self, at: Time, mark: Mark, out: &mut dyn Write) -> io::Result<()> {
        if !self.is_on || self.is_off {
            return Ok(());
        }
        self.put_always(at, mark, out)
    }

    fn put_always(&mut self, at: Time, mark: Mark, out: &mut dyn Write) -> io::Result<()> {
        let Mark { phase, process, thread, name, more } = mark;
        let mut fields = vec![
            ("ph".to_owned(), Json::text(phase)),
            ("ts".to_owned(), Json::Number(at.nanos() as f64 / 1e3)),
            ("pid".to_owned(), Json::Whole(process)),
            ("tid".to_owned(), Json::Whole(thread)),
            ("name".to_owned(), Json::text(name)),
        ];
        fields.extend(more.into_iter().map(|(key, value)| (key.to_owned(), value)));
        let line = Json::Object(fields).line();
        let comma = if std::mem::replace(&mut self.is_first, false) { "" } else { "," };
        out.write_all(format!("{comma}{line}").as_bytes())
    }

    fn name_process(&mut self, process: u64, name: &str, out: &mut dyn Write) -> io::Result<()> {
        let args = Json::object([("name", Json::text(name))]);
        let more = vec![("args", args)];
        let name = "process_name".to_owned();
        self.put_always(Time::ZERO, Mark { phase: "M", process, thread: 0, name, more }, out)?;
        let args = Json::object([("sort_index", Json::Whole(process))]);
        let (name, more) = ("process_sort_index".to_owned(), vec![("args", args)]);
        self.put_always(Time::ZERO, Mark { phase: "M", process, thread: 0, name, more }, out)
    }

    fn name_thread(
        &mut self,
        (process, thread): (u64, u64),
        name: &str,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        let more = vec![("args", Json::object([("name", Json::text(name))]))];
        let name = "thread_name".to_owned();
        self.put_always(Time::ZERO, Mark { phase: "M", process, thread, name, more }, out)
    }

    /// A slice of a worker begins or ends.
    fn slice(
        &mut self,
        at: Time,
        begins: bool,
        (whose, lane): (u64, u32),
        name: &str,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        let Some(work) = self.works.get(&whose) else { return Ok(()) };
        let (process, thread) = (Chrome::process_of(work.at), Chrome::thread_of(work.at, lane));
        let (phase, name) = (if begins { "B" } else { "E" }, name.to_owned());
        let args = Json::object([("lineage", Json::text(format!("{whose:016x}")))]);
        let more = if begins { vec![("args", args)] } else { Vec::new() };
        self.put(at, Mark { phase, process, thread, name, more }, out)
    }

    /// An asynchronous slice begins or ends.
    fn span(
        &mut self,
        at: Time,
        begins: bool,
        (process, id): (u64, u64),
        (category, name): (&str, &str),
        out: &mut dyn Write,
    ) -> io::Result<()> {
        let (phase, name) = (if begins { "b" } else { "e" }, name.to_owned());
        let id = Json::text(format!("{id:016x}"));
        let more = vec![("cat", Json::text(category)), ("id", id)];
        self.put(at, Mark { phase, process, thread: 0, name, more }, out)
    }

    fn count(&mut self, at: Time, whom: Address, step: i64, out: &mut dyn Write) -> io::Result<()> {
        let waiting = self.waiting.entry((whom.service.0, whom.replica)).or_default();
        *waiting = waiting.wrapping_add_signed(step);
        let args = Json::object([("waiting", Json::Whole(*waiting))]);
        let name = match self.names.0.services[whom.service.index()].replicas {
            1 => "queue".to_owned(),
            _ => format!("queue of replica {}", whom.replica),
        };
        let (process, more) = (Chrome::process_of(whom), vec![("args", args)]);
        self.put(at, Mark { phase: "C", process, thread: 0, name, more }, out)
    }

    /// An instant, of a thread (`t`), a process (`p`) or all (`g`).
    fn instant(
        &mut self,
        at: Time,
        (process, thread): (u64, u64),
        name: String,
        scope: &str,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        let more = vec![("s", Json::text(scope))];
        self.put(at, Mark { phase: "i", process, thread, name, more }, out)
    }

    /// Begins everything that is under way, or ends it.
    fn all_under_way(&mut self, at: Time, begins: bool, out: &mut dyn Write) -> io::Result<()> {
        for (whose, work) in self.works.clone() {
            let waits = (Chrome::process_of(work.at), whose);
            if work.waits {
                self.span(at, begins, waits, ("queue", "waits"), out)?;
            }
            if let Some(lane) = work.lane {
                let both = [(true, "request"), (work.works, "work")];
                let parts: &mut dyn Iterator<Item = &(bool, &str)> =
                    if begins { &mut both.iter() } else { &mut both.iter().rev() };
                for (_, name) in parts.filter(|(is_on, _)| *is_on) {
                    self.slice(at, begins, (whose, lane), name, out)?;
                }
            }
        }
        for (call, (process, name)) in self.requests.clone() {
            self.span(at, begins, (process, call), ("request", &name), out)?;
        }
        for (fault, strength) in self.faults.clone() {
            if strength > 0.0 {
                self.fault_slice(at, fault, begins, out)?;
            }
        }
        if begins {
            for (service, replica) in self.waiting.keys().copied().collect::<Vec<_>>() {
                let service = brownout_topologies::graph::ServiceId(service);
                self.count(at, Address { service, replica }, 0, out)?;
            }
        }
        Ok(())
    }

    fn fault_slice(
        &mut self,
        at: Time,
        fault: u32,
        begins: bool,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        let name = self.names.0.faults[fault as usize].name.clone();
        let (phase, thread) = (if begins { "B" } else { "E" }, u64::from(fault) + 1);
        self.put(at, Mark { phase, process: FAULTS, thread, name, more: Vec::new() }, out)
    }

    fn fault(
        &mut self,
        at: Time,
        fault: u32,
        strength: f64,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        let before = self.faults.insert(fault, strength).unwrap_or(0.0);
        let (was, is) = (before > 0.0, strength > 0.0);
        if was == is {
            return Ok(());
        }
        if is {
            self.fault_slice(at, fault, true, out)?;
        }
        let name = &self.names.0.faults[fault as usize].name;
        let name = format!("{name} {}", if is { "begins" } else { "ends" });
        self.instant(at, (FAULTS, u64::from(fault) + 1), name, "g", out)?;
        if is { Ok(()) } else { self.fault_slice(at, fault, false, out) }
    }

    /// Where a call is made from: the worker of who calls, if it has one, or its process; and
    /// whether that is a worker.
    fn origin(&self, (site, by): (SiteId, Maker)) -> (u64, u64, bool) {
        let work = match by {
            Maker::User(load) => return (self.process_of_load(load.0), 1, false),
            Maker::Work(work) => self.works.get(&work),
        };
        match (work, self.names.0.sites[site.index()].caller) {
            (Some(Work { at, lane: Some(lane), .. }), _) => {
                (Chrome::process_of(*at), Chrome::thread_of(*at, *lane), true)
            }
            (_, Caller::Service(service)) => {
                let at = Address { service, replica: 0 };
                (Chrome::process_of(at), 0, false)
            }
            (_, Caller::Load(load)) => (self.process_of_load(load.0), 1, false),
        }
    }
}
