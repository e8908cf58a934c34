//! What a chart says: panels of series over a shared x axis, with fault windows behind them.
//!
//! A figure holds no pixels and no colours of its own; [`crate::draw`] decides how it looks.

/// A figure: a title, how to read it, and a grid of panels over one x axis.
#[derive(Debug, Clone, PartialEq)]
pub struct Figure {
    /// What the figure shows, as a headline.
    pub title: String,
    /// One line in grey under the title: how to read this. May be empty.
    pub how_to_read: String,
    /// Panels per row, at least 1 (0 counts as 1): 1 stacks the panels, the number of variants
    /// gives a column to each.
    pub columns: usize,
    /// The x axis all panels share.
    pub x: Axis,
    /// Fault windows, shaded in every panel that is not spared and named above the first row.
    pub bands: Vec<Band>,
    /// The panels, row by row.
    pub panels: Vec<Panel>,
}

/// One chart of the grid.
///
/// Panels whose y axes are equal share one range, so that their heights compare.
#[derive(Debug, Clone, PartialEq)]
pub struct Panel {
    /// Bold above the panel; empty for none (the lower rows of a grid).
    pub title: String,
    /// The y axis; its label stands above the axis, its range includes zero when linear.
    pub y: Axis,
    /// The series, the last on top.
    pub series: Vec<Series>,
    /// A field of cells behind them.
    pub cells: Option<Cells>,
    /// The windows, by their place among the figure's, that are not in this panel.
    pub spared: Vec<usize>,
}

/// A field of cells, each as dark as its value says.
#[derive(Debug, Clone, PartialEq)]
pub struct Cells {
    /// Where the columns begin, and where the last one ends, ascending.
    pub x: Vec<f64>,
    /// Where the rows begin, from below, and where the last one ends, ascending.
    pub y: Vec<f64>,
    /// In [0, 1], row by row from below; nothing is drawn of 0, nor of what is no number.
    pub values: Vec<f64>,
    /// What the darkness means, for the legend.
    pub name: String,
    /// What 0 and 1 stand for, for the legend.
    pub ends: (String, String),
}

/// One line (or row of dots) in a panel.
///
/// Series of the same name, style and colour are one entry in the legend.
#[derive(Debug, Clone, PartialEq)]
pub struct Series {
    /// Its name in the legend.
    pub name: String,
    /// Points (x, y) by increasing x, in the units of the axes. A point that is not finite, or not
    /// positive on a logarithmic axis, leaves a gap; values beyond ±1e300 are drawn at ±1e300.
    pub points: Vec<(f64, f64)>,
    /// How the points are joined.
    pub style: Style,
    /// Index into [`crate::PALETTE`], wrapping round: 0 is the neutral grey for references.
    pub color: usize,
    /// A shaded envelope (x, lower, upper) around the line, such as a 95 % interval.
    pub envelope: Option<Vec<(f64, f64, f64)>>,
}

/// How the points of a series are joined.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// Straight lines from point to point.
    Line,
    /// Straight lines, dashed: for references such as the offered load.
    Dashed,
    /// A value holds until the next point's x: for time bins and empirical distributions.
    Step,
    /// Points only.
    Dots,
    /// Straight lines in dashes of their own: number 0 is unbroken, and after six patterns they
    /// come round again. Told apart without colours.
    Pattern(usize),
    /// Points only, each a mark of its own shape, of which there are five. Told apart without
    /// colours.
    Marks(usize),
    /// The envelope filled and its upper edge drawn: a part of a whole.
    Area,
    /// As [`Style::Area`], and nearly opaque: the part that is to be seen first.
    Full,
    /// Straight lines as of [`Style::Pattern`], with arrowheads along the way of the points.
    Arrows(usize),
}

/// A window on the x axis, such as a fault; none is shown where `to` is less than `from`.
#[derive(Debug, Clone, PartialEq)]
pub struct Band {
    /// Where it begins, in the x axis's unit.
    pub from: f64,
    /// Where it ends; a window narrower than two pixels is drawn two wide.
    pub to: f64,
    /// Its name. Where the names do not fit above the panels, numbers stand there and the legend
    /// names them.
    pub label: String,
}

/// An axis: what it measures, in which unit, and how values are spaced along it.
#[derive(Debug, Clone, PartialEq)]
pub struct Axis {
    /// What is measured: `time`, `goodput`.
    pub label: String,
    /// Its unit, empty for a pure number. A linear axis in `s` has ticks at 15, 30, 60, ….
    pub unit: String,
    /// How values are spaced.
    pub scale: Scale,
    /// The ends, first less than second; none takes them from the data.
    pub range: Option<(f64, f64)>,
    /// Names that stand in the place of numbers, each at its value; none are numbers.
    pub names: Vec<(f64, String)>,
}

/// How values are spaced along an axis.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scale {
    /// Equal differences, equal lengths.
    Linear,
    /// Equal ratios, equal lengths; only positive values have a place.
    Log,
}

impl Axis {
    /// A linear axis over the range of its data.
    pub fn linear(label: &str, unit: &str) -> Axis {
        let (label, unit) = (label.into(), unit.into());
        Axis { label, unit, scale: Scale::Linear, range: None, names: Vec::new() }
    }

    /// A linear axis on which these names stand at 0, 1, 2 ….
    pub fn of_names(names: &[String]) -> Axis {
        let range = Some((-0.5, names.len().max(1) as f64 - 0.5));
        let names = names.iter().enumerate().map(|(at, name)| (at as f64, name.clone()));
        Axis { range, names: names.collect(), ..Axis::linear("", "") }
    }

    /// A logarithmic axis over the range of its positive data.
    pub fn log(label: &str, unit: &str) -> Axis {
        Axis { scale: Scale::Log, ..Axis::linear(label, unit) }
    }

    /// The same axis from `from` to `to`.
    pub fn over(self, from: f64, to: f64) -> Axis {
        Axis { range: Some((from, to)), ..self }
    }

    /// Label and unit as the figure prints them: `latency (ms)`.
    pub fn caption(&self) -> String {
        match (self.label.is_empty(), self.unit.is_empty()) {
            (_, true) => self.label.clone(),
            (true, false) => self.unit.clone(),
            (false, false) => format!("{} ({})", self.label, self.unit),
        }
    }
}

impl Panel {
    /// A panel without cells.
    pub fn new(title: &str, y: Axis, series: Vec<Series>) -> Panel {
        Panel { title: title.into(), y, series, cells: None, spared: Vec::new() }
    }
}

impl Series {
    /// A series without an envelope.
    pub fn new(name: &str, style: Style, color: usize, points: Vec<(f64, f64)>) -> Series {
        Series { name: name.into(), points, style, color, envelope: None }
    }

    /// The colour of the system at this place among several, for [`Style::Pattern`] and
    /// [`Style::Marks`] of the same number: eleven of them are told apart without colours.
    pub const fn color_of_system(place: usize) -> usize {
        // Where patterns come round again, a colour that is dark in grey too.
        if place < 6 { place + 1 } else { 7 }
    }
}
