//! What a concurrency limit is told, and the systems whose limits these are.

use super::aimd::AimdConfig;
use super::envoy::EnvoyConfig;
use super::failsafe_go::FailsafeGoConfig;
use super::gradient::GradientConfig;
use super::gradient2::Gradient2Config;
use super::vegas::VegasConfig;
use super::windows::{Short, Window};
use crate::settings::{Dialect, Problem, Setting, Settings, Value};
use crate::time::Span;
use alloc::vec;
use alloc::vec::Vec;

/// What a concurrency limit is told.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ConcurrencyConfig {
    /// The limit at the start.
    pub initial: u32,
    /// The limit never goes below this.
    pub least: u32,
    /// The limit never goes above this.
    pub most: u32,
    /// How samples are gathered before the rule hears of them.
    pub window: Window,
    /// How the limit is found.
    pub rule: Rule,
}

/// How the limit is found, with what only this way of finding it is told.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Rule {
    /// It is what it was at the start.
    Fixed,
    /// Ours: a gradient that hears drops and measures its baseline anew.
    Gradient(GradientConfig),
    /// One more after a success, a tenth less after a loss.
    Aimd(AimdConfig),
    /// The queue is kept between two small numbers.
    Vegas(VegasConfig),
    /// Latency against its own long average.
    Gradient2(Gradient2Config),
    /// Latency against a minimum that is measured from time to time.
    EnvoyGradient(EnvoyConfig),
    /// A queue estimate, and whether throughput still rises with load.
    FailsafeGo(FailsafeGoConfig),
}

/// The systems whose limits these are.
pub const DIALECTS: &[Dialect<ConcurrencyConfig>] = &[
    Dialect {
        name: "Ours",
        about: "a gradient against a least latency that is measured anew, and drops count",
        config: ConcurrencyConfig::ours,
    },
    Dialect {
        name: "Aimd",
        about: "Netflix AIMDLimit: 20 in [20, 200], times 0.9 after a drop or 5 s",
        config: ConcurrencyConfig::aimd,
    },
    Dialect {
        name: "Vegas",
        about: "Netflix VegasLimit: 20 in [1, 1000], queue between 3 and 6 times log10",
        config: ConcurrencyConfig::vegas,
    },
    Dialect {
        name: "Gradient2",
        about: "Netflix Gradient2Limit: 20 in [20, 200]; drops are not looked at",
        config: ConcurrencyConfig::gradient2,
    },
    Dialect {
        name: "EnvoyGradient",
        about: "Envoy's adaptive concurrency: 3 in [3, 1000], minimum measured every minute",
        config: ConcurrencyConfig::envoy,
    },
    Dialect {
        name: "FailsafeGo",
        about: "failsafe-go's adaptive limiter: 20 in [1, 200], correlates load and throughput",
        config: ConcurrencyConfig::failsafe_go,
    },
    Dialect {
        name: "Fixed",
        about: "a limit that does not move",
        config: ConcurrencyConfig::fixed,
    },
];

impl ConcurrencyConfig {
    /// What is used when nothing else is said.
    pub fn ours() -> ConcurrencyConfig {
        let length = Some(Span::from_millis(100));
        ConcurrencyConfig {
            initial: 20,
            least: 1,
            most: 1_000,
            window: Window { length, short: Short::Extend, ..Window::netflix() },
            rule: Rule::Gradient(GradientConfig::ours()),
        }
    }

    /// Netflix' `AIMDLimit` with its defaults.
    pub fn aimd() -> ConcurrencyConfig {
        ConcurrencyConfig::bare(20, 20, 200, Rule::Aimd(AimdConfig::netflix()))
    }

    /// Netflix' `VegasLimit` with its defaults.
    pub fn vegas() -> ConcurrencyConfig {
        ConcurrencyConfig::bare(20, 1, 1_000, Rule::Vegas(VegasConfig::netflix()))
    }

    /// Netflix' `Gradient2Limit` with its defaults.
    pub fn gradient2() -> ConcurrencyConfig {
        ConcurrencyConfig::bare(20, 20, 200, Rule::Gradient2(Gradient2Config::netflix()))
    }

    /// Envoy's gradient controller with its defaults.
    pub fn envoy() -> ConcurrencyConfig {
        ConcurrencyConfig::bare(3, 3, 1_000, Rule::EnvoyGradient(EnvoyConfig::envoy()))
    }

    /// failsafe-go's adaptive limiter with its defaults.
    pub fn failsafe_go() -> ConcurrencyConfig {
        ConcurrencyConfig::bare(20, 1, 200, Rule::FailsafeGo(FailsafeGoConfig::failsafe_go()))
    }

    /// A limit of 20 that does not move.
    pub fn fixed() -> ConcurrencyConfig {
        ConcurrencyConfig::bare(20, 1, u32::MAX, Rule::Fixed)
    }

    fn bare(initial: u32, least: u32, most: u32, rule: Rule) -> ConcurrencyConfig {
        ConcurrencyConfig { initial, least, most, window: Window::off(), rule }
    }
}

