//! Listening changes nothing, and what is heard agrees with what is there.

use crate::{conservation, workloads};
use brownout_core::random::Seed;
use brownout_core::{Span, Time};
use brownout_topologies::envelope::Address;
use brownout_topologies::graph::{Graph, ServiceId};
use brownout_topologies::ledger::{Detail, Plan, Row, Sink};
use brownout_topologies::run::{listen, look, run};
use std::collections::{BTreeMap, BTreeSet};

/// What is known by ear alone, until a moment.
struct Ear {
    until: Time,
    /// Who has a worker, and who waits for one, by lineage.
    seated: BTreeMap<u64, (ServiceId, u32)>,
    waiting: BTreeMap<u64, (ServiceId, u32)>,
    /// Whose work is under way.
    working: BTreeSet<u64>,
    /// Calls and attempts without an end, and how many there were.
    calls: BTreeSet<u64>,
    attempts: BTreeSet<u64>,
    begun: usize,
}

impl Ear {
    fn new(until: Time) -> Ear {
        let (seated, waiting) = (BTreeMap::new(), BTreeMap::new());
        let (working, calls, attempts) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
        Ear { until, seated, waiting, working, calls, attempts, begun: 0 }
    }

    fn sit(&mut self, lineage: u64, at: Address) {
        self.waiting.remove(&lineage);
        assert!(self.seated.insert(lineage, (at.service, at.replica)).is_none(), "one worker each");
    }

    fn rise(&mut self, lineage: u64) {
        assert!(self.seated.remove(&lineage).is_some(), "who rises has a worker");
    }

    fn leave(&mut self, lineage: u64) {
        self.seated.remove(&lineage);
        self.waiting.remove(&lineage);
        assert!(!self.working.contains(&lineage), "work ends before its activation does");
    }
}

impl Sink for Ear {
    fn row(&mut self, at: Time, row: &Row<'_>) {
        if at > self.until {
            return;
        }
        match *row {
            Row::CallBegun { lineage, .. } => assert!(self.calls.insert(lineage)),
            Row::CallEnded { lineage, .. } | Row::CallAbandoned { lineage } => {
                assert!(self.calls.remove(&lineage), "a call ends once");
            }
            Row::AttemptSent { lineage, .. } => {
                self.begun += 1;
                assert!(self.attempts.insert(lineage));
            }
            Row::AttemptSettled { lineage, .. } | Row::AttemptGivenUp { lineage, .. } => {
                assert!(self.attempts.remove(&lineage), "an attempt ends once");
            }
            Row::WorkDone { lineage, .. } | Row::WorkStopped { lineage, .. } => {
                assert!(self.working.remove(&lineage), "what ends has begun");
            }
            Row::Left { lineage, .. } | Row::BranchLeft { lineage, .. } => self.leave(lineage),
            _ => {}
        }
    }

    fn detail(&mut self, at: Time, detail: &Detail) {
        if at > self.until {
            return;
        }
        match *detail {
            Detail::Seated { lineage, at } => self.sit(lineage, at),
            Detail::Rose { lineage, .. } => self.rise(lineage),
            Detail::Interrupted { lineage, at } => {
                self.rise(lineage);
                assert!(self.working.remove(&lineage));
                self.waiting.insert(lineage, (at.service, at.replica));
            }
            Detail::HandedOver { from, to, at } => {
                self.rise(from);
                self.sit(to, at);
            }
            Detail::Waits { lineage, at, at_gate: false } => {
                self.waiting.insert(lineage, (at.service, at.replica));
            }
            Detail::WorkBegan { lineage, .. } => {
                assert!(self.seated.contains_key(&lineage), "who works has a worker");
                assert!(self.working.insert(lineage), "one piece of work at a time");
            }
            _ => {}
        }
    }
}

fn cases() -> [Graph; 4] {
    let odd = workloads::w2l_out_of_the_ordinary(20.0);
    [workloads::w1(5_000.0), workloads::w2(40.0), odd, conservation::eventful()]
}

#[test]
fn a_listener_changes_no_digest() {
    for graph in cases() {
        let (seed, plan) = (Seed::new(3), workloads::plan(&graph));
        let alone = run(&graph, seed, &plan).unwrap_or_else(|error| panic!("{error}"));
        let mut ear = Ear::new(Time::MAX);
        let heard = listen(&graph, seed, &plan, &mut ear).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(heard.digest(), alone.digest());
        assert!(ear.begun > 1_000);
    }
}

/// Queue lengths, workers taken and open attempts are counted over what is said, and looked up in
/// the world itself.
#[test]
fn what_is_heard_until_a_moment_is_what_there_is_at_that_moment() {
    for graph in cases() {
        let (seed, plan) = (Seed::new(1), Plan::default());
        for share in [0.1, 0.35, 0.52, 0.7, 1.0] {
            let at = Time::ZERO + Span::from_secs(graph.time.as_secs() * share);
            let mut ear = Ear::new(at);
            listen(&graph, seed, &plan, &mut ear).unwrap_or_else(|error| panic!("{error}"));
            let look = look(&graph, seed, at).unwrap_or_else(|error| panic!("{error}"));
            for (service, replicas) in (0..).map(ServiceId).zip(&look.services) {
                for (replica, found) in (0..).zip(replicas) {
                    let count = |all: &BTreeMap<u64, (ServiceId, u32)>| {
                        all.values().filter(|at| **at == (service, replica)).count() as u32
                    };
                    let name = &graph.services[service.index()].name;
                    assert_eq!(count(&ear.seated), found.busy, "busy at {name} at {at}");
                    assert_eq!(count(&ear.waiting), found.waiting, "queue of {name} at {at}");
                }
            }
            let with_policies: u32 = look.sites.iter().map(|site| site.calls).sum();
            let plain: u32 = look.plain.iter().sum();
            assert_eq!(ear.calls.len() as u32, with_policies + plain, "calls at {at}");
        }
    }
}
