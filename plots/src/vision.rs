//! Whether the looks of a figure are told apart: in a print in grey, and with any colour vision.

use crate::draw::{PALETTE, form};
use crate::figure::{Figure, Series};
use crate::scene::Rgb;
use brownout_core::math;

/// The least difference between looks of one form, in units of CIELAB: twelve is plain to see side
/// by side, and two or three are at the limit of what is seen at all.
const APART: f64 = 12.0;

/// Pairs of series in one panel that someone may take for one another: their lines, marks or areas
/// have one form (dashes, shape), and colours that differ too little in a print in grey, or for
/// someone without one kind of cones.
pub fn alike(figure: &Figure) -> Vec<(String, String)> {
    let mut pairs = Vec::new();
    for panel in &figure.panels {
        for (place, one) in panel.series.iter().enumerate() {
            let others = panel.series[..place].iter().filter(|other| other.name != one.name);
            for other in others.filter(|other| is_alike(one, other)) {
                let pair = (other.name.clone(), one.name.clone());
                if !pairs.contains(&pair) {
                    pairs.push(pair);
                }
            }
        }
    }
    pairs
}

fn is_alike(one: &Series, other: &Series) -> bool {
    let (a, b) = (form::of(one.style), form::of(other.style));
    a.shape == b.shape && distance(color(one, a.alpha), color(other, b.alpha)) < APART
}

/// The colour of a series on white, so much of it opaque.
fn color(series: &Series, alpha: f64) -> [f64; 3] {
    let Rgb(red, green, blue) = PALETTE[series.color % PALETTE.len()];
    [red, green, blue].map(|channel| 1.0 - alpha + alpha * f64::from(channel) / 255.0)
}

/// How far two colours are apart for whoever sees least of it.
fn distance(one: [f64; 3], other: [f64; 3]) -> f64 {
    let seen = |eye: &Eye| {
        let (a, b) = (lab(eye, one), lab(eye, other));
        let squares = a.iter().zip(b).map(|(a, b)| (a - b) * (a - b));
        squares.sum::<f64>().sqrt()
    };
    EYES.iter().map(seen).fold(f64::INFINITY, f64::min)
}

/// What becomes of light (linear red, green and blue) before it is seen.
type Eye = [[f64; 3]; 3];

/// A print in grey (Rec. 709 luminance); no long-wave, no middle-wave, no short-wave cones
/// (Machado, Oliveira and Fernandes 2009, severity 1).
const EYES: [Eye; 4] = [
    [[0.2126, 0.7152, 0.0722], [0.2126, 0.7152, 0.0722], [0.2126, 0.7152, 0.0722]],
    [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
];

/// A colour of the screen as an eye sees it, in CIELAB under daylight (D65).
fn lab(eye: &Eye, color: [f64; 3]) -> [f64; 3] {
    let light = color.map(|channel| match channel <= 0.04045 {
        true => channel / 12.92,
        false => math::pow((channel + 0.055) / 1.055, 2.4),
    });
    let times = |row: [f64; 3], of: [f64; 3]| row.iter().zip(of).map(|(a, b)| a * b).sum::<f64>();
    let seen = eye.map(|row| times(row, light).clamp(0.0, 1.0));
    let [x, y, z] = [
        times([0.4124, 0.3576, 0.1805], seen) / 0.9505,
        times([0.2126, 0.7152, 0.0722], seen),
        times([0.0193, 0.1192, 0.9505], seen) / 1.089,
    ]
    .map(|share| match share > 0.008_856 {
        true => math::pow(share, 1.0 / 3.0),
        false => 7.787 * share + 16.0 / 116.0,
    });
    [116.0 * y - 16.0, 500.0 * (x - y), 200.0 * (y - z)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::figure::{Axis, Panel, Style};
    use crate::sample;

    fn pairs(looks: &[(Style, usize)]) -> Vec<(String, String)> {
        let series = looks.iter().enumerate().map(|(place, (style, color))| {
            Series::new(&place.to_string(), *style, *color, vec![(0.0, 1.0), (1.0, 1.0)])
        });
        let panels = vec![Panel::new("", Axis::linear("", ""), series.collect())];
        alike(&Figure { panels, ..sample::cdf() })
    }

    #[test]
    fn white_and_black_are_a_hundred_apart_and_a_colour_nothing_from_itself() {
        let [white, black, blue] = [[1.0; 3], [0.0; 3], [0.0, 0.2, 0.9]];
        assert!((distance(white, black) - 100.0).abs() < 0.2, "{}", distance(white, black));
        assert!(distance(blue, blue) < 1e-9);
    }

    #[test]
    fn red_and_green_of_one_lightness_are_alike_and_their_dashes_tell_them_apart() {
        // Vermilion and the neutral grey are one grey in print.
        assert_eq!(pairs(&[(Style::Line, 2), (Style::Line, 0)]).len(), 1);
        assert_eq!(pairs(&[(Style::Line, 2), (Style::Step, 0)]).len(), 1, "both are unbroken");
        assert_eq!(pairs(&[(Style::Line, 2), (Style::Pattern(1), 0)]), []);
        assert_eq!(pairs(&[(Style::Marks(1), 2), (Style::Marks(2), 2)]), []);
        assert_eq!(pairs(&[(Style::Line, 1), (Style::Line, 5)]), [], "blue is dark, orange light");
    }

    #[test]
    fn an_area_is_told_from_a_line_and_from_a_fuller_one() {
        assert_eq!(pairs(&[(Style::Area, 1), (Style::Area, 2)]).len(), 1, "both are pale");
        assert_eq!(pairs(&[(Style::Area, 1), (Style::Full, 2), (Style::Line, 2)]), []);
    }

    #[test]
    fn up_to_eleven_systems_have_looks_of_their_own() {
        let look = |place| (Style::Pattern(place), Series::color_of_system(place));
        let lines: Vec<(Style, usize)> = (0..11).map(look).collect();
        assert_eq!(pairs(&lines), []);
        let marks: Vec<(Style, usize)> = lines
            .iter()
            .enumerate()
            .map(|(place, (_, color))| (Style::Marks(place), *color))
            .collect();
        assert_eq!(pairs(&marks), []);
    }
}
