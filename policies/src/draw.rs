//! Keyed draws: a number is a function of what it is *for*, never of how many came before.
//!
//! [`Draws::open`] names a source by (stream, lineage); its words are a counter-based sequence,
//! every one finalised, so rejection samplers may take as many as they like and no other draw
//! moves. The generator is SplitMix64 (Steele, Lea & Flood 2014) started at the mixed key.

use core::convert::Infallible;
use rand::TryRng;

/// The odd constant of SplitMix64: 2⁶⁴ / φ.
const GOLDEN: u64 = 0x9E37_79B9_7F4A_7C15;

/// SplitMix64's finaliser (variant 13 of Stafford): a bijection in which every input bit flips
/// every output bit with probability near one half.
#[inline]
pub const fn finalise(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// The name of a child: a 64-bit mix of its parent's name and what tells it from its siblings.
#[inline]
pub const fn mix(parent: u64, child: u64) -> u64 {
    Child::new(child).of(parent)
}

/// What tells a child from its siblings, worked out once for all parents.
///
/// ```
/// use brownout_policies::draw::{Child, mix};
///
/// let second = Child::new(2);
/// assert_eq!(second.of(7), mix(7, 2));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Child(u64);

impl Child {
    /// Of the child with this number, or with any other word that is its own.
    #[inline]
    pub const fn new(child: u64) -> Child {
        Child(finalise(child.wrapping_mul(GOLDEN).wrapping_add(GOLDEN)))
    }

    /// The name of that child of a parent.
    #[inline]
    pub const fn of(self, parent: u64) -> u64 {
        finalise(parent ^ self.0)
    }
}

/// A private sequence of random words for one purpose of one piece of work.
///
/// It implements `rand`'s generator traits, so every sampler written against them works.
#[derive(Debug, Clone)]
pub struct Draws {
    state: u64,
}

impl Draws {
    /// The sequence that belongs to `stream` (a purpose's key) and `lineage` (a piece of work).
    #[inline]
    pub const fn open(stream: u64, lineage: u64) -> Draws {
        Draws { state: finalise(lineage ^ stream) ^ stream }
    }

    /// The next 64 random bits.
    #[inline]
    pub const fn word(&mut self) -> u64 {
        self.state = self.state.wrapping_add(GOLDEN);
        finalise(self.state)
    }

    /// Uniform in [0, 1), a multiple of 2⁻⁵³.
    #[inline]
    pub fn unit(&mut self) -> f64 {
        unit(self.word())
    }
}

/// A random word as a uniform number in [0, 1), a multiple of 2⁻⁵³.
#[inline]
pub fn unit(word: u64) -> f64 {
    (word >> 11) as f64 * (1.0 / (1u64 << 53) as f64)
}

/// Where a policy's chances come from: [`Draws`] in simulations and in production, a script in
/// tests.
pub trait Chance {
    /// The next 64 random bits.
    fn bits(&mut self) -> u64;

    /// Uniform in [0, 1).
    fn share(&mut self) -> f64 {
        unit(self.bits())
    }

    /// A whole number below `bound` > 0, each as likely as any other to within `bound` / 2⁶⁴.
    fn below(&mut self, bound: u64) -> u64 {
        ((u128::from(self.bits()) * u128::from(bound)) >> 64) as u64
    }
}

impl Chance for Draws {
    #[inline]
    fn bits(&mut self) -> u64 {
        self.word()
    }
}

impl TryRng for Draws {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok((self.word() >> 32) as u32)
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(self.word())
    }

    fn try_fill_bytes(&mut self, dest: &mut [u8]) -> Result<(), Infallible> {
        for chunk in dest.chunks_mut(8) {
            chunk.copy_from_slice(&self.word().to_le_bytes()[..chunk.len()]);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_draw_depends_on_its_key_and_nothing_else() {
        let first = Draws::open(7, 42).word();
        let mut other = Draws::open(7, 41);
        other.word();
        assert_eq!(Draws::open(7, 42).word(), first);
        assert_ne!(Draws::open(8, 42).word(), first);
    }

    #[test]
    fn the_generator_keeps_its_values() {
        let mut draws = Draws::open(1, 2);
        assert_eq!([draws.word(), draws.word()], VALUES);
    }

    /// Pinned: a change here moves every result there is.
    const VALUES: [u64; 2] = [9001425938382423139, 11327958776267824906];
}
