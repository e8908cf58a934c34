//! Keys and pools of connections, in words.

use super::describe_load::dist;
use crate::report::human::wrapped;
use brownout_topologies::graph::{
    GivenUp, Graph, Idempotency, InFlight, KeyUse, Pool, Service, Site,
};

/// What a service does about keys, and its pools, a line each.
pub(super) fn lines(graph: &Graph, service: &Service) -> Vec<String> {
    let keys = service.idempotency.iter().map(keys);
    let all = keys.chain(service.pools.iter().map(|own| pool(graph, own)));
    all.flat_map(|text| wrapped(&text, "    ", "      ")).collect()
}

fn keys(rule: &Idempotency) -> String {
    let Idempotency { window, capacity, in_flight, replay } = rule;
    let taken = match in_flight {
        InFlight::Wait => "who comes with one that is being worked on waits for that",
        InFlight::Conflict => "who comes with one that is being worked on fails at once",
        InFlight::Race => {
            "who comes with one that is being worked on works on it too, and the first effect counts"
        }
    };
    format!(
        "knows {capacity} idempotency keys for {window}, and gives their stored answer in {}; \
         {taken}",
        dist(replay)
    )
}

fn pool(graph: &Graph, pool: &Pool) -> String {
    let to = &graph.services[pool.to.index()].name;
    let waiting = match pool.queue_limit {
        Some(limit) => format!("{limit} may wait"),
        None => "any number may wait".to_owned(),
    };
    let mut words = format!(
        "up to {} connections to {to}, each opened in {} ({} where nobody answers); {waiting}, \
         for {}",
        pool.size,
        dist(&pool.connect),
        pool.connect_timeout,
        pool.timeout
    );
    match pool.validate {
        None => words.push_str("; lent without a look"),
        Some(own) => words.push_str(&format!(
            "; tried before they are lent, in {} ({} where nobody answers)",
            own.takes, own.timeout
        )),
    }
    if let Some(most) = pool.max_idle {
        words.push_str(&format!("; closed once idle for {most}"));
    }
    if let Some(most) = pool.max_lifetime {
        words.push_str(&format!("; closed at the age of {most}"));
    }
    words.push_str(&format!("; given up when nothing comes for {}", pool.socket_timeout));
    words.push_str(match pool.given_up {
        GivenUp::Close => "; closed when their attempt is given up",
        GivenUp::Keep => "; kept for the answer when their attempt is given up",
    });
    words
}

/// What attempts from a site carry, where that is not what is usual.
pub(super) fn key(site: &Site) -> Option<&'static str> {
    match site.key {
        KeyUse::Call => None,
        KeyUse::None => Some("without an idempotency key"),
        KeyUse::Attempt => Some("each attempt with an idempotency key of its own"),
        KeyUse::Request => Some("with one idempotency key for the user's whole request"),
    }
}
