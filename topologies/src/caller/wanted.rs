//! Who still wants what is being done.

use super::{Callers, Owner};
use crate::activation::Doing;
use crate::envelope::Envelopes;
use brownout_core::slab::Id;

impl Callers {
    /// Whether somebody waits for the answer to this request, and for what waits for it, all the
    /// way to a user.
    pub fn is_wanted(&self, request: Id, envelopes: &Envelopes) -> bool {
        let mut at = request;
        loop {
            let Some(envelope) = envelopes.get(at) else { return false };
            if envelope.work.is_branch() {
                // Its request waits for it as long as the join is open.
                let request = envelopes.get(envelope.call);
                let waits = Doing::Joining(envelope.leaf);
                match request.filter(|request| request.work.doing == waits) {
                    Some(_) => at = envelope.call,
                    None => return false,
                }
                continue;
            }
            let owner = if envelope.is_plain() {
                let place = &self.desk.places[envelope.site.index()];
                place.waits(at, envelope.call, envelopes).then(|| place.owner(envelope.call))
            } else {
                let open = self.desk.open.get(envelope.call);
                open.filter(|_| self.calls.is_open(envelope.leaf)).map(|open| self.desk.owner(open))
            };
            match owner {
                None => return false,
                Some(Owner::User { .. }) => return true,
                Some(Owner::Activation { activation, .. }) => at = activation,
            }
        }
    }
}
