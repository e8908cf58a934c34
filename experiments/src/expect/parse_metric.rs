//! From text to metrics: `p99(api)`, `recovery(api, fault: "deploy")`, `P(wait(db) > 20ms)`.

use super::amount::Amount;
use super::check::comparable;
use super::error::SentenceError;
use super::kind::{Kind, Summary};
use super::reader::Reader;
use super::sentence::{Chance, Metric, Spanned, Target};
use super::stretch::{level, phase};
use super::token::Token;
use super::unit::Unit;
use brownout_core::Span;
use brownout_topologies::ledger::query::{Level, Phase};
use std::ops::Range;

/// A metric and what it is of.
pub(super) fn metric(reader: &mut Reader<'_>) -> Result<Metric, SentenceError> {
    let (name, at) = match reader.peek() {
        (Token::Word(name), at) => (name, at),
        _ => return Err(reader.expected("a metric such as p99(NAME)")),
    };
    reader.take();
    if name == "P" {
        return chance(reader, at.end);
    }
    let kind = Kind::named(name, &at)?;
    if kind == Kind::Events {
        return events(reader);
    }
    let target = argument(reader, name, &at)?;
    let fault = match reader.take_sign(",") {
        Some(comma) => Some(fault(reader, kind, comma)?),
        None => None,
    };
    reader.need_sign(")")?;
    Ok(match kind {
        kind if kind.is_since_a_fault() => Metric::Since { kind, target, fault },
        _ => Metric::Of { kind: Spanned { what: kind, at }, target },
    })
}

/// `events`, which is of the whole run; empty brackets are allowed.
fn events(reader: &mut Reader<'_>) -> Result<Metric, SentenceError> {
    if reader.take_sign("(").is_some() && reader.take_sign(")").is_none() {
        let (_, at) = reader.peek();
        return Err(SentenceError::new(at, "events are of the whole run", "write `events`"));
    }
    Ok(Metric::Events)
}

/// The bracket after the metric called `name`, and the target in it.
fn argument(
    reader: &mut Reader<'_>,
    name: &str,
    at: &Range<usize>,
) -> Result<Spanned<Target>, SentenceError> {
    let bracket = reader.take_sign("(");
    if bracket.is_none() || reader.peek().0 == Token::Sign(")") {
        return Err(SentenceError::new(
            at.clone(),
            format!("{name} of what?"),
            format!("name a service or a load: `{name}(NAME)`"),
        ));
    }
    target(reader)
}

/// The name of a service or a load.
fn target(reader: &mut Reader<'_>) -> Result<Spanned<Target>, SentenceError> {
    let (token, at) = reader.peek();
    let what = match token {
        Token::Quoted(name) => Target::Any(name.to_owned()),
        Token::Word(word) => match word.strip_prefix("load.") {
            Some(name) => Target::Load(name.to_owned()),
            None => Target::Any(word.to_owned()),
        },
        _ => return Err(reader.expected("the name of a service or a load")),
    };
    reader.take();
    // `load.'my load'`: the dot belongs to no word when a quote follows.
    if what == Target::Any("load".to_owned())
        && reader.take_sign(".").is_some()
        && let (Token::Quoted(name), end) = reader.peek()
    {
        reader.take();
        let what = Target::Load(name.to_owned());
        return Ok(Spanned { what, at: at.start..end.end });
    }
    let mut end = at.end;
    while let (Token::Word(_) | Token::Number { .. }, next) = reader.peek() {
        reader.take();
        end = next.end;
    }
    if end > at.end {
        let at = at.start..end;
        let hint = format!("put it in quotes: '{}'", &reader.source[at.clone()]);
        return Err(SentenceError::new(at, "a name of several words", hint));
    }
    Ok(Spanned { what, at })
}

/// `fault: "name"`, after a comma.
fn fault(
    reader: &mut Reader<'_>,
    kind: Kind,
    comma: Range<usize>,
) -> Result<Spanned<String>, SentenceError> {
    if !kind.is_since_a_fault() {
        let message = format!("{kind} is of one thing");
        let hint = "only recovery and detected take a second argument";
        return Err(SentenceError::new(comma, message, hint));
    }
    if reader.take_word("fault").is_none() {
        return Err(reader.expected("`fault: \"NAME\"`"));
    }
    reader.need_sign(":")?;
    let (token, at) = reader.peek();
    let (Token::Quoted(name) | Token::Word(name)) = token else {
        return Err(reader.expected("the name of a fault"));
    };
    reader.take();
    Ok(Spanned { what: name.to_owned(), at })
}

