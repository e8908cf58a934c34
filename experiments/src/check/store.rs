//! What a service keeps, and what its scripts do with it, in words.

use crate::expect::Unit;
use brownout_policies::limiter;
use brownout_policies::stack::settings_in_words;
use brownout_topologies::graph::{
    Act, Behind, Cache, Full, Keys, LimitClock, Limits, Memory, OnError, Store, StoreKind,
};

/// A store, in a line.
pub(super) fn line(store: &Store) -> String {
    let what = match store.kind {
        StoreKind::Rows => "rows with versions and locks, which outlive a crash".to_owned(),
        StoreKind::Cache(cache) => cache_words(cache),
        StoreKind::Limits(limits) => format!(
            "limits, which a crash makes new, by {}: {}{}",
            clock(limits.clock),
            settings_in_words(limits.config, limiter::DIALECTS),
            besides(limits)
        ),
    };
    format!("    keeps {}: {what}; {}", store.name, keys(store.keys))
}

/// What Redis does to limits besides.
fn besides(limits: Limits) -> String {
    let mut words = match limits.memory {
        None => String::new(),
        Some(Memory { keys, full: Full::Evict }) => {
            format!("; memory for {keys} keys, the last used ones")
        }
        Some(Memory { keys, full: Full::Refuse }) => {
            format!("; memory for {keys} keys, and an error for one more")
        }
    };
    if limits.leak > 0.0 {
        words.push_str(&format!("; {} of windows never end", Unit::Share.human(limits.leak)));
    }
    words
}

fn keys(keys: Keys) -> String {
    match (keys.number, keys.exponent) {
        (1, _) => "a single key".to_owned(),
        (number, 0.0) => format!("{number} keys, all alike"),
        (number, exponent) => format!("{number} keys, by Zipf's law with exponent {exponent}"),
    }
}

fn cache_words(cache: Cache) -> String {
    let mut words = match cache.capacity {
        Keys::MOST => "a cache with room for everything".to_owned(),
        capacity => format!("a cache with room for {capacity} entries, the last used ones"),
    };
    let jitter = match cache.jitter {
        0.0 => String::new(),
        jitter => format!(" less up to {}", Unit::Share.human(jitter)),
    };
    words.push_str(&match cache.ttl {
        Some(ttl) => format!(", for {ttl}{jitter}"),
        None => ", for ever".to_owned(),
    });
    if let Some(soft) = cache.soft_ttl {
        words.push_str(&format!(", stale after {soft}{jitter}: then one fetches it anew"));
    }
    words.push_str(match cache.coalesce {
        true => "; who misses what another fetches waits for it",
        false => "; who misses what another fetches fetches it too",
    });
    words
}

/// Whose clock a limit goes by.
fn clock(clock: LimitClock) -> &'static str {
    match clock {
        LimitClock::Own => "their own clock",
        LimitClock::Callers(Behind::Wait) => {
            "their callers' clocks, of which the latest moment counts"
        }
        LimitClock::Callers(Behind::Subtract) => {
            "their callers' clocks, losing tokens to one that is behind"
        }
        LimitClock::Callers(Behind::Restart) => {
            "their callers' clocks, starting anew from one that is behind"
        }
    }
}

/// What is done when a limit does not answer.
pub(super) fn without(on_error: &OnError) -> String {
    match on_error {
        OnError::FailClosed => "without an answer the request fails".to_owned(),
        OnError::FailOpen => "without an answer the request goes on".to_owned(),
        OnError::Local(config) => {
            let settings = settings_in_words(*config, limiter::DIALECTS);
            format!("without an answer a limit of each replica's own decides: {settings}")
        }
    }
}

/// What a script does at a store.
pub(super) fn act(store: &Store, act: Act) -> String {
    let name = &store.name;
    match act {
        Act::Read => format!("reads from {name}"),
        Act::Write { unchanged: false } => format!("writes to {name}"),
        Act::Write { unchanged: true } => {
            format!("writes to {name}, and fails if somebody has written since it was read")
        }
        Act::Get => format!("looks into {name}"),
        Act::Put => format!("puts it into {name}"),
        Act::Admit => format!("takes one from {name}, or fails and says when to come back"),
        Act::Lock => format!("takes the lock of a row of {name}, or waits for it"),
        Act::Unlock => format!("gives the lock of a row of {name} back"),
    }
}
