//! Routes: where a job goes when it is done here, and to which replica.
//!
//! Whoever routes a job does not hear what becomes of it, so only rules that need not know choose.

use super::{ROUTE, ROUTE_REPLICA, Service};
use crate::clock::read_by;
use crate::envelope::{Address, Body};
use crate::event::Delivery;
use crate::fleet::{Balance, Key, Simple};
use crate::graph::{self, Deadlines, Graph, ServiceId};
use crate::ledger::Detail;
use crate::link::{Way, Ways};
use crate::world::{Io, Kit};
use brownout_core::draw::mix;
use brownout_core::slab::Id;
use brownout_core::{Draws, Time};
use brownout_policies::balance;

/// A route, ready to take.
#[derive(Debug)]
pub(super) struct Onward {
    /// Probability of this route or an earlier one.
    up_to: f64,
    to: ServiceId,
    endpoint: u16,
    replicas: u32,
    way: Way,
    chooser: Chooser,
}

/// Who chooses a replica at the end of a route.
#[derive(Debug)]
enum Chooser {
    /// Any.
    Random,
    /// One after the other, for each replica that routes.
    Turns(Box<[u32]>),
    /// By a rule, for each replica that routes.
    Rule(Box<[balance::Balance]>, Key),
}

impl Onward {
    /// The routes of a service.
    pub(super) fn all(graph: &Graph, from: &graph::Service, ways: &Ways) -> Vec<Onward> {
        let mut up_to = 0.0;
        let routes = from.next.iter().map(|route| {
            up_to += route.probability;
            let target = &graph.services[route.to.index()];
            let chooser = Chooser::new(&target.fleet.balance, target, from.replicas);
            let way = ways.by(route.link);
            let (to, endpoint, replicas) = (route.to, route.endpoint, target.replicas);
            Onward { up_to, to, endpoint, replicas, way, chooser }
        });
        routes.collect()
    }

    /// The replica for a job that this one of ours passes on.
    fn choose(&mut self, now: Time, from: u32, lineage: u64, draws: &mut Draws) -> u32 {
        let (from_place, replicas) = (from as usize, self.replicas);
        if replicas == 1 {
            return 0;
        }
        match &mut self.chooser {
            Chooser::Random => ((draws.unit() * f64::from(replicas)) as u32).min(replicas - 1),
            Chooser::Turns(turns) => {
                let replica = turns[from_place] % replicas;
                turns[from_place] = (replica + 1) % replicas;
                replica
            }
            Chooser::Rule(choosers, key) => {
                let key = match key {
                    Key::Call => lineage,
                    Key::Caller => mix(u64::from(from), 0),
                };
                choosers[from_place].pick(now, draws, key).unwrap_or(0)
            }
        }
    }
}

impl Chooser {
    fn new(by: &Balance, target: &graph::Service, replicas: u32) -> Chooser {
        match by.simple().filter(|_| !target.fleet.comes_and_goes()) {
            Some(Simple::Random) => Chooser::Random,
            Some(Simple::RoundRobin) => Chooser::Turns((0..replicas).collect()),
            None => {
                let chooser = |number: u32| {
                    let sound = "a graph's settings are sound";
                    let mut chooser =
                        balance::Balance::new(by.config, &target.weights()).expect(sound);
                    chooser.start_at(number % target.replicas);
                    chooser
                };
                Chooser::Rule((0..replicas).map(chooser).collect(), by.key)
            }
        }
    }
}

impl Service {
    /// A replica of another service comes or goes: routes to it hear of that.
    pub(crate) fn set_present(&mut self, of: ServiceId, replica: u32, present: bool, now: Time) {
        for route in self.rest.next.iter_mut().filter(|route| route.to == of) {
            if let Chooser::Rule(choosers, _) = &mut route.chooser {
                for chooser in choosers {
                    chooser.set_present(now, replica, present);
                }
            }
        }
    }

    /// Takes a route onward, if the draw says so: the request goes on in its envelope.
    #[inline(never)]
    pub(super) fn go_on<K: Kit>(&mut self, id: Id, io: &mut Io<'_, K>) -> bool {
        let envelope = &mut io.links.envelopes[id];
        let unit = self.rest.stream.member(ROUTE).draws(envelope.lineage).unit();
        let route = self.rest.next.iter_mut().find(|route| unit < route.up_to);
        let Some(route) = route else { return false };
        let lineage = mix(envelope.lineage, u64::from(route.to.0) << 32 | ROUTE);
        let mut draws = self.rest.stream.member(ROUTE_REPLICA).draws(lineage);
        let replica = route.choose(io.queue.now(), envelope.to.replica, lineage, &mut draws);
        let (deadline, class) = (envelope.deadline(), envelope.class());
        let remaining = envelope.remaining(io.queue.now());
        let own = envelope.lineage;
        let from = std::mem::replace(&mut envelope.to, Address { service: route.to, replica });
        let to = envelope.to;
        (envelope.way, envelope.lineage, envelope.work.step) = (route.way, lineage, route.endpoint);
        envelope.body = match self.deadlines {
            Deadlines::Absolute { .. } if deadline != Time::MAX => {
                let ahead = |at: Address| io.clocks.ahead(io.graph, at);
                let moment = read_by(deadline, ahead(from), ahead(envelope.to));
                Body::RequestBy { moment, class }
            }
            _ => Body::Request { remaining, class },
        };
        if io.links.minds_zones() {
            let zone = io.graph.services[from.service.index()].zone(from.replica);
            io.links.comes_from(id, zone);
        }
        io.links.effects.goes_on(id, to.service.0);
        io.tell(|_| Detail::Onward { from: own, lineage, to });
        io.post(id, route.way, Delivery::Request);
        true
    }
}
