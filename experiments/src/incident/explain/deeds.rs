//! Connections that are waited for or dead, and what was done beside what users were told.

use super::evidence::{Evidence, Phase, ratio};
use super::links::{Threshold, hedged, percent, secs, three_digits};
use super::tally::Tally;
use super::{Certainty, Finding, Kind};

/// So many attempts had dead connections, over all the connections that there can be.
const DEAD: Threshold = Threshold { said: 0.01, clear: 0.25 };
/// A share of those who need a connection more than before gets none in time.
const WITHOUT: Threshold = Threshold { said: 0.01, clear: 0.05 };
/// Connections are waited for so many times as long as before, and a millisecond at least.
const LONGER_WAIT: Threshold = Threshold { said: 2.0, clear: 5.0 };
const WAIT_MIN: f64 = 0.001;

/// Attempts go out over connections whose other end has died.
pub fn dead(evidence: &Evidence<'_>, service: usize) -> Option<Finding> {
    // It shows when they are used, which may be after the trigger.
    let own = &evidence.since.services[service];
    let connections = connections_to(evidence, service);
    let certainty = DEAD.of(ratio(own.lent_dead.max(own.sockets_given_up), connections))?;
    let name = evidence.name(service);
    let text = format!(
        "The other ends of connections to {name} have died, and their pools do not know: {} \
         attempts are lent one afterwards, and {} wait over one until its socket's time is up; \
         there are {} connections in all.",
        three_digits(own.lent_dead),
        three_digits(own.sockets_given_up),
        three_digits(connections)
    );
    let finding = Finding::new(Kind::Connections, certainty, text).of(name);
    let finding = finding.with("lent_dead", own.lent_dead, "");
    Some(finding.with("given_up", own.sockets_given_up, "").with("connections", connections, ""))
}

/// Connections that all pools to a service can have.
fn connections_to(evidence: &Evidence<'_>, service: usize) -> f64 {
    let callers = evidence.graph.services.iter();
    let sizes = callers.flat_map(|caller| {
        let own = caller.pools.iter().filter(move |pool| pool.to.index() == service);
        own.map(|pool| f64::from(pool.size) * f64::from(caller.replicas))
    });
    sizes.sum()
}

/// Attempts wait for connections.
pub fn connections(evidence: &Evidence<'_>, service: usize) -> Option<Finding> {
    waits(evidence, &evidence.during, service, Kind::Connections)
}

/// Attempts still wait for connections when the trigger is over.
pub fn kept_down(evidence: &Evidence<'_>, service: usize) -> Option<Finding> {
    waits(evidence, &evidence.after, service, Kind::KeptDown)
}

fn waits(evidence: &Evidence<'_>, phase: &Phase, service: usize, kind: Kind) -> Option<Finding> {
    let without = |own: &Tally| ratio(own.unconnected, own.unconnected + own.lent);
    let wait = |own: &Tally| ratio(own.pool_waited, own.lent);
    let (before, now) = (&evidence.before.services[service], &phase.services[service]);
    let (was, is) = (wait(before), wait(now));
    let longer = LONGER_WAIT.of(ratio(is, was.max(WAIT_MIN / 2.0))).filter(|_| is >= WAIT_MIN);
    let certainty = match (WITHOUT.of(without(now) - without(before)), longer) {
        (Some(Certainty::Clear), _) | (_, Some(Certainty::Clear)) => Certainty::Clear,
        (None, None) => return None,
        _ => Certainty::Weak,
    };
    let name = evidence.name(service);
    let mut parts = Vec::new();
    if longer.is_some() {
        let (is, was) = (secs(is), secs(was));
        parts.push(format!("who gets one has waited {is} on average instead of {was}"));
    }
    if without(now) > 0.0 {
        let (now, before) = (percent(without(now)), percent(without(before)));
        parts.push(format!("{now} get none in time, instead of {before}"));
    }
    let text = format!(
        "Callers of {name} {}wait for connections of their own pools: {}.",
        hedged(certainty),
        parts.join("; ")
    );
    let finding = Finding::new(kind, certainty, text).of(name);
    let finding = finding.with("wait_before", was, "s").with("wait", is, "s");
    Some(finding.with("without", without(now), "share"))
}

/// Effects of a service, from the trigger to the end.
pub fn done(evidence: &Evidence<'_>, service: usize) -> Option<Finding> {
    if !evidence.graph.services[service].has_effects() {
        return None;
    }
    let own = &phase(evidence).services[service];
    let name = evidence.name(service);
    let again = match own.duplicates > 0.0 {
        true => format!(
            ", {} of them once more for a request that had it: {}",
            three_digits(own.duplicates),
            percent(ratio(own.duplicates, own.effects))
        ),
        false => ", none of them twice for one request".to_owned(),
    };
    let text = format!("{name} did {} effects{again}.", three_digits(own.effects));
    let finding = Finding::new(Kind::Deeds, Certainty::Clear, text).of(name);
    Some(finding.with("effects", own.effects, "").with("duplicates", own.duplicates, ""))
}

/// Requests of users that were reported failed though they were done.
pub fn told(evidence: &Evidence<'_>, service: usize) -> Option<Finding> {
    let own = &phase(evidence).services[service];
    if own.told_failed == 0.0 {
        return None;
    }
    let name = evidence.name(service);
    let text = format!(
        "Users of {name} were told of {} requests that they had failed; {} of these, {}, were done \
         all the same when they were told.",
        three_digits(own.told_failed),
        three_digits(own.told_of_done),
        percent(ratio(own.told_of_done, own.told_failed))
    );
    let finding = Finding::new(Kind::Deeds, Certainty::Clear, text).of(name);
    Some(finding.with("failed", own.told_failed, "").with("done", own.told_of_done, ""))
}

/// From the trigger to the end; all of a run without one.
fn phase<'e>(evidence: &'e Evidence<'_>) -> &'e Phase {
    match evidence.trigger {
        Some(_) => &evidence.since,
        None => &evidence.before,
    }
}
