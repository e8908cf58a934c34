//! Expectations and measures: short sentences about runs, read, bound to a graph, and decided.
//!
//! [`parse_expectation`] reads `p99(checkout) < 800ms during 90s..180s on budget`; `bind` looks its
//! names up in each variant and says what a run must be asked; [`judge`] decides it from the
//! answers, and [`measure`] does without a verdict. [`parse_trend`] reads what is said of a whole
//! sweep, such as `stuck(api) rises over load.0.rate`.

mod amount;
mod batches;
mod bind;
mod bound;
mod check;
mod error;
mod estimate;
mod judge;
mod kind;
mod more;
mod pair;
mod parse;
mod parse_metric;
mod parse_order;
mod quota;
mod reader;
mod sentence;
mod step;
mod stretch;
mod summary;
mod target;
mod token;
mod trend;
mod unit;
mod watch;

pub use bind::{BindContext, BoundExpectation, BoundMeasure};
pub use error::SentenceError;
pub use judge::{Judgement, MeasureRow, Values, judge, measure};
pub use parse::{parse_expectation, parse_measure};
pub use sentence::{Expectation, Measure};
pub(crate) use step::Change;
pub use trend::{BoundTrend, Trend, TrendClaim, parse_trend};
pub use unit::Unit;
pub use watch::{Bound, Watched, parse_guard, parse_watched};

#[cfg(test)]
mod tests;
