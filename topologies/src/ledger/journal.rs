//! What is counted of the run as a whole: the books, the digest, the events.

use super::account::Account;
use super::books::{Books, Entry};
use super::record::End;
use super::tally::one_more;
use super::{Leaving, Row};
use brownout_core::Time;
use brownout_core::digest::Digest;
use brownout_policies::outcome::{Outcome, Seen};

/// What is counted of the run as a whole.
#[derive(Debug, Default)]
pub(super) struct Journal {
    pub(super) books: Books,
    pub(super) digest: Digest,
    /// Effective events: arrivals, pieces of work done, policy timers that changed something.
    pub(super) events: u64,
}

impl Journal {
    /// Something has happened to an activation of a service.
    #[inline(always)]
    pub(super) fn activation(&mut self, at: Time, service: &mut Account, row: Row<'_>) {
        match row {
            Row::Entered { .. } => self.books.count(Entry::ActivationsStarted),
            Row::WorkDone { lineage, .. } => {
                one_more(&mut self.events);
                self.digest.row(at.nanos(), kind::WORKED ^ service.name, lineage, 0);
            }
            Row::Left { lineage, how, .. } => self.left(at, service, lineage, how),
            Row::Requeued { .. }
            | Row::TookWorker { .. }
            | Row::FreedWorker { .. }
            | Row::WorkStopped { .. } => {}
            _ => unreachable!("it is a row about an activation"),
        }
        service.activation(at, row);
    }

    #[inline(always)]
    pub(super) fn call_begun(
        &mut self,
        at: Time,
        service: &mut Account,
        load: Option<&mut Account>,
        lineage: u64,
    ) {
        self.books.count(Entry::CallsBegun);
        one_more(&mut service.often.offered);
        if let Some(load) = load {
            self.books.count(Entry::RequestsBegun);
            one_more(&mut self.events);
            one_more(&mut load.often.offered);
            load.shift(at, [0, 1, 0]);
            self.digest.row(at.nanos(), kind::BEGUN ^ load.name, lineage, 0);
        }
    }

    #[inline(always)]
    pub(super) fn attempt_sent(
        &mut self,
        at: Time,
        service: &mut Account,
        load: Option<&mut Account>,
        lineage: u64,
        ordinal: u32,
    ) {
        self.books.count(Entry::AttemptsSent);
        if let Some(load) = load {
            one_more(&mut load.often.attempts);
        }
        one_more(&mut service.often.attempts);
        if ordinal > 0 {
            let entity = kind::SENT ^ service.name;
            self.digest.row(at.nanos(), entity, lineage, u64::from(ordinal));
        }
    }

    #[inline(always)]
    pub(super) fn envelope_delivered(&mut self, is_request: bool) {
        self.books.count(Entry::EnvelopesDelivered);
        if is_request {
            self.books.count(Entry::RequestsDelivered);
        }
    }

    #[inline(always)]
    pub(super) fn attempt_settled(
        &mut self,
        at: Time,
        service: &Account,
        lineage: u64,
        outcome: Outcome,
    ) {
        if outcome.is_success() {
            self.books.count(Entry::AttemptsAnswered);
        } else {
            self.books.count(settled_as(outcome));
            let entity = kind::SETTLED ^ service.name;
            self.digest.row(at.nanos(), entity, lineage, outcome_code(outcome));
        }
    }

