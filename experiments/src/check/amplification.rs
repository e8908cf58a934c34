//! Warns of retries that multiply along a path.

use super::parts::Parts;
use brownout_topologies::graph::{Graph, Site, SiteId};

/// More attempts than this for one request are worth a warning: three retries at one place are
/// common, at two places in a row they are a storm.
const ATTEMPTS_MAX: u64 = 10;

/// The most attempts that one request can become at a part, and the last call on that path.
#[derive(Clone, Copy)]
struct Worst {
    /// `None` is without a bound.
    attempts: Option<u64>,
    /// Place in the graph's sites.
    through: usize,
}

/// Paths on which the most attempts of all calls multiply to more than ten.
pub(super) fn warnings(graph: &Graph) -> Vec<String> {
    let parts = Parts::of(graph);
    let mut worst: Vec<Option<Worst>> = vec![None; parts.count()];
    let offer = |worst: &mut Vec<Option<Worst>>, through: usize, before: Option<u64>| {
        let site = &graph.sites[through];
        let most = graph.stacks[site.stack.index()].attempts_max();
        let attempts = before.zip(most).and_then(|(before, most)| before.checked_mul(most));
        let own = &mut worst[parts.called_from(site)];
        if own.is_none_or(|known| exceeds(attempts, known.attempts)) {
            *own = Some(Worst { attempts, through });
        }
    };
    for load in &graph.loads {
        for (site, _) in load.sites() {
            offer(&mut worst, site.index(), Some(1));
        }
    }
    let mut order = parts.callees_first();
    order.reverse();
    for own in order {
        let Some(Worst { attempts, through }) = worst[own] else { continue };
        for site in parts.calls(own) {
            offer(&mut worst, site.index(), attempts);
        }
        for (to, _) in parts.routes(own) {
            // A job that moves on is no new attempt; where it goes it counts as it came.
            let next = &mut worst[to];
            if next.is_none_or(|known| exceeds(attempts, known.attempts)) {
                *next = Some(Worst { attempts, through });
            }
        }
    }
    let multiplies = |site: &Site| graph.stacks[site.stack.index()].attempts_max() != Some(1);
    let mut found = Vec::new();
    for part in 0..parts.count() {
        let Some(Worst { attempts, through }) = worst[part] else { continue };
        let site = &graph.sites[through];
        // Said where the last factor comes in, not again at everything behind it.
        if !exceeds(attempts, Some(ATTEMPTS_MAX))
            || !multiplies(site)
            || parts.called_from(site) != part
        {
            continue;
        }
        let attempts = attempts.map_or_else(|| "any number of".to_owned(), |most| most.to_string());
        found.push(format!(
            "one request can become {attempts} attempts at `{}`: {}",
            graph.services[parts.service(part).index()].name,
            path(graph, &parts, &worst, through)
        ));
    }
    found
}

/// Whether the first is more; no bound is more than any.
fn exceeds(attempts: Option<u64>, other: Option<u64>) -> bool {
    match (attempts, other) {
        (Some(attempts), Some(other)) => attempts > other,
        (None, Some(_)) => true,
        (_, None) => false,
    }
}

/// The calls that lead there, each with its factor: `poisson-web → web ×4, web → db ×4`.
fn path(graph: &Graph, parts: &Parts<'_>, worst: &[Option<Worst>], last: usize) -> String {
    use brownout_topologies::graph::Caller;
    let mut steps = Vec::new();
    let mut through = last;
    while steps.len() <= graph.sites.len() {
        let site = &graph.sites[through];
        match graph.stacks[site.stack.index()].attempts_max() {
            Some(1) => {}
            Some(most) => steps.push(format!("{} ×{most}", site.name)),
            None => steps.push(format!("{} without a limit", site.name)),
        }
        match site.caller {
            Caller::Load(_) => break,
            Caller::Service(caller) => match worst[parts.caller(caller, SiteId(through as u32))] {
                Some(before) => through = before.through,
                None => break,
            },
        }
    }
    steps.reverse();
    steps.join(", ")
}
