//! What a shedder is told, and the systems whose shedders these are.

use crate::choice;
use crate::settings::{Dialect, Problem, Setting, Settings, Share, Value};
use crate::time::Span;
use alloc::vec;
use alloc::vec::Vec;

/// What a shedder is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ShedConfig {
    /// How overload is seen and what is dropped.
    pub rule: Rule,
    /// The wait above which there is overload: the least of an interval, the mean of a window, or
    /// what one may wait.
    pub target: Span,
    /// Over how long that is measured.
    pub interval: Span,
    /// Whether the newest is served first in overload.
    pub newest_first: bool,
    /// Whether an empty queue ends CoDel's overload.
    pub forget_when_empty: bool,
    /// DAGOR's levels of priority.
    pub levels: u32,
    /// Arrivals after which DAGOR's window ends early.
    pub window_requests: Option<u32>,
    /// What DAGOR gives up of what it let in, after an overloaded window.
    pub cut: Share,
    /// What DAGOR takes back of the arrivals, after a calm one.
    pub regain: Share,
}

/// How overload is seen and what is dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// By the least wait of an interval; long waits are dropped.
    Codel,
    /// By how long the queue has not been empty; waits become short.
    ControlledDelay,
    /// By the mean wait of a window; low priorities are refused.
    Dagor,
}
choice!(Rule { Codel, ControlledDelay, Dagor });

/// The systems whose shedders these are.
pub const DIALECTS: &[Dialect<ShedConfig>] = &[OURS, CODEL, CONTROLLED_DELAY, DAGOR];
/// Of these, those that judge by the least wait of an interval.
pub const CODELS: &[Dialect<ShedConfig>] = &[CODEL, OURS];
/// Of these, those whose waits become short when the queue has not been empty for long.
pub const CONTROLLED_DELAYS: &[Dialect<ShedConfig>] = &[CONTROLLED_DELAY];
/// Of these, those that decide at the door.
pub const AT_THE_DOOR: &[Dialect<ShedConfig>] = &[DAGOR];

const OURS: Dialect<ShedConfig> = Dialect {
    name: "Ours",
    about: "CoDel, newest first in overload, forgotten when the queue is empty",
    config: ShedConfig::ours,
};
const CODEL: Dialect<ShedConfig> = Dialect {
    name: "Codel",
    about: "folly's Codel: least wait of 100 ms above 5 ms, then waits above 10 ms are dropped",
    config: ShedConfig::codel,
};
const CONTROLLED_DELAY: Dialect<ShedConfig> = Dialect {
    name: "ControlledDelay",
    about: "Facebook: waits of 5 ms when not empty for 100 ms, newest first",
    config: ShedConfig::controlled_delay,
};
const DAGOR: Dialect<ShedConfig> = Dialect {
    name: "Dagor",
    about: "WeChat: mean wait of 1 s or 2000 requests above 20 ms cuts 5% by priority",
    config: ShedConfig::dagor,
};

impl ShedConfig {
    /// What is used when nothing else is said.
    pub fn ours() -> ShedConfig {
        ShedConfig { newest_first: true, forget_when_empty: true, ..ShedConfig::codel() }
    }

    /// folly's `Codel` with its defaults.
    pub fn codel() -> ShedConfig {
        ShedConfig {
            rule: Rule::Codel,
            target: Span::from_millis(5),
            interval: Span::from_millis(100),
            newest_first: false,
            forget_when_empty: false,
            levels: 1,
            window_requests: None,
            cut: Share::percent(5),
            regain: Share::percent(1),
        }
    }

    /// Facebook's controlled delay with adaptive last in, first out.
    pub fn controlled_delay() -> ShedConfig {
        ShedConfig { rule: Rule::ControlledDelay, newest_first: true, ..ShedConfig::codel() }
    }

    /// DAGOR as its paper has it, with 64 levels of business times 128 of users.
    pub fn dagor() -> ShedConfig {
        ShedConfig {
            rule: Rule::Dagor,
            target: Span::from_millis(20),
            interval: Span::from_millis(1_000),
            levels: 64 * 128,
            window_requests: Some(2_000),
            ..ShedConfig::codel()
        }
    }
}

/// DAGOR has 8192; each takes four bytes.
const LEVELS_MAX: u32 = 1_000_000;

impl Settings for ShedConfig {
    fn settings(&mut self) -> Vec<Setting<'_>> {
        let (target, interval) = match self.rule {
            Rule::Codel => ("least wait that is overload", "over how long it is the least"),
            Rule::ControlledDelay => {
                ("longest wait in overload", "longest wait else; not empty for longer is overload")
            }
            Rule::Dagor => ("mean wait above which is overload", "length of a window"),
        };
        let mut settings = vec![
            Setting::new("target", target, Value::Span(&mut self.target)),
            Setting::new("interval", interval, Value::Span(&mut self.interval)),
            Setting::new(
                "newest_first",
                "whether the newest is served first in overload",
                Value::Flag(&mut self.newest_first),
            ),
        ];
        match self.rule {
            Rule::Codel => settings.push(Setting::new(
                "forget_when_empty",
                "whether an empty queue ends an overload",
                Value::Flag(&mut self.forget_when_empty),
            )),
            Rule::ControlledDelay => {}
            Rule::Dagor => settings.extend([
                Setting::new("levels", "levels of priority", Value::Count(&mut self.levels)),
                Setting::new(
                    "window_requests",
                    "arrivals after which a window ends early",
                    Value::CountOrUnlimited(&mut self.window_requests),
                ),
                Setting::new(
                    "cut",
                    "given up of what was let in, after overload",
                    Value::Share(&mut self.cut),
                ),
                Setting::new(
                    "regain",
                    "taken back of the arrivals, after calm",
                    Value::Share(&mut self.regain),
                ),
            ]),
        }
        settings
    }

    fn problems(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        if self.target.is_zero() {
            let why = "every wait would be overload";
            problems.push(Problem::new("target", self.target, why, "write 5ms"));
        }
        if self.interval.is_zero() {
            let why = "no wait would be measured";
            problems.push(Problem::new("interval", self.interval, why, "write 100ms"));
        } else if self.rule != Rule::Dagor && self.interval <= self.target {
            let why = "an interval has to be longer than the wait that it bounds";
            problems.push(Problem::new("interval", self.interval, why, "write more than target"));
        }
        if self.levels == 0 {
            let why = "nothing would ever be let in";
            problems.push(Problem::new("levels", 0, why, "write 1 or more"));
        } else if self.levels > LEVELS_MAX {
            let why = "the arrivals of each level are counted by themselves";
            problems.push(Problem::new("levels", self.levels, why, "write 1000000 or less"));
        }
        if self.window_requests == Some(0) {
            let why = "every window would be empty";
            problems.push(Problem::new("window_requests", 0, why, "write 2000 or Unlimited"));
        }
        if self.cut > Share::ALL {
            let why = "more than all cannot be given up";
            problems.push(Problem::new("cut", self.cut, why, "write 5%"));
        }
        if self.rule == Rule::Dagor && self.regain == Share::NONE {
            let why = "a level that was given up would never come back";
            problems.push(Problem::new("regain", self.regain, why, "write 1%"));
        }
        problems
    }
}
