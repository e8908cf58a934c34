//! What a backoff is told, and the systems whose backoffs these are.

use crate::backoff::{Backoff, Jitter};
use crate::settings::{Dialect, Problem, Setting, Settings, Share, Value};
use crate::time::Span;
use alloc::vec;
use alloc::vec::Vec;

/// How waits grow with the number k of the retry, which counts from `first`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Growth {
    /// `from`.
    Constant,
    /// `from` + k · `step`.
    Linear,
    /// `from` · `factor`^k.
    Exponential,
    /// s = U(`from`, 3·s), from s = `from` (AWS; Brooker 2015).
    Decorrelated,
    /// (f(k + u) − f of the retry before) / 1.4 · `from`, with f(t) = 2^t · tanh √(4t): Polly's
    /// jitter of exponential waits. The median time to retry k is near `from` · 2^k, without lumps.
    Smooth,
    /// Exponentially distributed with mean `from`: the retrial queue of the books.
    Random,
    /// `from`, then h + U(0, h) with h = `from` · 2^(k − 1); the cap for ever once it is reached
    /// (Finagle's `equalJittered`).
    Rising,
    /// `from`, then U(0, s · 2^k) of the last wait s (Finagle's `exponentialJittered` of 2021).
    Compounding,
    /// `from`, then U(s, 3·s) of the last wait s: never shorter (Finagle's `decorrelatedJittered`).
    Climbing,
}
crate::choice!(Growth {
    Constant,
    Linear,
    Exponential,
    Decorrelated,
    Smooth,
    Random,
    Rising,
    Compounding,
    Climbing,
});

/// What chance does to a computed wait v, with a uniform u in [0, 1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spread {
    /// v itself.
    None,
    /// U(0, v).
    Full,
    /// v/2 + U(0, v/2).
    Equal,
    /// v · U(1 − `width`, 1 + `width`).
    Around,
    /// v · U(1, 1 + `width`).
    Above,
}
crate::choice!(Spread { None, Full, Equal, Around, Above });

/// When the cap is put on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Capped {
    /// Before chance: it may lift a wait over the cap.
    Before,
    /// After chance: once waits have outgrown the cap, the jitter vanishes.
    After,
    /// Before and after.
    Twice,
}
crate::choice!(Capped { Before, After, Twice });

/// In which numbers a peer computes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arithmetic {
    /// Nanoseconds in double precision, rounded to the nearest.
    Nanoseconds,
    /// .NET's ticks of 100 ns, cut down (Polly).
    Ticks,
    /// Seconds in single precision, wait by wait (backon).
    Single,
    /// Jitter of the whole seconds and of the rest, each cut down (tower): half of 1.5 s is 0.25 s.
    Split,
}
crate::choice!(Arithmetic { Nanoseconds, Ticks, Single, Split });

/// What a server's own wish (Retry-After, pushback) does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hint {
    /// Nothing.
    Ignored,
    /// It is the wait, and growth begins anew (gRPC A6).
    Obeyed,
    /// It is the wait, up to the cap (AWS 2.0).
    Capped,
    /// It is the wait, but no shorter than the computed one and at most 5 s longer (AWS 2.1).
    Near,
}
crate::choice!(Hint { Ignored, Obeyed, Capped, Near });

/// How long to wait before each retry.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BackoffConfig {
    /// How waits grow.
    pub growth: Growth,
    /// The first wait, before chance and cap.
    pub from: Span,
    /// The same after being throttled, where that differs.
    pub from_throttled: Option<Span>,
    /// What is added per retry; of use to `Linear` only.
    pub step: Span,
    /// Growth per retry; of use to `Exponential` only.
    pub factor: f64,
    /// The longest wait.
    pub cap: Option<Span>,
    /// When the cap is put on.
    pub capped: Capped,
    /// What chance does.
    pub spread: Spread,
    /// How far `Around` and `Above` spread.
    pub width: Share,
    /// The number of the first retry: 0 nearly everywhere, 1 in the AWS simulator.
    pub first: u32,
    /// After how many waits there are no more.
    pub times: Option<u32>,
    /// What a server's own wish does.
    pub hint: Hint,
    /// In which numbers it is computed.
    pub arithmetic: Arithmetic,
}

