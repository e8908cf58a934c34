//! What a listener hears, as events of one kind, each about somebody by lineage.

use brownout_core::{Span, Time};
use brownout_policies::call::Notice;
use brownout_policies::outcome::Outcome;
use brownout_topologies::effect::Truth;
use brownout_topologies::envelope::{Address, Body};
use brownout_topologies::graph::{ServiceId, SiteId};
use brownout_topologies::ledger::{AtConnection, AtEffect, AtInlet, Detail, Leaving, Maker};
use brownout_topologies::ledger::{Row, Sink, Standing};

/// Something that happened.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Event {
    /// A call begins.
    CallBegan { call: u64, site: SiteId, by: Maker, replica: u32, deadline: Time },
    /// An attempt goes out, to somebody unless nobody may be called.
    AttemptSent { call: u64, attempt: u64, site: Option<SiteId>, to: Option<Address> },
    /// An attempt is over for its caller.
    AttemptEnded { attempt: u64, site: SiteId, outcome: Outcome, given_up: bool },
    /// A call is over.
    CallEnded { call: u64, site: SiteId, outcome: Outcome, intended: Time },
    /// A call is over since its caller is.
    CallAbandoned { call: u64 },
    /// An answer comes for which nobody waits; its call may take it all the same.
    AnswerLate { attempt: u64, accepted: bool },
    /// Something about the connection of an attempt.
    Connection { call: u64, site: SiteId, what: AtConnection },
    /// Something about an effect, or its key.
    Effect { work: u64, at: Address, what: AtEffect },
    /// Its caller is told that a call failed, and this is what had been done; its end follows.
    Reported { call: u64, site: SiteId, truth: Truth },
    /// A policy has decided something.
    Decided { call: u64, site: SiteId, layer: u16, notice: Notice },
    /// A request is at a replica's door.
    Arrived { attempt: u64, to: Address, waiting: u32, busy: u32 },
    /// The door does not let it in.
    TurnedAway { attempt: u64, service: ServiceId, how: AtDoor },
    /// The work begins to wait, for a worker or at a gate.
    Waits { work: u64, at: Address, at_gate: bool },
    /// It takes a worker.
    Seated { work: u64, at: Address },
    /// It gives its worker back, and stays.
    Rose { work: u64, at: Address },
    /// Its worker goes over to another piece of work of the same request.
    HandedOver { from: u64, to: u64, at: Address },
    /// A piece of it begins, or goes on.
    WorkBegan { work: u64, at: Address },
    /// A piece of it is done, or broken off.
    WorkEnded { work: u64, service: ServiceId, took: Span, broken_off: bool, for_nobody: bool },
    /// A piece of it is interrupted, and waits for a worker.
    Interrupted { work: u64, at: Address },
    /// It lets time pass.
    Sleeps { work: u64, until: Time },
    /// A branch of it begins.
    BranchBegan { parent: u64, work: u64, at: Address },
    /// It goes on at another service, under another name.
    Onward { from: u64, work: u64, to: Address },
    /// It is over.
    Left { work: u64, service: ServiceId, how: Leaving },
    /// A link loses a request, or an answer.
    Lost { attempt: u64, is_request: bool },
    /// A fault has this strength now; 0 is over.
    Fault { fault: u32, strength: f64 },
    /// A process lives, or does so no more.
    Process { service: ServiceId, replica: u32, is_up: bool },
    /// A replica's standing with its callers changes.
    Replica { service: ServiceId, replica: u32, is: Standing },
}

/// Why a door does not let somebody in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AtDoor {
    /// The queue is full, the process dead, or the deadline over.
    Refused,
    /// A fault makes errors.
    Failed,
    /// It is lost without a word.
    Lost,
    /// A limit at the door says no.
    Limited,
    /// The shedder says no.
    Shed,
}

/// Hands every event on.
pub(crate) struct Hearing<F>(pub(crate) F);

impl<F: FnMut(Time, Event)> Sink for Hearing<F> {
    fn row(&mut self, at: Time, row: &Row<'_>) {
        if let Some(event) = of_row(row) {
            (self.0)(at, event);
        }
    }

    fn detail(&mut self, at: Time, detail: &Detail) {
        (self.0)(at, of_detail(detail));
    }
}

