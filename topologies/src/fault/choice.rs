//! Which replicas a fault strikes: drawn by rank, so that a larger choice holds every smaller one.

use super::{Part, Replicas};
use brownout_core::random::Stream;

/// The replicas that one occurrence strikes, for each part of its fault: those that were drawn, in
/// order. Where nothing is drawn the part itself says which.
#[derive(Debug, Default)]
pub(super) struct Chosen(Vec<Vec<u32>>);

/// How many of `replicas` are drawn; `None` where nothing is.
fn number(which: Replicas, replicas: u32) -> Option<u32> {
    match which {
        Replicas::All | Replicas::One(_) | Replicas::InTurn { .. } => None,
        Replicas::Count(count) => Some(count.min(replicas)),
        // Nearest, ties up: `as` cuts off.
        Replicas::Share(share) => {
            Some(((share * f64::from(replicas) + 0.5) as u32).clamp(1, replicas))
        }
    }
}

impl Chosen {
    /// Draws the replicas of occurrence `nth`. Every replica has a rank of its own in every
    /// occurrence, whatever the size of the choice.
    pub(super) fn draw(
        &mut self,
        parts: &[Part],
        size: impl Fn(&Part) -> u32,
        stream: Stream,
        nth: u64,
    ) {
        self.0.resize_with(parts.len(), Vec::new);
        for ((place, part), chosen) in (0..).zip(parts).zip(&mut self.0) {
            let replicas = size(part);
            let Some(number) = number(part.replicas, replicas) else { continue };
            let ranks = stream.member(place).member(nth);
            let rank = |one: u32| ranks.draws(u64::from(one)).word();
            chosen.clear();
            chosen.extend(0..replicas);
            chosen.sort_unstable_by_key(|one| (rank(*one), *one));
            chosen.truncate(number as usize);
            chosen.sort_unstable();
        }
    }

    /// Whether a replica of the part at `place` is struck.
    pub(super) fn has(&self, place: usize, part: &Part, replica: u32) -> bool {
        self.place(place, part, replica).is_some()
    }

    /// The place of a replica among those of the part at `place` that are struck.
    pub(super) fn place(&self, place: usize, part: &Part, replica: u32) -> Option<usize> {
        match part.replicas {
            Replicas::All => Some(replica as usize),
            Replicas::One(one) => (one == replica).then_some(0),
            Replicas::InTurn { first, every } => {
                let after = replica.checked_sub(first)?;
                (after % every == 0).then_some((after / every) as usize)
            }
            Replicas::Count(_) | Replicas::Share(_) => {
                self.0.get(place)?.binary_search(&replica).ok()
            }
        }
    }

    /// Every replica of the part at `place` that is struck, of so many, in order.
    pub(super) fn each(
        &self,
        place: usize,
        part: &Part,
        replicas: u32,
    ) -> impl Iterator<Item = u32> {
        let (all, every, drawn): (_, _, &[u32]) = match part.replicas {
            Replicas::All => (0..replicas, 1, &[]),
            Replicas::One(one) => (one..one + 1, 1, &[]),
            Replicas::InTurn { first, every } => (first..replicas, every as usize, &[]),
            Replicas::Count(_) | Replicas::Share(_) => {
                (0..0, 1, self.0.get(place).map_or(&[], Vec::as_slice))
            }
        };
        all.step_by(every).chain(drawn.iter().copied())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::ServiceId;
    use brownout_core::random::Seed;

    fn chosen(replicas: Replicas, nth: u64) -> Vec<u32> {
        let part = Part { service: ServiceId(0), replicas };
        let mut chosen = Chosen::default();
        chosen.draw(&[part], |_| 10, Seed::new(1).stream("fault"), nth);
        let struck: Vec<u32> = chosen.each(0, &part, 10).collect();
        let has = (0..10).filter(|one| chosen.has(0, &part, *one));
        assert_eq!(has.collect::<Vec<u32>>(), struck);
        struck
    }

    #[test]
    fn a_share_is_rounded_to_the_nearest_number_and_strikes_one_at_least() {
        let number = |share| chosen(Replicas::Share(share), 0).len();
        assert_eq!([0.01, 0.14, 0.25, 0.3, 1.0].map(number), [1, 1, 3, 3, 10]);
        assert_eq!(chosen(Replicas::Count(99), 0), chosen(Replicas::All, 0));
        assert_eq!(chosen(Replicas::One(7), 0), [7]);
        assert_eq!(chosen(Replicas::InTurn { first: 1, every: 3 }, 0), [1, 4, 7]);
    }

    #[test]
    fn a_larger_choice_holds_every_smaller_one_and_occurrences_differ() {
        let few = chosen(Replicas::Count(3), 0);
        let many = chosen(Replicas::Count(6), 0);
        assert!(few.iter().all(|one| many.contains(one)), "{few:?} in {many:?}");
        assert!((1..9).any(|nth| chosen(Replicas::Count(3), nth) != few));
    }

    #[test]
    fn every_replica_is_struck_as_often_as_any_other() {
        let mut struck = [0_u32; 10];
        for nth in 0..10_000 {
            chosen(Replicas::Count(2), nth).into_iter().for_each(|one| struck[one as usize] += 1);
        }
        // 2 000 each, with a standard deviation of 40.
        assert!(struck.iter().all(|count| (1_840..=2_160).contains(count)), "{struck:?}");
    }
}
