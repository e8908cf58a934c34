//! What travels between nodes: everything between them is an envelope on a link.

use crate::activation::Activation;
use crate::graph::{LinkId, ServiceId, SiteId};
use brownout_core::slab::Id;
use brownout_core::{Span, Time};
use brownout_policies::outcome::Outcome;

/// Where an envelope comes from or goes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Address {
    /// The service; [`Address::OUTSIDE`] is the world outside.
    service: u32,
    /// The replica.
    pub replica: u32,
}

impl Address {
    /// Where load comes from.
    pub const OUTSIDE: Address = Address { service: u32::MAX, replica: 0 };

    /// A replica of a service.
    pub const fn of(service: ServiceId, replica: u32) -> Address {
        Address { service: service.0, replica }
    }

    /// The service, unless it is the outside.
    pub const fn service(self) -> Option<ServiceId> {
        if self.service == u32::MAX { None } else { Some(ServiceId(self.service)) }
    }
}

/// One message on a link; a request's stays with the callee while it works, and the answer goes back
/// in it.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Envelope {
    /// Who sent it.
    pub from: Address,
    /// To whom.
    pub to: Address,
    /// The place from which the call is made.
    pub site: SiteId,
    /// The link it takes; a reply goes back by the same.
    pub link: LinkId,
    /// Which life of its sender wrote it: a replica starts at 0 and rises with every restart.
    pub incarnation: u32,
    /// The attempt it belongs to, as the caller knows it; a plain call has none.
    pub leaf: Id,
    /// The call it belongs to, as the caller knows it. A plain call has no name of its own: here
    /// stands its caller, the envelope with the request that it works for or the user's number.
    pub call: Id,
    /// The attempt's lineage.
    pub lineage: u64,
    /// When its call was meant to begin.
    pub intended: Time,
    /// What it says.
    pub body: Body,
    /// What the callee does about it.
    pub work: Activation,
}

impl Envelope {
    /// Whether it belongs to a call that needs no machine: no policies, nothing to cancel, and an
    /// answer for certain.
    #[inline]
    pub const fn is_plain(&self) -> bool {
        self.leaf.is_none()
    }

    /// Who made the call that it belongs to.
    #[inline]
    pub const fn caller(&self) -> Address {
        if let Body::Reply(_) = self.body { self.to } else { self.from }
    }

    /// When its caller's time is up, by what the request said.
    pub fn deadline(&self) -> Time {
        match self.body {
            Body::Request { remaining } => self.work.arrived.saturating_add(remaining),
            Body::Reply(_) | Body::Cancel => Time::MAX,
        }
    }
}

/// What an envelope says.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub enum Body {
    /// Please do this.
    Request {
        /// What is left of the caller's time when it is sent; on the wire deadlines are lengths,
        /// so clocks that disagree do no harm.
        remaining: Span,
    },
    /// This is what came of it.
    Reply(Outcome),
    /// Never mind.
    #[default]
    Cancel,
}
