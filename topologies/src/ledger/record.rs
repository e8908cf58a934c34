//! How a row is written: into the books, the digest, and the account of whom it is about.

use super::account::Account;
use super::books::Entry;
use super::journal::{Journal, kind, settled_as};
use super::query::Count;
use super::tally::one_more;
use super::{Leaving, Ledger, Of, Row, Standing};
use crate::activation::Holds;
use crate::death::{Death, How};
use crate::envelope::Envelope;
use crate::graph::{EndpointId, LoadId, ServiceId, SiteId};
use brownout_core::Time;
use brownout_policies::outcome::{Done, Outcome, Seen};

/// How a call ended.
#[derive(Debug, Clone, Copy)]
pub struct End {
    /// The call's lineage.
    pub lineage: u64,
    /// When it was meant to begin.
    pub intended: Time,
    /// What came of it.
    pub outcome: Outcome,
}

impl Ledger {
    /// Writes a row.
    #[inline(always)]
    pub fn record(&mut self, at: Time, row: Row<'_>) {
        match row {
            Row::CallBegun { site, target, load, lineage } => {
                self.call_begun(at, site, Of { target, load }, lineage);
            }
            Row::AttemptSent { site, target, load, lineage, ordinal } => {
                self.attempt_sent(at, site, Of { target, load }, lineage, ordinal);
            }
            Row::AttemptSettled { target, lineage, outcome, .. } => {
                let (journal, service, _) = self.open(target, None);
                journal.attempt_settled(at, service, lineage, outcome);
            }
            Row::AttemptGivenUp { site, target, outcome, .. } => {
                self.attempt_given_up(site, target, outcome);
            }
            Row::LateAnswer { lineage, accepted } => {
                self.journal.digest.row(at.nanos(), kind::LATE, lineage, u64::from(accepted));
            }
            Row::PolicyFired { .. } => one_more(&mut self.journal.events),
            Row::CallEnded { site, target, load, lineage, intended, outcome } => {
                let end = End { lineage, intended, outcome };
                self.call_ended(at, site, Of { target, load }, end);
            }
            Row::Reloaded { site, target } => self.reloaded(site, target),
            Row::RequestDied { load, death } => self.request_died(load, death),
            Row::CallAbandoned { .. } => self.journal.books.count(Entry::CallsAbandoned),
            Row::DoorRefused { service, endpoint, lineage } => {
                self.door(at, (service, endpoint), lineage, Entry::DoorRefused, Count::Refused);
            }
            Row::DoorFailed { service, endpoint, lineage } => {
                self.door(at, (service, endpoint), lineage, Entry::DoorFailed, Count::Failed);
            }
            Row::DoorLost { service, endpoint, lineage } => {
                self.door(at, (service, endpoint), lineage, Entry::DoorLost, Count::Lost);
            }
            Row::AtInlet { service, endpoint, what } => self.at_inlet(at, service, endpoint, what),
            Row::AtStore { service, endpoint: of, what } => self.at_store(at, service, of, what),
            Row::AtEffect { service, endpoint: of, what } => self.at_effect(at, service, of, what),
            Row::AtPool { service, what } => self.at_pool(at, service, what),
            Row::Reported { site, target, load, truth } => {
                self.reported(site, target, load, truth);
            }
            Row::Entered { service, endpoint, .. }
            | Row::Requeued { service, endpoint }
            | Row::TookWorker { service, endpoint, .. }
            | Row::FreedWorker { service, endpoint }
            | Row::WorkDone { service, endpoint, .. }
            | Row::WorkStopped { service, endpoint, .. }
            | Row::Left { service, endpoint, .. } => {
                let (journal, service, _) = self.open(service, None);
                journal.activation(at, service, row);
                if let Some(own) = self.also(endpoint) {
                    own.activation(at, row);
                }
            }
            Row::BranchBegun { .. } => self.journal.books.count(Entry::BranchesBegun),
            Row::BranchLeft { service, endpoint, lineage, how, held } => {
                self.branch_left(at, (service, endpoint), lineage, how, held);
            }
            Row::Replica { service, replica, is } => self.replica(at, service, replica, is),
            Row::EnvelopeSent => self.journal.books.count(Entry::EnvelopesSent),
            Row::EnvelopeLost { envelope, to } => self.envelope_lost(at, envelope, to),
            Row::EnvelopeDelivered { request_to: to } => {
                self.journal.envelope_delivered(to.is_some())
            }
        }
    }

