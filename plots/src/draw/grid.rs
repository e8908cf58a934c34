//! The grid of panels: their rulers, and where each panel stands on the page.

use super::ruler::{Ends, Ruler};
use super::words::{NAME, SMALL};
use super::{DrawError, MARGIN, panel, strip};
use crate::canvas::Faces;
use crate::figure::{Axis, Figure, Panel};
use crate::scene::Rect;

/// Room between two columns, beside the tick labels.
const COLUMN_GAP: f64 = 30.0;
/// Height of a name on an axis of names.
const NAME_HEIGHT: f64 = 44.0;
/// Room between two rows, beside titles and captions.
const ROW_GAP: f64 = 14.0;
/// Height of a panel's title.
pub(super) const TITLE: f64 = 21.0;
/// Height of the tick labels under a panel.
pub(super) const TICKS: f64 = 20.0;
/// From tick labels to their axis.
pub(super) const TICK_GAP: f64 = 6.0;
/// The longest name beside a line's end.
pub(super) const NAME_MAX: f64 = 150.0;
/// From the right edge of a panel to the name beside a line's end.
pub(super) const NAME_GAP: f64 = 8.0;

/// Rulers and horizontal places of all panels, known before the height of the head.
pub(super) struct Grid {
    pub(super) width: f64,
    pub(super) columns: usize,
    pub(super) x: Ruler,
    /// One per panel.
    pub(super) y: Vec<Ruler>,
    /// Left and right edge of the panels in each column.
    pub(super) edges: Vec<(f64, f64)>,
    /// Left edge of the tick labels of each column.
    pub(super) outer: Vec<f64>,
    pub(super) panel_height: f64,
    rows: usize,
}

/// A panel's place on the page.
pub(super) struct Cell {
    pub(super) area: Rect,
    pub(super) column: usize,
    /// The baseline of the panel's title.
    pub(super) title: f64,
    pub(super) is_first_row: bool,
    pub(super) says_y: bool,
    pub(super) says_x: bool,
}

impl Grid {
    pub(super) fn of(figure: &Figure, faces: &Faces) -> Result<Grid, DrawError> {
        let columns = figure.columns.clamp(1, figure.panels.len().max(1));
        let rows = figure.panels.len().div_ceil(columns);
        let panel_height = match (columns, rows) {
            (1, ..=1) => 360.0,
            (1, 2) => 220.0,
            (1, 3) => 160.0,
            (1, _) => 130.0,
            (_, 1) => 240.0,
            (_, 2) => 170.0,
            (_, 6..) => 84.0,
            (_, _) => 140.0,
        };
        let names = figure.panels.iter().map(|panel| panel.y.names.len()).max().unwrap_or(0);
        let panel_height = match names {
            0 => panel_height,
            names => f64::max(100.0, NAME_HEIGHT * names as f64),
        };
        let width = if columns == 1 { 960.0 } else { f64::max(1200.0, 190.0 * columns as f64) };
        super::fits(width, panel_height * rows as f64)?;
        let xs = figure.panels.iter().flat_map(|panel| values(panel).map(|(x, _)| x));
        let x = Ruler::over(&figure.x, xs, Ends::Tight)?;
        let y = y_rulers(&figure.panels)?;
        let mut grid =
            Grid { width, columns, x, y, edges: Vec::new(), outer: Vec::new(), panel_height, rows };
        grid.spread(figure, faces);
        Ok(grid)
    }

    /// Ticks on a y axis: one for about 34 pixels, six at most.
    pub(super) fn y_ticks(&self) -> usize {
        ((self.panel_height / 34.0) as usize).min(6)
    }

    /// Whether panel `i` has tick labels and a caption of its own.
    pub(super) fn says_y(&self, i: usize, panels: &[Panel]) -> bool {
        i.is_multiple_of(self.columns) || panels[i].y != panels[i - 1].y
    }

