//! A few rows of an image while they are painted.

use std::ops::Range;

use crate::scene::Rgb;

/// Bytes to a pixel: red, green, blue.
const PIXEL: usize = 3;

/// How much of a pixel is covered, in 256ths; [`ALL`] stands for all of it.
pub(super) type Cover = u8;

/// The whole pixel: the last 256th would not be seen.
pub(super) const ALL: Cover = 255;

/// The cover for a share of a pixel; what is below 0 or above 1 counts as that.
pub(super) fn cover_of(share: f64) -> Cover {
    (share * 256.0) as Cover
}

/// Rows of an image of some width, from one of its rows on.
pub(super) struct Rows {
    width: usize,
    top: usize,
    pixels: Vec<u8>,
}

impl Rows {
    /// No rows yet, of an image `width` pixels wide.
    pub(super) fn of(width: u32) -> Rows {
        Rows { width: width as usize, top: 0, pixels: Vec::new() }
    }

    /// Goes to these rows of the image, all white.
    pub(super) fn begin(&mut self, rows: Range<u32>) {
        self.top = rows.start as usize;
        self.pixels.clear();
        self.pixels.resize(rows.len() * self.width * PIXEL, 255);
    }

    /// Red, green and blue of each pixel, row by row.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.pixels
    }

    /// The part of a rectangle of the image that is in these rows: its columns and its rows.
    pub(super) fn clip(
        &self,
        columns: Range<i32>,
        rows: Range<i32>,
    ) -> Option<(Range<usize>, Range<usize>)> {
        let bottom = self.top + self.pixels.len() / (self.width * PIXEL).max(1);
        let clamp = |at: i32, low: usize, high: usize| (at.max(0) as usize).clamp(low, high);
        let columns = clamp(columns.start, 0, self.width)..clamp(columns.end, 0, self.width);
        let rows = clamp(rows.start, self.top, bottom)..clamp(rows.end, self.top, bottom);
        (!columns.is_empty() && !rows.is_empty()).then_some((columns, rows))
    }

    /// Lays a color over a rectangle.
    pub(super) fn fill(&mut self, columns: Range<i32>, rows: Range<i32>, color: Rgb, cover: Cover) {
        let Some((columns, rows)) = self.clip(columns, rows) else { return };
        for line in self.lines(columns, rows) {
            line.as_chunks_mut().0.iter_mut().for_each(|pixel| blend(pixel, color, cover));
        }
    }

    /// Lays a color over a rectangle that `clip` has cut, each pixel covered by its own share:
    /// `covers` starts at the first of them and goes on in rows of `width`.
    pub(super) fn lay(
        &mut self,
        (columns, rows): (Range<usize>, Range<usize>),
        covers: &[Cover],
        width: usize,
        color: Rgb,
    ) {
        for (line, covers) in self.lines(columns, rows).zip(covers.chunks(width)) {
            for (pixel, cover) in line.as_chunks_mut().0.iter_mut().zip(covers) {
                if *cover > 0 {
                    blend(pixel, color, *cover);
                }
            }
        }
    }

    /// The pixels of a rectangle, row by row.
    fn lines(
        &mut self,
        columns: Range<usize>,
        rows: Range<usize>,
    ) -> impl Iterator<Item = &mut [u8]> {
        let first = ((rows.start - self.top) * self.width + columns.start) * PIXEL;
        let lines = self.pixels[first..].chunks_mut(self.width * PIXEL).take(rows.len());
        lines.map(move |line| &mut line[..columns.len() * PIXEL])
    }
}

fn blend(pixel: &mut [u8; PIXEL], color: Rgb, cover: Cover) {
    let color = [color.0, color.1, color.2];
    if cover == ALL {
        *pixel = color;
        return;
    }
    for (old, new) in pixel.iter_mut().zip(color) {
        let step = (u16::from(new.abs_diff(*old)) * u16::from(cover) / 256) as u8;
        *old = if new > *old { *old + step } else { *old - step };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHITE: [u8; 3] = [255, 255, 255];
    const INK: Rgb = Rgb(10, 20, 30);

    fn pixels(rows: &Rows) -> Vec<&[u8]> {
        rows.bytes().chunks(PIXEL).collect()
    }

    #[test]
    fn a_rectangle_covers_its_columns_and_rows_and_no_others() {
        let mut rows = Rows::of(3);
        rows.begin(4..6);
        rows.fill(1..2, 5..9, INK, ALL);
        rows.fill(-5..9, -5..4, INK, ALL);
        rows.fill(3..9, 4..6, INK, ALL);
        let ink: &[u8] = &[10, 20, 30];
        assert_eq!(pixels(&rows), [&WHITE, &WHITE, &WHITE, &WHITE, ink, &WHITE]);
        rows.begin(6..7);
        assert_eq!(pixels(&rows), [WHITE; 3]);
    }

    #[test]
    fn half_a_cover_is_half_way_from_what_was_there() {
        let mut rows = Rows::of(2);
        rows.begin(0..1);
        rows.lay((0..2, 0..1), &[cover_of(0.5), 0], 2, INK);
        assert_eq!(pixels(&rows), [[133, 138, 143], WHITE]);
        assert_eq!([cover_of(-0.5), cover_of(0.0), cover_of(1.0), cover_of(2.0)], [0, 0, ALL, ALL]);
    }
}
