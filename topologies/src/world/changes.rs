//! What changes the nodes themselves: faults that come and go, replicas that stop and start.

use super::{FAULT, Io, Kit, Nodes};
use crate::event::Event;
use crate::ledger::{Detail, Sink};
use crate::lives::{Lives, Told};

impl Nodes {
    /// Faults begin, change their strength or end.
    #[inline(never)]
    pub(super) fn change_faults<K: Kit>(&mut self, io: &mut Io<'_, K>) {
        self.faults.advance(io.graph, io.now(), &mut self.services);
        self.turn_knobs(io);
        for service in &self.replicated {
            self.services[service.index()].fail_over(&mut self.callers, io);
        }
        self.await_faults(io);
    }

    /// A monitor has begun to fire: whatever it breaks off is over.
    #[cold]
    #[inline(never)]
    pub(super) fn abort_faults<K: Kit>(&mut self, io: &mut Io<'_, K>) {
        let (now, ledger) = (io.now(), &mut io.log.ledger);
        let alarms = ledger.alarms().to_vec();
        let spikes = self.faults.ended_spikes.len();
        self.faults.abort(io.graph, &alarms, now, |fault| ledger.abort(fault, now));
        if self.faults.ended_spikes.len() > spikes {
            self.sources.end_spikes(&self.faults.ended_spikes, spikes, io);
        }
        self.turn_knobs(io);
    }

    /// Tells those for whom something has changed what is at work on them now.
    fn turn_knobs<K: Kit>(&mut self, io: &mut Io<'_, K>) {
        let Nodes { services, callers, faults, lives, .. } = self;
        if io.log.sink.listens() {
            for (fault, strength) in faults.strengths() {
                io.tell(|_| Detail::Fault { fault, strength });
            }
        }
        for &(service, replica) in &faults.struck {
            let at_work = faults.on(io.graph, service, replica);
            services[service.index()].set_faults(replica, at_work, callers, io);
            lives.after_faults(service, replica, &mut Told { services, callers, io });
        }
        for &link in &faults.struck_links {
            faults.on_link(link, io.links.sickness(link));
        }
        if !self.replicated.is_empty() {
            faults.around_zones(io.graph, &mut io.links.around);
            for service in &self.replicated {
                services[service.index()].feel_links(io);
            }
        }
    }

    /// Has something done about replicas' lives.
    #[inline(never)]
    pub(super) fn live<'w, K: Kit>(
        &mut self,
        io: &mut Io<'w, K>,
        does: impl FnOnce(&mut Lives, &mut Told<'_, 'w, K>),
    ) {
        let Nodes { services, callers, lives, .. } = self;
        does(lives, &mut Told { services, callers, io });
    }

    /// Schedules the next change of what is at work.
    pub(super) fn await_faults<K: Kit>(&mut self, io: &mut Io<'_, K>) {
        if let Some(at) = self.faults.next(io.now()).filter(|at| *at < io.end) {
            io.queue.rarely(at, FAULT, Event::Faults.payload());
        }
    }
}
