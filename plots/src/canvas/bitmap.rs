//! A scene as the bytes of a PNG.
//!
//! The backend's own thick lines and letters are rough, so both are painted here as coverage,
//! pixel by pixel; rectangles and polygons are the backend's.

use plotters::backend::BitMapBackend;
use plotters::prelude::DrawingBackend;
use plotters::style::{Color, RGBColor};

use super::{Faces, refused};
use crate::draw::DrawError;
use crate::scene::{Point, Rect, Rgb, Scene, Shape, Text};

/// Device pixels to a logical pixel, for dense screens.
const DENSITY: f64 = 2.0;

/// Device pixels to a metre at that density (96 logical pixels to an inch of 25.4 mm).
const PER_METRE: u32 = 7559;

/// Paints `scene` and encodes it.
pub(crate) fn png(scene: &Scene, faces: &Faces) -> Result<Vec<u8>, DrawError> {
    let size = (scene.width * DENSITY as u32, scene.height * DENSITY as u32);
    let mut pixels = vec![255; size.0 as usize * size.1 as usize * 3];
    {
        let mut backend = BitMapBackend::with_buffer(&mut pixels, size);
        paint(&mut backend, scene, faces)?;
        backend.present().map_err(refused)?;
    }
    encode(&pixels, size).map_err(refused)
}

fn encode(pixels: &[u8], size: (u32, u32)) -> Result<Vec<u8>, png::EncodingError> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, size.0, size.1);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_compression(png::Compression::Fast);
    let unit = png::Unit::Meter;
    encoder.set_pixel_dims(Some(png::PixelDimensions { xppu: PER_METRE, yppu: PER_METRE, unit }));
    let mut writer = encoder.write_header()?;
    writer.write_image_data(pixels)?;
    writer.finish()?;
    Ok(bytes)
}

fn paint<B: DrawingBackend>(
    backend: &mut B,
    scene: &Scene,
    faces: &Faces,
) -> Result<(), DrawError> {
    for shape in &scene.shapes {
        match shape {
            Shape::Box(rect, color) => paint_box(backend, rect, *color)?,
            Shape::Stroke { points, width, color } => stroke(backend, points, *width, *color)?,
            Shape::Fill { points, color, alpha } => {
                let style = paint_of(*color).mix(*alpha);
                backend
                    .fill_polygon(points.iter().map(|&at| device(at)), &style)
                    .map_err(refused)?;
            }
            Shape::Disc { at, radius, color } => {
                stroke(backend, &[*at, *at], radius * 2.0, *color)?;
            }
            Shape::Text(text) => set(backend, text, faces)?,
        }
    }
    Ok(())
}

/// The backend counts the last row and column of a rectangle in.
fn paint_box<B: DrawingBackend>(backend: &mut B, rect: &Rect, color: Rgb) -> Result<(), DrawError> {
    let (from, to) = (device((rect.left, rect.top)), device((rect.right, rect.bottom)));
    if to.0 <= from.0 || to.1 <= from.1 {
        return Ok(());
    }
    backend.draw_rect(from, (to.0 - 1, to.1 - 1), &paint_of(color), true).map_err(refused)
}

/// A polyline with round joints and ends: a pixel is covered by its nearness to the nearest
/// segment, so that overlapping segments do not darken each other.
fn stroke<B: DrawingBackend>(
    backend: &mut B,
    points: &[Point],
    width: f64,
    color: Rgb,
) -> Result<(), DrawError> {
    let half = width * DENSITY / 2.0;
    let points: Vec<Point> = points.iter().map(|at| (at.0 * DENSITY, at.1 * DENSITY)).collect();
    let Some(mut mask) = Mask::around(&points, half + 1.0, backend.get_size()) else {
        return Ok(());
    };
    for pair in points.windows(2) {
        mask.cover(pair[0], pair[1], half);
    }
    for (row, line) in mask.cover.chunks_exact(mask.width).enumerate() {
        for (column, &cover) in line.iter().enumerate().filter(|(_, cover)| **cover > 0.0) {
            let at = ((mask.left + column) as i32, (mask.top + row) as i32);
            backend
                .draw_pixel(at, paint_of(color).mix(cover).to_backend_color())
                .map_err(refused)?;
        }
    }
    Ok(())
}

