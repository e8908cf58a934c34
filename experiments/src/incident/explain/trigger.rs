//! The trigger, and what it does by itself: one function an effect, each with the condition under
//! which it is said.

use super::evidence::{Evidence, Phase, ratio};
use super::links::{Threshold, failures, percent, secs, three_digits};
use super::tally::Tally;
use super::{Certainty, Finding, Kind};
use brownout_core::Time;
use brownout_topologies::fault::{FaultKind, Harm, QueueFate};
use brownout_topologies::ledger::verdict::{Trigger, triggers};

/// Work takes so many times as long as before.
const SLOWER: Threshold = Threshold { said: 1.2, clear: 1.5 };
/// So many times as many requests come as before.
const MORE_LOAD: Threshold = Threshold { said: 1.1, clear: 1.25 };
/// A share of the work that was done a second before is not done, though no less is asked for.
const STANDS_STILL: Threshold = Threshold { said: 0.2, clear: 0.5 };
/// A share of the workers is not at work, though requests wait for one.
const IDLE: Threshold = Threshold { said: 0.1, clear: 0.2 };

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
            [
                slower(evidence, *one),
                stands_still(evidence, *one),
                idle(evidence, *one),
                errors(evidence, *one),
            ]
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

/// Workers do nothing, though requests wait for one.
pub fn idle(evidence: &Evidence<'_>, service: usize) -> Option<Finding> {
    let (during, workers) = (&evidence.during, evidence.workers(service)?);
    let own = &during.services[service];
    let (taken, waiting) = (ratio(own.busy, during.secs), ratio(own.queue, during.secs));
    let certainty = IDLE.of(1.0 - ratio(taken, workers)).filter(|_| waiting >= 1.0)?;
    let name = evidence.name(service);
    let text = format!(
        "While it lasts, {} of the {} workers of {name} are taken on average, although {} requests \
         wait there.",
        three_digits(taken),
        three_digits(workers),
        three_digits(waiting)
    );
    let finding = Finding::new(Kind::Trigger, certainty, text).of(name);
    Some(finding.with("taken", taken, "").with("workers", workers, "").with("waiting", waiting, ""))
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
pub(super) fn fails_by_itself(evidence: &Evidence<'_>) -> bool {
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
