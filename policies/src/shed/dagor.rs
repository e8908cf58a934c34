//! DAGOR: priorities are let in down to a level that each window's mean wait moves.

use super::ShedConfig;
use crate::time::{Span, Time};
use alloc::boxed::Box;
use alloc::vec;

/// The window so far.
#[derive(Debug, Clone)]
pub(super) struct Dagor {
    config: ShedConfig,
    /// The least important level that is let in; 0 is the most important one there is.
    pub(super) level: u32,
    pub(super) overloaded: bool,
    /// Arrivals of this window by level.
    arrivals: Box<[u32]>,
    arrived: u64,
    admitted: u64,
    waits: u64,
    waited: u128,
    /// When the window ends; it begins with the first arrival after the one before.
    pub(super) ends: Option<Time>,
}

impl Dagor {
    pub(super) fn new(config: ShedConfig) -> Dagor {
        Dagor {
            config,
            level: config.levels - 1,
            overloaded: false,
            arrivals: vec![0; config.levels as usize].into(),
            arrived: 0,
            admitted: 0,
            waits: 0,
            waited: 0,
            ends: None,
        }
    }

    /// One arrives; whether it is let in. A window that is full of arrivals ends first.
    pub(super) fn arrives(&mut self, now: Time, level: u32) -> bool {
        if self.config.window_requests.is_some_and(|most| self.arrived >= u64::from(most)) {
            self.end_window();
        }
        if self.ends.is_none() {
            self.ends = Some(now.saturating_add(self.config.interval));
        }
        let level = level.min(self.config.levels - 1);
        let count = &mut self.arrivals[level as usize];
        *count = count.saturating_add(1);
        self.arrived += 1;
        let admitted = level <= self.level;
        self.admitted += u64::from(admitted);
        admitted
    }

    /// One leaves the queue after this wait.
    pub(super) fn leaves(&mut self, waited: Span) {
        self.waits += 1;
        self.waited += u128::from(waited.nanos());
    }

    pub(super) fn wake(&mut self, now: Time) {
        if self.ends.is_some_and(|ends| ends <= now) {
            self.end_window();
        }
    }

    /// Judges the window and begins another.
    pub(super) fn end_window(&mut self) {
        let bound = u128::from(self.config.target.nanos()) * u128::from(self.waits);
        self.overloaded = self.waited > bound;
        if self.overloaded {
            self.cut()
        } else {
            self.regain()
        }
        self.arrivals.fill(0);
        (self.arrived, self.admitted, self.waits, self.waited) = (0, 0, 0, 0);
        self.ends = None;
    }

    /// Gives up whole levels until at most (1 − cut) of what was let in would be.
    fn cut(&mut self) {
        let all = 1_000_000u128;
        let left = all.saturating_sub(u128::from(self.config.cut.millionths()));
        let bound = u128::from(self.admitted) * left;
        let mut prefix = u128::from(self.admitted);
        while prefix * all > bound && self.level > 0 {
            prefix = prefix.saturating_sub(u128::from(self.arrivals[self.level as usize]));
            self.level -= 1;
        }
    }

    /// Takes whole levels back until at least `regain` of the arrivals more would be let in.
    fn regain(&mut self) {
        let all = 1_000_000u128;
        let more = u128::from(self.arrived) * u128::from(self.config.regain.millionths());
        let bound = u128::from(self.admitted) * all + more;
        let mut prefix = u128::from(self.admitted);
        while prefix * all < bound && self.level < self.config.levels - 1 {
            self.level += 1;
            prefix += u128::from(self.arrivals[self.level as usize]);
        }
    }
}
