//! What can be wrong with a number a person wrote.

/// A problem unless `value` is more than zero and finite.
pub(super) fn unless_positive(name: &str, value: f64) -> Option<String> {
    let fine = value > 0.0 && value.is_finite();
    (!fine).then(|| format!("{name} is {}: it must be positive and finite", shown(value)))
}

/// A problem unless `value` is zero or more and finite.
pub(super) fn unless_non_negative(name: &str, value: f64) -> Option<String> {
    let fine = value >= 0.0 && value.is_finite();
    (!fine).then(|| format!("{name} is {}: it must be zero or more and finite", shown(value)))
}

/// A problem unless `value` is finite.
pub(super) fn unless_finite(name: &str, value: f64) -> Option<String> {
    (!value.is_finite()).then(|| format!("{name} is {}: it must be finite", shown(value)))
}

/// The problems of a list of values: it is empty, or some are not zero or more and finite.
pub(super) fn of_values(values: &[f64]) -> Vec<String> {
    if values.is_empty() {
        return vec!["the list of values is empty: it must have at least one".into()];
    }
    let numbered = values.iter().zip(1..);
    numbered.filter_map(|(&value, i)| unless_non_negative(&format!("value {i}"), value)).collect()
}

/// A number as a person would write it: plain where that is short, else with an exponent.
pub(super) fn shown(value: f64) -> String {
    let plain = value == 0.0 || !value.is_finite() || (1e-6..1e15).contains(&value.abs());
    if plain { format!("{value}") } else { format!("{value:e}") }
}
