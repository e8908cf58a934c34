//! Where failed requests die, and of what.

use crate::envelope::Envelope;
use crate::graph::ServiceId;
use brownout_policies::outcome::{ErrorKind, Outcome, Seen};

/// The end of a request that failed: of the last attempt that was made for it, as deep as that
/// goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Death {
    /// At which service; of what a caller's own policy did, the one that it would have called.
    pub at: ServiceId,
    /// How.
    pub how: How,
}

/// How a request dies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum How {
    /// A policy of the caller's own turned it away.
    Rejected,
    /// The service, full or dead, said no at once, or a limiter at its door did.
    Refused,
    /// The process that worked on it died.
    Reset,
    /// The service answered with an error of its own.
    Failed,
    /// The service threw it out: of its queue, or at its deadline.
    Shed,
    /// The caller's time or patience was up, nobody asked where it was.
    #[default]
    TimedOut,
    /// The same, while it waited for a worker.
    Queued,
    /// The same, while it was worked on or between two pieces of work.
    InService,
    /// The same, while it or its answer was on the way.
    OnLink,
    /// The same, and it could have waited for ever: a link, a full queue or a dead process lost it.
    Lost,
    /// The same, before anything was sent: a policy of the caller's own held it back.
    Held,
    /// A pool of the caller's own had no connection for it in time.
    PoolTimeout,
}

/// How many ways there are.
pub const HOWS: usize = 12;

impl How {
    /// Every way, in order.
    pub const EVERY: [How; HOWS] = [
        How::Rejected,
        How::Refused,
        How::Reset,
        How::Failed,
        How::Shed,
        How::TimedOut,
        How::Queued,
        How::InService,
        How::OnLink,
        How::Lost,
        How::Held,
        How::PoolTimeout,
    ];

    /// Its name in files and reports.
    pub const fn name(self) -> &'static str {
        match self {
            How::Rejected => "rejected",
            How::Refused => "refused",
            How::Reset => "reset",
            How::Failed => "failed",
            How::Shed => "shed",
            How::TimedOut => "timed_out",
            How::Queued => "queued",
            How::InService => "in_service",
            How::OnLink => "on_link",
            How::Lost => "lost",
            How::Held => "held",
            How::PoolTimeout => "pool_timeout",
        }
    }

    /// Whether the caller's time or patience was up.
    pub const fn is_timeout(self) -> bool {
        match self {
            How::Rejected | How::Refused | How::Reset | How::Failed | How::Shed => false,
            How::PoolTimeout => false,
            How::TimedOut | How::Queued | How::InService | How::OnLink | How::Lost | How::Held => {
                true
            }
        }
    }

    /// What an outcome that is no success says by itself.
    pub(crate) const fn of(outcome: Outcome) -> How {
        match outcome.seen {
            Seen::Answered | Seen::TimedOut | Seen::Abandoned => How::TimedOut,
            Seen::Error(ErrorKind::Shed) => How::Shed,
            Seen::Error(ErrorKind::Throttled) | Seen::Refused => How::Refused,
            Seen::Error(ErrorKind::Failed | ErrorKind::Dependency | ErrorKind::Fatal) => {
                How::Failed
            }
            Seen::Reset => How::Reset,
            Seen::Rejected => How::Rejected,
            Seen::PoolTimeout => How::PoolTimeout,
        }
    }
}

impl Death {
    /// What an answer that is no success says: the death at its service, or the deeper one that its
    /// service heard of.
    #[cold]
    pub(crate) fn told_by(envelope: &Envelope, outcome: Outcome) -> Death {
        use crate::activation::Doing;
        match envelope.work.doing {
            Doing::Failing(death) => death,
            _ => Death { at: envelope.to.service, how: How::of(outcome) },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_stands_at_its_number_and_has_a_name_of_its_own() {
        for (number, how) in How::EVERY.into_iter().enumerate() {
            assert_eq!(how as usize, number);
            assert!(How::EVERY[..number].iter().all(|other| other.name() != how.name()));
        }
    }
}
