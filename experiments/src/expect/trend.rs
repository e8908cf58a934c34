//! Sentences about a sweep: `stuck(api) rises over load.0.rate`, `p99(api) on a crosses b over …`.

use super::amount::Amount;
use super::bind::{BindContext, BoundMeasure, Line};
use super::check::whole_run_only;
use super::error::{SentenceError, suggest};
use super::parse::{clause, side, tolerance};
use super::reader::Reader;
use super::sentence::{Measure, Name, Side, Spanned};
use super::token::Token;
use super::unit::Unit;
use crate::experiment::{Design, Sweep};
use std::fmt;

/// A sentence about how a value goes along an axis of a sweep.
#[derive(Debug, Clone, PartialEq)]
pub struct Trend {
    text: String,
    side: Side,
    way: Way,
    axis: Spanned<String>,
    /// By how much a step may go the wrong way, in the metric's unit.
    tolerance: Option<Amount>,
}

/// How a value is to go, as read.
#[derive(Debug, Clone, PartialEq)]
enum Way {
    Rises,
    Falls,
    Monotone,
    /// It is on one side of its value on this variant up to the first setting, and on the other
    /// from the second on.
    Crosses {
        other: Spanned<String>,
        between: Option<[Spanned<String>; 2]>,
    },
}

/// A trend whose names are known.
#[derive(Debug, Clone, PartialEq)]
pub struct BoundTrend {
    /// As it was written, without space around it.
    pub text: String,
    pub(super) line: Line,
    /// The place of the axis in the sweep.
    pub axis: usize,
    /// What is claimed.
    pub claim: TrendClaim,
    /// The unit of the value.
    pub unit: Unit,
    /// What is to be measured at every point; its texts find the rows again.
    pub measure: BoundMeasure,
    /// The variants concerned, by name; of a crossing the two, first the one that crosses.
    pub variants: Vec<String>,
}

/// What is claimed of the values along an axis, in the order of its settings.
#[derive(Debug, Clone, PartialEq)]
pub enum TrendClaim {
    /// No step is below the one before by more than a tolerance.
    Rises(f64),
    /// No step is above the one before by more than a tolerance.
    Falls(f64),
    /// One of the two.
    Monotone(f64),
    /// One variant is on one side of the other, and then on the other side: up to the first of
    /// these two settings and from the second, or anywhere.
    Crosses(Option<[String; 2]>),
}

/// Reads a sentence about a sweep; `None` where it is none:
///
/// ```text
/// metric(target) [window] [on variant] rises|falls|is monotone over axis [± tolerance]
/// metric(target) [window] on variant crosses variant over axis [between value and value]
/// ```
pub fn parse_trend(text: &str) -> Result<Option<Trend>, SentenceError> {
    let mut reader = Reader::new(text);
    // What is wrong before is said by who reads expectations.
    let Ok(mut side) = side(&mut reader) else { return Ok(None) };
    let Some(mut way) = way(&mut reader, &side)? else { return Ok(None) };
    if reader.take_word("over").is_none() {
        return Err(reader.expected("`over` and an axis of the sweep"));
    }
    let axis = setting(&mut reader, "an axis of the sweep, such as load.0.rate")?;
    let mut allowed = None;
    match &mut way {
        Way::Crosses { between, .. } => *between = range(&mut reader)?,
        Way::Rises | Way::Falls | Way::Monotone => loop {
            if let Some(found) = tolerance(&mut reader, side.unit())? {
                if allowed.is_some() {
                    return Err(SentenceError::bare(found.at, "a second tolerance"));
                }
                allowed = Some(found.what);
            } else if !clause(&mut reader, &mut side)? {
                break;
            }
        },
    }
    whole_run_only(&side)?;
    match reader.peek().0 {
        Token::End => {
            let text = text.trim().to_owned();
            Ok(Some(Trend { text, side, way, axis, tolerance: allowed }))
        }
        _ => Err(reader.expected("the end")),
    }
}

/// `rises`, `falls`, `is monotone` or `crosses b`, if it is next.
fn way(reader: &mut Reader<'_>, side: &Side) -> Result<Option<Way>, SentenceError> {
    if reader.take_word("rises").is_some() {
        return Ok(Some(Way::Rises));
    }
    if reader.take_word("falls").is_some() {
        return Ok(Some(Way::Falls));
    }
    if reader.peek().0 == Token::Word("is") && reader.look(1) == Token::Word("monotone") {
        reader.take();
        reader.take();
        return Ok(Some(Way::Monotone));
    }
    let Some(at) = reader.take_word("crosses") else { return Ok(None) };
    let Some(on) = &side.on else {
        let hint = "write `p99(api) on a crosses b over …`";
        return Err(SentenceError::new(at, "which variant crosses?", hint));
    };
    let other = match reader.peek() {
        (Token::Quoted(_), _) => reader.take_setting(),
        _ => reader.take_phrase_before("over"),
    };
    if other.what.is_empty() {
        return Err(reader.expected("the variant that is crossed"));
    }
    if other == *on {
        let message = format!("variant \"{}\" does not cross itself", other.what);
        return Err(SentenceError::bare(other.at, message));
    }
    Ok(Some(Way::Crosses { other, between: None }))
}

