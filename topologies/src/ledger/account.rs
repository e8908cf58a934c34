//! The account of a service, an endpoint or a load: what is written about it, if anyone asked.

use super::query::{Count, Phase};
use super::tally::{LEVELS, Often, Standings, Tally, one_more};
use super::tracks::{Followed, Track};
use super::{Leaving, Row};
use crate::activation::{Hold, Holds};
use brownout_core::digest::Entity;
use brownout_core::{Span, Time};
use brownout_policies::outcome::{Outcome, Seen};
use std::mem;

/// Everything that is known about one target: what is counted of every attempt, in two lines of
/// cache, and the rest.
#[derive(Debug, Default)]
#[repr(C, align(64))]
pub(super) struct Account {
    /// What the digest calls it.
    pub(super) name: Entity,
    /// How much is kept of it.
    kept: Kept,
    /// What is counted of every attempt.
    pub(super) often: Often,
    pub(super) rest: Box<Rest>,
    /// Where its levels stand.
    levels: Standings,
    /// Latencies of calls.
    latencies: Box<[Track]>,
}

/// What is written about a target if somebody asked, or if something out of the ordinary happens.
#[derive(Debug, Default)]
pub(super) struct Rest {
    /// All totals, but for what stands beside it: see [`Account::tally`].
    pub(super) tally: Tally,
    /// Waits for connections that lead there.
    pub(super) pool_waits: Box<[Track]>,
    /// Stretches of activations, by [`Phase`].
    pub(super) inside: [Box<[Track]>; 4],
}

/// How much is kept of a target.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
enum Kept {
    /// Nothing but counts and levels: nobody asked about it.
    #[default]
    Counts,
    /// How calls end, too.
    Totals,
    /// Stretches of activations, or the detail of levels, too.
    Closely,
}

impl Account {
    /// An empty one, of whom the digest calls so.
    pub(super) fn of(name: Entity) -> Account {
        Account { name, ..Account::default() }
    }

    /// All totals so far.
    pub(super) fn tally(&mut self) -> &mut Tally {
        let tally = &mut self.rest.tally;
        (tally.often, tally.levels.every) = (self.often, self.levels);
        tally
    }

    /// Adds one to a count.
    #[inline]
    pub(super) fn count(&mut self, count: Count) {
        match count {
            Count::Arrived => one_more(&mut self.often.arrived),
            Count::Finished => one_more(&mut self.often.finished),
            _ => self.rest.tally.count(count),
        }
    }

    /// Adds a piece of work.
    #[inline(always)]
    pub(super) fn worked(&mut self, took: Span, for_nobody: bool, dead: bool) {
        self.often.worked_ns += took.nanos();
        if for_nobody {
            self.rest.tally.wasted_ns += took.nanos();
        }
        if dead {
            self.rest.tally.dead_ns += took.nanos();
        }
    }

    /// Somebody asked about it.
    pub(super) fn keep(&mut self) {
        self.kept = self.kept.max(Kept::Totals);
    }

    /// All that anybody asked is known: whether it has to be looked at closely.
    pub(super) fn settle(&mut self) {
        let follows = self.rest.inside.iter().any(|tracks| !tracks.is_empty());
        if follows || self.rest.tally.levels.have_detail() {
            self.kept = Kept::Closely;
        }
    }

    /// Whether anyone asked about it.
    #[inline(always)]
    pub(super) fn is_kept(&self) -> bool {
        self.kept != Kept::Counts
    }

    /// The tracks that follow the same thing.
    pub(super) fn tracks(&self, followed: Followed) -> &[Track] {
        match followed {
            Followed::Latency => &self.latencies,
            Followed::Pool => &self.rest.pool_waits,
            Followed::Inside(phase) => &self.rest.inside[phase as usize],
        }
    }

    /// One more track; its place among those that follow the same thing.
    pub(super) fn follow(&mut self, followed: Followed, track: Track) -> usize {
        let tracks = self.tracks_mut(followed);
        let mut more = mem::take(tracks).into_vec();
        more.push(track);
        *tracks = more.into();
        tracks.len() - 1
    }

    /// Counts what waits to be counted: the run is over.
    pub(super) fn close(&mut self) {
        let Rest { pool_waits, inside, .. } = &mut *self.rest;
        let tracks = inside.iter_mut().chain([pool_waits, &mut self.latencies]);
        tracks.flatten().for_each(Track::settle);
    }

    pub(super) fn tracks_mut(&mut self, followed: Followed) -> &mut Box<[Track]> {
        match followed {
            Followed::Latency => &mut self.latencies,
            Followed::Pool => &mut self.rest.pool_waits,
            Followed::Inside(phase) => &mut self.rest.inside[phase as usize],
        }
    }

    /// Something has happened to an activation.
    #[inline(always)]
    pub(super) fn activation(&mut self, at: Time, row: Row<'_>) {
        match row {
            Row::Entered { at_work, .. } => self.entered(at, at_work),
            Row::Requeued { .. } => self.requeued(at),
            Row::TookWorker { first, .. } => self.took_worker(at, first),
            Row::FreedWorker { .. } => self.freed_worker(at),
            Row::WorkDone { took, for_nobody, dead, .. } => {
                self.worked(took, for_nobody, dead);
            }
            Row::WorkStopped { took, dead, .. } => self.worked(took, true, dead),
            Row::Left { how, times, held, .. } => self.left(at, how, held, times),
            _ => unreachable!("it is a row about an activation"),
        }
    }

