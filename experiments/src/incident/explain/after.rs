//! How it ended, what keeps a system down when its trigger is over, how it does without one, and
//! where the work went.

use super::evidence::{Evidence, Phase, ratio};
use super::links::{Threshold, percent, secs, three_digits};
use super::tally::{FURTHER_UP, LEFT, TIMED_OUT};
use super::{Certainty, Finding, Kind, deeds};
use brownout_core::Time;

/// So many times a service's workers are asked for when it is healthy again.
const TOO_MUCH: Threshold = Threshold { said: 1.0, clear: 1.1 };
/// A share of working time after the trigger that nobody waited for.
const IN_VAIN: Threshold = Threshold { said: 0.1, clear: 0.3 };
/// So many times the shortest timeout is waited in line on average.
const STALE: Threshold = Threshold { said: 0.8, clear: 1.0 };
/// A share of working time below which a service did next to nothing.
const IDLE: f64 = 0.001;

/// How the run ended.
pub fn verdict(evidence: &Evidence<'_>) -> Finding {
    let ending = evidence.ending;
    let users = evidence.after.all_users();
    let share = ratio(users.good, users.calls);
    let now = match evidence.after.secs > 0.0 && users.calls > 0.0 {
        true => format!(
            " From {} on, {} of what is offered succeeds.",
            evidence.after_from,
            percent(share)
        ),
        false => String::new(),
    };
    let text = match (&evidence.trigger, ending.tipped, ending.recovery) {
        (None, _, _) => {
            "Nothing out of the ordinary happens in this run: it has no trigger.".to_owned()
        }
        (Some(_), false, _) => format!("The system does not tip.{now}"),
        (Some(_), true, None) => format!("The system tips while its trigger is at work.{now}"),
        (Some(_), true, Some(after)) if after.is_infinite() => {
            format!("The system tips and does not recover before the end of the run.{now}")
        }
        (Some(_), true, Some(0.0)) => {
            format!("The system tips, and recovers as soon as its trigger is over.{now}")
        }
        (Some(_), true, Some(after)) => {
            format!("The system tips, and recovers {} after its trigger.{now}", secs(after))
        }
    };
    let finding = Finding::new(Kind::Verdict, Certainty::Clear, text);
    let finding = finding.with("good_after", share, "share");
    match ending.recovery {
        Some(after) => finding.with("recovery", after, "s"),
        None => finding,
    }
}

/// What keeps it down at one service: said only of a run that has not recovered.
pub fn kept_down(evidence: &Evidence<'_>, service: usize) -> Vec<Finding> {
    let users = evidence.after.all_users();
    let is_down = ratio(users.good, users.calls) < evidence.graph.verdict.recovered_from;
    if !evidence.ending.tipped || !is_down || evidence.after.secs == 0.0 {
        return Vec::new();
    }
    let links = [
        load(evidence, service),
        stale(evidence, service),
        for_nobody(evidence, service),
        deeds::kept_down(evidence, service),
    ];
    links.into_iter().flatten().collect()
}

/// More is asked for than it can do, though it is healthy.
pub fn load(evidence: &Evidence<'_>, service: usize) -> Option<Finding> {
    let after = &evidence.after;
    let own = &after.services[service];
    let asked = evidence.asked(after, service, own.attempts)?;
    let first = evidence.asked(after, service, own.attempts - own.again)?;
    let certainty = TOO_MUCH.of(asked)?;
    let (name, rate) = (evidence.name(service), ratio(own.attempts, after.secs));
    let piece = ratio(own.work, own.pieces);
    let (text, certainty) = match first < 1.0 {
        true => (
            format!(
                "{} attempts a second at {name}, {} of work each, ask for {} times what its workers \
                 can do; the first attempts alone would ask for {}. It is the retries that keep it \
                 overloaded.",
                three_digits(rate),
                secs(piece),
                three_digits(asked),
                three_digits(first)
            ),
            // Where first attempts nearly suffice, retries are not the whole story.
            if first > 0.95 { Certainty::Weak } else { certainty },
        ),
        false => (
            format!(
                "Even the first attempts at {name} ask for {} times what its workers can do, and \
                 all attempts for {}.",
                three_digits(first),
                three_digits(asked)
            ),
            certainty,
        ),
    };
    let finding = Finding::new(Kind::KeptDown, certainty, text).of(name);
    Some(
        finding
            .with("asked", asked, "ratio")
            .with("first", first, "ratio")
            .with("rate", rate, "/s"),
    )
}

