//! What happens outside of a stack: calls come, attempts are answered, callers leave. A script says
//! when, in whole milliseconds.

use brownout_policies::Time;
use brownout_policies::outcome::Outcome;
use brownout_policies::tower::{Decision, Event};
use std::collections::BTreeSet;

/// The answer to one attempt.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reply {
    /// Counted from when the attempt is sent; at least 1.
    pub(crate) after: u64,
    pub(crate) outcome: Outcome,
}

/// One call.
#[derive(Debug, Clone)]
pub(crate) struct Scripted {
    pub(crate) at: u64,
    /// What its attempts get, in the order in which they are sent, the last for all that follow;
    /// `None` is silence.
    pub(crate) replies: Vec<Option<Reply>>,
    /// How long its caller waits, if not to the end.
    pub(crate) patience: Option<u64>,
}

/// A call whose attempts get these answers.
pub(crate) fn call(at: u64, replies: &[(u64, Outcome)]) -> Scripted {
    let replies = replies.iter().map(|&(after, outcome)| Some(Reply { after, outcome })).collect();
    Scripted { at, replies, patience: None }
}

/// A call whose attempts are never answered.
pub(crate) fn silence(at: u64) -> Scripted {
    Scripted { at, replies: vec![None], patience: None }
}

/// What comes next. At one moment calls come before answers, and callers leave last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Happens {
    Comes(usize),
    Answers(usize, u32),
    Leaves(usize),
}

/// All that is outside, with what is to happen there.
#[derive(Debug)]
pub(crate) struct Outside {
    calls: Vec<Scripted>,
    due: BTreeSet<(u64, Happens)>,
}

impl Outside {
    pub(crate) fn new(mut calls: Vec<Scripted>) -> Outside {
        calls.sort_by_key(|call| call.at);
        let mut due = BTreeSet::new();
        for (number, call) in calls.iter().enumerate() {
            due.insert((call.at, Happens::Comes(number)));
            if let Some(patience) = call.patience {
                due.insert((call.at + patience, Happens::Leaves(number)));
            }
        }
        Outside { calls, due }
    }

    pub(crate) fn calls(&self) -> usize {
        self.calls.len()
    }

    /// When something happens next.
    pub(crate) fn next(&self) -> Option<u64> {
        self.due.first().map(|(at, _)| *at)
    }

    /// What happens next, if it is time.
    pub(crate) fn take(&mut self, now: u64) -> Option<Happens> {
        let &(at, what) = self.due.first()?;
        (at <= now).then(|| {
            self.due.pop_first();
            what
        })
    }

    /// An attempt is sent.
    pub(crate) fn sent(&mut self, now: u64, call: usize, attempt: u32) {
        if let Some(reply) = self.reply(call, attempt) {
            self.due.insert((now + reply.after, Happens::Answers(call, attempt)));
        }
    }

    /// What an attempt gets.
    pub(crate) fn reply(&self, call: usize, attempt: u32) -> Option<Reply> {
        let replies = &self.calls[call].replies;
        replies[(attempt as usize).min(replies.len() - 1)]
    }

    /// Nobody waits for an attempt any more.
    pub(crate) fn dropped(&mut self, call: usize, attempt: u32) {
        self.due.retain(|(_, what)| *what != Happens::Answers(call, attempt));
    }

    /// A call is over.
    pub(crate) fn ended(&mut self, call: usize) {
        self.due.retain(|(_, what)| *what != Happens::Leaves(call));
    }
}

/// What is seen of a call from outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Effect {
    Sent(u32),
    Dropped(u32),
    Ended(Outcome),
    Left,
}

/// What decisions look like from outside, call by call.
pub(crate) fn effects(calls: usize, events: &[Event]) -> Vec<Vec<(u64, Effect)>> {
    let mut seen = vec![Vec::new(); calls];
    for event in events {
        let effect = match event.what {
            Decision::Send { attempt } => Effect::Sent(attempt),
            Decision::GiveUp { attempt, .. } => Effect::Dropped(attempt),
            Decision::Finish { outcome } if outcome == Outcome::ABANDONED => {
                Effect::Ended(Outcome::TIMED_OUT)
            }
            Decision::Finish { outcome } => Effect::Ended(outcome),
            Decision::Abandon => Effect::Left,
            Decision::Settle { .. } => continue,
        };
        seen[event.call as usize].push((millis(event.at), effect));
    }
    seen.iter_mut().for_each(|call| drops_in_order(call));
    seen
}

/// Attempts that are dropped together are dropped in no order that anyone could see.
pub(crate) fn drops_in_order(effects: &mut [(u64, Effect)]) {
    let is_drop = |(_, effect): &(u64, Effect)| matches!(effect, Effect::Dropped(_));
    for run in effects.chunk_by_mut(|one, next| one.0 == next.0 && is_drop(one) && is_drop(next)) {
        run.sort_by_key(|(_, effect)| match effect {
            Effect::Dropped(attempt) => *attempt,
            Effect::Sent(_) | Effect::Ended(_) | Effect::Left => 0,
        });
    }
}

/// Without what is let through in the very moment in which its caller leaves: it is sent or not, as
/// its caller comes to hear of it before or after.
pub(crate) fn without_the_last_moment(calls: Vec<Vec<(u64, Effect)>>) -> Vec<Vec<(u64, Effect)>> {
    let of_call = |effects: Vec<(u64, Effect)>| match effects.last() {
        Some(&(left, Effect::Left)) => {
            let at_once = |attempt: u32| {
                effects.contains(&(left, Effect::Sent(attempt)))
                    && effects.contains(&(left, Effect::Dropped(attempt)))
            };
            let kept = effects.iter().filter(|(_, effect)| match effect {
                Effect::Sent(attempt) | Effect::Dropped(attempt) => !at_once(*attempt),
                Effect::Ended(_) | Effect::Left => true,
            });
            kept.copied().collect()
        }
        _ => effects,
    };
    calls.into_iter().map(of_call).collect()
}

pub(crate) fn millis(at: Time) -> u64 {
    assert_eq!(at.nanos() % 1_000_000, 0, "the clock ticks in milliseconds");
    at.nanos() / 1_000_000
}

/// Decisions in words.
pub(crate) fn said(events: &[Event]) -> Vec<String> {
    let mut words = Vec::new();
    for Event { at, call, what } in events {
        let what = match what {
            Decision::Send { attempt } => format!("send {attempt}"),
            Decision::Settle { attempt, outcome } => format!("settle {attempt} {:?}", outcome.seen),
            Decision::GiveUp { attempt, outcome } => {
                format!("give up {attempt} {:?}", outcome.seen)
            }
            Decision::Finish { outcome } => format!("finish {:?}", outcome.seen),
            Decision::Abandon => "abandon".to_owned(),
        };
        words.push(format!("{} {call} {what}", millis(*at)));
    }
    words
}
