//! What services keep, and what their scripts do with it: stores and acts.

use super::{Graph, Service};
use brownout_core::Span;
use brownout_core::dist::{Dist, Sampler};
use brownout_core::random::Stream;
use brownout_policies::limiter::{Algorithm, LimiterConfig};

/// Something that every replica of a service keeps: each has one of its own.
#[derive(Debug, Clone, PartialEq)]
pub struct Store {
    /// Its key in the file.
    pub name: String,
    /// What its entries are called by.
    pub keys: Keys,
    /// What it is.
    pub kind: StoreKind,
}

/// What a store is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum StoreKind {
    /// Rows with versions and locks; they outlive their process.
    Rows,
    /// Limits of a rate, one for each key, as Redis keeps them; they die with their process.
    Limits(Limits),
    /// Answers that need not be fetched again; they die with their process.
    Cache(Cache),
}

/// A cache.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Cache {
    /// How many entries it has room for, ≥ 1; who was used longest ago makes room.
    pub capacity: u32,
    /// How long an entry lives; `None` is for ever.
    pub ttl: Option<Span>,
    /// From what age on an entry is stale: one fetches it anew, the others are given it meanwhile.
    pub soft_ttl: Option<Span>,
    /// By how much of itself an entry's life is cut short at most, drawn evenly, in [0, 1).
    pub jitter: f64,
    /// Whether those who find nothing wait for the first of them to fetch it.
    pub coalesce: bool,
}

/// Limits in a store.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Limits {
    /// How each counts.
    pub config: LimiterConfig,
    /// Whose clock they go by.
    pub clock: LimitClock,
    /// How many keys it has memory for, and what it does when that is full; `None` is all.
    pub memory: Option<Memory>,
    /// With what probability a window that opens is left without an end, so that its count is never
    /// forgotten: INCR was done and EXPIRE was not. In [0, 1]; [`Algorithm::AnchoredWindow`] only.
    pub leak: f64,
}

/// Memory for keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Memory {
    /// How many keys, ≥ 1.
    pub keys: u32,
    /// What is done about one key more. One that has expired makes room before any other.
    pub full: Full,
}

/// What is done about one key more than there is memory for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Full {
    /// The one that was asked for longest ago is forgotten.
    Evict,
    /// It is refused with an error.
    Refuse,
}

/// Whose clock a limit goes by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LimitClock {
    /// That of the store.
    Own,
    /// That of whoever asks, sent with the request.
    Callers(Behind),
}

/// What a limit does when it is told a moment before the last one that it was told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Behind {
    /// A bucket loses what would have run in in between, and goes on from the earlier moment.
    Subtract,
    /// A bucket loses nothing, and goes on from the earlier moment.
    Restart,
    /// Nothing happens until the later moment has come.
    Wait,
}

/// The keys of a store: numbers from 0, the k-th with probability proportional to (k + 1)^(−s).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Keys {
    /// How many there are, 1 to [`Keys::MOST`].
    pub number: u32,
    /// The exponent s, dimensionless, ≥ 0; 0 makes all of them alike.
    pub exponent: f64,
}

/// What a script does at a store, in no time and with nobody in between.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    /// Remembers the version of a row.
    Read,
    /// Gives a row its next version.
    Write {
        /// Only if it is still the one that was read; otherwise the request fails.
        unchanged: bool,
    },
    /// Takes the lock of a row, or waits for it in order of arrival. It is held until it is given
    /// back or the request ends.
    Lock,
    /// Gives the lock of a row back.
    Unlock,
    /// Takes one from a limit: it is read, decided and written as one; refused, the request fails
    /// with the moment from which it would not be. (To read a limit by itself decides too, by what
    /// is read, and to write it writes what follows from that: others may do so in between.)
    Admit,
    /// Looks for an entry of a cache.
    Get,
    /// Puts an entry into a cache.
    Put,
}

/// What a service does about a request when the limit that it asks elsewhere does not answer.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum OnError {
    /// Fails it.
    FailClosed,
    /// Lets it through.
    FailOpen,
    /// Asks a limit of its own, one for each of its replicas.
    Local(LimiterConfig),
}

