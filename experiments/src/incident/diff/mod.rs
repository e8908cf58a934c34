//! Two sets of runs compared: paired by seed, with intervals, a verdict and where they part.
//!
//! Runs of equal seed meet the same arrivals and service times, so most of what scatters cancels in
//! their differences; how much is printed.

pub mod compare;
pub mod part;
pub mod side;
mod text;

pub use compare::{Better, Difference, compare, direction};
pub use side::{Row, Side};
pub use text::{Parted, json, text};

/// A comparison of two sides.
#[derive(Debug, Clone, PartialEq)]
pub struct Diff {
    /// What the two are called.
    pub names: (String, String),
    /// The seeds of the runs that are paired.
    pub seeds: Vec<String>,
    /// One for each quantity that both have.
    pub differences: Vec<Difference>,
    /// Quantities that only one of them has.
    pub alone: Vec<String>,
    /// Whether every pair of runs has the same digest.
    pub same: bool,
    /// How large a worsening is put up with, as a share of the first side's mean; of shares, so
    /// much of the whole.
    pub tolerance: f64,
}

impl Diff {
    /// What is worse beyond the tolerance, with the whole of its interval.
    pub fn regressions(&self) -> impl Iterator<Item = &Difference> {
        self.differences.iter().filter(|one| one.is_worse(self.tolerance))
    }

    /// What is better beyond the tolerance, with the whole of its interval.
    pub fn improvements(&self) -> impl Iterator<Item = &Difference> {
        self.differences.iter().filter(|one| one.is_better(self.tolerance))
    }

    /// Whether there is more than one pair of anything, so that something can be told from chance.
    pub fn decides(&self) -> bool {
        self.differences.iter().any(|one| one.runs > 1)
    }

    /// The verdict in one sentence.
    pub fn verdict(&self) -> String {
        let (a, b) = (&self.names.0, &self.names.1);
        if self.same {
            return format!("{b} is the same as {a}: in every run exactly the same things happen.");
        }
        if !self.decides() {
            return format!(
                "One run each: {b} differs from {a}, and whether by chance is not known."
            );
        }
        let list = |all: Vec<&Difference>| {
            let texts: Vec<&str> = all.iter().map(|one| one.text.as_str()).collect();
            texts.join(", ")
        };
        let worse: Vec<&Difference> = self.regressions().collect();
        let better: Vec<&Difference> = self.improvements().collect();
        match (worse.is_empty(), better.is_empty()) {
            (true, true) => {
                format!(
                    "No difference between {a} and {b} can be told for certain, better or worse."
                )
            }
            (true, false) => format!("{b} is better than {a}: {}.", list(better)),
            (false, true) => format!("{b} is worse than {a}: {}.", list(worse)),
            (false, false) => {
                format!("{b} is better than {a} in {}, and worse in {}.", list(better), list(worse))
            }
        }
    }
}
