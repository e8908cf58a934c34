//! Who takes the place of a primary that is gone, and what is lost with it.

use super::{Change, Replication, Role};
use brownout_core::Time;
use brownout_core::slab::Id;

/// What is lost with a primary.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Lost {
    /// Changes of rows that the one does not have who takes its place.
    pub writes: u64,
    /// Of all changes, those whose requests had been answered.
    pub acknowledged: u64,
}

impl Lost {
    /// One change more.
    pub(super) fn add(&mut self, change: &Change) {
        self.writes += u64::from(change.is_write);
        self.acknowledged += u64::from(change.acknowledged);
    }
}

impl Replication {
    /// The primary is gone from now on: whether another is to take its place, at
    /// [`Replication::promotes_at`]. Have followers do what is due before.
    pub fn gone(&mut self, now: Time, into_exile: bool) {
        self.role.serves = false;
        if into_exile {
            self.role.exiled = Some(self.role.primary);
        }
        self.role.promotes_at = None;
        self.call_election(now);
    }

    /// A replica has come that could take the place of a primary that is gone: it does so after
    /// the usual time, unless somebody is to do so before. Whether that is new.
    pub fn call_election(&mut self, now: Time) -> bool {
        let is_called = !self.role.serves && self.role.promotes_at.is_none();
        if is_called {
            self.role.promotes_at = self.failover.map(|after| now.saturating_add(after));
        }
        is_called
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

    /// Who takes the place of the primary: of those who live and have nothing that was lost the one
    /// that has most, and the first of several.
    fn elected(&self, is_up: impl Fn(u32) -> bool) -> Option<u32> {
        let may_lead = |number: &u32| {
            let own = &self.followers[*number as usize];
            let is_sound = own.follows || own.missed.is_some();
            let is_free = *number != self.role.primary && self.role.exiled != Some(*number);
            is_sound && is_free && is_up(*number)
        };
        let all = 0..self.followers.len() as u32;
        // Of equals `max_by_key` takes the last.
        all.rev().filter(may_lead).max_by_key(|number| self.followers[*number as usize].next)
    }

    /// Somebody else is the primary from now on, and what it does not have is lost. `still_at_it`
    /// tells of whom an answer may still come. `None` if there is nobody to take its place.
    pub fn promote(
        &mut self,
        is_up: impl Fn(u32) -> bool,
        still_at_it: impl Fn(Id) -> bool,
    ) -> Option<(u32, Lost)> {
        let Some(primary) = self.elected(is_up) else {
            self.role.promotes_at = None;
            return None;
        };
        let own = &self.followers[primary as usize];
        let (best, end) = (own.next, self.end());
        let forgotten = if own.follows { None } else { own.missed };
        let mut lost = forgotten.unwrap_or_default();
        for change in self.log.drain(best.saturating_sub(self.before) as usize..) {
            lost.add(&change);
            if !change.is_over && still_at_it(change.asking.id) {
                self.doubtful.push(change.asking.id);
            }
        }
        // What it lacks and the log has not any more, others cannot be given either.
        let is_back_far = best < self.before;
        self.before = self.before.min(best);
        self.followers[self.role.primary as usize].steps_down(end);
        for own in &mut self.followers {
            if own.follows {
                own.coming.truncate(best.saturating_sub(own.next) as usize);
                own.last = own.coming.back().map_or(Time::ZERO, |last| last.due);
            } else if is_back_far || own.next > best {
                own.missed = None;
            }
        }
        let exiled = self.role.exiled;
        self.role = Role { primary, serves: true, promotes_at: None, exiled };
        self.forget_what_all_have();
        Some((primary, lost))
    }
}
