//! The chain that a trigger sets off: one function a link, each with the condition under which it
//! is said.

use super::evidence::{Evidence, Phase, ratio};
use super::tally::Tally;
use super::trigger::fails_by_itself;
use super::{Certainty, Finding, Kind, deeds};
use crate::expect::Unit;

/// Where a link is said, and from where on it is clear.
#[derive(Debug, Clone, Copy)]
pub(super) struct Threshold {
    pub(super) said: f64,
    pub(super) clear: f64,
}

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

/// More attempts fail than before, and not by the trigger itself.
pub fn refusals(evidence: &Evidence<'_>, service: usize) -> Option<Finding> {
    let own = fails_by_itself(evidence) && evidence.struck().contains(&service);
    if own { None } else { failures(evidence, service, Kind::Refusals) }
}

/// More attempts are refused, fail or are lost than before.
pub(super) fn failures(evidence: &Evidence<'_>, service: usize, kind: Kind) -> Option<Finding> {
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
