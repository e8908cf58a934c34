//! Users who wait for the answer: those of closed loops, and visitors of open ones who ask again.

use super::{Source, request_lineage};
use crate::caller::Callers;
use crate::event::Event;
use crate::graph::{Conduct, LoadId, Obey, SiteId};
use crate::ledger::Row;
use crate::world::{Io, Kit, ORDINARY};
use brownout_core::dist::Sampler;
use brownout_core::draw::mix;
use brownout_core::random::{Seed, Stream};
use brownout_core::slab::Slab;
use brownout_core::{Span, Time};
use brownout_policies::outcome::Outcome;

/// Someone who came to an open loop and asks again when it goes badly; kept until it does not.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Visitor {
    pub(super) load: LoadId,
    pub(super) client: u32,
    pub(super) site: SiteId,
    /// The lineage of the first request.
    pub(super) first: u64,
    /// How often it has asked again.
    pub(super) reloads: u32,
}

impl Visitor {
    /// Tells reloads from other children of the first request.
    const RELOAD: u64 = 0x7265_6c6f_6164_0000;

    /// The lineage of the n-th reload.
    fn lineage(&self, nth: u32) -> u64 {
        if nth == 0 { self.first } else { mix(self.first, Visitor::RELOAD ^ u64::from(nth)) }
    }
}

/// What users do after a failure, ready to be drawn.
#[derive(Debug)]
pub(super) struct Temper {
    /// How often in a row they ask again.
    times: u32,
    /// How long after the failure.
    after: Option<Sampler>,
    obey: Obey,
    /// Names the draws of the waits before a reload.
    waits: Stream,
    /// Names the draws of how much later than told they come.
    later: Stream,
}

impl Temper {
    pub(super) fn new(conduct: &Conduct, load: &str, seed: Seed) -> Temper {
        let reload = conduct.reload.as_ref();
        Temper {
            times: reload.map_or(0, |reload| reload.times),
            after: reload.map(|reload| reload.after.sampler()),
            obey: conduct.obey,
            waits: seed.stream(&format!("reloads {load}")),
            later: seed.stream(&format!("retry-after {load}")),
        }
    }

    /// Whether users of an open loop have to be remembered.
    pub(super) fn reloads(&self) -> bool {
        self.after.is_some()
    }

    /// How long before a user who has just failed asks again, if it does; `next` is the lineage of
    /// that request, the `nth` in a row.
    fn reload(&self, nth: u32, next: u64) -> Option<Span> {
        let after = self.after.as_ref().filter(|_| nth < self.times)?;
        Some(Span::round(after.sample(&mut self.waits.draws(next), u64::from(nth))))
    }

    /// How long a user stays away because it was told to.
    fn told(&self, outcome: Outcome, next: u64) -> Span {
        match (self.obey, outcome.retry_after()) {
            (Obey::Ignore, _) | (_, None) => Span::ZERO,
            (obey, Some(told)) => obey.pause(told, self.later.draws(next).unit()),
        }
    }
}

/// The users of a closed loop.
#[derive(Debug)]
pub(super) struct Users {
    pub(super) think: Sampler,
    /// Names the draws of think times.
    pub(super) stream: Stream,
    /// When all ask for the first time, if not each after a think time.
    pub(super) start: Option<Time>,
    /// How often in a row each has asked again; empty where nobody does.
    pub(super) reloads: Vec<u32>,
    /// Requests of each so far.
    pub(super) made: Vec<u64>,
}

impl Source {
    /// Users begin to think, or all ask at one moment.
    pub(super) fn begin_users<K: Kit>(&mut self, io: &mut Io<'_, K>) {
        let start = self.users().start;
        for user in 0..self.users().made.len() as u32 {
            match start {
                Some(at) => self.come(user, at, io),
                None => self.think(user, Span::ZERO, io),
            }
        }
    }

