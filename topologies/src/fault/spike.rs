//! More users than usual: a load's rate with its spikes, known before the run.

use super::{Fault, Harm, Schedule, When};
use crate::graph::{Curve, LoadId, Piece, Profile};
use brownout_core::Time;
use brownout_core::random::Seed;

/// Whether a spike on a load may be broken off.
pub(crate) fn spikes_end(faults: &[Fault], load: LoadId) -> bool {
    let strikes = |fault: &Fault| matches!(fault.harm, Harm::Load { load: own, .. } if own == load);
    faults.iter().any(|fault| fault.abort.is_some() && strikes(fault))
}

/// The rate of a load under the faults that strike it, up to `end`, but for those that have been
/// broken off, by their places.
pub(crate) fn spiked(
    profile: &Profile,
    load: LoadId,
    faults: &[Fault],
    (seed, end): (Seed, Time),
    ended: &[u32],
) -> Profile {
    let mut profile = profile.clone();
    for (place, fault) in (0..).zip(faults) {
        if let (Harm::Load { load: own, by }, When::Planned(schedule)) = (&fault.harm, &fault.when)
            && *own == load
            && !ended.contains(&place)
        {
            let Curve::Pieces(pieces) = &mut profile.curve else {
                unreachable!("a spike on a wave is refused where it is read")
            };
            add(pieces, schedule, *by, (fault, seed), end);
        }
    }
    profile
}

fn add(
    pieces: &mut Vec<Piece>,
    schedule: &Schedule,
    by: f64,
    (fault, seed): (&Fault, Seed),
    end: Time,
) {
    let stream = seed.stream(&format!("fault {}", fault.name));
    let mut next = Some((0, schedule.at));
    while let Some((nth, begins)) = next.filter(|(_, begins)| *begins < end) {
        if schedule.happens(stream, nth) {
            let mut from = begins;
            while let Some(after) = schedule.change_after(from.since(begins)) {
                let to = begins.saturating_add(after);
                let strength = schedule.strength(from.since(begins));
                multiply(pieces, from, to, 1.0 + (by - 1.0) * strength);
                from = to;
                if from >= end {
                    break;
                }
            }
        }
        next = schedule.begin_after(nth).map(|begins| (nth + 1, begins));
    }
}

/// Multiplies a rate from one moment to another.
fn multiply(pieces: &mut Vec<Piece>, from: Time, to: Time, factor: f64) {
    cut(pieces, from);
    if to < Time::MAX {
        cut(pieces, to);
    }
    for piece in pieces.iter_mut().filter(|piece| from <= piece.from && piece.from < to) {
        piece.start_per_s *= factor;
        piece.end_per_s *= factor;
    }
}

/// Makes a piece begin at `at`, without changing the rate.
fn cut(pieces: &mut Vec<Piece>, at: Time) {
    let next = pieces.partition_point(|piece| piece.from <= at);
    let Some(before) = next.checked_sub(1).map(|last| pieces[last]) else { return };
    if before.from == at {
        return;
    }
    let rate = match pieces.get(next) {
        Some(after) => {
            let inside = at.since(before.from).as_secs() / after.from.since(before.from).as_secs();
            before.start_per_s + (before.end_per_s - before.start_per_s) * inside
        }
        None => before.end_per_s,
    };
    let level = before.start_per_s == before.end_per_s;
    let rate = if level { before.end_per_s } else { rate };
    pieces.insert(next, Piece { from: at, start_per_s: rate, ..before });
    if next < pieces.len() - 1 {
        pieces[next - 1].end_per_s = rate;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fault::Ramp;
    use brownout_core::Span;

    fn at(secs: f64) -> Time {
        Time::from_secs(secs)
    }

    /// The profile of a load under a spike to `by` times its rate, as (from, start, end).
    fn pieces(profile: &Profile, schedule: Schedule, by: f64) -> Vec<(f64, f64, f64)> {
        let harm = Harm::Load { load: LoadId(0), by };
        let when = When::Planned(schedule);
        let fault = Fault { name: "spike".to_owned(), harm, when, abort: None };
        let spiked = spiked(profile, LoadId(0), &[fault], (Seed::new(1), at(1e3)), &[]);
        let told = |piece: &Piece| (piece.from.as_secs(), piece.start_per_s, piece.end_per_s);
        let Curve::Pieces(pieces) = &spiked.curve else { panic!("it had pieces") };
        pieces.iter().map(told).collect()
    }

    #[test]
    fn a_spike_multiplies_the_rate_while_it_lasts() {
        let level = Profile::level(10.0);
        let schedule = Schedule::once(at(5.0), Span::from_secs(2.0));
        let expected = [(0.0, 10.0, 10.0), (5.0, 30.0, 30.0), (7.0, 10.0, 10.0)];
        assert_eq!(pieces(&level, schedule.clone(), 3.0), expected);
        // To the end, and from the beginning.
        let for_ever = Schedule::once(Time::ZERO, Span::MAX);
        assert_eq!(pieces(&level, for_ever, 0.0), [(0.0, 0.0, 0.0)]);
        let twice = Schedule { every: Some(Span::from_secs(10.0)), times: Some(2), ..schedule };
        assert_eq!(pieces(&level, twice, 3.0)[3], (15.0, 30.0, 30.0));
    }

    #[test]
    fn a_spike_on_a_slope_cuts_it_where_it_begins_and_ends() {
        let slope = Piece { from: Time::ZERO, start_per_s: 0.0, end_per_s: 10.0 };
        let top = Piece { from: at(10.0), start_per_s: 10.0, end_per_s: 10.0 };
        let profile = Profile::pieces(vec![slope, top]);
        let schedule = Schedule::once(at(2.0), Span::from_secs(4.0));
        let expected = [(0.0, 0.0, 2.0), (2.0, 4.0, 12.0), (6.0, 6.0, 10.0), (10.0, 10.0, 10.0)];
        assert_eq!(pieces(&profile, schedule, 2.0), expected);
    }

    #[test]
    fn a_spike_with_a_ramp_grows_in_steps() {
        let ramp = Ramp { up: Span::from_secs(2.0), down: Span::ZERO, steps: 2 };
        let schedule = Schedule { ramp, ..Schedule::once(at(1.0), Span::from_secs(4.0)) };
        let found = pieces(&Profile::level(10.0), schedule, 3.0);
        let rates: Vec<(f64, f64)> = found.iter().map(|piece| (piece.0, piece.1)).collect();
        assert_eq!(rates, [(0.0, 10.0), (1.0, 15.0), (2.0, 25.0), (3.0, 30.0), (5.0, 10.0)]);
    }
}
