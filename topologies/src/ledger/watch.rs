//! Monitors at work: scraped at their moments, with the state of their alarms over time.

use super::Ledger;
use super::query::{MonitorStat, Query, Value, Window};
use super::tally::{Often, Tally};
use super::tracks::{Followed, Rolling, Track, stat_of};
use super::verdict::triggers;
use crate::graph::{Graph, MonitorId};
use crate::monitor::{Counted, Gauge, Monitor};
use brownout_core::histogram::Histogram;
use brownout_core::{Span, Time};
use std::collections::VecDeque;

/// Every monitor of a run.
#[derive(Debug, Default)]
pub(super) struct Watches {
    all: Vec<Watch>,
    /// When the next scrape is due.
    next: Option<Time>,
    /// Those that began to fire at the last scrape.
    began: Vec<MonitorId>,
}

/// One monitor at work.
#[derive(Debug)]
struct Watch {
    monitor: Monitor,
    next: Time,
    /// What the scrapes in the window found, oldest first.
    slices: VecDeque<Slice>,
    /// Where its times are collected, among the tracks of its target.
    track: Option<usize>,
    /// Totals at the last scrape.
    last: Counts,
    state: State,
    /// For each moment at which something may begin to be detected: when it first fired since.
    first_since: Vec<(Time, Option<Time>)>,
    /// For each window that someone asked about, what firing there was so far, without the present.
    asked: Vec<(Window, Fired)>,
}

/// How an alarm stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// The last reading was not alarming, or there was none.
    Quiet,
    /// Readings are alarming, but not for long enough.
    Pending { since: Time },
    /// It fires.
    Firing { since: Time },
}

/// What one scrape found.
#[derive(Debug, Default)]
struct Slice {
    /// Times of what ended since the last one, ns.
    times: Histogram,
    counts: Counts,
    /// At the moment of the scrape.
    level: f64,
}

/// Numbers of calls and attempts.
#[derive(Debug, Clone, Copy, Default)]
struct Counts {
    offered: u64,
    good: u64,
    bad: u64,
    turned_away: u64,
    attempts: u64,
}

/// Firing in a window.
#[derive(Debug, Clone, Copy, Default)]
struct Fired {
    ever: bool,
    nanos: u64,
}

impl Fired {
    fn add(&mut self, window: Window, from: Time, to: Time) {
        let (from, to) = (from.max(window.from), to.min(window.to));
        if from < to {
            self.ever = true;
            self.nanos += to.since(from).nanos();
        }
    }
}

impl Counts {
    fn of(tally: &Tally) -> Counts {
        let Tally { often: Often { offered, attempts, .. }, good, bad, turned_away, .. } = *tally;
        Counts { offered, good, bad, turned_away, attempts }
    }

    fn since(self, last: Counts) -> Counts {
        Counts {
            offered: self.offered - last.offered,
            good: self.good - last.good,
            bad: self.bad - last.bad,
            turned_away: self.turned_away - last.turned_away,
            attempts: self.attempts - last.attempts,
        }
    }

    fn add(&mut self, other: Counts) {
        self.offered += other.offered;
        self.good += other.good;
        self.bad += other.bad;
        self.turned_away += other.turned_away;
        self.attempts += other.attempts;
    }

    fn number(self, of: Counted) -> u64 {
        match of {
            Counted::Offered => self.offered,
            Counted::Throughput => self.good + self.bad,
            Counted::Goodput => self.good,
            Counted::Errors => self.bad,
            Counted::TurnedAway => self.turned_away,
            Counted::Attempts => self.attempts,
        }
    }
}

impl Watch {
    /// What the window says; `None` without data.
    fn reading(&self) -> Option<f64> {
        let mut counts = Counts::default();
        self.slices.iter().for_each(|slice| counts.add(slice.counts));
        match self.monitor.gauge {
            Gauge::Times { stat, .. } => {
                let mut times = new_histogram();
                self.slices.iter().for_each(|slice| times.merge(&slice.times));
                stat_of(&times, stat)
            }
            Gauge::Rate(_, of) => {
                let seconds = self.monitor.every.as_secs() * self.slices.len() as f64;
                Some(counts.number(of) as f64 / seconds)
            }
            Gauge::ErrorShare(_) => {
                let ended = counts.good + counts.bad;
                (ended > 0).then(|| counts.bad as f64 / ended as f64)
            }
            Gauge::Level(..) => {
                let sum: f64 = self.slices.iter().map(|slice| slice.level).sum();
                Some(sum / self.slices.len() as f64)
            }
        }
    }

    /// The next state after a reading; whether it begins to fire.
    fn step(&mut self, now: Time) -> bool {
        let raised = self.monitor.alarm.is_raised(self.reading());
        let was = self.state;
        self.state = match (was, raised) {
            (State::Quiet | State::Pending { .. } | State::Firing { .. }, false) => State::Quiet,
            (State::Firing { since }, true) => State::Firing { since },
            (State::Quiet, true) => self.pending(now, now),
            (State::Pending { since }, true) => self.pending(since, now),
        };
        if let (State::Firing { since }, false) = (was, raised) {
            self.asked.iter_mut().for_each(|(window, fired)| fired.add(*window, since, now));
        }
        let fires = matches!(self.state, State::Firing { .. });
        if fires {
            for (from, first) in &mut self.first_since {
                if now >= *from && first.is_none() {
                    *first = Some(now);
                }
            }
        }
        fires && !matches!(was, State::Firing { .. })
    }

