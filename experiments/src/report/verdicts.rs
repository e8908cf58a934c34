//! Verdicts for machines that run tests: JUnit's XML, and the annotations of GitHub's workflows.

use super::Summary;
use crate::expect::Judgement;
use std::fmt::Write;

/// What was decided, for machines.
#[derive(Debug, Default, PartialEq)]
pub struct Verdicts {
    /// The experiment.
    pub name: String,
    /// In the order of the file.
    pub cases: Vec<Case>,
    /// Sentences that were not decided, and why.
    pub skipped: Vec<(String, &'static str)>,
}

/// One verdict.
#[derive(Debug, PartialEq)]
pub struct Case {
    /// The sentence, and where there are several of it, which.
    pub text: String,
    /// `retry-storm.naive`; of a verdict on two variants only the experiment.
    pub class: String,
    /// The line of the experiment file, from 1; 0 where it is not known.
    pub line: usize,
    /// Held, failed, or undecided.
    pub held: Option<bool>,
    /// The value, where, and what a reader must know.
    pub told: String,
}

impl Verdicts {
    /// The verdicts of a run.
    pub fn of(summary: &Summary<'_>) -> Verdicts {
        let name = &summary.experiment.name;
        let class = |case: &Judgement| match &case.variant {
            Some(variant) => format!("{name}.{variant}"),
            None => name.clone(),
        };
        let case = |judgement: &Judgement| Case {
            text: judgement.text.clone(),
            class: class(judgement),
            line: judgement.line,
            held: judgement.held,
            told: told(judgement),
        };
        let absent = summary.unjudged.iter().map(|text| (text.clone(), "its variants did not run"));
        let trends = summary.experiment.trends.iter();
        let trends = trends.map(|trend| (trend.text.clone(), "brownout sweep decides it"));
        Verdicts {
            name: name.clone(),
            cases: summary.judgements.iter().map(case).collect(),
            skipped: absent.chain(trends).collect(),
        }
    }

    /// JUnit's XML: a case per verdict. A failed one is a failure, an undecided one an error.
    pub fn junit(&self, file: &str) -> String {
        let count = |held: Option<bool>| self.cases.iter().filter(|case| case.held == held).count();
        let counts = format!(
            "tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"{}\"",
            self.cases.len() + self.skipped.len(),
            count(Some(false)),
            count(None),
            self.skipped.len()
        );
        let name = escaped(&self.name);
        let mut xml = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
        let _ = writeln!(xml, "<testsuites name=\"brownout\" {counts}>");
        let _ = writeln!(xml, "  <testsuite name=\"{name}\" {counts}>");
        for case in &self.cases {
            let (text, class) = (escaped(&case.text), escaped(&case.class));
            let place = format!("file=\"{}\" line=\"{}\"", escaped(file), case.line);
            let _ = write!(xml, "    <testcase name=\"{text}\" classname=\"{class}\" {place}");
            let _ = match case.held {
                Some(true) => writeln!(xml, "/>"),
                Some(false) => writeln!(xml, ">{}</testcase>", verdict("failure", "failed", case)),
                None => writeln!(xml, ">{}</testcase>", verdict("error", "undecided", case)),
            };
        }
        for (text, why) in &self.skipped {
            let (text, why) = (escaped(text), escaped(why));
            let _ = writeln!(
                xml,
                "    <testcase name=\"{text}\" classname=\"{name}\"><skipped message=\"{why}\"/>\
                 </testcase>"
            );
        }
        xml.push_str("  </testsuite>\n</testsuites>\n");
        xml
    }

    /// Commands that a GitHub workflow turns into notes at the lines of the file: an error per
    /// failed case, a warning per undecided one. Nothing where all held.
    pub fn annotations(&self, file: &str) -> Vec<String> {
        let note = |case: &Case| {
            let (command, title) = match case.held {
                Some(true) => return None,
                Some(false) => ("error", "expectation failed"),
                None => ("warning", "expectation undecided"),
            };
            let line = case.line.max(1);
            let message = command_text(&format!("{} — {}", case.text, case.told), false);
            let file = command_text(file, true);
            Some(format!("::{command} file={file},line={line},title={title}::{message}"))
        };
        self.cases.iter().filter_map(note).collect()
    }
}

/// The value, where, and what a reader must know.
fn told(case: &Judgement) -> String {
    let on = case.variant.as_ref().map_or_else(String::new, |variant| format!(" on {variant}"));
    let note = case.note.as_ref().map_or_else(String::new, |note| format!(" ({note})"));
    format!("measured {}{on}{note}", case.human())
}

fn verdict(element: &str, kind: &str, case: &Case) -> String {
    format!("<{element} type=\"{kind}\" message=\"{}\"/>", escaped(&case.told))
}

/// For XML: no character that ends an attribute, none that XML forbids.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\n' | '\r' | '\t' => escaped.push(' '),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => escaped.push('\u{fffd}'),
            c => escaped.push(c),
        }
    }
    escaped
}

/// For a workflow command: its data, or one of its properties.
fn command_text(text: &str, is_property: bool) -> String {
    let text = text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A");
    if is_property { text.replace(':', "%3A").replace(',', "%2C") } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_ends_an_attribute_or_a_command_early() {
        assert_eq!(escaped("a<b> & \"c\"\n\u{1}"), "a&lt;b&gt; &amp; &quot;c&quot; \u{fffd}");
        assert_eq!(command_text("50%, a:b\nc", true), "50%25%2C a%3Ab%0Ac");
        assert_eq!(command_text("50%, a:b", false), "50%25, a:b");
    }
}
