//! Why variants went as they did, for whoever reads the page: one run of each that stuck.

use super::{Summary, VariantSummary};
use crate::incident::explain::{Kind, explain};
use brownout_core::random::Seed;

/// Variants that are explained at most: each costs two runs more.
const VARIANTS_MAX: usize = 6;

/// Sentences about every variant that stuck, from its first run that did. A page without trouble
/// has none, and costs nothing.
pub fn why(summary: &Summary<'_>) -> Vec<String> {
    let told = summary.variants.iter().filter_map(|variant| {
        let seed = worst(summary, variant)?;
        let explanation = explain(summary.experiment, variant.place, seed).ok()?;
        let findings = explanation.findings.iter().filter(|finding| finding.kind != Kind::Work);
        let sentences: Vec<&str> = findings.map(|finding| finding.text.as_str()).collect();
        Some(format!("{}, run {seed}: {}", variant.name, sentences.join(" ")))
    });
    told.take(VARIANTS_MAX).collect()
}

/// The first run that stuck.
fn worst(summary: &Summary<'_>, variant: &VariantSummary<'_>) -> Option<Seed> {
    let runs = variant.entries.iter().map(|entry| entry.stuck.runs.iter());
    let place = runs.filter_map(|mut runs| runs.position(|run| *run == 1.0)).min()?;
    summary.results.seeds.get(place).copied()
}
