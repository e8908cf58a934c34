//! A drawing in logical pixels: what [`crate::draw`] composes and [`crate::canvas`] paints.

/// A colour, 8 bits a channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rgb(
    /// Red.
    pub u8,
    /// Green.
    pub u8,
    /// Blue.
    pub u8,
);

/// A point in logical pixels from the upper left corner, y downwards.
pub(crate) type Point = (f64, f64);

/// A finished drawing on white.
#[derive(Debug)]
pub(crate) struct Scene {
    /// Width in logical pixels.
    pub(crate) width: u32,
    /// Height in logical pixels.
    pub(crate) height: u32,
    /// What a screen reader says.
    pub(crate) title: String,
    /// The shapes, the last on top.
    pub(crate) shapes: Vec<Shape>,
}

/// One mark of a drawing.
#[derive(Debug, PartialEq)]
pub(crate) enum Shape {
    /// A filled rectangle.
    Box(Rect, Rgb),
    /// A polyline with round joints and ends.
    Stroke { points: Vec<Point>, width: f64, color: Rgb },
    /// A filled polygon, `alpha` of it opaque.
    Fill { points: Vec<Point>, color: Rgb, alpha: f64 },
    /// A filled disc.
    Disc { at: Point, radius: f64, color: Rgb },
    /// One line of text.
    Text(Text),
}

/// An upright rectangle; its corners keep `left <= right` and `top <= bottom`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Rect {
    pub(crate) left: f64,
    pub(crate) top: f64,
    pub(crate) right: f64,
    pub(crate) bottom: f64,
}

/// One line of text.
#[derive(Debug, PartialEq)]
pub(crate) struct Text {
    /// The point on the baseline that `align` speaks of.
    pub(crate) at: Point,
    /// The words, without control characters.
    pub(crate) body: String,
    /// Size, weight and colour.
    pub(crate) font: Font,
    /// Which part of the text stands at `at`.
    pub(crate) align: Align,
}

/// Size, weight and colour of text.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Font {
    /// The em in logical pixels.
    pub(crate) size: f64,
    pub(crate) weight: Weight,
    pub(crate) color: Rgb,
}

/// The two faces that are bundled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Weight {
    Book,
    Bold,
}

/// Which part of a text stands at its point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Align {
    Left,
    Center,
    Right,
}

impl Rect {
    pub(crate) fn width(&self) -> f64 {
        self.right - self.left
    }

    pub(crate) fn height(&self) -> f64 {
        self.bottom - self.top
    }
}
