//! Verdicts for machines that run tests: JUnit's XML, and the annotations of GitHub's workflows.

use super::Summary;
use crate::expect::Judgement;
use std::fmt::Write;

/// JUnit's XML: a suite per variant, a case per expectation. A failed one is a failure, an
/// undecided one an error, and one whose variants did not run is skipped.
pub fn junit(summary: &Summary<'_>, file: &str) -> String {
    let cases = cases(summary);
    let count = |held: Option<bool>| cases.iter().filter(|case| case.held == held).count();
    let counts = format!(
        "tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"{}\"",
        cases.len() + summary.unjudged.len(),
        count(Some(false)),
        count(None),
        summary.unjudged.len()
    );
    let name = escaped(&summary.experiment.name);
    let mut xml = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let _ = writeln!(xml, "<testsuites name=\"brownout\" {counts}>");
    let _ = writeln!(xml, "  <testsuite name=\"{name}\" {counts}>");
    for case in cases {
        let (text, class) = (escaped(&case.text), escaped(&class(summary, case)));
        let place = format!("file=\"{}\" line=\"{}\"", escaped(file), case.line);
        let _ = write!(xml, "    <testcase name=\"{text}\" classname=\"{class}\" {place}");
        let _ = match case.held {
            Some(true) => writeln!(xml, "/>"),
            Some(false) => writeln!(xml, ">{}</testcase>", verdict("failure", "failed", case)),
            None => writeln!(xml, ">{}</testcase>", verdict("error", "undecided", case)),
        };
    }
    for text in &summary.unjudged {
        let text = escaped(text);
        let _ = writeln!(
            xml,
            "    <testcase name=\"{text}\" classname=\"{name}\"><skipped message=\"its variants \
             did not run\"/></testcase>"
        );
    }
    xml.push_str("  </testsuite>\n</testsuites>\n");
    xml
}

/// Commands that a GitHub workflow turns into notes at the lines of the file: an error per failed
/// expectation, a warning per undecided one. Nothing where all held.
pub fn annotations(summary: &Summary<'_>, file: &str) -> Vec<String> {
    let told = |case: &&Judgement| {
        let (command, title) = match case.held {
            Some(true) => return None,
            Some(false) => ("error", "expectation failed"),
            None => ("warning", "expectation undecided"),
        };
        let line = case.line.max(1);
        let message = command_text(&format!("{} — {}", case.text, told(case)), false);
        let file = command_text(file, true);
        Some(format!("::{command} file={file},line={line},title={title}::{message}"))
    };
    cases(summary).iter().filter_map(told).collect()
}

fn cases<'s>(summary: &'s Summary<'_>) -> Vec<&'s Judgement> {
    summary.judgements.iter().collect()
}

/// `retry-storm.naive`; of a verdict on two variants only the experiment.
fn class(summary: &Summary<'_>, case: &Judgement) -> String {
    match &case.variant {
        Some(variant) => format!("{}.{variant}", summary.experiment.name),
        None => summary.experiment.name.clone(),
    }
}

/// The value, where, and what a reader must know.
fn told(case: &Judgement) -> String {
    let on = case.variant.as_ref().map_or_else(String::new, |variant| format!(" on {variant}"));
    let note = case.note.as_ref().map_or_else(String::new, |note| format!(" ({note})"));
    format!("measured {}{on}{note}", case.human())
}

fn verdict(element: &str, kind: &str, case: &Judgement) -> String {
    format!("<{element} type=\"{kind}\" message=\"{}\"/>", escaped(&told(case)))
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
