//! One request as lanes: who waits, who works, which attempts go where, and what becomes of them.

use super::find::{Found, Which, find};
use super::heard::{Event, Hearing};
use super::names::Names;
use brownout_core::Time;
use brownout_core::random::Seed;
use brownout_policies::outcome::{Outcome, Seen};
use brownout_topologies::envelope::Address;
use brownout_topologies::graph::Graph;
use brownout_topologies::ledger::{Maker, Plan};
use brownout_topologies::run::{RunError, listen};
use std::collections::BTreeMap;

/// The lanes of one request. All times are seconds since it arrived.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Lanes {
    /// The how-manieth to arrive in its run, from 1.
    pub request: u64,
    /// The run: `42#0`.
    pub seed: String,
    /// When it arrived, in seconds of the run.
    pub arrived: f64,
    /// The names of the lanes from above, the user first.
    pub names: Vec<String>,
    /// What lasts.
    pub bars: Vec<Bar>,
    /// Attempts on their way.
    pub links: Vec<Link>,
    /// What happens at a moment.
    pub marks: Vec<Mark>,
}

/// Something that lasts.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bar {
    /// The place of its lane.
    pub lane: usize,
    /// From when.
    pub from: f64,
    /// Until when.
    pub to: f64,
    /// What it is.
    pub what: Stretch,
}

/// What lasts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stretch {
    /// A call is open.
    Open,
    /// Waiting for a worker.
    Waiting,
    /// In service.
    Service,
    /// In service, though nobody waits for the answer any more.
    ForNobody,
}

/// An attempt that goes out.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Link {
    /// When.
    pub at: f64,
    /// The lane that it comes from.
    pub from: usize,
    /// The lane that it goes to.
    pub to: usize,
    /// Which kind of attempt it is.
    pub what: Sent,
}

/// Which attempt of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sent {
    /// The first.
    First,
    /// One after a failure.
    Retry,
    /// One while another is still out.
    Hedge,
}

/// Something that happens at a moment.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Mark {
    /// When.
    pub at: f64,
    /// The lane.
    pub lane: usize,
    /// What.
    pub what: End,
}

/// What becomes of an attempt, as its caller sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// A good answer.
    Answer,
    /// Its timeout passed.
    Timeout,
    /// Another one came first, or its caller left: the loser of a hedge.
    GivenUp,
    /// Anything else that is no success.
    Failure,
}

