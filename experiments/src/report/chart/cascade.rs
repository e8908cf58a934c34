//! The cascade: a row per service, callers above those they call: utilisation, queue, breakers.

use super::{Chart, Needs, heading, means, over_time};
use crate::report::stored::{Asked, Service, Stored, System};
use crate::runner::history::Quantity;
use brownout_plots::{Axis, Figure, Panel, Series, Style};

pub(super) const CHART: Chart = Chart {
    name: "Cascade",
    about: "how trouble spreads: utilisation, queue and breakers of every service over time",
    file: "cascade",
    needs: Needs::Series,
    draw: figure,
};

/// The most rows that a page has room for.
const ROWS: usize = 24;

/// How high the strip for breakers is that all are open, on an axis where 1 is full.
const STRIP: f64 = 0.25;

/// What the strip shows; its height is no number to be read off.
pub(crate) const IN_STRIP: [&str; 2] = ["breakers open", "breakers half open"];

fn figure(stored: &Stored, _: &Asked) -> Figure {
    let systems = &stored.drawing.systems;
    let names = rows(systems);
    let mut panels = Vec::new();
    for (depth, name) in names.iter().enumerate() {
        for system in systems {
            let title = if depth == 0 { heading(stored, &system.variant) } else { String::new() };
            panels.push(panel(stored, system, name, &title));
        }
    }
    let has_breakers =
        systems.iter().flat_map(|system| &system.services).any(|service| service.has_breaker);
    let strip = match has_breakers {
        true => " The strip on top is the share of breakers that are open or half open.",
        false => "",
    };
    let how = format!(
        "{} Callers stand above those they call. Full is 1: all workers busy, all waiting places \
         taken (of those without a limit, as many as ever were).{strip}",
        means(stored)
    );
    over_time(stored, how, panels)
}

/// The services of all systems with series, callers first.
fn rows(systems: &[System]) -> Vec<String> {
    let mut names: Vec<(usize, String)> = Vec::new();
    for system in systems {
        for (service, layer) in system.services.iter().zip(layers(system)) {
            if names.iter().all(|(_, known)| *known != service.name) {
                names.push((layer, service.name.clone()));
            }
        }
    }
    names.sort_by_key(|(layer, _)| *layer);
    names.into_iter().take(ROWS).map(|(_, name)| name).collect()
}

fn panel(stored: &Stored, system: &System, name: &str, title: &str) -> Panel {
    let service = system.services.iter().find(|own| own.name == name);
    let series = service.map_or_else(Vec::new, |service| {
        let levels = Levels::of(stored, system, service);
        let part = |name, (style, color), of: &dyn Fn(usize) -> (f64, f64)| {
            let places = levels.times.iter().enumerate();
            let envelope: Vec<(f64, f64, f64)> =
                places.map(|(place, at)| (*at, of(place).0, of(place).1)).collect();
            let points = envelope.iter().map(|(at, _, top)| (*at, *top)).collect();
            Series { envelope: Some(envelope), ..Series::new(name, style, color, points) }
        };
        let queue = levels.times.iter().copied().zip(levels.queue.iter().copied()).collect();
        let mut series = vec![
            part("utilisation", (Style::Area, 6), &|place| (0.0, levels.utilisation[place])),
            Series::new("queue", Style::Pattern(1), 2, queue),
        ];
        if service.has_breaker {
            let open = |place: usize| 1.0 + STRIP * levels.open[place];
            let half = |place: usize| open(place) + STRIP * levels.half_open[place];
            series.push(part(IN_STRIP[0], (Style::Full, 7), &|place| (1.0, open(place))));
            series.push(part(IN_STRIP[1], (Style::Full, 4), &|place| (open(place), half(place))));
        }
        series
    });
    Panel::new(title, Axis::linear(name, "").over(0.0, 1.0 + STRIP), series)
}

