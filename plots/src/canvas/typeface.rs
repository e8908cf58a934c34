//! The bundled type: DejaVu Sans in two weights, measured and outlined without the system's fonts.

use ab_glyph::{Font as _, FontRef, OutlinedGlyph, PxScale, ScaleFont as _, point};

use crate::draw::DrawError;
use crate::scene::{Align, Font, Text, Weight};

const BOOK: &[u8] = include_bytes!("../../fonts/DejaVuSans-subset.ttf");
const BOLD: &[u8] = include_bytes!("../../fonts/DejaVuSans-Bold-subset.ttf");

/// The two faces, parsed.
pub(crate) struct Faces {
    book: FontRef<'static>,
    bold: FontRef<'static>,
}

impl Faces {
    /// Parses the bundled files.
    pub(crate) fn load() -> Result<Faces, DrawError> {
        let parse = |bytes| FontRef::try_from_slice(bytes).map_err(|_| DrawError::Font);
        Ok(Faces { book: parse(BOOK)?, bold: parse(BOLD)? })
    }

    /// The length of `text` set in `font`, in logical pixels.
    pub(crate) fn width(&self, text: &str, font: &Font) -> f64 {
        let face = self.face(font.weight);
        let scaled = face.as_scaled(scale_of(face, font.size));
        text.chars().map(|c| f64::from(scaled.h_advance(scaled.glyph_id(c)))).sum()
    }

    /// The outlines of `text`, placed, with `density` device pixels to a logical pixel.
    pub(super) fn outlines(&self, text: &Text, density: f64) -> Vec<OutlinedGlyph> {
        let face = self.face(text.font.weight);
        let width = self.width(&text.body, &text.font);
        let start = match text.align {
            Align::Left => text.at.0,
            Align::Center => text.at.0 - width / 2.0,
            Align::Right => text.at.0 - width,
        };
        let scale = scale_of(face, text.font.size * density);
        let scaled = face.as_scaled(scale);
        let (mut pen, baseline) = ((start * density) as f32, (text.at.1 * density) as f32);
        let mut outlines = Vec::new();
        for c in text.body.chars() {
            let glyph = scaled.glyph_id(c);
            let placed = glyph.with_scale_and_position(scale, point(pen, baseline));
            outlines.extend(face.outline_glyph(placed));
            pen += scaled.h_advance(glyph);
        }
        outlines
    }

    fn face(&self, weight: Weight) -> &FontRef<'static> {
        match weight {
            Weight::Book => &self.book,
            Weight::Bold => &self.bold,
        }
    }
}

/// The scale at which the em is `size` pixels (`ab_glyph` counts from descender to ascender).
fn scale_of(face: &FontRef<'static>, size: f64) -> PxScale {
    let em = face.units_per_em().unwrap_or(2048.0);
    PxScale::from(size as f32 * face.height_unscaled() / em)
}
