//! What happens where work is taken in by a way of its own: at gates, and where workers are shared.
//!
//! How many workers are in use is told apart there: shared ones are in use by nobody in particular.
//! Of an endpoint, whoever is in service counts.

use super::Ledger;
use super::books::Entry;
use super::query::Count;
use crate::graph::{EndpointId, ServiceId};
use brownout_core::{Span, Time};

/// What happens at an inlet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AtInlet {
    /// The door did not let an attempt in: a limit said no, or the shedder.
    Rejected {
        /// The attempt's lineage.
        lineage: u64,
        /// Whether it was the shedder.
        shed: bool,
    },
    /// An activation takes a worker, or a share of them.
    Seated {
        /// Whether it begins.
        entered: bool,
        /// Whether it waited.
        waited: bool,
        /// Its first worker: when it arrived.
        first: Option<Time>,
    },
    /// An activation gives back what it had of the workers.
    Released,
    /// An activation is interrupted, and waits for a worker once more.
    Interrupted {
        /// How long a worker was at it.
        took: Span,
        /// Whether nobody waited for it any more (only looked up when asked for).
        for_nobody: bool,
        /// Whether nobody waited for it when it began (likewise).
        dead: bool,
    },
    /// More or fewer workers are in use.
    InUse {
        /// How many more.
        step: i32,
    },
}

impl Ledger {
    /// Writes what happened at an inlet.
    #[inline(never)]
    pub(super) fn at_inlet(
        &mut self,
        at: Time,
        service: ServiceId,
        endpoint: Option<EndpointId>,
        what: AtInlet,
    ) {
        match what {
            AtInlet::Rejected { lineage, shed } => {
                let count = if shed { Count::Shed } else { Count::Rejected };
                self.door(at, (service, endpoint), lineage, Entry::DoorRejected, count);
            }
            AtInlet::Seated { entered, waited, first } => {
                if entered {
                    self.journal.books.count(Entry::ActivationsStarted);
                }
                let came = (entered, waited, first);
                self.services[service.index()].seated(at, came);
                if let Some(own) = self.also(endpoint) {
                    own.seated(at, came);
                    own.in_use(at, 1);
                }
            }
            AtInlet::Released => self.use_of_endpoint(at, endpoint, -1),
            AtInlet::Interrupted { took, for_nobody, dead } => {
                self.each(service, endpoint, |own| {
                    own.worked(took, for_nobody, dead);
                    own.requeued(at);
                });
                self.use_of_endpoint(at, endpoint, -1);
            }
            AtInlet::InUse { step } => self.services[service.index()].in_use(at, step),
        }
    }

    fn use_of_endpoint(&mut self, at: Time, endpoint: Option<EndpointId>, step: i32) {
        if let Some(own) = self.also(endpoint) {
            own.in_use(at, step);
        }
    }
}