fn set<B: DrawingBackend>(backend: &mut B, text: &Text, faces: &Faces) -> Result<(), DrawError> {
    let (width, height) = backend.get_size();
    for glyph in faces.outlines(text, DENSITY) {
        let corner = glyph.px_bounds().min;
        let mut covered = Vec::new();
        glyph.draw(|x, y, cover| covered.push((x, y, cover)));
        for (x, y, cover) in covered {
            let at = (corner.x as i32 + x as i32, corner.y as i32 + y as i32);
            let inside = (0..width as i32).contains(&at.0) && (0..height as i32).contains(&at.1);
            if inside && cover > 0.0 {
                let ink = paint_of(text.font.color).mix(f64::from(cover.min(1.0)));
                backend.draw_pixel(at, ink.to_backend_color()).map_err(refused)?;
            }
        }
    }
    Ok(())
}

/// How much of each pixel in a rectangle of the image is covered, row by row, in [0, 1].
struct Mask {
    left: usize,
    top: usize,
    width: usize,
    cover: Vec<f64>,
}

impl Mask {
    /// An empty mask of the pixels within `reach` of `points`; none when they miss the image.
    fn around(points: &[Point], reach: f64, size: (u32, u32)) -> Option<Mask> {
        let low = |of: fn(&Point) -> f64| points.iter().map(of).fold(f64::INFINITY, f64::min);
        let high = |of: fn(&Point) -> f64| points.iter().map(of).fold(f64::NEG_INFINITY, f64::max);
        let clamp = |at: f64, end: u32| at.clamp(0.0, f64::from(end)) as usize;
        let (left, top) = (low(|p| p.0) - reach, low(|p| p.1) - reach);
        let (right, bottom) = (high(|p| p.0) + reach, high(|p| p.1) + reach);
        let (left, right) = (clamp(left, size.0), clamp(right.ceil(), size.0));
        let (top, bottom) = (clamp(top, size.1), clamp(bottom.ceil(), size.1));
        if right <= left || bottom <= top {
            return None;
        }
        let width = right - left;
        Some(Mask { left, top, width, cover: vec![0.0; width * (bottom - top)] })
    }

    /// Covers what lies within `half` of the segment, the edge smoothed over one pixel.
    fn cover(&mut self, from: Point, to: Point, half: f64) {
        let height = self.cover.len() / self.width;
        let clamp =
            |at: f64, start: usize, len: usize| (at - start as f64).clamp(0.0, len as f64) as usize;
        let reach = half + 1.0;
        let columns = clamp(from.0.min(to.0) - reach, self.left, self.width)
            ..clamp((from.0.max(to.0) + reach).ceil(), self.left, self.width);
        let rows = clamp(from.1.min(to.1) - reach, self.top, height)
            ..clamp((from.1.max(to.1) + reach).ceil(), self.top, height);
        for row in rows {
            for column in columns.clone() {
                let centre = ((self.left + column) as f64 + 0.5, (self.top + row) as f64 + 0.5);
                let covered = (half + 0.5 - distance(centre, from, to)).clamp(0.0, 1.0);
                let cell = &mut self.cover[row * self.width + column];
                *cell = cell.max(covered);
            }
        }
    }
}

/// From `at` to the nearest point of the segment.
fn distance(at: Point, from: Point, to: Point) -> f64 {
    let along = (to.0 - from.0, to.1 - from.1);
    let off = (at.0 - from.0, at.1 - from.1);
    let length = along.0 * along.0 + along.1 * along.1;
    let share = if length > 0.0 {
        ((off.0 * along.0 + off.1 * along.1) / length).clamp(0.0, 1.0)
    } else {
        0.0
    };
    let (x, y) = (off.0 - share * along.0, off.1 - share * along.1);
    (x * x + y * y).sqrt()
}

fn device(at: Point) -> (i32, i32) {
    ((at.0 * DENSITY).round() as i32, (at.1 * DENSITY).round() as i32)
}

fn paint_of(color: Rgb) -> RGBColor {
    RGBColor(color.0, color.1, color.2)
}
