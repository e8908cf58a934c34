//! One course of events: occurrences of a planned fault, or breakdowns and repairs at random.

use super::choice::Chosen;
use super::{Breakdowns, Part, Schedule};
use crate::graph::ServiceId;
use crate::meter::Meter;
use brownout_core::dist::Sampler;
use brownout_core::random::Stream;
use brownout_core::{Span, Time};

/// Purposes of a fault's own draws, besides whether it happens.
pub(super) const CHOICE: u64 = 2;
const UP: u64 = 3;
const DOWN: u64 = 4;

/// Its present state, and what comes next.
#[derive(Debug)]
pub(super) struct Process {
    /// Its fault's place in the graph.
    pub(super) fault: u32,
    /// Names its draws.
    pub(super) stream: Stream,
    /// The replica that it is about alone, if it is.
    pub(super) own: Option<(ServiceId, u32)>,
    /// Which occurrence is at work or comes next, from 0.
    nth: u64,
    /// When that occurrence begins.
    begins: Time,
    /// In [0, 1]; zero is not at work.
    pub(super) strength: f64,
    /// Whom it strikes.
    pub(super) chosen: Chosen,
    /// Whether it was broken off.
    pub(super) is_over: bool,
    /// Busy time on the way to its next breakdown, if only such time counts.
    wear: Option<Wear>,
}

/// Busy time on the way to a breakdown.
#[derive(Debug, Clone, Copy)]
struct Wear {
    /// What the replica's meter showed after the last repair.
    from: Span,
    /// How much it takes.
    limit: Span,
}

/// The times of breakdowns and repairs, ready to be drawn.
#[derive(Debug)]
pub(super) struct Rhythm {
    up: Sampler,
    down: Sampler,
}

impl Rhythm {
    pub(super) fn of(breakdowns: &Breakdowns) -> Rhythm {
        Rhythm { up: breakdowns.up.sampler(), down: breakdowns.down.sampler() }
    }
}

/// What becomes of a process at its moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Turn {
    /// Whether it strikes otherwise than before.
    pub(super) strikes: bool,
    /// When it turns next, if it does.
    pub(super) due: Option<Time>,
}

impl Process {
    /// A process that waits for its first occurrence.
    pub(super) fn new(
        fault: u32,
        stream: Stream,
        own: Option<(ServiceId, u32)>,
        begins: Time,
    ) -> Process {
        Process {
            fault,
            stream,
            own,
            nth: 0,
            begins,
            strength: 0.0,
            chosen: Chosen::default(),
            is_over: false,
            wear: None,
        }
    }

    /// A planned fault begins, changes its strength or ends.
    pub(super) fn follow(
        &mut self,
        schedule: &Schedule,
        parts: &[Part],
        size: impl Fn(&Part) -> u32,
        now: Time,
    ) -> Turn {
        if self.strength == 0.0 {
            if !schedule.happens(self.stream, self.nth) {
                return Turn { strikes: false, due: self.next(schedule) };
            }
            self.chosen.draw(parts, size, self.stream.member(CHOICE), self.nth);
        }
        let since = now.since(self.begins);
        self.strength = schedule.strength(since);
        let due = match schedule.change_after(since) {
            Some(span) => Some(self.begins.saturating_add(span)),
            None => self.next(schedule),
        };
        Turn { strikes: true, due }
    }

    /// Goes on to the next occurrence; when it begins, if there is one.
    fn next(&mut self, schedule: &Schedule) -> Option<Time> {
        let begins = schedule.begin_after(self.nth)?;
        (self.nth, self.begins) = (self.nth + 1, begins);
        Some(begins)
    }

    /// When it first breaks down, or when its wear begins to be looked at.
    pub(super) fn first(&self, breakdowns: &Breakdowns, rhythm: &Rhythm) -> Option<Time> {
        match breakdowns.while_busy {
            true => Some(self.begins),
            false => self.breaks(self.begins, breakdowns, rhythm),
        }
    }

    fn breaks(&self, from: Time, breakdowns: &Breakdowns, rhythm: &Rhythm) -> Option<Time> {
        let at = from.saturating_add(self.draw(UP, &rhythm.up));
        (at < breakdowns.until).then_some(at)
    }

    fn draw(&self, purpose: u64, sampler: &Sampler) -> Span {
        let mut draws = self.stream.member(purpose).draws(self.nth);
        Span::round(sampler.sample(&mut draws, self.nth))
    }

    /// Something breaks down or is repaired. `meter` is that of its replica, if only busy time
    /// counts.
    pub(super) fn turn(
        &mut self,
        breakdowns: &Breakdowns,
        rhythm: &Rhythm,
        meter: Option<&mut Meter>,
        now: Time,
    ) -> Turn {
        if self.strength > 0.0 {
            self.strength = 0.0;
            self.nth += 1;
            let due = match meter {
                None => self.breaks(now, breakdowns, rhythm),
                Some(meter) => self.wears_until(breakdowns, rhythm, meter, now).err().flatten(),
            };
            return Turn { strikes: true, due };
        }
        if let Some(meter) = meter
            && let Err(due) = self.wears_until(breakdowns, rhythm, meter, now)
        {
            return Turn { strikes: false, due };
        }
        self.strength = 1.0;
        self.wear = None;
        let repaired = now.saturating_add(self.draw(DOWN, &rhythm.down));
        Turn { strikes: true, due: Some(repaired.min(breakdowns.until)) }
    }

    /// `Ok` if it is worn out; else when to look again, which without work is when there is some.
    fn wears_until(
        &mut self,
        breakdowns: &Breakdowns,
        rhythm: &Rhythm,
        meter: &mut Meter,
        now: Time,
    ) -> Result<(), Option<Time>> {
        let (limit, shown) = (self.draw(UP, &rhythm.up), meter.read(now));
        let Wear { from, limit } = *self.wear.get_or_insert(Wear { from: shown, limit });
        let left = limit.saturating_sub(shown.saturating_sub(from));
        if left.is_zero() {
            return Ok(());
        }
        let at = now.saturating_add(left);
        Err((meter.is_busy_or_tells() && at < breakdowns.until).then_some(at))
    }
}
