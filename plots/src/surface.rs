//! What a surface says: a value for every pair of settings, as tiles, and where it breaks off.
//!
//! Values are told apart by how dark they are, so that a print in grey says the same.

use crate::figure::Axis;

/// Panels of tiles over the same two lists of settings.
#[derive(Debug, Clone, PartialEq)]
pub struct Surface {
    /// What the figure shows, as a headline.
    pub title: String,
    /// Grey lines under the title: how to read this.
    pub how_to_read: String,
    /// The settings from left to right.
    pub x: Settings,
    /// The settings from bottom to top.
    pub y: Settings,
    /// What a tile's shade measures; its range is that of the data unless it has one.
    pub shade: Axis,
    /// What the thick line between two tiles means; not in the legend where there is none.
    pub edge: String,
    /// What a tile with a value beyond all shades means, such as a recovery that never comes.
    pub beyond: String,
    /// The panels, row by row.
    pub panels: Vec<Tiles>,
}

/// The values along one side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// What is set, with its unit.
    pub caption: String,
    /// As they are written beside the tiles.
    pub values: Vec<String>,
}

/// One panel.
#[derive(Debug, Clone, PartialEq)]
pub struct Tiles {
    /// Bold above it.
    pub title: String,
    /// Row by row from the bottom, each from left to right; as many as there are pairs of settings.
    pub tiles: Vec<Tile>,
    /// Whether each tile is on the far side of the edge; a line is drawn between tiles that
    /// differ. Tiles that are neither have none.
    pub sides: Vec<Option<bool>>,
}

/// One tile.
#[derive(Debug, Clone, PartialEq)]
pub enum Tile {
    /// A finite value, and how it is written where there is room.
    Shade(f64, String),
    /// A value beyond all shades, and how it is written.
    Beyond(String),
    /// Something went wrong here: a cross.
    Broken,
    /// Nothing is known here.
    Empty,
}

impl Tile {
    /// The value, if it has a shade.
    pub(crate) fn value(&self) -> Option<f64> {
        match self {
            Tile::Shade(value, _) => Some(*value).filter(|value| value.is_finite()),
            Tile::Beyond(_) | Tile::Broken | Tile::Empty => None,
        }
    }
}
