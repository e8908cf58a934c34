//! The changes of a store on their way to the replicas that follow, and who leads them.
//!
//! A change is what was asked of the primary; a follower does the same at its own store once its
//! time has come. Nothing wakes up for that: whoever looks at a follower first does what is due
//! there. Memory is bounded by the changes that are on their way; those for a follower that is cut
//! off are, until it is in reach again.

mod election;

use super::Asking;
use crate::graph::{self, Act, Service};
use brownout_core::dist::Sampler;
use brownout_core::random::Stream;
use brownout_core::slab::Id;
use brownout_core::{Span, Time};
use std::collections::VecDeque;

pub use election::Lost;

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

/// What was done at the primary.
#[derive(Debug, Clone, Copy)]
pub struct Done {
    /// At which store.
    pub store: u16,
    /// What.
    pub act: Act,
    /// By which request, and about what.
    pub asking: Asking,
    /// By which activation of that request.
    pub by: Id,
    /// Whether it is a change of a row.
    pub is_write: bool,
    /// Whether that request has left: nobody will be told of it.
    pub is_over: bool,
}

/// Something that was done at the primary, on its way.
#[derive(Debug, Clone, Copy)]
pub struct Change {
    /// At which store.
    pub store: u16,
    /// What.
    pub act: Act,
    /// By which request, and about what.
    pub asking: Asking,
    /// By which activation of that request.
    by: Id,
    /// When.
    at: Time,
    /// Whether it is a change of a row.
    is_write: bool,
    /// Whether whoever wanted it has been answered.
    acknowledged: bool,
    /// Whether it will not be any more, or has been.
    is_over: bool,
}

#[derive(Debug)]
struct Follower {
    /// Whether it follows: its process lives, and it has had all that was before.
    follows: bool,
    /// Whether nothing reaches it from the primary.
    cut: bool,
    /// Which change it has next, or had when it ceased to follow.
    next: u64,
    /// When it has that one, and those after it.
    coming: VecDeque<Coming>,
    /// When the last of them is due.
    last: Time,
    /// If it does not follow: what it lacks of those changes that are not in the log any more.
    /// `None` if it has some that were lost, so that it cannot go on from where it is.
    missed: Option<Lost>,
}

/// A change on its way to a follower.
#[derive(Debug, Clone, Copy)]
struct Coming {
    /// How long it takes.
    lag: Span,
    /// When it is there; [`Time::MAX`] while the follower is cut off.
    due: Time,
}

