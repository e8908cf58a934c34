//! What things are called when a run is told of: services, replicas, policies, outcomes, moments.

use brownout_core::{Span, Time};
use brownout_policies::breaker::State;
use brownout_policies::call::{Notice, Why};
use brownout_policies::outcome::{ErrorKind, Outcome, Seen};
use brownout_policies::stack::Layer;
use brownout_topologies::effect::Truth;
use brownout_topologies::envelope::Address;
use brownout_topologies::graph::{Graph, LoadId, ServiceId, SiteId};
use brownout_topologies::ledger::{AtConnection, AtEffect, Leaving};

/// The names of one graph.
#[derive(Clone, Copy)]
pub(crate) struct Names<'g>(pub(crate) &'g Graph);

impl<'g> Names<'g> {
    pub(crate) fn service(self, id: ServiceId) -> &'g str {
        &self.0.services[id.index()].name
    }

    pub(crate) fn load(self, id: LoadId) -> &'g str {
        &self.0.loads[id.index()].name
    }

    /// Who is called from a site: `db`, or `db.read` of several endpoints.
    pub(crate) fn target(self, site: SiteId) -> String {
        let site = &self.0.sites[site.index()];
        self.0.part_name(site.target, site.endpoint)
    }

    /// `db`, or `db, replica 2` of several.
    pub(crate) fn place(self, at: Address) -> String {
        let service = &self.0.services[at.service.index()];
        match service.replicas {
            1 => service.name.clone(),
            _ => format!("{}, replica {}", service.name, at.replica),
        }
    }

    /// Workers of one replica when nothing is wrong.
    pub(crate) fn workers(self, service: ServiceId) -> Option<u32> {
        self.0.services[service.index()].workers
    }

    pub(crate) fn layer(self, site: SiteId, layer: u16) -> Option<&'g Layer> {
        let stack = self.0.sites[site.index()].stack;
        self.0.stacks[stack.index()].layers.get(usize::from(layer))
    }

    /// What a policy is called; where there is none any more, an attempt.
    pub(crate) fn policy(self, site: SiteId, layer: u16) -> String {
        match self.layer(site, layer) {
            Some(Layer::Timeout(timeout)) => {
                let what = if timeout.patience { "patience" } else { "timeout" };
                match timeout.longest() {
                    Some(after) => format!("{what} of {after}"),
                    None => format!("{what} of {} on average", timeout.after),
                }
            }
            Some(Layer::Retry(_)) => "retry".to_owned(),
            Some(Layer::Hedge(_)) => "hedge".to_owned(),
            Some(Layer::Gate(used)) => used.rule.name().to_owned(),
            Some(Layer::Fallback(_)) => "fallback".to_owned(),
            Some(Layer::Inherited) => "inherited deadline".to_owned(),
            None => "attempt".to_owned(),
        }
    }

    /// A decision of a policy as a sentence.
    pub(crate) fn notice(self, site: SiteId, layer: u16, notice: Notice, now: Time) -> String {
        let policy = self.policy(site, layer);
        let said = match notice {
            Notice::TimedOut => return format!("the {policy} is up"),
            Notice::Retries { nth, wait } if wait.is_zero() => {
                format!("tries again at once ({}{})", nth, self.of_retries(site, layer))
            }
            Notice::Retries { nth, wait } => {
                let of = self.of_retries(site, layer);
                format!("tries again after {} ({nth}{of})", millis(wait))
            }
            Notice::Stops(why) => format!("does not try again: {}", why_in_words(why)),
            Notice::Hedges { nth } => format!("sends another leg ({nth})"),
            Notice::HedgeUnpaid => "another leg was due, and its budget does not pay".to_owned(),
            Notice::Waits { until } => {
                format!("makes it wait, {} at most", millis(until.since(now)))
            }
            Notice::GoesOn => "lets it go on".to_owned(),
            Notice::TurnedAway(refusal) => format!(
                "says no: {} {}, bound {}{}",
                refusal.what,
                refusal.value,
                refusal.bound,
                match refusal.retry_at {
                    Some(at) => format!("; again in {}", millis(at.since(now))),
                    None => String::new(),
                }
            ),
            Notice::Became(state) => format!("is {} now", state_in_words(state)),
            Notice::FallsBack => "makes up an answer".to_owned(),
            Notice::TooLate => "not sent: no time is left".to_owned(),
        };
        format!("{policy}: {said}")
    }

    fn of_retries(self, site: SiteId, layer: u16) -> String {
        match self.layer(site, layer) {
            Some(Layer::Retry(retry)) if retry.times < u32::MAX => format!(" of {}", retry.times),
            _ => String::new(),
        }
    }
}

