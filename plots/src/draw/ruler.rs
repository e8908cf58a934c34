//! A ruler: an axis with its ends fixed, placing values and choosing round ticks.

use brownout_core::math;

use super::DrawError;
use crate::figure::{Axis, Scale};

/// Values are drawn within ± this, so that a difference of two of them is still finite.
const LIMIT: f64 = 1e300;

/// Tick distances on a linear axis in seconds, where 60 is rounder than 50.
const SECONDS: [f64; 9] = [1.0, 2.0, 5.0, 10.0, 15.0, 30.0, 60.0, 120.0, 300.0];

/// An axis with its ends fixed.
#[derive(Debug, Clone)]
pub(crate) struct Ruler {
    scale: Scale,
    in_seconds: bool,
    low: f64,
    high: f64,
    names: Vec<(f64, String)>,
}

/// A mark on a ruler.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Tick {
    /// From the low end (0) to the high end (1).
    pub(crate) share: f64,
    pub(crate) label: String,
}

/// Where a ruler over data ends.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Ends {
    /// At the first and last value: for x.
    Tight,
    /// With room above, and zero shown when linear: for y.
    Roomy,
}

impl Ruler {
    /// A ruler for `axis` over its own range, or else over `values`.
    pub(crate) fn over(
        axis: &Axis,
        values: impl Iterator<Item = f64>,
        ends: Ends,
    ) -> Result<Ruler, DrawError> {
        let (low, high) = match axis.range {
            Some((from, to)) => checked(axis, from, to)?,
            None => match axis.scale {
                Scale::Linear => linear_ends(span(values.filter_map(finite)), ends),
                Scale::Log => log_ends(span(values.filter_map(positive)), ends),
            },
        };
        let names = axis.names.clone();
        Ok(Ruler { scale: axis.scale, in_seconds: axis.unit == "s", low, high, names })
    }

    /// Where `value` stands, 0 at the low end and 1 at the high end; none for a gap.
    pub(crate) fn share(&self, value: f64) -> Option<f64> {
        let value = match self.scale {
            Scale::Linear => finite(value)?,
            Scale::Log => positive(value)?,
        };
        // Far outside is outside: it keeps pixel arithmetic in range.
        Some(self.at(value).clamp(-1e4, 1e4))
    }

    fn at(&self, value: f64) -> f64 {
        let between = |value: f64, low: f64, high: f64| (value - low) / (high - low);
        match self.scale {
            Scale::Linear => between(value, self.low, self.high),
            Scale::Log => {
                between(math::log10(value), math::log10(self.low), math::log10(self.high))
            }
        }
    }

    /// What stands at the low and at the high end.
    pub(crate) fn ends(&self) -> (f64, f64) {
        (self.low, self.high)
    }

    /// Round ticks, or the names of the axis, about `most` of them at most.
    pub(crate) fn ticks(&self, most: usize) -> Vec<Tick> {
        if !self.names.is_empty() {
            let named = self.names.iter();
            let tick = |(value, label): &(f64, String)| Tick {
                share: self.at(*value),
                label: label.clone(),
            };
            return named.map(tick).collect();
        }
        let most = most.max(1);
        let marks = match self.scale {
            Scale::Linear => self.linear_marks(most),
            Scale::Log => self.log_marks(most),
        };
        let tick = |(value, step)| Tick { share: self.at(value), label: number(value, step) };
        marks.into_iter().map(tick).collect()
    }

    /// Values and the distance that decides their decimals.
    fn linear_marks(&self, most: usize) -> Vec<(f64, f64)> {
        let rough = (self.high - self.low) / most as f64;
        let step = match SECONDS.iter().find(|&&step| step >= rough) {
            Some(&step) if self.in_seconds && rough > 0.5 => step,
            _ => round_up(rough),
        };
        let (first, last) = ((self.low / step).ceil(), (self.high / step).floor());
        let count = (last - first).clamp(0.0, most as f64 + 1.0) as u32;
        (0..=count).map(|i| ((first + f64::from(i)) * step, step)).collect()
    }

