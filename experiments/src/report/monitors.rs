//! What monitors saw: whether they fired, how long after the trouble began, and for how long.

use super::json::Json;
use super::number::plus_minus;
use super::paint::Paint;
use super::{MonitorSummary, Summary, count, document};
use crate::expect::Unit;
use brownout_topologies::monitor::{Alarm, Gauge, Monitor};

/// A paragraph per monitor: what it watches, and a line per variant.
pub(super) fn section(summary: &Summary<'_>, paint: Paint) -> Vec<String> {
    let width = summary.variants.iter().map(|one| one.name.chars().count()).max().unwrap_or(0);
    let mut lines = Vec::new();
    let mut told: Vec<&Monitor> = Vec::new();
    for monitor in summary.variants.iter().flat_map(|one| &one.monitors).map(|one| one.monitor) {
        if told.contains(&monitor) {
            continue;
        }
        told.push(monitor);
        lines.push(format!("  {}: {}", monitor.name, words(monitor)));
        for variant in &summary.variants {
            for own in variant.monitors.iter().filter(|own| own.monitor == monitor) {
                let seen = if count(&own.fired).0 == 0 { paint.dim("silent") } else { seen(own) };
                lines.push(format!("    {:<width$}  {seen}", variant.name));
            }
        }
    }
    lines
}

/// That it fired, when and for how long.
fn seen(own: &MonitorSummary<'_>) -> String {
    let (fired, runs) = count(&own.fired);
    let mut text = match runs {
        1 => "fired".to_owned(),
        _ => format!("fired in {fired}/{runs} runs"),
    };
    if let Some(row) = own.detected.as_ref().filter(|row| row.mean.is_finite()) {
        text += &format!(", {} s after the trouble began", plus_minus(row.mean, row.ci95, 1.0));
    }
    text + &format!(", {} of the time", Unit::Share.human(own.firing.mean))
}

/// A monitor in words.
pub(crate) fn words(monitor: &Monitor) -> String {
    let Monitor { watch, gauge, every, window, alarm, hold, .. } = monitor;
    let unit = match gauge {
        Gauge::Times { .. } => Unit::Seconds,
        Gauge::Rate(..) => Unit::PerSecond,
        Gauge::ErrorShare(_) => Unit::Share,
        Gauge::Level(..) => Unit::Count,
    };
    let what = match watch.find(['<', '>']) {
        Some(end) => watch[..end].trim_end(),
        None => watch,
    };
    let whose = match gauge {
        Gauge::Times { all: true, .. } => " of whatever ended",
        Gauge::Times { all: false, .. } => " of successes",
        Gauge::Rate(..) | Gauge::ErrorShare(_) | Gauge::Level(..) => "",
    };
    let bound = match alarm {
        Alarm::Above(bound) => format!("above {}", unit.human(*bound)),
        Alarm::Below(bound) => format!("below {}", unit.human(*bound)),
    };
    let hold = if hold.is_zero() { String::new() } else { format!(" for {hold}") };
    format!("{what}{whose} over {window}, read every {every}, {bound}{hold}")
}

/// What a monitor saw, for machines.
pub(super) fn json(own: &MonitorSummary<'_>) -> Json {
    Json::object([
        ("name", Json::text(&own.monitor.name)),
        ("watch", Json::text(&own.monitor.watch)),
        ("fired", document::counted(&own.fired)),
        ("firing", document::measure(&own.firing)),
        ("detected", own.detected.as_ref().map_or(Json::Null, document::measure)),
    ])
}