    #[inline(always)]
    fn entered(&mut self, at: Time, at_work: bool) {
        self.count(Count::Arrived);
        let steps = if at_work { [0, 1, 1] } else { [1, 1, 0] };
        if self.kept == Kept::Closely {
            self.look_closely(at, steps, at_work.then_some(at));
        } else {
            self.levels.shift(at, steps);
        }
    }

    #[inline(always)]
    fn took_worker(&mut self, at: Time, first: Option<Time>) {
        let steps = [-1, 0, 1];
        if self.kept == Kept::Closely {
            self.look_closely(at, steps, first);
        } else {
            self.levels.shift(at, steps);
        }
    }

    /// Levels change, and one takes its first worker who came at a moment.
    #[inline(never)]
    fn look_closely(&mut self, at: Time, steps: [i32; LEVELS], first: Option<Time>) {
        self.shift_closely(at, steps);
        if let Some(arrived) = first {
            self.inside(Phase::Wait, arrived, at - arrived);
        }
    }

    /// One takes a worker where it is told apart how many are in use: whether it begins, whether it
    /// waited, and when it came, if this is its first.
    pub(super) fn seated(
        &mut self,
        at: Time,
        (entered, waited, first): (bool, bool, Option<Time>),
    ) {
        if entered {
            self.count(Count::Arrived);
        }
        self.look_closely(at, [-i32::from(waited), i32::from(entered), 0], first);
    }

    /// More or fewer workers are in use.
    pub(super) fn in_use(&mut self, at: Time, step: i32) {
        self.shift(at, [0, 0, step]);
    }

    #[inline]
    pub(super) fn requeued(&mut self, at: Time) {
        self.shift(at, [1, 0, 0]);
    }

    #[inline(always)]
    fn freed_worker(&mut self, at: Time) {
        self.shift(at, [0, 0, -1]);
    }

    /// Levels change of which more may be kept.
    #[inline(always)]
    fn shift_closely(&mut self, at: Time, steps: [i32; LEVELS]) {
        self.rest.tally.levels.look(at, &self.levels, steps);
        self.levels.shift(at, steps);
    }

    /// Levels change.
    #[inline(always)]
    pub(super) fn shift(&mut self, at: Time, steps: [i32; LEVELS]) {
        if self.kept == Kept::Closely {
            self.shift_closely(at, steps);
        } else {
            self.levels.shift(at, steps);
        }
    }

    #[inline(always)]
    fn left(&mut self, at: Time, how: Leaving, held: Holds, (arrived, served): (Time, Span)) {
        self.count(match how {
            Leaving::Finished => Count::Finished,
            Leaving::Failed | Leaving::DependencyFailed => Count::Failed,
            Leaving::Shed => Count::Shed,
            Leaving::Cancelled => Count::Cancelled,
            Leaving::Crashed => Count::Lost,
            Leaving::Expired => Count::Expired,
            Leaving::Rejected => Count::Rejected,
        });
        let places = -i32::from(held.has(Hold::Place) || held.has(Hold::Door));
        let steps = [places, -1, -i32::from(held.has(Hold::Worker))];
        if self.kept != Kept::Closely {
            return self.levels.shift(at, steps);
        }
        self.shift_closely(at, steps);
        if how == Leaving::Finished {
            self.stayed(at, arrived, served);
        }
    }

    /// One has finished who came at a moment, and workers have been at it so long.
    #[inline(never)]
    fn stayed(&mut self, at: Time, arrived: Time, served: Span) {
        self.inside(Phase::Service, arrived, served);
        self.inside(Phase::Sojourn, arrived, at - arrived);
    }

    /// A branch has left; it was no attempt of its own.
    pub(super) fn branch_left(&mut self, at: Time, held: Holds) {
        let step = |hold| -i32::from(held.has(hold));
        self.shift(at, [step(Hold::Place), 0, step(Hold::Worker)]);
    }

    /// A call of an endpoint has ended.
    pub(super) fn call_ended(&mut self, at: Time, intended: Time, outcome: Outcome) {
        if outcome.seen == Seen::Rejected {
            one_more(&mut self.rest.tally.turned_away);
        }
        if self.is_kept() {
            self.end_call(at, intended, outcome.is_success());
        }
    }

    #[inline(always)]
    pub(super) fn end_call(&mut self, at: Time, intended: Time, good: bool) {
        one_more(if good { &mut self.rest.tally.good } else { &mut self.rest.tally.bad });
        for track in &mut self.latencies {
            if good {
                track.time(intended, at - intended);
            } else {
                track.failure(intended, at - intended);
            }
        }
    }

    #[inline(always)]
    pub(super) fn inside(&mut self, phase: Phase, arrived: Time, time: Span) {
        for track in &mut self.rest.inside[phase as usize] {
            track.time(arrived, time);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::mem::offset_of;

    #[test]
    fn what_is_counted_of_every_attempt_is_two_lines_of_cache() {
        assert_eq!(size_of::<Account>(), 128);
        assert_eq!(offset_of!(Account, levels), 64);
    }
}
