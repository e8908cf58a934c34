//! Who there is, who is in use, and who has just joined.

use super::config::BalanceConfig;
use crate::math;
use crate::settings::Problem;
use crate::time::Time;
use alloc::boxed::Box;
use alloc::vec;
use alloc::vec::Vec;

/// The members of a group.
#[derive(Debug, Clone)]
pub(super) struct Members {
    pub(super) weights: Box<[u32]>,
    /// Whether all weights are the same.
    pub(super) alike: bool,
    pub(super) active: Box<[u32]>,
    used: Box<[bool]>,
    /// Whether each is there at all.
    there: Box<[bool]>,
    present: u32,
    /// Those who are there and in use.
    in_use: u32,
    /// Those who may be picked, in order, in front; behind them those who are left out for a while.
    candidates: Box<[u32]>,
    count: usize,
    left_out: usize,
    pub(super) panicking: bool,
    /// When each joined, while that matters.
    joined: Box<[Option<Time>]>,
    /// Until when anybody is starting slowly.
    slow_until: Time,
}

impl Members {
    pub(super) fn new(config: &BalanceConfig, weights: &[u32]) -> Result<Members, Vec<Problem>> {
        let mut problems = Vec::new();
        if weights.is_empty() {
            let why = "there is nobody to pick";
            problems.push(Problem::new("members", 0, why, "write 1 or more"));
        }
        if let Some(place) = weights.iter().position(|&weight| weight == 0) {
            let found = alloc::format!("0, of member {place}");
            let why = "a member without weight is never picked";
            problems.push(Problem::new("weights", found, why, "write 1 or more"));
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        let count = weights.len();
        let mut members = Members {
            weights: weights.into(),
            alike: weights.iter().all(|weight| *weight == weights[0]),
            active: vec![0; count].into(),
            used: vec![true; count].into(),
            there: vec![true; count].into(),
            present: count as u32,
            in_use: count as u32,
            candidates: vec![0; count].into(),
            count: 0,
            left_out: 0,
            panicking: false,
            joined: vec![None; count].into(),
            slow_until: Time::ZERO,
        };
        members.choose(config);
        Ok(members)
    }

    /// Fills in who may be picked.
    fn choose(&mut self, config: &BalanceConfig) {
        let (in_use, all) = (u64::from(self.in_use), u64::from(self.present));
        self.panicking = !config.panic.reached(in_use, all);
        self.count = 0;
        for (member, used) in self.used.iter().enumerate() {
            if self.there[member] && (*used || self.panicking) {
                self.candidates[self.count] = member as u32;
                self.count += 1;
            }
        }
    }

    /// Those who may be picked, in their order.
    pub(super) fn candidates(&self) -> &[u32] {
        &self.candidates[..self.count]
    }

    /// Whether a member may be picked.
    pub(super) fn may(&self, member: u32) -> bool {
        let left_out = &self.candidates[self.count..self.count + self.left_out];
        self.there[member as usize]
            && (self.used[member as usize] || self.panicking)
            && !left_out.contains(&member)
    }

    pub(super) fn is_used(&self, member: u32) -> bool {
        self.there[member as usize] && self.used[member as usize]
    }

    pub(super) fn is_there(&self, member: u32) -> bool {
        self.there[member as usize]
    }

    /// Takes a member into use or out of it; whether that changed anything.
    pub(super) fn set_used(&mut self, config: &BalanceConfig, member: u32, used: bool) -> bool {
        self.change(config, member, self.there[member as usize], used)
    }

    /// A member comes or goes; whether that changed anything.
    pub(super) fn set_there(&mut self, config: &BalanceConfig, member: u32, there: bool) -> bool {
        self.change(config, member, there, self.used[member as usize])
    }

    fn change(&mut self, config: &BalanceConfig, member: u32, there: bool, used: bool) -> bool {
        let place = member as usize;
        let before = (self.there[place], self.used[place]);
        if before == (there, used) {
            return false;
        }
        (self.there[place], self.used[place]) = (there, used);
        self.present = self.present - u32::from(before.0) + u32::from(there);
        let counted = |(there, used)| u32::from(there && used);
        self.in_use = self.in_use - counted(before) + counted((there, used));
        self.choose(config);
        true
    }

    /// Leaves some out of those who may be picked, until [`Members::let_back`]; `false`, and
    /// nothing is changed, if nobody would be left.
    pub(super) fn leave_out(&mut self, besides: &[u32]) -> bool {
        for member in besides {
            let all = self.count;
            if let Ok(place) = self.candidates[..all].binary_search(member) {
                self.candidates[place..all].rotate_left(1);
                self.count -= 1;
                self.left_out += 1;
            }
        }
        if self.count == 0 {
            self.let_back();
            return false;
        }
        true
    }

    /// Those who were left out may be picked again.
    pub(super) fn let_back(&mut self) {
        while self.left_out > 0 {
            let member = self.candidates[self.count];
            let place = self.candidates[..self.count].partition_point(|other| *other < member);
            self.candidates[place..=self.count].rotate_right(1);
            self.count += 1;
            self.left_out -= 1;
        }
    }

    /// A member begins its slow start.
    pub(super) fn join(&mut self, config: &BalanceConfig, now: Time, member: u32) {
        if let Some(window) = config.slow_start {
            self.joined[member as usize] = Some(now);
            self.slow_until = self.slow_until.max(now.saturating_add(window));
        }
    }

    /// Whether anybody may be starting slowly.
    pub(super) fn any_slow(&self, now: Time) -> bool {
        now < self.slow_until
    }

    /// When the last of them is done.
    pub(super) fn slow_until(&self) -> Time {
        self.slow_until
    }

    /// What a member gets of its share: 1, or less during a slow start, in whole milliseconds.
    pub(super) fn factor(&self, config: &BalanceConfig, now: Time, member: u32) -> f64 {
        let (Some(window), Some(joined)) = (config.slow_start, self.joined[member as usize]) else {
            return 1.0;
        };
        let (since, window) = (now.since(joined).nanos() / 1_000_000, window.nanos() / 1_000_000);
        if since >= window {
            return 1.0;
        }
        let mut factor = since.max(1) as f64 / window as f64;
        let aggression = config.slow_start_aggression;
        if aggression != 1.0 && factor != 1.0 {
            factor = math::pow(factor, 1.0 / aggression);
        }
        factor.max(config.slow_start_least.as_f64())
    }

    /// A member's weight, with its slow start.
    pub(super) fn weight(&self, config: &BalanceConfig, now: Time, member: u32) -> f64 {
        let weight = f64::from(self.weights[member as usize]);
        if self.any_slow(now) { weight * self.factor(config, now, member) } else { weight }
    }

    /// The sum of the weights of those who may be picked.
    pub(super) fn total_weight(&self) -> u64 {
        let weights = self.candidates().iter().map(|&member| self.weights[member as usize]);
        weights.map(u64::from).sum()
    }
}
