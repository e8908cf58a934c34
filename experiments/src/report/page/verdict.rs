//! The verdict: what was expected, what came of it, and what users saw of each variant.

use super::PageError;
use super::text::{escape, number, section as framed, table, unit};
use crate::report::json::{Cursor, Json};
use crate::report::stored::Stored;

/// The head of the page.
pub(super) fn head(stored: &Stored) -> Result<String, PageError> {
    let summary = Cursor::new(&stored.summary);
    let name = escape(summary.get("experiment").text()?);
    let about = escape(summary.get("about").text()?);
    let runs = summary.get("runs").whole()?;
    let seed = summary.get("seed").whole()?;
    let first = Cursor::new(&stored.summary).get("variants").items()?;
    let first =
        first.first().ok_or_else(|| summary.get("variants").misfit("a list of one or more"))?;
    let time = crate::expect::Unit::Seconds.human(first.get("time").number()?);
    let intervals = match runs {
        1 => "one run, no intervals".to_owned(),
        runs => format!("{runs} runs; small numbers are 95 % intervals over them"),
    };
    let mut notes = String::new();
    if let Some(finished) = summary.get("interrupted").get("finished").maybe(Cursor::whole)? {
        let of = summary.get("interrupted").get("of").whole()?;
        notes += &format!("<p class=\"bad\">Interrupted: {finished} of {of} runs finished.</p>\n");
    }
    for line in &stored.drawing.undrawn {
        notes += &format!("<p class=\"note\">Not drawn: {}</p>\n", escape(line));
    }
    Ok(format!(
        "<header>\n<h1>{name}</h1>\n<p class=\"about\">{about}</p>\n\
         <p class=\"note\">{time} of simulated time, seed {seed}, {intervals}.</p>\n{notes}\
         </header>\n<main>\n"
    ))
}

/// Expectations, and a table of what users saw.
pub(super) fn section(stored: &Stored) -> Result<String, PageError> {
    let summary = Cursor::new(&stored.summary);
    let variants = summary.get("variants").items()?;
    let mut items = String::new();
    let (mut held, mut failed, mut open) = (0, 0, 0);
    for variant in &variants {
        for judgement in variant.get("expect").items()? {
            let (class, mark, word) = match judgement.get("held").json() {
                Json::Bool(true) => ("held", "✓", "held"),
                Json::Bool(false) => ("failed", "✗", "failed"),
                _ => ("open", "?", "undecided"),
            };
            match word {
                "held" => held += 1,
                "failed" => failed += 1,
                _ => open += 1,
            }
            items += &judged(variant, &judgement, (class, mark, word), variants.len() > 1)?;
        }
    }
    for text in summary.get("unjudged").items()? {
        let text = escape(text.text()?);
        items += &format!("<li class=\"open\"><code>{text}</code> its variant did not run</li>\n");
    }
    // Results of earlier versions have none.
    for text in summary.get("of_the_sweep").maybe(Cursor::items)?.unwrap_or_default() {
        let text = escape(text.text()?);
        items += &format!("<li class=\"open\"><code>{text}</code> is decided by the sweep</li>\n");
    }
    let all = held + failed + open;
    let (class, said) = match (all, failed, open) {
        (0, _, _) => ("open", "Nothing was expected of this run.".to_owned()),
        (all, 0, 0) => ("held", format!("{held} of {all} expectations held.")),
        (all, 0, open) => ("open", format!("{held} of {all} expectations held, {open} undecided.")),
        (all, failed, open) => {
            let rest = if open > 0 { format!(", {open} undecided") } else { String::new() };
            ("failed", format!("{failed} of {all} expectations failed{rest}."))
        }
    };
    let list = match items.is_empty() {
        true => String::new(),
        false => format!("<ul class=\"expected\">\n{items}</ul>\n"),
    };
    let body = format!(
        "<p class=\"verdict {class}\">{said}</p>\n{list}{}{}",
        outcomes(&variants)?,
        measured(&variants)?
    );
    Ok(framed("verdict", "Verdict", &body))
}

