//! What may be compared with what.

use super::amount::{Amount, allowed};
use super::error::SentenceError;
use super::sentence::{Compare, Right, Side, Spanned};
use super::unit::Unit;

/// Equality without a tolerance is for what can be equal.
pub(super) fn exactly(
    sign: &Spanned<Compare>,
    left: &Side,
    right: &Right,
) -> Result<Compare, SentenceError> {
    let is_exact =
        |side: &Side| !side.of_offered && side.metric.kind().is_some_and(|kind| kind.is_exact());
    let other_is_exact = match right {
        Right::Value(_) | Right::Ranks(_) | Right::Others(_) => true,
        Right::Side { side, .. } => is_exact(side),
    };
    if is_exact(left) && other_is_exact {
        return Ok(Compare::Exactly);
    }
    Err(SentenceError::new(
        sign.at.clone(),
        format!("{} is measured, and never exactly equal", left.metric.name()),
        "write a tolerance: `== value ± tolerance`",
    ))
}

/// Whether `amount` can be compared with what has this unit; `name` is what that is called.
pub(super) fn comparable(
    source: &str,
    amount: &Spanned<Amount>,
    unit: Unit,
    name: &str,
    of_offered: bool,
) -> Result<(), SentenceError> {
    let (at, value) = (amount.at.clone(), amount.what);
    let written = &source[at.clone()];
    let multiple = of_offered && matches!(value, Amount::Times(_));
    if !value.fits(unit) && !multiple {
        let needs_unit = matches!(unit, Unit::Seconds | Unit::SecondsSquared | Unit::PerSecond);
        if matches!(value, Amount::Plain(_)) && needs_unit {
            let hint = format!("{name} is {}: {}", unit.noun(), allowed(unit));
            return Err(SentenceError::new(at, format!("\"{written}\": missing unit"), hint));
        }
        let message = format!("{name} is {}, \"{written}\" is {}", unit.noun(), value.noun());
        let hint = match (unit, value) {
            (Unit::PerSecond, Amount::Percent(_)) => {
                format!("write `{written} of offered`, or {}", &allowed(unit)["write ".len()..])
            }
            _ => allowed(unit).to_owned(),
        };
        return Err(SentenceError::new(at, message, hint));
    }
    if unit == Unit::Share && !of_offered && value.value() > 1.0 {
        let message = format!("{name} is a share and at most 100%, \"{written}\" is more");
        let hint = match value {
            Amount::Plain(number) if number <= 100.0 => format!("did you mean `{number}%`?"),
            _ => allowed(unit).to_owned(),
        };
        return Err(SentenceError::new(at, message, hint));
    }
    Ok(())
}

/// A verdict on the whole run has no window.
pub(super) fn whole_run_only(side: &Side) -> Result<(), SentenceError> {
    match (&side.when, side.metric.kind()) {
        (Some(when), Some(kind)) if !side.metric.takes_a_window() => Err(SentenceError::new(
            when.at.clone(),
            format!("{kind} is judged over the whole run"),
            "drop the window",
        )),
        _ => Ok(()),
    }
}
