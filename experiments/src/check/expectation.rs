//! Warns of expectations about latency where nothing is expected of success.

use crate::experiment::Experiment;
use brownout_topologies::ledger::query::Metric;

/// Variants whose latency must be good while nobody minds how many requests fail: latency is that
/// of successes, and a service that fails most of them answers the rest quickly.
pub(super) fn warnings(experiment: &Experiment) -> Vec<String> {
    let asked: Vec<(usize, Metric)> = experiment
        .expect
        .iter()
        .flat_map(|expectation| expectation.queries())
        .map(|(place, query)| (place, query.metric))
        .collect();
    let has = |place: usize, is: fn(&Metric) -> bool| {
        asked.iter().any(|(variant, metric)| *variant == place && is(metric))
    };
    let places = 0..experiment.variants.len();
    let lonely = places.filter(|place| has(*place, is_latency) && !has(*place, is_success));
    let names: Vec<&str> = lonely.map(|place| experiment.variants[place].name.as_str()).collect();
    if names.is_empty() {
        return Vec::new();
    }
    let on = match experiment.variants.len() {
        1 => String::new(),
        _ => format!("on {}: ", names.join(", ")),
    };
    vec![format!(
        "{on}latency is expected but no success: latency counts only requests that succeed, so add \
         an expectation of availability or goodput"
    )]
}

fn is_latency(metric: &Metric) -> bool {
    matches!(metric, Metric::Latency(..) | Metric::LatencyAbove(..))
}

fn is_success(metric: &Metric) -> bool {
    matches!(
        metric,
        Metric::Availability(_) | Metric::Goodput(_) | Metric::Errors(_) | Metric::Throughput(_)
    )
}
