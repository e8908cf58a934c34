//! A set of attempts of one call.

/// Attempts of one call by their number, the original being 0; at most [`Attempts::MOST`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Attempts(u32);

impl Attempts {
    /// How many attempts a call can have.
    pub const MOST: u32 = u32::BITS;
    /// Nobody.
    pub const NONE: Attempts = Attempts(0);

    /// Whether attempt number `nth` is among them.
    pub const fn contains(self, nth: u8) -> bool {
        (nth as u32) < Attempts::MOST && self.0 & (1 << nth) != 0
    }

    /// How many they are.
    pub const fn len(self) -> u32 {
        self.0.count_ones()
    }

    /// Whether there are none.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// All but the original.
    pub const fn hedges(self) -> Attempts {
        Attempts(self.0 & !1)
    }

    pub(super) const fn with(self, nth: u8) -> Attempts {
        Attempts(self.0 | 1 << nth)
    }

    pub(super) const fn without(self, nth: u8) -> Attempts {
        Attempts(self.0 & !(1 << nth))
    }
}

impl Iterator for Attempts {
    type Item = u8;

    /// The lowest number, which it then is without.
    fn next(&mut self) -> Option<u8> {
        let nth = self.0.trailing_zeros() as u8;
        (self.0 != 0).then(|| {
            self.0 &= self.0 - 1;
            nth
        })
    }
}
