//! From text to sentences.

use super::amount::Amount;
use super::check::{comparable, exactly, whole_run_only};
use super::error::SentenceError;
use super::parse_metric::metric;
use super::parse_order::order;
use super::reader::Reader;
use super::sentence::{Claim, Compare, Expectation, Measure, Right, Side, Spanned, When};
use super::token::Token;
use super::unit::Unit;
use brownout_core::Time;
use std::ops::Range;

/// Reads a sentence that holds or does not:
///
/// ```text
/// metric(target) compare value [of offered] [± tolerance] [window] [on variant]
/// metric(target) [window] [on variant] compare share of metric(target) [window] [on variant]
/// metric(target) [window] ranks variant < variant [< variant …]
/// metric(target) [window] is lowest|highest on variant
/// ```
///
/// The first two may end with `in 90% of runs`, before the variant. A variant's name runs to the
/// comparison or to the end of the sentence. Of two metrics, the one without a window takes the
/// other's, and the one without a variant likewise.
pub fn parse_expectation(text: &str) -> Result<Expectation, SentenceError> {
    let mut reader = Reader::new(text);
    let mut left = side(&mut reader)?;
    if let Some((compare, right)) = order(&mut reader, &mut left)? {
        whole_run_only(&left)?;
        let claim = Claim { left, compare, right, quota: None };
        return Ok(Expectation { text: text.trim().to_owned(), claim });
    }
    let sign = comparison(&mut reader, &left)?;
    let (right, End { tolerance, quota }) = right(&mut reader, &mut left)?;
    let compare = match (sign.what, tolerance) {
        (Compare::Exactly, Some(tolerance)) => Compare::Within(tolerance.what),
        (Compare::Exactly, None) => exactly(&sign, &left, &right)?,
        (_, Some(tolerance)) => {
            return Err(SentenceError::new(
                tolerance.at,
                "a tolerance needs an equality",
                "write `== value ± tolerance`, or the bound alone",
            ));
        }
        (compare, None) => compare,
    };
    whole_run_only(&left)?;
    if let Right::Side { side, .. } = &right {
        whole_run_only(side)?;
    }
    let claim = Claim { left, compare, right, quota: quota.map(|quota| quota.what) };
    Ok(Expectation { text: text.trim().to_owned(), claim })
}

/// Reads a sentence that asks: `metric(target) [of offered] [window] [on variant]`.
pub fn parse_measure(text: &str) -> Result<Measure, SentenceError> {
    let mut reader = Reader::new(text);
    let side = side(&mut reader)?;
    let (token, at) = reader.peek();
    match token {
        Token::End => {}
        Token::Sign("<" | "<=" | ">" | ">=" | "==" | "=" | "!=" | "≤" | "≥" | "±") => {
            return Err(SentenceError::new(
                at,
                "a measure has no verdict",
                "drop the comparison, or move the sentence to `expect`",
            ));
        }
        _ => return Err(reader.expected("`during`, `after`, `before`, `on` or the end")),
    }
    whole_run_only(&side)?;
    Ok(Measure { text: text.trim().to_owned(), side })
}

/// A metric and what belongs to it.
pub(super) fn side(reader: &mut Reader<'_>) -> Result<Side, SentenceError> {
    let mut side = bare_side(reader)?;
    while clause(reader, &mut side)? {}
    Ok(side)
}

/// A metric, perhaps `of offered`.
fn bare_side(reader: &mut Reader<'_>) -> Result<Side, SentenceError> {
    let metric = metric(reader)?;
    let mut side = Side { metric, of_offered: false, when: None, on: None };
    if let Some(of) = reader.take_word("of") {
        of_offered(reader, of, &mut side)?;
    }
    Ok(side)
}

/// `offered`, after an `of`.
fn of_offered(
    reader: &mut Reader<'_>,
    of: Range<usize>,
    side: &mut Side,
) -> Result<(), SentenceError> {
    let Some(offered) = reader.take_word("offered") else {
        return Err(reader.expected("`offered` or a metric after `of`"));
    };
    if !side.metric.is_rate() {
        return Err(SentenceError::new(
            of.start..offered.end,
            format!("{} is {}, not a rate", side.metric.name(), side.metric.unit().noun()),
            "only rates such as goodput, errors or attempts are a share of offered",
        ));
    }
    side.of_offered = true;
    Ok(())
}

