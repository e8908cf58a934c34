//! Groups that act by themselves: sweeps, and probes that ask replicas how they feel.

use super::Callers;
use super::desk::Desk;
use crate::envelope::{Address, Body, Envelope, Probe};
use crate::event::{Delivery, Event};
use crate::graph::ServiceId;
use crate::world::{Io, Kit, ORDINARY};
use brownout_core::Time;
use brownout_core::queue::Rank;
use brownout_core::slab::Id;

impl Callers {
    /// Starts the groups' timers.
    pub fn begin_watching<K: Kit>(&mut self, io: &mut Io<'_, K>) {
        for number in 0..self.desk.groups.len() {
            self.desk.watch(number, io);
        }
    }

    /// A group's timer has fired.
    #[inline(never)]
    pub fn wake_group<K: Kit>(&mut self, number: u32, rank: Rank, io: &mut Io<'_, K>) {
        let place = number as usize;
        if self.desk.groups[place].timer != rank {
            return;
        }
        let now = io.now();
        let group = &mut self.desk.groups[place];
        group.sweep(now);
        let round = group.begin_round(now);
        self.desk.change(place, io);
        if let Some(round) = round {
            self.desk.ask(Probe { group: number, round }, io);
        }
        self.desk.watch(place, io);
    }

    /// The rank of a group's timer.
    pub fn group_timer(&mut self, number: u32) -> &mut Rank {
        &mut self.desk.groups[number as usize].timer
    }

    /// A replica has said how it feels.
    pub fn probed<K: Kit>(
        &mut self,
        id: Id,
        Probe { group, round }: Probe,
        good: bool,
        io: &mut Io<'_, K>,
    ) {
        let replica = io.links.envelopes[id].to.replica;
        io.links.envelopes.discard(id);
        self.desk.groups[group as usize].answered(replica, round, good);
        self.desk.change(group as usize, io);
    }

    /// A replica of a service comes or goes.
    pub fn set_present(&mut self, service: ServiceId, replica: u32, present: bool, now: Time) {
        for group in self.desk.groups.iter_mut().filter(|group| group.service == service) {
            group.set_present(now, replica, present);
        }
    }
}

impl Desk {
    /// Wakes a group when time alone changes something in it.
    fn watch<K: Kit>(&mut self, number: usize, io: &mut Io<'_, K>) {
        let group = &mut self.groups[number];
        group.timer = match group.next_wakeup().filter(|at| *at < io.end) {
            Some(at) => io.queue.at(at, ORDINARY, Event::Group(number as u32).payload()),
            None => Rank::NONE,
        };
    }

    /// Asks every replica that is there how it feels.
    fn ask<K: Kit>(&mut self, probe: Probe, io: &mut Io<'_, K>) {
        let group = &self.groups[probe.group as usize];
        let (service, way, leaf) = (group.service, group.way, Envelope::NO_ATTEMPT);
        let zone = group.zone;
        for replica in (0..group.replicas()).filter(|replica| group.is_present(*replica)) {
            let (to, body) = (Address { service, replica }, Body::Probe(probe));
            let lineage = group.probe_lineage(probe.round, replica);
            let envelope = Envelope { to, way, leaf, lineage, body, ..Envelope::default() };
            let id = io.links.envelopes.insert(envelope);
            io.links.comes_from(id, zone);
            io.post(id, way, Delivery::Note);
        }
    }
}
