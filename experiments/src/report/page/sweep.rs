//! The page of a sweep: what held, the surfaces with their cliffs, where it breaks off, every
//! point, and how to get the same again.

use super::reproduce::quoted;
use super::text::{escape, section, table};
use super::{STYLE, figure};
use crate::expect::Unit;
use crate::experiment::Design;
use crate::report::number::plus_minus;
use crate::sweep::picture::{Picture, pictures};
use crate::sweep::record::{PointRecord, Row, VariantRecord};
use crate::sweep::results::SweepResults;
use crate::sweep::tally::{self, Tally};
use crate::sweep::told::Told;
use brownout_plots::{DrawError, Surface, surface_night_svg, surface_svg, to_page};

/// Points that are shown; all of them are in `points.csv`.
const POINTS: usize = 400;
/// Cliffs that are told of one variant and axis.
const CLIFFS: usize = 40;

/// The page.
///
/// # Errors
/// When a picture cannot be drawn.
pub fn sweep_page(told: &Told, results: &SweepResults) -> Result<String, DrawError> {
    let mut body = head(told, results);
    body += &section("verdict", "Verdict", &verdict(told, results));
    body += &section("surfaces", "Over the sweep", &surfaces(told, results)?);
    body += &section("cliffs", "Where it breaks off", &cliffs(results));
    body += &section("broken", "Points without a result", &broken(results));
    body += &section("points", "Every point", &points(results));
    body += &section("numbers", "How the numbers were got", &statistics(told));
    body += &section("again", "The same again", &again(told, results));
    let title = escape(&told.name);
    Ok(format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; \
         style-src 'unsafe-inline'; img-src data:\">\n\
         <link rel=\"icon\" href=\"data:,\">\n<title>{title}: sweep</title>\n<style>\n{STYLE}\
         </style>\n</head>\n<body>\n{body}</main>\n</body>\n</html>\n"
    ))
}

fn head(told: &Told, results: &SweepResults) -> String {
    let (name, about) = (escape(&told.name), escape(&told.about));
    let design = match results.sweep.design {
        Design::Grid => "a grid",
        Design::Random => "drawn at random",
        Design::LatinHypercube => "drawn as a Latin hypercube",
    };
    let runs = match told.replications.len() {
        1 => "one run of each variant at each, no intervals".to_owned(),
        runs => format!("{runs} runs of each variant at each"),
    };
    let points = results.sweep.points();
    let mut notes = String::new();
    if results.is_interrupted() {
        let finished = results.finished().count();
        notes += &format!("<p class=\"bad\">Interrupted: {finished} of {points} points.</p>\n");
    }
    let axes = results.sweep.axes.iter().map(|axis| {
        let values = match axis.values.as_slice() {
            [first, .., last] if axis.values.len() > 12 => {
                format!("{first} … {last}, {} values", axis.values.len())
            }
            values => values.join(", "),
        };
        format!("<li><code>{}</code>: {}</li>\n", escape(&axis.path), escape(&values))
    });
    format!(
        "<header>\n<h1>{name}: sweep</h1>\n<p class=\"about\">{about}</p>\n\
         <p class=\"note\">{points} points, {design}; {runs}; seed {}.</p>\n<ul>\n{}</ul>\n{notes}\
         </header>\n<main>\n",
        told.seed,
        axes.collect::<String>()
    )
}

/// The sentences about the sweep first: they are what it was made for.
fn verdict(told: &Told, results: &SweepResults) -> String {
    let trends = tally::of_trends(told).into_iter().map(|one| (one, "line"));
    let points = tally::of_points(results).into_iter().map(|one| (one, "point"));
    let all: Vec<(Tally, &str)> = trends.chain(points).collect();
    let of = |verdict: Option<bool>| all.iter().filter(|(one, _)| one.verdict() == verdict).count();
    let (held, failed, open) = (of(Some(true)), of(Some(false)), of(None));
    let (class, said) = match (all.len(), failed, open) {
        (0, _, _) => ("open", "Nothing was expected of this sweep.".to_owned()),
        (all, 0, 0) => ("held", format!("{held} of {all} expectations held everywhere.")),
        (all, 0, open) => {
            ("open", format!("{held} of {all} expectations held everywhere, {open} undecided."))
        }
        (all, failed, _) => ("failed", format!("{failed} of {all} expectations fail somewhere.")),
    };
    let items = all.iter().map(|(one, noun)| {
        let (class, mark) = match one.verdict() {
            Some(true) => ("held", "✓"),
            Some(false) => ("failed", "✗"),
            None => ("open", "?"),
        };
        let first = one.first.as_ref().map_or_else(String::new, |(place, run)| {
            let run = run
                .as_ref()
                .map_or_else(String::new, |id| format!(", run <code>{}</code>", escape(id)));
            format!("<br><small>first: {}{run}</small>", escape(place))
        });
        format!(
            "<li class=\"{class}\"><span class=\"mark\" aria-hidden=\"true\">{mark}</span> \
             <code>{}</code> <span class=\"value\">{}</span>{first}</li>\n",
            escape(&one.text),
            one.counts(noun)
        )
    });
    let absent = told.unjudged.iter().map(|text| {
        let text = escape(text);
        format!("<li class=\"open\"><code>{text}</code> its variants did not run</li>\n")
    });
    let items = items.chain(absent).collect::<String>();
    let list = match items.is_empty() {
        true => String::new(),
        false => format!("<ul class=\"expected\">\n{items}</ul>\n"),
    };
    format!("<p class=\"verdict {class}\">{said}</p>\n{list}")
}

