//! Requests and how many of them were accepted, over the last buckets of time.

use crate::choice;
use crate::time::{Span, Time};
use alloc::boxed::Box;
use alloc::vec;

/// Where buckets of time begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Begins {
    /// At multiples of their length (failsafe-go).
    OnTheGrid,
    /// With the first record after the one before has ended (Envoy).
    AtTheFirst,
}
choice!(Begins { OnTheGrid, AtTheFirst });

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Requests.
    pub requests: u64,
    /// Those of them that were accepted.
    pub accepts: u64,
}

/// A ring of buckets and their sum.
#[derive(Debug, Clone)]
pub(super) struct Counting {
    begins: Begins,
    /// Length of a bucket, in nanoseconds.
    bucket: u64,
    /// A bucket is forgotten this long after it began.
    lifetime: Span,
    ring: Box<[(Time, Counts)]>,
    oldest: usize,
    used: usize,
    sum: Counts,
}

impl Counting {
    pub(super) fn new(window: Span, buckets: u32, begins: Begins) -> Counting {
        let bucket = (window.nanos() / u64::from(buckets)).max(1);
        let lifetime = match begins {
            Begins::OnTheGrid => Span::from_nanos(bucket).saturating_mul(u64::from(buckets)),
            Begins::AtTheFirst => window,
        };
        let none = (Time::ZERO, Counts::default());
        // Buckets begin at least a length apart and are forgotten after `buckets` lengths and a
        // bit.
        let ring = vec![none; buckets as usize + 2].into();
        Counting { begins, bucket, lifetime, ring, oldest: 0, used: 0, sum: Counts::default() }
    }

    pub(super) fn sum(&self) -> Counts {
        self.sum
    }

    /// Forgets the buckets that are too old.
    pub(super) fn forget(&mut self, now: Time) {
        while self.used > 0 {
            let (began, counts) = self.ring[self.oldest];
            if now.since(began) < self.lifetime {
                return;
            }
            self.sum.requests -= counts.requests;
            self.sum.accepts -= counts.accepts;
            self.oldest = (self.oldest + 1) % self.ring.len();
            self.used -= 1;
        }
    }

    /// When the oldest bucket is forgotten.
    pub(super) fn forgets_at(&self) -> Option<Time> {
        (self.used > 0).then(|| self.ring[self.oldest].0.saturating_add(self.lifetime))
    }

    /// Counts more.
    pub(super) fn add(&mut self, now: Time, more: Counts) {
        self.forget(now);
        let newest = (self.oldest + self.used + self.ring.len() - 1) % self.ring.len();
        let ended = self.used == 0 || now.since(self.ring[newest].0).nanos() >= self.bucket;
        let place = if ended { self.begin(now) } else { newest };
        let counts = &mut self.ring[place].1;
        counts.requests = counts.requests.saturating_add(more.requests);
        counts.accepts = counts.accepts.saturating_add(more.accepts);
        self.sum.requests = self.sum.requests.saturating_add(more.requests);
        self.sum.accepts = self.sum.accepts.saturating_add(more.accepts);
    }

    fn begin(&mut self, now: Time) -> usize {
        let began = match self.begins {
            Begins::OnTheGrid => Time::from_nanos(now.nanos() - now.nanos() % self.bucket),
            Begins::AtTheFirst => now,
        };
        let place = (self.oldest + self.used) % self.ring.len();
        self.ring[place] = (began, Counts::default());
        self.used += 1;
        place
    }

    /// Takes back one request that was not accepted, the latest there is.
    pub(super) fn take_back(&mut self) {
        for age in 1..=self.used {
            let place = (self.oldest + self.used - age) % self.ring.len();
            let counts = &mut self.ring[place].1;
            if counts.requests > counts.accepts {
                counts.requests -= 1;
                self.sum.requests -= 1;
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: Counts = Counts { requests: 1, accepts: 0 };

    /// What of one request a second is remembered just before each of these seconds.
    fn remembered(begins: Begins, offset: u64) -> u64 {
        let mut counting = Counting::new(Span::from_nanos(40), 4, begins);
        for step in 0..50 {
            counting.add(Time::from_nanos(offset + step * 5), ONE);
        }
        counting.sum().requests
    }

    #[test]
    fn a_bucket_lives_for_the_whole_window_from_its_beginning() {
        assert_eq!(remembered(Begins::OnTheGrid, 0), 8);
        assert_eq!(remembered(Begins::OnTheGrid, 5), 7);
        assert_eq!(remembered(Begins::AtTheFirst, 5), 8);
    }

    #[test]
    fn a_bucket_is_forgotten_exactly_when_it_says() {
        let mut counting = Counting::new(Span::from_nanos(40), 4, Begins::AtTheFirst);
        counting.add(Time::from_nanos(7), ONE);
        assert_eq!(counting.forgets_at(), Some(Time::from_nanos(47)));
        counting.forget(Time::from_nanos(46));
        assert_eq!(counting.sum(), ONE);
        counting.forget(Time::from_nanos(47));
        assert_eq!((counting.sum(), counting.forgets_at()), (Counts::default(), None));
    }

    #[test]
    fn time_that_runs_backwards_counts_into_the_newest_bucket() {
        let mut counting = Counting::new(Span::from_nanos(40), 4, Begins::OnTheGrid);
        counting.add(Time::from_nanos(100), ONE);
        counting.add(Time::from_nanos(3), ONE);
        counting.forget(Time::from_nanos(139));
        assert_eq!(counting.sum().requests, 2);
        counting.forget(Time::from_nanos(140));
        assert_eq!(counting.sum().requests, 0);
    }
}