/// Reads a window or a variant, if one is next.
pub(super) fn clause(reader: &mut Reader<'_>, side: &mut Side) -> Result<bool, SentenceError> {
    let (token, at) = reader.peek();
    match token {
        Token::Word(word @ ("during" | "after" | "before")) => {
            if side.when.is_some() {
                return Err(SentenceError::bare(at, "a second window"));
            }
            reader.take();
            side.when = Some(window(reader, word, at)?);
        }
        Token::Word("on") => {
            if side.on.is_some() {
                return Err(SentenceError::bare(at, "a second variant"));
            }
            reader.take();
            side.on = Some(variant(reader)?);
        }
        _ => return Ok(false),
    }
    Ok(true)
}

/// The times after `during`, `after` or `before`.
fn window(
    reader: &mut Reader<'_>,
    word: &str,
    at: Range<usize>,
) -> Result<Spanned<When>, SentenceError> {
    let first = moment(reader)?;
    let (what, end) = match word {
        "after" => (When::After(first.what), first.at.end),
        "before" => (When::Before(first.what), first.at.end),
        _ => {
            if reader.take_sign("..").is_none() {
                let error = reader.expected("`..`");
                return Err(SentenceError::new(error.at, error.message, WINDOW));
            }
            let second = moment(reader)?;
            if second.what <= first.what {
                return Err(SentenceError::bare(
                    first.at.start..second.at.end,
                    format!("the window {}..{} is empty", first.what, second.what),
                ));
            }
            (When::During(first.what, second.what), second.at.end)
        }
    };
    Ok(Spanned { what, at: at.start..end })
}

/// How a window is written.
const WINDOW: &str = "a window is written `during 90s..120s`";

/// A time of the run.
fn moment(reader: &mut Reader<'_>) -> Result<Spanned<Time>, SentenceError> {
    let amount = reader.need_amount("a time such as 90s")?;
    comparable(reader.source, &amount, Unit::Seconds, "a window", false)?;
    Ok(Spanned { what: Time::from_secs(amount.what.value()), at: amount.at })
}

/// The name after `on`: quoted, or all words up to a comparison or the end.
pub(super) fn variant(reader: &mut Reader<'_>) -> Result<Spanned<String>, SentenceError> {
    let (token, at) = reader.peek();
    if let Token::Quoted(name) = token {
        reader.take();
        return Ok(Spanned { what: name.to_owned(), at });
    }
    let name = reader.take_phrase();
    if name.what.is_empty() {
        return Err(reader.expected("a variant's name"));
    }
    Ok(name)
}

/// The sign between the two sides. Equality is exact until a tolerance is read.
fn comparison(reader: &mut Reader<'_>, left: &Side) -> Result<Spanned<Compare>, SentenceError> {
    let (token, at) = reader.peek();
    let what = match token {
        Token::Sign("<") => Compare::Below,
        Token::Sign("<=" | "≤") => Compare::AtMost,
        Token::Sign(">") => Compare::Above,
        Token::Sign(">=" | "≥") => Compare::AtLeast,
        Token::Sign("==") => Compare::Exactly,
        Token::Sign(sign @ ("=" | "!=")) => {
            let hint = "comparisons are <, <=, >, >= and ==";
            return Err(SentenceError::new(at, format!("no comparison \"{sign}\""), hint));
        }
        Token::End => {
            let message = format!("{} is compared with nothing", left.metric.name());
            let hint = "write <, <=, >, >= or == and a value, or move the sentence to `measure`";
            return Err(SentenceError::new(at, message, hint));
        }
        _ => return Err(reader.expected("a comparison: <, <=, >, >= or ==")),
    };
    reader.take();
    Ok(Spanned { what, at })
}

/// A value or another metric, and the tolerance if there is one.
fn right(reader: &mut Reader<'_>, left: &mut Side) -> Result<(Right, End), SentenceError> {
    if let (Token::Word(_), Token::Sign("(")) = (reader.look(0), reader.look(1)) {
        return other_metric(reader, left, Amount::Plain(1.0));
    }
    let amount = reader.need_amount("a value such as 800ms, 95%, 1.2 or 300/s")?;
    if is_factor(reader, &amount)? {
        return other_metric(reader, left, amount.what);
    }
    if let Some(of) = reader.take_word("of") {
        if left.of_offered {
            return Err(SentenceError::bare(of, "`of offered` is said twice"));
        }
        of_offered(reader, of, left)?;
    }
    let end = tail(reader, left, None)?;
    comparable(reader.source, &amount, left.unit(), &left.name(), left.of_offered)?;
    Ok((Right::Value(amount.what), end))
}

