//! Numbers about a distribution of times, by the names people write.

use super::error::SentenceError;
use brownout_topologies::ledger::query::Stat;
use std::fmt;
use std::ops::Range;

/// A number about a distribution of times.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Summary {
    Mean,
    Sd,
    Var,
    Quantile(Percentile),
}

/// A quantile in thousandths of a per cent, from 1 000 (p1) to 99 999 (p99.999).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Percentile(u32);

impl Summary {
    /// `mean`, `sd`, `var` or a percentile; `None` when `text` is none of them. `whole` and `at`
    /// are the name it stands in, for messages.
    pub(super) fn named(
        text: &str,
        whole: &str,
        at: &Range<usize>,
    ) -> Result<Option<Summary>, SentenceError> {
        match text {
            "mean" => return Ok(Some(Summary::Mean)),
            "sd" => return Ok(Some(Summary::Sd)),
            "var" => return Ok(Some(Summary::Var)),
            _ => {}
        }
        let Some(digits) = text.strip_prefix('p').filter(|digits| is_decimal(digits)) else {
            return Ok(None);
        };
        match Percentile::read(digits) {
            Some(percentile) => Ok(Some(Summary::Quantile(percentile))),
            None => Err(SentenceError::new(
                at.clone(),
                format!("no quantile \"{whole}\""),
                "quantiles go from p1 to p99.999, with at most three decimals",
            )),
        }
    }

    /// As a run is asked for it.
    pub(super) fn stat(self) -> Stat {
        match self {
            Summary::Mean => Stat::Mean,
            Summary::Sd => Stat::Sd,
            Summary::Var => Stat::Var,
            Summary::Quantile(Percentile(thousandths)) => {
                Stat::Quantile(f64::from(thousandths) / 100_000.0)
            }
        }
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Summary::Mean => f.write_str("mean"),
            Summary::Sd => f.write_str("sd"),
            Summary::Var => f.write_str("var"),
            Summary::Quantile(Percentile(thousandths)) => {
                let (whole, rest) = (thousandths / 1_000, thousandths % 1_000);
                let text = format!("p{whole}.{rest:03}");
                f.write_str(text.trim_end_matches('0').trim_end_matches('.'))
            }
        }
    }
}

impl Percentile {
    /// The percentile written as `digits`, if it is one.
    fn read(digits: &str) -> Option<Percentile> {
        let (whole, rest) = digits.split_once('.').unwrap_or((digits, ""));
        if rest.len() > 3 {
            return None;
        }
        let whole: u32 = whole.parse().ok().filter(|whole| (1..100).contains(whole))?;
        let rest: u32 = format!("{rest:0<3}").parse().ok()?;
        Some(Percentile(whole * 1_000 + rest))
    }
}

/// Whether `text` is digits, perhaps with one point among them.
fn is_decimal(text: &str) -> bool {
    let (whole, rest) = text.split_once('.').unwrap_or((text, "0"));
    let is_digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    is_digits(whole) && is_digits(rest)
}
