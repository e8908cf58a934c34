//! `series.csv`: what happened when, one row per variant, target and bin; written and read back.
//!
//! Every quantity has three columns: its mean over replications, its least and its most (`_lo`,
//! `_hi`). Times are seconds, at the start of the bin. What no variant has (breakers, replicas that
//! come and go) has no columns.

use super::Broken;
use crate::report::Summary;
use crate::runner::history::{Quantity, Spread};
use crate::runner::pictures::is_watched_closely;
use std::fmt::Write;

/// The name of the file.
pub const FILE: &str = "series.csv";

/// The table.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct SeriesTable {
    /// The quantities that have columns, in order.
    quantities: Vec<Quantity>,
    rows: Vec<Track>,
}

/// The rows of one target on one variant.
#[derive(Debug, Clone, PartialEq)]
struct Track {
    variant: String,
    target: String,
    times: Vec<f64>,
    /// By time, then by quantity.
    values: Vec<Spread>,
}

impl SeriesTable {
    /// The table of a summary.
    pub fn of(summary: &Summary<'_>) -> SeriesTable {
        let quantities = quantities(summary);
        let mut rows = Vec::new();
        for variant in &summary.variants {
            let graph = &summary.experiment.variants[variant.place].graph;
            let history = &variant.results.history;
            for target in history.targets() {
                let columns: Vec<_> =
                    quantities.iter().map(|one| history.of(target, *one)).collect();
                let times: Vec<f64> = columns[0].iter().map(|(at, _)| at.as_secs()).collect();
                let bins = 0..times.len();
                let values = bins.flat_map(|bin| columns.iter().map(move |column| column[bin].1));
                rows.push(Track {
                    variant: variant.name.to_owned(),
                    target: target.name(graph),
                    values: values.collect(),
                    times,
                });
            }
        }
        SeriesTable { quantities, rows }
    }

    /// A quantity over time: (seconds, spread); empty for what was not kept.
    pub fn get(&self, variant: &str, target: &str, quantity: Quantity) -> Vec<(f64, Spread)> {
        let track = self.rows.iter().find(|row| row.variant == variant && row.target == target);
        let column = self.quantities.iter().position(|own| *own == quantity);
        let (Some(track), Some(column)) = (track, column) else { return Vec::new() };
        let values = track.values.iter().skip(column).step_by(self.quantities.len());
        track.times.iter().copied().zip(values.copied()).collect()
    }

    /// Its means over time.
    pub fn means(&self, variant: &str, target: &str, quantity: Quantity) -> Vec<(f64, f64)> {
        let series = self.get(variant, target, quantity);
        series.into_iter().map(|(at, spread)| (at, spread.mean)).collect()
    }

    /// Its means, by the quantity's name; empty for what was not kept.
    pub fn values(&self, variant: &str, target: &str, quantity: &str) -> Vec<f64> {
        let found = self.quantities.iter().find(|own| own.name() == quantity);
        let means = found.map_or_else(Vec::new, |own| self.means(variant, target, *own));
        means.into_iter().map(|(_, mean)| mean).collect()
    }

    /// The table as text.
    pub fn text(&self) -> String {
        let mut out = String::from("variant,target,time");
        for quantity in &self.quantities {
            let name = quantity.name();
            write!(out, ",{name},{name}_lo,{name}_hi").expect("a string takes everything");
        }
        out.push('\n');
        for track in &self.rows {
            let head = format!("{},{}", field(&track.variant), field(&track.target));
            for (time, values) in track.times.iter().zip(track.values.chunks(self.quantities.len()))
            {
                write!(out, "{head},{time}").expect("a string takes everything");
                for Spread { mean, least, most } in values {
                    write!(out, ",{mean},{least},{most}").expect("a string takes everything");
                }
                out.push('\n');
            }
        }
        out
    }

    /// The table from its text.
    ///
    /// # Errors
    /// When the text is not one that [`SeriesTable::text`] makes.
    pub fn read(text: &str) -> Result<SeriesTable, Broken> {
        let mut records = Records { text, line: 1 };
        let head = records.next().ok_or_else(|| broken(1, "it is empty"))??;
        let quantities = heading(&head)?;
        let mut rows: Vec<Track> = Vec::new();
        while let Some(record) = records.next() {
            let (record, line) = (record?, records.line - 1);
            if record.len() != head.len() {
                let (found, wanted) = (record.len(), head.len());
                return Err(broken(line, &format!("it has {found} fields, not {wanted}")));
            }
            let number = |text: &String| {
                text.parse::<f64>().map_err(|_| broken(line, &format!("\"{text}\" is no number")))
            };
            let numbers = record[2..].iter().map(number).collect::<Result<Vec<f64>, Broken>>()?;
            let is_same = |track: &Track| track.variant == record[0] && track.target == record[1];
            if !rows.last().is_some_and(is_same) {
                let (variant, target) = (record[0].clone(), record[1].clone());
                rows.push(Track { variant, target, times: Vec::new(), values: Vec::new() });
            }
            let track = rows.last_mut().expect("it was pushed");
            track.times.push(numbers[0]);
            let spread = |three: &[f64]| Spread { mean: three[0], least: three[1], most: three[2] };
            track.values.extend(numbers[1..].chunks_exact(3).map(spread));
        }
        Ok(SeriesTable { quantities, rows })
    }
}

