//! The page: one HTML file that needs nothing else. Verdict first, then what happened over time,
//! distributions, why, the rules in force, and the commands that make each number again.
//!
//! Pictures are drawn once, as SVG with the colours of paper; the style sheet gives them those of
//! the night, and a short script moves a cursor through all that shows simulated time. Without the
//! script everything but the cursor is there.

mod facts;
mod graph;
mod index;
mod moments;
mod reproduce;
mod sweep;
mod text;
mod verdict;

pub use index::{Entry, index};
pub use sweep::sweep_page;

use super::chart::{Picture, picture, pictures};
use super::json::Misfit;
use super::stored::{Asked, Broken, Stored};
use brownout_plots::{DrawError, Figure, Page, to_page};
use moments::Moments;
use text::{escape, section};

const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

/// Why a page cannot be made.
#[derive(Debug)]
pub enum PageError {
    /// A figure cannot be drawn.
    Draw(DrawError),
    /// A stored file is not as it was written.
    Broken(Broken),
}

impl std::fmt::Display for PageError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            PageError::Draw(error) => error.fmt(f),
            PageError::Broken(broken) => broken.fmt(f),
        }
    }
}

impl std::error::Error for PageError {}

impl From<DrawError> for PageError {
    fn from(error: DrawError) -> PageError {
        PageError::Draw(error)
    }
}

impl From<Misfit> for PageError {
    fn from(misfit: Misfit) -> PageError {
        let file = "summary.json or manifest.json".to_owned();
        PageError::Broken(Broken { file, what: misfit.to_string() })
    }
}

/// The page of stored results.
///
/// # Errors
/// When a figure cannot be drawn, or the results are not as they were written.
pub fn page(stored: &Stored) -> Result<String, PageError> {
    let moments = Moments::of(stored);
    let mut body = verdict::head(stored)?;
    body += &verdict::section(stored)?;
    let mut figures = Vec::new();
    let all = everything(stored);
    let of = |names: &[&str], figures: &mut Vec<String>| -> Result<String, PageError> {
        let own = all.iter().filter(|picture| names.contains(&picture.chart));
        own.map(|picture| drawn(picture, &moments, figures)).collect()
    };
    // The slider stays in sight for as long as there is something that it moves.
    body += &format!("<div class=\"over-time\">\n{}", graph::slider(stored, &moments));
    body += &section("time", "What happened when", &of(&["Timeline"], &mut figures)?);
    let cascade = graph::section(stored, &moments) + &of(&["Cascade"], &mut figures)?;
    body += &section("cascade", "How it spread", &cascade);
    let load = of(&["Capacity", "LatencyHeatmap"], &mut figures)?;
    body += &section("load", "Load and latency over time", &load);
    body += "</div>\n";
    let shapes = of(&["Cdf", "Ccdf"], &mut figures)?;
    body += &section("distributions", "Distributions", &shapes);
    let retries = of(&["Amplification", "Plane"], &mut figures)?;
    body += &section("retries", "Retries", &retries);
    let request = of(&["Lanes"], &mut figures)?;
    body += &section("request", "One request", &request);
    body += &section("why", "Why", &text::paragraphs(&stored.drawing.why));
    body += &section("deaths", "Where failed requests died", &facts::deaths(stored)?);
    body += &section("rules", "Rules in force", &facts::semantics(stored)?);
    body += &section("numbers", "How the numbers were got", &facts::manner(stored)?);
    body += &section("again", "The same again", &reproduce::body(stored)?);
    let data = moments::data(stored, &moments, &figures);
    let title = escape(&stored.drawing.title);
    Ok(format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; \
         style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:\">\n\
         <link rel=\"icon\" href=\"data:,\">\n<title>{title}</title>\n<style>\n{STYLE}</style>\n\
         </head>\n<body>\n{body}</main>\n<script type=\"application/json\" id=\"data\">{data}</script>\n\
         <script>\n{SCRIPT}</script>\n</body>\n</html>\n"
    ))
}

/// The pictures that the experiment asks for, and the distributions that are there anyway.
fn everything(stored: &Stored) -> Vec<Picture> {
    let mut all = pictures(stored);
    let curves = stored.drawing.systems.iter().flat_map(|system| &system.curves);
    let Some(usual) = curves.map(|curve| &curve.of).next() else { return all };
    for chart in ["Cdf", "Ccdf"] {
        if all.iter().all(|picture| picture.chart != chart) {
            let (chart, lines) = (chart.to_owned(), Vec::new());
            all.push(picture(stored, &Asked { chart, of: usual.clone(), lines }, &all));
        }
    }
    all
}

/// A picture with what the script has to know of it.
fn drawn(
    picture: &Picture,
    moments: &Moments,
    figures: &mut Vec<String>,
) -> Result<String, PageError> {
    let page = to_page(&picture.figure)?;
    if picture.figure.x.label == "time" {
        figures.push(moments.figure(&picture.file, &picture.figure, &page));
    }
    Ok(figure(&picture.file, &picture.figure, &page))
}

/// How small a drawing may become, as a share of its size, before its frame scrolls.
const LEAST: f64 = 0.75;

/// A figure in a frame that scrolls where the window is narrow.
fn figure(name: &str, figure: &Figure, page: &Page) -> String {
    let id = format!(" id=\"figure-{}\"", escape(name));
    let is_wide = if figure.columns > 1 { " wide" } else { "" };
    let least = (LEAST * page.width).round();
    format!(
        "<figure class=\"chart{is_wide}\"{id} style=\"--least:{least}px\" tabindex=\"0\">\n\
         {}</figure>\n",
        page.svg
    )
}
