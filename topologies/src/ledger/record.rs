//! How a row is written: into the books, the digest, and the account of whom it is about.

use super::books::Entry;
use super::query::{Count, Phase};
use super::tally::one_more;
use super::{Account, Journal, Leaving, Ledger, Of, Row};
use crate::activation::{Hold, Holds};
use crate::envelope::Envelope;
use crate::graph::{LoadId, ServiceId};
use brownout_core::{Span, Time};
use brownout_policies::outcome::{Outcome, Seen};

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
            Row::CallBegun { target, load, lineage, .. } => {
                let (journal, service, load) = self.open(target, load);
                journal.call_begun(at, service, load, lineage);
            }
            Row::AttemptSent { target, load, lineage, ordinal, .. } => {
                let (journal, service, load) = self.open(target, load);
                journal.attempt_sent(at, service, load, lineage, ordinal);
            }
            Row::AttemptSettled { target, lineage, outcome, .. } => {
                let (journal, service, _) = self.open(target, None);
                journal.attempt_settled(at, service, lineage, outcome);
            }
            Row::AttemptGivenUp { target, outcome, .. } => {
                let (journal, service, _) = self.open(target, None);
                journal.attempt_given_up(service, outcome);
            }
            Row::LateAnswer { lineage, accepted } => {
                let digest = &mut self.journal.digest;
                digest.row(at.nanos(), kind::LATE, lineage, u64::from(accepted));
            }
            Row::PolicyFired { .. } => one_more(&mut self.journal.events),
            Row::CallEnded { target, load, lineage, intended, outcome, .. } => {
                let (journal, service, load) = self.open(target, load);
                journal.call_ended(at, service, load, End { lineage, intended, outcome });
            }
            Row::CallAbandoned => self.journal.books.count(Entry::CallsAbandoned),
            Row::DoorRefused { service, lineage } => {
                self.door(at, service, lineage, Entry::DoorRefused, Count::Refused);
            }
            Row::DoorFailed { service, lineage } => {
                self.door(at, service, lineage, Entry::DoorFailed, Count::Failed);
            }
            Row::DoorLost { service, lineage } => {
                self.door(at, service, lineage, Entry::DoorLost, Count::Lost);
            }
            Row::Entered { service, at_work } => {
                self.journal.books.count(Entry::ActivationsStarted);
                self.services[service.index()].entered(at, at_work);
            }
            Row::Requeued { service } => self.services[service.index()].requeued(at),
            Row::TookWorker { service, first } => {
                self.services[service.index()].took_worker(at, first);
            }
            Row::FreedWorker { service } => self.services[service.index()].freed_worker(at),
            Row::WorkDone { service, lineage, took, for_nobody } => {
                let (journal, service, _) = self.open(service, None);
                one_more(&mut journal.events);
                service.tally.worked(took, for_nobody);
                journal.digest.row(at.nanos(), kind::WORKED ^ service.name, lineage, 0);
            }
            Row::WorkStopped { service, took } => {
                self.services[service.index()].tally.worked(took, true);
            }
            Row::Left { service, lineage, how, arrived, served, held } => {
                let (journal, service, _) = self.open(service, None);
                journal.left(at, service, lineage, how);
                service.left(at, how, held, (arrived, served));
            }
            Row::EnvelopeSent => self.journal.books.count(Entry::EnvelopesSent),
            Row::EnvelopeLost { envelope, to } => self.envelope_lost(at, envelope, to),
            Row::EnvelopeDelivered { request_to } => {
                self.journal.books.count(Entry::EnvelopesDelivered);
                if request_to.is_some() {
                    self.journal.books.count(Entry::RequestsDelivered);
                }
            }
        }
    }

    /// Writes the rows of a plain call that begins and sends its only attempt, with one look for
    /// the accounts.
    #[inline(always)]
    pub fn plain_begun(&mut self, at: Time, of: Of, lineage: u64) {
        let (journal, service, mut load) = self.open(of.target, of.load);
        journal.call_begun(at, service, load.as_deref_mut(), lineage);
        journal.attempt_sent(at, service, load, lineage, 0);
    }

    /// Writes the rows of a plain call that ends with its only attempt.
    #[inline(always)]
    pub fn plain_ended(&mut self, at: Time, of: Of, end: End) {
        let (journal, service, load) = self.open(of.target, of.load);
        if let Outcome { seen: Seen::Answered, done, .. } = end.outcome {
            // The same, compiled for what is usual.
            let end = End { outcome: Outcome::new(Seen::Answered, done), ..end };
            journal.plain_ended(at, service, load, end);
        } else {
            journal.plain_ended(at, service, load, end);
        }
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

    #[cold]
    fn door(&mut self, at: Time, service: ServiceId, lineage: u64, entry: Entry, count: Count) {
        let (journal, service, _) = self.open(service, None);
        journal.books.count(entry);
        service.tally.count(Count::Arrived);
        service.tally.count(count);
        journal.digest.row(at.nanos(), kind::DOOR ^ service.name, lineage, count as u64);
    }

    #[cold]
    fn envelope_lost(&mut self, at: Time, envelope: &Envelope, to: Option<ServiceId>) {
        self.journal.books.count(Entry::EnvelopesLost);
        if let Some(service) = to {
            self.services[service.index()].tally.count(Count::Lost);
        }
        self.journal.digest.row(at.nanos(), kind::LOST, envelope.lineage, 0);
    }
}

