//! Figures with invented numbers: a retry storm as five variants would live through it.

use crate::{Axis, Band, Figure, Panel, Series, Style};

/// The variants, in the order of their columns.
pub(crate) const VARIANTS: [&str; 5] = ["no retries", "naive", "backoff", "budget", "hedge"];

/// What a variant did in one second of the invented run.
pub(crate) struct Second {
    pub(crate) offered: f64,
    pub(crate) goodput: f64,
    pub(crate) attempts: f64,
    pub(crate) queue: f64,
}

/// Second `t` of variant `v`: slow from 60 to 70 s, a replica down from 130 to 135 s.
pub(crate) fn second(v: usize, t: u32) -> Second {
    let wobble =
        |salt: u32| f64::from((t * 7919 + salt * 104_729 + v as u32 * 31) % 97) / 48.5 - 1.0;
    let offered = 300.0 + 14.0 * f64::from((t * 7919) % 97) / 48.5 - 14.0;
    let drain = [12.0, f64::INFINITY, 40.0, 15.0, 18.0][v];
    let depth = [0.62, 0.97, 0.9, 0.68, 0.72][v];
    let since = f64::from(t) - 60.0;
    let hurt = if since < 0.0 {
        0.0
    } else if since < 10.0 {
        depth * (since / 3.0).min(1.0)
    } else if drain == f64::INFINITY {
        depth
    } else {
        depth * (1.0 - (since - 10.0) / drain).max(0.0)
    };
    let down = if (130..135).contains(&t) { 0.06 } else { 0.0 };
    let extra = [0.0, 3.0, 2.1, 0.1, 0.05][v];
    Second {
        offered,
        goodput: (offered * (1.0 - hurt - down) + 6.0 * wobble(1)).max(0.0),
        attempts: offered * (1.0 + extra * hurt + [0.0, 0.0, 0.0, 0.0, 0.05][v]) + 9.0 * wobble(2),
        queue: (600.0 * hurt + 12.0 + 10.0 * wobble(3)).clamp(0.0, 600.0),
    }
}

/// One value of variant `v` for each of 180 seconds.
pub(crate) fn history(v: usize, of: impl Fn(Second) -> f64) -> Vec<(f64, f64)> {
    (0..180).map(|t| (f64::from(t), of(second(v, t)))).collect()
}

/// The two fault windows.
pub(crate) fn faults() -> Vec<Band> {
    let band = |from, to, label: &str| Band { from, to, label: label.into() };
    vec![band(60.0, 70.0, "ledger ×4 slower"), band(130.0, 135.0, "cart replica 0 down")]
}

/// A column for each variant, a row for each metric.
pub(crate) fn by_column() -> Figure {
    let mut panels = Vec::new();
    for (v, variant) in VARIANTS.iter().enumerate() {
        let series = vec![
            Series::new("offered", Style::Dashed, 0, history(v, |s| s.offered)),
            Series::new("goodput", Style::Line, 1, history(v, |s| s.goodput)),
        ];
        panels.push(Panel::new(variant, Axis::linear("requests", "/s"), series));
    }
    for v in 0..VARIANTS.len() {
        let series = vec![Series::new("attempts", Style::Line, 2, history(v, |s| s.attempts))];
        panels.push(Panel::new("", Axis::linear("ledger attempts", "/s"), series));
    }
    for v in 0..VARIANTS.len() {
        let series = vec![Series::new("ledger queue", Style::Line, 4, history(v, |s| s.queue))];
        panels.push(Panel::new("", Axis::linear("ledger queue", ""), series));
    }
    Figure { columns: VARIANTS.len(), panels, ..head() }
}

/// A row for each metric, a line for each variant.
pub(crate) fn by_row() -> Figure {
    let row = |label: &str, unit: &str, of: fn(Second) -> f64| {
        let line = |v: usize| Series::new(VARIANTS[v], Style::Line, v + 1, history(v, of));
        Panel::new("", Axis::linear(label, unit), (0..VARIANTS.len()).map(line).collect())
    };
    let mut goodput = row("goodput", "/s", |s| s.goodput);
    goodput.series.insert(0, Series::new("offered", Style::Dashed, 0, history(0, |s| s.offered)));
    let panels = vec![
        goodput,
        row("ledger attempts", "/s", |s| s.attempts),
        row("ledger queue", "", |s| s.queue),
    ];
    Figure { columns: 1, panels, ..head() }
}

/// Latency distributions on a logarithmic axis.
pub(crate) fn cdf() -> Figure {
    let curve = |median: f64, has_tail: bool| {
        let latency = |share: f64| {
            let odds = share / (1.0 - share);
            median * if has_tail { odds } else { odds.sqrt() }
        };
        (1..400).map(|i| f64::from(i) / 400.0).map(|share| (latency(share), share)).collect()
    };
    let lines = VARIANTS.iter().enumerate().map(|(v, name)| {
        let points = curve(40.0 + 25.0 * v as f64, v == 1);
        Series::new(name, Style::Step, v + 1, points)
    });
    let y = Axis::linear("share of requests", "").over(0.0, 1.0);
    Figure {
        title: "Latency at checkout".into(),
        how_to_read: "How to read this: each curve is the share of requests answered within the \
                      latency on the x axis; further left is better."
            .into(),
        columns: 1,
        x: Axis::log("latency", "ms"),
        bands: vec![],
        panels: vec![Panel::new("", y, lines.collect())],
    }
}

fn head() -> Figure {
    Figure {
        title: "retry-storm: ten slow seconds in the ledger, and five ways to call it".into(),
        how_to_read: "How to read this: shaded windows are faults. Goodput should return to the \
                      dashed offered load once a window is over; attempts above it are extra work."
            .into(),
        columns: 1,
        x: Axis::linear("time", "s").over(0.0, 180.0),
        bands: faults(),
        panels: vec![],
    }
}
