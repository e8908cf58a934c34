//! `brownout theory`: the closed forms that runs are held to, with one's own numbers.

use super::exit::{Exit, Refusal};
use super::{TheoryArguments, output};
use brownout::formula::{Complaint, Form, form, forms, report};

/// What results look like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Shape {
    /// Text for people.
    Human,
    /// One JSON document.
    Json,
}

pub(super) fn theory(arguments: &TheoryArguments) -> anyhow::Result<Exit> {
    let Some((name, values)) = arguments.words.split_first() else {
        output::print(&report::list(output::paint()));
        return Ok(Exit::Held);
    };
    let form = form(name).ok_or_else(|| {
        let names: Vec<&str> = forms().map(|form| form.name).collect();
        let near = brownout_policies::notation::meant(name, names.iter().copied());
        let hint = near.unwrap_or_else(|| format!("there is {}", names.join(", ")));
        Refusal::usage(format!("no closed form \"{name}\"; {hint}"))
    })?;
    let mut asked = Asked { format: arguments.format, written: Vec::new(), help: false };
    let stray = asked.read(values);
    if asked.help || values.is_empty() {
        output::print(&report::describe(form, output::paint()));
        return Ok(Exit::Held);
    }
    let found = form.answer(&asked.written);
    match found {
        Ok(answers) if stray.is_empty() => {
            output::print(&match asked.format {
                Shape::Human => report::human(form, &answers, output::paint()),
                Shape::Json => report::json(form, &asked.written, &answers),
            });
            Ok(Exit::Held)
        }
        found => Err(refused(form, stray, found.err().unwrap_or_default())),
    }
}

/// Every complaint on a line of its own; the last is the error of the command.
fn refused(form: &Form, stray: Vec<String>, complaints: Vec<Complaint>) -> anyhow::Error {
    let is_invalid = complaints.iter().any(|one| matches!(one, Complaint::Value(_)));
    let messages = stray.iter().map(String::as_str);
    messages.chain(complaints.iter().map(Complaint::message)).for_each(output::error);
    let message = format!("for example: brownout theory {} {}", form.name, form.example);
    if is_invalid { Refusal::invalid(message) } else { Refusal::usage(message) }
}

/// What was asked after the name of a form.
struct Asked {
    format: Shape,
    written: Vec<(String, String)>,
    help: bool,
}

impl Asked {
    /// Reads `--name value` and `--name=value`; returns what is neither.
    fn read(&mut self, words: &[String]) -> Vec<String> {
        let mut stray = Vec::new();
        let mut words = words.iter();
        while let Some(word) = words.next() {
            if word == "-h" || word == "--help" {
                self.help = true;
                continue;
            }
            let Some(name) = word.strip_prefix("--") else {
                stray.push(format!("\"{word}\" follows no argument; write --NAME VALUE"));
                continue;
            };
            let (name, value) = match name.split_once('=') {
                Some((name, value)) => (name, Some(value.to_owned())),
                None => (name, words.next().cloned()),
            };
            match (name, value) {
                (name, None) => stray.push(format!("--{name} has no value")),
                ("format", Some(value)) => match value.as_str() {
                    "human" => self.format = Shape::Human,
                    "json" => self.format = Shape::Json,
                    _ => stray.push(format!("--format {value}: there is human, and json")),
                },
                (name, Some(value)) => self.written.push((name.to_owned(), value)),
            }
        }
        stray
    }
}
