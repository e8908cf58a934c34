//! The faults of one run on their way: who is struck by what, and when that changes next.

use super::choice::Chosen;
use super::process::{CHOICE, Process, Rhythm, Turn};
use super::{Breakdowns, Fault, FaultKind, Harm, LinkPart, Part, Sick, When};
use crate::graph::{Graph, LinkId, MonitorId, ServiceId};
use crate::service::Service;
use brownout_core::Time;
use brownout_core::random::{Seed, Stream};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

/// Every fault of a run, as far as it has come.
#[derive(Debug, Default)]
pub(crate) struct Timeline {
    processes: Vec<Process>,
    /// When each process turns next, soonest first.
    due: BinaryHeap<Reverse<(Time, u32)>>,
    /// The next moment that has been asked for.
    asked_for: Time,
    /// Processes that wait for their replicas to be busy.
    idle: Vec<u32>,
    /// What can strike a service, in the order of the file.
    hits: BTreeMap<ServiceId, Vec<Hit>>,
    /// What can strike a link, in the order of the file.
    link_hits: BTreeMap<LinkId, Vec<LinkHit>>,
    /// Times of breakdowns, by the place of the fault.
    rhythms: Vec<Option<Rhythm>>,
    /// Replicas for which something has changed just now.
    pub(crate) struck: Vec<(ServiceId, u32)>,
    /// Links for which something has changed just now.
    pub(crate) struck_links: Vec<LinkId>,
    /// Spikes on loads that have been broken off.
    pub(crate) ended_spikes: Vec<u32>,
}

/// A fault that can strike a service.
#[derive(Debug)]
struct Hit {
    fault: u32,
    part: usize,
    by: By,
}

/// By which process.
#[derive(Debug)]
enum By {
    /// One for all of it.
    Together(u32),
    /// So many for each replica of a choice that was made at the start, from this one on: one, or
    /// one for each of its workers.
    Each { first: u32, per_replica: u32, chosen: Chosen },
}

/// A fault that can strike a link.
#[derive(Debug)]
struct LinkHit {
    process: u32,
    part: LinkPart,
}

impl Timeline {
    /// The faults of `graph` before anything has happened. Loads meet theirs from the start: see
    /// [`super::spiked`].
    pub(crate) fn new(graph: &Graph, seed: Seed) -> Timeline {
        let mut timeline = Timeline::default();
        for (place, fault) in (0..).zip(&graph.faults) {
            timeline.rhythms.push(match &fault.when {
                When::Planned(_) => None,
                When::Random(breakdowns) => Some(Rhythm::of(breakdowns)),
            });
            timeline.add(graph, place, fault, seed.stream(&format!("fault {}", fault.name)));
        }
        timeline
    }

    fn add(&mut self, graph: &Graph, place: u32, fault: &Fault, stream: Stream) {
        let apart = matches!(fault.when, When::Random(Breakdowns { together: false, .. }));
        match &fault.harm {
            Harm::Replicas { parts, .. } if apart => {
                for (number, part) in (0..).zip(parts) {
                    self.add_each(graph, place, (number, part), stream);
                }
            }
            Harm::Replicas { parts, .. } => {
                let process = self.begin(fault, place, stream, None);
                for (number, part) in parts.iter().enumerate() {
                    let hit = Hit { fault: place, part: number, by: By::Together(process) };
                    self.hits.entry(part.service).or_default().push(hit);
                }
            }
            Harm::Links { parts, .. } => {
                let process = self.begin(fault, place, stream, None);
                for &part in parts {
                    let hit = LinkHit { process, part };
                    self.link_hits.entry(part.link).or_default().push(hit);
                }
            }
            Harm::Load { .. } => {}
        }
    }

    /// A process for each replica of a part, or for each of their workers, with luck of its own.
    fn add_each(
        &mut self,
        graph: &Graph,
        place: u32,
        (number, part): (u32, &Part),
        stream: Stream,
    ) {
        let mut chosen = Chosen::default();
        let size = |part: &Part| size(graph, part);
        chosen.draw(std::slice::from_ref(part), size, stream.member(CHOICE), 0);
        let first = self.processes.len() as u32;
        let fault = &graph.faults[place as usize];
        let workers = workers_that_break(graph, fault, part.service);
        for replica in chosen.each(0, part, size(part)) {
            let own = stream.member(u64::from(number) << 32 | u64::from(replica));
            let whose = Some((part.service, replica));
            match workers {
                None => drop(self.begin(fault, place, own, whose)),
                Some(workers) => (0..workers).for_each(|worker| {
                    self.begin(fault, place, own.member(u64::from(worker)), whose);
                }),
            }
        }
        let by = By::Each { first, per_replica: workers.unwrap_or(1), chosen };
        let hit = Hit { fault: place, part: number as usize, by };
        self.hits.entry(part.service).or_default().push(hit);
    }

