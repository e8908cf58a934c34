//! Conservation: what came in is accounted for, in books kept at independent places.
//!
//! The caller's book counts attempts where they are sent and settled; the callee's counts
//! activations where they are started and ended; the links' counts envelopes where they are handed
//! over. What is still open at the end is counted over the things themselves. Every equation is
//! checked at the end of every run, in release builds too.

/// One column of the books.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Entry {
    /// Requests that users made.
    RequestsBegun,
    /// Requests answered well.
    RequestsAnswered,
    /// Requests that ended any other way.
    RequestsFailed,
    /// Requests that a policy, or a pool of connections, of a caller's own turned away.
    DiedRejected,
    /// Requests that a service would not take.
    DiedRefused,
    /// Requests whose work died with its process.
    DiedReset,
    /// Requests that a service answered with an error.
    DiedFailed,
    /// Requests that a service threw out of its queue.
    DiedShed,
    /// Requests whose user's time or patience was up.
    DiedTimedOut,
    /// Calls begun, users' requests included.
    CallsBegun,
    /// Calls that came to an end.
    CallsEnded,
    /// Calls whose caller left or died.
    CallsAbandoned,
    /// Attempts sent.
    AttemptsSent,
    /// Attempts with a good answer.
    AttemptsAnswered,
    /// Attempts with an error answer.
    AttemptsFailed,
    /// Attempts that their callers' clocks ended.
    AttemptsTimedOut,
    /// Attempts that a server would not take.
    AttemptsRefused,
    /// Attempts whose connection broke.
    AttemptsReset,
    /// Attempts that their callers left.
    AttemptsAbandoned,
    /// Request envelopes that reached a service.
    RequestsDelivered,
    /// Of those, refused.
    DoorRefused,
    /// Of those, answered with an error before any work.
    DoorFailed,
    /// Of those, dropped silently.
    DoorLost,
    /// Of those, rejected by a limit or a shedder.
    DoorRejected,
    /// Of those, let in.
    ActivationsStarted,
    /// Activations worked to the end.
    ActivationsFinished,
    /// Activations ended early: thrown out, cancelled, or failed on the way.
    ActivationsAborted,
    /// Activations that died with their process.
    ActivationsLost,
    /// Branches of activations begun.
    BranchesBegun,
    /// Branches that came to their join.
    BranchesFinished,
    /// Branches ended early: thrown out, cancelled, or failed on the way.
    BranchesAborted,
    /// Branches that died with their process.
    BranchesLost,
    /// Locks of rows taken.
    LocksTaken,
    /// Locks of rows given back, whether by a step or at the end of the request.
    LocksGivenBack,
    /// Connections lent.
    ConnectionsLent,
    /// Connections given back or closed by those who had them.
    ConnectionsReturned,
    /// Idempotency keys taken.
    KeysTaken,
    /// Idempotency keys that are known since, or free again.
    KeysGivenBack,
    /// Looks into a cache.
    LookUps,
    /// Looks that found what they looked for.
    LookUpsHit,
    /// Looks that did not.
    LookUpsMissed,
    /// Looks whose requests ended while they waited for another to fetch it.
    LookUpsLeft,
    /// Rows written where replicas keep the same.
    WritesMade,
    /// Of those, what nobody has any more.
    WritesLost,
    /// Envelopes handed to a link.
    EnvelopesSent,
    /// Envelopes handed over by a link.
    EnvelopesDelivered,
    /// Envelopes that a link lost.
    EnvelopesLost,
}

impl Entry {
    /// Every column.
    pub const ALL: [Entry; 47] = [
        Entry::RequestsBegun,
        Entry::RequestsAnswered,
        Entry::RequestsFailed,
        Entry::DiedRejected,
        Entry::DiedRefused,
        Entry::DiedReset,
        Entry::DiedFailed,
        Entry::DiedShed,
        Entry::DiedTimedOut,
        Entry::CallsBegun,
        Entry::CallsEnded,
        Entry::CallsAbandoned,
        Entry::AttemptsSent,
        Entry::AttemptsAnswered,
        Entry::AttemptsFailed,
        Entry::AttemptsTimedOut,
        Entry::AttemptsRefused,
        Entry::AttemptsReset,
        Entry::AttemptsAbandoned,
        Entry::RequestsDelivered,
        Entry::DoorRefused,
        Entry::DoorFailed,
        Entry::DoorLost,
        Entry::DoorRejected,
        Entry::ActivationsStarted,
        Entry::ActivationsFinished,
        Entry::ActivationsAborted,
        Entry::ActivationsLost,
        Entry::BranchesBegun,
        Entry::BranchesFinished,
        Entry::BranchesAborted,
        Entry::BranchesLost,
        Entry::LocksTaken,
        Entry::LocksGivenBack,
        Entry::ConnectionsLent,
        Entry::ConnectionsReturned,
        Entry::KeysTaken,
        Entry::KeysGivenBack,
        Entry::LookUps,
        Entry::LookUpsHit,
        Entry::LookUpsMissed,
        Entry::LookUpsLeft,
        Entry::WritesMade,
        Entry::WritesLost,
        Entry::EnvelopesSent,
        Entry::EnvelopesDelivered,
        Entry::EnvelopesLost,
    ];
}