/// Who waits in line waits longer than its caller does.
pub fn stale(evidence: &Evidence<'_>, service: usize) -> Option<Finding> {
    let own = &evidence.after.services[service];
    let wait = ratio(own.waited, own.seated);
    let timeout = evidence.shortest_timeout(service)?;
    let certainty = STALE.of(wait / timeout)?;
    let name = evidence.name(service);
    let text = match certainty {
        Certainty::Clear => format!(
            "Who gets a worker at {name} has waited {} on average, longer than the {} that its \
             callers wait: they have left before their turn comes.",
            secs(wait),
            secs(timeout)
        ),
        Certainty::Weak => format!(
            "Who gets a worker at {name} has waited {} on average, nearly the {} that its callers \
             wait: probably many have left before their turn comes.",
            secs(wait),
            secs(timeout)
        ),
    };
    let finding = Finding::new(Kind::StaleQueue, certainty, text).of(name);
    Some(finding.with("wait", wait, "s").with("timeout", timeout, "s"))
}

/// Its workers work for nobody.
pub fn for_nobody(evidence: &Evidence<'_>, service: usize) -> Option<Finding> {
    let own = &evidence.after.services[service];
    let share = ratio(own.in_vain(), own.work);
    let certainty = IN_VAIN.of(share)?;
    let name = evidence.name(service);
    let workers = evidence.workers(service);
    let taken = workers.map(|workers| ratio(own.busy, workers * evidence.after.secs));
    let busy = taken.map_or_else(String::new, |taken| {
        format!("; {} of its workers are taken all the same", percent(taken))
    });
    let text = format!(
        "{} of the working time at {name} goes to what nobody waits for{busy}.",
        percent(share)
    );
    let finding = Finding::new(Kind::ForNobody, certainty, text).of(name);
    let finding = finding.with("share", share, "share");
    Some(taken.map_or(finding.clone(), |taken| finding.with("taken", taken, "share")))
}

/// The same run without its triggers.
pub fn control(evidence: &Evidence<'_>) -> Option<Finding> {
    let trigger = evidence.trigger.as_ref()?;
    let (own, calm) = (evidence.since.all_users(), evidence.control.all_users());
    let share = |users: super::tally::Tally| ratio(users.good, users.calls);
    let stood = match evidence.control_tipped {
        true => "tips all the same, so the trigger is not needed for it",
        false => "does not tip",
    };
    let certainty = if evidence.control_tipped { Certainty::Weak } else { Certainty::Clear };
    let text = format!(
        "The same users meet the same service times without the trigger: the system {stood}. From \
         {} to the end {} of what is offered succeeds, instead of {}.",
        trigger.from.min(Time::ZERO + evidence.graph.time),
        percent(share(calm)),
        percent(share(own))
    );
    let finding = Finding::new(Kind::Control, certainty, text);
    Some(finding.with("with", share(own), "share").with("without", share(calm), "share"))
}

/// Where a service's working time went, from the trigger to the end.
pub fn work(evidence: &Evidence<'_>, service: usize) -> Option<Finding> {
    let phase: &Phase = match evidence.trigger {
        Some(_) => &evidence.since,
        None => &evidence.before,
    };
    let own = &phase.services[service];
    if own.work <= IDLE * phase.secs {
        return None;
    }
    let of = |part: f64| percent(ratio(part, own.work));
    let causes = [
        (own.vain[TIMED_OUT], "whose caller's time was up"),
        (own.vain[LEFT], "whose caller had left"),
        (
            own.vain[FURTHER_UP],
            "for which nobody waited any more further up, or that was broken off",
        ),
    ];
    let wasted = causes.iter().filter(|(part, _)| ratio(*part, own.work) >= IDLE);
    let wasted: Vec<String> =
        wasted.map(|(part, why)| format!("{} on attempts {why}", of(*part))).collect();
    let name = evidence.name(service);
    let useful = own.work - own.in_vain();
    let text = match wasted.is_empty() {
        true => format!("{name} worked {}, all of it for somebody.", secs(own.work)),
        false => format!(
            "{name} worked {}: {} for somebody, {}.",
            secs(own.work),
            of(useful),
            wasted.join(", ")
        ),
    };
    let finding = Finding::new(Kind::Work, Certainty::Clear, text).of(name);
    let finding = finding.with("work", own.work, "s").with("useful", useful, "s");
    let [timed_out, left, further_up] = own.vain;
    let finding = finding.with("timed_out", timed_out, "s").with("left", left, "s");
    Some(finding.with("further_up", further_up, "s"))
}
