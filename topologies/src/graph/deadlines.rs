//! What services do about deadlines, and what they tell those whom they call.

use brownout_core::{Span, Time};

/// What becomes of an attempt that is in service when its deadline comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExpiredInService {
    /// It runs on.
    Keep,
    /// It stops, its worker is free, and its caller gets an error.
    Stop,
}

/// What a service tells those whom it calls of the deadline of the work that it calls for. What
/// they are told also bounds its own calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deadlines {
    /// Nothing: its calls have as much time as their policies give them.
    Ignore,
    /// How much time is left, less a reserve that it keeps for itself. The callee counts from when
    /// it hears of it.
    Propagate {
        /// What it keeps.
        reserve: Span,
    },
    /// The moment itself, less a reserve, which the callee reads off its own clock.
    Absolute {
        /// What it keeps.
        reserve: Span,
    },
}

impl Deadlines {
    /// The deadline of calls that are made for work with this one; [`Time::MAX`] is none.
    pub fn of_calls(self, deadline: Time) -> Time {
        match self {
            Deadlines::Propagate { reserve } | Deadlines::Absolute { reserve }
                if deadline != Time::MAX =>
            {
                Time::from_nanos(deadline.nanos().saturating_sub(reserve.nanos()))
            }
            Deadlines::Ignore | Deadlines::Propagate { .. } | Deadlines::Absolute { .. } => {
                Time::MAX
            }
        }
    }

    /// Whether calls are bounded by the deadline of the work that they are made for.
    pub fn are_passed_on(self) -> bool {
        self != Deadlines::Ignore
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_have_what_is_left_less_the_reserve_or_all_the_time_there_is() {
        let (at, reserve) = (Time::from_secs(3.0), Span::from_secs(1.0));
        assert_eq!(Deadlines::Propagate { reserve }.of_calls(at), Time::from_secs(2.0));
        assert_eq!(Deadlines::Absolute { reserve }.of_calls(at), Time::from_secs(2.0));
        assert_eq!(Deadlines::Propagate { reserve }.of_calls(Time::MAX), Time::MAX);
        assert_eq!(Deadlines::Ignore.of_calls(at), Time::MAX);
    }
}
