//! Measured times: a list in the file, or a file of numbers, one a line or a column of a table.

use super::fields::{Names, Variant};
use super::problem::{Cx, Place, Problem, did_you_mean, short};
use super::reading::Reading;
use super::values;
use brownout_core::dist::Dist;
use brownout_policies::units;

/// More values than this are refused: a sample of a million says all there is to say.
const VALUES_MAX: usize = 1_000_000;

/// `Empirical(file: "latency.txt", unit: "ms", column: "p")` or `Empirical(values: ["1ms", …])`.
pub(crate) fn empirical(variant: &Variant<'_>, reading: &mut Reading<'_>) -> Option<Dist> {
    const NAMES: Names = Names::new("Empirical", &["file", "column", "unit", "values"]);
    let fields = variant.fields(NAMES, &["values"], reading.cx)?;
    match (fields.get("file"), fields.get("values")) {
        (Some(file), None) => {
            let path = values::reference(file, reading.cx)?;
            let unit = fields.with("unit", reading.cx, values::text).map(str::to_owned);
            let column = fields.with("column", reading.cx, values::reference);
            let (source, text) = reading.file(&path.text, path.place)?;
            let place = column.as_ref().map_or(path.place, |column| column.place);
            let table = Table { source, text: &text, unit: unit.as_deref(), place };
            table.read(column.as_ref().map(|column| column.text.as_str()), reading.cx)
        }
        (None, Some(list)) => {
            let items = values::list(list, "times", reading.cx)?;
            let times: Vec<f64> =
                items.iter().filter_map(|item| values::nanos(item, reading.cx)).collect();
            (times.len() == items.len()).then(|| Dist::empirical(times))
        }
        _ => {
            reading.cx.push(
                Problem::error(variant.whole, "Empirical needs either a file or values")
                    .label("write (file: \"latency.txt\", unit: \"ms\") or (values: [\"1ms\", …])"),
            );
            None
        }
    }
}

struct Table<'t> {
    source: u32,
    text: &'t str,
    unit: Option<&'t str>,
    place: Place,
}

impl Table<'_> {
    fn read(&self, column: Option<&str>, cx: &mut Cx) -> Option<Dist> {
        let mut lines = self.lines();
        let at = match column {
            None => 0,
            Some(column) => self.column(lines.next()?.1, column, cx)?,
        };
        let mut times = Vec::new();
        for (start, line) in lines {
            if times.len() == VALUES_MAX {
                cx.push(Problem::error(self.place, format!("more than {VALUES_MAX} values")));
                return None;
            }
            let cell = line.split(',').nth(at).unwrap_or_default().trim();
            match self.time(cell) {
                Some(time) => times.push(time),
                None => {
                    let end = start + line.len();
                    let place = Place { source: self.source, start: start as u32, end: end as u32 };
                    cx.push(self.not_a_time(cell, place));
                    return None;
                }
            }
        }
        if times.is_empty() {
            cx.push(Problem::error(self.place, "the file holds no numbers"));
            return None;
        }
        Some(Dist::empirical(times))
    }

    /// Lines that are neither empty nor comments, with the byte at which each starts.
    fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        let base = self.text.as_ptr() as usize;
        let lines = self.text.lines().map(move |line| (line.as_ptr() as usize - base, line));
        lines.filter(|(_, line)| !line.trim().is_empty() && !line.starts_with('#'))
    }

    fn column(&self, header: &str, column: &str, cx: &mut Cx) -> Option<usize> {
        let names: Vec<&str> =
            header.split(',').map(|name| name.trim().trim_matches('"')).collect();
        let found = names.iter().position(|name| *name == column);
        if found.is_none() {
            let message = format!("the file has no column `{}`", short(column));
            let hint = did_you_mean(column, names.iter().copied());
            cx.push(Problem::error(self.place, message).maybe_help(hint));
        }
        found
    }

    fn time(&self, cell: &str) -> Option<f64> {
        match self.unit {
            Some(unit) => units::nanos(&format!("{cell}{unit}")).ok(),
            None => units::nanos(cell).ok(),
        }
    }

    fn not_a_time(&self, cell: &str, place: Place) -> Problem {
        let problem = Problem::error(place, format!("\"{}\" is not a time", short(cell)));
        match self.unit {
            Some(unit) => problem.label(format!("expected a number of {}", short(unit))),
            None => problem
                .label("expected a number and a unit")
                .help("if the file holds bare numbers, say what they are: unit: \"ms\""),
        }
    }
}
