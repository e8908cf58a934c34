//! Rows: each with a version, which tells whether somebody has written since it was read, and a
//! lock. Versions are durable.

use super::locks::{Locks, Wanted};
use super::{Asking, Says};
use crate::graph::{Act, Keys};
use crate::ledger::Leaving;
use brownout_core::slab::Id;
use brownout_policies::outcome::{Done, ErrorKind, Outcome};

/// The rows of a replica.
#[derive(Debug)]
pub struct Rows {
    /// How often each row has been written.
    versions: Vec<u64>,
    locks: Locks,
}

/// What one is told whose row somebody else has written since it was read.
const CONFLICT: Outcome = Outcome::error(ErrorKind::Failed, Done::Nothing);

impl Rows {
    /// Rows that nobody has written yet.
    pub fn new(keys: Keys) -> Rows {
        Rows { versions: vec![0; keys.number as usize], locks: Locks::new(keys.number) }
    }

    /// Does something.
    pub fn act(&mut self, act: Act, asking: &Asking, still_waits: impl Fn(Id) -> bool) -> Says {
        let &Asking { id, key, note, .. } = asking;
        let version = &mut self.versions[key as usize];
        match act {
            Act::Read => Says::Read(*version),
            Act::Write { unchanged: true } if *version != note.read => {
                Says::No(Leaving::Failed, CONFLICT)
            }
            Act::Write { .. } => {
                *version += 1;
                Says::Read(*version)
            }
            Act::Lock => match self.locks.take(id, key, still_waits) {
                Wanted::Taken => Says::Locked,
                Wanted::Held => Says::Done,
                Wanted::Waits => Says::Waits,
            },
            Act::Unlock => match self.locks.give_back(id, key, still_waits) {
                Some(next) => Says::Unlocked(next),
                None => Says::Done,
            },
            Act::Admit | Act::Get | Act::Put => {
                unreachable!("rows are asked for what they know")
            }
        }
    }

    /// Becomes what another replica has. Locks stay.
    pub fn copy(&mut self, from: &Rows) {
        self.versions.clone_from(&from.versions);
    }

    /// How often a row has been written.
    pub fn version(&self, key: u32) -> u64 {
        self.versions[key as usize]
    }

    /// How often all of them have been written.
    pub fn writes(&self) -> u64 {
        self.versions.iter().sum()
    }

    /// Gives a lock back that an activation holds, if it holds any.
    pub fn unlock_any(&mut self, id: Id, still_waits: impl Fn(Id) -> bool) -> Option<Option<Id>> {
        self.locks.give_any_back(id, still_waits)
    }

    /// Whether an activation holds any lock.
    pub fn holds_any(&self, id: Id) -> bool {
        self.locks.holds_any(id)
    }

    /// How many locks are held.
    pub fn held(&self) -> u64 {
        self.locks.held()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::note::Note;
    use brownout_core::Time;

    #[test]
    fn of_two_who_read_the_same_version_the_second_to_write_meets_a_conflict() {
        let mut rows = Rows::new(Keys::ONE);
        let mut ask = |act, read| {
            let note = Note { read, ..Note::default() };
            let asking = Asking { id: Id::from_word(1), key: 0, now: Time::ZERO, unit: 0.0, note };
            rows.act(act, &asking, |_| true)
        };
        let write = Act::Write { unchanged: true };
        assert_eq!(ask(Act::Read, 9), Says::Read(0));
        assert_eq!(ask(write, 0), Says::Read(1));
        assert_eq!(ask(write, 0), Says::No(Leaving::Failed, CONFLICT));
        assert_eq!(ask(Act::Write { unchanged: false }, 0), Says::Read(2));
        assert_eq!(ask(write, 2), Says::Read(3));
    }
}
