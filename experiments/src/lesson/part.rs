//! A part of a lesson: an axis, curves of measured points, and the closed forms beside them.

/// An experiment beside its theory.
#[derive(Debug, Clone, PartialEq)]
pub struct Part {
    /// Its name in file names.
    pub name: String,
    /// The headline of its picture.
    pub title: String,
    /// What is varied.
    pub x: Across,
    /// What is measured.
    pub y: Up,
    /// What is measured, and what it is held to.
    pub curves: Vec<Curve>,
    /// How to read the picture.
    pub read: String,
    /// The experiment, as in a file of its own.
    pub experiment: String,
    /// The text of the lesson with everything blank but the experiment, so that its places hold.
    pub source: String,
    /// The file that the experiment stands in.
    pub file_name: String,
}

/// What is varied.
#[derive(Debug, Clone, PartialEq)]
pub struct Across {
    /// What it is.
    pub label: String,
    /// The unit that all values are written in; empty for plain numbers.
    pub unit: String,
    /// The values, as written.
    pub values: Vec<String>,
    /// Paths that take the value, with `{x}` where it goes.
    pub set: Vec<(String, String)>,
    /// Whether the axis is logarithmic.
    pub is_log: bool,
    /// Whether there is nothing between the values: a number of servers.
    pub is_whole: bool,
}

/// What is measured.
#[derive(Debug, Clone, PartialEq)]
pub struct Up {
    /// What it is.
    pub label: String,
    /// The unit of the picture and the table: `ms`, `s`, `%`, `/s`, or none.
    pub unit: String,
    /// Whether the axis is logarithmic.
    pub is_log: bool,
}

/// One row of points and its theory.
#[derive(Debug, Clone, PartialEq)]
pub struct Curve {
    /// Its name.
    pub name: String,
    /// A sentence of `measure`, with `{x}` where the value of the axis goes.
    pub measure: String,
    /// Times this many: from a rate in a window to a count.
    pub times: f64,
    /// Not the value, but whether it is over this: of runs that end well or badly, the share of
    /// those that end well.
    pub over: Option<f64>,
    /// The closed form, as after `brownout theory`, with `{x}` where the value goes; may be empty.
    pub theory: String,
    /// Which of its results.
    pub result: String,
    /// What the theory claims.
    pub claim: Claim,
}

/// What a closed form claims about what is simulated.
#[derive(Debug, Clone, PartialEq)]
pub enum Claim {
    /// They are equal.
    Equal,
    /// They are equal up to this much, for this reason.
    Within(f64, String),
    /// It is not exceeded.
    AtMost,
    /// It is an approximation, for this reason; it is shown and not judged.
    Roughly(String),
}

impl Part {
    /// How many points are held to a closed form.
    pub fn checks(&self) -> usize {
        let judged =
            |curve: &&Curve| !curve.theory.is_empty() && !matches!(curve.claim, Claim::Roughly(_));
        self.curves.iter().filter(judged).count() * self.x.values.len()
    }
}

impl Across {
    /// The values as numbers in the axis's unit.
    pub fn numbers(&self) -> Vec<f64> {
        let number = |text: &String| {
            let number = text.strip_suffix(&self.unit).unwrap_or(text);
            number.trim().parse().expect("it was read as a number and its unit")
        };
        self.values.iter().map(number).collect()
    }

    /// A number as a value.
    pub fn written(&self, number: f64) -> String {
        format!("{number}{}", self.unit)
    }
}

impl Up {
    /// Base units (seconds, shares, per second) to those of the axis.
    pub fn scale(&self) -> f64 {
        match self.unit.as_str() {
            "ms" => 1e3,
            "us" => 1e6,
            "%" => 100.0,
            _ => 1.0,
        }
    }
}
