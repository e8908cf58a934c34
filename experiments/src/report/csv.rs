//! `series.csv`: what happened when, one row per variant, service and bin.

use super::Summary;
use crate::runner::history::Quantity;
use std::fmt::Write;

/// The table: every quantity as its mean over replications, its least and its most (`_lo`, `_hi`).
/// Times are seconds, at the start of the bin.
pub fn series(summary: &Summary<'_>) -> String {
    let mut out = String::from("variant,target,time");
    for quantity in Quantity::EVERY {
        let name = quantity.name();
        write!(out, ",{name},{name}_lo,{name}_hi").expect("a string takes everything");
    }
    out.push('\n');
    for variant in &summary.variants {
        let graph = &summary.experiment.variants[variant.place].graph;
        let history = &variant.results.history;
        for target in history.targets() {
            let columns = Quantity::EVERY.map(|quantity| history.of(target, quantity));
            let head = format!("{},{}", field(variant.name), field(&target.name(graph)));
            for row in 0..columns[0].len() {
                write!(out, "{head},{}", columns[0][row].0.as_secs()).expect("it takes everything");
                for column in &columns {
                    let spread = column[row].1;
                    write!(out, ",{},{},{}", spread.mean, spread.least, spread.most)
                        .expect("a string takes everything");
                }
                out.push('\n');
            }
        }
    }
    out
}

/// A field, in quotes if it needs them (RFC 4180).
fn field(text: &str) -> String {
    match text.contains([',', '"', '\n', '\r']) {
        true => format!("\"{}\"", text.replace('"', "\"\"")),
        false => text.to_owned(),
    }
}
