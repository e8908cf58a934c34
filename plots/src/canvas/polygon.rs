//! A filled polygon as runs of pixels, by the backend's own sweep.

use std::convert::Infallible;
use std::ops::Range;

use plotters_backend::{BackendColor, BackendStyle, DrawingBackend, DrawingErrorKind};

use super::rows::{Cover, Rows, cover_of};
use crate::scene::Rgb;

/// A polygon in device pixels, swept.
pub(super) struct Polygon {
    color: Rgb,
    rows: Range<i32>,
    runs: Vec<Run>,
}

/// Pixels of one column or one row that are covered alike.
struct Run {
    columns: Range<i32>,
    rows: Range<i32>,
    cover: Cover,
}

impl Polygon {
    /// The inside of `corners`, `alpha` of it opaque.
    pub(super) fn new(corners: &[(i32, i32)], color: Rgb, alpha: f64) -> Polygon {
        let rgb = (color.0, color.1, color.2);
        let mut sweep = Sweep(Vec::new());
        match sweep.fill_polygon(corners.iter().copied(), &BackendColor { alpha, rgb }) {
            Ok(()) => {}
            Err(DrawingErrorKind::DrawingError(never)) => match never {},
            Err(DrawingErrorKind::FontError(_)) => unreachable!("a polygon has no letters"),
        }
        let runs = sweep.0;
        let top = runs.iter().map(|run| run.rows.start).min().unwrap_or(0);
        let bottom = runs.iter().map(|run| run.rows.end).max().unwrap_or(0);
        Polygon { color, rows: top..bottom, runs }
    }

    pub(super) fn paint(&self, onto: &mut Rows) {
        if onto.clip(0..i32::MAX, self.rows.clone()).is_none() {
            return;
        }
        for run in &self.runs {
            onto.fill(run.columns.clone(), run.rows.clone(), self.color, run.cover);
        }
    }
}

/// A backend that only notes what it is told to paint.
struct Sweep(Vec<Run>);

impl Sweep {
    fn note(&mut self, from: (i32, i32), to: (i32, i32), alpha: f64) {
        let (columns, rows) = (from.0..to.0 + 1, from.1..to.1 + 1);
        let cover = cover_of(alpha);
        if cover > 0 && !columns.is_empty() && !rows.is_empty() {
            self.0.push(Run { columns, rows, cover });
        }
    }
}

impl DrawingBackend for Sweep {
    type ErrorType = Infallible;

    fn get_size(&self) -> (u32, u32) {
        (i32::MAX as u32, i32::MAX as u32)
    }

    fn ensure_prepared(&mut self) -> Result<(), DrawingErrorKind<Infallible>> {
        Ok(())
    }

    fn present(&mut self) -> Result<(), DrawingErrorKind<Infallible>> {
        Ok(())
    }

    fn draw_pixel(
        &mut self,
        at: (i32, i32),
        color: BackendColor,
    ) -> Result<(), DrawingErrorKind<Infallible>> {
        self.note(at, at, color.alpha);
        Ok(())
    }

    /// The sweep draws upright and level lines only.
    fn draw_line<S: BackendStyle>(
        &mut self,
        from: (i32, i32),
        to: (i32, i32),
        style: &S,
    ) -> Result<(), DrawingErrorKind<Infallible>> {
        self.note(from, to, style.color().alpha);
        Ok(())
    }
}