    fn log_marks(&self, most: usize) -> Vec<(f64, f64)> {
        let (low, high) = (math::log10(self.low), math::log10(self.high));
        // A hair of slack: the logarithm of a power of ten need not be whole.
        let (first, last) = ((low - 1e-9).ceil() as i32, (high + 1e-9).floor() as i32);
        let stride = (last - first).max(0) / most as i32 + 1;
        let within = |value: &f64| (self.low * 0.999..=self.high * 1.001).contains(value);
        let per_decade: &[f64] = match last - first {
            ..=0 => &[1.0, 2.0, 3.0, 5.0, 7.0],
            1 | 2 if most >= 6 => &[1.0, 2.0, 5.0],
            _ => &[1.0],
        };
        let decades = (first - 1..=last).filter(|decade| (decade - first).rem_euclid(stride) == 0);
        let marks: Vec<(f64, f64)> = decades
            .map(|decade| math::pow(10.0, f64::from(decade)))
            .flat_map(|decade| per_decade.iter().map(move |m| (m * decade, decade)))
            .filter(|(value, _)| within(value))
            .collect();
        // Within a fraction of a decade, round differences serve better.
        if last <= first && marks.len() < 2 { self.linear_marks(most) } else { marks }
    }
}

fn checked(axis: &Axis, from: f64, to: f64) -> Result<(f64, f64), DrawError> {
    let place = match axis.scale {
        Scale::Linear => finite,
        Scale::Log => positive,
    };
    match (place(from), place(to)) {
        (Some(low), Some(high)) if low < high && high - low > 1e-12 * high.abs() => Ok((low, high)),
        _ => Err(DrawError::Range { axis: axis.caption(), from, to }),
    }
}

fn finite(value: f64) -> Option<f64> {
    value.is_finite().then(|| value.clamp(-LIMIT, LIMIT))
}

fn positive(value: f64) -> Option<f64> {
    (value.is_finite() && value > 0.0).then(|| value.clamp(1.0 / LIMIT, LIMIT))
}

fn span(values: impl Iterator<Item = f64>) -> Option<(f64, f64)> {
    values.fold(None, |ends, value| match ends {
        None => Some((value, value)),
        Some((low, high)) => Some((f64::min(low, value), f64::max(high, value))),
    })
}

fn linear_ends(data: Option<(f64, f64)>, ends: Ends) -> (f64, f64) {
    let Some((low, high)) = data else { return (0.0, 1.0) };
    let (low, high) = match ends {
        Ends::Tight => (low, high),
        Ends::Roomy => (low.min(0.0), high.max(0.0)),
    };
    let size = low.abs().max(high.abs());
    if size < 1.0 / LIMIT {
        return (0.0, 1.0);
    }
    let room = match ends {
        Ends::Tight if high - low > 1e-9 * size => 0.0,
        Ends::Tight => 0.05 * size,
        Ends::Roomy => 0.06 * (high - low),
    };
    match ends {
        Ends::Tight => (low - room, high + room),
        Ends::Roomy if low < 0.0 && high > 0.0 => (low - room, high + room),
        Ends::Roomy if low < 0.0 => (low - room, 0.0),
        Ends::Roomy => (0.0, high + room),
    }
}

fn log_ends(data: Option<(f64, f64)>, ends: Ends) -> (f64, f64) {
    let Some((low, high)) = data else { return (1.0, 10.0) };
    let room = match ends {
        Ends::Tight if high / low > 1.0 + 1e-9 => 1.0,
        Ends::Tight => 2.0,
        Ends::Roomy => 1.25,
    };
    (low / room, high * room)
}

/// The least of 1, 2, 5 times a power of ten that is not below `rough` > 0.
fn round_up(rough: f64) -> f64 {
    let decade = math::pow(10.0, math::log10(rough).floor());
    let step = [1.0, 2.0, 5.0].into_iter().map(|m| m * decade).find(|step| *step >= rough);
    step.unwrap_or(10.0 * decade)
}