    /// The places of the panels under a head that ends at `top`; and where the last row ends.
    pub(super) fn cells(&self, figure: &Figure, lanes: usize, top: f64) -> (Vec<Cell>, f64) {
        let count = figure.panels.len();
        let mut cells = Vec::with_capacity(count);
        let mut y = top;
        for (row, panels) in figure.panels.chunks(self.columns).enumerate() {
            let titled = panels.iter().any(|panel| !panel.title.is_empty());
            let captioned = panels.iter().any(|panel| !panel.y.caption().is_empty());
            let lanes = if row == 0 { lanes } else { 0 }.max(usize::from(captioned));
            let title = y + TITLE - 7.0;
            y += if titled { TITLE } else { 0.0 } + lanes as f64 * strip::LANE;
            for column in 0..panels.len() {
                let i = cells.len();
                let (left, right) = self.edges[column];
                cells.push(Cell {
                    area: Rect { left, top: y, right, bottom: y + self.panel_height },
                    column,
                    title,
                    is_first_row: row == 0,
                    says_y: self.says_y(i, &figure.panels),
                    says_x: i + self.columns >= count,
                });
            }
            let ragged = row + 2 == self.rows && !count.is_multiple_of(self.columns);
            y += self.panel_height;
            y += if row + 1 == self.rows { 0.0 } else { ROW_GAP };
            y += if ragged { TICKS } else { 0.0 };
        }
        (cells, y)
    }

    /// Shares the width among the columns, each with room for its own tick labels.
    fn spread(&mut self, figure: &Figure, faces: &Faces) {
        let mut gutters = vec![0.0_f64; self.columns];
        for (i, ruler) in self.y.iter().enumerate() {
            if self.says_y(i, &figure.panels) {
                let ticks = ruler.ticks(self.y_ticks());
                let lengths = ticks.iter().map(|tick| faces.width(&tick.label, &SMALL) + TICK_GAP);
                let gutter = &mut gutters[i % self.columns];
                *gutter = lengths.fold(*gutter, f64::max);
            }
        }
        let right = match self.names_length(figure, faces) {
            Some(length) => MARGIN + NAME_GAP + length,
            None => MARGIN,
        };
        let gaps = COLUMN_GAP * (self.columns - 1) as f64;
        let taken = MARGIN + right + gaps + gutters.iter().sum::<f64>();
        let panel_width = (self.width - taken) / self.columns as f64;
        let mut left = MARGIN;
        for gutter in gutters {
            self.outer.push(left);
            self.edges.push((left + gutter, left + gutter + panel_width));
            left += gutter + panel_width + COLUMN_GAP;
        }
    }

    /// Room for the names beside the lines' ends, in a single column only.
    fn names_length(&self, figure: &Figure, faces: &Faces) -> Option<f64> {
        let panels = figure.panels.iter().zip(&self.y).filter(|_| self.columns == 1);
        let ends =
            panels.flat_map(|(panel, y)| panel::clear_ends(panel, (&self.x, y), self.panel_height));
        let lengths = ends.map(|(_, series)| faces.width(&series.name, &NAME).min(NAME_MAX));
        lengths.reduce(f64::max)
    }
}

/// One ruler per panel; panels with equal axes share the range of all their values.
fn y_rulers(panels: &[Panel]) -> Result<Vec<Ruler>, DrawError> {
    let mut known: Vec<(&Axis, Ruler)> = Vec::new();
    let mut rulers = Vec::with_capacity(panels.len());
    for panel in panels {
        if let Some((_, ruler)) = known.iter().find(|(axis, _)| **axis == panel.y) {
            rulers.push(ruler.clone());
            continue;
        }
        let sharing = panels.iter().filter(|other| other.y == panel.y);
        let ys = sharing.flat_map(|panel| values(panel).map(|(_, y)| y));
        let ruler = Ruler::over(&panel.y, ys, Ends::Roomy)?;
        known.push((&panel.y, ruler.clone()));
        rulers.push(ruler);
    }
    Ok(rulers)
}

/// Every point of a panel, the edges of envelopes and cells included.
fn values(panel: &Panel) -> impl Iterator<Item = (f64, f64)> {
    let lines = panel.series.iter().flat_map(|series| {
        let envelope = series.envelope.iter().flatten();
        let edges = envelope.flat_map(|&(x, lower, upper)| [(x, lower), (x, upper)]);
        series.points.iter().copied().chain(edges)
    });
    let field = panel.cells.iter().flat_map(|cells| {
        let corners = cells.x.first().zip(cells.y.first());
        let others = cells.x.last().zip(cells.y.last());
        corners.into_iter().chain(others).map(|(x, y)| (*x, *y))
    });
    lines.chain(field)
}
