//! Which replica an attempt goes to, and what its end says about that one.

use super::Owner;
use super::desk::{Attempt, Desk};
use super::open::Open;
use super::place::{Groups, Place, Rest};
use super::primary::leader;
use crate::activation::Doing;
use crate::envelope::{Address, Body, Envelope};
use crate::event::Delivery;
use crate::fleet::{Key, Simple};
use crate::group::{Choice, Ended};
use crate::ledger::{Detail, Row, Standing};
use crate::link::Way;
use crate::world::{Io, Kit};
use brownout_core::Time;
use brownout_core::draw::mix;
use brownout_core::slab::Id;
use brownout_policies::outcome::Outcome;

/// Where an attempt went.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Sent {
    leaf: Id,
    replica: u32,
    at: Time,
}

/// So many replicas are remembered of a call; of more, the last ones.
const REMEMBERED: usize = 16;

/// Where a call has been.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Tried {
    call: Id,
    count: u32,
    replicas: [u32; REMEMBERED],
}

impl Tried {
    fn add(&mut self, replica: u32) {
        self.replicas[self.count as usize % REMEMBERED] = replica;
        self.count += 1;
    }

    fn all(&self) -> &[u32] {
        &self.replicas[..REMEMBERED.min(self.count as usize)]
    }
}

impl Desk {
    /// The replica for an attempt; nobody if nobody may be chosen.
    #[inline(never)]
    pub(super) fn choose(&mut self, attempt: &Attempt, now: Time) -> Option<u32> {
        let &Attempt { leaf, call, site, replica: caller, lineage, elsewhere, .. } = attempt;
        let place = &self.places[site.index()];
        if let Some(learns) = &place.rest.leader {
            return Some(leader(place, learns, &self.led, caller, now));
        }
        if place.rest.groups.is_none() && !place.rest.elsewhere {
            return Some(simple(place, &mut self.turns, caller, lineage, &[]));
        }
        let known = self.tried.get(call.place()).filter(|tried| tried.call == call);
        let mut tried = known.copied().unwrap_or(Tried { call, ..Tried::default() });
        let besides = if elsewhere { tried.all() } else { &[] };
        let chosen = match place.rest.groups {
            None => simple(place, &mut self.turns, caller, lineage, besides),
            Some(groups) => {
                let open = &self.open[call];
                let unit = unit(place, open);
                let key = key(groups, open, unit);
                let group = &mut self.groups[groups.of(caller)];
                let chosen = group.choose(now, &Choice { lineage, key, unit, besides })?;
                group.sent(chosen);
                put(&mut self.sent, leaf, Sent { leaf, replica: chosen, at: now });
                chosen
            }
        };
        if place.rest.elsewhere {
            tried.add(chosen);
            put(&mut self.tried, call, tried);
        }
        Some(chosen)
    }

    /// Nobody may be chosen: the balancer itself says no, at once.
    #[cold]
    pub(super) fn turn_back<K: Kit>(&mut self, attempt: &Attempt, io: &mut Io<'_, K>) -> Id {
        let &Attempt { call, lineage, .. } = attempt;
        let name = self.open.get(call).map_or(lineage, |open| open.lineage);
        io.tell(|_| Detail::NobodyThere { call: name, lineage });
        self.answer_for(attempt, Outcome::REFUSED, io)
    }

    /// Answers an attempt in place of whoever it was for, at once.
    pub(super) fn answer_for<K: Kit>(
        &self,
        attempt: &Attempt,
        outcome: Outcome,
        io: &mut Io<'_, K>,
    ) -> Id {
        let &Attempt { leaf, call, site, intended, lineage, .. } = attempt;
        let to = Address { service: self.places[site.index()].of.target, replica: 0 };
        let (body, way) = (Body::Reply(outcome), Way::AT_ONCE);
        let answer =
            Envelope { to, site, leaf, call, lineage, intended, body, ..Envelope::default() };
        debug_assert!(answer.work.doing == Doing::Travelling, "nobody works on it");
        let id = io.links.envelopes.insert(answer);
        io.post(id, way, Delivery::Answer);
        id
    }

    /// An attempt is over for its caller: who keeps account of its replica hears of it.
    #[inline(never)]
    pub(super) fn hear<K: Kit>(
        &mut self,
        leaf: Id,
        call: Id,
        lineage: u64,
        outcome: Outcome,
        io: &mut Io<'_, K>,
    ) {
        let open = &self.open[call];
        let place = &self.places[open.site.index()];
        let Some(groups) = place.rest.groups else { return };
        let Some(&Sent { replica, at, .. }) = self.sent_as(leaf) else { return };
        if place.rest.leader.is_some() {
            return;
        }
        let number = groups.of(open.replica);
        let end = Ended { outcome, lineage, unit: unit(place, open) };
        let now = io.now();
        if self.groups[number].ended(now, replica, now - at, &end) {
            self.change(number, io);
        }
    }

