//! Arguments as written, read by what they may be.

use super::answer::Answers;
use super::kind::{Argument, Kind, Need};
use crate::spec::dist;
use crate::spec::problem::{Cx, Subject};
use crate::spec::reading::Reading;
use brownout_core::dist::Dist;
use brownout_policies::notation::{meant, ron};
use brownout_policies::units::{self, leading_number};
use std::collections::BTreeMap;

/// What is wrong with the arguments of a form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Complaint {
    /// With how they are written: unknown, missing, or not to be read.
    Usage(String),
    /// With what they say: out of range, or without a steady state.
    Value(String),
}

impl Complaint {
    /// What to print.
    pub fn message(&self) -> &str {
        match self {
            Complaint::Usage(message) | Complaint::Value(message) => message,
        }
    }
}

/// One value that was read.
#[derive(Debug, Clone)]
enum Value {
    Number(f64),
    List(Vec<f64>),
    Law(Dist),
    Rows(Vec<Vec<f64>>),
}

/// Arguments that could be read, by name.
#[derive(Debug, Clone, Default)]
pub struct Given {
    values: BTreeMap<&'static str, Value>,
    /// The one result that is wanted; all of them where there is none.
    pub(super) only: Option<String>,
}

impl Given {
    /// Reads what was written, and everything that is wrong with it.
    pub fn read(known: &[Argument], written: &[(String, String)]) -> (Given, Vec<Complaint>) {
        let mut given = Given::default();
        let mut complaints = unknown(known, written);
        for argument in known {
            let mut found = written.iter().filter(|(name, _)| name == argument.name);
            let text = match (found.next(), found.next(), argument.need) {
                (Some(_), Some(_), _) => {
                    let message = format!("--{} is given twice", argument.name);
                    complaints.push(Complaint::Usage(message));
                    continue;
                }
                (Some((_, text)), None, _) => text.as_str(),
                (None, _, Need::Default(text)) => text,
                (None, _, Need::May) => continue,
                (None, _, Need::Must) => {
                    let (name, about) = (argument.name, argument.about);
                    let kind = argument.kind.written();
                    let message = format!("--{name} is missing: {about}, {kind}");
                    complaints.push(Complaint::Usage(message));
                    continue;
                }
            };
            match value(argument, text) {
                Ok(value) => drop(given.values.insert(argument.name, value)),
                Err(complaint) => complaints.push(complaint),
            }
        }
        (given, complaints)
    }

    /// No results yet.
    pub(super) fn answers(&self) -> Answers {
        Answers { list: Vec::new(), only: self.only.clone() }
    }

    /// A number that must be there: per second, seconds, a share, a count.
    pub(super) fn number(&self, name: &str) -> f64 {
        self.maybe(name).unwrap_or_else(|| panic!("the form declares --{name} as a number"))
    }

    /// A whole number that must be there.
    pub(super) fn count(&self, name: &str) -> u32 {
        self.number(name) as u32
    }

    /// A number that may be left out.
    pub(super) fn maybe(&self, name: &str) -> Option<f64> {
        match self.values.get(name)? {
            Value::Number(value) => Some(*value),
            Value::List(_) | Value::Law(_) | Value::Rows(_) => None,
        }
    }

    /// Several numbers.
    pub(super) fn list(&self, name: &str) -> &[f64] {
        match self.values.get(name) {
            Some(Value::List(values)) => values,
            _ => panic!("the form declares --{name} as a list"),
        }
    }

    /// A distribution, in nanoseconds.
    pub(super) fn law(&self, name: &str) -> &Dist {
        match self.values.get(name) {
            Some(Value::Law(law)) => law,
            _ => panic!("the form declares --{name} as a distribution"),
        }
    }

    /// Rows of numbers.
    pub(super) fn rows(&self, name: &str) -> &[Vec<f64>] {
        match self.values.get(name) {
            Some(Value::Rows(rows)) => rows,
            _ => panic!("the form declares --{name} as rows"),
        }
    }
}

/// Complaints about arguments that a form does not take.
fn unknown(known: &[Argument], written: &[(String, String)]) -> Vec<Complaint> {
    let names: Vec<&str> = known.iter().map(|argument| argument.name).collect();
    let strange = written.iter().filter(|(name, _)| !names.contains(&name.as_str()));
    let complaint = |name: &str| {
        let hint = match meant(name, names.iter().copied()) {
            Some(hint) => hint,
            None => format!("there is --{}", names.join(", --")),
        };
        Complaint::Usage(format!("there is no --{name}; {hint}"))
    };
    strange.map(|(name, _)| complaint(name)).collect()
}

fn value(argument: &Argument, text: &str) -> Result<Value, Complaint> {
    let name = argument.name;
    let text = text.trim();
    let one = |kind: Kind, text: &str| number(kind, text).map_err(|fault| fault.about(name, text));
    let many = |kind: Kind| {
        let all: Result<Vec<f64>, Complaint> =
            text.split(',').map(|part| one(kind, part.trim())).collect();
        all.map(Value::List)
    };
    match argument.kind {
        Kind::Law => law(name, text).map(Value::Law),
        Kind::Rates => many(Kind::Rate),
        Kind::RatesOrNone => many(Kind::RateOrNone),
        Kind::Times => many(Kind::TimeOrNone),
        Kind::Shares => many(Kind::Number(0.0)),
        Kind::Counts(low) => many(Kind::Count(low, u32::MAX)),
        Kind::Rows => {
            let row =
                |row: &str| row.split(',').map(|part| one(Kind::Share, part.trim())).collect();
            let rows: Result<Vec<Vec<f64>>, Complaint> = text.split(';').map(row).collect();
            rows.map(Value::Rows)
        }
        kind => one(kind, text).map(Value::Number),
    }
}

