//! A load in words: who comes, when, where to, and what happens when it goes badly.

use super::inlet;
use crate::expect::Unit;
use crate::report::number::four_digits;
use brownout_core::Time;
use brownout_core::dist::Dist;
use brownout_topologies::graph::{
    Arrivals, Curve, Graph, Load, Obey, Piece, Profile, Reload, Size, Wave, ZoneId,
};

const NANOS: f64 = 1e9;

/// One load, in a line.
pub(super) fn load(graph: &Graph, load: &Load) -> String {
    let clients = match load.clients {
        1 => String::new(),
        clients => format!(", from {clients} clients"),
    };
    let where_to = match load.mix.is_empty() {
        true => graph.sites[load.site.index()].name.clone(),
        false => {
            let parts = load.sites().map(|(site, share)| {
                let target = graph.sites[site.index()].target;
                format!("{} {}", Unit::Share.human(share), graph.services[target.index()].name)
            });
            format!("{} → {}", load.name, parts.collect::<Vec<String>>().join(", "))
        }
    };
    let reload = load.conduct.reload.as_ref().map_or_else(String::new, reload);
    let obey = match load.conduct.obey {
        Obey::Ignore => "",
        Obey::RetryAfter => "; told when to come back, they come no earlier",
        Obey::RetryAfterJitter => {
            "; told when to come back, they come no earlier, and up to half as much later"
        }
    };
    let zones = match zone_names(graph, &load.zones) {
        names if names.is_empty() => names,
        names => format!(", in {names}"),
    };
    let class = inlet::class(&graph.classes[load.class.index()]);
    let arrivals = arrivals(&load.arrivals);
    format!("  {where_to}: {arrivals}{class}{clients}{zones}{reload}{obey}")
}

/// Zones by their names, in turn.
pub(super) fn zone_names(graph: &Graph, zones: &[ZoneId]) -> String {
    let names: Vec<&str> = zones.iter().map(|zone| graph.zones[zone.index()].as_str()).collect();
    names.join(", ")
}

fn reload(reload: &Reload) -> String {
    let times = match reload.times {
        u32::MAX => "until it goes well".to_owned(),
        1 => "once".to_owned(),
        times => format!("up to {times} times"),
    };
    format!("; after a failure they ask again {times}, after {}", dist(&reload.after))
}

fn arrivals(arrivals: &Arrivals) -> String {
    match arrivals {
        Arrivals::Poisson(profile) => format!("Poisson, {}", rate(profile)),
        Arrivals::Steady(profile) => format!("evenly spaced, {}", rate(profile)),
        Arrivals::Renewal(every) => format!("one after every {}", dist(every)),
        Arrivals::Batch { rate: batches, size: requests } => {
            format!("batches of {}, Poisson, {} batches", size(requests), rate(batches))
        }
        Arrivals::Bursty(stages) => {
            let stages = stages
                .iter()
                .map(|stage| format!("{}/s for {}", four_digits(stage.per_s), dist(&stage.lasts)));
            let stages = stages.collect::<Vec<String>>().join(", then ");
            format!("Poisson in stages, {stages}, and again")
        }
        Arrivals::Trace(times) => match (times.first(), times.last()) {
            (Some(first), Some(last)) => {
                format!("{} requests of a trace, from {first} to {last}", times.len())
            }
            _ => "no requests".to_owned(),
        },
        Arrivals::AtOnce { at, count } => format!("{count} requests at once, at {at}"),
        Arrivals::Closed { users, think, start } => {
            let start = match start {
                Some(at) => format!(" all ask at {at} for the first time and"),
                None => String::new(),
            };
            format!("{users} users, who{start} think for {} between requests", dist(think))
        }
    }
}

fn size(size: &Size) -> String {
    match size {
        Size::Const(size) => size.to_string(),
        Size::Uniform(from, to) => format!("{from} to {to}"),
        Size::Geometric(_) | Size::Mixture(_) | Size::Sequence(_) => {
            format!("{} on average", four_digits(size.mean()))
        }
    }
}

/// Steps and ramps are written out up to here.
const PIECES_SHOWN: usize = 20;

fn rate(profile: &Profile) -> String {
    match &profile.curve {
        Curve::Pieces(pieces) => {
            let shown: Vec<String> = pieces.iter().take(PIECES_SHOWN).map(piece).collect();
            match pieces.len() {
                0..=PIECES_SHOWN => shown.join(", "),
                all => format!("{}, and {} more levels", shown.join(", "), all - PIECES_SHOWN),
            }
        }
        Curve::Wave(Wave { mean_per_s, amplitude, period, peak }) => format!(
            "{}/s up and down by {}, highest at {peak} and every {period}",
            four_digits(*mean_per_s),
            Unit::Share.human(*amplitude)
        ),
    }
}

fn piece(piece: &Piece) -> String {
    let (start, end) = (four_digits(piece.start_per_s), four_digits(piece.end_per_s));
    let ramp = if start == end { format!("{start}/s") } else { format!("{start} to {end}/s") };
    if piece.from == Time::ZERO { ramp } else { format!("from {} {ramp}", piece.from) }
}

/// A distribution of times, by its name, mean and tail.
pub(crate) fn dist(dist: &Dist) -> String {
    let human = |nanos: f64| Unit::Seconds.human(nanos / NANOS);
    let tail = dist.quantile(0.99).filter(|_| dist.variance() > 0.0);
    let p99 = tail.map_or_else(String::new, |p99| format!(", p99 {}", human(p99)));
    format!("{} (mean {}{p99})", dist.name(), human(dist.mean()))
}