fn judged(
    variant: &Cursor<'_>,
    judgement: &Cursor<'_>,
    (class, mark, word): (&str, &str, &str),
    several: bool,
) -> Result<String, PageError> {
    let text = judgement.get("text").text()?;
    let on = match several && !text.contains(" on ") {
        true => format!(" on {}", escape(variant.get("name").text()?)),
        false => String::new(),
    };
    let value = number(judgement, "value")?;
    let bound = unit(&judgement.get("unit"))?.human(judgement.get("bound").number()?);
    let note = judgement.get("note").maybe(|note| Ok(note.text()?.to_owned()))?;
    let note = note.map_or_else(String::new, |note| format!(" <small>({})</small>", escape(&note)));
    Ok(format!(
        "<li class=\"{class}\"><span class=\"mark\" aria-hidden=\"true\">{mark}</span> {word}: \
         <code>{}</code>{on} <span class=\"value\">{value}</span> <small>against {}</small>{note}\
         </li>\n",
        escape(text),
        escape(&bound)
    ))
}

/// Metric by metric, a column per variant.
fn outcomes(variants: &[Cursor<'_>]) -> Result<String, PageError> {
    let mut rows = rows_of(variants, "metrics")?;
    // Shares of runs read better as numbers of runs.
    rows.retain(|row| !row[0].contains(">tipped(") && !row[0].contains(">stuck("));
    for (key, word) in [
        ("tipped", "tipped"),
        ("stuck", "never recovered"),
        ("control_tipped", "tipped without triggers"),
    ] {
        rows.extend(counted(variants, key, word)?);
    }
    Ok(table("What users saw, over the whole run after warm-up.", &head_of(variants)?, &rows))
}

/// Numbers of runs, a row per service that users call.
fn counted(variants: &[Cursor<'_>], key: &str, word: &str) -> Result<Vec<Vec<String>>, PageError> {
    let mut rows: Vec<Vec<String>> = Vec::new();
    for (column, variant) in variants.iter().enumerate() {
        for (place, verdict) in variant.get("verdicts").items()?.iter().enumerate() {
            let service = escape(verdict.get("service").text()?);
            if rows.len() <= place {
                rows.push(vec![format!("<code>{service}</code> {word}")]);
            }
            let count = verdict
                .get(key)
                .maybe(|own| Ok((own.get("runs").whole()?, own.get("of").whole()?)))?;
            let cell =
                count.map_or_else(|| "–".to_owned(), |(runs, of)| format!("{runs} of {of} runs"));
            rows[place].resize(column + 1, "–".to_owned());
            rows[place].push(cell);
        }
    }
    Ok(rows)
}

/// What the file measures.
fn measured(variants: &[Cursor<'_>]) -> Result<String, PageError> {
    let rows = rows_of(variants, "measure")?;
    match rows.is_empty() {
        true => Ok(String::new()),
        false => Ok(table("What the file measures.", &head_of(variants)?, &rows)),
    }
}

fn head_of(variants: &[Cursor<'_>]) -> Result<Vec<String>, PageError> {
    let names: Result<Vec<String>, PageError> =
        variants.iter().map(|variant| Ok(escape(variant.get("name").text()?))).collect();
    Ok([vec![String::new()], names?].concat())
}

/// The rows of a list that each variant has, by their texts.
fn rows_of(variants: &[Cursor<'_>], key: &str) -> Result<Vec<Vec<String>>, PageError> {
    let mut rows: Vec<Vec<String>> = Vec::new();
    for (column, variant) in variants.iter().enumerate() {
        for row in variant.get(key).items()? {
            let text = format!("<code>{}</code>", escape(row.get("text").text()?));
            let place = rows.iter().position(|own| own[0] == text).unwrap_or_else(|| {
                rows.push(vec![text]);
                rows.len() - 1
            });
            // A variant may lack what others have.
            rows[place].resize(column + 1, "–".to_owned());
            rows[place].push(number(&row, "mean")?);
        }
    }
    rows.iter_mut().for_each(|row| row.resize(variants.len() + 1, "–".to_owned()));
    Ok(rows)
}
