//! The cascade as a graph: services in layers, callers left of those they call, each with its
//! utilisation, its queue and its breakers at the moment of the slider.

use super::moments::Moments;
use super::text::escape;
use crate::expect::Unit;
use crate::report::chart::cascade::{Levels, layers};
use crate::report::stored::{Service, Stored, System};
use std::fmt::Write;

/// A node, in pixels.
const WIDTH: f64 = 154.0;
const HEIGHT: f64 = 74.0;
const LOAD_HEIGHT: f64 = 28.0;
/// Between layers, and between the nodes of one.
const ACROSS: f64 = 44.0;
const DOWN: f64 = 18.0;
/// The length of a full bar; the script knows it by its frame.
const BAR: f64 = 56.0;
/// Letters of a name that fit into a node.
const LETTERS: usize = 19;

/// More services than this are no graph that anybody can read.
const SERVICES_MAX: usize = 64;

/// A place for a load or a service.
struct Node<'s> {
    name: &'s str,
    /// Its place among the services; none is a load.
    service: Option<usize>,
    left: f64,
    top: f64,
}

impl Node<'_> {
    fn height(&self) -> f64 {
        if self.service.is_some() { HEIGHT } else { LOAD_HEIGHT }
    }

    fn middle(&self) -> f64 {
        self.top + self.height() / 2.0
    }
}

/// The graphs of all variants side by side.
pub(super) fn section(stored: &Stored, moments: &Moments) -> String {
    let systems = &stored.drawing.systems;
    if systems.iter().any(|system| system.services.len() > SERVICES_MAX) {
        return format!("<p class=\"note\">Over {SERVICES_MAX} services: no graph is drawn.</p>\n");
    }
    let shown = initial(stored, moments);
    let mut graphs = String::new();
    for (place, system) in systems.iter().enumerate() {
        graphs += &graph(stored, system, place, (moments, shown));
    }
    format!(
        "<p class=\"note\">How to read this: calls go from left to right. The upper bar of a \
         service is its busy workers, the lower one its queue, of all there is room for; a thick \
         frame is a service with hardly a worker or a waiting place left. {}</p>\n\
         <div class=\"graphs\">\n{graphs}</div>\n",
        match stored.drawing.runs {
            1 => "One run.".to_owned(),
            runs => format!("Means over {runs} runs."),
        }
    )
}

/// The slider, and buttons that go to where something begins or ends.
pub(super) fn slider(stored: &Stored, moments: &Moments) -> String {
    let mut buttons = String::new();
    for window in stored.drawing.windows().into_iter().take(6) {
        for (word, at) in [("begins", window.from), ("ends", window.to)] {
            if at < stored.drawing.end() {
                let (name, moment) = (escape(&window.name), moments.at(at));
                writeln!(
                    buttons,
                    "<button type=\"button\" data-moment=\"{moment}\">{name} {word}</button>"
                )
                .expect("a string takes everything");
            }
        }
    }
    let (shown, last) = (initial(stored, moments), moments.count() - 1);
    let at = escape(&Unit::Seconds.human(moments.start(shown)));
    format!(
        "<div class=\"moment\">\n<label for=\"moment\">Moment</label>\n\
         <input type=\"range\" id=\"moment\" min=\"0\" max=\"{last}\" value=\"{shown}\">\n\
         <output id=\"at\" for=\"moment\">{at}</output>\n{buttons}</div>\n"
    )
}

/// The moment that is shown first: half way through the first trouble, or the beginning.
fn initial(stored: &Stored, moments: &Moments) -> usize {
    let first = stored.drawing.windows().into_iter().map(|window| (window.from + window.to) / 2.0);
    moments.at(first.reduce(f64::min).unwrap_or(0.0))
}

