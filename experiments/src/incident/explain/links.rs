//! The chain from the trigger on: one function a link, each with the condition under which it is
//! said.

use super::evidence::{Evidence, Phase, ratio};
use super::tally::Tally;
use super::{Certainty, Finding, Kind, deeds};
use crate::expect::Unit;
use brownout_core::Time;
use brownout_topologies::fault::{FaultKind, Harm, QueueFate};
use brownout_topologies::ledger::verdict::{Trigger, triggers};

/// Where a link is said, and from where on it is clear.
#[derive(Debug, Clone, Copy)]
pub(super) struct Threshold {
    pub(super) said: f64,
    pub(super) clear: f64,
}

/// Work takes so many times as long as before.
const SLOWER: Threshold = Threshold { said: 1.2, clear: 1.5 };
/// So many times as many requests come as before.
const MORE_LOAD: Threshold = Threshold { said: 1.1, clear: 1.25 };
/// A share of the work that was done a second before is not done, though no less is asked for.
const STANDS_STILL: Threshold = Threshold { said: 0.2, clear: 0.5 };
/// A share of attempts more than before is refused, fails or is lost.
const MORE_FAILURES: Threshold = Threshold { said: 0.01, clear: 0.05 };
/// So many times a service's workers are asked for.
const OVERLOAD: Threshold = Threshold { said: 0.95, clear: 1.05 };
/// The queue is so many times as long as before, and at least one waits on average.
const LONGER_QUEUE: Threshold = Threshold { said: 2.0, clear: 5.0 };
/// A share of attempts more than before times out, and twice as many at least.
const MORE_TIMEOUTS: Threshold = Threshold { said: 0.01, clear: 0.05 };
/// So many attempts a call, where there were less before.
const MULTIPLIED: Threshold = Threshold { said: 1.05, clear: 1.2 };
/// A share of a service's workers is taken.
const ALL_TAKEN: Threshold = Threshold { said: 0.9, clear: 0.97 };
/// A share of failed attempts or calls that is held back.
const HELD_BACK: Threshold = Threshold { said: 0.05, clear: 0.2 };

impl Threshold {
    /// How clear it is at a value, if it is to be said at all.
    pub(super) fn of(self, value: f64) -> Option<Certainty> {
        match value {
            value if value >= self.clear => Some(Certainty::Clear),
            value if value >= self.said => Some(Certainty::Weak),
            _ => None,
        }
    }
}

/// `clear`, or a hedge and `weak`.
pub(super) fn hedged(certainty: Certainty) -> &'static str {
    match certainty {
        Certainty::Clear => "",
        Certainty::Weak => "probably ",
    }
}

pub(super) fn percent(share: f64) -> String {
    // Sums of parts are not exact, and a share says how much it lacks of a whole.
    Unit::Share.human((share * 1e6).round() / 1e6)
}

pub(super) fn three_digits(value: f64) -> String {
    Unit::Ratio.human(value)
}

pub(super) fn secs(value: f64) -> String {
    Unit::Seconds.human(value)
}

/// What began it, and what it did to those it struck.
pub fn trigger(evidence: &Evidence<'_>) -> Vec<Finding> {
    let Some(trigger) = &evidence.trigger else { return Vec::new() };
    let when = match trigger.to {
        Time::MAX => format!("from {} on", trigger.from),
        to if to == trigger.from => format!("at {to}"),
        to => format!("from {} to {to}", trigger.from),
    };
    let text = format!("The trigger is {}, {when}.", trigger.name);
    let mut findings = vec![
        Finding::new(Kind::Trigger, Certainty::Clear, text)
            .with("from", trigger.from.as_secs(), "s")
            .with("to", trigger.to.min(Time::ZERO + evidence.graph.time).as_secs(), "s"),
    ];
    if evidence.is_before_the_control {
        let text = "There is no quiet time before it; it is compared with the same run without it.";
        findings.push(Finding::new(Kind::Trigger, Certainty::Clear, text.to_owned()));
    }
    findings.extend(others(evidence, trigger));
    let struck = evidence.struck();
    let effects: Vec<Finding> = struck
        .iter()
        .flat_map(|one| {
            [slower(evidence, *one), stands_still(evidence, *one), errors(evidence, *one)]
        })
        .chain([more_load(evidence)])
        .flatten()
        .collect();
    if effects.is_empty() {
        let text = "No direct effect of it shows in this run: work did not slow down, nothing more \
                    failed, and no more requests came.";
        findings.push(Finding::new(Kind::Trigger, Certainty::Weak, text.to_owned()));
    }
    findings.extend(effects);
    findings
}