fn surfaces(told: &Told, results: &SweepResults) -> Result<String, DrawError> {
    let mut out = String::new();
    for (name, picture) in pictures(told, results) {
        out += &match &picture {
            Picture::Figure(own) => figure(&name, own, &to_page(own)?),
            Picture::Surface(own) => surface(&name, own)?,
        };
    }
    Ok(out)
}

/// A surface, drawn for the day and for the night: what is dark by day is light by night, which no
/// style sheet can make of so many shades.
fn surface(name: &str, own: &Surface) -> Result<String, DrawError> {
    // Tiles are small as they are.
    let least = if own.panels.len() > 1 { 800 } else { 600 };
    let named =
        |svg: String, class: &str| svg.replacen("<svg ", &format!("<svg class=\"{class}\" "), 1);
    Ok(format!(
        "<figure class=\"chart wide surface\" id=\"figure-{name}\" style=\"--least:{least}px\" \
         tabindex=\"0\">\n{}{}</figure>\n",
        named(surface_svg(own)?, "day"),
        named(surface_night_svg(own)?, "night")
    ))
}

/// A row per place at which the share of stuck runs passes one half.
fn cliffs(results: &SweepResults) -> String {
    let mut rows = Vec::new();
    let mut more = 0;
    for variant in &results.variants {
        for (number, axis) in results.sweep.axes.iter().enumerate() {
            let cliffs = results.cliffs(variant, number);
            more += cliffs.len().saturating_sub(CLIFFS);
            for cliff in cliffs.into_iter().take(CLIFFS) {
                let fixed = cliff.fixed.iter().map(|(path, value)| format!("{path}={value}"));
                let run = cliff.run.unwrap_or_default();
                rows.push(vec![
                    escape(variant),
                    code(&fixed.collect::<Vec<String>>().join(" ")),
                    code(&axis.path),
                    escape(&cliff.safe),
                    escape(&cliff.stuck),
                    code(&run),
                ]);
            }
        }
    }
    if rows.is_empty() {
        return String::new();
    }
    let head = ["Variant", "Where", "Along", "Safe at", "Stuck at", "A stuck run, for replay"];
    let caption = "Neighbours between which the share of stuck runs passes one half.";
    let more = match more {
        0 => String::new(),
        more => format!("<p class=\"note\">… and {more} more.</p>\n"),
    };
    table(caption, &head.map(str::to_owned), &rows) + &more
}

fn code(text: &str) -> String {
    if text.is_empty() { "–".to_owned() } else { format!("<code>{}</code>", escape(text)) }
}

fn broken(results: &SweepResults) -> String {
    let row = |point: &PointRecord| {
        let reason = point.outcome.as_ref().err().map_or("", |broken| broken.reason.as_str());
        vec![point.point.to_string(), code(&point.words()), escape(reason)]
    };
    let rows: Vec<Vec<String>> = results.broken().take(POINTS).map(row).collect();
    match rows.is_empty() {
        true => String::new(),
        false => table("", &["Point", "Settings", "Why"].map(str::to_owned), &rows),
    }
}

