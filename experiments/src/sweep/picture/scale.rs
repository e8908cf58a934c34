//! The values of an axis as numbers and as labels.

use crate::experiment::Axis;
use brownout_plots::Settings;
use brownout_policies::units::leading_number;

/// The numbers of an axis and their unit; `None` where one is no number or has another unit.
pub(in crate::sweep) fn numbers(axis: &Axis) -> Option<(Vec<f64>, String)> {
    let mut unit = None;
    let mut numbers = Vec::with_capacity(axis.values.len());
    for value in &axis.values {
        let (number, end) = leading_number(value.trim())?;
        let own = value.trim()[end..].trim();
        if *unit.get_or_insert(own) != own || !number.is_finite() {
            return None;
        }
        numbers.push(number);
    }
    Some((numbers, unit.unwrap_or_default().to_owned()))
}

/// An axis as one side of a surface: a unit that all values have is said once.
pub(super) fn settings(axis: &Axis) -> Settings {
    match numbers(axis) {
        Some((numbers, unit)) if !unit.is_empty() => Settings {
            caption: format!("{} ({unit})", axis.path),
            values: numbers.iter().map(f64::to_string).collect(),
        },
        _ => Settings { caption: axis.path.clone(), values: axis.values.clone() },
    }
}
