//! Attempts, first ones and others stacked, against what a service can do.

use super::{Chart, Needs, heading, means, over_time};
use crate::report::stored::{Asked, Service, Stored, System};
use crate::runner::history::Quantity;
use brownout_plots::{Axis, Figure, Panel, Series, Style};

pub(super) const CHART: Chart = Chart {
    name: "Capacity",
    about: "attempts at a service, first ones and others stacked, against what it can do",
    file: "capacity",
    needs: Needs::Service,
    draw: figure,
};

fn figure(stored: &Stored, asked: &Asked) -> Figure {
    let systems = &stored.drawing.systems;
    let panels = systems.iter().map(|system| panel(stored, system, &asked.of)).collect();
    let has_line = systems.iter().any(|system| {
        system.services.iter().any(|own| own.name == asked.of && own.capacity.is_some())
    });
    let line = match has_line {
        true => {
            "While the stack is above the dashed line, more comes in than the service can do; \
                 the line is what its workers can do when those it calls are well, less what \
                 faults at known times take away."
        }
        false => {
            "The service has no line of capacity: its workers are unlimited or have nothing \
                  to do."
        }
    };
    let how = format!("{} {line}", means(stored));
    let title = format!("{}: {}", asked.of, stored.drawing.title);
    Figure { title, ..over_time(stored, how, panels) }
}

fn panel(stored: &Stored, system: &System, service: &str) -> Panel {
    let get = |quantity| stored.series.means(&system.variant, service, quantity);
    let (calls, attempts) = (get(Quantity::Offered), get(Quantity::Attempts));
    let first: Vec<(f64, f64)> =
        calls.iter().zip(&attempts).map(|((at, calls), (_, all))| (*at, calls.min(*all))).collect();
    let area =
        |name, (style, color), points: Vec<(f64, f64)>, under: &dyn Fn(usize) -> f64| Series {
            envelope: Some(
                points.iter().enumerate().map(|(place, (x, y))| (*x, under(place), *y)).collect(),
            ),
            ..Series::new(name, style, color, points)
        };
    let mut series = vec![
        area("retries and hedges", (Style::Full, 2), attempts, &|place| first[place].1),
        area("first attempts", (Style::Area, 1), first.clone(), &|_| 0.0),
    ];
    let own = system.services.iter().find(|own| own.name == service);
    let line = own.and_then(|own| capacity(own, system.time));
    series.extend(line.map(|points| Series::new("capacity", Style::Dashed, 7, points)));
    let y = Axis::linear(&format!("{service} attempts"), "/s");
    Panel::new(&heading(stored, &system.variant), y, series)
}

/// What a service can do over time, as the corners of a staircase.
fn capacity(service: &Service, end: f64) -> Option<Vec<(f64, f64)>> {
    let most = service.capacity?;
    let mut points = Vec::with_capacity(2 * service.speeds.len());
    for (place, (from, left)) in service.speeds.iter().enumerate() {
        let to = service.speeds.get(place + 1).map_or(end, |next| next.0);
        points.extend([(*from, most * left), (to, most * left)]);
    }
    Some(points)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_falls_while_a_fault_takes_capacity() {
        let service = Service {
            name: "db".to_owned(),
            replicas: 2,
            workers: Some(4),
            queue_limit: None,
            capacity: Some(400.0),
            speeds: vec![(0.0, 1.0), (5.0, 0.25), (8.0, 1.0)],
            has_breaker: false,
        };
        let corners =
            [(0.0, 400.0), (5.0, 400.0), (5.0, 100.0), (8.0, 100.0), (8.0, 400.0), (20.0, 400.0)];
        assert_eq!(capacity(&service, 20.0), Some(corners.to_vec()));
        assert_eq!(capacity(&Service { capacity: None, ..service }, 20.0), None);
    }
}