    /// Notes from which zone an attempt comes, and where it goes.
    #[inline(never)]
    pub(super) fn mark_zone<K: Kit>(
        &mut self,
        attempt: &Attempt,
        (envelope, replica): (Id, u32),
        io: &mut Io<'_, K>,
    ) {
        let &Attempt { leaf, site, replica: caller, .. } = attempt;
        let zone = io.graph.zone_of_caller(&io.graph.sites[site.index()], caller);
        io.links.comes_from(envelope, zone);
        let is_kept = self.places[site.index()].rest.groups.is_some();
        if !leaf.is_none() && !is_kept {
            put(&mut self.sent, leaf, Sent { leaf, replica, at: io.now() });
        }
    }

    /// The replica to which an attempt went; the first if it is not known.
    pub(super) fn sent_to(&self, leaf: Id) -> u32 {
        self.sent_as(leaf).map_or(0, |sent| sent.replica)
    }

    /// Where an attempt went, if it went anywhere.
    fn sent_as(&self, leaf: Id) -> Option<&Sent> {
        self.sent.get(leaf.place()).filter(|sent| sent.leaf == leaf)
    }

    /// Replicas are set aside by a group, or come back.
    pub(super) fn change<K: Kit>(&mut self, number: usize, io: &mut Io<'_, K>) {
        let group = &mut self.groups[number];
        let (now, service) = (io.now(), group.service);
        group.change(now, |replica, back| {
            let is = if back { Standing::TakenBack } else { Standing::SetAside };
            io.record(Row::Replica { service, replica, is });
        });
    }
}

/// Whose turn it is at each site, for round robin: one number per caller replica.
#[derive(Debug, Default)]
pub(crate) struct Turns(Vec<u32>);

impl Turns {
    /// One more site, with so many caller replicas, each of which begins with another replica, if
    /// there are several; where its turns begin.
    pub(super) fn add(&mut self, callers: u32, replicas: u32) -> u32 {
        let begins = u32::try_from(self.0.len()).expect("fewer than 2^32 replicas call");
        if replicas > 1 {
            self.0.extend((0..callers).map(|caller| caller % replicas));
        }
        begins
    }

    fn of(&mut self, place: &Place, caller: u32) -> &mut u32 {
        &mut self.0[place.turn as usize + caller as usize]
    }
}

impl Place {
    /// Whether a replica is chosen without a look at what is known of any of them.
    pub(super) fn chooses_simply(&self) -> bool {
        let Rest { groups, leader, elsewhere, .. } = &*self.rest;
        self.only || (leader.is_none() && groups.is_none() && !elsewhere)
    }

    /// The replica for an attempt, where that is so.
    #[inline(always)]
    pub(super) fn choose(&self, turns: &mut Turns, caller: u32, lineage: u64) -> u32 {
        if self.only { 0 } else { any(self, turns, caller, lineage) }
    }
}

/// A replica by a rule that keeps no account of them.
#[inline(never)]
fn any(place: &Place, turns: &mut Turns, caller: u32, lineage: u64) -> u32 {
    let replicas = place.replicas;
    match place.simple {
        Simple::RoundRobin => {
            let turn = turns.of(place, caller);
            let replica = *turn;
            *turn = if replica + 1 == replicas { 0 } else { replica + 1 };
            replica
        }
        Simple::Random => {
            let unit = place.stream.draws(lineage).unit();
            ((unit * f64::from(replicas)) as u32).min(replicas - 1)
        }
    }
}

/// A replica by such a rule, none of `besides` if that is possible.
fn simple(place: &Place, turns: &mut Turns, caller: u32, lineage: u64, besides: &[u32]) -> u32 {
    if besides.is_empty() {
        return any(place, turns, caller, lineage);
    }
    let replicas = place.replicas;
    let is_left_out = |replica: &u32| besides.contains(replica);
    let left = (0..replicas).filter(|replica| !is_left_out(replica)).count() as u32;
    match place.simple {
        Simple::RoundRobin => {
            let turn = turns.of(place, caller);
            let mut replica = *turn;
            while left > 0 && left < replicas && is_left_out(&replica) {
                replica = (replica + 1) % replicas;
            }
            *turn = (replica + 1) % replicas;
            replica
        }
        Simple::Random => {
            let of = if left == 0 { replicas } else { left };
            let unit = place.stream.draws(lineage).unit();
            let nth = ((unit * f64::from(of)) as u32).min(of - 1);
            if of == replicas {
                return nth;
            }
            let mut others = (0..replicas).filter(|replica| !is_left_out(replica));
            others.nth(nth as usize).expect("so many are left")
        }
    }
}

/// Which user, where users are told apart; or 0.
fn unit(place: &Place, open: &Open) -> u32 {
    match place.owner(open.caller) {
        Owner::User { user, .. } if place.rest.has_users => user,
        Owner::User { .. } | Owner::Activation { .. } => 0,
    }
}

/// What a rule that hashes goes by.
fn key(groups: Groups, open: &Open, unit: u32) -> u64 {
    match groups.key {
        Key::Call => open.lineage,
        Key::Caller => mix(u64::from(open.replica), u64::from(unit)),
    }
}

/// Keeps something beside an entry of a slab, by its place.
fn put<T: Copy + Default>(kept: &mut Vec<T>, id: Id, one: T) {
    if kept.len() <= id.place() {
        kept.resize(id.place() + 1, T::default());
    }
    kept[id.place()] = one;
}
