//! The report for a person: who coped, who did not, what was expected, and under which rules.

use super::Summary;
use super::outcomes::outcomes;
use super::paint::Paint;
use super::{deaths, monitors, statistics};
use crate::expect::{Judgement, MeasureRow};
use crate::incident::id::RunId;
use brownout_core::Time;
use brownout_topologies::ledger::verdict::{Trigger, triggers};

/// Where text is broken, in columns.
const WIDTH: usize = 110;

/// The whole report, except where it was written.
pub fn report(summary: &Summary<'_>, paint: Paint) -> String {
    let mut lines = head(summary, paint);
    for number in 0..summary.variants.first().map_or(0, |first| first.entries.len()) {
        lines.push(String::new());
        lines.extend(outcomes(summary, number, paint));
    }
    section(&mut lines, paint, "Where failed requests died", deaths::section(summary, paint));
    section(&mut lines, paint, "What monitors saw", monitors::section(summary, paint));
    section(&mut lines, paint, "Measured", measured(summary, paint));
    section(&mut lines, paint, "Expected", expected(summary, paint));
    section(&mut lines, paint, "Semantics in force", semantics(summary, paint));
    lines.join("\n") + "\n"
}

/// The part that says where the files are: (where, their names) and the digests.
pub fn written(summary: &Summary<'_>, files: Option<(&str, &[String])>, paint: Paint) -> String {
    let mut lines = Vec::new();
    if let Some((directory, names)) = files {
        lines.push(paint.strong(&format!("Written to {directory}")));
        lines.extend(wrapped(&names.join(" "), "  ", "  "));
        lines.push(String::new());
    }
    lines.push(
        paint.strong("Digests")
            + &paint.dim(": equal when exactly the same things happened; and ids for replay"),
    );
    let width = name_width(summary);
    for variant in &summary.variants {
        let first = summary.results.seeds.first();
        let id = first.map(|seed| RunId::of(summary.experiment, variant.place, *seed).to_string());
        let (name, digest) = (variant.name, &variant.digest);
        lines.push(format!("  {name:<width$}  {digest}  {}", id.unwrap_or_default()));
    }
    lines.join("\n") + "\n"
}

fn section(lines: &mut Vec<String>, paint: Paint, title: &str, body: Vec<String>) {
    if !body.is_empty() {
        lines.push(String::new());
        lines.push(paint.strong(title));
        lines.extend(body);
    }
}

fn head(summary: &Summary<'_>, paint: Paint) -> Vec<String> {
    let experiment = summary.experiment;
    let mut lines = vec![match experiment.about.as_str() {
        "" => paint.strong(&experiment.name),
        about => format!("{}: {about}", paint.strong(&experiment.name)),
    }];
    let Some(first) = summary.variants.first() else { return lines };
    let graph = &experiment.variants[first.place].graph;
    let runs = match summary.results.seeds.as_slice() {
        [seed] => format!("one run of {}, seed {seed}, no intervals", graph.time),
        seeds => format!(
            "{} runs of {}, seed {}; ± is half the 95 % interval over the runs",
            seeds.len(),
            graph.time,
            summary.seed
        ),
    };
    let warmup = match graph.warmup.is_zero() {
        true => String::new(),
        false => format!("; the first {} left out", graph.warmup),
    };
    lines.push(paint.dim(&format!("{runs}{warmup}")));
    for trigger in triggers(graph) {
        lines.push(paint.dim(&format!("{}: {}", window(&trigger), trigger.name)));
    }
    lines.extend(statistics::words(summary).iter().map(|line| paint.dim(line)));
    if summary.is_interrupted() {
        let (done, planned) = (summary.results.seeds.len(), summary.results.planned);
        lines.push(paint.bad(&format!("interrupted: {done} of {planned} runs finished")));
    }
    lines
}

fn window(trigger: &Trigger) -> String {
    match trigger.to {
        Time::MAX => format!("from {}", trigger.from),
        to => format!("{} to {to}", trigger.from),
    }
}

fn name_width(summary: &Summary<'_>) -> usize {
    summary.variants.iter().map(|variant| variant.name.chars().count()).max().unwrap_or(0)
}

