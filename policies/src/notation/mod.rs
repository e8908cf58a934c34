//! How files are written: RON → a tree with places → values, with every complaint at its place.
//!
//! Read strictly: every key known, none twice, nothing ignored, all complaints at once. A stack of
//! policies is read with this ([`stack::read`](crate::stack::read())), and so is the experiment
//! around it.

pub mod fields;
mod lexer;
pub mod problem;
pub mod ron;
pub mod scan;
mod spelling;
pub mod tree;
pub mod values;

pub use spelling::meant;