/// How full a service is over time.
pub(crate) struct Levels {
    /// Seconds, at the start of each bin.
    pub(crate) times: Vec<f64>,
    /// Busy workers over those there are, in [0, 1]; where they are unlimited, over the most that
    /// were ever busy.
    pub(crate) utilisation: Vec<f64>,
    /// How many wait.
    pub(crate) waiting: Vec<f64>,
    /// Over the waiting places; where they are unlimited, over the most that ever waited.
    pub(crate) queue: Vec<f64>,
    /// Share of breakers before it that are open.
    pub(crate) open: Vec<f64>,
    /// Share of breakers before it that are half open.
    pub(crate) half_open: Vec<f64>,
}

impl Levels {
    /// The levels of a service of a system.
    pub(crate) fn of(stored: &Stored, system: &System, service: &Service) -> Levels {
        let get = |quantity| stored.series.means(&system.variant, &service.name, quantity);
        let (busy, waiting) = (get(Quantity::Busy), values(get(Quantity::Queue)));
        let times: Vec<f64> = busy.iter().map(|(at, _)| *at).collect();
        let busy = values(busy);
        let replicas = get(Quantity::Replicas);
        let replicas = |place: usize| {
            replicas.get(place).map_or(service.replicas as f64, |(_, number)| *number)
        };
        let per = |value: f64, limit: Option<u64>, most: f64, place: usize| {
            let full = limit.map_or(most, |limit| limit as f64 * replicas(place));
            if full > 0.0 { (value / full).min(1.0) } else { 0.0 }
        };
        let share = |values: &[f64], limit: Option<u64>| -> Vec<f64> {
            let most = values.iter().copied().fold(0.0, f64::max);
            let shares = values.iter().enumerate();
            shares.map(|(place, value)| per(*value, limit, most, place)).collect()
        };
        let or_none = |values: Vec<f64>| match values.is_empty() {
            true => vec![0.0; times.len()],
            false => values,
        };
        Levels {
            utilisation: share(&busy, service.workers),
            queue: share(&waiting, service.queue_limit),
            waiting,
            open: or_none(values(get(Quantity::Open))),
            half_open: or_none(values(get(Quantity::HalfOpen))),
            times,
        }
    }
}

fn values(points: Vec<(f64, f64)>) -> Vec<f64> {
    points.into_iter().map(|(_, value)| value).collect()
}

/// How far each service of a system is from the users: one more than the farthest that calls it.
/// Routes may go round; after as many rounds as there are services they stay where they are.
pub(crate) fn layers(system: &System) -> Vec<usize> {
    let place = |name: &str| system.services.iter().position(|service| service.name == name);
    let edges: Vec<(usize, usize)> = system
        .edges
        .iter()
        .filter_map(|edge| Some((place(&edge.from)?, place(&edge.service)?)))
        .filter(|(from, to)| from != to)
        .collect();
    let mut layers = vec![0; system.services.len()];
    for _ in 1..system.services.len() {
        for (from, to) in &edges {
            layers[*to] = layers[*to].max(layers[*from] + 1).min(system.services.len() - 1);
        }
    }
    layers
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::stored::Edge;

    fn system(names: &[&str], edges: &[(&str, &str)]) -> System {
        let service = |name: &&str| Service {
            name: (*name).to_owned(),
            replicas: 1,
            workers: None,
            queue_limit: None,
            capacity: None,
            speeds: Vec::new(),
            has_breaker: false,
        };
        let edge = |(from, to): &(&str, &str)| Edge {
            from: (*from).to_owned(),
            to: (*to).to_owned(),
            service: (*to).to_owned(),
            count: None,
        };
        System {
            services: names.iter().map(service).collect(),
            edges: edges.iter().map(edge).collect(),
            ..System::default()
        }
    }

    #[test]
    fn a_service_stands_below_the_farthest_that_calls_it() {
        let system = system(
            &["db", "web", "cart"],
            &[("users", "web"), ("web", "db"), ("web", "cart"), ("cart", "db")],
        );
        assert_eq!(layers(&system), [2, 0, 1]);
        assert_eq!(rows(&[system]), ["web", "cart", "db"]);
    }

    #[test]
    fn routes_that_go_round_come_to_an_end() {
        let system = system(&["a", "b"], &[("users", "a"), ("a", "b"), ("b", "a"), ("b", "b")]);
        assert!(layers(&system).iter().all(|layer| *layer < 2));
    }
}