/// Whether a metric follows, of which `amount` is a multiple; takes the `of` between them.
fn is_factor(reader: &mut Reader<'_>, amount: &Spanned<Amount>) -> Result<bool, SentenceError> {
    let follows = match (reader.look(0), reader.look(1)) {
        (Token::Word("of"), Token::Word("offered")) => reader.look(2) == Token::Sign("("),
        (Token::Word("of"), _) => true,
        (Token::Word(_), Token::Sign("(")) => matches!(amount.what, Amount::Times(_)),
        _ => false,
    };
    if !follows {
        return Ok(false);
    }
    if !amount.what.is_factor() {
        return Err(SentenceError::new(
            amount.at.clone(),
            format!("{} of a metric is no value", amount.what),
            "write a share such as 10%, or a multiple such as 2x",
        ));
    }
    reader.take_word("of");
    Ok(true)
}

/// A metric to compare with, and everything after it.
fn other_metric(
    reader: &mut Reader<'_>,
    left: &Side,
    factor: Amount,
) -> Result<(Right, End), SentenceError> {
    let start = reader.peek().1.start;
    let mut side = bare_side(reader)?;
    let read = reader.read();
    let end = tail(reader, &mut side, Some(left.unit()))?;
    let (mine, others) = (left.unit(), side.unit());
    if mine != others {
        let (left, right) = (left.name(), side.name());
        let message = format!("{left} is {}, {right} is {}", mine.noun(), others.noun());
        return Err(SentenceError::new(start..read, message, "compare like with like"));
    }
    Ok((Right::Side { factor, side: Box::new(side) }, end))
}

/// What may follow the second side.
#[derive(Default)]
struct End {
    tolerance: Option<Spanned<Amount>>,
    quota: Option<Spanned<Amount>>,
}

/// Tolerance, share of runs, window and variant in any order, up to the end. The tolerance is in
/// `unit`, or else in the side's own.
fn tail(
    reader: &mut Reader<'_>,
    side: &mut Side,
    unit: Option<Unit>,
) -> Result<End, SentenceError> {
    let mut end = End::default();
    loop {
        if let Some(tolerance) = tolerance(reader, unit.unwrap_or(side.unit()))? {
            if end.tolerance.is_some() {
                return Err(SentenceError::bare(tolerance.at, "a second tolerance"));
            }
            end.tolerance = Some(tolerance);
        } else if let Some(quota) = quota(reader)? {
            if end.quota.is_some() {
                return Err(SentenceError::bare(quota.at, "a second share of runs"));
            }
            end.quota = Some(quota);
        } else if !clause(reader, side)? {
            break;
        }
    }
    match reader.peek().0 {
        Token::End => Ok(end),
        _ => Err(reader.expected("`during`, `after`, `before`, `in N% of runs`, `on` or the end")),
    }
}

/// `in 90% of runs`, if it is next.
fn quota(reader: &mut Reader<'_>) -> Result<Option<Spanned<Amount>>, SentenceError> {
    let Some(start) = reader.take_word("in") else { return Ok(None) };
    let share = reader.need_amount("a share of runs such as 90%")?;
    comparable(reader.source, &share, Unit::Share, "how many runs", false)?;
    if share.what.value() == 0.0 {
        let hint = "write the least share, as in `in 90% of runs`";
        return Err(SentenceError::new(share.at, "no run is asked for", hint));
    }
    if reader.take_word("of").is_none() {
        return Err(reader.expected("`of runs`"));
    }
    match reader.take_word("runs") {
        Some(end) => Ok(Some(Spanned { what: share.what, at: start.start..end.end })),
        None => Err(reader.expected("`runs`")),
    }
}

/// `± 5ms` or `within 5ms`, if it is next.
pub(super) fn tolerance(
    reader: &mut Reader<'_>,
    unit: Unit,
) -> Result<Option<Spanned<Amount>>, SentenceError> {
    let (token, at) = reader.peek();
    if !matches!(token, Token::Sign("±" | "+-" | "+/-") | Token::Word("within")) {
        return Ok(None);
    }
    reader.take();
    let amount = reader.need_amount("a tolerance such as 5ms or 1%")?;
    comparable(reader.source, &amount, unit, "this tolerance", false)?;
    Ok(Some(Spanned { what: amount.what, at: at.start..amount.at.end }))
}
