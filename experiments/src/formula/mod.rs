//! The closed forms of [`brownout_core::theory`] by name, with arguments in the units of files.
//!
//! `brownout theory` prints them, and lessons draw them beside what was simulated. A form is one
//! entry in the list of its family's file; a test holds the list complete.

pub mod answer;
mod capacity;
pub mod given;
mod impatience;
mod keeping;
mod kind;
mod laws;
mod lots;
mod networks;
mod queues;
pub mod report;
mod retries;
mod storms;
#[cfg(test)]
mod tests;

pub use answer::{Answer, Answers};
pub use given::{Complaint, Given};
pub use kind::{Argument, Kind};

/// A closed form: what it takes, what it gives, and where it comes from.
#[derive(Debug)]
pub struct Form {
    /// Its name on the command line.
    pub name: &'static str,
    /// One line about it.
    pub about: &'static str,
    /// The mathematics in text, a line each.
    pub formula: &'static [&'static str],
    /// Who found it.
    pub source: &'static str,
    /// What it takes.
    pub arguments: &'static [Argument],
    /// Arguments that work.
    pub example: &'static str,
    /// Its results, or every reason why there are none for these values.
    pub solve: fn(&Given) -> Result<Answers, Vec<String>>,
}

/// Every form, family by family.
pub fn forms() -> impl Iterator<Item = &'static Form> {
    let families = [
        queues::FORMS,
        laws::FORMS,
        capacity::FORMS,
        impatience::FORMS,
        networks::FORMS,
        retries::FORMS,
        keeping::FORMS,
        storms::FORMS,
        lots::FORMS,
    ];
    families.into_iter().flatten()
}

/// The form called `name`.
pub fn form(name: &str) -> Option<&'static Form> {
    forms().find(|form| form.name == name)
}

/// `--lambda 80/s --service 'Exp(mean: "5ms")'` as (name, value); what is no such pair is dropped.
pub fn words(line: &str) -> Vec<(String, String)> {
    let mut words = Vec::new();
    let mut rest = line.trim();
    while let Some((name, after)) = rest.strip_prefix("--").and_then(|it| it.split_once(' ')) {
        let after = after.trim_start();
        let (value, after) = match after.strip_prefix('\'').and_then(|it| it.split_once('\'')) {
            Some(quoted) => quoted,
            None => after.split_once(' ').unwrap_or((after, "")),
        };
        words.push((name.to_owned(), value.to_owned()));
        rest = after.trim_start();
    }
    words
}

impl Form {
    /// Its results for arguments as a person writes them: (name, value).
    ///
    /// # Errors
    /// Everything that is wrong with them.
    pub fn answer(&self, written: &[(String, String)]) -> Result<Answers, Vec<Complaint>> {
        self.answer_only(None, written)
    }

    /// [`Form::answer`] when only the result called `key` is wanted, without the work for others.
    ///
    /// # Errors
    /// As [`Form::answer`].
    pub fn answer_only(
        &self,
        key: Option<&str>,
        written: &[(String, String)],
    ) -> Result<Answers, Vec<Complaint>> {
        let (mut given, mut complaints) = Given::read(self.arguments, written);
        given.only = key.map(str::to_owned);
        // Values that could be read are judged together only when all of them could.
        if complaints.is_empty() {
            match (self.solve)(&given) {
                Ok(answers) => return Ok(answers),
                Err(reasons) => complaints.extend(reasons.into_iter().map(Complaint::Value)),
            }
        }
        Err(complaints)
    }
}