/// The systems whose backoffs these are.
pub const DIALECTS: &[Dialect<BackoffConfig>] = &[
    Dialect {
        name: "Ours",
        about: "full jitter of 100ms · 2^k, at most 10s; obeys the server's wish",
        config: BackoffConfig::ours,
    },
    Dialect {
        name: "Grpc",
        about: "proposal A6: 100ms · 2^k up to 1s, then ±20%, so that 1.2s happens",
        config: BackoffConfig::grpc,
    },
    Dialect {
        name: "AwsStandard",
        about: "the SDKs, 2.0: u · 1s · 2^k, then at most 20s",
        config: BackoffConfig::aws_standard,
    },
    Dialect {
        name: "Aws21",
        about: "the SDKs, 2.1: from 50ms, from 1s after throttling",
        config: BackoffConfig::aws_newer,
    },
    Dialect {
        name: "Polly",
        about: "v8's exponential waits from 2s with its own smooth jitter",
        config: BackoffConfig::polly,
    },
    Dialect {
        name: "Tower",
        about: "ExponentialBackoff: 50ms · 2^k, up to 99% more while below the cap",
        config: BackoffConfig::tower,
    },
    Dialect {
        name: "Backon",
        about: "1s · 2^k up to 60s, three times; its jitter doubles the cap",
        config: BackoffConfig::backon,
    },
    Dialect {
        name: "Resilience4j",
        about: "ofExponentialRandomBackoff: 500ms · 1.5^k, ±50%, no cap",
        config: BackoffConfig::resilience4j,
    },
    Dialect {
        name: "Finagle",
        about: "equalJittered from 5s to 300s, constant from then on",
        config: BackoffConfig::finagle,
    },
];

const fn ms(millis: u64) -> Span {
    Span::from_millis(millis)
}

impl BackoffConfig {
    /// What is used when nothing else is said.
    pub fn ours() -> BackoffConfig {
        BackoffConfig {
            growth: Growth::Exponential,
            from: ms(100),
            from_throttled: None,
            step: Span::ZERO,
            factor: 2.0,
            cap: Some(ms(10_000)),
            capped: Capped::Before,
            spread: Spread::Full,
            width: Share::NONE,
            first: 0,
            times: None,
            hint: Hint::Obeyed,
            arithmetic: Arithmetic::Nanoseconds,
        }
    }

    /// The example of gRPC proposal A6.
    pub fn grpc() -> BackoffConfig {
        let (spread, width) = (Spread::Around, Share::percent(20));
        BackoffConfig { cap: Some(ms(1_000)), spread, width, ..BackoffConfig::ours() }
    }

    /// The AWS SDKs' defaults, specification 2.0.
    pub fn aws_standard() -> BackoffConfig {
        BackoffConfig {
            from: ms(1_000),
            cap: Some(ms(20_000)),
            capped: Capped::After,
            hint: Hint::Capped,
            ..BackoffConfig::ours()
        }
    }

    /// The AWS SDKs' defaults, specification 2.1.
    pub fn aws_newer() -> BackoffConfig {
        BackoffConfig {
            from: ms(50),
            from_throttled: Some(ms(1_000)),
            hint: Hint::Near,
            ..BackoffConfig::aws_standard()
        }
    }

    /// Polly's exponential waits with jitter.
    pub fn polly() -> BackoffConfig {
        BackoffConfig {
            growth: Growth::Smooth,
            from: ms(2_000),
            cap: None,
            capped: Capped::After,
            spread: Spread::None,
            hint: Hint::Ignored,
            arithmetic: Arithmetic::Ticks,
            ..BackoffConfig::ours()
        }
    }

