//! From the steps of a script to the operations of a program.

use super::program::{Forking, Limited, Op, Piece};
use crate::graph::{OnError, Parallel, Step};
use brownout_core::draw::Child;
use brownout_core::random::Seed;
use brownout_policies::limiter::LimiterConfig;

/// Probabilities written in decimal have no exact sum; this much is rounding.
const SLACK: f64 = 1e-9;

/// The code of one endpoint, as it is written.
pub(super) struct Code {
    /// Names the draws.
    pub(super) name: String,
    pub(super) seed: Seed,
    /// Where it begins.
    pub(super) base: usize,
    pub(super) ops: Vec<Op>,
    pub(super) pieces: Vec<Piece>,
    pub(super) limits: Vec<LimiterConfig>,
}

impl Code {
    pub(super) fn write(&mut self, steps: &[Step]) {
        for step in steps {
            self.step(step);
        }
    }

    /// The next place.
    fn here(&self) -> u16 {
        u16::try_from(self.ops.len()).expect("the length of a script is checked where it is read")
    }

    /// The next place in the code of this endpoint, from 0.
    fn number(&self) -> usize {
        self.ops.len() - self.base
    }

    fn key(&self) -> u64 {
        self.number() as u64 + 1
    }

    fn step(&mut self, step: &Step) {
        let (number, key) = (self.number(), self.key());
        match step {
            Step::Work(time) => {
                let stream = self.seed.stream(&format!("work {} {number}", self.name));
                self.ops.push(Op::Work(self.pieces.len() as u16));
                self.pieces.push(Piece::new(time.sampler(), stream));
            }
            Step::Call(site) => self.ops.push(Op::Call { site: *site, key: Child::new(key) }),
            Step::Sleep(time) => {
                let stream = self.seed.stream(&format!("sleep {} {number}", self.name));
                self.ops.push(Op::Sleep { time: self.pieces.len() as u16, key: None });
                self.pieces.push(Piece::new(time.sampler(), stream));
            }
            Step::Fail(ratio) => self.ops.push(Op::Fail { ratio: *ratio, key }),
            Step::Repeat { times, steps } => self.repeat(*times, steps),
            Step::Choice(ways) => self.choice(ways),
            Step::Parallel(parallel) => self.parallel(parallel),
            Step::Get { store, hit, miss } => self.get(*store, hit, miss),
            Step::Limit { site, on_error } => {
                self.ops.push(Op::Call { site: *site, key: Child::new(key) });
                let limited = self.limited(on_error);
                self.ops.push(Op::Limited(limited));
            }
            Step::At { store, act } => self.ops.push(Op::At { store: *store, act: *act }),
            Step::Effect => self.ops.push(Op::Effect),
        }
    }

    /// The steps written out so often: a place says which round it is.
    fn repeat(&mut self, times: u32, steps: &[Step]) {
        let start = self.ops.len();
        self.write(steps);
        let end = self.ops.len();
        for _ in 1..times {
            let shift = self.here() - start as u16;
            for place in start..end {
                let copy = self.copy(place, shift);
                self.ops.push(copy);
            }
        }
    }

    /// The operation at a place, to stand `shift` places further on.
    fn copy(&self, place: usize, shift: u16) -> Op {
        let key = self.key();
        match &self.ops[place] {
            Op::Work(piece) => Op::Again { piece: *piece, key },
            Op::Again { piece, .. } => Op::Again { piece: *piece, key },
            Op::Call { site, .. } => Op::Call { site: *site, key: Child::new(key) },
            Op::Sleep { time, .. } => Op::Sleep { time: *time, key: Some(key) },
            Op::Fail { ratio, .. } => Op::Fail { ratio: *ratio, key },
            Op::Choose { ways, rest, .. } => {
                let ways = ways.iter().map(|(up_to, to)| (*up_to, to + shift)).collect();
                Op::Choose { ways, rest: rest + shift, key }
            }
            Op::Goto(to) => Op::Goto(to + shift),
            Op::Fork(fork) => Op::Fork(fork.shifted(shift, key)),
            Op::Join => Op::Join,
            Op::Get { store, miss } => Op::Get { store: *store, miss: miss + shift },
            Op::Limited(limited) => Op::Limited(*limited),
            Op::At { store, act } => Op::At { store: *store, act: *act },
            Op::Effect => Op::Effect,
            Op::Key { .. } => unreachable!("keys are asked for where requests begin"),
            Op::Finish => unreachable!("a script ends once"),
        }
    }

    /// The look, the code of who finds it, which ends by going where all this ends, and that of who
    /// does not.
    fn get(&mut self, store: u16, hit: &[Step], miss: &[Step]) {
        let at = self.ops.len();
        self.ops.push(Op::Goto(0));
        self.write(hit);
        let end = self.ops.len();
        self.ops.push(Op::Goto(0));
        let place = self.here();
        self.write(miss);
        self.ops[at] = Op::Get { store, miss: place };
        self.ops[end] = Op::Goto(self.here());
    }

    fn limited(&mut self, on_error: &OnError) -> Limited {
        match on_error {
            OnError::FailClosed => Limited::FailClosed,
            OnError::FailOpen => Limited::FailOpen,
            OnError::Local(config) => {
                self.limits.push(*config);
                Limited::Local(self.limits.len() as u16 - 1)
            }
        }
    }

    /// The choice, then the code of each way, which ends by going where the choice ends.
    fn choice(&mut self, ways: &[(f64, Vec<Step>)]) {
        let (at, key) = (self.ops.len(), self.key());
        self.ops.push(Op::Goto(0));
        let (mut entries, mut ends) = (Vec::with_capacity(ways.len()), Vec::new());
        let mut up_to = 0.0;
        for (probability, steps) in ways {
            up_to += probability;
            entries.push((up_to, self.here()));
            self.write(steps);
            ends.push(self.ops.len());
            self.ops.push(Op::Goto(0));
        }
        if let Some((all, _)) = entries.last_mut()
            && (*all - 1.0).abs() < SLACK
        {
            *all = 1.0;
        }
        let rest = self.here();
        self.ops[at] = Op::Choose { ways: entries, rest, key };
        for end in ends {
            self.ops[end] = Op::Goto(rest);
        }
    }

    /// The fork, then the code of each branch, which ends at the join.
    fn parallel(&mut self, parallel: &Parallel) {
        let (at, key) = (self.ops.len(), self.key());
        self.ops.push(Op::Goto(0));
        let mut entries = Vec::with_capacity(parallel.branches.len());
        for steps in &parallel.branches {
            entries.push(self.here());
            self.write(steps);
            self.ops.push(Op::Join);
        }
        let (count, needed, then) = (parallel.count(), parallel.needed(), self.here());
        self.ops[at] = Op::Fork(Forking { entries, count, needed, then, key });
    }
}
