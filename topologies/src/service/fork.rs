//! Forks and joins: branches of an activation, which run at the same time.

use super::Service;
use super::program::{Forking, Op};
use crate::activation::{Activation, Doing, Hold};
use crate::caller::Callers;
use crate::envelope::{Body, Envelope};
use crate::graph::{CancelInService, CancelQueued};
use crate::ledger::{Detail, Leaving, Row};
use crate::link::Way;
use crate::world::{Io, Kit};
use brownout_core::draw::mix;
use brownout_core::queue::Rank;
use brownout_core::slab::{Id, Slab};
use brownout_policies::outcome::Outcome;

/// Tells the lineage of a branch from that of other children.
const BRANCH: u64 = 0x6272_616e_6368_0000;

/// A fork whose join is not decided yet.
#[derive(Debug, Clone, Copy, Default)]
struct Fork {
    /// The activation that waits for the join.
    parent: Id,
    /// How many branches have yet to succeed.
    needed: u32,
    /// How many more may fail.
    spare: u32,
    /// Whether branches are still being started: the parent is not told before that.
    starting: bool,
    decided: Option<Decision>,
}

/// How a join ends: well, or in the way of the branch whose failure was one too many.
type Decision = Result<(), (Leaving, Outcome)>;

/// The forks of a service.
#[derive(Debug, Default)]
pub(super) struct Forks {
    open: Slab<Fork>,
    /// The branches of each fork, by its place; those that have ended are still named.
    branches: Vec<Vec<Id>>,
}

impl Forks {
    fn begin(&mut self, parent: Id, forking: &Forking) -> Id {
        let Forking { count, needed, .. } = *forking;
        let spare = count - needed;
        let fork = Fork { parent, needed, spare, starting: true, decided: None };
        let id = self.open.insert(fork);
        if self.branches.len() <= id.place() {
            self.branches.resize_with(id.place() + 1, Vec::new);
        }
        self.branches[id.place()].clear();
        id
    }

    /// A branch has ended in one way or the other. Whether that decides the join.
    fn count(&mut self, id: Id, ended: Decision) -> bool {
        let Some(fork) = self.open.get_mut(id).filter(|fork| fork.decided.is_none()) else {
            return false;
        };
        match ended {
            Ok(()) => {
                fork.needed -= 1;
                fork.decided = (fork.needed == 0).then_some(ended);
            }
            Err(_) if fork.spare > 0 => fork.spare -= 1,
            Err(_) => fork.decided = Some(ended),
        }
        fork.decided.is_some()
    }

    /// Nobody waits for this join any more.
    pub(super) fn forget(&mut self, id: Id) {
        self.open.remove(id);
    }
}

impl Service {
    /// Starts branches. Whether the join is decided already, and the request goes on.
    pub(super) fn fork<K: Kit>(
        &mut self,
        id: Id,
        callers: &mut Callers,
        io: &mut Io<'_, K>,
    ) -> bool {
        let work = &mut io.links.envelopes[id].work;
        let place = usize::from(work.step);
        let Op::Fork(forking) = &self.program.ops[place] else {
            unreachable!("the place is that of a fork")
        };
        let name = self.rest.forks.begin(id, forking);
        let count = forking.count;
        (work.step, work.doing) = (forking.then, Doing::Joining(name));
        // Before its branches are: at one deadline the request comes first.
        self.mind_deadline(id, io);
        for index in 0..count {
            let branch = self.begin_branch(id, place, index, name, io);
            self.rest.forks.branches[name.place()].push(branch);
            self.advance(branch, callers, io);
            if self.rest.forks.open[name].decided.is_some() {
                break;
            }
        }
        let fork = &mut self.rest.forks.open[name];
        fork.starting = false;
        if fork.decided.is_some() {
            return self.join(name, callers, io);
        }
        self.release_worker(id, io);
        false
    }

    fn begin_branch<K: Kit>(
        &mut self,
        parent: Id,
        place: usize,
        index: u32,
        fork: Id,
        io: &mut Io<'_, K>,
    ) -> Id {
        let Op::Fork(forking) = &self.program.ops[place] else {
            unreachable!("the place is that of a fork")
        };
        let now = io.now();
        let request = &io.links.envelopes[parent];
        let &Envelope { lineage, to, site, .. } = request;
        let (remaining, class) = (request.remaining(now), request.class());
        let branch = Envelope {
            lineage: mix(mix(lineage, BRANCH ^ forking.key), u64::from(index)),
            to,
            work: Activation::branch(now, forking.entry(index)),
            body: Body::Request { remaining, class },
            site,
            way: Way::AT_ONCE,
            call: parent,
            leaf: fork,
            intended: now,
        };
        io.record(Row::BranchBegun { service: self.id });
        io.tell(|_| Detail::Branch { parent: lineage, lineage: branch.lineage, at: to });
        let id = io.links.envelopes.insert(branch);
        io.links.notes.write(id, io.links.notes.of(parent));
        io.links.tag_branch(parent, id, index);
        id
    }

