//! A stretch of time in slices.

use super::config::Window;
use super::counts::Counts;
use crate::time::Time;
use alloc::boxed::Box;
use alloc::vec;

/// Slices under this are not kept apart when each begins with a call (Polly's timer resolution).
const FINEST: u64 = 20_000_000;

#[derive(Debug, Clone, Copy, Default)]
struct Slot {
    counts: Counts,
    began: u64,
}

/// The calls of the last so long, counted in slices that leave whole.
#[derive(Debug, Clone)]
pub(super) struct Slices {
    rule: Window,
    /// Nanoseconds of the whole and of a slice; zero without end.
    span: u64,
    width: u64,
    /// How many slices count.
    kept: u64,
    slots: Box<[Slot]>,
    /// Where the slices are counted from.
    anchor: u64,
    /// The number of the slice being written, and where it is kept.
    number: u64,
    place: usize,
    /// The number of the oldest slice, where slices begin with calls.
    oldest: u64,
    /// When the slice being written is over.
    edge: u64,
    total: Counts,
}

impl Slices {
    pub(super) fn new(rule: Window, span: Option<u64>, buckets: u32) -> Slices {
        let (span, mut kept) = (span.unwrap_or(0), u64::from(buckets.max(1)));
        if (rule == Window::Started && span < FINEST * kept) || span == 0 {
            kept = 1;
        }
        let width = (span / kept).max(u64::from(span > 0));
        let slots = match rule {
            Window::Started if kept > 1 => span / width + 2,
            Window::Finished => kept + 1,
            _ => kept,
        };
        let slots = vec![Slot::default(); slots as usize].into_boxed_slice();
        let total = Counts::default();
        let mut new = Slices {
            rule,
            span,
            width,
            kept,
            slots,
            anchor: 0,
            number: 0,
            place: 0,
            oldest: 0,
            edge: 0,
            total,
        };
        new.clear(Time::ZERO);
        new
    }

    /// Forgets everything.
    pub(super) fn clear(&mut self, now: Time) {
        let now = now.nanos();
        self.total = Counts::default();
        self.slots.fill(Slot::default());
        self.anchor = if self.rule == Window::Grid { 0 } else { now };
        self.go_to((now - self.anchor).checked_div(self.width).unwrap_or(0));
        self.oldest = self.number;
        let event_started = self.rule == Window::Started && self.kept > 1;
        self.edge = if event_started { 0 } else { self.end_of(self.number) };
    }

    fn end_of(&self, number: u64) -> u64 {
        match self.width {
            0 => u64::MAX,
            width => self.anchor.saturating_add(number.saturating_add(1).saturating_mul(width)),
        }
    }

    /// Empties a window of one slice whose time is over; whether it did.
    #[inline]
    pub(super) fn lapse(&mut self, now: Time) -> bool {
        let over = self.rule == Window::Anchored && self.kept == 1 && now.nanos() > self.edge;
        if over {
            self.clear(now);
        }
        over
    }

    /// Lets time pass: slices that are too old leave.
    #[inline]
    pub(super) fn advance(&mut self, now: Time) {
        let anchored_alone = self.rule == Window::Anchored && self.kept == 1;
        if now.nanos() >= self.edge && !anchored_alone {
            self.pass(now);
        } else if self.rule == Window::Started {
            self.drop_old(now.nanos());
        }
    }

    #[cold]
    fn pass(&mut self, now: Time) {
        if self.rule == Window::Started {
            return self.begin(now);
        }
        let at = now.nanos();
        let number = (at - self.anchor) / self.width;
        let passed = number.saturating_sub(self.number);
        let (runs, size) = (self.total, self.slots.len() as u64);
        if passed >= size {
            self.slots.fill(Slot::default());
            self.total = Counts::default();
            if self.rule != Window::Anchored {
                (self.total.good_run, self.total.bad_run) = (runs.good_run, runs.bad_run);
            }
        } else {
            for next in self.number + 1..=number {
                self.leave((next % size) as usize);
            }
        }
        self.go_to(number);
        self.edge = self.end_of(number);
    }

