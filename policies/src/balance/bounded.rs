//! Bounded loads: a member that has more than its share of all calls passes a key on to another.

use super::members::Members;
use alloc::boxed::Box;
use alloc::vec;

/// The bound in percent of the mean, and the order of the others.
#[derive(Debug, Clone)]
pub(super) struct Bound {
    percent: u32,
    shuffle: Shuffle,
}

impl Bound {
    pub(super) fn new(percent: u32, members: usize) -> Bound {
        Bound { percent, shuffle: Shuffle::new(members) }
    }
}

/// The member, or if it has too much the first of the others that has not; the least loaded if all
/// have too much.
pub(super) fn with_room(
    bound: Option<&mut Bound>,
    members: &Members,
    all: u64,
    key: u64,
    member: u32,
) -> u32 {
    let Some(bound) = bound else { return member };
    let total = members.total_weight() as f64;
    let load = |member: u32| {
        let share = f64::from(members.weights[member as usize]) / total;
        let active = members.active[member as usize];
        overload(active, all, u64::from(bound.percent), share)
    };
    let (mut best, mut least) = (member, load(member));
    if least <= 1.0 {
        return member;
    }
    let free = bound.shuffle.find(key, members.candidates(), |other| {
        let its = load(other);
        if its < least {
            (best, least) = (other, its);
        }
        other != member && its <= 1.0
    });
    free.unwrap_or(best)
}

/// A member's load as Envoy's `BoundedLoadHashingLoadBalancer` sees it: its calls over its slots.
fn overload(active: u32, all: u64, percent: u64, share: f64) -> f64 {
    let slots = all.saturating_add(1).saturating_mul(percent).div_ceil(100);
    let own = libm::ceil(slots as f64 * share).max(1.0);
    f64::from(active) / own
}

/// The others in an order that depends on the key alone, without allocating.
#[derive(Debug, Clone)]
struct Shuffle {
    order: Box<[u32]>,
    twister: Twister,
}

impl Shuffle {
    fn new(members: usize) -> Shuffle {
        Shuffle { order: vec![0; members].into(), twister: Twister::new() }
    }

    /// Walks over `candidates` in the key's order; the first for which `test` says so.
    fn find(
        &mut self,
        key: u64,
        candidates: &[u32],
        mut test: impl FnMut(u32) -> bool,
    ) -> Option<u32> {
        let order = &mut self.order[..candidates.len()];
        order.copy_from_slice(candidates);
        self.twister.seed(key as u32);
        for place in 0..order.len() {
            let other = self.twister.below((order.len() - place) as u32) as usize;
            order.swap(place, place + other);
            if test(order[place]) {
                return Some(order[place]);
            }
        }
        None
    }
}

/// MT19937 (Matsumoto & Nishimura 1998): Envoy's order is this generator's, seeded with the key.
#[derive(Debug, Clone)]
struct Twister {
    words: Box<[u32]>,
    next: usize,
}

const WORDS: usize = 624;

impl Twister {
    fn new() -> Twister {
        Twister { words: vec![0; WORDS].into(), next: WORDS }
    }

    fn seed(&mut self, seed: u32) {
        let mut word = seed;
        for place in 0..WORDS {
            if place > 0 {
                let mixed = 1_812_433_253u32.wrapping_mul(word ^ word >> 30);
                word = mixed.wrapping_add(place as u32);
            }
            self.words[place] = word;
        }
        self.next = WORDS;
    }

    fn word(&mut self) -> u32 {
        if self.next == WORDS {
            self.twist();
        }
        let mut word = self.words[self.next];
        self.next += 1;
        word ^= word >> 11;
        word ^= word << 7 & 0x9D2C_5680;
        word ^= word << 15 & 0xEFC6_0000;
        word ^ word >> 18
    }

    fn twist(&mut self) {
        for place in 0..WORDS {
            let high = self.words[place] & 0x8000_0000;
            let mixed = high | self.words[(place + 1) % WORDS] & 0x7FFF_FFFF;
            let odd = if mixed & 1 == 1 { 0x9908_B0DF } else { 0 };
            self.words[place] = self.words[(place + 397) % WORDS] ^ mixed >> 1 ^ odd;
        }
        self.next = 0;
    }

    /// Uniform below `bound`, by rejection.
    fn below(&mut self, bound: u32) -> u32 {
        let width = (1u64 << 32) / u64::from(bound);
        loop {
            let drawn = u64::from(self.word()) / width;
            if drawn < u64::from(bound) {
                return drawn as u32;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_the_twister_of_the_cpp_standard() {
        let mut twister = Twister::new();
        twister.seed(5_489);
        let mut last = 0;
        (0..10_000).for_each(|_| last = twister.word());
        assert_eq!(last, 4_123_659_995);
    }

    #[test]
    fn slots_are_rounded_up_and_at_least_one() {
        assert_eq!(overload(0, 0, 120, 0.25), 0.0);
        assert_eq!(overload(1, 0, 120, 0.25), 1.0);
        assert_eq!(overload(3, 9, 120, 0.25), 1.0);
        assert_eq!(overload(4, 9, 120, 0.25), 4.0 / 3.0);
    }
}