impl Journal {
    #[inline(always)]
    fn call_begun(
        &mut self,
        at: Time,
        service: &mut Account,
        load: Option<&mut Account>,
        lineage: u64,
    ) {
        self.books.count(Entry::CallsBegun);
        one_more(&mut service.tally.offered);
        if let Some(load) = load {
            self.books.count(Entry::RequestsBegun);
            one_more(&mut self.events);
            one_more(&mut load.tally.offered);
            if load.kept {
                load.tally.levels.shift(at, [0, 1, 0]);
            }
            self.digest.row(at.nanos(), kind::BEGUN ^ load.name, lineage, 0);
        }
    }

    #[inline(always)]
    fn attempt_sent(
        &mut self,
        at: Time,
        service: &mut Account,
        load: Option<&mut Account>,
        lineage: u64,
        ordinal: u32,
    ) {
        self.books.count(Entry::AttemptsSent);
        if let Some(load) = load {
            one_more(&mut load.tally.attempts);
        }
        one_more(&mut service.tally.attempts);
        if ordinal > 0 {
            let entity = kind::SENT ^ service.name;
            self.digest.row(at.nanos(), entity, lineage, u64::from(ordinal));
        }
    }

    #[inline(always)]
    fn attempt_settled(&mut self, at: Time, service: &Account, lineage: u64, outcome: Outcome) {
        if outcome.is_success() {
            self.books.count(Entry::AttemptsAnswered);
        } else {
            self.books.count(settled_as(outcome));
            let entity = kind::SETTLED ^ service.name;
            self.digest.row(at.nanos(), entity, lineage, outcome_code(outcome));
        }
    }

    #[inline]
    fn attempt_given_up(&mut self, service: &mut Account, outcome: Outcome) {
        self.books.count(settled_as(outcome));
        if outcome.seen == Seen::TimedOut {
            service.tally.count(Count::TimedOut);
        }
    }

    #[inline(always)]
    fn plain_ended(
        &mut self,
        at: Time,
        service: &mut Account,
        load: Option<&mut Account>,
        end: End,
    ) {
        self.attempt_settled(at, service, end.lineage, end.outcome);
        self.call_ended(at, service, load, end);
    }

    #[inline(always)]
    fn call_ended(
        &mut self,
        at: Time,
        service: &mut Account,
        mut load: Option<&mut Account>,
        End { lineage, intended, outcome }: End,
    ) {
        self.books.count(Entry::CallsEnded);
        let good = outcome.is_success();
        if outcome.seen == Seen::Rejected {
            turned_away(service, load.as_deref_mut());
        }
        if service.kept {
            service.end_call(at, intended, good);
        }
        let entity = kind::ENDED ^ service.name;
        self.digest.row(at.nanos(), entity, lineage, outcome_code(outcome));
        if let Some(load) = load {
            let entry = if good { Entry::RequestsAnswered } else { Entry::RequestsFailed };
            self.books.count(entry);
            if load.kept {
                load.tally.levels.shift(at, [0, -1, 0]);
                load.end_call(at, intended, good);
            }
        }
    }

    #[inline(always)]
    fn left(&mut self, at: Time, service: &Account, lineage: u64, how: Leaving) {
        self.books.count(match how {
            Leaving::Finished | Leaving::Failed => Entry::ActivationsFinished,
            Leaving::DependencyFailed | Leaving::Shed | Leaving::Cancelled => {
                Entry::ActivationsAborted
            }
            Leaving::Crashed => Entry::ActivationsLost,
        });
        if how != Leaving::Finished {
            let entity = kind::LEFT ^ service.name;
            self.digest.row(at.nanos(), entity, lineage, how as u64);
        }
    }
}

