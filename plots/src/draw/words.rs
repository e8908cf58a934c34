//! Text that fits: cleaned, cut or wrapped to a width.

use crate::canvas::Faces;
use crate::scene::{Align, Font, Point, Rgb, Shape, Text, Weight};

/// Headlines, names and values.
pub(crate) const INK: Rgb = Rgb(31, 41, 51);
/// What explains: how to read, axes, ticks.
pub(crate) const GREY: Rgb = Rgb(97, 107, 119);

pub(crate) const TITLE: Font = Font { size: 18.0, weight: Weight::Bold, color: INK };
pub(crate) const NOTE: Font = Font { size: 12.5, weight: Weight::Book, color: GREY };
pub(crate) const NAME: Font = Font { size: 12.5, weight: Weight::Book, color: INK };
pub(crate) const PANEL: Font = Font { size: 12.5, weight: Weight::Bold, color: INK };
pub(crate) const SMALL: Font = Font { size: 11.0, weight: Weight::Book, color: GREY };

/// One line of text at `at`.
pub(crate) fn text(at: Point, body: &str, font: Font, align: Align) -> Shape {
    Shape::Text(Text { at, body: clean(body), font, align })
}

/// `body` on one line at most `width` long, its end replaced by … where it must be.
pub(crate) fn fit(faces: &Faces, body: &str, font: &Font, width: f64) -> String {
    let body = clean(body);
    if faces.width(&body, font) <= width {
        return body;
    }
    let mut kept = String::new();
    let mut left = width - faces.width("…", font);
    for c in body.chars() {
        left -= faces.width(c.encode_utf8(&mut [0; 4]), font);
        if left < 0.0 {
            break;
        }
        kept.push(c);
    }
    format!("{}…", kept.trim_end())
}

/// `body` broken at spaces into lines at most `width` long; no line for no words.
pub(crate) fn wrap(faces: &Faces, body: &str, font: &Font, width: f64) -> Vec<String> {
    let body = clean(body);
    let mut lines: Vec<String> = Vec::new();
    for word in body.split_whitespace() {
        let word = fit(faces, word, font, width);
        match lines.last_mut() {
            Some(line) if faces.width(&format!("{line} {word}"), font) <= width => {
                line.push(' ');
                line.push_str(&word);
            }
            _ => lines.push(word),
        }
    }
    lines
}

/// Control characters, which XML forbids, become spaces.
pub(crate) fn clean(body: &str) -> String {
    let forbidden = |c: char| c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}');
    body.chars().map(|c| if forbidden(c) { ' ' } else { c }).collect()
}
