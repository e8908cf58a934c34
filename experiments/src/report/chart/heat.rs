//! Latencies over time: how many requests of each moment took how long.

use super::{Chart, Needs, heading, over_time};
use crate::expect::Unit;
use crate::report::stored::{Asked, Field, Stored};
use brownout_core::math;
use brownout_plots::{Axis, Cells, Figure, Panel};

pub(super) const CHART: Chart = Chart {
    name: "LatencyHeatmap",
    about: "latencies over time: how many requests of each moment took how long",
    file: "latency-heatmap",
    needs: Needs::Heat,
    draw: figure,
};

/// Columns of cells over the whole width of a page.
const COLUMNS: u64 = 480;

/// Sub-buckets an octave, as a power of two: as they are kept.
const BITS: u32 = 3;

fn figure(stored: &Stored, asked: &Asked) -> Figure {
    let systems = &stored.drawing.systems;
    let found: Vec<(&str, Option<&Field>)> = systems
        .iter()
        .map(|system| {
            let field = system.fields.iter().find(|field| field.of == asked.of);
            (&*system.variant, field)
        })
        .collect();
    let least = found.iter().flat_map(|(_, field)| *field).flat_map(|field| &field.cells);
    let ends = least.fold(None, |ends: Option<(u64, u64)>, cell| match ends {
        None => Some((cell[1], cell[2])),
        Some((low, high)) => Some((low.min(cell[1]), high.max(cell[2]))),
    });
    let rows = ends.map_or_else(Vec::new, |(low, high)| edges(low, high));
    let most_columns = (COLUMNS / systems.len() as u64).max(40);
    let counts: Vec<Option<Counts>> = found
        .iter()
        .map(|(_, field)| field.map(|field| Counts::of(field, &rows, most_columns)))
        .collect();
    let most =
        counts.iter().flatten().flat_map(|counts| counts.densities(&rows)).fold(0.0, f64::max);
    let panels = found.iter().zip(counts).map(|((variant, _), counts)| {
        let mut panel = Panel::new(&heading(stored, variant), axis(&rows), Vec::new());
        panel.cells = counts.map(|counts| counts.cells(&rows, most));
        panel
    });
    let how =
        "The stronger a cell, the more successes arrived then and took so long: its strength \
               grows with the root of their number. What did not succeed is not in it."
            .to_owned();
    let title = format!("{}: {}", asked.of, stored.drawing.title);
    Figure { title, ..over_time(stored, how, panels.collect()) }
}

fn axis(rows: &[u64]) -> Axis {
    let axis = Axis::log("latency", "ms");
    match (rows.first(), rows.last()) {
        (Some(first), Some(last)) => axis.over((*first).max(1) as f64 / 1e6, *last as f64 / 1e6),
        _ => axis,
    }
}

/// Where rows begin from `low` on, up to one beyond `high`, as a histogram has them.
fn edges(low: u64, high: u64) -> Vec<u64> {
    let mut edges = vec![low];
    let mut at = low;
    while at <= high && at < u64::MAX {
        let width = 1u64 << at.max(1).ilog2().saturating_sub(BITS);
        at = at.saturating_add(width);
        edges.push(at);
    }
    edges
}

/// How many requests there are in each cell.
struct Counts {
    /// Seconds in a column.
    column: f64,
    columns: usize,
    by_row: Vec<u64>,
}

/// Doublings of latency in a row: what is spread evenly is evenly dark, though rows differ.
fn height(rows: &[u64], row: usize) -> f64 {
    // One nanosecond more, for those who take no time at all.
    math::ln((rows[row + 1] as f64 + 1.0) / (rows[row] as f64 + 1.0)) / std::f64::consts::LN_2
}

impl Counts {
    /// The field with as many columns side by side as it takes to have `most` at most.
    fn of(field: &Field, rows: &[u64], most: u64) -> Counts {
        let together = field.columns.div_ceil(most);
        let columns = field.columns.div_ceil(together) as usize;
        let mut by_row = vec![0_u64; columns * rows.len().saturating_sub(1)];
        for [place, low, _, count] in &field.cells {
            let row = rows.partition_point(|edge| edge <= low).saturating_sub(1);
            let cell = row * columns + (place / together) as usize;
            if let Some(cell) = by_row.get_mut(cell) {
                *cell = cell.saturating_add(*count);
            }
        }
        Counts { column: field.column * together as f64, columns, by_row }
    }

    /// Successes per column and doubling of latency, in the order of the cells.
    fn densities(&self, rows: &[u64]) -> impl Iterator<Item = f64> {
        let cells = self.by_row.iter().enumerate();
        cells.map(|(cell, count)| *count as f64 / height(rows, cell / self.columns))
    }

    fn cells(&self, rows: &[u64], most: f64) -> Cells {
        let dark = |density: f64| if density > 0.0 { (density / most).sqrt() } else { 0.0 };
        Cells {
            x: (0..=self.columns).map(|place| place as f64 * self.column).collect(),
            y: rows.iter().map(|edge| (*edge).max(1) as f64 / 1e6).collect(),
            values: self.densities(rows).map(dark).collect(),
            name: format!(
                "successes in {} and a doubling of latency",
                Unit::Seconds.human(self.column)
            ),
            ends: ("0".to_owned(), Unit::Count.human(most)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_begin_where_the_buckets_of_the_run_do() {
        use brownout_core::histogram::Histogram;
        let mut times = Histogram::new(BITS as u8);
        let values = [3u64, 17, 1_000, 123_456_789, 4_000_000_000];
        values.iter().for_each(|value| times.record(*value));
        let edges = edges(3, 4_294_967_295);
        for bucket in times.iter() {
            assert!(
                edges.contains(&bucket.low) && edges.contains(&(bucket.high + 1)),
                "{bucket:?}"
            );
        }
    }

    #[test]
    fn columns_put_together_keep_every_request() {
        let cells = vec![[0, 8, 8, 5], [1, 8, 8, 7], [2, 9, 9, 1]];
        let field = Field { of: "latency(api)".to_owned(), column: 0.5, columns: 3, cells };
        let counts = Counts::of(&field, &edges(8, 9), 2);
        assert_eq!((counts.columns, counts.column), (2, 1.0));
        assert_eq!(counts.by_row, [12, 0, 0, 1]);
    }
}