impl Account {
    #[inline(always)]
    fn entered(&mut self, at: Time, at_work: bool) {
        self.tally.count(Count::Arrived);
        if !self.kept {
            return;
        }
        if at_work {
            self.tally.levels.shift(at, [0, 1, 1]);
            self.inside(Phase::Wait, at, Span::ZERO);
        } else {
            self.tally.levels.shift(at, [1, 1, 0]);
        }
    }

    #[inline(always)]
    fn took_worker(&mut self, at: Time, first: Option<Time>) {
        if !self.kept {
            return;
        }
        self.tally.levels.shift(at, [-1, 0, 1]);
        if let Some(arrived) = first {
            self.inside(Phase::Wait, arrived, at - arrived);
        }
    }

    #[inline]
    fn requeued(&mut self, at: Time) {
        if self.kept {
            self.tally.levels.shift(at, [1, 0, 0]);
        }
    }

    #[inline(always)]
    fn freed_worker(&mut self, at: Time) {
        if self.kept {
            self.tally.levels.shift(at, [0, 0, -1]);
        }
    }

    #[inline(always)]
    fn left(&mut self, at: Time, how: Leaving, held: Holds, (arrived, served): (Time, Span)) {
        if !self.kept {
            return;
        }
        self.tally.count(match how {
            Leaving::Finished => Count::Finished,
            Leaving::Failed | Leaving::DependencyFailed => Count::Failed,
            Leaving::Shed => Count::Shed,
            Leaving::Cancelled => Count::Cancelled,
            Leaving::Crashed => Count::Lost,
        });
        if held == Holds::only(Hold::Worker) {
            self.tally.levels.shift(at, [0, -1, -1]);
        } else {
            let places = -i32::from(held.has(Hold::Place));
            self.tally.levels.shift(at, [places, -1, -i32::from(held.has(Hold::Worker))]);
        }
        if how == Leaving::Finished {
            self.inside(Phase::Service, arrived, served);
            self.inside(Phase::Sojourn, arrived, at - arrived);
        }
    }

    #[inline(always)]
    fn end_call(&mut self, at: Time, intended: Time, good: bool) {
        one_more(if good { &mut self.tally.good } else { &mut self.tally.bad });
        for track in &mut self.latencies {
            if good {
                track.time(intended, at - intended);
            } else {
                track.failure(intended);
            }
        }
    }

    #[inline(always)]
    fn inside(&mut self, phase: Phase, arrived: Time, time: Span) {
        for track in &mut self.inside[phase as usize] {
            track.time(arrived, time);
        }
    }
}

/// A call ended because a policy of its own caller said no.
#[cold]
fn turned_away(service: &mut Account, load: Option<&mut Account>) {
    one_more(&mut service.tally.turned_away);
    if let Some(load) = load {
        one_more(&mut load.tally.turned_away);
    }
}

/// Where the caller's book puts an attempt's outcome.
fn settled_as(outcome: Outcome) -> Entry {
    match outcome.seen {
        Seen::Answered => Entry::AttemptsAnswered,
        Seen::Error(_) => Entry::AttemptsFailed,
        Seen::TimedOut => Entry::AttemptsTimedOut,
        Seen::Refused => Entry::AttemptsRefused,
        Seen::Reset => Entry::AttemptsReset,
        Seen::Abandoned => Entry::AttemptsAbandoned,
        Seen::Rejected => unreachable!("what a policy rejects is never sent"),
    }
}

/// An outcome as a small number for the digest.
const fn outcome_code(outcome: Outcome) -> u64 {
    let seen = match outcome.seen {
        Seen::Answered => 0,
        Seen::Error(kind) => 16 + kind as u64,
        Seen::TimedOut => 1,
        Seen::Refused => 2,
        Seen::Reset => 3,
        Seen::Abandoned => 4,
        Seen::Rejected => 5,
    };
    seen << 8 | outcome.done as u64
}

/// What the digest mixes into an entity's name to say what happened to it.
mod kind {
    pub(super) const BEGUN: u64 = 0x1B56_C4E9_0000_0001;
    pub(super) const SENT: u64 = 0x2B56_C4E9_0000_0002;
    pub(super) const SETTLED: u64 = 0x3B56_C4E9_0000_0003;
    pub(super) const LATE: u64 = 0x4B56_C4E9_0000_0004;
    pub(super) const ENDED: u64 = 0x5B56_C4E9_0000_0005;
    pub(super) const DOOR: u64 = 0x6B56_C4E9_0000_0006;
    pub(super) const WORKED: u64 = 0x7B56_C4E9_0000_0007;
    pub(super) const LEFT: u64 = 0x8B56_C4E9_0000_0008;
    pub(super) const LOST: u64 = 0x9B56_C4E9_0000_0009;
}
