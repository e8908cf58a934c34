//! Where failed requests died, and of what: shares that add up to all of them.

use super::human::wrapped;
use super::json::Json;
use super::paint::Paint;
use super::{Summary, VariantSummary};
use crate::expect::Unit;
use brownout_topologies::death::How;
use brownout_topologies::graph::ServiceId;

/// Less than this share of the failed is told together, as the rest.
const WORTH_A_NAME: f64 = 0.005;

/// A line per variant, the most deadly first.
pub(super) fn section(summary: &Summary<'_>, paint: Paint) -> Vec<String> {
    if summary.variants.iter().all(|variant| variant.results.deaths.is_empty()) {
        return Vec::new();
    }
    let width = summary.variants.iter().map(|one| one.name.chars().count()).max().unwrap_or(0);
    let mut lines = Vec::new();
    for variant in &summary.variants {
        let head = format!("  {:<width$}  ", variant.name);
        match shares(summary, variant).as_str() {
            "" => lines.push(head + &paint.dim("nobody did")),
            shares => lines.extend(wrapped(shares, &head, &" ".repeat(width + 4))),
        }
    }
    lines
}

fn shares(summary: &Summary<'_>, variant: &VariantSummary<'_>) -> String {
    let mut deaths = variant.results.deaths.clone();
    deaths.sort_by(|(one, more), (other, less)| less.cmp(more).then(one.cmp(other)));
    let all: u64 = deaths.iter().map(|(_, number)| number).sum();
    let share = |number: u64| number as f64 / all as f64;
    let (told, rest): (Vec<_>, Vec<_>) =
        deaths.into_iter().partition(|(_, number)| share(*number) >= WORTH_A_NAME);
    let mut parts: Vec<String> = told
        .into_iter()
        .map(|((at, how), number)| {
            format!(
                "{} {} at {}",
                Unit::Share.human(share(number)),
                words(how),
                name(summary, variant, at)
            )
        })
        .collect();
    let rest: u64 = rest.into_iter().map(|(_, number)| number).sum();
    if rest > 0 {
        parts.push(format!("{} otherwise", Unit::Share.human(share(rest))));
    }
    parts.join(", ")
}

fn name<'s>(summary: &'s Summary<'_>, variant: &VariantSummary<'_>, at: ServiceId) -> &'s str {
    &summary.experiment.variants[variant.place].graph.services[at.index()].name
}

const fn words(how: How) -> &'static str {
    match how {
        How::Rejected => "turned away by their own policy",
        How::Refused => "refused",
        How::Reset => "reset",
        How::Failed => "failed",
        How::Shed => "shed",
        How::TimedOut => "timed out",
        How::Queued => "timed out in the queue",
        How::InService => "timed out in service",
        How::OnLink => "timed out on the way",
        How::Lost => "timed out, being lost,",
        How::Held => "timed out, held back by their own policy,",
        How::PoolTimeout => "without a connection from their own pool",
    }
}

/// Every number, as the mean of a run, for machines.
pub(super) fn json(summary: &Summary<'_>, variant: &VariantSummary<'_>) -> Json {
    let runs = summary.results.seeds.len() as f64;
    let deaths = variant.results.deaths.iter().map(|((at, how), number)| {
        Json::object([
            ("service", Json::text(name(summary, variant, *at))),
            ("how", Json::text(how.name())),
            ("requests", Json::Number(*number as f64 / runs)),
        ])
    });
    Json::List(deaths.collect())
}
