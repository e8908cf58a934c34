//! The state of a run at one moment, as text.

use super::names::{Names, millis, moment, state_in_words};
use crate::report::number::four_digits;
use brownout_core::Time;
use brownout_policies::call::Shared;
use brownout_topologies::envelope::Address;
use brownout_topologies::graph::{Graph, SiteId};
use brownout_topologies::knobs::Knobs;
use brownout_topologies::world::look::{Look, ReplicaLook};

mod deeds;

pub use deeds::Deeds;

/// The state as text: what is at work, who is busy with what, what callers have under way, and what
/// was done until then, where a model says what is.
pub fn text(graph: &Graph, look: &Look, deeds: Option<&Deeds>) -> String {
    let mut lines = vec![format!("at {}, when all until then has happened", moment(look.at))];
    section(&mut lines, "Faults at work", faults(graph, look), "none");
    section(&mut lines, "Requests open", requests(graph, look), "none");
    section(&mut lines, "Services", services(graph, look), "none");
    section(&mut lines, "Callers", callers(graph, look), "no call is open");
    if !look.pools.is_empty() {
        section(&mut lines, "Pools of connections", pools(graph, look), "none");
    }
    if let Some(deeds) = deeds {
        section(&mut lines, "Done until then", deeds.lines(graph), "nothing");
    }
    lines.join("\n") + "\n"
}

fn section(lines: &mut Vec<String>, title: &str, body: Vec<String>, nothing: &str) {
    lines.push(String::new());
    lines.push(title.to_owned());
    if body.is_empty() {
        lines.push(format!("  {nothing}"));
    }
    lines.extend(body.into_iter().map(|line| format!("  {line}")));
}

fn faults(graph: &Graph, look: &Look) -> Vec<String> {
    let of_load = graph.loads.iter().filter_map(|load| {
        let spike = load.arrivals.profile()?.spike.as_ref()?;
        let is_on = spike.from <= look.at && look.at < spike.until;
        is_on.then(|| format!("spike of {}", load.name))
    });
    let of_nodes = look.faults.iter().map(|(fault, strength)| {
        let fault = &graph.faults[*fault as usize];
        let strength = match *strength {
            1.0 => String::new(),
            part => format!(", at {} % of its strength", four_digits(part * 100.0)),
        };
        let until = match fault.ends() {
            Time::MAX => String::new(),
            end => format!(", until {}", moment(end)),
        };
        format!("{}{strength}{until}", fault.name)
    });
    of_nodes.chain(of_load).collect()
}

fn requests(graph: &Graph, look: &Look) -> Vec<String> {
    let [requests, answers, others] = look.on_links;
    let loads = graph.loads.iter().zip(&look.requests);
    let mut lines: Vec<String> =
        loads.map(|(load, open)| format!("{open} of {}", load.name)).collect();
    if requests + answers + others > 0 {
        let on = format!("on links: {requests} requests, {answers} answers, {others} others");
        lines.push(on);
    }
    lines
}

/// A table: one row for each replica.
fn services(graph: &Graph, look: &Look) -> Vec<String> {
    let head = ["", "is", "busy", "waiting", "oldest", "inside", "calling", "for nobody"];
    let mut rows = vec![head.map(str::to_owned).to_vec()];
    for (service, replicas) in graph.services.iter().zip(&look.services) {
        for (number, replica) in replicas.iter().enumerate() {
            let name = match replicas.len() {
                1 => service.name.clone(),
                _ => format!("{} {number}", service.name),
            };
            rows.push(row(name, replica, look.at));
        }
    }
    aligned(&rows)
}

fn row(name: String, replica: &ReplicaLook, at: Time) -> Vec<String> {
    let limit = |most: Option<u32>| most.map_or("any".to_owned(), |most| most.to_string());
    let door = match replica.at_door {
        0 => String::new(),
        many => format!(" +{many} at its gates"),
    };
    let oldest = replica.oldest.map_or("–".to_owned(), |oldest| millis(at - oldest));
    let for_nobody = match (replica.for_nobody, replica.for_nobody_busy) {
        (0, _) => "0".to_owned(),
        (all, busy) => format!("{all}, {busy} with a worker"),
    };
    vec![
        name,
        condition(replica.is_up, &replica.knobs),
        format!("{} of {}", replica.busy, limit(replica.workers)),
        format!("{} of {}{door}", replica.waiting, limit(replica.places)),
        oldest,
        replica.inside.to_string(),
        replica.calling.to_string(),
        for_nobody,
    ]
}