fn graph(stored: &Stored, system: &System, place: usize, moment: (&Moments, usize)) -> String {
    let nodes = nodes(system);
    let right = nodes.iter().map(|node| node.left + WIDTH).fold(0.0, f64::max) + 8.0;
    let bottom = nodes.iter().map(|node| node.top + node.height()).fold(0.0, f64::max) + 8.0;
    let mut svg = format!(
        "<svg viewBox=\"0 0 {right} {bottom}\" width=\"{right}\" height=\"{bottom}\" role=\"group\" \
         aria-label=\"{}\">\n<defs><marker id=\"arrow-{place}\" viewBox=\"0 0 8 8\" refX=\"7\" \
         refY=\"4\" markerWidth=\"8\" markerHeight=\"8\" orient=\"auto\">\
         <path d=\"M0 0L8 4L0 8z\"/></marker></defs>\n",
        escape(&format!("services of {}", system.variant))
    );
    edges(system, place, &nodes, &mut svg);
    for node in &nodes {
        match node.service {
            Some(service) => svg += &drawn(stored, (system, service), node, moment),
            None => svg += &load(node),
        }
    }
    let name = escape(&system.variant);
    format!(
        "<figure class=\"graph\" data-system=\"{place}\"><figcaption>{name}</figcaption>\n\
         {svg}</svg></figure>\n"
    )
}

/// Loads on the left, then layer by layer; in a layer, by where their callers stand.
fn nodes(system: &System) -> Vec<Node<'_>> {
    let mut columns: Vec<Vec<(&str, Option<usize>)>> = vec![Vec::new()];
    let is_service = |name: &str| system.services.iter().any(|service| service.name == name);
    for edge in &system.edges {
        let load = (&*edge.from, None);
        if !is_service(&edge.from) && !columns[0].contains(&load) {
            columns[0].push(load);
        }
    }
    let layers = layers(system);
    for layer in 0..=layers.iter().copied().max().unwrap_or(0) {
        let own = system.services.iter().enumerate().filter(|(place, _)| layers[*place] == layer);
        columns.push(own.map(|(place, service)| (&*service.name, Some(place))).collect());
    }
    let mut rows: Vec<(&str, f64)> = Vec::new();
    let tallest = columns.iter().map(Vec::len).max().unwrap_or(1) as f64 * (HEIGHT + DOWN);
    let mut nodes = Vec::new();
    for (depth, mut column) in columns.into_iter().enumerate() {
        let middle = |name: &str| {
            let from = system.edges.iter().filter(|edge| edge.service == name);
            let callers: Vec<f64> = from
                .filter_map(|edge| rows.iter().find(|row| row.0 == edge.from))
                .map(|row| row.1)
                .collect();
            callers.iter().sum::<f64>() / callers.len().max(1) as f64
        };
        column.sort_by(|one, other| middle(one.0).total_cmp(&middle(other.0)));
        let height = column.len() as f64 * (HEIGHT + DOWN);
        for (row, (name, service)) in column.into_iter().enumerate() {
            let slot = 8.0 + (tallest - height) / 2.0 + row as f64 * (HEIGHT + DOWN);
            let inset = if service.is_some() { 0.0 } else { (HEIGHT - LOAD_HEIGHT) / 2.0 };
            let left = 8.0 + depth as f64 * (WIDTH + ACROSS);
            let node = Node { name, service, left, top: slot + inset };
            rows.push((name, node.middle()));
            nodes.push(node);
        }
    }
    nodes
}

