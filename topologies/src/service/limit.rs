//! Limits that are kept elsewhere: what a service does when the answer is no, and without one.

use super::Service;
use super::program::{Limited, Op};
use crate::caller::Callers;
use crate::ledger::Leaving;
use crate::world::{Io, Kit};
use brownout_core::slab::Id;
use brownout_policies::limiter::{Limiter, LimiterConfig};
use brownout_policies::outcome::{Done, ErrorKind, Outcome, Seen};

/// Limits of a service's own, each replica with one of each.
#[derive(Debug)]
pub(super) struct Limits {
    configs: Vec<LimiterConfig>,
    /// By replica, then by limit.
    every: Vec<Limiter>,
}

/// What one is told who asks too often.
pub(super) const THROTTLED: Outcome = Outcome::error(ErrorKind::Throttled, Done::Nothing);

impl Limits {
    pub(super) fn new(configs: Vec<LimiterConfig>, replicas: u32) -> Limits {
        let every = (0..replicas).flat_map(|_| configs.iter().map(fresh)).collect();
        Limits { configs, every }
    }

    fn of(&mut self, replica: u32, limit: u16) -> &mut Limiter {
        &mut self.every[replica as usize * self.configs.len() + usize::from(limit)]
    }
}

fn fresh(config: &LimiterConfig) -> Limiter {
    Limiter::new(*config).expect("a graph's settings are sound")
}

impl Service {
    /// A call that an activation made has failed, and with it the request, unless it asked a limit.
    #[cold]
    #[inline(never)]
    pub(super) fn call_failed<K: Kit>(
        &mut self,
        id: Id,
        outcome: Outcome,
        callers: &mut Callers,
        io: &mut Io<'_, K>,
    ) {
        let work = &mut io.links.envelopes[id].work;
        if let Op::Limited(limited) = self.program.ops[usize::from(work.step)] {
            work.step += 1;
            return match self.is_let_through(id, limited, outcome, io) {
                Ok(()) => self.advance(id, callers, io),
                Err((how, outcome)) => self.leave_early(id, how, Some(outcome), callers, io),
            };
        }
        let outcome = Outcome::error(ErrorKind::Dependency, Done::Partly);
        self.leave_early(id, Leaving::DependencyFailed, Some(outcome), callers, io);
    }

    /// What a limit's answer that is no yes means for a request.
    fn is_let_through<K: Kit>(
        &mut self,
        id: Id,
        limited: Limited,
        outcome: Outcome,
        io: &Io<'_, K>,
    ) -> Result<(), (Leaving, Outcome)> {
        let closed = Outcome::error(ErrorKind::Dependency, Done::Nothing);
        match limited {
            _ if outcome.seen == Seen::Error(ErrorKind::Throttled) => {
                let after = outcome.retry_after();
                let told = after.map_or(THROTTLED, |after| THROTTLED.with_retry_after(after));
                Err((Leaving::Rejected, told))
            }
            Limited::FailOpen => Ok(()),
            Limited::FailClosed => Err((Leaving::DependencyFailed, closed)),
            Limited::Local(limit) => {
                let (now, number) = (io.now(), io.links.envelopes[id].to.replica);
                self.rest.limits.of(number, limit).try_take(now, 1).map_err(|refusal| {
                    let after = refusal.retry_at.map(|at| at.since(now));
                    let told = after.map_or(THROTTLED, |after| THROTTLED.with_retry_after(after));
                    (Leaving::Rejected, told)
                })
            }
        }
    }

    /// A replica's process starts anew: its own limits know nothing.
    pub(crate) fn renew_limits(&mut self, number: u32) {
        for limit in 0..self.rest.limits.configs.len() {
            *self.rest.limits.of(number, limit as u16) = fresh(&self.rest.limits.configs[limit]);
        }
    }
}