/// What is still under way at the end, counted over the things themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct UnderWay {
    /// Users who wait.
    pub requests: u64,
    /// Calls without an end.
    pub calls: u64,
    /// Attempts without an outcome.
    pub attempts: u64,
    /// Activations in a queue or at work.
    pub activations: u64,
    /// Branches in a queue or at work.
    pub branches: u64,
    /// Locks that are held.
    pub locks: u64,
    /// Connections that attempts have.
    pub connections: u64,
    /// Idempotency keys that are taken.
    pub keys: u64,
    /// Looks into a cache that wait for another to fetch it.
    pub look_ups: u64,
    /// Writes that those who lead have.
    pub writes: u64,
    /// Envelopes on a link.
    pub envelopes: u64,
}

impl UnderWay {
    /// Counts a call, which may be a request.
    pub fn count_call(&mut self, is_request: bool) {
        self.calls += 1;
        self.requests += u64::from(is_request);
    }
}

/// The columns and their sums.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Books {
    columns: [u64; Entry::ALL.len()],
}

impl Default for Books {
    fn default() -> Self {
        Books { columns: [0; Entry::ALL.len()] }
    }
}

/// An equation that does not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Imbalance(String);

impl std::fmt::Display for Imbalance {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Imbalance {}

impl Books {
    /// Adds one to a column.
    #[inline]
    pub fn count(&mut self, entry: Entry) {
        let column = &mut self.columns[entry as usize];
        *column = column.wrapping_add(1);
    }

    /// A column's sum.
    pub fn sum(&self, entry: Entry) -> u64 {
        self.columns[entry as usize]
    }

    /// Makes the next count of a column go missing: the mutation that shows the check bites.
    pub fn skip_once(&mut self, entry: Entry) {
        let column = &mut self.columns[entry as usize];
        *column = column.wrapping_sub(1);
    }

    /// Whether everything is accounted for.
    ///
    /// # Errors
    /// The first equation that does not hold, with its numbers.
    pub fn check(&self, open: UnderWay) -> Result<(), Imbalance> {
        use Entry::*;
        let requests = [RequestsAnswered, RequestsFailed];
        self.balance("requests", RequestsBegun, &requests, open.requests)?;
        let died = [DiedRejected, DiedRefused, DiedReset, DiedFailed, DiedShed, DiedTimedOut];
        self.balance("deaths", RequestsFailed, &died, 0)?;
        self.balance("calls", CallsBegun, &[CallsEnded, CallsAbandoned], open.calls)?;
        let settled = [
            AttemptsAnswered,
            AttemptsFailed,
            AttemptsTimedOut,
            AttemptsRefused,
            AttemptsReset,
            AttemptsAbandoned,
        ];
        self.balance("attempts", AttemptsSent, &settled, open.attempts)?;
        let door = [DoorRefused, DoorFailed, DoorLost, DoorRejected, ActivationsStarted];
        self.balance("deliveries", RequestsDelivered, &door, 0)?;
        let ended = [ActivationsFinished, ActivationsAborted, ActivationsLost];
        self.balance("activations", ActivationsStarted, &ended, open.activations)?;
        let ended = [BranchesFinished, BranchesAborted, BranchesLost];
        self.balance("branches", BranchesBegun, &ended, open.branches)?;
        self.balance("locks", LocksTaken, &[LocksGivenBack], open.locks)?;
        let returned = [ConnectionsReturned];
        self.balance("connections", ConnectionsLent, &returned, open.connections)?;
        self.balance("keys", KeysTaken, &[KeysGivenBack], open.keys)?;
        let looked = [LookUpsHit, LookUpsMissed, LookUpsLeft];
        self.balance("look-ups", LookUps, &looked, open.look_ups)?;
        self.balance("writes", WritesMade, &[WritesLost], open.writes)?;
        let arrived = [EnvelopesDelivered, EnvelopesLost];
        self.balance("envelopes", EnvelopesSent, &arrived, open.envelopes)
    }

    fn balance(
        &self,
        what: &str,
        total: Entry,
        parts: &[Entry],
        open: u64,
    ) -> Result<(), Imbalance> {
        let parts_sum =
            parts.iter().fold(open, |sum, part| sum.wrapping_add(self.columns[*part as usize]));
        if self.columns[total as usize] == parts_sum {
            return Ok(());
        }
        let numbers: Vec<String> =
            parts.iter().map(|part| format!("{part:?} {}", self.sum(*part))).collect();
        Err(Imbalance(format!(
            "{what} are not conserved: {total:?} {} ≠ {} + open {open}",
            self.sum(total),
            numbers.join(" + ")
        )))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_column_is_named_once_and_in_order() {
        for (place, entry) in Entry::ALL.into_iter().enumerate() {
            assert_eq!(entry as usize, place);
        }
    }

    #[test]
    fn a_missing_count_is_named_with_its_numbers() {
        let mut books = Books::default();
        books.count(Entry::EnvelopesSent);
        let said = books.check(UnderWay::default()).expect_err("one envelope is nowhere");
        assert_eq!(
            said.to_string(),
            "envelopes are not conserved: EnvelopesSent 1 ≠ EnvelopesDelivered 0 + \
             EnvelopesLost 0 + open 0"
        );
    }
}
