//! Running totals of one target: what a window needs is the difference of two of these.

use super::query::{Count, Level, TALLIED, Tallied, Window};
use crate::death::{HOWS, How};
use brownout_core::Time;

/// How many kinds of level there are.
pub const LEVELS: usize = 3;
/// How many kinds of count there are.
pub const COUNTS: usize = Count::Leaked as usize + 1;

/// What is counted of every attempt: few numbers, so that those of many targets are close together.
#[derive(Debug, Clone, Copy, Default)]
pub struct Often {
    /// Calls begun.
    pub offered: u64,
    /// Attempts sent.
    pub attempts: u64,
    /// Attempts that came in.
    pub arrived: u64,
    /// Attempts worked to the end.
    pub finished: u64,
    /// Worker time spent, ns.
    pub worked_ns: u64,
}

/// Totals since the start of the run.
#[derive(Debug, Clone, Default)]
pub struct Tally {
    /// What is counted of every attempt.
    pub often: Often,
    /// Calls ended well.
    pub good: u64,
    /// Calls ended badly.
    pub bad: u64,
    /// Of those, turned away by policies of their own caller.
    pub turned_away: u64,
    /// By [`Count`], but for what is counted often.
    counts: [u64; COUNTS],
    /// Worker time spent on attempts that nobody waited for any more, ns.
    pub wasted_ns: u64,
    /// Worker time spent on what nobody waited for when it began, ns.
    pub dead_ns: u64,
    /// Requests that died here, or of this load, by [`How`]; kept if anyone asked.
    died: Option<Box<[u64; HOWS]>>,
    /// What only some experiments ask for.
    more: Option<Box<More>>,
    /// What changes over time.
    pub levels: Levels,
}

/// What is counted only if somebody asks.
#[derive(Debug, Clone, Default)]
struct More {
    /// By [`Tallied`].
    counts: [u64; TALLIED],
    /// Connections that are lent.
    lent: Standing,
}

impl Tally {
    /// Adds one to a count that is not among those of every attempt.
    pub fn count(&mut self, count: Count) {
        one_more(&mut self.counts[count as usize]);
    }

    /// How many there were.
    pub fn counted(&self, count: Count) -> u64 {
        match count {
            Count::Arrived => self.often.arrived,
            Count::Finished => self.often.finished,
            _ => self.counts[count as usize],
        }
    }

    /// Keeps count of deaths from now on.
    pub fn keep_deaths(&mut self) {
        self.died.get_or_insert_default();
    }

    /// Keeps count of what else there is from now on.
    pub fn keep_more(&mut self) {
        self.more.get_or_insert_default();
    }

    /// Counts one of these, if that was asked for.
    pub fn more(&mut self, what: Tallied) {
        if let Some(more) = &mut self.more {
            one_more(&mut more.counts[what as usize]);
        }
    }

    /// How many there were, if that was asked for.
    pub fn tallied(&self, what: Tallied) -> u64 {
        self.more.as_ref().map_or(0, |more| more.counts[what as usize])
    }

    /// One connection more is lent, or one less.
    pub fn lend(&mut self, at: Time, step: i32) {
        if let Some(more) = &mut self.more {
            more.lent.shift(at, step);
        }
    }

    /// Σ connections lent · ns, as [`Levels::area`].
    pub fn lent_area(&self) -> u128 {
        self.more.as_ref().map_or(0, |more| more.lent.area(self.levels.since))
    }

    /// Counts a death, if that was asked for.
    pub fn died(&mut self, how: How) {
        if let Some(died) = &mut self.died {
            one_more(&mut died[how as usize]);
        }
    }

    /// Deaths of one kind, or of all.
    pub fn deaths(&self, how: Option<How>) -> u64 {
        let Some(died) = &self.died else { return 0 };
        match how {
            None => died.iter().sum(),
            // Those of which nobody knows where they were, and all others.
            Some(How::TimedOut) => {
                let timed_out = How::EVERY.into_iter().filter(|how| how.is_timeout());
                timed_out.map(|how| died[how as usize]).sum()
            }
            Some(how) => died[how as usize],
        }
    }
}

/// Counts one. No count reaches 2⁶⁴, so none pays for the check that it has not.
#[inline(always)]
pub(super) const fn one_more(count: &mut u64) {
    *count = count.wrapping_add(1);
}

/// The levels of one target and their integrals over time.
#[derive(Debug, Clone, Default)]
pub struct Levels {
    /// Where they stand, when they are read.
    pub every: Standings,
    /// Replicas that do not take requests, of a service whose replicas come and go.
    absent: Standing,
    /// When [`Levels::advance`] was last called.
    since: Time,
    /// What only some experiments ask for.
    detail: Option<Box<Detail>>,
}

