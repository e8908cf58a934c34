//! What bound sentences can be asked: their text and line, and what they ask of runs.

use super::bind::{BoundExpectation, BoundMeasure, BoundRight, BoundSide, Line, Shape};
use brownout_topologies::ledger::query::Query;

impl BoundExpectation {
    /// As it was written, without space around it.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The line of the experiment file it stands on, from 1; 0 where it is not known.
    pub fn line(&self) -> usize {
        self.line.0
    }

    /// The same, known to stand on a line of the file.
    pub(crate) fn on_line(self, line: usize) -> BoundExpectation {
        BoundExpectation { line: Line(line), ..self }
    }

    /// What runs must be asked: places among the variants, and queries, possibly repeated.
    pub fn queries(&self) -> Vec<(usize, &Query)> {
        let mut queries = Vec::new();
        for case in &self.cases {
            queries.extend(case.left.queries());
            if let BoundRight::Side { side, .. } = &case.right {
                queries.extend(side.queries());
            }
        }
        queries
    }
}

impl BoundMeasure {
    /// Leaves out the variants on which one of `others` measures the same.
    pub(crate) fn leave_out(&mut self, others: &[BoundMeasure]) {
        let same = others.iter().filter(|other| other.text == self.text);
        let taken: Vec<usize> =
            same.flat_map(|other| other.rows.iter().map(|row| row.variant)).collect();
        self.rows.retain(|row| !taken.contains(&row.variant));
    }

    /// Whether it is about no variant.
    pub(crate) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// What runs must be asked: places among the variants, and queries, possibly repeated.
    pub fn queries(&self) -> Vec<(usize, &Query)> {
        self.rows.iter().flat_map(BoundSide::queries).collect()
    }
}

impl BoundSide {
    /// An interval, cut where the value cannot be: Student's knows nothing of 0 and
    /// 100 %.
    pub(super) fn cut(&self, interval: Option<(f64, f64)>) -> Option<(f64, f64)> {
        let (least, most) = self.range;
        interval.map(|(low, high)| (low.clamp(least, most), high.clamp(least, most)))
    }

    /// The questions whose answers make the value.
    fn queries(&self) -> impl Iterator<Item = (usize, &Query)> {
        self.parts.iter().flat_map(|(first, shape)| {
            let second = match shape {
                Shape::Plain | Shape::Complement => None,
                Shape::Over(query) => Some(query),
            };
            std::iter::once(first).chain(second).map(|query| (self.variant, query))
        })
    }
}
