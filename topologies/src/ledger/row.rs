//! What happened, as typed rows: the one way results get out of the model.

use super::detail::Detail;
use super::effect::AtEffect;
use super::inlet::AtInlet;
use super::pool::AtPool;
use super::store::AtStore;
use crate::activation::Holds;
use crate::death::Death;
use crate::effect::Truth;
use crate::envelope::Envelope;
use crate::graph::{EndpointId, LoadId, ServiceId, SiteId};
use brownout_core::{Span, Time};
use brownout_policies::outcome::Outcome;

/// One thing that happened.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Row<'a> {
    /// A caller begins a call.
    CallBegun {
        /// Where.
        site: SiteId,
        /// Whom it calls.
        target: ServiceId,
        /// The load, if the caller is a user.
        load: Option<LoadId>,
        /// The call's lineage.
        lineage: u64,
    },
    /// An attempt is sent.
    AttemptSent {
        /// Where.
        site: SiteId,
        /// Whom it calls.
        target: ServiceId,
        /// The load, if the caller is a user.
        load: Option<LoadId>,
        /// The attempt's lineage.
        lineage: u64,
        /// Its number in the call, from 0.
        ordinal: u32,
    },
    /// An attempt has an outcome.
    AttemptSettled {
        /// Where.
        site: SiteId,
        /// Whom it calls.
        target: ServiceId,
        /// The attempt's lineage.
        lineage: u64,
        /// What the caller saw.
        outcome: Outcome,
    },
    /// An attempt was given up by its caller.
    AttemptGivenUp {
        /// Where.
        site: SiteId,
        /// Whom it calls.
        target: ServiceId,
        /// The attempt's lineage.
        lineage: u64,
        /// Why.
        outcome: Outcome,
    },
    /// An answer came for which nobody waited.
    LateAnswer {
        /// The attempt's lineage.
        lineage: u64,
        /// Whether its call took it all the same.
        accepted: bool,
    },
    /// A policy's timer fired and changed something.
    PolicyFired {
        /// Whether it was a retry's wait, or else a timeout.
        retry: bool,
    },
    /// A user is about to ask again after a request that failed.
    Reloaded {
        /// Where.
        site: SiteId,
        /// Whom it calls.
        target: ServiceId,
    },
    /// A call is over.
    CallEnded {
        /// Where.
        site: SiteId,
        /// Whom it calls.
        target: ServiceId,
        /// The load, if the caller is a user.
        load: Option<LoadId>,
        /// The call's lineage.
        lineage: u64,
        /// When it was meant to begin.
        intended: Time,
        /// What came of it.
        outcome: Outcome,
    },
    /// A user's request has failed.
    RequestDied {
        /// Whose.
        load: LoadId,
        /// Where and how.
        death: Death,
    },
    /// A call ends because its caller left or died.
    CallAbandoned {
        /// The call's lineage.
        lineage: u64,
    },
    /// The door said no.
    DoorRefused {
        /// Which.
        service: ServiceId,
        /// For which of its endpoints, where there are several.
        endpoint: Option<EndpointId>,
        /// The attempt's lineage.
        lineage: u64,
    },
    /// The door answered with an error.
    DoorFailed {
        /// Which.
        service: ServiceId,
        /// For which of its endpoints, where there are several.
        endpoint: Option<EndpointId>,
        /// The attempt's lineage.
        lineage: u64,
    },
    /// The door dropped it silently.
    DoorLost {
        /// Which.
        service: ServiceId,
        /// For which of its endpoints, where there are several.
        endpoint: Option<EndpointId>,
        /// The attempt's lineage.
        lineage: u64,
    },
    /// An activation begins.
    Entered {
        /// Where.
        service: ServiceId,
        /// For which of its endpoints, where there are several.
        endpoint: Option<EndpointId>,
        /// At which replica.
        replica: u32,
        /// Whether it takes a worker at once, or has to wait for one.
        at_work: bool,
    },
    /// An activation waits for a worker once more.
    Requeued {
        /// Where.
        service: ServiceId,
        /// For which of its endpoints, where there are several.
        endpoint: Option<EndpointId>,
    },
    /// An activation that waited takes a worker.
    TookWorker {
        /// Where.
        service: ServiceId,
        /// For which of its endpoints, where there are several.
        endpoint: Option<EndpointId>,
        /// Its first worker: when it arrived.
        first: Option<Time>,
    },
    /// Something about how work is taken in where that is out of the ordinary.
    AtInlet {
        /// Where.
        service: ServiceId,
        /// For which of its endpoints, where there are several.
        endpoint: Option<EndpointId>,
        /// What.
        what: AtInlet,
    },
    /// Something about what a service keeps.
    AtStore {
        /// Where.
        service: ServiceId,
        /// For which of its endpoints, where there are several.
        endpoint: Option<EndpointId>,
        /// What.
        what: AtStore,
    },
    /// Something about effects and keys.
    AtEffect {
        /// Where.
        service: ServiceId,
        /// For which of its endpoints, where there are several.
        endpoint: Option<EndpointId>,
        /// What.
        what: AtEffect,
    },
    /// Something about a pool of connections.
    AtPool {
        /// To whom they lead.
        service: ServiceId,
        /// What.
        what: AtPool,
    },
    /// A call's caller is told that it failed, or was, and this is what had happened.
    Reported {
        /// Where.
        site: SiteId,
        /// Whom it called.
        target: ServiceId,
        /// The load, if the caller is a user.
        load: Option<LoadId>,
        /// What.
        truth: Truth,
    },
    /// A worker is free again, while the activation that held it stays.
    FreedWorker {
        /// Where.
        service: ServiceId,
        /// For which of its endpoints, where there are several.
        endpoint: Option<EndpointId>,
    },
    /// A piece of work is done.
    WorkDone {
        /// Where.
        service: ServiceId,
        /// For which of its endpoints, where there are several.
        endpoint: Option<EndpointId>,
        /// The activation's lineage.
        lineage: u64,
        /// How long a worker was at it.
        took: Span,
        /// Whether nobody waited for it any more (only looked up when asked for).
        for_nobody: bool,
        /// Whether nobody waited for it when it began (likewise).
        dead: bool,
    },
    /// A piece of work was broken off.
    WorkStopped {
        /// Where.
        service: ServiceId,
        /// For which of its endpoints, where there are several.
        endpoint: Option<EndpointId>,
        /// The activation's lineage.
        lineage: u64,
        /// How long a worker had been at it.
        took: Span,
        /// Whether nobody waited for it when it began (only looked up when asked for).
        dead: bool,
    },
    /// An activation has left.
    Left {
        /// Where.
        service: ServiceId,
        /// For which of its endpoints, where there are several.
        endpoint: Option<EndpointId>,
        /// Which replica.
        replica: u32,
        /// The activation's lineage.
        lineage: u64,
        /// How.
        how: Leaving,
        /// When it came, and how long workers were at it.
        times: (Time, Span),
        /// What it gave back.
        held: Holds,
    },
    /// A branch of an activation begins.
    BranchBegun {
        /// Where.
        service: ServiceId,
    },
    /// A branch of an activation has left.
    BranchLeft {
        /// Where.
        service: ServiceId,
        /// For which of its endpoints, where there are several.
        endpoint: Option<EndpointId>,
        /// The branch's lineage.
        lineage: u64,
        /// How.
        how: Leaving,
        /// What it gave back; a worker that it handed to its request is not among it.
        held: Holds,
    },
    /// A replica's standing with those who call it changes.
    Replica {
        /// Whose.
        service: ServiceId,
        /// Which.
        replica: u32,
        /// To what.
        is: Standing,
    },
    /// A link took an envelope.
    EnvelopeSent,
    /// A link lost one.
    EnvelopeLost {
        /// Which.
        envelope: &'a Envelope,
        /// To which service it went, if not to a user.
        to: Option<ServiceId>,
    },
    /// A link handed one over.
    EnvelopeDelivered {
        /// The service that a request in it asks.
        request_to: Option<ServiceId>,
    },
}