    /// Writes two rows about one activation, with one look for the accounts.
    #[inline(always)]
    pub fn record_both(
        &mut self,
        at: Time,
        (service, endpoint): (ServiceId, Option<EndpointId>),
        [first, second]: [Row<'_>; 2],
    ) {
        let (journal, service, _) = self.open(service, None);
        journal.activation(at, service, first);
        journal.activation(at, service, second);
        if let Some(own) = self.also(endpoint) {
            own.activation(at, first);
            own.activation(at, second);
        }
    }

    #[inline(always)]
    fn call_begun(&mut self, at: Time, site: SiteId, of: Of, lineage: u64) {
        let (journal, service, load) = self.open(of.target, of.load);
        journal.call_begun(at, service, load, lineage);
        self.sent_from(site, 1, 0);
    }

    #[inline(always)]
    fn attempt_sent(&mut self, at: Time, site: SiteId, of: Of, lineage: u64, ordinal: u32) {
        let (journal, service, load) = self.open(of.target, of.load);
        journal.attempt_sent(at, service, load, lineage, ordinal);
        self.sent_from(site, 0, 1);
    }

    #[inline]
    fn attempt_given_up(&mut self, site: SiteId, target: ServiceId, outcome: Outcome) {
        if outcome.seen == Seen::TimedOut {
            self.journal.books.count(Entry::AttemptsTimedOut);
            let endpoint = self.endpoint_of(site);
            self.each(target, endpoint, |own| own.count(Count::TimedOut));
        } else {
            self.journal.books.count(settled_as(outcome));
        }
    }

    #[inline(always)]
    fn call_ended(&mut self, at: Time, site: SiteId, of: Of, end: End) {
        let (journal, service, load) = self.open(of.target, of.load);
        journal.call_ended(at, service, load, end);
        self.ended_from(at, site, end);
    }

    /// Writes the rows of a plain call that begins and sends its only attempt, with one look for
    /// the accounts.
    #[inline(always)]
    pub fn plain_begun(&mut self, at: Time, site: SiteId, of: Of, lineage: u64) {
        let (journal, service, mut load) = self.open(of.target, of.load);
        journal.call_begun(at, service, load.as_deref_mut(), lineage);
        journal.attempt_sent(at, service, load, lineage, 0);
        self.sent_from(site, 1, 1);
    }

    /// Writes the rows of a plain call that ends with its only attempt.
    #[inline(always)]
    pub fn plain_ended(&mut self, at: Time, site: SiteId, of: Of, end: End) {
        let (journal, service, load) = self.open(of.target, of.load);
        if let Outcome { seen: Seen::Answered, done: Done::Done, .. } = end.outcome {
            // The same, compiled for what is usual.
            let end = End { outcome: Outcome::OK, ..end };
            journal.plain_ended(at, service, load, end);
        } else {
            journal.plain_ended(at, service, load, end);
        }
        self.ended_from(at, site, end);
    }

    /// What is counted of the whole run, and the accounts of whom a call is about.
    #[inline(always)]
    fn open(
        &mut self,
        service: ServiceId,
        load: Option<LoadId>,
    ) -> (&mut Journal, &mut Account, Option<&mut Account>) {
        let load = load.map(|load| &mut self.loads[load.index()]);
        (&mut self.journal, &mut self.services[service.index()], load)
    }

    #[inline(never)]
    fn branch_left(
        &mut self,
        at: Time,
        (service, endpoint): (ServiceId, Option<EndpointId>),
        lineage: u64,
        how: Leaving,
        held: Holds,
    ) {
        let (journal, account, _) = self.open(service, None);
        journal.branch_left(at, account, lineage, how);
        self.each(service, endpoint, |own| own.branch_left(at, held));
    }

    #[cold]
    fn reloaded(&mut self, site: SiteId, target: ServiceId) {
        let endpoint = self.endpoint_of(site);
        self.each(target, endpoint, |own| own.count(Count::Reloaded));
    }

    #[cold]
    pub(super) fn door(
        &mut self,
        at: Time,
        (service, endpoint): (ServiceId, Option<EndpointId>),
        lineage: u64,
        entry: Entry,
        count: Count,
    ) {
        self.journal.books.count(entry);
        self.each(service, endpoint, |own| {
            own.count(Count::Arrived);
            own.count(count);
        });
        let name = self.services[service.index()].name;
        self.journal.digest.row(at.nanos(), kind::DOOR ^ name, lineage, count as u64);
    }

    /// Who is called changes: so much is counted of it.
    #[cold]
    fn replica(&mut self, at: Time, service: ServiceId, replica: u32, is: Standing) {
        let (journal, service, _) = self.open(service, None);
        match is {
            Standing::SetAside => service.count(Count::SetAside),
            Standing::TakenBack => {}
            Standing::Ready => service.rest.tally.levels.shift_absent(at, -1),
            Standing::Away => service.rest.tally.levels.shift_absent(at, 1),
        }
        let entity = kind::REPLICA ^ service.name;
        journal.digest.row(at.nanos(), entity, u64::from(replica), is as u64);
    }

    #[cold]
    fn request_died(&mut self, load: LoadId, death: Death) {
        self.journal.books.count(died_by(death.how));
        self.deaths.add(death);
        self.services[death.at.index()].rest.tally.died(death.how);
        self.loads[load.index()].rest.tally.died(death.how);
    }

    #[cold]
    fn envelope_lost(&mut self, at: Time, envelope: &Envelope, to: Option<ServiceId>) {
        self.journal.books.count(Entry::EnvelopesLost);
        if let Some(service) = to {
            self.services[service.index()].count(Count::Lost);
        }
        self.journal.digest.row(at.nanos(), kind::LOST, envelope.lineage, 0);
    }
}

/// Where the users' book puts a death.
const fn died_by(how: How) -> Entry {
    match how {
        How::Rejected | How::PoolTimeout => Entry::DiedRejected,
        How::Refused => Entry::DiedRefused,
        How::Reset => Entry::DiedReset,
        How::Failed => Entry::DiedFailed,
        How::Shed => Entry::DiedShed,
        How::TimedOut | How::Queued | How::InService | How::OnLink | How::Lost | How::Held => {
            Entry::DiedTimedOut
        }
    }
}
