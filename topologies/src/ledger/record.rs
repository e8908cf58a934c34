//! How a row is written: into the books, the digest, and the account of whom it is about.

use super::books::Entry;
use super::query::{Count, Level, Phase};
use super::tally::one_more;
use super::{Leaving, Ledger, Row};
use crate::activation::{Hold, Holds};
use crate::envelope::Envelope;
use crate::graph::{LoadId, ServiceId};
use brownout_core::{Span, Time};
use brownout_policies::outcome::{Outcome, Seen};

impl Ledger {
    /// Tells whoever listens.
    #[cold]
    #[inline(never)]
    fn tell(&mut self, at: Time, row: Row<'_>) {
        if let Some(sink) = &mut self.sink {
            sink.row(at, &row);
        }
    }

    /// Writes a row.
    #[inline(always)]
    pub fn record(&mut self, at: Time, row: Row<'_>) {
        if self.sink.is_some() {
            self.tell(at, row);
        }
        match row {
            Row::CallBegun { target, load, lineage, .. } => {
                self.call_begun(at, target, load, lineage);
            }
            Row::AttemptSent { target, load, lineage, ordinal, .. } => {
                self.attempt_sent(at, (target, load), lineage, ordinal);
            }
            Row::AttemptSettled { target, lineage, outcome, .. } => {
                self.attempt_settled(at, target, lineage, outcome);
            }
            Row::AttemptGivenUp { target, outcome, .. } => self.attempt_given_up(target, outcome),
            Row::LateAnswer { lineage, accepted } => {
                self.digest.row(at.nanos(), kind::LATE, lineage, u64::from(accepted));
            }
            Row::PolicyFired { .. } => one_more(&mut self.events),
            Row::CallEnded { target, load, lineage, intended, outcome, .. } => {
                self.call_ended(at, (target, load), lineage, intended, outcome);
            }
            Row::CallAbandoned => self.books.count(Entry::CallsAbandoned),
            Row::DoorRefused { service, lineage } => {
                self.door(at, service, lineage, Entry::DoorRefused, Count::Refused);
            }
            Row::DoorFailed { service, lineage } => {
                self.door(at, service, lineage, Entry::DoorFailed, Count::Failed);
            }
            Row::DoorLost { service, lineage } => {
                self.door(at, service, lineage, Entry::DoorLost, Count::Lost);
            }
            Row::Entered { service, at_work } => self.entered(at, service, at_work),
            Row::Requeued { service } => self.requeued(at, service),
            Row::TookWorker { service, first } => self.took_worker(at, service, first),
            Row::FreedWorker { service } => self.freed_worker(at, service),
            Row::WorkDone { service, lineage, took, for_nobody } => {
                self.work_done(at, service, lineage, took, for_nobody);
            }
            Row::WorkStopped { service, took } => self.work_stopped(service, took),
            Row::Left { service, lineage, how, arrived, served, held } => {
                self.left(at, (service, held), lineage, how, (arrived, served));
            }
            Row::EnvelopeSent => self.books.count(Entry::EnvelopesSent),
            Row::EnvelopeLost { envelope } => self.envelope_lost(at, envelope),
            Row::EnvelopeDelivered { request_to } => self.envelope_delivered(request_to),
        }
    }

    #[inline]
    fn call_begun(&mut self, at: Time, target: ServiceId, load: Option<LoadId>, lineage: u64) {
        self.books.count(Entry::CallsBegun);
        one_more(&mut self.services[target.index()].tally.offered);
        if let Some(load) = load {
            self.books.count(Entry::RequestsBegun);
            one_more(&mut self.events);
            let account = &mut self.loads[load.index()];
            one_more(&mut account.tally.offered);
            if account.kept {
                account.tally.levels.up(Level::InSystem, at);
            }
            self.digest.row(at.nanos(), kind::BEGUN ^ account.name, lineage, 0);
        }
    }

    #[inline]
    fn attempt_sent(
        &mut self,
        at: Time,
        (target, load): (ServiceId, Option<LoadId>),
        lineage: u64,
        ordinal: u32,
    ) {
        self.books.count(Entry::AttemptsSent);
        if let Some(load) = load {
            one_more(&mut self.loads[load.index()].tally.attempts);
        }
        let account = &mut self.services[target.index()];
        one_more(&mut account.tally.attempts);
        if ordinal > 0 {
            let entity = kind::SENT ^ account.name;
            self.digest.row(at.nanos(), entity, lineage, u64::from(ordinal));
        }
    }

    #[inline]
    fn attempt_settled(&mut self, at: Time, target: ServiceId, lineage: u64, outcome: Outcome) {
        self.books.count(settled_as(outcome));
        if !outcome.is_success() {
            let entity = kind::SETTLED ^ self.services[target.index()].name;
            self.digest.row(at.nanos(), entity, lineage, outcome_code(outcome));
        }
    }

    #[inline]
    fn attempt_given_up(&mut self, target: ServiceId, outcome: Outcome) {
        self.books.count(settled_as(outcome));
        if outcome.seen == Seen::TimedOut {
            self.services[target.index()].tally.count(Count::TimedOut);
        }
    }

