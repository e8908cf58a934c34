//! What a listener hears beside the rows: who did what for whom, by lineage, so that the life of a
//! request can be told. Nothing of it is counted, and nobody makes it up where nobody listens.

use super::AtEffect;
use crate::effect::Truth;
use crate::envelope::Address;
use crate::graph::{LoadId, ServiceId, SiteId};
use brownout_core::Time;
use brownout_policies::call::Notice;

/// One thing that happened to somebody.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Detail {
    /// A call begins; its row follows.
    Call {
        /// Its lineage.
        lineage: u64,
        /// From where.
        site: SiteId,
        /// Who made it.
        by: Maker,
        /// At which replica of the caller: of a load, at which client.
        replica: u32,
        /// When its caller's own time is up; [`Time::MAX`] if that does not end.
        deadline: Time,
    },
    /// An attempt goes out; its row came before.
    Sent {
        /// The lineage of its call.
        call: u64,
        /// Its own; that of a first attempt is its call's.
        lineage: u64,
        /// From where.
        site: SiteId,
        /// To whom.
        to: Address,
    },
    /// An attempt goes nowhere: its caller has set every replica aside.
    NobodyThere {
        /// The lineage of its call.
        call: u64,
        /// Its own.
        lineage: u64,
    },
    /// Something about the connection of an attempt whose call goes through a pool. Before it has
    /// one, it is not sent.
    Connection {
        /// The lineage of its call.
        call: u64,
        /// From where.
        site: SiteId,
        /// What.
        what: AtConnection,
    },
    /// Something about an effect, or about the key that keeps it from being done twice.
    Effect {
        /// The activation's lineage.
        lineage: u64,
        /// Where.
        at: Address,
        /// What.
        what: AtEffect,
    },
    /// A call's caller is told that it failed, where it is known what was done; the row of its end
    /// follows.
    Reported {
        /// Its lineage.
        call: u64,
        /// From where.
        site: SiteId,
        /// What had happened.
        truth: Truth,
    },
    /// A policy of a caller has decided something.
    Policy {
        /// The lineage of the call.
        call: u64,
        /// From where.
        site: SiteId,
        /// Which policy of its stack.
        layer: u16,
        /// What.
        notice: Notice,
    },
    /// A request has come to a replica, whatever comes of it there.
    Arrived {
        /// The attempt's lineage.
        lineage: u64,
        /// Where.
        to: Address,
        /// How many wait already.
        waiting: u32,
        /// How many workers are taken.
        busy: u32,
    },
    /// An activation begins to wait.
    Waits {
        /// Its lineage.
        lineage: u64,
        /// Where.
        at: Address,
        /// For a place behind the gates at the door, or else for a worker.
        at_gate: bool,
    },
    /// An activation takes a worker, or a share of them.
    Seated {
        /// Its lineage.
        lineage: u64,
        /// Where.
        at: Address,
    },
    /// An activation gives its worker back and stays.
    Rose {
        /// Its lineage.
        lineage: u64,
        /// Where.
        at: Address,
    },
    /// A branch takes over its request's worker, or the other way round.
    HandedOver {
        /// From which lineage.
        from: u64,
        /// To which.
        to: u64,
        /// Where.
        at: Address,
    },
    /// A piece of work begins, or goes on after an interruption.
    WorkBegan {
        /// Its activation's lineage.
        lineage: u64,
        /// Where.
        at: Address,
    },
    /// A piece of work is interrupted; its worker is given back.
    Interrupted {
        /// Its activation's lineage.
        lineage: u64,
        /// Where.
        at: Address,
    },
    /// An activation lets time pass.
    Sleeps {
        /// Its lineage.
        lineage: u64,
        /// Until then.
        until: Time,
    },
    /// A branch of an activation begins.
    Branch {
        /// The activation's lineage.
        parent: u64,
        /// Its own.
        lineage: u64,
        /// Where.
        at: Address,
    },
    /// A job goes onward to another service, under another name.
    Onward {
        /// The lineage it had.
        from: u64,
        /// The lineage that it has now.
        lineage: u64,
        /// To whom.
        to: Address,
    },
    /// A fault begins, changes its strength or ends.
    Fault {
        /// Its place in the graph.
        fault: u32,
        /// How strong it is now, the strongest anywhere, in [0, 1]; 0 is over.
        strength: f64,
    },
    /// A process starts or stops living.
    Process {
        /// Of which service.
        service: ServiceId,
        /// Which replica.
        replica: u32,
        /// Whether it lives now.
        is_up: bool,
    },
}

/// What happens to an attempt and its connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AtConnection {
    /// It waits for one, and so many before it.
    Waits {
        /// How many.
        ahead: u32,
    },
    /// It gets one, and is sent.
    Lent {
        /// Since when it has waited.
        since: Time,
        /// Whether the process at the other end has died, which its pool does not know.
        is_dead: bool,
    },
    /// It gets none in time, or finds no place to wait.
    TurnedAway,
    /// The connection that was opened for it could not be.
    NotOpened,
    /// Nothing has come over it for as long as a socket waits: it is closed.
    GivenUp,
}

/// Who made a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Maker {
    /// A user of a load.
    User(LoadId),
    /// The work that has this lineage.
    Work(u64),
}
