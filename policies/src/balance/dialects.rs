//! The systems whose balancers these are.

use super::config::{BalanceConfig, LeastRequest, Maglev, PeakEwma, RingHash, Rule};
use crate::settings::Dialect;

/// The systems whose balancers these are.
pub const DIALECTS: &[Dialect<BalanceConfig>] = &[
    Dialect {
        name: "Ours",
        about: "peak latency times calls of two; failures count as 1 s, abandoned calls do not",
        config: BalanceConfig::ours,
    },
    Dialect {
        name: "RoundRobin",
        about: "one after the other",
        config: || BalanceConfig::by(Rule::RoundRobin),
    },
    Dialect {
        name: "Random",
        about: "any, each as likely as any other",
        config: || BalanceConfig::by(Rule::Random),
    },
    Dialect {
        name: "Weighted",
        about: "Envoy's weighted round robin: earliest deadline first",
        config: || BalanceConfig::by(Rule::Weighted),
    },
    Dialect {
        name: "LeastRequest",
        about: "Envoy: the fewest calls of 2 drawn; weight / (calls + 1) if weights differ",
        config: || BalanceConfig::by(Rule::LeastRequest(LeastRequest::envoy())),
    },
    Dialect {
        name: "JoinShortest",
        about: "the fewest calls of all, which is to join the shortest queue",
        config: || BalanceConfig::by(Rule::LeastRequest(LeastRequest::of_all())),
    },
    Dialect {
        name: "JoinIdle",
        about: "one without calls; any if all have some",
        config: || BalanceConfig::by(Rule::JoinIdle),
    },
    Dialect {
        name: "TwoChoices",
        about: "tower's p2c over pending calls",
        config: || BalanceConfig::by(Rule::TwoChoices),
    },
    Dialect {
        name: "PeakEwma",
        about: "tower's p2c over peak latency times pending calls",
        config: || BalanceConfig::by(Rule::PeakEwma(PeakEwma::tower())),
    },
    Dialect {
        name: "RingHash",
        about: "Envoy: a ring of 1024 entries or more",
        config: || BalanceConfig::by(Rule::RingHash(RingHash::envoy())),
    },
    Dialect {
        name: "Maglev",
        about: "Envoy: a table of 65537",
        config: || BalanceConfig::by(Rule::Maglev(Maglev::envoy())),
    },
];
