//! How callers see replicas, in words.

use crate::check::dist;
use brownout_core::dist::Dist;
use brownout_policies::balance::{DIALECTS, Rule};
use brownout_policies::outlier::OutlierConfig;
use brownout_policies::settings::{Choice, Settings};
use brownout_topologies::fleet::{
    At, Autoscale, Balance, Goal, HealthCheck, Restart, Simple, Zones,
};
use brownout_topologies::graph::{Reads, Replication};

/// How a replica is chosen.
pub(crate) fn balance(balance: &Balance) -> String {
    match balance.simple() {
        Some(Simple::RoundRobin) => {
            return "in turn, each caller replica from its own offset".to_owned();
        }
        Some(Simple::Random) => return "uniformly at random".to_owned(),
        None => {}
    }
    let at = match balance.at {
        At::Caller => "each caller replica for itself",
        At::Proxy => "one proxy for all callers",
        At::Pinned => "each caller replica keeps the one it was given",
    };
    let keyed = matches!(balance.config.rule, Rule::RingHash(_) | Rule::Maglev(_));
    let key = match keyed {
        true => format!(", key {}", balance.key.names()[balance.key.chosen()]),
        false => String::new(),
    };
    let zones = match balance.zones {
        Zones::Alike => "",
        Zones::PreferOwn => {
            "; in the caller's own zone, as long as 1.4 times its share in use is enough"
        }
    };
    let mut config = balance.config;
    let said = settings(&mut config);
    format!("{} by {at}: {said}{key}{zones}", name(balance))
}

/// The name of the rule.
fn name(balance: &Balance) -> &'static str {
    let rule = std::mem::discriminant(&balance.config.rule);
    let same = |config: Rule| std::mem::discriminant(&config) == rule;
    let named = DIALECTS.iter().filter(|dialect| dialect.name != "Ours");
    let found = named.into_iter().find(|dialect| same((dialect.config)().rule));
    found.map_or("a rule", |dialect| dialect.name)
}

/// When replicas are set aside.
pub(crate) fn outliers(mut config: OutlierConfig) -> String {
    settings(&mut config)
}

/// How replicas are asked how they feel.
pub(crate) fn health(check: &HealthCheck) -> String {
    let HealthCheck { every, timeout, fall, rise } = check;
    format!(
        "a probe every {every}, {timeout} for an answer; out after {fall} bad ones in a row, back \
         after {rise} good ones; takes no worker"
    )
}

/// How a process is started again.
pub(crate) fn restart(rule: &Restart) -> String {
    let Restart { first, wait, factor, cap, forget, boot } = rule;
    format!(
        "after {first}, then {wait} × {factor}^k, at most {cap}; from the start after {forget} of \
         running; ready {boot} after its start, of which callers hear at once"
    )
}

/// How many replicas there are.
pub(crate) fn autoscale(rule: &Autoscale, most: u32) -> String {
    let Autoscale { least, initial, every, boot, drain, down_after, tolerance, .. } = rule;
    let goal = match rule.goal {
        Goal::Utilisation(share) => format!("{} % of workers taken", share * 100.0),
        Goal::Queue(length) => format!("{length} who wait at each"),
    };
    format!(
        "{least} to {most} replicas, {initial} at first, for {goal}; decided every {every}, \
         nothing within {} %, down to the most wanted in {down_after}; {boot} to start, {drain} to \
         drain",
        tolerance * 100.0
    )
}

/// How replicas come to keep the same.
pub(crate) fn replication(rule: &Replication) -> String {
    let acknowledged = match rule.synchronous {
        0 => "a change is answered at once".to_owned(),
        1 => "a change is answered when a follower has it".to_owned(),
        number => format!("a change is answered when {number} followers have it"),
    };
    let failover = match rule.failover {
        None => "nobody takes the place of a primary that is gone".to_owned(),
        Some(after) => format!(
            "{after} after the primary is gone the follower that has most takes its place, without \
             what it lacks; callers learn of it {}",
            after_that(&rule.learned)
        ),
    };
    let reads = match rule.reads {
        Reads::Any => "reads go to any replica, by the balancer",
        Reads::Primary => "reads go to the primary",
    };
    let lag = match rule.lag.mean() {
        0.0 => "at once".to_owned(),
        _ => format!("{} behind", dist(&rule.lag)),
    };
    format!("number 0 leads, the others follow {lag}; {acknowledged}; {reads}; {failover}")
}

fn after_that(span: &Dist) -> String {
    match span.mean() {
        0.0 => "at once".to_owned(),
        _ => format!("{} later", dist(span)),
    }
}

/// Every setting by its name, as a file would say it.
fn settings(config: &mut impl Settings) -> String {
    let settings = config.settings().into_iter();
    let said = settings.map(|setting| format!("{} {}", setting.name, setting.value));
    said.collect::<Vec<String>>().join(", ")
}
