//! What travels between nodes: everything between them is an envelope on a link.

use crate::activation::Activation;
use crate::graph::{ClassId, EndpointId, ServiceId, SiteId};
use crate::ledger::{Leaving, Row};
use crate::link::Way;
use crate::replica::Replica;
use brownout_core::slab::{Id, Line, Slab};
use brownout_core::{Span, Time};
use brownout_policies::outcome::Outcome;

/// A replica of a service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Address {
    /// The service.
    pub service: ServiceId,
    /// The replica.
    pub replica: u32,
}

/// One message on a link; a request's stays with the callee while it works, and the answer goes
/// back in it. Who calls is known from the site.
///
/// Tens of thousands may wait, so the order is that of use: what a worker looks at when it takes
/// one up comes first and together, and so does what is counted of those still waiting at the end.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
#[repr(C)]
pub struct Envelope {
    /// The attempt's lineage.
    pub lineage: u64,
    /// The attempt it belongs to, as the caller knows it; a plain call has none. Of a branch this
    /// is the fork.
    pub leaf: Id,
    /// Who is called.
    pub to: Address,
    /// What the callee does about it.
    pub work: Activation,
    /// What it says.
    pub body: Body,
    /// The place from which the call is made.
    pub site: SiteId,
    /// The link it takes; a reply goes back by the same.
    pub way: Way,
    /// The call it belongs to, as the caller knows it. A plain call has no name of its own: here
    /// stands its caller, the envelope with the request that it works for or the user's number.
    /// The envelope of a branch, which never travels, names its request's here, and that of a
    /// cancel the one to be cancelled.
    pub call: Id,
    /// When its call was meant to begin.
    pub intended: Time,
}

impl Envelope {
    /// The leaf of what belongs to no attempt: no attempt ever has this name.
    pub const NO_ATTEMPT: Id = Id::from_word(0);

    /// Whether it belongs to a call that needs no machine: no policies, nothing to cancel, and an
    /// answer for certain.
    #[inline]
    pub const fn is_plain(&self) -> bool {
        self.leaf.is_none()
    }

    /// What is left of its caller's time.
    pub fn remaining(&self, now: Time) -> Span {
        match self.deadline() {
            Time::MAX => Span::MAX,
            deadline => deadline.since(now),
        }
    }

    /// Ends the activation in it: unwinds what that holds, and tells of it. The envelope is to be
    /// answered, sent onward or thrown away.
    #[inline(always)]
    pub fn leave(
        &mut self,
        replica: &mut Replica,
        endpoint: Option<EndpointId>,
        how: Leaving,
        now: Time,
    ) -> Row<'static> {
        let Activation { arrived, served, holds: held, .. } = self.work;
        replica.give_back(held, now);
        self.work.end();
        let Address { service, replica } = self.to;
        let (lineage, times) = (self.lineage, (arrived, served));
        Row::Left { service, endpoint, replica, lineage, how, times, held }
    }

    /// When its caller's time is up, by what the request said.
    pub fn deadline(&self) -> Time {
        match self.body {
            Body::Request { remaining, .. } => self.work.arrived.saturating_add(remaining),
            Body::RequestBy { moment, .. } => moment,
            Body::Reply(_) | Body::Cancel | Body::Probe(_) | Body::Probed(..) => Time::MAX,
        }
    }

    /// The class of the request that it is for.
    #[inline]
    pub const fn class(&self) -> ClassId {
        match self.body {
            Body::Request { class, .. } | Body::RequestBy { class, .. } => class,
            Body::Reply(_) | Body::Cancel | Body::Probe(_) | Body::Probed(..) => ClassId(0),
        }
    }
}

/// All envelopes, each in two lines of cache with its name.
pub type Envelopes = Slab<Envelope, Line>;

/// What an envelope says.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub enum Body {
    /// Please do this.
    Request {
        /// What is left of the caller's time when it is sent; on the wire deadlines are lengths,
        /// so clocks that disagree do no harm.
        remaining: Span,
        /// The class of the request that it is for.
        class: ClassId,
    },
    /// Please do this, and be done by then.
    RequestBy {
        /// When the callee's clock says what the caller wrote: clocks that disagree matter.
        moment: Time,
        /// The class of the request that it is for.
        class: ClassId,
    },
    /// This is what came of it.
    Reply(Outcome),
    /// Never mind.
    #[default]
    Cancel,
    /// How do you feel?
    Probe(Probe),
    /// Well, or not.
    Probed(Probe, bool),
}

/// Who asks how a replica feels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Probe {
    /// Which group, by its number among the callers'.
    pub group: u32,
    /// In which of its rounds.
    pub round: u32,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_envelope_and_its_name_fill_two_lines_of_cache() {
        assert_eq!(size_of::<Envelope>() + size_of::<Id>(), 128);
    }
}