/// The quantities that some variant has.
fn quantities(summary: &Summary<'_>) -> Vec<Quantity> {
    let variants = &summary.experiment.variants;
    let mut services = variants.iter().flat_map(|variant| &variant.graph.services);
    let comes_and_goes = services.any(|service| service.fleet.comes_and_goes());
    let is_watched = is_watched_closely(summary.experiment);
    let is_kept = |quantity: &Quantity| match quantity {
        Quantity::Replicas => comes_and_goes,
        Quantity::Retrying | Quantity::Open | Quantity::HalfOpen => is_watched,
        Quantity::Offered
        | Quantity::Goodput
        | Quantity::Errors
        | Quantity::Attempts
        | Quantity::Queue
        | Quantity::InSystem
        | Quantity::Busy => true,
    };
    Quantity::EVERY.into_iter().filter(is_kept).collect()
}

/// The quantities that a heading names.
fn heading(head: &[String]) -> Result<Vec<Quantity>, Broken> {
    let wrong = || broken(1, "its heading is not that of a table of series");
    let [variant, target, time, rest @ ..] = head else { return Err(wrong()) };
    if (variant.as_str(), target.as_str(), time.as_str()) != ("variant", "target", "time") {
        return Err(wrong());
    }
    let quantity = |names: &[String]| {
        let found = Quantity::EVERY.into_iter().find(|own| own.name() == names[0]);
        let is_whole = names.len() == 3
            && names[1] == format!("{}_lo", names[0])
            && names[2] == format!("{}_hi", names[0]);
        found.filter(|_| is_whole).ok_or_else(wrong)
    };
    rest.chunks(3).map(quantity).collect()
}

/// A field, in quotes if it needs them (RFC 4180).
pub(crate) fn field(text: &str) -> String {
    match text.contains([',', '"', '\n', '\r']) {
        true => format!("\"{}\"", text.replace('"', "\"\"")),
        false => text.to_owned(),
    }
}

/// Record after record of a table; fields in quotes may hold line feeds.
struct Records<'t> {
    text: &'t str,
    line: usize,
}

impl Iterator for Records<'_> {
    type Item = Result<Vec<String>, Broken>;

    fn next(&mut self) -> Option<Result<Vec<String>, Broken>> {
        if self.text.is_empty() {
            return None;
        }
        let begun = self.line;
        let mut fields = Vec::new();
        loop {
            let field = match self.text.strip_prefix('"') {
                Some(_) => self.quoted(begun),
                None => Ok(self.plain()),
            };
            match field {
                Ok(field) => fields.push(field),
                Err(broken) => return Some(Err(broken)),
            }
            let mut rest = self.text.chars();
            match rest.next() {
                Some(',') => self.text = rest.as_str(),
                Some('\n') | None => {
                    self.text = rest.as_str();
                    self.line += 1;
                    return Some(Ok(fields));
                }
                Some(_) => return Some(Err(broken(begun, "text follows a closing quote"))),
            }
        }
    }
}

impl Records<'_> {
    fn plain(&mut self) -> String {
        let end = self.text.find([',', '\n']).unwrap_or(self.text.len());
        let (field, rest) = self.text.split_at(end);
        self.text = rest;
        field.to_owned()
    }

    fn quoted(&mut self, begun: usize) -> Result<String, Broken> {
        let mut field = String::new();
        self.text = &self.text[1..];
        loop {
            let Some((part, rest)) = self.text.split_once('"') else {
                return Err(broken(begun, "a quote is not closed"));
            };
            field.push_str(part);
            self.line += part.matches('\n').count();
            self.text = rest;
            match rest.strip_prefix('"') {
                Some(rest) => {
                    field.push('"');
                    self.text = rest;
                }
                None => return Ok(field),
            }
        }
    }
}

fn broken(line: usize, what: &str) -> Broken {
    Broken { file: FILE.to_owned(), what: format!("line {line}: {what}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> SeriesTable {
        let quantities = vec![Quantity::Offered, Quantity::Open];
        let spread = |mean: f64| Spread { mean, least: mean / 3.0, most: f64::INFINITY };
        let track = |variant: &str, target: &str| Track {
            variant: variant.to_owned(),
            target: target.to_owned(),
            times: vec![0.0, 0.1],
            values: [0.1 + 0.2, -0.0, 1e-300, 4.0].map(spread).to_vec(),
        };
        let rows = vec![track("a, \"b\"\nc", "api"), track("naive", "<script>")];
        SeriesTable { quantities, rows }
    }

    #[test]
    fn what_was_written_is_read_back_bit_for_bit() {
        let table = table();
        assert_eq!(SeriesTable::read(&table.text()), Ok(table.clone()));
        assert_eq!(table.means("naive", "<script>", Quantity::Open), [(0.0, -0.0), (0.1, 4.0)]);
        assert_eq!(table.means("naive", "<script>", Quantity::Queue), []);
    }

    #[test]
    fn a_broken_table_is_refused_with_its_line() {
        let text = table().text();
        for (from, to) in [
            ("variant", "x"),
            ("offered_lo", "offered_low"),
            ("open_hi", "open"),
            ("naive,<script>,0,", "naive,<script>,"),
            ("naive,<script>,0,", "naive,<script>,zero,"),
            ("\"a, ", "\"\"a, "),
        ] {
            let found = SeriesTable::read(&text.replacen(from, to, 1));
            assert!(found.is_err(), "{from} → {to}");
        }
        assert!(SeriesTable::read("").is_err());
        let found = SeriesTable::read(&text.replacen("naive,<script>,0,", "naive,<script>,", 1));
        let said = found.expect_err("a field is missing").to_string();
        assert_eq!(said, "series.csv: line 6: it has 8 fields, not 9");
    }
}