fn points(results: &SweepResults) -> String {
    let axes = results.sweep.axes.iter().map(|axis| code(&axis.path));
    let rest = ["offered /s", "goodput /s", "p99 ms", "P(stuck)", "held", "The first run"];
    let rest = rest.iter().map(|text| (*text).to_owned());
    let head: Vec<String> = std::iter::once("Variant".to_owned()).chain(axes).chain(rest).collect();
    let every: Vec<(&PointRecord, &VariantRecord)> = results
        .finished()
        .flat_map(|point| point.variants().iter().map(move |variant| (point, variant)))
        .collect();
    let row = |(point, variant): &(&PointRecord, &VariantRecord)| {
        let settings = point.settings.iter().map(|(_, value)| escape(value));
        let id = variant.ids.first().map_or("", String::as_str);
        let held = variant.expect.iter().filter(|one| one.held == Some(true)).count();
        std::iter::once(escape(&variant.name))
            .chain(settings)
            .chain([
                number(variant, "offered(", 1.0),
                number(variant, "goodput(", 1.0),
                number(variant, "p99(", 1e-3),
                stuck(variant),
                format!("{held} of {}", variant.expect.len()),
                code(id),
            ])
            .collect()
    };
    let rows: Vec<Vec<String>> = every.iter().take(POINTS).map(row).collect();
    let all = every.len();
    if rows.is_empty() {
        return String::new();
    }
    let more = match all > POINTS {
        true => format!("<p class=\"note\">… and {} more in points.csv.</p>\n", all - POINTS),
        false => String::new(),
    };
    let caption = "Means over the runs; “mixed” where only some runs are stuck, so that a mean \
                   says little.";
    let rows = table(caption, &head, &rows);
    format!(
        "<details><summary>{all} rows, by point and variant</summary>\n{rows}{more}</details>\n"
    )
}

fn number(variant: &VariantRecord, metric: &str, scale: f64) -> String {
    let row: Option<&Row> = variant.metrics.iter().find(|row| row.text.starts_with(metric));
    match row {
        None => "–".to_owned(),
        Some(_) if variant.is_mixed() && metric != "offered(" => "mixed".to_owned(),
        Some(row) => {
            let more = if row.is_lower_limit { "> " } else { "" };
            escape(&format!("{more}{}", plus_minus(row.mean, row.ci95, scale)))
        }
    }
}

fn stuck(variant: &VariantRecord) -> String {
    let Some(stuck) = variant.worst().map(|verdict| verdict.stuck) else { return "–".to_owned() };
    let share = Unit::Share.human(stuck.share());
    match stuck.ci95 {
        Some((low, high)) if !stuck.share().is_nan() => {
            let (low, high) = (Unit::Share.human(low), Unit::Share.human(high));
            format!("{share} <small>{low} … {high}</small>")
        }
        _ => "–".to_owned(),
    }
}

fn statistics(told: &Told) -> String {
    let runs = told.replications.len();
    let warmup = told.warmup.as_ref().map_or("as declared, or none".to_owned(), |how| escape(how));
    let rows = [
        ("replications", format!("{runs} at each point, of the same seeds at all points")),
        ("intervals", "95 %: Student’s of means, Wilson’s of shares of runs".to_owned()),
        (
            "along an axis",
            "differences of runs of equal seed, step by step; a claim fails only by an interval \
             that holds for all steps of its line together (Bonferroni)"
                .to_owned(),
        ),
        ("warm-up", warmup),
    ];
    let rows = rows.map(|(what, how)| vec![what.to_owned(), how]);
    table("", &["".to_owned(), "How".to_owned()], &rows)
}

fn again(told: &Told, results: &SweepResults) -> String {
    let fact = |name: &str, value: &str| vec![name.to_owned(), code(value)];
    let mut facts = vec![
        fact("experiment", &told.file),
        fact("its hash (BLAKE3)", &told.file_hash),
        fact("brownout", &told.version),
        fact("seed", &told.seed.to_string()),
        fact("runs at each point", &told.replications.len().to_string()),
    ];
    facts.extend(told.settings.iter().map(|(path, value)| fact(path, value)));
    facts.extend(
        told.files
            .iter()
            .map(|(path, hash)| fact(&format!("read with it: {}", escape(path)), hash)),
    );
    let mut variants = results.finished().flat_map(PointRecord::variants);
    let example = variants.find_map(|variant| variant.ids.first());
    let example = example.map_or_else(String::new, |id| {
        let line = format!("brownout replay {id} {}", quoted(&told.file));
        format!(
            "<p>Every run has an id, in <code>points.ndjson</code> and above; this runs one again \
             and proves it the same:</p>\n<pre><code>{}</code></pre>\n",
            escape(&line)
        )
    });
    format!(
        "<p>This line makes the same files again, to the bit, on any machine:</p>\n\
         <pre><code>{}</code></pre>\n{example}{}",
        escape(&told.command),
        table("Manifest.", &["".to_owned(), "Value".to_owned()], &facts)
    )
}
