//! Tokens between nothing and a cap.

/// A bucket that never holds less than nothing, nor more than its cap.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tokens {
    cap: i64,
    held: i64,
}

impl Tokens {
    /// A bucket for up to `cap` tokens that holds `held` of them.
    pub fn new(cap: i64, held: i64) -> Tokens {
        Tokens { cap: cap.max(0), held }
    }

    /// What it holds.
    pub fn held(&self) -> i64 {
        self.held
    }

    /// The most that [`put`](Tokens::put) fills it to.
    pub fn cap(&self) -> i64 {
        self.cap
    }

    /// Puts tokens in; what does not fit is lost. A bucket that holds more than its cap, through
    /// [`put_beyond`](Tokens::put_beyond), keeps what it has.
    pub fn put(&mut self, tokens: i64) {
        self.held = self.held.saturating_add(tokens.max(0)).min(self.cap.max(self.held));
    }

    /// Puts tokens in without regard to the cap, as AWS returns a retry's price.
    pub fn put_beyond(&mut self, tokens: i64) {
        self.held = self.held.saturating_add(tokens.max(0));
    }

    /// Takes tokens out, or refuses and takes none.
    pub fn take(&mut self, tokens: i64) -> bool {
        let enough = self.held >= tokens;
        if enough {
            self.held = self.held.saturating_sub(tokens.max(0));
        }
        enough
    }

    /// Takes out as many as there are, up to `tokens`.
    pub fn drain(&mut self, tokens: i64) {
        self.held = (self.held - tokens.max(0).min(self.held)).max(0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `TokenBucketTest` of twitter/util, "is limited" and "can put and get".
    #[test]
    fn what_does_not_fit_is_lost_and_a_refusal_takes_nothing() {
        let mut tokens = Tokens::new(10, 0);
        tokens.put(15);
        assert_eq!(tokens.held(), 10);
        assert!(tokens.take(10) && !tokens.take(1));
        tokens.put(15);
        assert!(!tokens.take(11));
        assert_eq!(tokens.held(), 10);
    }

    #[test]
    fn a_drain_stops_at_nothing_and_a_put_never_lowers() {
        let mut tokens = Tokens::new(4, 1);
        tokens.drain(3);
        assert_eq!(tokens.held(), 0);
        tokens.put_beyond(9);
        tokens.put(1);
        assert_eq!(tokens.held(), 9);
    }
}