/// Other triggers of the run, which are not looked at.
fn others(evidence: &Evidence<'_>, trigger: &Trigger) -> Option<Finding> {
    let others = triggers(evidence.graph).into_iter().filter(|other| other != trigger);
    let names: Vec<String> =
        others.map(|other| format!("{} from {}", other.name, other.from)).collect();
    if names.is_empty() {
        return None;
    }
    let text = format!("Others are not looked at here: {}.", names.join(", "));
    Some(Finding::new(Kind::Trigger, Certainty::Clear, text))
}

/// Less work is done than before, though no less is asked for.
pub fn stands_still(evidence: &Evidence<'_>, service: usize) -> Option<Finding> {
    let rate =
        |phase: &Phase, of: fn(&Tally) -> f64| ratio(of(&phase.services[service]), phase.secs);
    let (before, during) = (&evidence.before, &evidence.during);
    let (was, is) = (rate(before, |own| own.work), rate(during, |own| own.work));
    let asked = |phase| rate(phase, |own| own.attempts);
    let certainty = STANDS_STILL.of(1.0 - ratio(is, was)).filter(|_| was > 0.0)?;
    if asked(during) < 0.9 * asked(before) {
        return None;
    }
    let name = evidence.name(service);
    let text = format!(
        "While it lasts, {name} does {} of the work it did a second before, though no fewer \
         attempts come.",
        percent(ratio(is, was))
    );
    let finding = Finding::new(Kind::Trigger, certainty, text).of(name);
    Some(finding.with("before", was, "s/s").with("during", is, "s/s"))
}

/// Work takes longer than before.
pub fn slower(evidence: &Evidence<'_>, service: usize) -> Option<Finding> {
    let piece = |tally: &Tally| ratio(tally.work, tally.pieces);
    let before = piece(&evidence.before.services[service]);
    let during = piece(&evidence.during.services[service]);
    let times = ratio(during, before);
    let certainty = SLOWER.of(times)?;
    let name = evidence.name(service);
    let text = format!(
        "While it lasts, a piece of work at {name} takes {}{} times as long: {} instead of {}.",
        if certainty == Certainty::Weak { "perhaps " } else { "" },
        three_digits(times),
        secs(during),
        secs(before)
    );
    let finding = Finding::new(Kind::Trigger, certainty, text).of(name);
    Some(finding.with("before", before, "s").with("during", during, "s"))
}

/// Whether the trigger makes attempts fail by itself, rather than by what comes of it.
fn fails_by_itself(evidence: &Evidence<'_>) -> bool {
    let fault = evidence.trigger.as_ref().and_then(|trigger| trigger.fault);
    fault.is_some_and(|fault| match &evidence.graph.faults[fault as usize].harm {
        Harm::Links { .. } => true,
        Harm::Load { .. } => false,
        Harm::Replicas { kind, .. } => match kind {
            FaultKind::Errors { .. } | FaultKind::Crash { .. } | FaultKind::BlackHole => true,
            FaultKind::Worker { work } => *work == QueueFate::Lost,
            FaultKind::Slow { .. }
            | FaultKind::Stall { .. }
            | FaultKind::Capacity { .. }
            | FaultKind::CacheFlush
            | FaultKind::Demote
            | FaultKind::ClockJump { .. }
            | FaultKind::Config(_) => false,
        },
    })
}

/// The trigger makes attempts fail, by itself.
pub fn errors(evidence: &Evidence<'_>, service: usize) -> Option<Finding> {
    let own = fails_by_itself(evidence) && evidence.struck().contains(&service);
    if own { failures(evidence, service, Kind::Trigger) } else { None }
}

/// More attempts fail than before, and not by the trigger itself.
pub fn refusals(evidence: &Evidence<'_>, service: usize) -> Option<Finding> {
    let own = fails_by_itself(evidence) && evidence.struck().contains(&service);
    if own { None } else { failures(evidence, service, Kind::Refusals) }
}

