//! The strip above the first row: the names of the fault windows, side by side or on lanes.

use super::ruler::Ruler;
use super::words::{self, SMALL};
use crate::canvas::Faces;
use crate::figure::Band;

/// Height of one lane.
pub(super) const LANE: f64 = 18.0;

/// Lanes of names before numbers take their place, and of numbers before the rest go without.
const LANES_MAX: usize = 3;

/// Room between two names on one lane.
const GAP: f64 = 8.0;

/// Where the names of the windows stand, the same in every column.
pub(super) struct Strip {
    pub(super) tags: Vec<Tag>,
    pub(super) lanes: usize,
    numbered: bool,
    /// The windows that touch the axis, by index.
    shown: Vec<usize>,
}

/// The name or number of one window.
pub(super) struct Tag {
    /// Which window, by index.
    pub(super) band: usize,
    /// The middle of the text, from the left edge of the panel.
    pub(super) middle: f64,
    pub(super) body: String,
    /// 0 is next to the panel.
    pub(super) lane: usize,
}

impl Strip {
    /// Lays out the names of `bands` over a panel `width` wide whose lowest lane is taken up to
    /// `taken`; with more than one column, numbers, since names would be said in each.
    pub(super) fn over(
        bands: &[Band],
        x: &Ruler,
        faces: &Faces,
        width: f64,
        taken: f64,
        columns: usize,
    ) -> Strip {
        let windows = (0..bands.len()).filter_map(|i| Some((i, window(&bands[i], x, width)?)));
        let middles: Vec<(usize, f64)> =
            windows.map(|(band, (from, to))| (band, (from + to) / 2.0)).collect();
        let shown: Vec<usize> = middles.iter().map(|(band, _)| *band).collect();
        let lay = |name: &dyn Fn(usize) -> String| {
            let bodies = middles.iter().map(|&(band, middle)| (band, middle, name(band)));
            lay_out(bodies, faces, width, taken)
        };
        let names = lay(&|band| words::clean(&bands[band].label));
        let all_fit = names.len() == shown.len() && columns == 1;
        let tags = if all_fit { names } else { lay(&|band| (band + 1).to_string()) };
        let lanes = tags.iter().map(|tag| tag.lane + 1).max().unwrap_or(0);
        Strip { tags, lanes, numbered: !all_fit, shown }
    }

    /// The windows whose names the legend must give.
    pub(super) fn keys(&self) -> &[usize] {
        if self.numbered { &self.shown } else { &[] }
    }
}

/// Puts each text over its middle on the lowest lane with room, and leaves out what has none.
fn lay_out(
    bodies: impl Iterator<Item = (usize, f64, String)>,
    faces: &Faces,
    width: f64,
    taken: f64,
) -> Vec<Tag> {
    let mut lanes: [Vec<(f64, f64)>; LANES_MAX] = Default::default();
    lanes[0].push((f64::NEG_INFINITY, taken));
    let mut tags = Vec::new();
    for (band, middle, body) in bodies {
        let half = faces.width(&body, &SMALL) / 2.0;
        if half * 2.0 > width {
            continue;
        }
        let middle = middle.clamp(half, width - half);
        let (from, to) = (middle - half - GAP / 2.0, middle + half + GAP / 2.0);
        let free = |lane: &Vec<(f64, f64)>| lane.iter().all(|(a, b)| to <= *a || *b <= from);
        if let Some(lane) = lanes.iter().position(free) {
            lanes[lane].push((from, to));
            tags.push(Tag { band, middle, body, lane });
        }
    }
    tags
}

/// The part of a panel `width` wide that `band` shades, at least two pixels of it.
pub(super) fn window(band: &Band, x: &Ruler, width: f64) -> Option<(f64, f64)> {
    let (from, to) = (x.share(band.from)? * width, x.share(band.to)? * width);
    if to < 0.0 || from > width || to < from {
        return None;
    }
    let from = from.clamp(0.0, width - 2.0);
    Some((from, to.clamp(from + 2.0, width)))
}