/// `between 100/s and 300/s`, if it is next.
fn range(reader: &mut Reader<'_>) -> Result<Option<[Spanned<String>; 2]>, SentenceError> {
    if reader.take_word("between").is_none() {
        return Ok(None);
    }
    let low = setting(reader, "a value of the axis")?;
    if reader.take_word("and").is_none() {
        return Err(reader.expected("`and` with another value of the axis"));
    }
    Ok(Some([low, setting(reader, "another value of the axis")?]))
}

/// A path or a value, which must be next.
fn setting(reader: &mut Reader<'_>, what: &str) -> Result<Spanned<String>, SentenceError> {
    let found = reader.take_setting();
    if found.what.is_empty() { Err(reader.expected(what)) } else { Ok(found) }
}

impl Trend {
    /// Looks up every name, and the axis in the sweep.
    pub fn bind(
        &self,
        cx: &BindContext<'_>,
        sweep: Option<&Sweep>,
    ) -> Result<BoundTrend, SentenceError> {
        let axis = self.axis(sweep)?;
        let tolerance = self.tolerance.map_or(0.0, |amount| amount.value());
        let side = Side { on: None, ..self.side.clone() };
        // Without its variant the text is the same for all of them.
        let text = side.to_string();
        let name = |place: usize| cx.variants[place].0.to_owned();
        let mut places = cx.concerned(self.side.on.as_ref())?;
        let claim = match &self.way {
            Way::Rises => TrendClaim::Rises(tolerance),
            Way::Falls => TrendClaim::Falls(tolerance),
            Way::Monotone => TrendClaim::Monotone(tolerance),
            Way::Crosses { other, between } => {
                places.push(cx.find(other)?);
                let values = &sweep.expect("it has the axis").axes[axis].values;
                let value = |one: &Spanned<String>| known_value(one, values);
                let between = between.as_ref().map(|[low, high]| Ok([value(low)?, value(high)?]));
                TrendClaim::Crosses(between.transpose()?)
            }
        };
        let measure = Measure { text, side }.bind_on(cx, &places)?;
        Ok(BoundTrend {
            text: self.text.clone(),
            line: Line::default(),
            axis,
            claim,
            unit: self.side.unit(),
            measure,
            variants: places.into_iter().map(name).collect(),
        })
    }

    /// The place of the axis.
    fn axis(&self, sweep: Option<&Sweep>) -> Result<usize, SentenceError> {
        let wrong = |message: String, hint: String| {
            Err(SentenceError::new(self.axis.at.clone(), message, hint))
        };
        let path = &self.axis.what;
        let Some(sweep) = sweep else {
            let hint = format!("write `sweep: Grid({{\"{path}\": List([…])}})`");
            return wrong("the file has no sweep".to_owned(), hint);
        };
        if sweep.design != Design::Grid {
            let hint = "use `sweep: Grid({…})`".to_owned();
            return wrong("points drawn at random are no line".to_owned(), hint);
        }
        let known: Vec<&str> = sweep.axes.iter().map(|axis| axis.path.as_str()).collect();
        match known.iter().position(|own| own == path) {
            Some(axis) => Ok(axis),
            None => wrong(
                format!("`{path}` is no axis of the sweep"),
                suggest(path, &known, "axes are"),
            ),
        }
    }
}

/// A value that the axis has.
fn known_value(one: &Spanned<String>, values: &[String]) -> Result<String, SentenceError> {
    match values.contains(&one.what) {
        true => Ok(one.what.clone()),
        false => Err(SentenceError::new(
            one.at.clone(),
            format!("{} is no value of the axis", one.what),
            format!("values are {}", values.join(", ")),
        )),
    }
}

impl BoundTrend {
    /// The same, known to stand on a line of the file.
    pub(crate) fn on_line(self, line: usize) -> BoundTrend {
        BoundTrend { line: Line(line), ..self }
    }

    /// What its values are called where they are measured.
    pub fn row(&self) -> &str {
        &self.measure.text
    }

    /// The line of the experiment file it stands on, from 1; 0 where it is not known.
    pub fn line(&self) -> usize {
        self.line.0
    }
}

impl fmt::Display for Trend {
    /// The canonical spelling; reading it gives the same trend.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Trend { side, way, axis, tolerance, .. } = self;
        let axis = Setting(&axis.what);
        match way {
            Way::Rises => write!(f, "{side} rises over {axis}")?,
            Way::Falls => write!(f, "{side} falls over {axis}")?,
            Way::Monotone => write!(f, "{side} is monotone over {axis}")?,
            Way::Crosses { other, between } => {
                write!(f, "{side} crosses {} over {axis}", Name(&other.what))?;
                if let Some([low, high]) = between {
                    write!(f, " between {} and {}", Setting(&low.what), Setting(&high.what))?;
                }
            }
        }
        tolerance.map_or(Ok(()), |tolerance| write!(f, " ± {tolerance}"))
    }
}

/// A path or a value of a sweep, in quotes when it needs them.
struct Setting<'n>(&'n str);

impl fmt::Display for Setting<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.contains(char::is_whitespace) || self.0.contains('"') {
            true => write!(f, "'{}'", self.0),
            false => f.write_str(self.0),
        }
    }
}
