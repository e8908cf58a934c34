//! The index of a gallery: what there is, how it went, and what its pictures show.

use super::text::escape;
use super::{PageError, STYLE};
use crate::report::chart::pictures;
use crate::report::json::{Cursor, Json};
use crate::report::stored::Stored;
use brownout_plots::Figure;

/// An experiment in a gallery.
#[derive(Debug)]
pub struct Entry {
    /// The experiment's name.
    pub name: String,
    /// Where its files are, beside the index.
    pub directory: String,
    /// How it went, in a few words.
    pub verdict: String,
    about: String,
    /// What happened in its runs, in one number.
    digest: String,
    /// The name of each picture, and what it shows in one number.
    pictures: Vec<(String, String)>,
}

impl Entry {
    /// The entry of stored results, whose runs have this digest.
    ///
    /// # Errors
    /// When the results are not as they were written.
    pub fn of(
        stored: &Stored,
        name: &str,
        directory: &str,
        digest: u64,
    ) -> Result<Entry, PageError> {
        let mut held = [0, 0, 0];
        for variant in Cursor::new(&stored.summary).get("variants").items()? {
            for one in variant.get("expect").items()? {
                match one.get("held").json() {
                    Json::Bool(true) => held[0] += 1,
                    Json::Bool(false) => held[1] += 1,
                    _ => held[2] += 1,
                }
            }
        }
        let verdict = match held {
            [0, 0, 0] => "nothing expected".to_owned(),
            [held, 0, 0] => format!("{held} of {held} held"),
            [held, failed, open] => format!("{held} held, {failed} failed, {open} undecided"),
        };
        let pictures = pictures(stored).into_iter();
        Ok(Entry {
            name: name.to_owned(),
            directory: directory.to_owned(),
            verdict,
            about: Cursor::new(&stored.summary).get("about").text()?.to_owned(),
            digest: format!("{digest:016x}"),
            pictures: pictures.map(|own| (own.file, shown(&own.figure))).collect(),
        })
    }

    /// A line per picture: the experiment, the picture, a digest of what happened, and one of what
    /// the picture shows.
    pub fn pictures(&self) -> String {
        let line = |(picture, shown): &(String, String)| {
            format!("{:<24} {picture:<16} {} {shown}\n", self.name, self.digest)
        };
        self.pictures.iter().map(line).collect()
    }
}

/// One number for the data of a figure; how it is drawn and explained is not part of it.
fn shown(figure: &Figure) -> String {
    // The shortest text that reads back as a number tells every bit of it.
    let mut text = format!("{:?}", figure.bands);
    for panel in &figure.panels {
        text += &panel.title;
        for series in &panel.series {
            text += &format!("{} {:?} {:?}", series.name, series.points, series.envelope);
        }
        if let Some(cells) = &panel.cells {
            text += &format!("{:?} {:?} {:?}", cells.x, cells.y, cells.values);
        }
    }
    blake3::hash(text.as_bytes()).to_hex()[..16].to_owned()
}

/// The index.
pub fn index(entries: &[Entry]) -> String {
    let item = |entry: &Entry| {
        let (name, about) = (escape(&entry.name), escape(&entry.about));
        let (directory, verdict) = (escape(&entry.directory), escape(&entry.verdict));
        let pictures = entry.pictures.iter().map(|(picture, _)| {
            let picture = escape(picture);
            format!("<a href=\"{directory}/{picture}.svg\">{picture}</a> ")
        });
        format!(
            "<section>\n<h2><a href=\"{directory}/report.html\">{name}</a></h2>\n<p>{about}</p>\n\
             <p class=\"note\">{verdict} · pictures: {}</p>\n\
             <a href=\"{directory}/report.html\"><img src=\"{directory}/timeline.svg\" \
             alt=\"timeline of {name}\" loading=\"lazy\" width=\"640\"></a>\n</section>\n",
            pictures.collect::<String>()
        )
    };
    let items: String = entries.iter().map(item).collect();
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n<link rel=\"icon\" href=\"data:,\">\n\
         <title>Experiments</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<header>\n\
         <h1>Experiments</h1>\n<p class=\"note\">{} experiments; each has a page with its verdict, \
         its pictures and the command that makes it again.</p>\n</header>\n<main>\n{items}</main>\n\
         </body>\n</html>\n",
        entries.len()
    )
}
