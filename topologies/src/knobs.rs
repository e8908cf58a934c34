//! What faults turn on a replica, and the configuration that it runs.

use crate::fault::{Callers, CapacityOf, ConfigChange, ErrorsWhen, FaultKind, QueueFate};
use crate::graph::Service;
use brownout_core::Span;

/// What faults turn. The end of a fault is its absence: knobs are reset, and those faults that are
/// still active are applied in the order of the file.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Knobs {
    /// Whether the process lives.
    pub up: bool,
    /// Whether a dead process lets its callers know.
    pub silent: bool,
    /// Whether a crash keeps what waits.
    pub keeps_queue: bool,
    /// How long a unit of work takes, in units: 1 when healthy, infinite when nothing moves.
    pub pace: f64,
    /// Whether no new work is taken up.
    pub stalled: bool,
    /// Probability of an error on arrival.
    pub errors_at_once: f64,
    /// Probability of an error after the work.
    pub errors_after: f64,
    /// Whether arrivals are taken and never answered.
    pub swallows: bool,
    /// Share of the workers that is left, in [0, 1].
    pub workers: f64,
    /// Workers that have broken down.
    pub broken: u32,
    /// Whether what those worked on is lost.
    pub loses_work: bool,
    /// Whether caches have just been flushed.
    pub flushed: bool,
    /// Whether it may not lead.
    pub demoted: bool,
    /// How far its wall clock is ahead of where it would be, ns.
    pub clock: i64,
}

impl Knobs {
    /// No fault at all.
    pub const HEALTHY: Knobs = Knobs {
        up: true,
        silent: false,
        keeps_queue: false,
        pace: 1.0,
        stalled: false,
        errors_at_once: 0.0,
        errors_after: 0.0,
        swallows: false,
        workers: 1.0,
        broken: 0,
        loses_work: false,
        flushed: false,
        demoted: false,
        clock: 0,
    };

    /// Turns the knobs as a fault says that is at work with a strength in (0, 1]; overlapping
    /// faults compose.
    pub fn apply(&mut self, fault: &FaultKind, strength: f64) {
        let part = |sick: f64| match strength {
            1.0 => sick,
            strength => 1.0 + (sick - 1.0) * strength,
        };
        match *fault {
            FaultKind::Slow { by } => self.pace *= part(by),
            FaultKind::Stall { freezes_service } => {
                self.stalled = true;
                if freezes_service {
                    self.pace = f64::INFINITY;
                }
            }
            FaultKind::Crash { callers, queue } => {
                self.up = false;
                self.silent = callers == Callers::Silence;
                self.keeps_queue = queue == QueueFate::Kept;
            }
            FaultKind::Errors { ratio, when } => {
                let knob = match when {
                    ErrorsWhen::AtOnce => &mut self.errors_at_once,
                    ErrorsWhen::AfterWork => &mut self.errors_after,
                };
                *knob = 1.0 - (1.0 - *knob) * (1.0 - ratio * strength);
            }
            FaultKind::BlackHole => self.swallows = true,
            FaultKind::Capacity { to, of: CapacityOf::Workers } => self.workers *= part(to),
            FaultKind::Capacity { to, of: CapacityOf::Speed } => self.pace /= part(to),
            FaultKind::Worker { work } => {
                self.broken = self.broken.saturating_add(1);
                self.loses_work = work == QueueFate::Lost;
            }
            FaultKind::CacheFlush => self.flushed = true,
            FaultKind::Demote => self.demoted = true,
            FaultKind::ClockJump { by } => {
                let part = Span::from_nanos(by.unsigned_abs()).scale(strength).nanos();
                let part = i64::try_from(part).unwrap_or(i64::MAX) * by.signum();
                self.clock = self.clock.saturating_add(part);
            }
            FaultKind::Config(_) => {}
        }
    }

    /// The workers that are left of a configuration's.
    pub fn workers_of(&self, config: &Config) -> u32 {
        if self.workers == 1.0 {
            return config.workers.saturating_sub(self.broken);
        }
        // Nearest, ties up: `as` cuts off.
        let left = (self.workers * f64::from(config.workers) + 0.5) as u32;
        left.max(u32::from(self.workers > 0.0)).saturating_sub(self.broken)
    }
}

/// One version of a service's configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Config {
    /// Workers; `u32::MAX` is unlimited.
    pub workers: u32,
    /// Waiting places; `u32::MAX` is unbounded.
    pub queue_limit: u32,
    /// Longest wait for a worker.
    pub queue_timeout: Option<Span>,
}

impl Config {
    /// What the file says.
    pub fn of(service: &Service) -> Config {
        Config {
            workers: service.workers.unwrap_or(u32::MAX),
            queue_limit: service.queue_limit.unwrap_or(u32::MAX),
            queue_timeout: service.queue_timeout,
        }
    }

