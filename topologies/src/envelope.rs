//! What travels between nodes: everything between them is an envelope on a link.

use crate::graph::{LinkId, ServiceId};
use brownout_core::Span;
use brownout_core::slab::Id;
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

/// One message on a link.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Envelope {
    /// Who sent it.
    pub from: Address,
    /// To whom.
    pub to: Address,
    /// The link it takes; a reply goes back by the same.
    pub link: LinkId,
    /// Which life of its sender wrote it: a replica starts at 0 and rises with every restart.
    pub incarnation: u32,
    /// The attempt it belongs to, as the caller knows it; a call without policies has none.
    pub leaf: Id,
    /// The call it belongs to, as the caller knows it.
    pub call: Id,
    /// The attempt's lineage.
    pub lineage: u64,
    /// What it says.
    pub body: Body,
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
