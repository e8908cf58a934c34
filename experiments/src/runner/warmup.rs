//! How long a system takes to forget that it began empty.
//!
//! MSER-5 (White, Cobb and Spratt, Proceedings of the 2000 Winter Simulation Conference): of the
//! means of five neighbouring observations, leave out as many at the beginning as make the standard
//! error of the rest the least. What is observed is the number in every service, bin by bin,
//! averaged over a few runs without triggers; of all services and variants the longest warm-up
//! counts, so that variants are compared over one window.

use super::arm::Arm;
use super::question::Questions;
use super::{Failure, Request};
use crate::experiment::Experiment;
use crate::spec::Problems;
use brownout_core::{Span, interval};
use brownout_topologies::ledger::query::Level;
use brownout_topologies::ledger::series::{Bin, bin_width};

/// Runs that are looked at: more smooth the curve, a handful is usual.
pub const PILOTS: u32 = 5;
/// Observations that are taken together.
const TOGETHER: usize = 5;
/// Below so many means there is nothing to choose between.
const MEANS_MIN: usize = 20;

/// A warm-up that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// What to leave out.
    pub cut: Span,
    /// The service that takes so long, and on which variant; none when all are steady at once.
    pub slowest: Option<(String, String)>,
}

/// Why there is none.
#[derive(Debug)]
pub enum Unfound {
    /// A pilot run has no result.
    Failed(Box<Failure>),
    /// The number in a service, on a variant, does not settle in the first half of the run.
    Unsettled(String, String),
    /// The run is too short to look at.
    Short,
    /// A window of the file lies inside the warm-up that was found.
    Unfit(Problems),
}

impl std::fmt::Display for Unfound {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Unfound::Failed(failure) => failure.fmt(f),
            Unfound::Unsettled(service, variant) => write!(
                f,
                "no warm-up found: the number in `{service}` on {variant} does not settle in the \
                 first half of the run; run longer, or write `warmup: \"…\"`"
            ),
            Unfound::Unfit(problems) => {
                write!(f, "the warm-up that was found does not fit:\n{}", problems.render(false))
            }
            Unfound::Short => f.write_str(
                "no warm-up found: the run is too short to be looked at; write `warmup: \"…\"`",
            ),
        }
    }
}

/// The warm-up of an experiment, from pilot runs of every variant without its triggers.
///
/// # Errors
/// When a run fails, or no system settles.
pub fn detect(experiment: &Experiment, request: &Request) -> Result<Found, Unfound> {
    let questions = Questions::of(experiment);
    let mut found = Found { cut: Span::ZERO, slowest: None };
    for place in 0..experiment.variants.len() {
        let variant = &experiment.variants[place];
        let arm = Arm::calm(experiment, &questions, place);
        let mut sums: Vec<Vec<f64>> = vec![Vec::new(); arm.plan.watch.len()];
        for seed in &request.seeds {
            let outcome = arm.run(*seed).map_err(Unfound::Failed)?;
            for (sum, bins) in sums.iter_mut().zip(&outcome.bins) {
                sum.resize(sum.len().max(bins.len()), 0.0);
                sum.iter_mut().zip(bins).for_each(|(sum, bin)| *sum += in_system(bin));
            }
        }
        let width = bin_width(variant.graph.time);
        for (target, sum) in arm.plan.watch.iter().zip(sums) {
            let name = target.name(&variant.graph);
            let unsettled = || Unfound::Unsettled(name.clone(), variant.name.clone());
            let bins = mser5(&sum).ok_or(Unfound::Short)?.ok_or_else(unsettled)?;
            let cut = width.saturating_mul(bins as u64);
            if cut > found.cut {
                found = Found { cut, slowest: Some((name, variant.name.clone())) };
            }
        }
    }
    Ok(found)
}

fn in_system(bin: &Bin) -> f64 {
    bin.levels[Level::InSystem as usize]
}

/// Observations to leave out; `Some(None)` when the least error lies in the second half, `None`
/// when there are too few.
fn mser5(observations: &[f64]) -> Option<Option<usize>> {
    // What is left over at the end is not a whole bin, or not five.
    let groups = observations.chunks_exact(TOGETHER);
    let means: Vec<f64> =
        groups.map(|five| interval::sum(five.iter().copied()) / TOGETHER as f64).collect();
    if means.len() < MEANS_MIN {
        return None;
    }
    let error = |from: usize| {
        let rest = &means[from..];
        let n = rest.len() as f64;
        let mean = interval::sum(rest.iter().copied()) / n;
        interval::sum(rest.iter().map(|one| (one - mean) * (one - mean))) / (n * n)
    };
    // The last few means have small errors by chance; the rule is usual.
    let candidates = 0..means.len() - TOGETHER;
    let errors: Vec<f64> = candidates.map(error).collect();
    let (best, _) =
        errors.iter().enumerate().min_by(|(_, one), (_, other)| one.total_cmp(other))?;
    Some((best <= means.len() / 2).then_some(best * TOGETHER))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A ramp of `ramp` observations up to 10, then 9, 10, 11 by turns.
    fn series(ramp: usize, total: usize) -> Vec<f64> {
        let level = |at: usize| match at < ramp {
            true => 10.0 * at as f64 / ramp as f64,
            false => 9.0 + (at % 3) as f64,
        };
        (0..total).map(level).collect()
    }

    #[test]
    fn the_ramp_is_left_out_and_little_more() {
        let cut = mser5(&series(100, 1_000)).flatten().expect("it settles");
        assert!((85..=105).contains(&cut), "{cut}");
    }

    #[test]
    fn what_is_steady_from_the_start_loses_nothing() {
        assert_eq!(mser5(&series(0, 300)), Some(Some(0)));
        assert_eq!(mser5(&[0.0; 300]), Some(Some(0)));
    }

    #[test]
    fn what_never_settles_has_no_warm_up() {
        assert_eq!(mser5(&series(1_000, 1_000)), Some(None));
        assert_eq!(mser5(&series(0, 50)), None);
    }
}