impl Replication {
    /// All replicas alive and equal, the first one their primary.
    pub fn new(rule: &graph::Replication, service: &Service, stream: Stream) -> Replication {
        let follower = |_| Follower {
            follows: true,
            cut: false,
            next: 0,
            coming: VecDeque::new(),
            last: Time::ZERO,
            missed: Some(Lost::default()),
        };
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

    /// Whether a change waits until others have it.
    pub fn is_synchronous(&self) -> bool {
        self.synchronous > 0
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

    /// The primary has changed something: when as many have it as must, [`Time::MAX`] if too many
    /// of them are cut off. `lineage` names the draws; `later` is by how much longer than its lag a
    /// change takes to a follower.
    pub fn add(
        &mut self,
        (now, lineage): (Time, u64),
        done: Done,
        later: impl Fn(u32) -> Span,
    ) -> Time {
        let (primary, nth) = (self.role.primary, self.end());
        for (number, own) in (0..).zip(&mut self.followers) {
            if !own.follows || number == primary {
                continue;
            }
            let mut draws = self.stream.member(u64::from(number)).draws(lineage);
            let lag = Span::round(self.lag.sample(&mut draws, nth)).saturating_add(later(number));
            own.comes(now, lag);
        }
        // What is done again is what came of it: a follower has no lock and nothing that was read.
        let Done { store, act, asking, by, is_write, is_over } = done;
        let act = if let Act::Write { .. } = act { Act::Write { unchanged: false } } else { act };
        let acknowledged = false;
        self.log.push_back(Change {
            store,
            act,
            asking,
            by,
            at: now,
            is_write,
            acknowledged,
            is_over,
        });
        let until = self.safe_at(nth, now);
        self.forget_what_all_have();
        until
    }

    /// How many changes there have been.
    fn end(&self) -> u64 {
        self.before + self.log.len() as u64
    }

    /// When as many have the change numbered `nth` as must.
    fn safe_at(&mut self, nth: u64, now: Time) -> Time {
        let Some(last) = (self.synchronous as usize).checked_sub(1) else { return now };
        let primary = self.role.primary;
        let following = (0..).zip(&self.followers);
        let following = following.filter(|(number, own)| own.follows && *number != primary);
        let has_it = following.map(|(_, own)| match nth.checked_sub(own.next) {
            Some(place) => own.coming.get(place as usize).map_or(Time::MAX, |own| own.due),
            None => now,
        });
        self.have_it.clear();
        self.have_it.extend(has_it);
        self.have_it.sort_unstable();
        self.have_it.get(last).copied().unwrap_or(Time::MAX)
    }

    /// When as many have what an activation has changed last as must.
    pub fn safe_from(&mut self, by: Id, now: Time) -> Time {
        match self.log.iter().rposition(|change| change.by == by) {
            Some(place) => self.safe_at(self.before + place as u64, now),
            None => now,
        }
    }

    /// Nothing reaches a follower from the primary any more, or it is in reach again: then it has
    /// each change that it lacks one lag later. Have it do what is due before. Whether that is new.
    pub fn reaches(&mut self, replica: u32, is_reached: bool, now: Time) -> bool {
        let own = &mut self.followers[replica as usize];
        if own.cut != is_reached {
            return false;
        }
        own.cut = !is_reached;
        own.last = Time::ZERO;
        for place in 0..own.coming.len() {
            let due = own.due_after(now, own.coming[place].lag);
            own.coming[place].due = due;
        }
        true
    }

    /// Whether nothing reaches a follower from the primary.
    pub fn is_cut_off(&self, replica: u32) -> bool {
        self.followers[replica as usize].cut
    }

    /// What a follower has next, if its time has come. Nothing more comes from a primary that is
    /// gone.
    pub fn next_due(&mut self, replica: u32, now: Time) -> Option<Change> {
        let own = &mut self.followers[replica as usize];
        let is_due = own.coming.front().is_some_and(|first| first.due <= now);
        if !self.role.serves || !own.follows || !is_due {
            return None;
        }
        own.coming.pop_front();
        let change = self.log[(own.next - self.before) as usize];
        own.next += 1;
        Some(change)
    }

    /// Forgets what every follower has. Of those who do not follow it is noted what they lack,
    /// when it is known what became of it.
    pub fn forget_what_all_have(&mut self) {
        let next = self.following().map(|one| self.followers[one as usize].next).min();
        let next = next.unwrap_or(self.end());
        let primary = self.role.primary as usize;
        let is_absent = |(number, own): (usize, &Follower)| !own.follows && number != primary;
        if !self.followers.iter().enumerate().any(is_absent) {
            self.log.drain(..(next - self.before) as usize);
            self.before = next;
            return;
        }
        while self.before < next && self.log.front().is_some_and(|change| change.is_over) {
            let Some(change) = self.log.pop_front() else { break };
            for (number, own) in self.followers.iter_mut().enumerate() {
                if is_absent((number, own)) && own.next <= self.before {
                    own.missed.iter_mut().for_each(|missed| missed.add(&change));
                }
            }
            self.before += 1;
        }
    }

    /// The request of one who has come at `since` and changed something is over. How many of its
    /// changes are lost that it takes for done.
    pub fn settle(&mut self, id: Id, since: Time, answered: bool) -> u64 {
        let since = self.log.iter_mut().rev().take_while(|change| change.at >= since);
        since
            .filter(|change| change.asking.id == id)
            .for_each(|change| (change.acknowledged, change.is_over) = (answered, true));
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

    /// A replica does not follow any more.
    pub fn drop_out(&mut self, replica: u32) {
        let own = &mut self.followers[replica as usize];
        if own.follows {
            (own.follows, own.missed) = (false, Some(Lost::default()));
            own.coming.clear();
        }
        self.forget_what_all_have();
    }

    /// A replica has been given all that the primary has, and follows from now on.
    pub fn join(&mut self, replica: u32) {
        let end = self.end();
        let own = &mut self.followers[replica as usize];
        (own.follows, own.next, own.last) = (true, end, Time::ZERO);
        own.coming.clear();
    }

    /// Whether a replica follows.
    pub fn follows(&self, replica: u32) -> bool {
        self.followers[replica as usize].follows
    }

    /// Nothing is on its way any more: everybody has been given what the primary has.
    pub fn clear(&mut self) {
        self.before = self.end();
        self.log.clear();
        for number in 0..self.followers.len() as u32 {
            if self.followers[number as usize].follows {
                self.join(number);
            }
        }
    }
}

impl Follower {
    /// It was the primary, and has had so many changes.
    fn steps_down(&mut self, end: u64) {
        (self.follows, self.next, self.missed) = (false, end, Some(Lost::default()));
        self.coming.clear();
    }

    /// A change is on its way.
    fn comes(&mut self, now: Time, lag: Span) {
        let due = self.due_after(now, lag);
        self.coming.push_back(Coming { lag, due });
    }

    /// When what is sent now is there: nothing overtakes what was sent before.
    fn due_after(&mut self, now: Time, lag: Span) -> Time {
        if self.cut {
            return Time::MAX;
        }
        self.last = self.last.max(now.saturating_add(lag));
        self.last
    }
}