fn why_in_words(why: Why) -> String {
    match why {
        Why::Exhausted { retries } => match retries {
            0 => "it never does".to_owned(),
            1 => "it has tried once more already".to_owned(),
            many => format!("it has tried {many} times more already"),
        },
        Why::Deadline => "the caller's time is up".to_owned(),
        Why::Kind => "such a failure is not tried again".to_owned(),
        Why::Schedule => "its schedule has come to its end".to_owned(),
        Why::WaitTooLong { wait } => {
            format!("the wait of {} would end too late", millis(wait))
        }
        Why::Budget { left } => {
            format!("its budget does not pay, {:.2} retries are left", left as f64 / 1e6)
        }
    }
}

pub(crate) const fn state_in_words(state: State) -> &'static str {
    match state {
        State::Closed => "closed",
        State::Open => "open",
        State::HalfOpen => "half open",
        State::Ramping => "ramping up",
        State::Disabled => "disabled",
        State::MetricsOnly => "only measuring",
        State::ForcedOpen => "open by hand",
        State::Isolated => "isolated by hand",
    }
}

/// An outcome as its caller sees it.
pub(crate) const fn outcome(outcome: Outcome) -> &'static str {
    match outcome.seen {
        Seen::Answered => match outcome.done {
            brownout_policies::outcome::Done::Nothing => "answered by a fallback",
            _ => "answered",
        },
        Seen::Error(ErrorKind::Failed) => "error: it failed",
        Seen::Error(ErrorKind::Dependency) => "error: a call that it needed failed",
        Seen::Error(ErrorKind::Shed) => "error: it was thrown out",
        Seen::Error(ErrorKind::Throttled) => "error: too many requests",
        Seen::Error(ErrorKind::Fatal) => "error: the request is wrong",
        Seen::TimedOut => "timed out",
        Seen::Refused => "refused",
        Seen::Reset => "reset",
        Seen::Abandoned => "abandoned",
        Seen::Rejected => "turned away by the caller's own policy",
        Seen::PoolTimeout => "without a connection from the caller's own pool",
    }
}

/// What happens to an attempt and its connection.
pub(crate) fn connection(what: AtConnection, now: Time) -> String {
    match what {
        AtConnection::Waits { ahead: 0 } => "waits for a connection, as the first".to_owned(),
        AtConnection::Waits { ahead } => format!("waits for a connection, behind {ahead} others"),
        AtConnection::Lent { since, is_dead } => {
            let dead = match is_dead {
                true => " whose other end has died: nobody will get what is sent over it",
                false => "",
            };
            match now - since {
                Span::ZERO => format!("has a connection{dead}"),
                waited => format!("has a connection{dead}, after {}", millis(waited)),
            }
        }
        AtConnection::TurnedAway => "there is no connection for it in time".to_owned(),
        AtConnection::NotOpened => "its connection cannot be opened".to_owned(),
        AtConnection::GivenUp => {
            "its connection is closed: nothing has come over it for as long as a socket waits"
                .to_owned()
        }
    }
}

/// What happens about an effect or its key.
pub(crate) const fn effect(what: AtEffect) -> &'static str {
    match what {
        AtEffect::Done { again: false, .. } => "its effect is done",
        AtEffect::Done { again: true, .. } => "its effect is done once more: a duplicate",
        AtEffect::KeyTaken => "takes its idempotency key",
        AtEffect::KeyGivenBack => "gives its idempotency key back",
        AtEffect::Replayed => "its idempotency key is known: the stored answer does",
        AtEffect::Waits => "its idempotency key is taken: waits for whoever has it",
        AtEffect::Conflict => "its idempotency key is taken: a conflict",
    }
}

/// What had been done for a call when its caller was told that it failed.
pub(crate) const fn truth(truth: Truth) -> &'static str {
    match truth {
        Truth::Nothing => "nothing of it was done",
        Truth::Partly => "part of it was done",
        Truth::Done => "it was done",
        Truth::Unknown => "it was under way",
        Truth::DoneLater => "it was done later",
    }
}

/// How work leaves a service.
pub(crate) const fn leaving(how: Leaving) -> &'static str {
    match how {
        Leaving::Finished => "done",
        Leaving::Failed => "failed",
        Leaving::DependencyFailed => "failed with the call that it needed",
        Leaving::Shed => "thrown out of the queue",
        Leaving::Cancelled => "stopped by a cancel",
        Leaving::Crashed => "died with its process",
        Leaving::Expired => "stopped at its deadline",
        Leaving::Rejected => "waited at the gate in vain",
    }
}

/// A length in milliseconds, to the microsecond.
pub(crate) fn millis(span: Span) -> String {
    trimmed(format!("{:.3}", span.as_secs() * 1e3)) + "ms"
}

/// A moment in seconds, to the microsecond.
pub(crate) fn moment(at: Time) -> String {
    format!("{:.6}s", at.as_secs())
}

fn trimmed(text: String) -> String {
    match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
        false => text,
    }
}
