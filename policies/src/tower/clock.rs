//! Tokio's clock as the policies' time axis.

use crate::time::Time;
use core::time::Duration;
use tokio::time::Instant;

/// Counts from the moment when it was made.
#[derive(Debug, Clone, Copy)]
pub(super) struct Clock {
    origin: Instant,
}

/// No alarm is set further ahead than this; whoever wakes too early sets it again.
const FAR: Duration = Duration::from_secs(24 * 60 * 60);

impl Clock {
    /// A clock that begins now.
    pub(super) fn started() -> Clock {
        Clock { origin: Instant::now() }
    }

    /// Now, on the policies' axis.
    pub(super) fn now(&self) -> Time {
        let passed = Instant::now().saturating_duration_since(self.origin).as_nanos();
        Time::from_nanos(u64::try_from(passed).unwrap_or(u64::MAX))
    }

    /// A moment of the policies' axis on tokio's; `None` for never.
    pub(super) fn instant(&self, time: Time) -> Option<Instant> {
        if time == Time::MAX {
            return None;
        }
        self.origin.checked_add(Duration::from_nanos(time.nanos()))
    }

    /// When to wake for what is due at `due`.
    pub(super) fn alarm(&self, due: Time) -> Instant {
        let far = Instant::now() + FAR;
        self.instant(due).map_or(far, |due| due.min(far))
    }
}

/// When an attempt's answer stops being of use to anyone who waits for it.
///
/// The inner service finds it among the extensions of an HTTP request, and may give up then.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct AttemptDeadline(
    /// The moment.
    pub Instant,
);

impl AttemptDeadline {
    /// What is left until then; zero when it has passed.
    pub fn remaining(&self) -> Duration {
        self.0.saturating_duration_since(Instant::now())
    }
}