/// How an activation leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Leaving {
    /// Answered, or routed onward.
    Finished,
    /// Answered with an error of its own.
    Failed,
    /// A call it made failed.
    DependencyFailed,
    /// Thrown out of the queue by the service.
    Shed,
    /// Ended by a cancel.
    Cancelled,
    /// Died with its process.
    Crashed,
    /// Stopped in service by the service, at its deadline.
    Expired,
    /// Waited at a gate in vain.
    Rejected,
}

/// What becomes of a replica in the eyes of those who call it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// One who calls it takes it out of use.
    SetAside,
    /// That one takes it back.
    TakenBack,
    /// It takes requests from now on.
    Ready,
    /// It is to get no more, or is not there.
    Away,
}

/// What else may listen to the rows of a run: traces, invariants.
pub trait Sink {
    /// One thing happened.
    fn row(&mut self, at: Time, row: &Row<'_>);

    /// Something more about it, or about what no row tells of.
    fn detail(&mut self, _at: Time, _detail: &Detail) {}

    /// Whether anybody hears; if not, details are not even made up.
    fn listens(&self) -> bool {
        true
    }
}

impl Sink for Box<dyn Sink> {
    fn row(&mut self, at: Time, row: &Row<'_>) {
        (**self).row(at, row);
    }

    fn detail(&mut self, at: Time, detail: &Detail) {
        (**self).detail(at, detail);
    }
}

impl Sink for &mut dyn Sink {
    fn row(&mut self, at: Time, row: &Row<'_>) {
        (**self).row(at, row);
    }

    fn detail(&mut self, at: Time, detail: &Detail) {
        (**self).detail(at, detail);
    }
}

/// Nobody listens.
#[derive(Debug, Clone, Copy, Default)]
pub struct Nobody;

impl Sink for Nobody {
    #[inline(always)]
    fn row(&mut self, _: Time, _: &Row<'_>) {}

    #[inline(always)]
    fn listens(&self) -> bool {
        false
    }
}