/// More attempts are refused, fail or are lost than before.
fn failures(evidence: &Evidence<'_>, service: usize, kind: Kind) -> Option<Finding> {
    let of = |tally: &Tally| ratio(tally.refused + tally.errors + tally.lost, tally.attempts);
    let before = of(&evidence.before.services[service]);
    let during = of(&evidence.during.services[service]);
    let certainty = MORE_FAILURES.of(during - before)?;
    let name = evidence.name(service);
    let text = format!(
        "{} of the attempts at {name} are refused, fail or are lost, instead of {}.",
        percent(during),
        percent(before)
    );
    let finding = Finding::new(kind, certainty, text).of(name);
    Some(finding.with("before", before, "share").with("during", during, "share"))
}

/// More requests come than before.
pub fn more_load(evidence: &Evidence<'_>) -> Option<Finding> {
    let rate = |phase: &Phase| ratio(phase.all_users().calls, phase.secs);
    let (before, during) = (rate(&evidence.before), rate(&evidence.during));
    let certainty = MORE_LOAD.of(ratio(during, before))?;
    let text = format!(
        "While it lasts, users send {} requests a second instead of {}.",
        three_digits(during),
        three_digits(before)
    );
    let finding = Finding::new(Kind::Trigger, certainty, text);
    Some(finding.with("before", before, "/s").with("during", during, "/s"))
}

/// What follows at one service while the trigger is at work.
pub fn chain(evidence: &Evidence<'_>, service: usize) -> Vec<Finding> {
    if evidence.during.secs == 0.0 {
        return Vec::new();
    }
    let links = [
        overload(evidence, service),
        queue(evidence, service),
        refusals(evidence, service),
        deeds::dead(evidence, service),
        deeds::connections(evidence, service),
        timeouts(evidence, service),
        retries(evidence, service),
        spread(evidence, service),
        budget(evidence, service),
        breaker(evidence, service),
    ];
    links.into_iter().flatten().collect()
}

/// It is asked for more than its workers can do.
pub fn overload(evidence: &Evidence<'_>, service: usize) -> Option<Finding> {
    let during = &evidence.during;
    let asked = evidence.asked(during, service, during.services[service].attempts)?;
    let before = &evidence.before;
    let was = evidence.asked(before, service, before.services[service].attempts)?;
    let certainty = OVERLOAD.of(asked).filter(|_| asked > was)?;
    let name = evidence.name(service);
    let text = format!(
        "{name} is {}asked for {} times what its workers can do, after {} before.",
        hedged(certainty),
        three_digits(asked),
        three_digits(was)
    );
    let finding = Finding::new(Kind::Overload, certainty, text).of(name);
    Some(finding.with("asked", asked, "ratio").with("before", was, "ratio"))
}

/// Its queue grows.
pub fn queue(evidence: &Evidence<'_>, service: usize) -> Option<Finding> {
    let (before, during) = (&evidence.before, &evidence.during);
    let length = |phase: &Phase| ratio(phase.services[service].queue, phase.secs);
    let (was, is) = (length(before), length(during));
    // Less than a tenth of one waiting is an empty queue.
    let certainty = LONGER_QUEUE.of(is / was.max(0.1)).filter(|_| is >= 1.0)?;
    let waits =
        |phase: &Phase| ratio(phase.services[service].waited, phase.services[service].seated);
    let (name, longest) = (evidence.name(service), during.services[service].longest);
    // Where nobody comes to a worker any more, no wait has ended.
    let waited = match waits(during) > waits(before) {
        true => format!(
            "; who gets a worker has waited {} instead of {}",
            secs(waits(during)),
            secs(waits(before))
        ),
        false => String::new(),
    };
    let text = format!(
        "The queue of {name} {}grows from {} to {} on average, {} at most{waited}.",
        hedged(certainty),
        three_digits(was),
        three_digits(is),
        three_digits(longest)
    );
    let finding = Finding::new(Kind::Queue, certainty, text).of(name);
    let finding = finding.with("before", was, "").with("during", is, "");
    Some(finding.with("longest", longest, "").with("wait", waits(during), "s"))
}