    /// A branch that works and has no worker takes over that of its request, if it is there, or of
    /// the request that this one is a branch of, and so on.
    pub(super) fn take_over_worker<K: Kit>(&self, id: Id, io: &mut Io<'_, K>) -> bool {
        let mut at = id;
        loop {
            let &Envelope { call: parent, leaf: fork, work, .. } = &io.links.envelopes[at];
            if !work.is_branch() || self.rest.forks.open.get(fork).is_none() {
                return false;
            }
            if io.links.envelopes[parent].work.holds.give_back(Hold::Worker) {
                io.links.envelopes[id].work.holds.take(Hold::Worker);
                io.tell(|io| handed_over(parent, id, io));
                return true;
            }
            at = parent;
        }
    }

    /// A branch is over, and its join hears of it.
    pub(super) fn branch_over<K: Kit>(
        &mut self,
        id: Id,
        ended: Decision,
        callers: &mut Callers,
        io: &mut Io<'_, K>,
    ) {
        let &Envelope { call: parent, leaf: name, work, .. } = &io.links.envelopes[id];
        let is_awaited = self.rest.forks.open.get(name).is_some_and(|fork| fork.decided.is_none());
        let decides = self.rest.forks.count(name, ended);
        if is_awaited {
            let request = &mut io.links.envelopes[parent].work;
            request.served = request.served + work.served;
            if decides && work.holds.has(Hold::Worker) && !request.holds.has(Hold::Worker) {
                request.holds.take(Hold::Worker);
                io.links.envelopes[id].work.holds.give_back(Hold::Worker);
                io.tell(|io| handed_over(id, parent, io));
            }
        }
        let how = ended.err().map_or(Leaving::Finished, |(how, _)| how);
        self.leave_branch(id, how, io);
        if decides && !self.rest.forks.open[name].starting && self.join(name, callers, io) {
            self.advance(parent, callers, io);
        }
    }

    /// A branch leaves, and nobody hears of it.
    pub(crate) fn leave_branch<K: Kit>(&mut self, id: Id, how: Leaving, io: &mut Io<'_, K>) {
        let &Envelope { lineage, to, work, .. } = &io.links.envelopes[id];
        let Activation { step, holds: held, .. } = work;
        if held.has(Hold::Lock) {
            self.unlock_all(id, io);
        }
        self.replicas[to.replica as usize].give_back(held, io.now());
        io.links.envelopes[id].work.end();
        io.links.envelopes.discard(id);
        self.forget_those_who_left(to.replica, io);
        let (service, endpoint) = (self.id, self.program.endpoint(step));
        let held = self.told_apart(endpoint, held, io);
        io.record(Row::BranchLeft { service, endpoint, lineage, how, held });
    }

    /// The join is decided: what is left of the branches is cancelled, and the request goes on, or
    /// it fails. Whether it goes on.
    fn join<K: Kit>(&mut self, name: Id, callers: &mut Callers, io: &mut Io<'_, K>) -> bool {
        let Some(fork) = self.rest.forks.open.remove(name) else { return false };
        self.cancel_branches(name, callers, io);
        let work = &mut io.links.envelopes[fork.parent].work;
        (work.doing, work.timer) = (Doing::Stepping, Rank::NONE);
        match fork.decided {
            Some(Err((how, outcome))) => {
                self.leave_early(fork.parent, how, Some(outcome), callers, io);
                false
            }
            Some(Ok(())) | None => true,
        }
    }

    /// Nobody waits for this join any more: its branches are cancelled.
    pub(super) fn dissolve<K: Kit>(&mut self, name: Id, callers: &mut Callers, io: &mut Io<'_, K>) {
        self.rest.forks.forget(name);
        self.cancel_branches(name, callers, io);
    }

    /// Does to the branches of a fork what a cancel does. (The list goes back to its place, so that
    /// its memory is used again.)
    fn cancel_branches<K: Kit>(&mut self, name: Id, callers: &mut Callers, io: &mut Io<'_, K>) {
        if !self.rest.heeds_cancels {
            return;
        }
        let branches = std::mem::take(&mut self.rest.forks.branches[name.place()]);
        for &branch in &branches {
            let Some(envelope) = io.links.envelopes.get(branch) else { continue };
            if self.stops_when_cancelled(envelope.work.doing) {
                self.stop(branch, callers, io);
                self.leave_branch(branch, Leaving::Cancelled, io);
            }
        }
        self.rest.forks.branches[name.place()] = branches;
    }

    /// Whether a cancel ends what an activation is doing.
    pub(super) fn stops_when_cancelled(&self, doing: Doing) -> bool {
        match doing {
            Doing::Travelling | Doing::Failing(_) => false,
            Doing::Waiting | Doing::AtDoor | Doing::Interrupted { .. } => {
                self.rest.cancel_queued == CancelQueued::Remove
            }
            Doing::Stepping
            | Doing::Working { .. }
            | Doing::Sharing(_)
            | Doing::Calling(_)
            | Doing::Locking { .. }
            | Doing::Sleeping { .. }
            | Doing::Joining(_) => self.rest.cancel_in_service == CancelInService::Stop,
        }
    }
}

/// A worker goes from one activation to another.
fn handed_over<K: Kit>(from: Id, to: Id, io: &Io<'_, K>) -> Detail {
    let (giver, taker) = (&io.links.envelopes[from], &io.links.envelopes[to]);
    Detail::HandedOver { from: giver.lineage, to: taker.lineage, at: taker.to }
}
