//! Exit codes, and which one wins.

use std::process::ExitCode;

/// What `--help` says about them.
pub(super) const HELP: &str = "\
Exit codes: 0 every expectation held, 1 an expectation failed, 2 usage, 3 invalid experiment file,
4 nondeterminism or replay mismatch, 5 regression found by a comparison,
6 undecided (more runs needed), 70 internal error, 130 interrupted (finished runs kept and marked).";

/// How it went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Exit {
    Held,
    Failed,
    Usage,
    Invalid,
    Mismatch,
    Regression,
    Undecided,
    Internal,
    Interrupted,
}

impl Exit {
    /// The code.
    pub(super) const fn code(self) -> u8 {
        match self {
            Exit::Held => 0,
            Exit::Failed => 1,
            Exit::Usage => 2,
            Exit::Invalid => 3,
            Exit::Mismatch => 4,
            Exit::Regression => 5,
            Exit::Undecided => 6,
            Exit::Internal => 70,
            Exit::Interrupted => 130,
        }
    }

    /// Of two, the one to report: 3 before 130, 70, 4, 1, 5, 6, 0.
    pub(super) fn worse(self, other: Exit) -> Exit {
        const ORDER: [Exit; 9] = [
            Exit::Usage,
            Exit::Invalid,
            Exit::Interrupted,
            Exit::Internal,
            Exit::Mismatch,
            Exit::Failed,
            Exit::Regression,
            Exit::Undecided,
            Exit::Held,
        ];
        let mut order = ORDER.into_iter();
        order.find(|exit| *exit == self || *exit == other).expect("every code has a place")
    }

    /// The code of an error on its way out.
    pub(super) fn of(error: &anyhow::Error) -> Exit {
        error.downcast_ref::<Refusal>().map_or(Exit::Internal, |refusal| refusal.exit)
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> ExitCode {
        ExitCode::from(exit.code())
    }
}

/// An error with its exit code.
#[derive(Debug)]
pub(super) struct Refusal {
    exit: Exit,
    message: String,
}

impl Refusal {
    /// The command line asks for something that cannot be.
    pub(super) fn usage(message: impl Into<String>) -> anyhow::Error {
        Refusal { exit: Exit::Usage, message: message.into() }.into()
    }

    /// The file does.
    pub(super) fn invalid(message: impl Into<String>) -> anyhow::Error {
        Refusal { exit: Exit::Invalid, message: message.into() }.into()
    }

    /// A run is not what it was.
    pub(super) fn mismatch(message: impl Into<String>) -> anyhow::Error {
        Refusal { exit: Exit::Mismatch, message: message.into() }.into()
    }

    /// The program is wrong.
    pub(super) fn internal(message: impl Into<String>) -> anyhow::Error {
        Refusal { exit: Exit::Internal, message: message.into() }.into()
    }
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Refusal {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_interrupted_run_with_a_failed_expectation_exits_as_interrupted() {
        assert_eq!(Exit::Failed.worse(Exit::Interrupted).code(), 130);
        assert_eq!(Exit::Invalid.worse(Exit::Interrupted).code(), 3);
        assert_eq!(Exit::Undecided.worse(Exit::Failed).code(), 1);
        assert_eq!(Exit::Held.worse(Exit::Undecided).code(), 6);
        assert_eq!(Exit::Regression.worse(Exit::Mismatch).code(), 4);
        assert_eq!(Exit::Regression.worse(Exit::Undecided).code(), 5);
    }
}
