//! What a monitor reads, and from where on that is alarming: `p95(api)`, `errors(api) > 5%`.

use super::amount::{Amount, allowed};
use super::error::SentenceError;
use super::kind::{Kind, LevelSummary};
use super::parse_metric::metric;
use super::reader::Reader;
use super::sentence::{Metric, Spanned, Target};
use super::target::{callee, leveled, service_or_load};
use super::token::Token;
use brownout_topologies::graph::Graph;
use brownout_topologies::monitor::{Alarm, Counted, Gauge};

/// What a monitor reads, before names are looked up.
#[derive(Debug, Clone, PartialEq)]
pub struct Watched {
    kind: Kind,
    target: Spanned<Target>,
}

/// A value from which on a reading is alarming, in seconds, per second, a share or a number.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bound {
    value: f64,
    /// Whether it is a share of what ended.
    is_share: bool,
}

/// Reads what a monitor watches: `p95(api)`, `errors(api)`, `queue(db)`.
pub fn parse_watched(text: &str) -> Result<Watched, SentenceError> {
    let mut reader = Reader::new(text);
    let watched = watched(&mut reader)?;
    end(&reader)?;
    Ok(watched)
}

/// Reads what is watched and when that is alarming: `errors(api) > 50%`.
pub fn parse_guard(text: &str) -> Result<(Watched, Bound, bool), SentenceError> {
    let mut reader = Reader::new(text);
    let watched = watched(&mut reader)?;
    let above = match reader.take() {
        (Token::Sign(">"), _) => true,
        (Token::Sign("<"), _) => false,
        (_, at) => {
            let message = "a guard compares with > or <";
            return Err(SentenceError::new(at, message, "as in `errors(api) > 50%`"));
        }
    };
    let amount = reader.need_amount("a value to compare with")?;
    end(&reader)?;
    let bound = watched.fitting(text, &amount)?;
    Ok((watched, bound, above))
}

fn watched(reader: &mut Reader<'_>) -> Result<Watched, SentenceError> {
    let before = reader.peek().1;
    match metric(reader)? {
        Metric::Of { kind: Spanned { what: kind, at }, target } => {
            if counted(kind).is_some() || is_read(kind) {
                return Ok(Watched { kind, target });
            }
            Err(unseen(at, &kind.to_string()))
        }
        other => Err(unseen(before, &other.name())),
    }
}

/// Whether it is a number about times or a level, as a metrics system has them.
const fn is_read(kind: Kind) -> bool {
    matches!(kind, Kind::Latency(_) | Kind::Inside(..) | Kind::Level(_, LevelSummary::Mean))
}

fn unseen(at: std::ops::Range<usize>, name: &str) -> SentenceError {
    let hint = "it can watch a quantile or the mean of latency, wait, service or sojourn, errors, \
                offered, throughput, goodput, turned_away, attempts, queue, in_system and busy";
    SentenceError::new(at, format!("{name} is nothing that a monitor sees"), hint)
}

const fn counted(kind: Kind) -> Option<Counted> {
    match kind {
        Kind::Offered => Some(Counted::Offered),
        Kind::Throughput => Some(Counted::Throughput),
        Kind::Goodput => Some(Counted::Goodput),
        Kind::Errors => Some(Counted::Errors),
        Kind::TurnedAway => Some(Counted::TurnedAway),
        Kind::Attempts => Some(Counted::Attempts),
        _ => None,
    }
}

fn end(reader: &Reader<'_>) -> Result<(), SentenceError> {
    match reader.peek().0 {
        Token::End => Ok(()),
        _ => Err(reader.expected("the end: a monitor has its own windows")),
    }
}

impl Watched {
    /// Reads a bound in a unit that fits what is watched: `"500ms"`, `"5%"`, `"12"`.
    pub fn bound(&self, text: &str) -> Result<Bound, SentenceError> {
        let mut reader = Reader::new(text);
        let amount = reader.need_amount("a value to compare with")?;
        end(&reader)?;
        self.fitting(text, &amount)
    }

    fn fitting(&self, source: &str, amount: &Spanned<Amount>) -> Result<Bound, SentenceError> {
        let value = amount.what;
        let unit = self.kind.unit();
        let is_share = self.kind == Kind::Errors && matches!(value, Amount::Percent(_));
        if is_share || value.fits(unit) {
            return Ok(Bound { value: value.value(), is_share });
        }
        let written = &source[amount.at.clone()];
        let name = self.kind;
        let message = format!("{name} is {}, \"{written}\" is {}", unit.noun(), value.noun());
        let hint = match self.kind {
            Kind::Errors => format!("write a share such as 5%, or {}", &allowed(unit)[6..]),
            _ => allowed(unit).to_owned(),
        };
        Err(SentenceError::new(amount.at.clone(), message, hint))
    }

    /// What is read, of `graph`. `all` counts what ended badly among the times too.
    pub fn gauge(&self, graph: &Graph, bound: Bound, all: bool) -> Result<Gauge, SentenceError> {
        let of = || service_or_load(graph, &self.target);
        Ok(match self.kind {
            Kind::Latency(summary) => {
                Gauge::Times { of: of()?, phase: None, stat: summary.stat(), all }
            }
            Kind::Inside(phase, summary) => {
                let of = callee(graph, &self.target, &self.kind.to_string())?.into();
                Gauge::Times { of, phase: Some(phase), stat: summary.stat(), all }
            }
            Kind::Level(level, _) => Gauge::Level(leveled(graph, level, &self.target)?, level),
            Kind::Errors if bound.is_share => Gauge::ErrorShare(of()?),
            kind => {
                let counted = counted(kind).expect("what is watched is read or counted");
                Gauge::Rate(of()?, counted)
            }
        })
    }
}

impl Bound {
    /// Alarming above it, or below.
    pub fn alarm(self, above: bool) -> Alarm {
        if above { Alarm::Above(self.value) } else { Alarm::Below(self.value) }
    }
}