impl Act {
    /// One of each name.
    pub const ALL: [Act; 7] = [
        Act::Read,
        Act::Write { unchanged: false },
        Act::Lock,
        Act::Unlock,
        Act::Admit,
        Act::Get,
        Act::Put,
    ];

    /// Whether it may change what is kept, so that replicas that keep the same have to hear of it.
    pub const fn changes(self) -> bool {
        match self {
            Act::Write { .. } | Act::Admit => true,
            Act::Read | Act::Lock | Act::Unlock | Act::Get | Act::Put => false,
        }
    }

    /// Its name in files.
    pub const fn name(self) -> &'static str {
        match self {
            Act::Read => "Read",
            Act::Write { unchanged: false } => "Write",
            Act::Write { unchanged: true } => "Write(when: Unchanged)",
            Act::Lock => "Lock",
            Act::Unlock => "Unlock",
            Act::Admit => "Admit",
            Act::Get => "Get",
            Act::Put => "Put",
        }
    }
}

impl StoreKind {
    /// Its name in files.
    pub const fn name(self) -> &'static str {
        match self {
            StoreKind::Rows => "Rows",
            StoreKind::Limits(_) => "Limits",
            StoreKind::Cache(_) => "Cache",
        }
    }

    /// Whether replicas can keep the same of it. A cache is each replica's own.
    pub const fn is_replicated(self) -> bool {
        match self {
            StoreKind::Rows | StoreKind::Limits(_) => true,
            StoreKind::Cache(_) => false,
        }
    }

    /// Whether it dies with its process.
    pub const fn is_volatile(self) -> bool {
        match self {
            StoreKind::Rows => false,
            StoreKind::Limits(_) | StoreKind::Cache(_) => true,
        }
    }

    /// Whether it knows how to do this.
    pub const fn does(self, act: Act) -> bool {
        match (self, act) {
            (StoreKind::Rows, Act::Read | Act::Write { .. } | Act::Lock | Act::Unlock) => true,
            (StoreKind::Rows, Act::Admit | Act::Get | Act::Put) => false,
            (StoreKind::Cache(_), Act::Get | Act::Put) => true,
            (StoreKind::Cache(_), Act::Read | Act::Write { .. }) => false,
            (StoreKind::Cache(_), Act::Lock | Act::Unlock | Act::Admit) => false,
            (StoreKind::Limits(_), Act::Get | Act::Put) => false,
            (StoreKind::Limits(_), Act::Admit) => true,
            // A request carries one number: that is all the state of this kind only.
            (StoreKind::Limits(limits), Act::Read | Act::Write { unchanged: false }) => {
                matches!(limits.config.algorithm, Algorithm::Gcra)
            }
            (StoreKind::Limits(_), Act::Write { unchanged: true } | Act::Lock | Act::Unlock) => {
                false
            }
        }
    }
}

impl Keys {
    /// The most keys of one store.
    pub const MOST: u32 = 10_000_000;
    /// A single key.
    pub const ONE: Keys = Keys { number: 1, exponent: 0.0 };

    /// Draws them: a rank from 1.
    pub(crate) fn sampler(self) -> Sampler {
        Dist::zipf(u64::from(self.number), self.exponent).sampler()
    }

    /// The key of whatever has this lineage.
    #[inline]
    pub(crate) fn draw(self, sampler: &Sampler, stream: Stream, lineage: u64) -> u32 {
        if self.number == 1 {
            return 0;
        }
        let rank = sampler.sample(&mut stream.draws(lineage), 0);
        (rank as u32).clamp(1, self.number) - 1
    }
}

impl Service {
    /// Its store of this name.
    pub fn store(&self, name: &str) -> Option<u16> {
        self.stores.iter().position(|store| store.name == name).map(|place| place as u16)
    }
}

impl Graph {
    /// Whether anybody keeps anything: requests carry notes then.
    pub fn has_stores(&self) -> bool {
        self.services.iter().any(|service| !service.stores.is_empty())
    }
}