    /// Alarming since then: still pending, or for long enough.
    fn pending(&self, since: Time, now: Time) -> State {
        match now.since(since) >= self.monitor.hold {
            true => State::Firing { since: now },
            false => State::Pending { since },
        }
    }

    /// How long after `from` it fired; already firing is at once.
    fn detected(&self, from: Time) -> Option<Span> {
        let (_, first) = self.first_since.iter().find(|(own, _)| *own == from)?;
        first.map(|first| first.since(from))
    }

    fn fired(&self, window: Window, end: Time) -> Fired {
        let asked = self.asked.iter().find(|(own, _)| *own == window);
        let mut fired = asked.map_or_else(Fired::default, |(_, fired)| *fired);
        if let State::Firing { since } = self.state {
            fired.add(window, since, end);
        }
        fired
    }
}

/// Native histograms of metrics systems are about as fine: within 3 %.
fn new_histogram() -> Histogram {
    Histogram::new(5)
}

impl Ledger {
    /// Sets up the monitors of `graph`.
    pub(super) fn watch(&mut self, graph: &Graph) {
        for monitor in &graph.monitors {
            let target = monitor.gauge.target();
            let account = self.account_mut(target);
            account.keep();
            let track = match monitor.gauge {
                Gauge::Times { phase, all, .. } => {
                    let followed = phase.map_or(Followed::Latency, Followed::Inside);
                    let rolling = if all { Rolling::All } else { Rolling::Successes };
                    Some(account.follow(followed, Track::rolling(new_histogram(), rolling)))
                }
                Gauge::Rate(..) | Gauge::ErrorShare(_) | Gauge::Level(..) => None,
            };
            let mut moments: Vec<Time> =
                triggers(graph).iter().map(|trigger| trigger.from).collect();
            moments.sort_unstable();
            moments.dedup();
            self.watches.all.push(Watch {
                next: Time::ZERO + monitor.every,
                monitor: monitor.clone(),
                slices: VecDeque::new(),
                track,
                last: Counts::default(),
                state: State::Quiet,
                first_since: moments.into_iter().map(|from| (from, None)).collect(),
                asked: Vec::new(),
            });
        }
        self.watches.find_next();
    }

    /// Makes sure that a question about a monitor can be answered at the end.
    pub(super) fn prepare_monitor(&mut self, monitor: MonitorId, window: Window) {
        let asked = &mut self.watches.all[monitor.index()].asked;
        if asked.iter().all(|(own, _)| *own != window) {
            asked.push((window, Fired::default()));
        }
    }

    /// Scrapes the monitors that are due now, and says when the next one is.
    pub(super) fn scrape(&mut self, now: Time) -> Option<Time> {
        self.watches.began.clear();
        if self.watches.next == Some(now) {
            for number in 0..self.watches.all.len() {
                if self.watches.all[number].next == now {
                    self.scrape_one(number, now);
                }
            }
            self.watches.find_next();
        }
        self.watches.next
    }

    fn scrape_one(&mut self, number: usize, now: Time) {
        let Watch { monitor, track, .. } = &self.watches.all[number];
        let (gauge, track, full) = (monitor.gauge, *track, monitor.slices() as usize);
        let account = self.account_mut(gauge.target());
        let mut slice = Slice { counts: Counts::of(account.tally()), ..Slice::default() };
        if let (Gauge::Times { phase, .. }, Some(track)) = (gauge, track) {
            let followed = phase.map_or(Followed::Latency, Followed::Inside);
            slice.times = account.tracks_mut(followed)[track].take(new_histogram());
        }
        if let Gauge::Level(_, level) = gauge {
            slice.level = f64::from(account.tally().levels.now(level));
        }
        let watch = &mut self.watches.all[number];
        let counts = slice.counts;
        slice.counts = counts.since(watch.last);
        watch.last = counts;
        if watch.slices.len() == full {
            watch.slices.pop_front();
        }
        watch.slices.push_back(slice);
        watch.next = now.saturating_add(watch.monitor.every);
        if watch.step(now) {
            self.watches.began.push(MonitorId(number as u32));
        }
    }

    /// The monitors that began to fire at this moment.
    pub fn alarms(&self) -> &[MonitorId] {
        &self.watches.began
    }

    /// The answer to a question about a monitor.
    pub(super) fn answer_monitor(
        &self,
        monitor: MonitorId,
        stat: MonitorStat,
        query: &Query,
        begins: impl Iterator<Item = Time>,
    ) -> Value {
        let watch = &self.watches.all[monitor.index()];
        let fired = watch.fired(query.window, self.series.end());
        match stat {
            MonitorStat::Fired => Value::Is(f64::from(u8::from(fired.ever))),
            MonitorStat::Firing => Value::Is(fired.nanos as f64 / 1e9 / query.window.secs()),
            MonitorStat::Detected(_) => {
                let spans = begins.map(|from| watch.detected(from));
                let worst = spans.map(|span| span.map_or(f64::INFINITY, Span::as_secs));
                worst.reduce(f64::max).map_or(Value::Nothing, Value::Is)
            }
        }
    }
}

impl Watches {
    fn find_next(&mut self) {
        self.next = self.all.iter().map(|watch| watch.next).min();
    }
}