/// Each sentence with its value on every variant it is about.
fn measured(summary: &Summary<'_>, paint: Paint) -> Vec<String> {
    let width = name_width(summary);
    let mut lines = Vec::new();
    let mut last = "";
    let texts: Vec<&MeasureRow> = summary.variants.iter().flat_map(|one| &one.measures).collect();
    let mut ordered: Vec<&MeasureRow> = Vec::with_capacity(texts.len());
    for row in &texts {
        if !ordered.iter().any(|other| other.text == row.text) {
            ordered.extend(texts.iter().copied().filter(|other| other.text == row.text));
        }
    }
    for row in ordered {
        if row.text != last {
            lines.push(format!("  {}", row.text));
            last = &row.text;
        }
        let note = row.note.as_ref().filter(|note| *note != "one run, no interval");
        let note = note.map_or_else(String::new, |note| paint.dim(&format!("  ({note})")));
        lines.push(format!("    {:<width$}  {}{note}", row.variant, row.human()));
    }
    lines
}

fn expected(summary: &Summary<'_>, paint: Paint) -> Vec<String> {
    let several = summary.experiment.variants.len() > 1;
    let told = |judgement: &Judgement| match &judgement.variant {
        Some(variant) if several && !judgement.text.contains(" on ") => {
            format!("{} (on {variant})", judgement.text)
        }
        _ => judgement.text.clone(),
    };
    let judgements = &summary.judgements;
    let widest = judgements.iter().map(|one| told(one).chars().count()).max().unwrap_or(0);
    let width = widest.min(WIDTH - 40);
    let mut lines = Vec::new();
    for judgement in judgements {
        let mark = match judgement.held {
            Some(true) => paint.good("✓"),
            Some(false) => paint.bad("✗"),
            None => paint.doubtful("?"),
        };
        lines.push(format!("  {mark} {:<width$}  {}", told(judgement), judgement.human()));
        let note = judgement.note.as_ref().filter(|note| *note != "one run, no interval");
        lines.extend(note.map(|note| paint.dim(&format!("      {note}"))));
    }
    for text in &summary.unjudged {
        lines.push(paint.dim(&format!("  – {text}: its variant did not run")));
    }
    for trend in &summary.experiment.trends {
        let text = &trend.text;
        lines.push(paint.dim(&format!("  – {text}: `brownout sweep` decides it")));
    }
    let of = |held| judgements.iter().filter(|judgement| judgement.held == held).count();
    if !judgements.is_empty() {
        let (held, failed, open) = (of(Some(true)), of(Some(false)), of(None));
        let mut parts = vec![format!("{held} of {} held", judgements.len())];
        if failed > 0 {
            parts.push(paint.bad(&format!("{failed} failed")));
        }
        if open > 0 {
            parts.push(paint.doubtful(&format!("{open} undecided: more runs may tell (--runs)")));
        }
        lines.push(format!("  {}", parts.join(", ")));
    }
    lines
}

fn semantics(summary: &Summary<'_>, paint: Paint) -> Vec<String> {
    let own = summary.variants.iter().map(|variant| (variant.name, variant.semantics.as_slice()));
    let own: Vec<(&str, &[(String, String)])> = own.collect();
    let lines = switches(&summary.semantics, &own);
    lines.into_iter().map(|line| paint.dim(&line)).collect()
}

/// Switches, each followed by the variants in which it is another.
pub fn switches(
    common: &[(String, String)],
    variants: &[(&str, &[(String, String)])],
) -> Vec<String> {
    let width = common.iter().map(|(key, _)| key.chars().count()).max().unwrap_or(0);
    let mut lines = Vec::new();
    for (key, value) in common {
        lines.extend(wrapped(value, &format!("  {key:<width$}  "), &" ".repeat(width + 4)));
        let mut others: Vec<(&str, Vec<&str>)> = Vec::new();
        for (name, switches) in variants {
            for (_, other) in switches.iter().filter(|(other, _)| other == key) {
                match others.iter_mut().find(|(known, _)| known == other) {
                    Some((_, names)) => names.push(name),
                    None => others.push((other, vec![name])),
                }
            }
        }
        for (other, names) in others {
            let head = format!("{}on {}: ", " ".repeat(width + 4), names.join(", "));
            lines.extend(wrapped(other, &head, &" ".repeat(width + 6)));
        }
    }
    lines
}

/// `text` after `head`, broken at blanks; further lines begin with `indent`.
pub fn wrapped(text: &str, head: &str, indent: &str) -> Vec<String> {
    let mut lines = vec![head.to_owned()];
    let mut is_fresh = true;
    for word in text.split(' ') {
        let line = lines.last_mut().expect("there is always a line");
        if !is_fresh && line.chars().count() + 1 + word.chars().count() > WIDTH {
            lines.push(format!("{indent}{word}"));
            continue;
        }
        if !is_fresh {
            line.push(' ');
        }
        line.push_str(word);
        is_fresh = false;
    }
    lines
}
