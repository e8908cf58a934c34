//! Sparklines: a series in one line of a terminal.

/// From nothing to everything.
const BARS: [char; 9] = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// `values` as `width` letters, each as high as the mean of its share of them, from 0 (blank) to
/// `most` (full). A letter is a dot where there is no number.
///
/// ```
/// use brownout_plots::sparkline;
///
/// assert_eq!(sparkline(&[0.0, 50.0, 100.0, 100.0], 4, 100.0), " ▄██");
/// assert_eq!(sparkline(&[0.0, 100.0, f64::NAN], 3, 100.0), " █·");
/// ```
pub fn sparkline(values: &[f64], width: usize, most: f64) -> String {
    let width = width.min(values.len());
    let letter = |place: usize| {
        let (from, to) = (place * values.len() / width, (place + 1) * values.len() / width);
        let known = values[from..to].iter().filter(|value| value.is_finite());
        let (sum, count) = known.fold((0.0, 0.0), |(sum, count), value| (sum + value, count + 1.0));
        let share = sum / count / most;
        match share.is_nan() {
            true if count > 0.0 => BARS[0],
            true => '·',
            // What is there at all is seen.
            false if share > 0.0 => BARS[(share * 8.0).round().clamp(1.0, 8.0) as usize],
            false => BARS[0],
        }
    };
    (0..width).map(letter).collect()
}

#[cfg(test)]
mod tests {
    use super::sparkline;

    #[test]
    fn what_is_there_at_all_is_seen_and_nothing_is_beyond_full() {
        assert_eq!(sparkline(&[0.0, 0.001, 9.0, -1.0], 4, 1.0), " ▁█ ");
    }

    #[test]
    fn many_values_are_averaged_and_few_are_not_stretched() {
        assert_eq!(sparkline(&[0.0, 2.0, 4.0, 4.0], 2, 4.0), "▂█");
        assert_eq!(sparkline(&[4.0], 60, 4.0), "█");
        assert_eq!(sparkline(&[], 60, 4.0), "");
    }

    #[test]
    fn a_series_of_zeros_is_blank() {
        assert_eq!(sparkline(&[0.0, 0.0], 2, 0.0), "  ");
    }
}
