//! The columns of a file with effects: what was done twice, and what was done and reported failed.

use crate::report::number::plus_minus;
use crate::report::table::{Align, Cell, Mark};
use crate::report::{Summary, VariantSummary};
use crate::runner::question::Deed;

/// Which of the variants' deeds have a column: of all services with effects those of the one at
/// which there are most.
pub(super) fn shown(summary: &Summary<'_>) -> Vec<usize> {
    let Some(first) = summary.variants.first() else { return Vec::new() };
    let most = |place: usize| {
        let means = summary.variants.iter().map(|variant| variant.deeds[place].2.mean);
        means.filter(|mean| !mean.is_nan()).fold(0.0, f64::max)
    };
    let worst = |deed: Deed| {
        let own = (0..first.deeds.len()).filter(move |place| first.deeds[*place].0 == deed);
        // Of equals the first.
        own.rev().max_by(|a, b| most(*a).total_cmp(&most(*b)))
    };
    [Deed::ReportedFailed, Deed::Twice].into_iter().filter_map(worst).collect()
}

/// The head of a column.
pub(super) fn column(summary: &Summary<'_>, place: usize) -> (Align, Vec<String>) {
    let (deed, service, _) = &summary.variants[0].deeds[place];
    let head = match deed {
        Deed::ReportedFailed => "failed, done",
        Deed::Twice => "done twice",
    };
    (Align::Right, vec![head.to_owned(), format!("at {service}"), "%".to_owned()])
}

/// The value of a variant in a column.
pub(super) fn cell(variant: &VariantSummary<'_>, place: usize) -> Cell {
    let (_, _, row) = &variant.deeds[place];
    let text = plus_minus(row.mean, row.ci95, 0.01);
    Cell::marked(text, if row.mean > 0.0 { Mark::Bad } else { Mark::None })
}