    /// A user of a closed loop asks.
    pub(super) fn ask<K: Kit>(&mut self, number: u32, callers: &mut Callers, io: &mut Io<'_, K>) {
        let user = number - self.first_user;
        let made = &mut self.users_mut().made[user as usize];
        let nth = *made;
        *made += 1;
        let lineage = request_lineage(self.name, user, nth);
        if self.simple {
            callers.begin(self.request(self.site, 0, user, lineage, io.now()), io);
            return;
        }
        let reloads = self.users().reloads.get(user as usize).copied().unwrap_or(0);
        // Who asks again asks for the same.
        let visit = request_lineage(self.name, user, nth - u64::from(reloads));
        let site = self.site_of(visit);
        if reloads > 0 {
            io.record(Row::Reloaded { site, target: io.graph.sites[site.index()].target });
        }
        callers.begin(self.request(site, user % self.clients.number, user, lineage, io.now()), io);
    }

    /// A user of a closed loop has an answer, or none.
    #[inline]
    pub(super) fn user_ended<K: Kit>(&mut self, user: u32, outcome: Outcome, io: &mut Io<'_, K>) {
        if self.simple || outcome.is_success() {
            if let Some(reloads) = self.users_mut().reloads.get_mut(user as usize) {
                *reloads = 0;
            }
            return self.think(user, Span::ZERO, io);
        }
        let nth = self.users().made[user as usize];
        let next = request_lineage(self.name, user, nth);
        let told = self.temper.told(outcome, next);
        let reloads = self.users().reloads.get(user as usize).copied().unwrap_or(0);
        let again = self.temper.reload(reloads, next);
        if let Some(own) = self.users_mut().reloads.get_mut(user as usize) {
            *own = if again.is_some() { reloads + 1 } else { 0 };
        }
        match again {
            Some(after) => self.come(user, io.now().saturating_add(after.max(told)), io),
            None => self.think(user, told, io),
        }
    }

    /// A user thinks before the next request, at least for so long.
    fn think<K: Kit>(&mut self, user: u32, at_least: Span, io: &mut Io<'_, K>) {
        let nth = self.users().made[user as usize];
        let Users { think, stream, .. } = self.users();
        let mut draws = stream.draws(request_lineage(self.name, user, nth));
        let thinks = Span::round(think.sample(&mut draws, nth)).max(at_least);
        self.come(user, io.now().saturating_add(thinks), io);
    }

    /// A user will ask at a moment of the run.
    fn come<K: Kit>(&self, user: u32, at: Time, io: &mut Io<'_, K>) {
        if at < io.end {
            io.queue.at(at, ORDINARY, Event::User(self.first_user + user).payload());
        }
    }

    /// A visitor has an answer, or none: it leaves, or will ask again. `first` is the number of the
    /// first visitor.
    pub(super) fn visitor_ended<K: Kit>(
        &self,
        place: u32,
        outcome: Outcome,
        (first, visitors): (u32, &mut Slab<Visitor>),
        io: &mut Io<'_, K>,
    ) {
        let id = visitors.name(place);
        let visitor = &mut visitors[id];
        let next = visitor.lineage(visitor.reloads + 1);
        let again = match outcome.is_success() {
            true => None,
            false => self.temper.reload(visitor.reloads, next),
        };
        let again = again.map(|after| after.max(self.temper.told(outcome, next)));
        let at = again.map(|after| io.now().saturating_add(after)).filter(|at| *at < io.end);
        match at {
            Some(at) => {
                visitor.reloads += 1;
                io.queue.at(at, ORDINARY, Event::User(first + place).payload());
            }
            None => visitors.discard(id),
        }
    }

    /// A visitor asks again.
    pub(super) fn reload<K: Kit>(
        &self,
        place: u32,
        visitor: Visitor,
        callers: &mut Callers,
        io: &mut Io<'_, K>,
    ) {
        let Visitor { client, site, reloads, .. } = visitor;
        io.record(Row::Reloaded { site, target: io.graph.sites[site.index()].target });
        callers.begin(self.request(site, client, place, visitor.lineage(reloads), io.now()), io);
    }
}
