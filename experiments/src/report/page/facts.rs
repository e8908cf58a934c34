//! Where failed requests died, the rules in force, and how the numbers were got.

use super::PageError;
use super::text::{escape, table};
use crate::expect::Unit;
use crate::report::json::{Cursor, Json};
use crate::report::stored::Stored;

/// A row per way to die, a column per variant, as shares of the dead.
pub(super) fn deaths(stored: &Stored) -> Result<String, PageError> {
    let variants = Cursor::new(&stored.summary).get("variants").items()?;
    let mut rows: Vec<(String, Vec<f64>)> = Vec::new();
    let mut head = vec![String::new()];
    for (column, variant) in variants.iter().enumerate() {
        head.push(escape(variant.get("name").text()?));
        for death in variant.get("deaths").items()? {
            let (how, at) = (
                escape(&death.get("how").text()?.replace('_', " ")),
                escape(death.get("service").text()?),
            );
            let name = format!("{how} at <code>{at}</code>");
            let place = rows.iter().position(|own| own.0 == name).unwrap_or_else(|| {
                rows.push((name, vec![0.0; variants.len()]));
                rows.len() - 1
            });
            rows[place].1[column] += death.get("requests").number()?;
        }
    }
    if rows.is_empty() {
        return Ok(String::new());
    }
    let all = |column: usize| rows.iter().map(|row| row.1[column]).sum::<f64>();
    let totals: Vec<f64> = (0..variants.len()).map(all).collect();
    let cell = |(count, total): (&f64, &f64)| match *count > 0.0 {
        true => Unit::Share.human(count / total),
        false => "–".to_owned(),
    };
    let shown = rows.iter().map(|(name, counts)| {
        let cells = counts.iter().zip(&totals).map(cell);
        std::iter::once(name.clone()).chain(cells).collect::<Vec<String>>()
    });
    let last = totals.iter().map(|total| Unit::Count.human(*total));
    let last = std::iter::once("requests that died, per run".to_owned()).chain(last).collect();
    let shown: Vec<Vec<String>> = shown.chain([last]).collect();
    Ok(table("Shares of the requests that failed.", &head, &shown))
}

/// Replications, intervals, warm-up, stopping and pairing. Results of earlier versions have none.
pub(super) fn manner(stored: &Stored) -> Result<String, PageError> {
    let rows = Cursor::new(&stored.summary).get("statistics").get("manner");
    let mut shown = Vec::new();
    for row in rows.maybe(Cursor::items)?.unwrap_or_default() {
        shown.push(vec![escape(row.get("what").text()?), escape(row.get("how").text()?)]);
    }
    if shown.is_empty() {
        return Ok(String::new());
    }
    Ok(table("", &[String::new(), "How".to_owned()], &shown))
}

/// Every switch, and where a variant has it otherwise.
pub(super) fn semantics(stored: &Stored) -> Result<String, PageError> {
    let summary = Cursor::new(&stored.summary);
    let variants = summary.get("variants").items()?;
    let mut rows = Vec::new();
    for (key, value) in summary.get("semantics").fields()? {
        let mut cell = escape(words(value));
        for variant in &variants {
            let own = variant.get("semantics");
            let other = own.get(key);
            if let Some(other) = other.maybe(|other| Ok(other.text()?.to_owned()))? {
                let name = escape(variant.get("name").text()?);
                cell += &format!("<br><small>on {name}: {}</small>", escape(&other));
            }
        }
        rows.push(vec![escape(&key.replace('_', " ")), cell]);
    }
    let head = ["Question".to_owned(), "Answer in this run".to_owned()];
    Ok(table("Switches of the model that can flip a conclusion.", &head, &rows))
}

fn words(value: &Json) -> &str {
    match value {
        Json::Text(text) => text,
        _ => "",
    }
}