/// One level and its integral in one number, so that a step is one addition: the level in units of
/// 2⁹⁶, and Σ ns of steps down − Σ ns of steps up. With level · now that is Σ level · ns; it is
/// worked out where it is read. No level reaches 2³² and no time 2⁶³ ns.
#[derive(Debug, Clone, Copy, Default)]
pub struct Standing(i128);

impl Standing {
    /// What a step up adds at the beginning of time.
    const UNIT: i128 = 1 << 96;

    /// Steps up (1) or down (−1).
    #[inline(always)]
    pub fn shift(&mut self, at: Time, step: i32) {
        debug_assert!(step >= 0 || self.now() > 0, "what goes down was up");
        let one = Standing::UNIT.wrapping_sub(i128::from(at.nanos()));
        self.0 = self.0.wrapping_add(i128::from(step).wrapping_mul(one));
    }

    /// Σ ns of steps down − Σ ns of steps up.
    const fn steps(self) -> i128 {
        (self.0 << 32) >> 32
    }

    /// The level.
    const fn now(self) -> u32 {
        (self.0.wrapping_sub(self.steps()) / Standing::UNIT) as u32
    }

    fn area(self, until: Time) -> u128 {
        (self.steps() + i128::from(self.now()) * i128::from(until.nanos())).unsigned_abs()
    }
}

/// All levels of a target, by [`Level`].
#[derive(Debug, Clone, Copy, Default)]
pub struct Standings([Standing; LEVELS]);

impl Standings {
    /// Steps up (1) and down (−1).
    #[inline(always)]
    pub fn shift(&mut self, at: Time, steps: [i32; LEVELS]) {
        for (level, step) in self.0.iter_mut().zip(steps) {
            level.shift(at, step);
        }
    }
}

/// Integrals that cost too much to keep for everyone.
#[derive(Debug, Clone, Default)]
struct Detail {
    /// Σ level² · ns.
    square: [u128; LEVELS],
    /// ns at each level, up to [`OCCUPANCY_MAX`]; the last place holds everything above.
    occupancy: [Vec<u64>; LEVELS],
    /// The highest level in a window.
    maxima: Vec<(Level, Window, u32)>,
}

/// Levels above this are counted together.
const OCCUPANCY_MAX: usize = 4_096;

impl Levels {
    /// Keeps squares and occupancies too.
    pub fn keep_detail(&mut self) {
        self.detail.get_or_insert_default();
    }

    /// Keeps the maximum of a level in a window.
    pub fn keep_max(&mut self, level: Level, window: Window) {
        self.detail.get_or_insert_default().maxima.push((level, window, 0));
    }

    /// Whether more is kept than levels and their integrals.
    pub fn have_detail(&self) -> bool {
        self.detail.is_some()
    }

    /// Looks at steps that are about to be made from where they stand, if detail is kept.
    #[inline(always)]
    pub fn look(&mut self, at: Time, stand: &Standings, steps: [i32; LEVELS]) {
        if self.detail.is_some() {
            self.every = *stand;
            self.look_closely(at, steps);
        }
    }

    /// Steps of the number of replicas that do not take requests.
    pub fn shift_absent(&mut self, at: Time, step: i32) {
        self.absent.shift(at, step);
    }

    /// Σ replicas that do not take requests · ns, as [`Levels::area`].
    pub fn absent_area(&self) -> u128 {
        self.absent.area(self.since)
    }

    #[cold]
    #[inline(never)]
    fn look_closely(&mut self, at: Time, steps: [i32; LEVELS]) {
        self.advance(at);
        let Some(detail) = &mut self.detail else { return };
        for (level, step) in steps.into_iter().enumerate() {
            if step > 0 {
                detail.raise(level, self.every.0[level].now() + 1, at);
            }
        }
    }

    /// Brings the integrals up to `at`, for reading.
    pub fn advance(&mut self, at: Time) {
        if at == self.since {
            return;
        }
        let lasted = (at - self.since).nanos();
        self.since = at;
        if let Some(detail) = &mut self.detail {
            detail.advance(self.every.0.map(Standing::now), lasted);
        }
    }

    /// The start of a window: its maxima begin at the present level.
    pub fn begin_maxima(&mut self, at: Time) {
        let every = self.every;
        if let Some(detail) = &mut self.detail {
            for (level, window, max) in &mut detail.maxima {
                if window.from == at {
                    *max = every.0[*level as usize].now();
                }
            }
        }
    }