/// What follows `P`, which ends at byte `p_end`.
fn chance(reader: &mut Reader<'_>, p_end: usize) -> Result<Metric, SentenceError> {
    if reader.take_sign("(").is_none() {
        return Err(SentenceError::new(
            p_end - 1..p_end,
            "P of what?",
            "write a probability such as `P(wait(NAME) > 20ms)` or `P(in_system(NAME) = 3)`",
        ));
    }
    let (name, at) = match reader.peek() {
        (Token::Word(name), at) => (name, at),
        _ => return Err(reader.expected("wait, service, sojourn, latency or a level")),
    };
    reader.take();
    let of = match (phase(name), level(name)) {
        (Some(phase), _) => Of::Time(Some(phase)),
        (_, Some(level)) => Of::Level(level),
        (None, None) if name == "latency" => Of::Time(None),
        (None, None) => {
            let kind = Kind::named(name, &at)?;
            let hint = match kind {
                Kind::Latency(Summary::Quantile(_)) => "write `P(latency(NAME) > 500ms)`",
                _ => "these are wait, service, sojourn, latency, queue, in_system and busy",
            };
            let message = format!("\"{name}\" is a number about a run and has no probability");
            return Err(SentenceError::new(at, message, hint));
        }
    };
    let target = argument(reader, name, &at)?;
    reader.need_sign(")")?;
    let (sign, sign_at) = match reader.peek() {
        (Token::Sign(sign @ ("<" | "<=" | ">" | ">=" | "=" | "==" | "≤" | "≥")), at) => {
            (sign, at)
        }
        _ => return Err(reader.expected("<, <=, =, >= or > inside P(…)")),
    };
    reader.take();
    let amount = reader.need_amount("a value to compare with")?;
    let of = match of {
        Of::Time(phase) => {
            comparable(reader.source, &amount, Unit::Seconds, name, false)?;
            let bound = Span::from_secs(amount.what.value());
            let not = match sign {
                ">" => false,
                "<=" | "≤" => true,
                _ => return Err(no_mass(name, sign, sign_at)),
            };
            Chance::Above { phase, bound, not }
        }
        Of::Level(level) => level_chance(level, sign, &amount)?,
    };
    reader.need_sign(")")?;
    Ok(Metric::Chance { of, target })
}

/// What a probability is about: a time (of a phase, or else the latency), or a level.
enum Of {
    Time(Option<Phase>),
    Level(Level),
}

/// Probabilities of times are kept above bounds only.
fn no_mass(name: &str, sign: &str, at: Range<usize>) -> SentenceError {
    let hint = match sign {
        ">=" | "≥" => "write `>`",
        "<" => "write `<=`",
        _ => "write `>` or `<=`",
    };
    SentenceError::new(at, format!("\"{sign}\" is not kept for {name}, a time"), hint)
}

/// The probability that a level compares so with a whole number.
fn level_chance(
    level: Level,
    sign: &str,
    amount: &Spanned<Amount>,
) -> Result<Chance, SentenceError> {
    let whole = match amount.what {
        // Room for k + 1.
        Amount::Plain(k) if k.fract() == 0.0 && k < f64::from(u32::MAX) => Some(k as u32),
        _ => None,
    };
    let Some(k) = whole else {
        let message = format!("\"{}\" is no number of things", amount.what);
        return Err(SentenceError::new(amount.at.clone(), message, "write a whole number"));
    };
    Ok(match sign {
        ">=" | "≥" => Chance::AtLeast { level, k, not: false },
        ">" => Chance::AtLeast { level, k: k + 1, not: false },
        "<" => Chance::AtLeast { level, k, not: true },
        "<=" | "≤" => Chance::AtLeast { level, k: k + 1, not: true },
        _ => Chance::Exactly { level, k },
    })
}
