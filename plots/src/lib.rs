//! Tables to figures: a small chart model drawn as SVG and PNG, and as sparklines in a terminal.
//!
//! A [`Figure`] says what is shown; [`to_svg`] and [`to_png`] draw it to the same bytes on every
//! run and every machine. The crate opens no file and runs no simulation.
//!
//! ```
//! use brownout_plots::{Axis, Band, Figure, Panel, Series, Style, to_svg};
//!
//! let offered = vec![(0.0, 300.0), (60.0, 301.0), (120.0, 299.0)];
//! let goodput = vec![(0.0, 300.0), (60.0, 140.0), (120.0, 298.0)];
//! let figure = Figure {
//!     title: "retry-storm".into(),
//!     how_to_read: "How to read this: shaded windows are faults.".into(),
//!     columns: 1,
//!     x: Axis::linear("time", "s").over(0.0, 180.0),
//!     bands: vec![Band { from: 60.0, to: 70.0, label: "ledger ×4 slower".into() }],
//!     panels: vec![Panel::new(
//!         "no retries",
//!         Axis::linear("requests", "/s"),
//!         vec![
//!             Series::new("offered", Style::Dashed, 0, offered),
//!             Series::new("goodput", Style::Line, 1, goodput),
//!         ],
//!     )],
//! };
//! assert!(to_svg(&figure)?.contains("ledger ×4 slower"));
//! # Ok::<(), brownout_plots::DrawError>(())
//! ```

mod canvas;
pub mod draw;
pub mod figure;
#[cfg(test)]
mod sample;
mod scene;
mod spark;
pub mod surface;
pub mod versus;
mod vision;

pub use draw::{Area, DrawError, PALETTE, Page};
pub use draw::{surface_night_svg, surface_png, surface_svg, to_page, to_png, to_svg};
pub use figure::{Axis, Band, Cells, Figure, Panel, Scale, Series, Style};
pub use scene::Rgb;
pub use spark::sparkline;
pub use surface::{Settings, Surface, Tile, Tiles};
pub use versus::{Compared, Measured, Versus, versus_to_png, versus_to_svg};
pub use vision::alike;