    /// tower's defaults.
    pub fn tower() -> BackoffConfig {
        BackoffConfig {
            from: ms(50),
            cap: None,
            capped: Capped::Twice,
            spread: Spread::Above,
            width: Share::percent(99),
            hint: Hint::Ignored,
            arithmetic: Arithmetic::Split,
            ..BackoffConfig::ours()
        }
    }

    /// backon's defaults, with jitter.
    pub fn backon() -> BackoffConfig {
        BackoffConfig {
            from: ms(1_000),
            cap: Some(ms(60_000)),
            spread: Spread::Above,
            width: Share::ALL,
            times: Some(3),
            hint: Hint::Ignored,
            arithmetic: Arithmetic::Single,
            ..BackoffConfig::ours()
        }
    }

    /// resilience4j's randomised exponential intervals.
    pub fn resilience4j() -> BackoffConfig {
        BackoffConfig {
            from: ms(500),
            factor: 1.5,
            cap: None,
            capped: Capped::After,
            spread: Spread::Around,
            width: Share::percent(50),
            hint: Hint::Ignored,
            ..BackoffConfig::ours()
        }
    }

    /// Finagle's failure accrual.
    pub fn finagle() -> BackoffConfig {
        BackoffConfig {
            growth: Growth::Rising,
            from: ms(5_000),
            cap: Some(ms(300_000)),
            spread: Spread::None,
            hint: Hint::Ignored,
            ..BackoffConfig::ours()
        }
    }
}

impl From<Backoff> for BackoffConfig {
    fn from(backoff: Backoff) -> BackoffConfig {
        let plain = BackoffConfig { cap: None, spread: Spread::None, ..BackoffConfig::ours() };
        match backoff {
            Backoff::Constant { wait } => {
                BackoffConfig { growth: Growth::Constant, from: wait, ..plain }
            }
            Backoff::Exponential { from, factor, cap, jitter, first } => {
                let spread = match jitter {
                    Jitter::None => Spread::None,
                    Jitter::Full => Spread::Full,
                    Jitter::Equal => Spread::Equal,
                };
                BackoffConfig { from, factor, cap: Some(cap), spread, first, ..plain }
            }
            Backoff::Decorrelated { from, cap } => {
                BackoffConfig { growth: Growth::Decorrelated, from, cap: Some(cap), ..plain }
            }
            Backoff::Random { mean } => {
                BackoffConfig { growth: Growth::Random, from: mean, ..plain }
            }
        }
    }
}

impl Settings for BackoffConfig {
    fn settings(&mut self) -> Vec<Setting<'_>> {
        let about_throttled = "the first wait after being throttled, where it differs";
        let throttled = Value::SpanOrOff(&mut self.from_throttled);
        vec![
            Setting::new("growth", "how waits grow", Value::Choice(&mut self.growth)),
            Setting::new("from", "the first wait", Value::Span(&mut self.from)),
            Setting::new("from_throttled", about_throttled, throttled),
            Setting::new("step", "added per retry, if Linear", Value::Span(&mut self.step)),
            Setting::new("factor", "growth, if Exponential", Value::Number(&mut self.factor)),
            Setting::new("cap", "the longest wait", Value::SpanOrOff(&mut self.cap)),
            Setting::new("capped", "before or after chance", Value::Choice(&mut self.capped)),
            Setting::new("jitter", "what chance does", Value::Choice(&mut self.spread)),
            Setting::new("width", "how far Around and Above go", Value::Share(&mut self.width)),
            Setting::new("first", "the first retry's number", Value::Count(&mut self.first)),
            Setting::new("times", "waits at most", Value::CountOrUnlimited(&mut self.times)),
            Setting::new("hint", "the server's own wish", Value::Choice(&mut self.hint)),
            Setting::new("arithmetic", "how it rounds", Value::Choice(&mut self.arithmetic)),
        ]
    }

    fn problems(&self) -> Vec<Problem> {
        super::problems::problems(self)
    }
}
