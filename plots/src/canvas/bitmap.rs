//! A scene as the bytes of a PNG.
//!
//! The image is painted and encoded a few rows at a time: what is painted stays in the processor's
//! cache, and the picture as a whole is never in memory.

use std::io::Write;

use super::polygon::Polygon;
use super::rows::{ALL, Cover, Rows, cover_of};
use super::stroke::Stroke;
use super::{Faces, refused};
use crate::draw::DrawError;
use crate::scene::{Point, Rgb, Scene, Shape, Text};
use ab_glyph::OutlinedGlyph;

/// Device pixels to a logical pixel, for dense screens.
const DENSITY: f64 = 2.0;

/// Device pixels to a metre at that density (96 logical pixels to an inch of 25.4 mm).
const PER_METRE: u32 = 7559;

/// Rows painted at a time: of a page 2000 pixels wide they fill 400 kB, which a core's own cache
/// holds.
const ROWS: usize = 64;

/// Bytes of compressed image to a chunk of the file.
const CHUNK: usize = 1 << 16;

/// Paints `scene` and encodes it.
pub(crate) fn png(scene: &Scene, faces: &Faces) -> Result<Vec<u8>, DrawError> {
    let size = (scene.width * DENSITY as u32, scene.height * DENSITY as u32);
    let marks: Vec<Mark> = scene.shapes.iter().flat_map(|shape| Mark::of(shape, faces)).collect();
    encode(size, |rows| marks.iter().for_each(|mark| mark.paint(rows))).map_err(refused)
}

/// A PNG of an image that `paint` paints, whichever rows it is given.
fn encode(size: (u32, u32), paint: impl Fn(&mut Rows)) -> Result<Vec<u8>, png::EncodingError> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, size.0, size.1);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_compression(png::Compression::Fast);
    // One filter for all rows, set after the compression, which would try every filter on every
    // row. Paeth comes within 7 % of the best one for each row on the pictures that ship, in a
    // sixth of the time.
    encoder.set_filter(png::Filter::Paeth);
    let unit = png::Unit::Meter;
    encoder.set_pixel_dims(Some(png::PixelDimensions { xppu: PER_METRE, yppu: PER_METRE, unit }));
    let mut writer = encoder.write_header()?;
    let mut image = writer.stream_writer_with_size(CHUNK)?;
    let mut rows = Rows::of(size.0);
    for top in (0..size.1).step_by(ROWS) {
        rows.begin(top..size.1.min(top + ROWS as u32));
        paint(&mut rows);
        image.write_all(rows.bytes())?;
    }
    image.finish()?;
    writer.finish()?;
    Ok(bytes)
}

/// A shape, or one letter of a text, in device pixels.
enum Mark {
    Box { from: (i32, i32), to: (i32, i32), color: Rgb },
    Stroke(Stroke),
    Polygon(Polygon),
    Letter(Letter),
}

/// A letter's pixels.
struct Letter {
    left: i32,
    top: i32,
    width: usize,
    /// Row by row.
    covers: Vec<Cover>,
    color: Rgb,
}

impl Mark {
    /// What is painted of a shape.
    fn of(shape: &Shape, faces: &Faces) -> Vec<Mark> {
        let mark = match shape {
            Shape::Box(rect, color) => {
                let (from, to) = (device((rect.left, rect.top)), device((rect.right, rect.bottom)));
                Mark::Box { from, to, color: *color }
            }
            Shape::Stroke { points, width, color } => {
                let points = points.iter().map(|&at| dense(at)).collect();
                Mark::Stroke(Stroke::new(points, width * DENSITY, *color))
            }
            Shape::Fill { points, color, alpha } => {
                let corners: Vec<(i32, i32)> = points.iter().map(|&at| device(at)).collect();
                Mark::Polygon(Polygon::new(&corners, *color, *alpha))
            }
            Shape::Disc { at, radius, color } => {
                Mark::Stroke(Stroke::new(vec![dense(*at); 2], radius * 2.0 * DENSITY, *color))
            }
            Shape::Text(text) => return letters(text, faces),
        };
        vec![mark]
    }

    fn paint(&self, rows: &mut Rows) {
        match self {
            // A device pixel less to the right and below: a grid line, one logical pixel wide, is
            // a hairline.
            Mark::Box { from, to, color } => {
                rows.fill(from.0..to.0 - 1, from.1..to.1 - 1, *color, ALL);
            }
            Mark::Stroke(stroke) => stroke.paint(rows),
            Mark::Polygon(polygon) => polygon.paint(rows),
            Mark::Letter(letter) => letter.paint(rows),
        }
    }
}

fn letters(text: &Text, faces: &Faces) -> Vec<Mark> {
    let color = text.font.color;
    let letter = |glyph: &OutlinedGlyph| Mark::Letter(Letter::new(glyph, color));
    faces.outlines(text, DENSITY).iter().map(letter).collect()
}

impl Letter {
    fn new(glyph: &OutlinedGlyph, color: Rgb) -> Letter {
        let bounds = glyph.px_bounds();
        let (width, height) = (bounds.width() as usize, bounds.height() as usize);
        let mut covers = vec![0; width * height];
        glyph.draw(|x, y, share| covers[y as usize * width + x as usize] = cover_of(share.into()));
        Letter { left: bounds.min.x as i32, top: bounds.min.y as i32, width, covers, color }
    }

    fn paint(&self, onto: &mut Rows) {
        let height = self.covers.len() / self.width.max(1);
        let columns = self.left..self.left + self.width as i32;
        let Some((columns, rows)) = onto.clip(columns, self.top..self.top + height as i32) else {
            return;
        };
        let above = (rows.start as i32 - self.top) as usize;
        let start = above * self.width + (columns.start as i32 - self.left) as usize;
        onto.lay((columns, rows), &self.covers[start..], self.width, self.color);
    }
}

fn dense(at: Point) -> Point {
    (at.0 * DENSITY, at.1 * DENSITY)
}

fn device(at: Point) -> (i32, i32) {
    let at = dense(at);
    (at.0.round() as i32, at.1.round() as i32)
}
