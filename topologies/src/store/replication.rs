//! The changes of a store on their way to the replicas that follow, and who leads them.
//!
//! A change is what was asked of the primary; a follower does the same at its own store once its
//! time has come. Nothing wakes up for that: whoever looks at a follower first does what is due
//! there. Memory is bounded by the changes that are on their way.

use super::Asking;
use crate::graph::{self, Act, Service};
use brownout_core::dist::Sampler;
use brownout_core::random::Stream;
use brownout_core::slab::Id;
use brownout_core::{Span, Time};
use std::collections::VecDeque;

/// Who leads the replicas of a service, and what the others have of it.
#[derive(Debug)]
pub struct Replication {
    lag: Sampler,
    synchronous: u32,
    failover: Option<Span>,
    /// Names the draws of lags: a member for each follower.
    stream: Stream,
    role: Role,
    /// What not every follower has yet, the oldest first.
    log: VecDeque<Change>,
    /// How many changes were before those.
    before: u64,
    /// By replica; the primary's own place means nothing.
    followers: Vec<Follower>,
    /// Who changed something that is lost, and has not been answered yet.
    doubtful: Vec<Id>,
    /// When each follower has a change that some of them must have; room that is used again.
    have_it: Vec<Time>,
}

/// Who takes changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Role {
    /// Who is the primary, or was it last.
    primary: u32,
    /// Whether it is there.
    serves: bool,
    /// When another takes its place.
    promotes_at: Option<Time>,
    /// Who was deprived of it and may not have it back yet.
    exiled: Option<u32>,
}

/// Something that was done at the primary.
#[derive(Debug, Clone, Copy)]
pub struct Change {
    /// At which store.
    pub store: u16,
    /// What.
    pub act: Act,
    /// By whom, and about what.
    pub asking: Asking,
    /// When.
    at: Time,
    /// Whether whoever wanted it has been answered.
    acknowledged: bool,
}

#[derive(Debug)]
struct Follower {
    /// Whether it follows: its process lives, and it has had all that was before.
    follows: bool,
    /// Which change it has next.
    next: u64,
    /// When it has that one, and those after it.
    due: VecDeque<Time>,
    /// When the last of them is due.
    last: Time,
}

/// What is lost with a primary.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Lost {
    /// Who takes its place.
    pub primary: u32,
    /// Changes of rows that nobody has.
    pub writes: u64,
    /// Of all changes, those whose requests had been answered.
    pub acknowledged: u64,
}

impl Replication {
    /// All replicas alive and equal, the first one their primary.
    pub fn new(rule: &graph::Replication, service: &Service, stream: Stream) -> Replication {
        let follower =
            |_| Follower { follows: true, next: 0, due: VecDeque::new(), last: Time::ZERO };
        Replication {
            lag: rule.lag.sampler(),
            synchronous: rule.synchronous,
            failover: rule.failover,
            stream,
            role: Role { primary: 0, serves: true, promotes_at: None, exiled: None },
            log: VecDeque::new(),
            before: 0,
            followers: (0..service.replicas).map(follower).collect(),
            doubtful: Vec::new(),
            have_it: Vec::new(),
        }
    }

    /// Who is the primary, or was it last.
    pub fn primary(&self) -> u32 {
        self.role.primary
    }

    /// Whether a replica takes changes.
    pub fn leads(&self, replica: u32) -> bool {
        self.role.serves && self.role.primary == replica
    }

    /// Whether as many follow as must have a change.
    pub fn has_enough(&self) -> bool {
        let following = self.following().count() as u32;
        following >= self.synchronous
    }

    /// When another takes the primary's place, if that is to be.
    pub fn promotes_at(&self) -> Option<Time> {
        self.role.promotes_at
    }

    /// Those who follow.
    pub fn following(&self) -> impl Iterator<Item = u32> {
        let primary = self.role.primary;
        let all = (0..).zip(&self.followers);
        all.filter(move |(number, own)| own.follows && *number != primary).map(|own| own.0)
    }

    /// The primary has changed something: when as many have it as must. `lineage` names the draws.
    pub fn add(&mut self, now: Time, lineage: u64, store: u16, act: Act, asking: Asking) -> Time {
        let (primary, nth) = (self.role.primary, self.before + self.log.len() as u64);
        self.have_it.clear();
        for (number, own) in (0..).zip(&mut self.followers) {
            if !own.follows || number == primary {
                continue;
            }
            let mut draws = self.stream.member(u64::from(number)).draws(lineage);
            let lag = Span::round(self.lag.sample(&mut draws, nth));
            own.last = own.last.max(now.saturating_add(lag));
            own.due.push_back(own.last);
            if self.synchronous > 0 {
                self.have_it.push(own.last);
            }
        }
        // What is done again is what came of it: a follower has no lock and nothing that was read.
        let act = if let Act::Write { .. } = act { Act::Write { unchanged: false } } else { act };
        self.log.push_back(Change { store, act, asking, at: now, acknowledged: false });
        self.forget_what_all_have();
        self.have_it.sort_unstable();
        (self.synchronous as usize).checked_sub(1).map_or(now, |last| self.have_it[last])
    }

