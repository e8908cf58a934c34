//! Where a call is that its caller gives up on: as deep as its last attempt has come.

use super::desk::Desk;
use super::open::{Last, Open};
use crate::activation::{Asked, Doing};
use crate::death::{Death, How};
use crate::envelope::{Envelope, Envelopes};
use brownout_policies::outcome::{Outcome, Seen};

impl Desk {
    /// Where and how a call that ends with this outcome has died.
    #[cold]
    pub(super) fn death(&self, open: &Open, outcome: Outcome, envelopes: &Envelopes) -> Death {
        let at = self.places[open.site.index()].of.target;
        match (outcome.seen, open.last()) {
            (Seen::Rejected, _) => Death { at, how: How::Rejected },
            (Seen::TimedOut | Seen::Abandoned, _) => self.whereabouts(open, envelopes),
            (_, Last::Died(death)) => death,
            (_, Last::None | Last::Out(_)) => Death { at, how: How::of(outcome) },
        }
    }

    /// Where the last attempt of a call is.
    fn whereabouts(&self, open: &Open, envelopes: &Envelopes) -> Death {
        let mut open = open;
        loop {
            let at = self.places[open.site.index()].of.target;
            let leaf = match open.last() {
                Last::None => return Death { at, how: How::Held },
                Last::Died(death) => return death,
                Last::Out(leaf) => leaf,
            };
            if self.pools.as_ref().is_some_and(|pools| pools.holds_back(leaf)) {
                return Death { at, how: How::Held };
            }
            if !self.looks_for_dead {
                return Death { at, how: How::TimedOut };
            }
            let envelope = envelopes.get(self.posted_as(leaf));
            let Some(envelope) = envelope.filter(|envelope| envelope.leaf == leaf) else {
                return Death { at, how: How::Lost };
            };
            match self.inside(envelope, envelopes) {
                Ok(death) => return death,
                Err(deeper) => open = deeper,
            }
        }
    }

    /// Where the work behind an attempt is, or the call with policies that it waits for.
    fn inside<'d>(&'d self, envelope: &Envelope, envelopes: &Envelopes) -> Result<Death, &'d Open> {
        let mut at = *envelope;
        loop {
            let service = at.to.service;
            let how = match at.work.doing {
                Doing::Travelling | Doing::Failing(_) => How::OnLink,
                Doing::Waiting | Doing::AtDoor | Doing::Interrupted { .. } => How::Queued,
                Doing::Working { .. }
                | Doing::Sharing(_)
                | Doing::Stepping
                | Doing::Sleeping { .. }
                | Doing::Locking { .. }
                | Doing::Joining(_) => How::InService,
                Doing::Calling(Asked::Plain(id)) => match envelopes.get(id) {
                    Some(child) => {
                        at = *child;
                        continue;
                    }
                    None => How::InService,
                },
                Doing::Calling(Asked::Call(call)) => match self.open.get(call) {
                    Some(open) => return Err(open),
                    None => How::InService,
                },
            };
            return Ok(Death { at: service, how });
        }
    }
}
