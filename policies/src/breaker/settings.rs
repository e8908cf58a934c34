//! A breaker's settings by name, and what can be wrong with them.

use super::config::{BreakerConfig, Closing, CountedAt, HalfOpens, JudgedOn, Window};
use crate::settings::Value::{Choice, Count, CountOrUnlimited, Flag, Number, SpanOrOff, Spans};
use crate::settings::{Problem, Setting, Settings, Share, Value};
use crate::time::Span;
use alloc::format;
use alloc::vec;
use alloc::vec::Vec;

impl Settings for BreakerConfig {
    fn settings(&mut self) -> Vec<Setting<'_>> {
        let set = Setting::new;
        vec![
            set("window", "what is remembered of the calls", Choice(&mut self.window)),
            set("span", "how long the window is", SpanOrOff(&mut self.span)),
            set("buckets", "in how many parts it is kept", Count(&mut self.buckets)),
            set("calls", "how many calls it holds", Count(&mut self.calls)),
            set("min_calls", "calls before shares are judged", Count(&mut self.min_calls)),
            set("share_of", "what a share is a share of", Choice(&mut self.share_of)),
            set(
                "failure_share",
                "failures that open it; 0% is not judged",
                Value::Share(&mut self.failure_share),
            ),
            set("failures", "failures that open it", CountOrUnlimited(&mut self.failures)),
            set("in_a_row", "failures in a row that do", CountOrUnlimited(&mut self.in_a_row)),
            set("slow_after", "when a call is slow", SpanOrOff(&mut self.slow_after)),
            set(
                "slow_share",
                "slow calls that open it; 0% is not judged",
                Value::Share(&mut self.slow_share),
            ),
            set("exceed", "shares must be exceeded, not only reached", Flag(&mut self.exceed)),
            set("rounding", "how a share is rounded first", Choice(&mut self.rounding)),
            set("judged_on", "when the window is judged", Choice(&mut self.judged_on)),
            set("judge_every", "how often a timer judges", SpanOrOff(&mut self.judge_every)),
            set("watched", "calls watched for slowness", Count(&mut self.watched)),
            set("open", "how long it stays open at first", Value::Span(&mut self.open)),
            set("open_factor", "growth of that per opening", Number(&mut self.open_factor)),
            set("open_max", "the longest that it stays open", SpanOrOff(&mut self.open_max)),
            set(
                "open_jitter",
                "chance's part of the open time",
                Value::Share(&mut self.open_jitter),
            ),
            set("jitter", "what chance does to it", Choice(&mut self.jitter)),
            set(
                "open_step",
                "open times are whole multiples of this",
                Value::Span(&mut self.open_step),
            ),
            set("waits", "the first open times, in place of all that", Spans(&mut self.waits)),
            set("tail", "the open time after them, or the last", SpanOrOff(&mut self.tail)),
            set("boundary", "the end of the open time", Choice(&mut self.boundary)),
            set("half_opens", "what makes it half-open", Choice(&mut self.half_opens)),
            set("forgets_on_open", "opening empties the window", Flag(&mut self.forgets_on_open)),
            set("probes", "calls let through half-open", Count(&mut self.probes)),
            set("probes_at_once", "so many at once, not in all", Flag(&mut self.probes_at_once)),
            set("closing", "how the probes decide", Choice(&mut self.closing)),
            set("close_after", "good probes that close it", Count(&mut self.close_after)),
            set("reopen_after", "bad probes that open it again", Count(&mut self.reopen_after)),
            set("probe_counts", "where a probe is counted", Choice(&mut self.probe_counts)),
            set("lease", "how long a probe may be silent", SpanOrOff(&mut self.lease)),
            set("half_open_max", "how long it stays half-open", SpanOrOff(&mut self.half_open_max)),
            set("half_open_ends", "what it becomes after that", Choice(&mut self.half_open_ends)),
            set("ramp", "how long admission then grows", SpanOrOff(&mut self.ramp)),
            set("ramp_from", "the share it grows from", Value::Share(&mut self.ramp_from)),
            set("ignored", "what an ignored outcome counts as", Choice(&mut self.ignored)),
            set("stale", "what a late outcome does", Choice(&mut self.stale)),
            set("counted_at", "where an outcome is counted", Choice(&mut self.counted_at)),
            set("manual", "which changes by hand are allowed", Choice(&mut self.manual)),
        ]
    }

    fn problems(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        self.window_problems(&mut problems);
        self.threshold_problems(&mut problems);
        self.open_problems(&mut problems);
        self.probe_problems(&mut problems);
        problems
    }
}

/// The most probes, and the most calls that can be watched.
const MOST: u32 = 8_192;
const MOST_BUCKETS: u32 = 4_096;
const MOST_CALLS: u32 = 1_000_000;