impl Stretch {
    /// Every one, with its name in files.
    pub const EVERY: [(Stretch, &'static str); 4] = [
        (Stretch::Open, "open"),
        (Stretch::Waiting, "waiting"),
        (Stretch::Service, "service"),
        (Stretch::ForNobody, "for_nobody"),
    ];
}

impl Sent {
    /// Every one, with its name in files.
    pub const EVERY: [(Sent, &'static str); 3] =
        [(Sent::First, "first"), (Sent::Retry, "retry"), (Sent::Hedge, "hedge")];
}

impl End {
    /// Every one, with its name in files.
    pub const EVERY: [(End, &'static str); 4] = [
        (End::Answer, "answer"),
        (End::Timeout, "timeout"),
        (End::GivenUp, "given_up"),
        (End::Failure, "failure"),
    ];
}

/// Lanes that are shown: a request that fans out over a thousand leaves fills no more.
const LANES_MAX: usize = 24;

impl Lanes {
    /// Runs `graph` again and hears of one request.
    ///
    /// # Errors
    /// When the run has no result.
    pub fn of(graph: &Graph, seed: Seed, found: Found) -> Result<Lanes, RunError> {
        let mut hearer = Hearer::new(graph, seed, found);
        let mut hearing = Hearing(|at, event| hearer.hear(at, event));
        listen(graph, seed, &Plan::default(), &mut hearing)?;
        Ok(hearer.done(Time::ZERO + graph.time))
    }

    /// The lanes of the request whose failure was seen first, or else of the slowest; none where no
    /// request came to an end.
    ///
    /// # Errors
    /// When the run has no result.
    pub fn of_the_worst(graph: &Graph, seed: Seed) -> Result<Option<Lanes>, RunError> {
        for which in [Which::FirstFailed, Which::Slowest] {
            if let (Ok(found), _) = find(graph, seed, which)? {
                return Lanes::of(graph, seed, found).map(Some);
            }
        }
        Ok(None)
    }
}

/// A call under way.
struct Call {
    lane: usize,
    from: Time,
    sent: u32,
    out: u32,
}

/// An attempt and the work behind it.
struct Work {
    call: u64,
    lane: usize,
    waits: Option<Time>,
    works: Option<Time>,
    is_given_up: bool,
}

/// Hears of one request.
struct Hearer<'g> {
    graph: &'g Graph,
    found: Found,
    lanes: Lanes,
    /// By place, and how many are there at once.
    places: BTreeMap<(usize, u32, usize), usize>,
    calls: BTreeMap<u64, Call>,
    works: BTreeMap<u64, Work>,
}

impl<'g> Hearer<'g> {
    fn new(graph: &'g Graph, seed: Seed, found: Found) -> Hearer<'g> {
        let lanes = Lanes {
            request: found.nth,
            seed: seed.to_string(),
            arrived: found.at.as_secs(),
            names: vec!["user".to_owned()],
            ..Lanes::default()
        };
        let (places, calls, works) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        Hearer { graph, found, lanes, places, calls, works }
    }

    /// Seconds since the request arrived.
    fn since(&self, at: Time) -> f64 {
        if at < self.found.at { 0.0 } else { (at - self.found.at).as_secs() }
    }

    fn hear(&mut self, at: Time, event: Event) {
        match event {
            Event::CallBegan { call, by, .. } => {
                let lane = match by {
                    Maker::User(_) if call == self.found.lineage => Some(0),
                    Maker::User(_) => None,
                    Maker::Work(work) => self.works.get(&work).map(|work| work.lane),
                };
                if let Some(lane) = lane {
                    self.calls.insert(call, Call { lane, from: at, sent: 0, out: 0 });
                }
            }
            Event::AttemptSent { call, attempt, to, .. } => self.send(at, call, attempt, to),
            Event::AttemptEnded { attempt, outcome, given_up, .. } => {
                self.end(at, attempt, outcome, given_up);
            }
            Event::CallEnded { call, .. } | Event::CallAbandoned { call } => {
                if let Some(call) = self.calls.remove(&call) {
                    self.bar(call.lane, (call.from, at), Stretch::Open);
                }
            }
            Event::Waits { work, .. } | Event::Interrupted { work, .. } => {
                self.stop(work, at, false);
                self.with(work, |work| work.waits = Some(at));
            }
            Event::Seated { work, .. } => {
                self.stop_waiting(work, at);
            }
            Event::WorkBegan { work, .. } => self.with(work, |work| work.works = Some(at)),
            Event::WorkEnded { work, for_nobody, .. } => self.stop(work, at, for_nobody),
            Event::BranchBegan { parent, work, .. } => {
                if let Some(lane) = self.works.get(&parent).map(|parent| parent.lane) {
                    self.works.insert(work, Work::at(lane, 0));
                }
            }
            Event::Onward { from, work, to } => {
                if let Some(from) = self.works.remove(&from) {
                    let lane = self.lane(to);
                    self.works.insert(work, Work::at(lane, from.call));
                }
            }
            Event::Left { work, .. } => {
                self.stop(work, at, false);
                self.stop_waiting(work, at);
            }
            _ => {}
        }
    }

    fn with(&mut self, work: u64, change: impl FnOnce(&mut Work)) {
        if let Some(work) = self.works.get_mut(&work) {
            change(work);
        }
    }

    fn send(&mut self, at: Time, call: u64, attempt: u64, to: Option<Address>) {
        let Some(own) = self.calls.get_mut(&call) else { return };
        own.sent += 1;
        own.out += 1;
        let what = match (own.sent, own.out) {
            (1, _) => Sent::First,
            (_, 1) => Sent::Retry,
            (_, _) => Sent::Hedge,
        };
        let from = own.lane;
        let Some(to) = to else { return };
        let to = self.lane(to);
        let at = self.since(at);
        self.lanes.links.push(Link { at, from, to, what });
        self.works.insert(attempt, Work::at(to, call));
    }

    /// The lane of a replica, or of as many attempts more at the same one as are there already.
    fn lane(&mut self, to: Address) -> usize {
        let busy = |lane: usize| {
            self.works
                .values()
                .any(|work| work.lane == lane && (work.waits.is_some() || work.works.is_some()))
        };
        let key = |nth: usize| (to.service.index(), to.replica, nth);
        let free = (0..).find(|nth| self.places.get(&key(*nth)).is_none_or(|lane| !busy(*lane)));
        let nth = free.expect("numbers do not end");
        if let Some(lane) = self.places.get(&key(nth)) {
            return *lane;
        }
        if self.lanes.names.len() >= LANES_MAX {
            return self.lanes.names.len() - 1;
        }
        let place = Names(self.graph).place(to);
        let name = if nth == 0 { place } else { format!("{place} ({})", nth + 1) };
        self.lanes.names.push(name);
        self.places.insert(key(nth), self.lanes.names.len() - 1);
        self.lanes.names.len() - 1
    }

    fn end(&mut self, at: Time, attempt: u64, outcome: Outcome, given_up: bool) {
        if given_up {
            // What is done until now was for somebody.
            let is_at_work = self.works.get(&attempt).is_some_and(|work| work.works.is_some());
            self.stop(attempt, at, false);
            self.with(attempt, |work| {
                work.is_given_up = true;
                work.works = is_at_work.then_some(at);
            });
        }
        let Some(call) = self.works.get(&attempt).map(|work| work.call) else { return };
        let Some(call) = self.calls.get_mut(&call) else { return };
        call.out = call.out.saturating_sub(1);
        let lane = call.lane;
        let what = match (outcome.seen, given_up) {
            (Seen::TimedOut, _) => End::Timeout,
            (Seen::Answered, false) => End::Answer,
            (_, true) => End::GivenUp,
            (_, false) => End::Failure,
        };
        let at = self.since(at);
        self.lanes.marks.push(Mark { at, lane, what });
    }

    /// Work waits no more, if it did.
    fn stop_waiting(&mut self, work: u64, at: Time) {
        let own = self.works.get_mut(&work);
        if let Some((lane, since)) = own.and_then(|own| Some((own.lane, own.waits.take()?))) {
            self.bar(lane, (since, at), Stretch::Waiting);
        }
    }

    /// Work ends, or is put aside.
    fn stop(&mut self, work: u64, at: Time, for_nobody: bool) {
        let Some(own) = self.works.get_mut(&work) else { return };
        let Some(from) = own.works.take() else { return };
        let (lane, is_given_up) = (own.lane, own.is_given_up);
        let is_in_vain = is_given_up || for_nobody;
        let what = if is_in_vain { Stretch::ForNobody } else { Stretch::Service };
        self.bar(lane, (from, at), what);
    }

    fn bar(&mut self, lane: usize, (from, to): (Time, Time), what: Stretch) {
        let (from, to) = (self.since(from), self.since(to));
        if from < to {
            self.lanes.bars.push(Bar { lane, from, to, what });
        }
    }

    /// What is still under way ends with the run.
    fn done(mut self, end: Time) -> Lanes {
        for (_, call) in std::mem::take(&mut self.calls) {
            self.bar(call.lane, (call.from, end), Stretch::Open);
        }
        for (_, work) in std::mem::take(&mut self.works) {
            if let Some(since) = work.waits {
                self.bar(work.lane, (since, end), Stretch::Waiting);
            }
            if let Some(since) = work.works {
                let what = if work.is_given_up { Stretch::ForNobody } else { Stretch::Service };
                self.bar(work.lane, (since, end), what);
            }
        }
        self.lanes
    }
}

impl Work {
    fn at(lane: usize, call: u64) -> Work {
        Work { call, lane, waits: None, works: None, is_given_up: false }
    }
}
