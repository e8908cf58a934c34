//! What services keep: stores.
//!
//! A store is state of one replica, changed by the steps of the scripts that run there. A step at a
//! store takes no time and nobody comes in between: it is a script of a database or of Redis. The
//! time that it takes is written as work before it.
//!
//! What a request is about and what was read for it go with it, as a [`note`]: a caller that reads
//! at one call and writes at the next writes what it read. Keys are drawn by what the request is
//! about, so its retries are about the same key, and so are variants.
//!
//! A kind of store is a file here and an entry in [`Store`] and
//! [`StoreKind`].

mod cache;
mod limits;
mod locks;
pub mod note;
mod recency;
pub mod replication;
mod rows;
mod window;

use crate::graph::{self, Act, Keys, StoreKind};
use crate::ledger::{AtStore, Leaving};
use brownout_core::Time;
use brownout_core::dist::Sampler;
use brownout_core::random::Stream;
use brownout_core::slab::Id;
use brownout_policies::outcome::Outcome;
use cache::Cache;
use limits::Limits;
use note::Note;
use rows::Rows;

/// Names other draws than those of keys.
const UNIT: u64 = 1;

/// What the replicas of a service have in common about a store.
#[derive(Debug)]
pub struct Rules {
    keys: Keys,
    sampler: Sampler,
    /// Names the draws of keys.
    stream: Stream,
    kind: StoreKind,
}

/// A replica's store at work.
#[derive(Debug)]
pub enum Store {
    /// Rows with versions and locks.
    Rows(Rows),
    /// Limits of a rate.
    Limits(Limits),
    /// Answers that need not be fetched again.
    Cache(Cache),
}

/// Who does something at a store.
#[derive(Debug, Clone, Copy)]
pub struct Asking {
    /// The activation.
    pub id: Id,
    /// The key that it is about.
    pub key: u32,
    /// The moment, by the clock of whoever keeps the store.
    pub now: Time,
    /// A draw in [0, 1), of who puts something there.
    pub unit: f64,
    /// What came with the request.
    pub note: Note,
}

/// What comes of it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Says {
    /// It is done.
    Done,
    /// It is done, and this was read.
    Read(u64),
    /// It is done, and a lock is held now.
    Locked,
    /// It is done, and a lock was given back; whoever waited first for it has it now.
    Unlocked(Option<Id>),
    /// It is there; if this one was to fetch it, whoever waits next is told.
    Hit(Option<Option<Id>>),
    /// It is not there.
    Miss {
        /// Whether this one fetches it for all, from now on.
        fetches: bool,
    },
    /// It has to wait for a lock, or for one who fetches.
    Waits,
    /// It cannot be done: so the request ends.
    No(Leaving, Outcome),
}

impl Rules {
    /// The rules of a store whose draws are called after its service.
    pub fn new(spec: &graph::Store, stream: Stream) -> Rules {
        Rules { keys: spec.keys, sampler: spec.keys.sampler(), stream, kind: spec.kind }
    }

    /// The key that whatever has this lineage is about.
    pub fn key(&self, subject: u64) -> u32 {
        self.keys.draw(&self.sampler, self.stream, subject)
    }

    /// A draw of who puts something there, and has this lineage.
    pub fn unit(&self, lineage: u64) -> f64 {
        self.stream.member(UNIT).draws(lineage).unit()
    }

    /// What kind of store it is.
    pub fn kind(&self) -> StoreKind {
        self.kind
    }

    /// Whether something that is done needs a draw of who does it.
    pub fn draws_for(&self, act: Act) -> bool {
        match self.kind {
            StoreKind::Rows => false,
            StoreKind::Limits(limits) => act == Act::Admit && limits.leak > 0.0,
            StoreKind::Cache(_) => act == Act::Put,
        }
    }

    /// A store in which nothing has happened.
    pub fn store(&self) -> Store {
        match self.kind {
            StoreKind::Rows => Store::Rows(Rows::new(self.keys)),
            StoreKind::Cache(cache) => Store::Cache(Cache::new(cache, self.keys)),
            StoreKind::Limits(limits) => Store::Limits(Limits::new(limits, self.keys)),
        }
    }
}

impl Store {
    /// Does something.
    pub fn act(&mut self, act: Act, asking: &Asking, still_waits: impl Fn(Id) -> bool) -> Says {
        match self {
            Store::Rows(rows) => rows.act(act, asking, still_waits),
            Store::Limits(limits) => limits.act(act, asking),
            Store::Cache(cache) => cache.act(act, asking, still_waits),
        }
    }

    /// Gives one lock of those that an activation holds back; `None` if it holds none. If others
    /// wait for it, the first is its owner now.
    pub fn unlock(&mut self, id: Id, still_waits: impl Fn(Id) -> bool) -> Option<Option<Id>> {
        match self {
            Store::Rows(rows) => rows.unlock_any(id, still_waits),
            Store::Limits(_) => None,
            Store::Cache(cache) => cache.fetching().give_any_back(id, still_waits),
        }
    }

    /// What is left of it when its process starts anew.
    pub fn reboot(self) -> Store {
        match self {
            // All locks were given back by those who died.
            Store::Rows(rows) => Store::Rows(rows),
            Store::Limits(limits) => Store::Limits(limits.reboot()),
            Store::Cache(mut cache) => {
                cache.flush();
                Store::Cache(cache)
            }
        }
    }

    /// Forgets what a flush makes it forget.
    pub fn flush(&mut self) {
        match self {
            Store::Rows(_) | Store::Limits(_) => {}
            Store::Cache(cache) => cache.flush(),
        }
    }

    /// Becomes what another replica keeps, if the two are to keep the same; locks are its own.
    pub fn copy(&mut self, from: &Store) {
        match (self, from) {
            (Store::Rows(own), Store::Rows(from)) => own.copy(from),
            (Store::Limits(own), Store::Limits(from)) => own.clone_from(from),
            (Store::Cache(_), _) => {}
            (Store::Rows(_) | Store::Limits(_), _) => unreachable!("replicas have the same stores"),
        }
    }

    /// The version of a row.
    pub fn version(&self, key: u32) -> Option<u64> {
        match self {
            Store::Rows(rows) => Some(rows.version(key)),
            Store::Limits(_) | Store::Cache(_) => None,
        }
    }

    /// How often rows have been written, counted over the rows themselves.
    pub fn writes(&self) -> u64 {
        match self {
            Store::Rows(rows) => rows.writes(),
            Store::Limits(_) | Store::Cache(_) => 0,
        }
    }

    /// What else came of what was done last, to be told of once.
    pub fn aside(&mut self) -> Option<AtStore> {
        match self {
            Store::Limits(limits) => limits.aside(),
            Store::Rows(_) | Store::Cache(_) => None,
        }
    }

    /// Whether an activation holds any lock here.
    pub fn holds_any(&self, id: Id) -> bool {
        match self {
            Store::Rows(rows) => rows.holds_any(id),
            Store::Limits(_) => false,
            Store::Cache(cache) => cache.is_fetching().holds_any(id),
        }
    }

    /// Locks that are held, counted over the locks themselves.
    pub fn held(&self) -> u64 {
        match self {
            Store::Rows(rows) => rows.held(),
            Store::Limits(_) => 0,
            Store::Cache(cache) => cache.is_fetching().held(),
        }
    }
}