/// Its callers' clocks run out.
pub fn timeouts(evidence: &Evidence<'_>, service: usize) -> Option<Finding> {
    let of =
        |phase: &Phase| ratio(phase.services[service].timed_out, phase.services[service].attempts);
    let (was, is) = (of(&evidence.before), of(&evidence.during));
    let certainty = MORE_TIMEOUTS.of(is - was).filter(|_| is >= 2.0 * was)?;
    let name = evidence.name(service);
    let text = format!(
        "Callers of {name} give up on {} of their attempts when their time is up, instead of {}.",
        percent(is),
        percent(was)
    );
    let finding = Finding::new(Kind::Timeouts, certainty, text).of(name);
    Some(finding.with("before", was, "share").with("during", is, "share"))
}

/// Attempts multiply.
pub fn retries(evidence: &Evidence<'_>, service: usize) -> Option<Finding> {
    let of = |phase: &Phase| ratio(phase.services[service].attempts, phase.services[service].calls);
    let (was, is) = (of(&evidence.before), of(&evidence.during));
    let certainty = MULTIPLIED.of(is).filter(|_| is > was + 0.02)?;
    let name = evidence.name(service);
    let more = ratio(evidence.during.services[service].again, evidence.during.secs);
    let text = format!(
        "Retries and hedges make {} attempts of every call to {name}, after {} before: {} more a \
         second.",
        three_digits(is),
        three_digits(was.max(1.0)),
        three_digits(more)
    );
    let finding = Finding::new(Kind::Retries, certainty, text).of(name);
    Some(finding.with("before", was, "ratio").with("during", is, "ratio").with("again", more, "/s"))
}

/// Its workers are taken by waiting for those it calls.
pub fn spread(evidence: &Evidence<'_>, service: usize) -> Option<Finding> {
    let workers = evidence.workers(service)?;
    let taken = |phase: &Phase| ratio(phase.services[service].busy, phase.secs * workers);
    let (was, is) = (taken(&evidence.before), taken(&evidence.during));
    let own = &evidence.during.services[service];
    let waiting = 1.0 - ratio(own.work, own.busy).min(1.0);
    let certainty = ALL_TAKEN.of(is).filter(|_| is > was + 0.05 && waiting >= 0.5)?;
    let name = evidence.name(service);
    let text = format!(
        "It spreads to {name}: {} of its workers are taken, {} of that time by waiting for the \
         calls they made.",
        percent(is),
        percent(waiting)
    );
    let finding = Finding::new(Kind::Spread, certainty, text).of(name);
    Some(
        finding
            .with("taken", is, "share")
            .with("before", was, "share")
            .with("waiting", waiting, "share"),
    )
}

/// Budgets do not pay for retries.
pub fn budget(evidence: &Evidence<'_>, service: usize) -> Option<Finding> {
    let own = &evidence.since.services[service];
    let share = ratio(own.unpaid, own.unpaid + own.again);
    let certainty = HELD_BACK.of(share)?;
    let name = evidence.name(service);
    let text = format!(
        "Budgets hold it back: of the retries of calls to {name} they pay for {} and refuse {}, {}.",
        three_digits(own.again),
        three_digits(own.unpaid),
        percent(share)
    );
    let finding = Finding::new(Kind::HeldBack, certainty, text).of(name);
    Some(finding.with("refused", own.unpaid, "").with("share", share, "share"))
}

/// Breakers turn calls away.
pub fn breaker(evidence: &Evidence<'_>, service: usize) -> Option<Finding> {
    let own = &evidence.since.services[service];
    let share = ratio(own.broken, own.broken + own.attempts);
    if own.opened == 0.0 || own.broken == 0.0 {
        return None;
    }
    let certainty = HELD_BACK.of(share).unwrap_or(Certainty::Weak);
    let name = evidence.name(service);
    let text = format!(
        "Breakers in front of {name} open {} times and turn {} tries away, {} of all.",
        three_digits(own.opened),
        three_digits(own.broken),
        percent(share)
    );
    let finding = Finding::new(Kind::HeldBack, certainty, text).of(name);
    Some(finding.with("opened", own.opened, "").with("turned_away", own.broken, ""))
}
