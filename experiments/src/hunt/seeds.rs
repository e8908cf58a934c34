//! The first seed that is bad.

use super::{Ground, Halt};
use crate::experiment::Experiment;
use brownout_core::random::Seed;

/// Seeds that are tried before anyone looks whether one was bad.
const AT_ONCE: u32 = 32;

/// What came of looking.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Looked {
    /// The first bad replication, if there is one among those tried.
    pub found: Option<Seed>,
    /// Replications that were tried, up to the bad one.
    pub tried: u32,
    /// Whether it was told to stop before it was done.
    pub is_interrupted: bool,
}

/// Tries replications 0, 1, … of the seed, `most` of them.
///
/// # Errors
/// When a run has no result.
pub fn look(ground: &Ground<'_>, experiment: &Experiment, most: u32) -> Result<Looked, Halt> {
    let mut tried = 0;
    while tried < most {
        let until = tried.saturating_add(AT_ONCE).min(most);
        let seeds: Vec<Seed> =
            (tried..until).map(|replication| Seed { seed: ground.seed, replication }).collect();
        match ground.bad_runs(experiment, seeds.clone()) {
            Ok(bad) => {
                if let Some(place) = bad.iter().position(|is_bad| *is_bad) {
                    let tried = tried + place as u32 + 1;
                    return Ok(Looked { found: Some(seeds[place]), tried, is_interrupted: false });
                }
                tried = until;
            }
            Err(Halt::Stopped) => return Ok(Looked { found: None, tried, is_interrupted: true }),
            Err(broken) => return Err(broken),
        }
    }
    Ok(Looked { found: None, tried, is_interrupted: false })
}