    /// What a follower has next, if its time has come. Nothing more comes from a primary that is
    /// gone.
    pub fn next_due(&mut self, replica: u32, now: Time) -> Option<Change> {
        let own = &mut self.followers[replica as usize];
        if !self.role.serves || !own.follows || own.due.front().is_none_or(|due| *due > now) {
            return None;
        }
        own.due.pop_front();
        let change = self.log[(own.next - self.before) as usize];
        own.next += 1;
        Some(change)
    }

    /// Forgets what every follower has.
    pub fn forget_what_all_have(&mut self) {
        let next = self.following().map(|one| self.followers[one as usize].next).min();
        let end = self.before + self.log.len() as u64;
        let had = next.unwrap_or(end) - self.before;
        self.log.drain(..had as usize);
        self.before += had;
    }

    /// The request of one who has come at `since` and changed something is over. How many of its
    /// changes are lost that it takes for done.
    pub fn settle(&mut self, id: Id, since: Time, answered: bool) -> u64 {
        let since = self.log.iter_mut().rev().take_while(|change| change.at >= since);
        since
            .filter(|change| change.asking.id == id)
            .for_each(|change| change.acknowledged = answered);
        let before = self.doubtful.len();
        self.doubtful.retain(|doubtful| *doubtful != id);
        if answered { (before - self.doubtful.len()) as u64 } else { 0 }
    }

    /// Since when a follower has not had what the primary has of a key: the moment of the first
    /// change that it lacks, if it still follows.
    pub fn lacks_since(&self, replica: u32, store: u16, key: u32) -> Option<Time> {
        let own = &self.followers[replica as usize];
        let from = own.next.checked_sub(self.before).filter(|_| own.follows)?;
        let missing = self.log.iter().skip(from as usize);
        let mut missing = missing.filter(|own| (own.store, own.asking.key) == (store, key));
        missing.next().map(|change| change.at)
    }

    /// The primary is gone from now on: whether another is to take its place, at
    /// [`Replication::promotes_at`]. Have followers do what is due before.
    pub fn gone(&mut self, now: Time, into_exile: bool) {
        self.role.serves = false;
        self.role.promotes_at = self.failover.map(|after| now.saturating_add(after));
        if into_exile {
            self.role.exiled = Some(self.role.primary);
        }
    }

    /// A replica does not follow any more.
    pub fn drop_out(&mut self, replica: u32) {
        let own = &mut self.followers[replica as usize];
        own.follows = false;
        own.due.clear();
        self.forget_what_all_have();
    }

    /// A replica has been given all that the primary has, and follows from now on.
    pub fn join(&mut self, replica: u32) {
        let end = self.before + self.log.len() as u64;
        let own = &mut self.followers[replica as usize];
        (own.follows, own.next, own.last) = (true, end, Time::ZERO);
        own.due.clear();
    }

    /// Whether a replica follows.
    pub fn follows(&self, replica: u32) -> bool {
        self.followers[replica as usize].follows
    }

    /// Who was deprived of being the primary and may not have it back yet.
    pub fn exiled(&self) -> Option<u32> {
        self.role.exiled
    }

    /// It may have it back, and follow.
    pub fn recall(&mut self) {
        self.role.exiled = None;
    }

    /// The primary is back before another has taken its place.
    pub fn resume(&mut self) {
        self.role.serves = true;
        self.role.promotes_at = None;
    }

    /// Nothing is on its way any more: everybody has been given what the primary has.
    pub fn clear(&mut self) {
        self.before += self.log.len() as u64;
        self.log.clear();
        for number in 0..self.followers.len() as u32 {
            if self.followers[number as usize].follows {
                self.join(number);
            }
        }
    }

    /// Somebody else is the primary from now on: of those who follow the one that has most, and
    /// the first of several. What it does not have is lost. `still_at_it` tells of whom an answer
    /// may still come.
    pub fn promote(
        &mut self,
        is_rows: impl Fn(u16) -> bool,
        still_at_it: impl Fn(Id) -> bool,
    ) -> Option<Lost> {
        let next = |one: &u32| self.followers[*one as usize].next;
        let best = self.following().map(|one| next(&one)).max()?;
        let primary = self.following().find(|one| next(one) == best)?;
        let mut lost = Lost { primary, ..Lost::default() };
        for change in self.log.drain((best - self.before) as usize..) {
            lost.writes +=
                u64::from(matches!(change.act, Act::Write { .. }) && is_rows(change.store));
            if change.acknowledged {
                lost.acknowledged += 1;
            } else if still_at_it(change.asking.id) {
                self.doubtful.push(change.asking.id);
            }
        }
        for own in &mut self.followers {
            own.due.truncate(best.saturating_sub(own.next) as usize);
            own.last = own.due.back().copied().unwrap_or(Time::ZERO);
        }
        let exiled = self.role.exiled;
        self.followers[self.role.primary as usize].follows = false;
        self.role = Role { primary, serves: true, promotes_at: None, exiled };
        self.forget_what_all_have();
        Some(lost)
    }
}