    /// A process that waits for its first occurrence.
    fn begin(
        &mut self,
        fault: &Fault,
        place: u32,
        stream: Stream,
        own: Option<(ServiceId, u32)>,
    ) -> u32 {
        let number = self.processes.len() as u32;
        let process = Process::new(place, stream, own, fault.begins());
        let due = match &fault.when {
            When::Planned(schedule) => Some(schedule.at),
            When::Random(breakdowns) => process.first(breakdowns, self.rhythm(place)),
        };
        self.processes.push(process);
        self.wait(number, due);
        number
    }

    fn rhythm(&self, fault: u32) -> &Rhythm {
        self.rhythms[fault as usize].as_ref().expect("what breaks down at random has its times")
    }

    fn wait(&mut self, process: u32, due: Option<Time>) {
        if let Some(due) = due.filter(|due| *due < Time::MAX) {
            self.due.push(Reverse((due, process)));
        }
    }

    /// When to come back for the next change, unless that has been asked for already.
    pub(crate) fn next(&mut self, now: Time) -> Option<Time> {
        let Reverse((due, _)) = *self.due.peek()?;
        let is_new = self.asked_for <= now || due < self.asked_for;
        is_new.then(|| {
            self.asked_for = due;
            due
        })
    }

    /// Takes every process to `now`, and notes what has changed in order.
    pub(crate) fn advance(&mut self, graph: &Graph, now: Time, services: &mut [Service]) {
        self.struck.clear();
        self.struck_links.clear();
        let mut idle = std::mem::take(&mut self.idle);
        for number in idle.drain(..) {
            self.due.push(Reverse((now, number)));
        }
        while let Some(&Reverse((due, number))) = self.due.peek() {
            if due > now {
                break;
            }
            self.due.pop();
            if !self.processes[number as usize].is_over {
                self.turn(graph, number, now, services);
            }
        }
        self.in_order();
    }

    /// The moment of a process has come.
    fn turn(&mut self, graph: &Graph, number: u32, now: Time, services: &mut [Service]) {
        let process = &mut self.processes[number as usize];
        let fault = &graph.faults[process.fault as usize];
        let Turn { strikes, due } = match &fault.when {
            When::Planned(schedule) => {
                let parts: &[Part] = match &fault.harm {
                    Harm::Replicas { parts, .. } => parts,
                    Harm::Links { .. } | Harm::Load { .. } => &[],
                };
                process.follow(schedule, parts, |part| size(graph, part), now)
            }
            When::Random(breakdowns) => {
                let own = process.own.filter(|_| breakdowns.while_busy);
                let replica = own.map(|(service, replica)| {
                    &mut services[service.index()].replicas[replica as usize]
                });
                let meter = replica.map(|replica| replica.meter());
                let rhythm = self.rhythms[process.fault as usize].as_ref();
                let rhythm = rhythm.expect("what breaks down at random has its times");
                let turn = process.turn(breakdowns, rhythm, meter, now);
                if turn.due.is_none() && breakdowns.while_busy && now < breakdowns.until {
                    self.idle.push(number);
                }
                turn
            }
        };
        self.wait(number, due);
        if strikes {
            self.strike(graph, number);
        }
    }

    /// Breaks off for good every fault that one of these breaks off; calls `aborted` for each.
    pub(crate) fn abort(
        &mut self,
        graph: &Graph,
        alarms: &[MonitorId],
        now: Time,
        mut aborted: impl FnMut(u32),
    ) {
        self.struck.clear();
        self.struck_links.clear();
        for (place, fault) in (0..).zip(&graph.faults) {
            let breaks_off = fault.abort.is_some_and(|abort| alarms.contains(&abort));
            let is_over = fault.ends() <= now || self.ended_spikes.contains(&place);
            if matches!(fault.harm, Harm::Load { .. }) && breaks_off && !is_over {
                self.ended_spikes.push(place);
                aborted(place);
            }
        }
        for number in 0..self.processes.len() {
            let process = &mut self.processes[number];
            let place = process.fault;
            let aborts = graph.faults[place as usize].abort;
            if process.is_over || !aborts.is_some_and(|abort| alarms.contains(&abort)) {
                continue;
            }
            let was = std::mem::replace(&mut process.strength, 0.0);
            process.is_over = true;
            if was > 0.0 {
                self.strike(graph, number as u32);
            }
            aborted(place);
        }
        self.in_order();
    }