/// Why a number is none, or not one that may be.
enum Fault {
    Unreadable(String),
    Outside(String),
}

impl Fault {
    fn about(self, name: &str, text: &str) -> Complaint {
        let shown: String = text.chars().take(60).collect();
        match self {
            Fault::Unreadable(why) => Complaint::Usage(format!("--{name} \"{shown}\": {why}")),
            Fault::Outside(why) => Complaint::Value(format!("--{name} {shown}: {why}")),
        }
    }
}

fn number(kind: Kind, text: &str) -> Result<f64, Fault> {
    let unit = |found: Result<f64, units::UnitError>| {
        found.map_err(|error| Fault::Unreadable(error.to_string()))
    };
    let (value, allowed, is_allowed): (f64, String, fn(f64) -> bool) = match kind {
        Kind::Rate => (unit(units::rate_per_s(text))?, "more than zero".into(), |v| v > 0.0),
        Kind::RateOrNone => (unit(units::rate_per_s(text))?, String::new(), |_| true),
        Kind::Time => (unit(units::nanos(text))? / 1e9, "more than zero".into(), |v| v > 0.0),
        Kind::TimeOrNone => (unit(units::nanos(text))? / 1e9, String::new(), |_| true),
        Kind::Share => (share(text)?, "from 0 % to 100 %".into(), |v| (0.0..=1.0).contains(&v)),
        Kind::Odds => (share(text)?, "above 0 % and below 100 %".into(), |v| v > 0.0 && v < 1.0),
        Kind::Count(low, high) => {
            let value = whole(text)?;
            let within = (f64::from(low)..=f64::from(high)).contains(&value);
            let allowed = kind.written();
            return if within {
                Ok(value)
            } else {
                Err(Fault::Outside(format!("write {allowed}")))
            };
        }
        Kind::Number(low) => {
            let value = share(text)?;
            let allowed = format!("write {low} or more");
            return if value >= low { Ok(value) } else { Err(Fault::Outside(allowed)) };
        }
        Kind::Rates | Kind::RatesOrNone | Kind::Times | Kind::Shares | Kind::Counts(_) => {
            unreachable!("a list is read item by item")
        }
        Kind::Law | Kind::Rows => unreachable!("it is no number"),
    };
    match is_allowed(value) {
        true => Ok(value),
        false => Err(Fault::Outside(format!("must be {allowed}"))),
    }
}

/// `5%`, or `0.05`.
fn share(text: &str) -> Result<f64, Fault> {
    match leading_number(text) {
        Some((value, end)) if end == text.len() && value.is_finite() => Ok(value),
        _ => units::share(text).map_err(|error| {
            let why = "write a number such as 0.05, or per cent such as 5%";
            match error.flaw {
                units::Flaw::Negative => Fault::Outside("must not be negative".to_owned()),
                _ => Fault::Unreadable(why.to_owned()),
            }
        }),
    }
}

fn whole(text: &str) -> Result<f64, Fault> {
    match text.parse::<u32>() {
        Ok(value) => Ok(f64::from(value)),
        Err(_) => match text.parse::<f64>() {
            Ok(_) => Err(Fault::Outside("write a whole number that is not negative".to_owned())),
            Err(_) => Err(Fault::Unreadable("not a whole number".to_owned())),
        },
    }
}

static A_LAW: Subject =
    Subject { one: "a distribution", noun: "distribution", least: "", large: "" };

/// A distribution as in a file.
fn law(name: &str, text: &str) -> Result<Dist, Complaint> {
    let mut cx = Cx::new(&A_LAW);
    let source = cx.add_source(&format!("--{name}"), text);
    let node = match units::nanos(text) {
        // A bare time is a constant; the notation wants it quoted.
        Ok(nanos) => return Ok(Dist::constant(nanos)),
        Err(_) => ron::parse(text, source, &mut cx),
    };
    let nothing = |path: &str| Err(format!("{path}: no file can be read here"));
    let found = node.and_then(|node| dist::times(&node, &mut Reading::new(&mut cx, &nothing)));
    let noted = cx.finish();
    match (found, noted.list.is_empty()) {
        (Some(law), true) => Ok(law),
        (_, _) => {
            let said = noted.list.iter().map(|problem| {
                let parts = [problem.message.as_str(), problem.label.as_str()];
                let parts = parts.into_iter().chain(problem.help.as_deref());
                parts.filter(|part| !part.is_empty()).collect::<Vec<&str>>().join("; ")
            });
            let said = said.collect::<Vec<String>>().join(" · ");
            let example = "write it as in a file, as in 'Exp(mean: \"5ms\")'";
            let said = if said.is_empty() { example.to_owned() } else { said };
            Err(Complaint::Usage(format!("--{name} \"{text}\": {said}")))
        }
    }
}