fn condition(is_up: bool, knobs: &Knobs) -> String {
    if !is_up {
        return "down".to_owned();
    }
    let mut parts = Vec::new();
    if knobs.pace.is_infinite() {
        parts.push("frozen".to_owned());
    } else if knobs.pace != 1.0 {
        parts.push(format!("up, work takes × {}", four_digits(knobs.pace)));
    }
    if knobs.stalled && knobs.pace.is_finite() {
        parts.push("stalled".to_owned());
    }
    let errors = knobs.errors_at_once.max(knobs.errors_after);
    if errors > 0.0 {
        parts.push(format!("{} % errors", four_digits(errors * 100.0)));
    }
    if knobs.swallows {
        parts.push("swallows requests".to_owned());
    }
    if knobs.workers != 1.0 {
        parts.push(format!("{} % of its workers", four_digits(knobs.workers * 100.0)));
    }
    if parts.is_empty() { "up".to_owned() } else { parts.join(", ") }
}

fn callers(graph: &Graph, look: &Look) -> Vec<String> {
    let mut lines = Vec::new();
    for (number, site) in look.sites.iter().enumerate() {
        let open = site.calls + look.plain[number];
        let name = &graph.sites[number].name;
        let mut parts = vec![format!("{name}: {open} calls open")];
        if site.before_retry > 0 {
            parts.push(format!("{} wait before a retry", site.before_retry));
        }
        if site.at_gate > 0 {
            parts.push(format!("{} wait at a gate of the caller's own", site.at_gate));
        }
        if open > 0 || !site.shared.is_empty() {
            lines.push(parts.join(", "));
        }
        for (replica, layer, shared) in &site.shared {
            let policy = Names(graph).policy(SiteId(number as u32), *layer as u16);
            let whose = replica.map_or_else(String::new, |number| format!(" of replica {number}"));
            lines.push(format!("  {policy}{whose}: {}", shared_in_words(shared)));
        }
    }
    lines
}

/// A table: one row for each pool.
fn pools(graph: &Graph, look: &Look) -> Vec<String> {
    let head = ["", "lent", "idle", "being opened or tried", "dead", "waiting", "oldest"];
    let mut rows = vec![head.map(str::to_owned).to_vec()];
    for pool in &look.pools {
        let (caller, replica) = pool.caller;
        let names = Names(graph);
        let caller = names.place(Address { service: caller, replica });
        let oldest = pool.oldest.map_or("–".to_owned(), |oldest| millis(look.at - oldest));
        rows.push(vec![
            format!("{caller} → {}", names.service(pool.to)),
            format!("{} of {}", pool.lent, pool.size),
            pool.idle.to_string(),
            pool.preparing.to_string(),
            pool.dead.to_string(),
            pool.waiting.to_string(),
            oldest,
        ]);
    }
    aligned(&rows)
}

fn shared_in_words(shared: &Shared) -> String {
    let units = |micro: i64| format!("{:.2}", micro as f64 / 1e6);
    match *shared {
        Shared::Budget { left } => format!("its budget would pay for {} retries", units(left)),
        Shared::Breaker { state, since, refused } => format!(
            "{} since {}, {refused} calls refused so far",
            state_in_words(state),
            moment(since)
        ),
        Shared::Limiter { left, most } => format!("{left} of {most} would pass now"),
        Shared::Concurrency { inflight, limit } => format!("{inflight} of {limit} in flight"),
        Shared::Bulkhead { inside, waiting } => format!("{inside} inside, {waiting} wait"),
        Shared::Throttle { refuses } => {
            format!("refuses {} % of calls", four_digits(refuses * 100.0))
        }
        Shared::AdaptiveRate { rate: None, measured, .. } => {
            format!("never throttled, {}/s measured", four_digits(measured))
        }
        Shared::AdaptiveRate { rate: Some(rate), tokens, measured } => format!(
            "{} tokens/s, {} in the bucket, {}/s measured",
            four_digits(rate),
            four_digits(tokens),
            four_digits(measured)
        ),
        Shared::Hedge { out, delay, left } => {
            let delay = delay
                .map_or("not by time alone".to_owned(), |after| format!("after {}", millis(after)));
            let budget = left.map_or_else(String::new, |left| {
                format!(", its budget would pay for {}", units(left))
            });
            format!("{out} hedges out, the next leg {delay}{budget}")
        }
    }
}

/// Columns side by side, as wide as their widest cell.
fn aligned(rows: &[Vec<String>]) -> Vec<String> {
    let columns = rows.first().map_or(0, Vec::len);
    let width =
        |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let line = |row: &Vec<String>| {
        let cells = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}"));
        cells.collect::<Vec<String>>().join("  ").trim_end().to_owned()
    };
    rows.iter().map(line).collect()
}