impl BreakerConfig {
    fn window_problems(&self, problems: &mut Vec<Problem>) {
        let endless = self.span.is_none_or(Span::is_zero);
        let needs_end = match self.window {
            Window::Grid | Window::Finished | Window::Started | Window::AverageOfTime => true,
            Window::Anchored => self.buckets > 1,
            Window::LastCalls | Window::AverageOfCalls => false,
        };
        if endless && needs_end {
            let why = "parts of an endless window have no length";
            problems.push(Problem::new("span", "Off", why, "write a length, such as \"30s\""));
        }
        if !(1..=MOST_BUCKETS).contains(&self.buckets) {
            let why = "the window is kept in at least one part and at most 4096";
            problems.push(Problem::new("buckets", self.buckets, why, "write 1 to 4096"));
        } else if needs_end && self.span.is_some_and(|span| span.nanos() < self.buckets.into()) {
            let why = "a bucket would be shorter than a nanosecond";
            problems.push(Problem::new("buckets", self.buckets, why, "write fewer"));
        }
        let counts_calls = matches!(self.window, Window::LastCalls | Window::AverageOfCalls);
        if counts_calls && !(1..=MOST_CALLS).contains(&self.calls) {
            let why = "the window holds at least one call and at most a million";
            problems.push(Problem::new("calls", self.calls, why, "write 1 to 1000000"));
        }
        if self.window == Window::LastCalls && self.min_calls > self.calls {
            let why = format!("the window holds only {} calls: it would never open", self.calls);
            let remedy = "write at most as many as calls, or more calls";
            problems.push(Problem::new("min_calls", self.min_calls, why, remedy));
        }
    }

    fn threshold_problems(&self, problems: &mut Vec<Problem>) {
        for (field, share) in
            [("failure_share", self.failure_share), ("slow_share", self.slow_share)]
        {
            if share > Share::ALL {
                let why = "no more than all calls can be bad";
                problems.push(Problem::new(field, share, why, "write 100% or less"));
            }
        }
        for (field, count) in [("failures", self.failures), ("in_a_row", self.in_a_row)] {
            if count == Some(0) {
                let why = "it would open without a failure";
                problems.push(Problem::new(field, 0, why, "write 1 or more, or Unlimited"));
            }
        }
        if self.watched > MOST {
            let why = "at most 8192 calls can be watched";
            problems.push(Problem::new("watched", self.watched, why, "write 8192 or less"));
        }
        let watches = self.watched > 0 && self.slow_after.is_some();
        if watches && self.counted_at == CountedAt::Start {
            let why = "a call is either watched or counted where it began";
            problems.push(Problem::new("watched", self.watched, why, "write 0"));
        }
        if self.judge_every.is_some_and(Span::is_zero) && self.judged_on == JudgedOn::Timer {
            let why = "a timer that is always due never rests";
            problems.push(Problem::new("judge_every", "0s", why, "write a length, or Off"));
        }
    }

    fn open_problems(&self, problems: &mut Vec<Problem>) {
        // Who is half-open only when somebody calls has been open until then.
        let by_itself = self.half_opens == HalfOpens::OnTime;
        if by_itself && self.open.is_zero() && self.waits.is_empty() {
            let why = "it would be half-open the moment it opens";
            problems.push(Problem::new("open", self.open, why, "write a length, such as \"5s\""));
        }
        if by_itself && self.waits.iter().chain(&self.tail).any(|wait| wait.is_zero()) {
            let field = if self.tail == Some(Span::ZERO) { "tail" } else { "waits" };
            let why = "it would be half-open the moment it opens";
            problems.push(Problem::new(field, "0s", why, "write lengths above 0"));
        }
        if !(self.open_factor >= 1.0 && self.open_factor.is_finite()) {
            let why = "open times do not shrink while failures go on";
            problems.push(Problem::new("open_factor", self.open_factor, why, "write 1 or more"));
        }
        if let Some(most) = self.open_max.filter(|most| *most < self.open) {
            let why = format!("the first open time is already {}", self.open);
            problems.push(Problem::new("open_max", most, why, "write at least as much as open"));
        }
        if self.open_step.is_zero() {
            let why = "nothing is a multiple of nothing";
            problems.push(Problem::new("open_step", "0s", why, "write \"1ns\" for exact times"));
        }
    }

    fn probe_problems(&self, problems: &mut Vec<Problem>) {
        if !(1..=MOST).contains(&self.probes) {
            let why = "without a probe it would never close; more than 8192 are no probes";
            problems.push(Problem::new("probes", self.probes, why, "write 1 to 8192"));
        }
        let lengths =
            [("lease", self.lease), ("half_open_max", self.half_open_max), ("ramp", self.ramp)];
        for (field, _) in lengths.into_iter().filter(|(_, span)| span.is_some_and(Span::is_zero)) {
            let why = "it would be over before a probe is out";
            problems.push(Problem::new(field, "0s", why, "write a length, or Off"));
        }
        if self.ramp_from > Share::ALL || (self.ramp.is_some() && self.ramp_from == Share::NONE) {
            let why = "the ramp begins with some calls and at most all of them";
            problems.push(Problem::new("ramp_from", self.ramp_from, why, "write 1% to 100%"));
        }
        if self.closing != Closing::Counts {
            return;
        }
        let bounds = [("close_after", self.close_after), ("reopen_after", self.reopen_after)];
        for (field, count) in bounds {
            if !(1..=self.probes).contains(&count) {
                let why = format!("there are {} probes, and some have to decide", self.probes);
                problems.push(Problem::new(field, count, why, "write 1 up to probes"));
            }
        }
        let undecided = u64::from(self.close_after) + u64::from(self.reopen_after);
        if !self.probes_at_once && undecided > u64::from(self.probes) + 1 {
            let why = "all probes could come back without deciding";
            let remedy = "let close_after + reopen_after be at most probes + 1";
            problems.push(Problem::new("probes", self.probes, why, remedy));
        }
    }
}