    fn in_order(&mut self) {
        self.struck.sort_unstable();
        self.struck.dedup();
        self.struck_links.sort_unstable();
        self.struck_links.dedup();
    }

    /// Notes everything that a process is about.
    fn strike(&mut self, graph: &Graph, number: u32) {
        let process = &self.processes[number as usize];
        if let Some(own) = process.own {
            self.struck.push(own);
            return;
        }
        match &graph.faults[process.fault as usize].harm {
            Harm::Replicas { parts, .. } => {
                for (place, part) in parts.iter().enumerate() {
                    let struck = process.chosen.each(place, part, size(graph, part));
                    self.struck.extend(struck.map(|replica| (part.service, replica)));
                }
            }
            Harm::Links { parts, .. } => {
                self.struck_links.extend(parts.iter().map(|part| part.link));
            }
            Harm::Load { .. } => {}
        }
    }

    /// What is at work on a replica and how strongly, in the order of the file.
    pub(crate) fn on<'a>(
        &'a self,
        graph: &'a Graph,
        service: ServiceId,
        replica: u32,
    ) -> impl Iterator<Item = (&'a FaultKind, f64)> {
        let hits = self.hits.get(&service).map_or(&[][..], Vec::as_slice);
        hits.iter().flat_map(move |hit| {
            let Harm::Replicas { parts, kind } = &graph.faults[hit.fault as usize].harm else {
                unreachable!("what strikes a service is about replicas")
            };
            let own = self.about(hit, &parts[hit.part], replica);
            let strengths = own.iter().map(|process| process.strength);
            strengths.filter(|strength| *strength > 0.0).map(move |strength| (kind, strength))
        })
    }

    /// The processes that strike a replica when they are at work.
    fn about(&self, hit: &Hit, part: &Part, replica: u32) -> &[Process] {
        match &hit.by {
            By::Together(process) => {
                let process = &self.processes[*process as usize];
                let strikes = process.strength > 0.0 && process.chosen.has(hit.part, part, replica);
                if strikes { std::slice::from_ref(process) } else { &[] }
            }
            By::Each { first, per_replica, chosen } => {
                let place = chosen.place(0, part, replica);
                place.map_or(&[][..], |place| {
                    let (first, many) = (*first as usize, *per_replica as usize);
                    &self.processes[first + place * many..][..many]
                })
            }
        }
    }

    /// Each fault of replicas or links, and how strong it is where it is strongest.
    pub(crate) fn strengths(&self) -> impl Iterator<Item = (u32, f64)> {
        let mut strongest = BTreeMap::new();
        for process in &self.processes {
            let strength: &mut f64 = strongest.entry(process.fault).or_default();
            *strength = strength.max(process.strength);
        }
        strongest.into_iter()
    }

    /// What is at work on a link, in the order of the file, into `sick`.
    pub(crate) fn on_link(&self, link: LinkId, sick: &mut Vec<Sick>) {
        sick.clear();
        let hits = self.link_hits.get(&link).map_or(&[][..], Vec::as_slice);
        for LinkHit { process, part: LinkPart { forth, back, zone, .. } } in hits {
            let Process { fault, strength, .. } = self.processes[*process as usize];
            if strength > 0.0 {
                let (forth, back, zone) = (*forth, *back, *zone);
                sick.push(Sick { harm: fault, strength, forth, back, zone });
            }
        }
    }

    /// What is at work between zones and elsewhere, in the order of the file, into `sick`.
    pub(crate) fn around_zones(&self, graph: &Graph, sick: &mut Vec<Sick>) {
        sick.clear();
        for &Process { fault, strength, .. } in &self.processes {
            if let Harm::Links { parts, .. } = &graph.faults[fault as usize].harm
                && let Some(LinkPart { forth, back, zone: Some(zone), .. }) = parts.first()
                && strength > 0.0
            {
                let (forth, back, zone) = (*forth, *back, Some(*zone));
                sick.push(Sick { harm: fault, strength, forth, back, zone });
            }
        }
    }
}

/// How many replicas the service of a part has.
fn size(graph: &Graph, part: &Part) -> u32 {
    graph.services[part.service.index()].replicas
}

/// How many workers of each replica break down, each on its own; `None` where it is replicas that
/// do.
fn workers_that_break(graph: &Graph, fault: &Fault, service: ServiceId) -> Option<u32> {
    let of_workers = matches!(fault.harm, Harm::Replicas { kind: FaultKind::Worker { .. }, .. });
    let workers = graph.services[service.index()].workers;
    of_workers.then(|| workers.expect("a number that is unlimited has no one that breaks down"))
}