    /// A slice begins with this call, and those begun too long ago leave.
    fn begin(&mut self, now: Time) {
        if self.kept == 1 {
            return self.clear(now);
        }
        let at = now.nanos();
        let empty = self.edge == 0;
        self.go_to(self.number + u64::from(!empty));
        self.drop_old(at);
        self.slots[self.place] = Slot { began: at, ..Slot::default() };
        self.edge = at.saturating_add(self.width);
    }

    fn drop_old(&mut self, at: u64) {
        if self.kept == 1 {
            return;
        }
        let size = self.slots.len() as u64;
        while self.oldest < self.number {
            let slot = &self.slots[(self.oldest % size) as usize];
            if at - slot.began < self.span {
                break;
            }
            self.total.take(&slot.counts);
            self.oldest += 1;
        }
    }

    /// The oldest slice leaves and its place is empty.
    fn leave(&mut self, place: usize) {
        let part = self.slots[place].counts;
        if self.rule == Window::Anchored {
            let others = |of: fn(&Counts) -> u64| {
                let all: u64 = self.slots.iter().map(|slot| of(&slot.counts)).sum();
                all - of(&part)
            };
            // A run that goes back to the oldest slice loses what it has there.
            if self.total.good_run == part.good_run + others(|counts| counts.successes) {
                self.total.good_run -= part.good_run;
            }
            if self.total.bad_run == part.bad_run + others(|counts| counts.failures) {
                self.total.bad_run -= part.bad_run;
            }
        }
        self.total.take(&part);
        self.slots[place] = Slot::default();
    }

    fn go_to(&mut self, number: u64) {
        self.number = number;
        self.place = (number % self.slots.len() as u64) as usize;
    }

    /// A call is let through; names the slice that it began in.
    #[inline]
    pub(super) fn request(&mut self, now: Time) -> u16 {
        if self.rule != Window::Started {
            self.advance(now);
            self.total.requests += 1;
            self.slots[self.place].counts.requests += 1;
        }
        self.number as u16
    }

    /// Where the slice named `age` is, if it still is.
    fn place_of(&self, age: Option<u16>) -> Option<usize> {
        let back = age.map_or(0, |age| u64::from((self.number as u16).wrapping_sub(age)));
        if back == 0 {
            return Some(self.place);
        }
        let size = self.slots.len() as u64;
        (back < self.kept && back <= self.number).then(|| ((self.number - back) % size) as usize)
    }

    pub(super) fn exclude(&mut self, now: Time, age: Option<u16>) {
        if self.rule == Window::Started {
            return;
        }
        self.advance(now);
        if let Some(place) = self.place_of(age) {
            self.total.excluded += 1;
            self.slots[place].counts.excluded += 1;
        }
    }

    /// An outcome; `age` names the slice in which it is counted if that is not the present one.
    #[inline]
    pub(super) fn record(&mut self, now: Time, age: Option<u16>, failed: bool, slow: bool) {
        self.advance(now);
        if let Some(place) = self.place_of(age) {
            self.total.add(failed, slow);
            self.slots[place].counts.add(failed, slow);
        }
    }

    pub(super) fn counts(&mut self, now: Time) -> Counts {
        self.advance(now);
        self.held()
    }

    /// Whether time alone changes nothing in it from now on.
    pub(super) fn rests(&mut self, now: Time) -> bool {
        self.advance(now);
        self.total.calls() == 0 || self.span == 0
    }

    /// Whether there is nothing bad in it: no outcome that any rule could open a breaker for.
    #[inline]
    pub(super) const fn is_spotless(&self) -> bool {
        self.total.failures == 0 && self.total.slow == 0 && self.total.bad_run == 0
    }

    /// What it holds, without letting time pass.
    pub(super) fn held(&self) -> Counts {
        let mut counts = self.total;
        if self.rule == Window::Finished {
            counts.take(&self.slots[self.place].counts);
        }
        counts
    }
}