    /// This configuration with a change pushed over it.
    pub fn with(self, change: &ConfigChange) -> Config {
        Config {
            workers: change.workers.unwrap_or(self.workers),
            queue_limit: change.queue_limit.unwrap_or(self.queue_limit),
            queue_timeout: change.queue_timeout.or(self.queue_timeout),
        }
    }
}

/// The knobs and the configuration that faults at work add up to for one replica, each with its
/// strength.
pub fn under<'a>(
    base: Config,
    at_work: impl Iterator<Item = (&'a FaultKind, f64)>,
) -> (Knobs, Config) {
    let (mut knobs, mut config) = (Knobs::HEALTHY, base);
    for (kind, strength) in at_work {
        knobs.apply(kind, strength);
        if let FaultKind::Config(change) = kind {
            config = config.with(change);
        }
    }
    (knobs, config)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn overlapping_faults_compose_and_the_end_of_one_is_its_absence() {
        let mut knobs = Knobs::HEALTHY;
        knobs.apply(&FaultKind::Slow { by: 4.0 }, 1.0);
        knobs.apply(&FaultKind::Slow { by: 0.5 }, 1.0);
        knobs.apply(&FaultKind::Errors { ratio: 0.5, when: ErrorsWhen::AtOnce }, 1.0);
        knobs.apply(&FaultKind::Errors { ratio: 0.5, when: ErrorsWhen::AtOnce }, 1.0);
        assert_eq!((knobs.pace, knobs.errors_at_once, knobs.errors_after), (2.0, 0.75, 0.0));
    }

    #[test]
    fn half_a_fault_is_half_as_far_from_healthy() {
        let mut knobs = Knobs::HEALTHY;
        knobs.apply(&FaultKind::Slow { by: 4.0 }, 0.5);
        knobs.apply(&FaultKind::Errors { ratio: 0.5, when: ErrorsWhen::AfterWork }, 0.5);
        knobs.apply(&FaultKind::Capacity { to: 0.2, of: CapacityOf::Workers }, 0.5);
        assert_eq!((knobs.pace, knobs.errors_after, knobs.workers), (2.5, 0.25, 0.6));
    }

    #[test]
    fn a_cut_leaves_the_nearest_number_of_workers_and_one_at_least_unless_nothing() {
        let config = Config { workers: 6, queue_limit: 10, queue_timeout: None };
        let left = |to: f64| {
            let mut knobs = Knobs::HEALTHY;
            knobs.apply(&FaultKind::Capacity { to, of: CapacityOf::Workers }, 1.0);
            knobs.workers_of(&config)
        };
        assert_eq!([0.0, 0.01, 0.25, 0.5, 1.0].map(left), [0, 1, 2, 3, 6]);
        let mut knobs = Knobs::HEALTHY;
        knobs.apply(&FaultKind::Capacity { to: 0.25, of: CapacityOf::Speed }, 1.0);
        assert_eq!((knobs.pace, knobs.workers_of(&config)), (4.0, 6));
        knobs.apply(&FaultKind::Capacity { to: 0.0, of: CapacityOf::Speed }, 1.0);
        assert!(knobs.pace.is_infinite());
    }

    #[test]
    fn each_broken_worker_is_one_less_of_what_a_cut_leaves() {
        let config = Config { workers: 6, queue_limit: 10, queue_timeout: None };
        let broken = FaultKind::Worker { work: QueueFate::Kept };
        let mut knobs = Knobs::HEALTHY;
        knobs.apply(&broken, 1.0);
        knobs.apply(&broken, 1.0);
        assert_eq!(knobs.workers_of(&config), 4);
        knobs.apply(&FaultKind::Capacity { to: 0.5, of: CapacityOf::Workers }, 1.0);
        assert_eq!(knobs.workers_of(&config), 1);
        (0..9).for_each(|_| knobs.apply(&broken, 1.0));
        assert_eq!(knobs.workers_of(&config), 0);
    }

    #[test]
    fn clocks_add_up_and_half_a_jump_is_half_as_far() {
        let mut knobs = Knobs::HEALTHY;
        knobs.apply(&FaultKind::ClockJump { by: -3_000 }, 1.0);
        knobs.apply(&FaultKind::ClockJump { by: 1_000 }, 0.5);
        assert_eq!(knobs.clock, -2_500);
    }

    #[test]
    fn a_pushed_configuration_leaves_what_it_does_not_name() {
        let base = Config { workers: 4, queue_limit: 10, queue_timeout: None };
        let change = ConfigChange { workers: Some(9), ..ConfigChange::default() };
        assert_eq!(base.with(&change), Config { workers: 9, ..base });
    }
}
