//! A window as INCR and EXPIRE make it: a count, and the moment at which it is forgotten, which is
//! set by a command of its own and may be missing.

use brownout_core::{Span, Time};

/// A count of those who were let through.
#[derive(Debug, Clone)]
pub(super) struct Window {
    permits: u32,
    count: u32,
    /// When the count is forgotten; never, if nobody has said so.
    ends: Option<Time>,
}

impl Window {
    /// The window that somebody opens who asks now. Without an end if it `leaks`.
    pub(super) fn open(permits: u32, per: Span, now: Time, leaks: bool) -> Window {
        let ends = (!leaks).then(|| now.saturating_add(per));
        Window { permits, count: 0, ends }
    }

    /// Whether it is over.
    pub(super) fn is_over(&self, now: Time) -> bool {
        self.ends.is_some_and(|ends| ends <= now)
    }

    /// Whether it will never be over.
    pub(super) fn is_endless(&self) -> bool {
        self.ends.is_none()
    }

    /// Takes one, or says after what time it could; of an endless one nothing is known.
    pub(super) fn admit(&mut self, now: Time) -> Result<(), Option<Span>> {
        if self.count < self.permits {
            self.count += 1;
            return Ok(());
        }
        Err(self.ends.map(|ends| ends.since(now)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_without_an_end_is_never_forgotten() {
        let (second, at) = (Span::from_secs(1.0), |secs| Time::from_secs(secs));
        for (leaks, over, after) in
            [(false, true, Some(Span::from_millis(500))), (true, false, None)]
        {
            let mut window = Window::open(2, second, at(1.0), leaks);
            let said = [1.0, 1.2, 1.5].map(|secs| window.admit(at(secs)));
            assert_eq!(said, [Ok(()), Ok(()), Err(after)]);
            assert_eq!((window.is_over(at(2.0)), window.is_endless()), (over, leaks));
        }
    }
}
