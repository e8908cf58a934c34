//! Forms and their results as text, and as JSON.

use super::kind::Need;
use super::{Answers, Form, forms};
use crate::expect::Unit;
use crate::report::json::Json;
use crate::report::paint::Paint;

/// Every form, a line each.
pub fn list(paint: Paint) -> String {
    let width = forms().map(|form| form.name.len()).max().unwrap_or(0);
    let line = |form: &Form| format!("  {:<width$}  {}", form.name, form.about);
    let lines: Vec<String> = forms().map(line).collect();
    format!(
        "{}\n{}\n\n{}\n",
        paint.strong("Closed forms"),
        lines.join("\n"),
        "`brownout theory NAME` says what a form takes; for example `brownout theory mmc \
         --lambda 80/s --mu 10/s --servers 10`."
    )
}

/// What a form is, what it takes, and an example.
pub fn describe(form: &Form, paint: Paint) -> String {
    let mut lines = vec![format!("{}: {}", paint.strong(form.name), form.about)];
    lines.extend(form.formula.iter().map(|line| format!("  {line}")));
    lines.push(paint.dim(&format!("  source: {}", form.source)));
    lines.push(String::new());
    lines.push(paint.strong("Arguments"));
    let width = form.arguments.iter().map(|argument| argument.name.len()).max().unwrap_or(0);
    for argument in form.arguments {
        let need = match argument.need {
            Need::Must => String::new(),
            Need::May => ", optional".to_owned(),
            Need::Default(value) => format!(", {value} where it is left out"),
        };
        let (name, about, kind) = (argument.name, argument.about, argument.kind.written());
        lines.push(format!("  --{name:<width$}  {about} ({kind}{need})"));
    }
    lines.push(String::new());
    lines.push(format!("Example: brownout theory {} {}", form.name, form.example));
    lines.join("\n") + "\n"
}

/// A form and its results.
pub fn human(form: &Form, answers: &Answers, paint: Paint) -> String {
    let mut lines = vec![format!("{}: {}", paint.strong(form.name), form.about)];
    lines.extend(form.formula.iter().map(|line| paint.dim(&format!("  {line}"))));
    lines.push(paint.dim(&format!("  source: {}", form.source)));
    lines.push(String::new());
    let chars = |text: &str| text.chars().count();
    let width = answers.list.iter().map(|answer| chars(&answer.label)).max().unwrap_or(0);
    for answer in &answers.list {
        let value = written(answer.unit, answer.value);
        let space = " ".repeat(width - chars(&answer.label));
        lines.push(format!("  {}{space}  {value}", answer.label));
    }
    lines.join("\n") + "\n"
}

/// A value as a person writes it.
pub fn written(unit: Unit, value: f64) -> String {
    if value.is_nan() {
        return "none".to_owned();
    }
    if value.is_infinite() { "∞".to_owned() } else { unit.human(value) }
}

/// The same as one JSON document: nothing rounded, times in seconds.
pub fn json(form: &Form, written: &[(String, String)], answers: &Answers) -> String {
    let given = written.iter().map(|(name, value)| (name.clone(), Json::text(value)));
    let results = answers.list.iter().map(|answer| {
        Json::object([
            ("key", Json::text(&answer.key)),
            ("label", Json::text(&answer.label)),
            ("unit", Json::text(answer.unit.name())),
            ("value", Json::Number(answer.value)),
        ])
    });
    Json::object([
        ("format", Json::Whole(1)),
        ("theory", Json::text(form.name)),
        ("formula", Json::List(form.formula.iter().map(|line| Json::text(*line)).collect())),
        ("source", Json::text(form.source)),
        ("arguments", Json::Object(given.collect())),
        ("results", Json::List(results.collect())),
    ])
    .document()
}
