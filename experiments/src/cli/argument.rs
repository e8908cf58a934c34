//! Arguments that have a form of their own.

use brownout::experiment::{Over, Range};
use brownout_policies::units;
use std::str::FromStr;

/// `42`, or `42#17` for one replication.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct SeedArgument {
    pub(super) seed: u64,
    pub(super) replication: Option<u32>,
}

impl FromStr for SeedArgument {
    type Err = String;

    fn from_str(text: &str) -> Result<SeedArgument, String> {
        let whole = |part: &str, most: u64| {
            let is_plain = !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
            let value = if is_plain { part.parse::<u64>().ok() } else { None };
            value.filter(|value| *value <= most).ok_or_else(|| {
                format!("\"{part}\" is no whole number up to {most}; write 42, or 42#17")
            })
        };
        match text.split_once('#') {
            None => Ok(SeedArgument { seed: whole(text, u64::MAX)?, replication: None }),
            Some((seed, replication)) => {
                let replication = whole(replication, u64::from(u32::MAX))? as u32;
                Ok(SeedArgument { seed: whole(seed, u64::MAX)?, replication: Some(replication) })
            }
        }
    }
}

/// `services.ledger.workers=24`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Setting {
    pub(super) path: String,
    pub(super) value: String,
}

impl FromStr for Setting {
    type Err = String;

    fn from_str(text: &str) -> Result<Setting, String> {
        match text.split_once('=') {
            Some((path, value)) if !path.trim().is_empty() && !value.trim().is_empty() => {
                Ok(Setting { path: path.trim().to_owned(), value: value.trim().to_owned() })
            }
            _ => Err("write a path and a value, as in services.ledger.workers=24".to_owned()),
        }
    }
}

/// `faults.0.lasts=1s..20s`.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct OverArgument(pub(super) Over);

impl FromStr for OverArgument {
    type Err = String;

    fn from_str(text: &str) -> Result<OverArgument, String> {
        let parts = text.split_once('=').map(|(path, range)| (path.trim(), range.trim()));
        match parts {
            Some((path, range)) if !path.is_empty() => {
                let range = Range::parse(range)?;
                Ok(OverArgument(Over { path: path.to_owned(), range }))
            }
            _ => Err("write a path and a range, as in faults.0.lasts=1s..20s".to_owned()),
        }
    }
}

/// `50%` or 0.5, above 0 and below 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct ShareArgument(pub(super) f64);

impl FromStr for ShareArgument {
    type Err = String;

    fn from_str(text: &str) -> Result<ShareArgument, String> {
        let share = units::share(text).ok().or_else(|| text.parse().ok());
        let share = share.filter(|share| 0.0 < *share && *share < 1.0);
        share
            .map(ShareArgument)
            .ok_or_else(|| format!("\"{text}\" is no share above 0 and below 100%; write 50%"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_may_name_one_replication() {
        let read = |text: &str| text.parse::<SeedArgument>();
        assert_eq!(read("42"), Ok(SeedArgument { seed: 42, replication: None }));
        assert_eq!(read("42#17"), Ok(SeedArgument { seed: 42, replication: Some(17) }));
        for wrong in ["", "#", "42#", "#3", "-1", "+1", "1e3", "42#4294967296", "42#1#2"] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_setting_is_cut_at_its_first_equals_sign() {
        let read = "policies.client=[Retry(times: 3)]".parse::<Setting>().map(|own| own.path);
        assert_eq!(read, Ok("policies.client".to_owned()));
        for wrong in ["services.db.workers", "=3", "a="] {
            assert!(wrong.parse::<Setting>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_range_has_two_ends_of_one_unit() {
        let read = |text: &str| text.parse::<OverArgument>().map(|own| own.0);
        let over = read("faults.0.lasts=1s..20s").expect("it is right");
        assert_eq!(
            (over.path.as_str(), over.range.from, over.range.to),
            ("faults.0.lasts", 1.0, 20.0)
        );
        assert_eq!(over.range.unit, "s");
        assert_eq!(read("a=1..20s").map(|own| own.range.unit), Ok("s".to_owned()));
        for wrong in ["a", "=1..2", "a=", "a=1", "a=1..", "a=..2", "a=2..2", "a=1s..2ms", "a=x..y"]
        {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_share_lies_between_nothing_and_all() {
        let read = |text: &str| text.parse::<ShareArgument>().map(|own| own.0);
        assert_eq!((read("50%"), read("0.05")), (Ok(0.5), Ok(0.05)));
        for wrong in ["0", "100%", "-5%", "50", "much", ""] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}