/// `value` with an SI-like suffix and as many decimals as ticks `step` apart need.
fn number(value: f64, step: f64) -> String {
    let size = value.abs();
    if size < step.abs() * 1e-6 {
        return "0".into();
    }
    if !(1e-4..1e15).contains(&size) {
        return power(value);
    }
    let suffixes = [(1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k")];
    let suffix = suffixes.into_iter().find(|(unit, _)| size >= unit * (1.0 - 1e-9));
    let (unit, suffix) = suffix.unwrap_or((1.0, ""));
    // One more than the step's own digit, for steps such as 250; trailing zeros go.
    let decimals = (1.0 - math::log10(step / unit).floor()).clamp(0.0, 12.0) as usize;
    let digits = format!("{:.decimals$}", value / unit);
    let digits = match digits.contains('.') {
        true => digits.trim_end_matches('0').trim_end_matches('.'),
        false => &digits,
    };
    format!("{}{suffix}", digits.replace('-', "−"))
}

/// `value` as a mantissa and a power of ten: `2e-7`.
fn power(value: f64) -> String {
    let text = format!("{value:.2e}");
    let Some((mantissa, exponent)) = text.split_once('e') else { return text };
    let mantissa = mantissa.trim_end_matches('0').trim_end_matches('.');
    format!("{mantissa}e{exponent}").replace('-', "−")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(axis: Axis, most: usize) -> Vec<String> {
        let ruler = Ruler::over(&axis, std::iter::empty(), Ends::Tight).expect("a valid range");
        ruler.ticks(most).into_iter().map(|tick| tick.label).collect()
    }

    #[test]
    fn ticks_stand_at_round_numbers_with_si_suffixes() {
        let rate = |to| labels(Axis::linear("rate", "/s").over(0.0, to), 5);
        assert_eq!(rate(320.0), ["0", "100", "200", "300"]);
        assert_eq!(rate(1_250.0), ["0", "500", "1k"]);
        assert_eq!(rate(7e6), ["0", "2M", "4M", "6M"]);
        assert_eq!(rate(0.35), ["0", "0.1", "0.2", "0.3"]);
        assert_eq!(rate(4e-7), ["0", "1e−7", "2e−7", "3e−7", "4e−7"]);
        assert_eq!(
            labels(Axis::linear("gain", "").over(-1.0, 1.0), 4),
            ["−1", "−0.5", "0", "0.5", "1"]
        );
    }

    #[test]
    fn an_axis_in_seconds_counts_in_minutes() {
        let time = |to, most| labels(Axis::linear("time", "s").over(0.0, to), most);
        assert_eq!(time(180.0, 6), ["0", "30", "60", "90", "120", "150", "180"]);
        assert_eq!(time(180.0, 3), ["0", "60", "120", "180"]);
        assert_eq!(time(0.4, 4), ["0", "0.1", "0.2", "0.3", "0.4"]);
    }

    #[test]
    fn a_logarithmic_axis_has_ticks_at_powers_of_ten() {
        let latency = |from, to| labels(Axis::log("latency", "ms").over(from, to), 6);
        assert_eq!(latency(1.0, 10_000.0), ["1", "10", "100", "1k", "10k"]);
        assert_eq!(latency(1.0, 10.0), ["1", "2", "5", "10"]);
        assert_eq!(latency(1e-12, 1e12), ["1e−12", "1e−7", "0.01", "1k", "100M"]);
        assert!(latency(3.1, 3.9).len() >= 2);
    }

    #[test]
    fn a_range_that_is_no_range_is_an_error_that_names_the_axis() {
        let axis = Axis::log("latency", "ms").over(0.0, 5.0);
        let found = Ruler::over(&axis, std::iter::empty(), Ends::Tight);
        let expected = DrawError::Range { axis: "latency (ms)".into(), from: 0.0, to: 5.0 };
        assert_eq!(found.err(), Some(expected));
    }
}
