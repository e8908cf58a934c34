//! `points.csv`: one row per point and variant.

use super::record::{Expected, Row, VariantRecord};
use super::results::SweepResults;
use crate::report::stored::series::field;
use std::fmt::Write;

/// The table: the settings, the digest, the id of the first run for `brownout replay`, every
/// measured value with the ends of its 95 % interval (`_lo`, `_hi`), and every expectation with its
/// value, interval and whether it held. Times are seconds, rates per second, shares 0…1; a field is
/// empty where there is no value.
pub fn points(results: &SweepResults) -> String {
    let columns = Columns::of(results);
    let mut out = columns.heading(results);
    for point in results.finished() {
        let settings = point.settings.iter().map(|(_, value)| field(value));
        let settings = settings.collect::<Vec<String>>().join(",");
        let head = format!("{},{settings}", point.point);
        if let Err(broken) = &point.outcome {
            let empty = ",".repeat(3 * columns.rows.len() + 4 * columns.expect.len());
            put(&mut out, &format!("{head},,,,{}{empty}\n", field(&broken.reason)));
        }
        for variant in point.variants() {
            let row = columns.row(variant);
            let name = field(&variant.name);
            let id = variant.ids.first().map_or_else(String::new, |id| field(id));
            put(&mut out, &format!("{head},{name},{},{id},{row}\n", variant.digest));
        }
    }
    out
}

/// The texts that head the columns, in order of first appearance.
pub(super) struct Columns {
    pub(super) rows: Vec<String>,
    pub(super) expect: Vec<String>,
}

impl Columns {
    pub(super) fn of(results: &SweepResults) -> Columns {
        let mut columns = Columns { rows: Vec::new(), expect: Vec::new() };
        let add = |texts: &mut Vec<String>, text: &str| {
            if !texts.iter().any(|own| own == text) {
                texts.push(text.to_owned());
            }
        };
        for variant in results.finished().flat_map(|point| point.variants()) {
            for row in variant.metrics.iter().chain(&variant.measure) {
                add(&mut columns.rows, &row.text);
            }
            for expected in &variant.expect {
                add(&mut columns.expect, &expected.row.text);
            }
        }
        columns
    }

    fn heading(&self, results: &SweepResults) -> String {
        let mut out = String::from("point");
        for axis in &results.sweep.axes {
            put(&mut out, &format!(",{}", field(&axis.path)));
        }
        put(&mut out, ",variant,digest,id,error");
        for text in &self.rows {
            let names = ["", "_lo", "_hi"].map(|end| field(&format!("{text}{end}")));
            put(&mut out, &format!(",{}", names.join(",")));
        }
        for text in &self.expect {
            let names = ["", "_lo", "_hi", "_held"].map(|end| field(&format!("{text}{end}")));
            put(&mut out, &format!(",{}", names.join(",")));
        }
        out.push('\n');
        out
    }

    fn row(&self, variant: &VariantRecord) -> String {
        let mut out = String::new();
        for text in &self.rows {
            let mut rows = variant.metrics.iter().chain(&variant.measure);
            put(&mut out, &format!(",{}", values(rows.find(|row| row.text == *text))));
        }
        for text in &self.expect {
            let found = variant.expect.iter().find(|expected| expected.row.text == *text);
            let held = match found {
                Some(Expected { held: Some(held), .. }) => held.to_string(),
                Some(Expected { held: None, .. }) => "undecided".to_owned(),
                None => String::new(),
            };
            let row = found.map(|expected| &expected.row);
            put(&mut out, &format!(",{},{held}", values(row)));
        }
        out
    }
}

/// Mean and ends of the interval.
fn values(row: Option<&Row>) -> String {
    let (mean, low, high) = match row {
        Some(row) => {
            let (low, high) = row.ci95.unwrap_or((f64::NAN, f64::NAN));
            (row.mean, low, high)
        }
        None => (f64::NAN, f64::NAN, f64::NAN),
    };
    let value = |value: f64| if value.is_nan() { String::new() } else { value.to_string() };
    [mean, low, high].map(value).join(",")
}

fn put(out: &mut String, text: &str) {
    out.write_str(text).expect("a string takes everything");
}
