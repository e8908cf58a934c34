//! The moments that a reader can go to, and what the script has to know about each.

use crate::report::chart::cascade::{IN_STRIP, Levels};
use crate::report::json::Json;
use crate::report::number::four_digits;
use crate::report::stored::Stored;
use brownout_plots::{Figure, Page, Series, Style};

/// The most moments: a slider has hardly more pixels.
const MOST: usize = 600;

/// The moments that a reader can go to: every bin of the series, or several together.
#[derive(Debug)]
pub(super) struct Moments {
    /// Bins in a series.
    bins: usize,
    /// Bins in a moment.
    together: usize,
    /// Seconds in a bin.
    bin: f64,
}

impl Moments {
    pub(super) fn of(stored: &Stored) -> Moments {
        let drawing = &stored.drawing;
        let bins = match drawing.bin > 0.0 {
            // A hair less: the quotient of two decimals may end just above a whole number.
            true => (drawing.end() / drawing.bin - 1e-6).ceil().clamp(1.0, 1e5) as usize,
            false => 1,
        };
        Moments { bins, together: bins.div_ceil(MOST), bin: drawing.bin }
    }

    pub(super) fn count(&self) -> usize {
        self.bins.div_ceil(self.together)
    }

    /// When a moment begins, in seconds.
    pub(super) fn start(&self, moment: usize) -> f64 {
        (moment * self.together) as f64 * self.bin
    }

    /// The moment that a time, in seconds, falls into.
    pub(super) fn at(&self, time: f64) -> usize {
        let moment = time / (self.bin * self.together as f64) + 1e-6;
        (moment.max(0.0) as usize).min(self.count() - 1)
    }

    /// A series, moment by moment.
    pub(super) fn means(&self, values: &[f64]) -> Vec<f64> {
        let mean = |part: &[f64]| part.iter().sum::<f64>() / part.len() as f64;
        values.chunks(self.together).map(mean).collect()
    }

    /// Where the panels of a figure are, and what their lines say at each moment.
    pub(super) fn figure(&self, id: &str, figure: &Figure, page: &Page) -> String {
        let area = |area: &brownout_plots::Area| {
            Json::numbers(&[area.left, area.top, area.right, area.bottom])
        };
        let panels = figure.panels.iter().map(|panel| {
            let is_read = |series: &&Series| {
                series.points.len() == self.bins && !IN_STRIP.contains(&&*series.name)
            };
            let lines = panel.series.iter().filter(is_read);
            let line = |series: &Series| {
                let values = rounded(&self.means(&heights(series)));
                Json::List(vec![Json::text(&series.name), Json::numbers(&values)])
            };
            Json::List(lines.map(line).collect())
        });
        let json = Json::object([
            ("id", Json::text(id)),
            ("width", Json::Number(page.width)),
            ("x", Json::numbers(&[page.x.0, page.x.1])),
            ("areas", Json::List(page.areas.iter().map(area).collect())),
            ("panels", Json::List(panels.collect())),
        ]);
        json.document()
    }
}

/// What a series says at each of its points; a part of a whole, how much of it there is.
fn heights(series: &Series) -> Vec<f64> {
    match (&series.envelope, series.style) {
        (Some(parts), Style::Area | Style::Full) => {
            parts.iter().map(|(_, from, to)| to - from).collect()
        }
        _ => series.points.iter().map(|point| point.1).collect(),
    }
}

/// Four significant digits.
fn rounded(values: &[f64]) -> Vec<f64> {
    let round = |value: &f64| match value.is_finite() {
        true => four_digits(*value).parse().unwrap_or(*value),
        false => f64::NAN,
    };
    values.iter().map(round).collect()
}

/// Everything that the script has to know, as JSON that is safe inside a script element.
pub(super) fn data(stored: &Stored, moments: &Moments, figures: &[String]) -> String {
    let starts: Vec<f64> = (0..moments.count()).map(|moment| moments.start(moment)).collect();
    let systems = stored.drawing.systems.iter().map(|system| {
        let services = system.services.iter().map(|service| {
            let levels = Levels::of(stored, system, service);
            let numbers = |values: &[f64]| Json::numbers(&rounded(&moments.means(values)));
            let seen = |values: &[f64]| match service.has_breaker {
                true => numbers(values),
                false => Json::Null,
            };
            Json::object([
                ("busy", numbers(&levels.utilisation)),
                ("waiting", numbers(&levels.waiting)),
                ("queue", numbers(&levels.queue)),
                ("open", seen(&levels.open)),
                ("half", seen(&levels.half_open)),
            ])
        });
        Json::List(services.collect())
    });
    let all = Json::object([
        ("starts", Json::numbers(&rounded(&starts))),
        ("systems", Json::List(systems.collect())),
    ]);
    let all = all.document();
    let all = all.trim_end().strip_suffix('}').expect("an object ends with a brace");
    // No text inside can end the element that holds it.
    format!("{all}, \"figures\": [{}]}}", figures.join(",")).replace('<', "\\u003c")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_falls_into_the_moment_that_begins_with_it_or_before() {
        let moments = Moments { bins: 1_300, together: 3, bin: 0.1 };
        assert_eq!(moments.count(), 434);
        for moment in [0, 1, 17, 433] {
            assert_eq!(moments.at(moments.start(moment)), moment);
        }
        assert_eq!(moments.at(1e9), 433);
        assert_eq!(moments.means(&[1.0, 2.0, 3.0, 4.0]), [2.0, 4.0]);
    }
}
