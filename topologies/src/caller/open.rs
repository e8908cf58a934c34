//! Calls without an end: what is known of each, and what the ledger hears of them at the end of a
//! run.

use super::desk::Desk;
use super::{Begin, Callers, Owner};
use crate::death::{Death, How};
use crate::envelope::{Envelope, Envelopes};
use crate::graph::{ClassId, ServiceId, SiteId};
use crate::ledger::Of;
use brownout_core::Time;
use brownout_core::slab::Id;

/// A call with policies and without an end. There may be thousands, so it fills one line of cache,
/// with the name that the slab adds.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Open {
    pub(super) site: SiteId,
    /// Attempts so far.
    pub(super) attempts: u32,
    /// The caller's replica.
    pub(super) replica: u32,
    pub(super) class: ClassId,
    /// What is known of its last attempt: see [`Open::last`].
    known: Known,
    about: u64,
    pub(super) intended: Time,
    pub(super) lineage: u64,
    /// Who made it, as in the envelope of a plain call: see [`super::place::Place::owner`].
    pub(super) caller: Id,
    /// The top of its tree of frames.
    pub(super) root: Id,
}

/// What is known of a call's last attempt.
#[derive(Debug, Clone, Copy, Default)]
enum Known {
    #[default]
    Nothing,
    /// Its name.
    Out,
    /// Where it died, and of what.
    Died,
}

/// What a caller knows of the last attempt of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Last {
    /// There was none.
    None,
    /// It is out, or was given up.
    Out(Id),
    /// It failed.
    Died(Death),
}

impl Open {
    /// One that begins, without an attempt.
    #[inline(always)]
    pub(super) fn new(begin: &Begin) -> Open {
        let &Begin { site, owner, replica, class, intended, lineage, .. } = begin;
        let caller = owner.name();
        Open { site, replica, class, intended, lineage, caller, root: Id::NONE, ..Open::default() }
    }

    /// What is known of its last attempt.
    pub(super) fn last(&self) -> Last {
        match self.known {
            Known::Nothing => Last::None,
            Known::Out => Last::Out(Id::from_word(self.about)),
            Known::Died => Last::Died(Death {
                at: ServiceId((self.about >> 32) as u32),
                how: How::EVERY[self.about as u32 as usize],
            }),
        }
    }

    /// From now on this is known of its last attempt.
    #[inline(always)]
    pub(super) fn set_last(&mut self, last: Last) {
        (self.known, self.about) = match last {
            Last::None => (Known::Nothing, 0),
            Last::Out(leaf) => (Known::Out, leaf.word()),
            Last::Died(Death { at, how }) => (Known::Died, u64::from(at.0) << 32 | how as u64),
        };
    }
}

impl Desk {
    /// Who made a call.
    pub(super) fn owner(&self, open: &Open) -> Owner {
        self.places[open.site.index()].owner(open.caller)
    }
}

impl Callers {
    /// The plain call that an envelope belongs to, if it has no end yet.
    pub fn open_plain_call(
        &self,
        id: Id,
        envelope: &Envelope,
        envelopes: &Envelopes,
    ) -> Option<OpenCall> {
        if !envelope.is_plain() {
            return None;
        }
        let &Envelope { site, intended, .. } = envelope;
        let place = &self.desk.places[site.index()];
        place.waits(id, envelope.call, envelopes).then_some(OpenCall {
            site,
            of: place.of,
            intended,
            deadline: Time::MAX,
        })
    }

    /// Calls with policies without an end.
    pub fn open_calls(&self) -> impl Iterator<Item = OpenCall> {
        self.desk.open.iter().map(|(call, open)| {
            let of = self.desk.places[open.site.index()].of;
            let (site, intended) = (open.site, open.intended);
            OpenCall { site, of, intended, deadline: self.calls.deadline(open.root, call) }
        })
    }

    /// Attempts of calls with policies without an outcome, counted over the frames.
    pub fn open_attempts(&self) -> u64 {
        self.calls.open_attempts() - self.desk.pools.as_ref().map_or(0, |pools| pools.unsent())
    }

    /// Connections that are lent, counted over those who have them.
    pub fn connections(&self) -> u64 {
        let pools = self.desk.pools.as_ref();
        pools.map_or(0, |pools| pools.in_use(|leaf| self.calls.is_open(leaf)))
    }
}

/// A call without an end.
#[derive(Debug, Clone, Copy)]
pub struct OpenCall {
    /// From where.
    pub site: SiteId,
    /// Whom it is about.
    pub of: Of,
    /// When it was meant to begin.
    pub intended: Time,
    /// When its caller gives up on the whole of it.
    pub deadline: Time,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_known_of_the_last_attempt_fits_beside_the_rest_and_comes_back_as_it_was() {
        assert_eq!(size_of::<Open>() + size_of::<Id>(), 64);
        let mut open = Open::default();
        assert_eq!(open.last(), Last::None);
        let deaths = How::EVERY.map(|how| Last::Died(Death { at: ServiceId(u32::MAX), how }));
        let outs = [0, 7, u64::MAX].map(|word| Last::Out(Id::from_word(word)));
        for last in deaths.into_iter().chain(outs).chain([Last::None]) {
            open.set_last(last);
            assert_eq!(open.last(), last);
        }
    }
}