    #[inline]
    fn call_ended(
        &mut self,
        at: Time,
        (target, load): (ServiceId, Option<LoadId>),
        lineage: u64,
        intended: Time,
        outcome: Outcome,
    ) {
        self.books.count(Entry::CallsEnded);
        let good = outcome.is_success();
        let account = &mut self.services[target.index()];
        if account.kept {
            account.end_call(at, intended, good);
        }
        let entity = kind::ENDED ^ account.name;
        self.digest.row(at.nanos(), entity, lineage, outcome_code(outcome));
        if let Some(load) = load {
            let entry = if good { Entry::RequestsAnswered } else { Entry::RequestsFailed };
            self.books.count(entry);
            let account = &mut self.loads[load.index()];
            if account.kept {
                account.tally.levels.down(Level::InSystem, at);
                account.end_call(at, intended, good);
            }
        }
    }

    #[cold]
    fn door(&mut self, at: Time, service: ServiceId, lineage: u64, entry: Entry, count: Count) {
        self.books.count(entry);
        let account = &mut self.services[service.index()];
        account.tally.count(count);
        let entity = kind::DOOR ^ account.name;
        self.digest.row(at.nanos(), entity, lineage, count as u64);
    }

    #[inline]
    fn entered(&mut self, at: Time, service: ServiceId, at_work: bool) {
        self.books.count(Entry::ActivationsStarted);
        let account = &mut self.services[service.index()];
        if !account.kept {
            return;
        }
        let levels = &mut account.tally.levels;
        levels.up(Level::InSystem, at);
        if at_work {
            levels.up(Level::Busy, at);
            account.inside(Phase::Wait, at, Span::ZERO);
        } else {
            levels.up(Level::Queue, at);
        }
    }

    #[inline]
    fn took_worker(&mut self, at: Time, service: ServiceId, first: Option<Time>) {
        let account = &mut self.services[service.index()];
        if !account.kept {
            return;
        }
        account.tally.levels.down(Level::Queue, at);
        account.tally.levels.up(Level::Busy, at);
        if let Some(arrived) = first {
            account.inside(Phase::Wait, arrived, at - arrived);
        }
    }

    #[inline]
    fn work_done(
        &mut self,
        at: Time,
        service: ServiceId,
        lineage: u64,
        took: Span,
        for_nobody: bool,
    ) {
        one_more(&mut self.events);
        let account = &mut self.services[service.index()];
        account.tally.worked_ns += took.nanos();
        if for_nobody {
            account.tally.wasted_ns += took.nanos();
        }
        self.digest.row(at.nanos(), kind::WORKED ^ account.name, lineage, 0);
    }

    #[inline]
    fn left(
        &mut self,
        at: Time,
        (service, held): (ServiceId, Holds),
        lineage: u64,
        how: Leaving,
        (arrived, served): (Time, Span),
    ) {
        let account = &mut self.services[service.index()];
        let (entry, count) = match how {
            Leaving::Finished => (Entry::ActivationsFinished, Count::Finished),
            Leaving::Failed => (Entry::ActivationsFinished, Count::Failed),
            Leaving::DependencyFailed => (Entry::ActivationsAborted, Count::Failed),
            Leaving::Shed => (Entry::ActivationsAborted, Count::Shed),
            Leaving::Cancelled => (Entry::ActivationsAborted, Count::Cancelled),
            Leaving::Crashed => (Entry::ActivationsLost, Count::Lost),
        };
        self.books.count(entry);
        if how != Leaving::Finished {
            let entity = kind::LEFT ^ account.name;
            self.digest.row(at.nanos(), entity, lineage, how as u64);
        }
        if !account.kept {
            return;
        }
        account.tally.count(count);
        let levels = &mut account.tally.levels;
        levels.down(Level::InSystem, at);
        for (hold, level) in [(Hold::Worker, Level::Busy), (Hold::Place, Level::Queue)] {
            if held.has(hold) {
                levels.down(level, at);
            }
        }
        if how == Leaving::Finished {
            account.inside(Phase::Service, arrived, served);
            account.inside(Phase::Sojourn, arrived, at - arrived);
        }
    }

    #[inline]
    fn requeued(&mut self, at: Time, service: ServiceId) {
        let account = &mut self.services[service.index()];
        if account.kept {
            account.tally.levels.up(Level::Queue, at);
        }
    }

    #[inline]
    fn freed_worker(&mut self, at: Time, service: ServiceId) {
        let account = &mut self.services[service.index()];
        if account.kept {
            account.tally.levels.down(Level::Busy, at);
        }
    }

    fn work_stopped(&mut self, service: ServiceId, took: Span) {
        let tally = &mut self.services[service.index()].tally;
        tally.worked_ns += took.nanos();
        tally.wasted_ns += took.nanos();
    }

    #[cold]
    fn envelope_lost(&mut self, at: Time, envelope: &Envelope) {
        self.books.count(Entry::EnvelopesLost);
        if let Some(service) = envelope.to.service() {
            self.services[service.index()].tally.count(Count::Lost);
        }
        self.digest.row(at.nanos(), kind::LOST, envelope.lineage, 0);
    }

    #[inline]
    fn envelope_delivered(&mut self, request_to: Option<ServiceId>) {
        self.books.count(Entry::EnvelopesDelivered);
        if let Some(service) = request_to {
            self.books.count(Entry::RequestsDelivered);
            self.services[service.index()].tally.count(Count::Arrived);
        }
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
