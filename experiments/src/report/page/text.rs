//! Pieces of HTML. Whatever comes from a file goes through [`escape`].

use crate::expect::Unit;
use crate::report::json::{Cursor, Json, Misfit};

/// Text as HTML: inside elements and inside attributes in double quotes.
pub(super) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            // HTML has no way to write these.
            c if c.is_control() && c != '\n' => out.push(' '),
            c => out.push(c),
        }
    }
    out
}

/// A section with its heading; nothing where there is nothing in it.
pub(super) fn section(id: &str, heading: &str, body: &str) -> String {
    match body.is_empty() {
        true => String::new(),
        false => format!(
            "<section id=\"{id}\" aria-labelledby=\"{id}-heading\">\n\
             <h2 id=\"{id}-heading\">{heading}</h2>\n{body}</section>\n"
        ),
    }
}

/// Sentences, a paragraph each.
pub(super) fn paragraphs(sentences: &[String]) -> String {
    sentences.iter().map(|sentence| format!("<p>{}</p>\n", escape(sentence))).collect()
}

/// A table: its caption, its heading, its rows; the first cell of each is its heading. Cells are
/// HTML already.
pub(super) fn table(caption: &str, head: &[String], rows: &[Vec<String>]) -> String {
    let cells: String = head.iter().map(|cell| format!("<th scope=\"col\">{cell}</th>")).collect();
    let row = |row: &Vec<String>| {
        let cells = row.iter().enumerate().map(|(place, cell)| match place {
            0 => format!("<th scope=\"row\">{cell}</th>"),
            _ => format!("<td>{cell}</td>"),
        });
        format!("<tr>{}</tr>\n", cells.collect::<String>())
    };
    let rows: String = rows.iter().map(row).collect();
    format!(
        "<div class=\"scroll\" tabindex=\"0\"><table>\n<caption>{caption}</caption>\n\
         <thead><tr>{cells}</tr></thead>\n<tbody>\n{rows}</tbody>\n</table></div>\n"
    )
}

/// A row of numbers over runs: its mean, and its interval in small letters.
pub(super) fn number(row: &Cursor<'_>, mean: &str) -> Result<String, Misfit> {
    let unit = unit(&row.get("unit"))?;
    let value = row.get(mean).number()?;
    let more = if *row.get("is_lower_limit").json() == Json::Bool(true) { "&gt; " } else { "" };
    let shown = format!("{more}{}", escape(&unit.human(value)));
    let interval = row.get("ci95").maybe(Cursor::numbers)?;
    Ok(match interval.as_deref() {
        Some([low, high]) => {
            let (low, high) = (escape(&unit.human(*low)), escape(&unit.human(*high)));
            // An interval that does not show beside the number is none to a reader.
            match low == high {
                true => shown,
                false => format!("{shown} <small>{low} … {high}</small>"),
            }
        }
        _ => shown,
    })
}

/// The unit that a document names.
pub(super) fn unit(name: &Cursor<'_>) -> Result<Unit, Misfit> {
    let text = name.text()?;
    Unit::EVERY
        .into_iter()
        .find(|unit| unit.name() == text)
        .ok_or_else(|| name.misfit("a unit that this version knows"))
}