/// Calls and routes, each pair once, with attempts per call where they were counted.
fn edges(system: &System, place: usize, nodes: &[Node<'_>], svg: &mut String) {
    let mut pairs: Vec<(&str, &str, f64, f64)> = Vec::new();
    for edge in &system.edges {
        let (calls, attempts) = edge.count.unwrap_or((0, 0));
        let (calls, attempts) = (calls as f64, attempts as f64);
        match pairs.iter_mut().find(|pair| (pair.0, pair.1) == (&*edge.from, &*edge.service)) {
            Some(pair) => (pair.2, pair.3) = (pair.2 + calls, pair.3 + attempts),
            None => pairs.push((&edge.from, &edge.service, calls, attempts)),
        }
    }
    let find = |name: &str, is_load: bool| {
        nodes.iter().find(|node| node.name == name && node.service.is_none() == is_load)
    };
    for (from, to, calls, attempts) in pairs {
        let Some(to) = find(to, false) else { continue };
        let Some(from) = find(from, false).or_else(|| find(from, true)) else { continue };
        let (x, y) = (from.left + WIDTH, from.middle());
        let (end, low) = (to.left - 2.0, to.middle());
        let bend = f64::max((end - x) / 2.0, ACROSS / 2.0);
        let (a, b) = (x + bend, end - bend);
        writeln!(
            svg,
            "<path class=\"call\" d=\"M{x} {y}C{a} {y} {b} {low} {end} {low}\" \
             marker-end=\"url(#arrow-{place})\"/>"
        )
        .expect("a string takes everything");
        if calls > 0.0 {
            let ratio = Unit::Ratio.human(attempts / calls);
            let (x, y) = ((x + end) / 2.0, (y + low) / 2.0 - 5.0);
            writeln!(svg, "<text class=\"ratio\" x=\"{x}\" y=\"{y}\">×{ratio}</text>")
                .expect("a string takes everything");
        }
    }
}

fn load(node: &Node<'_>) -> String {
    let Node { left, top, .. } = *node;
    format!(
        "<g class=\"load\"><title>{}</title><rect x=\"{left}\" y=\"{top}\" width=\"{WIDTH}\" \
         height=\"{LOAD_HEIGHT}\" rx=\"14\"/><text x=\"{}\" y=\"{}\">{}</text></g>\n",
        escape(node.name),
        left + 12.0,
        top + 18.5,
        escape(&cut(node.name))
    )
}

fn drawn(
    stored: &Stored,
    (system, place): (&System, usize),
    node: &Node<'_>,
    (moments, shown): (&Moments, usize),
) -> String {
    let service: &Service = &system.services[place];
    let levels = Levels::of(stored, system, service);
    let at = |values: &[f64]| moments.means(values).get(shown).copied();
    let (busy, queue) = (at(&levels.utilisation), at(&levels.queue));
    let Node { left, top, .. } = *node;
    let bar = |class: &str, row: f64, share: Option<f64>| {
        let (x, y) = (left + 53.0, top + row);
        format!(
            "<rect class=\"frame\" x=\"{x}\" y=\"{y}\" width=\"{BAR}\" height=\"9\"/>\
             <rect class=\"{class}\" x=\"{x}\" y=\"{y}\" width=\"{}\" height=\"9\"/>",
            BAR * share.unwrap_or(0.0)
        )
    };
    let text = |class: &str, x: f64, row: f64, words: &str| {
        let (x, y) = (left + x, top + row);
        format!("<text class=\"{class}\" x=\"{x}\" y=\"{y}\">{}</text>", escape(words))
    };
    let busy_words = busy.map_or_else(|| "–".to_owned(), |busy| format!("{:.0} %", 100.0 * busy));
    let waiting = at(&levels.waiting).map_or_else(|| "–".to_owned(), |own| format!("{own:.0}"));
    let breaker = match service.has_breaker {
        true => text("breaker", 10.0, 67.0, "breaker"),
        false => String::new(),
    };
    let name = escape(&service.name);
    format!(
        "<g class=\"node\" data-service=\"{place}\" role=\"img\" aria-label=\"{name}: {busy_words} \
         busy, {waiting} waiting\"><title>{name}</title><rect class=\"box\" x=\"{left}\" \
         y=\"{top}\" width=\"{WIDTH}\" height=\"{HEIGHT}\" rx=\"5\"/>{}{}{}{}{}{}{}{breaker}</g>\n",
        text("name", 10.0, 17.0, &cut(&service.name)),
        text("what", 10.0, 36.0, "busy"),
        bar("busy", 28.0, busy),
        text("busy-words", 114.0, 36.0, &busy_words),
        text("what", 10.0, 51.0, "queue"),
        bar("queue", 43.0, queue),
        text("queue-words", 114.0, 51.0, &waiting),
    )
}

/// As much of a name as a node has room for.
fn cut(name: &str) -> String {
    match name.chars().count() > LETTERS {
        true => name.chars().take(LETTERS - 1).chain(['…']).collect(),
        false => name.to_owned(),
    }
}
