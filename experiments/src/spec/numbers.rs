//! Measured numbers: a list in the file, or a file of numbers, one a line or a column of a table.

use super::fields::{Fields, Names, Variant};
use super::named::Named;
use super::problem::{Cx, Place, Problem, did_you_mean, short};
use super::reading::Reading;
use super::values;
use brownout_core::dist::Dist;
use brownout_core::{Span, Time};
use brownout_policies::units;

/// More values than this are refused: a sample of a million says all there is to say.
const VALUES_MAX: usize = 1_000_000;
/// Of arrivals there may be more: each is one request.
const MOMENTS_MAX: usize = 10_000_000;
/// Lines that are told in full when they are wrong.
const TOLD: usize = 5;

/// `Empirical(file: "latency.txt", unit: "ms", column: "p")` or `Empirical(values: ["1ms", …])`.
pub(crate) fn empirical(variant: &Variant<'_>, reading: &mut Reading<'_>) -> Option<Dist> {
    const NAMES: Names = Names::new("Empirical", &["file", "column", "unit", "values"]);
    let fields = variant.fields(NAMES, &["values"], reading.cx)?;
    match (fields.get("file"), fields.get("values")) {
        (Some(_), None) => {
            let times = Table::read(&fields, TIMES, reading)?;
            Some(Dist::empirical(times.iter().map(|(time, _)| *time).collect::<Vec<f64>>()))
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

/// The moments of arrivals in a file, which do not go back.
pub(super) fn moments(fields: &Fields<'_>, reading: &mut Reading<'_>) -> Option<Vec<Time>> {
    fields.need("file", "\"arrivals.csv\"", reading.cx)?;
    let kind = Measured { most: MOMENTS_MAX, ..TIMES };
    let nanos = Table::read(fields, kind, reading)?;
    let moments: Vec<Time> =
        nanos.iter().map(|(nanos, _)| Time::ZERO + Span::round(*nanos)).collect();
    let back = moments.windows(2).position(|two| two[1] < two[0]);
    if let Some(at) = back {
        let message =
            format!("{} comes before {} in the line above it", moments[at + 1], moments[at]);
        reading.cx.push(
            Problem::error(nanos[at + 1].1, message)
                .label("expected the same moment or a later one")
                .help("sort the file by time; moments count from the start of the run"),
        );
        return None;
    }
    Some(moments)
}

/// The rates in a file, per second.
pub(super) fn rates(fields: &Fields<'_>, reading: &mut Reading<'_>) -> Option<Vec<f64>> {
    fields.need("file", "\"rates.csv\"", reading.cx)?;
    let rates = Table::read(fields, RATES, reading)?;
    Some(rates.into_iter().map(|(rate, _)| rate).collect())
}

/// What a column holds.
#[derive(Clone, Copy)]
struct Measured {
    noun: &'static str,
    /// Of several.
    plural: &'static str,
    unit: &'static str,
    parse: fn(&str) -> Option<f64>,
    most: usize,
}

const TIMES: Measured = Measured {
    noun: "time",
    plural: "times",
    unit: "ms",
    parse: |text| units::nanos(text).ok(),
    most: VALUES_MAX,
};

const RATES: Measured = Measured {
    noun: "rate",
    plural: "rates",
    unit: "/s",
    parse: |text| units::rate_per_s(text).ok().filter(|rate| *rate <= values::RATE_MAX_PER_S),
    most: VALUES_MAX,
};

/// A file of numbers.
struct Table<'t> {
    source: u32,
    text: &'t str,
    unit: Option<String>,
    /// Where the file is asked for.
    place: Place,
    measured: Measured,
}

impl Table<'_> {
    /// The numbers that `file`, `column` and `unit` ask for, with the lines they are on.
    fn read(
        fields: &Fields<'_>,
        measured: Measured,
        reading: &mut Reading<'_>,
    ) -> Option<Vec<(f64, Place)>> {
        let path = fields.with("file", reading.cx, values::reference)?;
        let unit = fields.with("unit", reading.cx, values::text).map(str::to_owned);
        let column = fields.with("column", reading.cx, values::reference);
        let (source, text) = reading.file(&path.text, path.place)?;
        let place = column.as_ref().map_or(path.place, |column| column.place);
        let table = Table { source, text: &text, unit, place, measured };
        table.values(column.as_ref(), reading.cx)
    }

    fn values(&self, column: Option<&Named>, cx: &mut Cx) -> Option<Vec<(f64, Place)>> {
        let mut lines = self.lines();
        let at = match column {
            None => 0,
            Some(column) => self.column(lines.next().unwrap_or_default().1, &column.text, cx)?,
        };
        let (mut values, mut wrong) = (Vec::new(), 0);
        for (start, line) in lines {
            if values.len() == self.measured.most {
                let message = format!("more than {} values", self.measured.most);
                cx.push(Problem::error(self.place, message));
                return None;
            }
            let end = start + line.len();
            let place = Place { source: self.source, start: start as u32, end: end as u32 };
            let cell = line.split(',').nth(at).unwrap_or_default().trim();
            match self.value(cell) {
                Some(value) => values.push((value, place)),
                None if wrong < TOLD => {
                    wrong += 1;
                    cx.push(self.not_one(cell, place, column.is_none() && values.is_empty()));
                }
                None => wrong += 1,
            }
        }
        if wrong > TOLD {
            let (more, plural) = (wrong - TOLD, self.measured.plural);
            let message = format!("{more} more of its lines are no {plural} either");
            cx.push(Problem::error(self.place, message));
        } else if wrong == 0 && values.is_empty() {
            cx.push(Problem::error(self.place, "the file holds no numbers"));
        }
        (wrong == 0 && !values.is_empty()).then_some(values)
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

    fn value(&self, cell: &str) -> Option<f64> {
        match &self.unit {
            Some(unit) => (self.measured.parse)(&format!("{cell}{unit}")),
            None => (self.measured.parse)(cell),
        }
    }

    /// What is wrong with a cell; `may_be_header` if it could be the name of a column.
    fn not_one(&self, cell: &str, place: Place, may_be_header: bool) -> Problem {
        let Measured { noun, plural, unit, .. } = self.measured;
        let problem = Problem::error(place, format!("\"{}\" is not a {noun}", short(cell)));
        let is_name = cell.starts_with(|first: char| first.is_alphabetic() || first == '"');
        let problem = match &self.unit {
            Some(unit) => problem.label(format!("expected a number of {}", short(unit))),
            None => problem.label("expected a number and a unit").help(format!(
                "if the file holds bare numbers, say what they are: unit: \"{unit}\""
            )),
        };
        match may_be_header && is_name {
            true => problem.help(format!(
                "if the first line names the columns, say which one holds the {plural}: column: \"…\""
            )),
            false => problem,
        }
    }
}
