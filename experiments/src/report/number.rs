//! Numbers for people: as many digits as the interval leaves meaning in.

/// Decimals beyond these are noise to a reader, however narrow the interval.
const DECIMALS_MAX: usize = 6;

/// A mean and half the width of its interval, both in `scale`ths: `297.3 ±0.4`. Without an
/// interval the mean stands alone, to four significant digits. At most four significant digits of
/// the mean are shown; an interval that vanishes beside them is left out. Of an interval that was
/// cut on one side the other half counts.
pub fn plus_minus(mean: f64, ci95: Option<(f64, f64)>, scale: f64) -> String {
    if mean.is_nan() {
        return "–".to_owned();
    }
    if mean.is_infinite() {
        return "never".to_owned();
    }
    let half = ci95.map(|(low, high)| (high - mean).max(mean - low) / scale);
    let mean = mean / scale;
    match half {
        Some(half) if half > 0.0 => {
            let decimals = decimals_of(half).min(decimals_for(mean));
            let half = format!("{half:.decimals$}");
            match half.bytes().all(|byte| matches!(byte, b'0' | b'.')) {
                true => format!("{mean:.decimals$}"),
                false => format!("{mean:.decimals$} ±{half}"),
            }
        }
        Some(_) | None => four_digits(mean),
    }
}

/// Decimals that show one significant digit of `half`, two where the first is a 1.
fn decimals_of(half: f64) -> usize {
    let (first, exponent) = leading(half);
    let shown = if first == 1 { 1 } else { 0 };
    (shown - exponent).clamp(0, DECIMALS_MAX as i32) as usize
}

/// Decimals that show four significant digits of `mean`, two at least of what is near zero.
fn decimals_for(mean: f64) -> usize {
    let (_, exponent) = leading(mean.abs().max(0.1));
    (3 - exponent).clamp(0, 3) as usize
}

/// The leading digit of a positive number after rounding to two, and its power of ten.
fn leading(value: f64) -> (u32, i32) {
    let text = format!("{value:.1e}");
    let (digits, exponent) = text.split_once('e').expect("scientific notation has an exponent");
    let first = digits.chars().next().and_then(|digit| digit.to_digit(10));
    (first.unwrap_or(0), exponent.parse().expect("an exponent is a whole number"))
}

/// Four significant digits without zeros that say nothing.
pub fn four_digits(value: f64) -> String {
    if value == 0.0 {
        return "0".to_owned();
    }
    let (_, exponent) = leading(value.abs());
    let decimals = (3 - exponent).clamp(0, 9) as usize;
    let text = format!("{value:.decimals$}");
    match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
        false => text,
    }
}

/// The unit of time in which the least of `values` (seconds) is at least one: its name and length.
pub fn time_unit(values: impl IntoIterator<Item = f64>) -> (&'static str, f64) {
    let least = values
        .into_iter()
        .filter(|value| value.is_finite() && *value > 0.0)
        .fold(f64::INFINITY, f64::min);
    match least {
        least if least.is_infinite() || least >= 10.0 => ("s", 1.0),
        least if least >= 1e-3 => ("ms", 1e-3),
        least if least >= 1e-6 => ("us", 1e-6),
        _ => ("ns", 1e-9),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mean_has_as_many_decimals_as_its_interval() {
        let shown = |mean, half: f64| plus_minus(mean, Some((mean - half, mean + half)), 1.0);
        assert_eq!(shown(297.312, 0.42), "297.3 ±0.4");
        assert_eq!(shown(297.312, 0.04), "297.3");
        assert_eq!(shown(297.312, 1.3), "297.3 ±1.3");
        assert_eq!(shown(1_234.5, 42.0), "1234 ±42");
        assert_eq!(shown(1.0, 0.13), "1.00 ±0.13");
        assert_eq!(plus_minus(0.412, Some((0.404, 0.420)), 1e-3), "412 ±8");
        assert_eq!(plus_minus(0.998, Some((0.995, 1.0)), 0.01), "99.8 ±0.3");
    }

    #[test]
    fn one_run_has_no_interval_and_equal_runs_need_none() {
        assert_eq!(plus_minus(297.312, None, 1.0), "297.3");
        assert_eq!(plus_minus(1.0, Some((1.0, 1.0)), 1.0), "1");
        assert_eq!(plus_minus(f64::NAN, None, 1.0), "–");
        assert_eq!(plus_minus(f64::INFINITY, None, 1.0), "never");
    }

    #[test]
    fn a_column_of_times_has_the_unit_of_its_least() {
        assert_eq!(time_unit([0.065, 1.9]), ("ms", 1e-3));
        assert_eq!(time_unit([12.0, f64::INFINITY]), ("s", 1.0));
        assert_eq!(time_unit([f64::NAN]), ("s", 1.0));
    }
}