    #[inline(always)]
    pub(super) fn plain_ended(
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
    pub(super) fn call_ended(
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
        if service.is_kept() {
            service.end_call(at, intended, good);
        }
        let entity = kind::ENDED ^ service.name;
        self.digest.row(at.nanos(), entity, lineage, outcome_code(outcome));
        if let Some(load) = load {
            let entry = if good { Entry::RequestsAnswered } else { Entry::RequestsFailed };
            self.books.count(entry);
            load.shift(at, [0, -1, 0]);
            if load.is_kept() {
                load.end_call(at, intended, good);
            }
        }
    }

    pub(super) fn branch_left(&mut self, at: Time, service: &Account, lineage: u64, how: Leaving) {
        self.books.count(match how {
            Leaving::Finished | Leaving::Failed => Entry::BranchesFinished,
            Leaving::DependencyFailed
            | Leaving::Shed
            | Leaving::Cancelled
            | Leaving::Expired
            | Leaving::Rejected => Entry::BranchesAborted,
            Leaving::Crashed => Entry::BranchesLost,
        });
        self.digest.row(at.nanos(), kind::BRANCH ^ service.name, lineage, how as u64);
    }

    #[inline(always)]
    fn left(&mut self, at: Time, service: &Account, lineage: u64, how: Leaving) {
        self.books.count(match how {
            Leaving::Finished | Leaving::Failed => Entry::ActivationsFinished,
            Leaving::DependencyFailed
            | Leaving::Shed
            | Leaving::Cancelled
            | Leaving::Expired
            | Leaving::Rejected => Entry::ActivationsAborted,
            Leaving::Crashed => Entry::ActivationsLost,
        });
        if how != Leaving::Finished {
            let entity = kind::LEFT ^ service.name;
            self.digest.row(at.nanos(), entity, lineage, how as u64);
        }
    }
}

/// A call ended because a policy of its own caller said no.
#[cold]
fn turned_away(service: &mut Account, load: Option<&mut Account>) {
    one_more(&mut service.rest.tally.turned_away);
    if let Some(load) = load {
        one_more(&mut load.rest.tally.turned_away);
    }
}

/// Where the caller's book puts an attempt's outcome.
pub(super) fn settled_as(outcome: Outcome) -> Entry {
    match outcome.seen {
        Seen::Answered => Entry::AttemptsAnswered,
        Seen::Error(_) => Entry::AttemptsFailed,
        Seen::TimedOut => Entry::AttemptsTimedOut,
        Seen::Refused => Entry::AttemptsRefused,
        Seen::Reset => Entry::AttemptsReset,
        Seen::Abandoned => Entry::AttemptsAbandoned,
        Seen::Rejected | Seen::PoolTimeout => unreachable!("what a policy rejects is never sent"),
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
        Seen::PoolTimeout => 6,
    };
    seen << 8 | outcome.done as u64
}

/// What the digest mixes into an entity's name to say what happened to it.
pub(super) mod kind {
    use brownout_core::digest::Entity;

    pub(in crate::ledger) const BEGUN: Entity = Entity::new(0x1B56_C4E9_0000_0001);
    pub(in crate::ledger) const SENT: Entity = Entity::new(0x2B56_C4E9_0000_0002);
    pub(in crate::ledger) const SETTLED: Entity = Entity::new(0x3B56_C4E9_0000_0003);
    pub(in crate::ledger) const LATE: Entity = Entity::new(0x4B56_C4E9_0000_0004);
    pub(in crate::ledger) const ENDED: Entity = Entity::new(0x5B56_C4E9_0000_0005);
    pub(in crate::ledger) const DOOR: Entity = Entity::new(0x6B56_C4E9_0000_0006);
    pub(in crate::ledger) const WORKED: Entity = Entity::new(0x7B56_C4E9_0000_0007);
    pub(in crate::ledger) const LEFT: Entity = Entity::new(0x8B56_C4E9_0000_0008);
    pub(in crate::ledger) const LOST: Entity = Entity::new(0x9B56_C4E9_0000_0009);
    pub(in crate::ledger) const REPLICA: Entity = Entity::new(0xAB56_C4E9_0000_000A);
    pub(in crate::ledger) const POOL: Entity = Entity::new(0xCB56_C4E9_0000_000C);
    pub(in crate::ledger) const EFFECT: Entity = Entity::new(0xBB56_C4E9_0000_000B);
    pub(in crate::ledger) const BRANCH: Entity = Entity::new(0xAB56_C4E9_0000_000A);
}