    /// The level at the last step.
    pub fn now(&self, level: Level) -> u32 {
        self.every.0[level as usize].now()
    }

    /// Σ level · ns up to the last [`Levels::advance`], right until the next step.
    pub fn area(&self, level: Level) -> u128 {
        self.every.0[level as usize].area(self.since)
    }

    /// Σ level² · ns, if it was kept.
    pub fn square(&self, level: Level) -> u128 {
        self.detail.as_ref().map_or(0, |detail| detail.square[level as usize])
    }

    /// ns at exactly `k`, if it was kept.
    pub fn at_exactly(&self, level: Level, k: u32) -> u64 {
        let Some(detail) = &self.detail else { return 0 };
        detail.occupancy[level as usize].get(k as usize).copied().unwrap_or(0)
    }

    /// ns at less than `k`, if it was kept.
    pub fn below(&self, level: Level, k: u32) -> u64 {
        let Some(detail) = &self.detail else { return 0 };
        detail.occupancy[level as usize].iter().take(k as usize).sum()
    }

    /// The highest level in a window, if it was kept.
    pub fn max(&self, level: Level, window: Window) -> Option<u32> {
        let kept = self.detail.as_ref()?.maxima.iter();
        kept.filter(|kept| (kept.0, kept.1) == (level, window)).map(|kept| kept.2).next()
    }
}

impl Detail {
    fn advance(&mut self, now: [u32; LEVELS], lasted: u64) {
        for (number, level) in now.into_iter().enumerate() {
            let square = u128::from(level) * u128::from(level);
            self.square[number] += u128::from(lasted) * square;
            let place = (level as usize).min(OCCUPANCY_MAX);
            let occupancy = &mut self.occupancy[number];
            if occupancy.len() <= place {
                occupancy.resize(place + 1, 0);
            }
            occupancy[place] += lasted;
        }
    }

    fn raise(&mut self, level: usize, now: u32, at: Time) {
        for (which, window, max) in &mut self.maxima {
            if *which as usize == level && window.contains(at) {
                *max = (*max).max(now);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use brownout_core::Draws;

    #[test]
    fn a_level_and_its_integral_are_one_number_and_come_apart_as_they_were() {
        let (mut standing, mut draws) = (Standing::default(), Draws::open(1, 2));
        let (mut at, mut level, mut area) = (0, 0, 0);
        for nth in 0..10_000 {
            // Steps up prevail at first, and then those down; time goes on for two hundred years.
            let up = level == 0 || draws.unit() < if nth < 5_000 { 0.9 } else { 0.1 };
            standing.shift(Time::from_nanos(at), if up { 1 } else { -1 });
            level = if up { level + 1 } else { level - 1 };
            let lasts = (draws.unit() * 1.2e15) as u64;
            at += lasts;
            area += u128::from(level) * u128::from(lasts);
            assert_eq!(
                (standing.now(), standing.area(Time::from_nanos(at))),
                (level, area),
                "{nth}"
            );
        }
        assert!(at > 1 << 62, "{at}");
        let mut most = Standing::default();
        for step in [i32::MAX, i32::MAX, 1] {
            most.shift(Time::from_nanos(1 << 62), step);
        }
        let end = Time::from_nanos((1 << 63) - 1);
        assert_eq!(most.now(), u32::MAX);
        assert_eq!(most.area(end), u128::from(u32::MAX) * ((1 << 62) - 1));
    }

    #[test]
    fn a_level_is_averaged_squared_and_timed_by_hand() {
        let mut levels = Levels::default();
        let shift = |levels: &mut Levels, nanos, steps| {
            let (at, stand) = (Time::from_nanos(nanos), levels.every);
            levels.look(at, &stand, steps);
            levels.every.shift(at, steps);
        };
        let window = Window { from: Time::from_nanos(15), to: Time::from_nanos(100) };
        levels.keep_detail();
        levels.keep_max(Level::Queue, window);
        shift(&mut levels, 10, [1, 0, 0]);
        levels.begin_maxima(Time::from_nanos(15));
        shift(&mut levels, 20, [1, 0, 0]);
        shift(&mut levels, 40, [-1, 0, 0]);
        levels.advance(Time::from_nanos(50));
        assert_eq!(levels.area(Level::Queue), 10 + 40 + 10);
        assert_eq!(levels.square(Level::Queue), 10 + 80 + 10);
        assert_eq!(levels.at_exactly(Level::Queue, 2), 20);
        assert_eq!(levels.below(Level::Queue, 2), 30);
        assert_eq!(levels.max(Level::Queue, window), Some(2));
    }
}