impl Rule {
    fn settings(&mut self) -> Vec<Setting<'_>> {
        match self {
            Rule::Fixed => Vec::new(),
            Rule::Gradient(config) => config.settings(),
            Rule::Aimd(config) => config.settings(),
            Rule::Vegas(config) => config.settings(),
            Rule::Gradient2(config) => config.settings(),
            Rule::EnvoyGradient(config) => config.settings(),
            Rule::FailsafeGo(config) => config.settings(),
        }
    }

    /// Whether the rule gathers samples by itself, or looks at none.
    fn gathers(&self) -> bool {
        matches!(self, Rule::Fixed | Rule::EnvoyGradient(_) | Rule::FailsafeGo(_))
    }
}

impl Settings for ConcurrencyConfig {
    fn settings(&mut self) -> Vec<Setting<'_>> {
        let mut settings =
            vec![Setting::new("initial", "limit at the start", Value::Count(&mut self.initial))];
        if self.rule != Rule::Fixed {
            let (least, most) = (&mut self.least, &mut self.most);
            settings.push(Setting::new("least", "least limit", Value::Count(least)));
            settings.push(Setting::new("most", "greatest limit", Value::Count(most)));
        }
        if !self.rule.gathers() {
            let window = &mut self.window;
            settings.extend([
                Setting::new(
                    "window",
                    "least length of a window of samples",
                    Value::SpanOrOff(&mut window.length),
                ),
                Setting::new(
                    "window_most",
                    "greatest length of a window",
                    Value::Span(&mut window.longest),
                ),
                Setting::new(
                    "window_samples",
                    "calls that a window needs",
                    Value::Count(&mut window.samples),
                ),
                Setting::new(
                    "fastest",
                    "faster calls are not looked at",
                    Value::Span(&mut window.fastest),
                ),
                Setting::new(
                    "short_windows",
                    "what becomes of a window with too few calls",
                    Value::Choice(&mut window.short),
                ),
            ]);
        }
        settings.extend(self.rule.settings());
        settings
    }

    fn problems(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        if self.least == 0 {
            let why = "at a limit of 0 nothing is let in, and nothing would ever raise it";
            problems.push(Problem::new("least", 0, why, "write 1 or more"));
        }
        if self.least > self.most {
            let why = "the least limit is above the greatest";
            problems.push(Problem::new("least", self.least, why, "write at most `most`"));
        } else if self.initial < self.least || self.initial > self.most {
            let why = "the limit would start outside of its bounds";
            let remedy = "write a number from `least` to `most`";
            problems.push(Problem::new("initial", self.initial, why, remedy));
        }
        if let Some(length) = self.window.length {
            if self.rule.gathers() {
                let why = "this rule gathers its samples itself";
                problems.push(Problem::new("window", length, why, "write Off"));
            } else if length > self.window.longest {
                let why = "a window cannot be longer than the longest";
                problems.push(Problem::new("window", length, why, "write at most window_most"));
            }
        }
        match &self.rule {
            Rule::Fixed => {}
            Rule::Gradient(config) => config.problems(&mut problems),
            Rule::Aimd(config) => config.problems(&mut problems),
            Rule::Vegas(config) => config.problems(&mut problems),
            Rule::Gradient2(config) => config.problems(&mut problems),
            Rule::EnvoyGradient(config) => config.problems(&mut problems),
            Rule::FailsafeGo(config) => config.problems(&mut problems),
        }
        problems
    }
}

/// Says if a weight is not in (0, 1].
pub(super) fn weight(field: &'static str, weight: f64, problems: &mut Vec<Problem>) {
    if weight.is_nan() || weight <= 0.0 || weight > 1.0 {
        let why = "a weight is more than 0 and at most 1";
        problems.push(Problem::new(field, weight, why, "write a number in (0, 1]"));
    }
}

/// Says if a factor is below 1.
pub(super) fn at_least_one(field: &'static str, factor: f64, problems: &mut Vec<Problem>) {
    if factor.is_nan() || factor < 1.0 {
        let why = "the limit could never grow";
        problems.push(Problem::new(field, factor, why, "write 1 or more"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_dialect_is_sound_and_has_its_own_names_once() {
        for dialect in DIALECTS {
            let mut config = (dialect.config)();
            assert_eq!(config.problems(), [], "{}", dialect.name);
            let mut names: Vec<_> = config.settings().iter().map(|setting| setting.name).collect();
            let count = names.len();
            names.sort_unstable();
            names.dedup();
            assert_eq!(names.len(), count, "{}", dialect.name);
        }
    }

    #[test]
    fn everything_wrong_is_said_at_once() {
        let config = ConcurrencyConfig {
            least: 0,
            initial: 900,
            window: Window::netflix(),
            rule: Rule::FailsafeGo(FailsafeGoConfig {
                factor: 0.5,
                recent: Span::MAX,
                ..FailsafeGoConfig::failsafe_go()
            }),
            ..ConcurrencyConfig::failsafe_go()
        };
        let fields: Vec<_> = config.problems().iter().map(|problem| problem.field).collect();
        assert_eq!(fields, ["least", "initial", "window", "factor", "recent"]);
    }
}