/// The event that a row is; of what details tell better none.
fn of_row(row: &Row<'_>) -> Option<Event> {
    Some(match *row {
        Row::AttemptSettled { site, lineage: attempt, outcome, .. } => {
            Event::AttemptEnded { attempt, site, outcome, given_up: false }
        }
        Row::AttemptGivenUp { site, lineage: attempt, outcome, .. } => {
            Event::AttemptEnded { attempt, site, outcome, given_up: true }
        }
        Row::CallEnded { site, lineage: call, outcome, intended, .. } => {
            Event::CallEnded { call, site, outcome, intended }
        }
        Row::CallAbandoned { lineage: call } => Event::CallAbandoned { call },
        Row::LateAnswer { lineage: attempt, accepted } => Event::AnswerLate { attempt, accepted },
        Row::DoorRefused { service, lineage: attempt, .. } => {
            Event::TurnedAway { attempt, service, how: AtDoor::Refused }
        }
        Row::DoorFailed { service, lineage: attempt, .. } => {
            Event::TurnedAway { attempt, service, how: AtDoor::Failed }
        }
        Row::DoorLost { service, lineage: attempt, .. } => {
            Event::TurnedAway { attempt, service, how: AtDoor::Lost }
        }
        Row::AtInlet { service, what: AtInlet::Rejected { lineage: attempt, shed }, .. } => {
            let how = if shed { AtDoor::Shed } else { AtDoor::Limited };
            Event::TurnedAway { attempt, service, how }
        }
        Row::WorkDone { service, lineage: work, took, for_nobody, .. } => {
            Event::WorkEnded { work, service, took, broken_off: false, for_nobody }
        }
        Row::WorkStopped { service, lineage: work, took, .. } => {
            Event::WorkEnded { work, service, took, broken_off: true, for_nobody: true }
        }
        Row::Left { service, lineage: work, how, .. }
        | Row::BranchLeft { service, lineage: work, how, .. } => Event::Left { work, service, how },
        Row::EnvelopeLost { envelope, .. } => match envelope.body {
            Body::Request { .. } | Body::RequestBy { .. } => {
                Event::Lost { attempt: envelope.lineage, is_request: true }
            }
            Body::Reply(_) => Event::Lost { attempt: envelope.lineage, is_request: false },
            Body::Cancel | Body::Probe(_) | Body::Probed(..) => return None,
        },
        Row::Replica { service, replica, is } => Event::Replica { service, replica, is },
        Row::CallBegun { .. }
        | Row::AttemptSent { .. }
        | Row::PolicyFired { .. }
        | Row::Reloaded { .. }
        | Row::RequestDied { .. }
        | Row::Entered { .. }
        | Row::Requeued { .. }
        | Row::TookWorker { .. }
        | Row::AtInlet { .. }
        | Row::AtStore { .. }
        | Row::AtEffect { .. }
        | Row::Reported { .. }
        | Row::AtPool { .. }
        | Row::FreedWorker { .. }
        | Row::BranchBegun { .. }
        | Row::EnvelopeSent
        | Row::EnvelopeDelivered { .. } => return None,
    })
}

fn of_detail(detail: &Detail) -> Event {
    match *detail {
        Detail::Call { lineage: call, site, by, replica, deadline } => {
            Event::CallBegan { call, site, by, replica, deadline }
        }
        Detail::Sent { call, lineage: attempt, site, to } => {
            Event::AttemptSent { call, attempt, site: Some(site), to: Some(to) }
        }
        Detail::NobodyThere { call, lineage: attempt } => {
            Event::AttemptSent { call, attempt, site: None, to: None }
        }
        Detail::Policy { call, site, layer, notice } => {
            Event::Decided { call, site, layer, notice }
        }
        Detail::Connection { call, site, what } => Event::Connection { call, site, what },
        Detail::Effect { lineage: work, at, what } => Event::Effect { work, at, what },
        Detail::Reported { call, site, truth } => Event::Reported { call, site, truth },
        Detail::Arrived { lineage: attempt, to, waiting, busy } => {
            Event::Arrived { attempt, to, waiting, busy }
        }
        Detail::Waits { lineage: work, at, at_gate } => Event::Waits { work, at, at_gate },
        Detail::Seated { lineage: work, at } => Event::Seated { work, at },
        Detail::Rose { lineage: work, at } => Event::Rose { work, at },
        Detail::HandedOver { from, to, at } => Event::HandedOver { from, to, at },
        Detail::WorkBegan { lineage: work, at } => Event::WorkBegan { work, at },
        Detail::Interrupted { lineage: work, at } => Event::Interrupted { work, at },
        Detail::Sleeps { lineage: work, until } => Event::Sleeps { work, until },
        Detail::Branch { parent, lineage: work, at } => Event::BranchBegan { parent, work, at },
        Detail::Onward { from, lineage: work, to } => Event::Onward { from, work, to },
        Detail::Fault { fault, strength } => Event::Fault { fault, strength },
        Detail::Process { service, replica, is_up } => Event::Process { service, replica, is_up },
    }
}
