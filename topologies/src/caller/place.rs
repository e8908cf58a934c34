//! What a caller knows about one of its sites.

use super::Owner;
use super::desk::Attempt;
use super::gather::connections;
use super::primary::Learns;
use crate::activation::{Asked, Doing};
use crate::envelope::{Address, Body, Envelopes};
use crate::fault::Reach;
use crate::fleet::{Key, Simple};
use crate::graph::{Caller, Deadlines, FullQueue, Graph, Site};
use crate::ledger::{Of, Row};
use crate::link::Way;
use crate::world::{Io, Kit};
use brownout_core::random::{Seed, Stream};
use brownout_core::slab::Id;
use brownout_core::{Span, Time};
use brownout_policies::call::InstanceId;
use brownout_policies::stack::Layer;

/// What a caller knows about one of its sites: what every call meets, in one line of cache, and
/// the rest.
#[derive(Debug)]
#[repr(C, align(64))]
pub(crate) struct Place {
    /// Who is called, and whose users call from here, if users do.
    pub(super) of: Of,
    pub(super) way: Way,
    /// Who calls.
    pub(super) caller: Caller,
    /// Names the draws of a random balancer.
    pub(super) stream: Stream,
    /// Where this site's turns begin, one per caller replica.
    pub(super) turn: u32,
    pub(super) replicas: u32,
    /// The first of its bound stacks, and whether there is one per caller replica.
    pub(super) instance: u32,
    /// For which of the callee's endpoints.
    pub(super) endpoint: u16,
    pub(super) per_replica: bool,
    /// Whether there is nothing to choose.
    pub(super) only: bool,
    /// How a replica is chosen, if nobody keeps account of them.
    pub(super) simple: Simple,
    /// Whether calls from here need no machine.
    pub(super) plain: bool,
    /// Whether attempts are sent at once: see [`Place::is_quick`].
    pub(super) quick: bool,
    /// Whether calls begin straight, too.
    pub(super) straight: Straight,
    /// Whether nobody keeps account of how attempts end, or of connections.
    pub(super) unminded: bool,
    /// Whether the callers want to hear of the end: users of an open loop do not.
    pub(super) tells: bool,
    pub(super) rest: Box<Rest>,
}

/// What is looked up where there is more to a site than that.
#[derive(Debug)]
pub(crate) struct Rest {
    /// Who keeps account of the replicas.
    pub(super) groups: Option<Groups>,
    /// How callers learn who leads, where whatever they send goes to that one.
    pub(super) leader: Option<Learns>,
    /// Whether some attempts go where their call has not been.
    pub(super) elsewhere: bool,
    /// Whether users are told apart.
    pub(super) has_users: bool,
    /// Whether the callee does anything about a cancel.
    pub(super) cancels: bool,
    /// Whether the callee is told moments, to be read off its own clock.
    pub(super) absolute: bool,
    /// The pool of the caller's first replica, if calls from here need a connection.
    pub(super) pool: Option<u32>,
}

impl Rest {
    /// Of a site with these who keep account of replicas, if any do, and this pool.
    pub(super) fn of(
        graph: &Graph,
        site: &Site,
        seed: Seed,
        (groups, pool): (Option<Groups>, Option<u32>),
    ) -> Rest {
        let target = &graph.services[site.target.index()];
        let layers = &graph.stacks[site.stack.index()].layers;
        Rest {
            groups,
            leader: Learns::at(graph, site, seed),
            elsewhere: target.replicas > 1 && layers.iter().any(Layer::goes_elsewhere),
            has_users: connections(graph, site.caller) > 1,
            cancels: target.heeds_cancels(),
            absolute: passes_moments(graph, site),
            pool,
        }
    }
}

/// Whether calls from a place begin straight.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Straight {
    /// They do not.
    No,
    /// They are plain.
    Plain,
    /// They have no policies but a retry around a timeout.
    Tries,
}

impl Place {
    /// The bound stack of a caller's replica.
    #[inline(always)]
    pub(super) fn bound(&self, replica: u32) -> InstanceId {
        InstanceId(self.instance + if self.per_replica { replica } else { 0 })
    }

    /// Who made a plain call from here, of which its envelope says this.
    #[inline(always)]
    pub(super) fn owner(&self, call: Id) -> Owner {
        match self.caller {
            Caller::Load(load) => Owner::User { load, user: call.place() as u32 },
            Caller::Service(service) => Owner::Activation { service, activation: call },
        }
    }

    /// Whether the caller of a plain call from here still waits for this envelope of it.
    #[inline(always)]
    pub(super) fn waits(&self, id: Id, call: Id, envelopes: &Envelopes) -> bool {
        let mine = Doing::Calling(Asked::Plain(id));
        match self.caller {
            Caller::Load(_) => true,
            Caller::Service(_) => {
                let caller = envelopes.get(call);
                caller.is_some_and(|caller| caller.work.doing == mine)
            }
        }
    }
}

impl Place {
    /// Writes down that an attempt is sent from here.
    #[inline(always)]
    pub(super) fn note_sent<K: Kit>(&self, attempt: &Attempt, ordinal: u32, io: &mut Io<'_, K>) {
        let (&Attempt { site, lineage, .. }, Of { target, load }) = (attempt, self.of);
        io.record(Row::AttemptSent { site, target, load, lineage, ordinal });
    }

    /// Writes the request of an attempt to a replica into an envelope.
    #[inline(always)]
    pub(super) fn write<K: Kit>(&self, attempt: &Attempt, replica: u32, io: &mut Io<'_, K>) -> Id {
        let &Attempt { leaf, call, site, class, intended, lineage, deadline, .. } = attempt;
        let remaining =
            if deadline == Time::MAX { Span::MAX } else { deadline.since(io.queue.now()) };
        let (id, envelope) = io.links.envelopes.claim();
        envelope.to = Address { service: self.of.target, replica };
        envelope.site = site;
        envelope.way = self.way;
        envelope.leaf = leaf;
        envelope.call = call;
        envelope.lineage = lineage;
        envelope.intended = intended;
        envelope.body = Body::Request { remaining, class };
        envelope.work.doing = Doing::Travelling;
        envelope.work.step = self.endpoint;
        id
    }
}

/// Who keeps account of the replicas that a site calls.
#[derive(Debug, Clone, Copy)]
pub(super) struct Groups {
    /// The first group, and whether there is one per caller replica.
    pub(super) first: u32,
    pub(super) per_replica: bool,
    /// What a rule that hashes makes its key of.
    pub(super) key: Key,
}

impl Groups {
    /// The group of a caller's replica.
    pub(super) fn of(self, replica: u32) -> usize {
        (self.first + if self.per_replica { replica } else { 0 }) as usize
    }
}

/// Whether a caller tells its callee moments instead of what remains.
fn passes_moments(graph: &Graph, site: &Site) -> bool {
    match site.caller {
        Caller::Load(_) => false,
        Caller::Service(id) => {
            matches!(graph.services[id.index()].deadlines, Deadlines::Absolute { .. })
        }
    }
}

/// Whether calls from a site need no machine: no policies, no cancels to address, and whatever
/// happens the envelope comes back with an answer.
pub(super) fn is_plain(graph: &Graph, site: &Site, reach: &Reach) -> bool {
    let target = &graph.services[site.target.index()];
    graph.stacks[site.stack.index()].layers.is_empty()
        && !target.heeds_cancels()
        && target.next.is_empty()
        && target.full_queue != FullQueue::Lose
        && graph.links[site.link.index()].loss == 0.0
        && !reach.loses(site.link)
        && !reach.may_fall_silent(site.target)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_every_call_meets_is_one_line_of_cache() {
        assert_eq!(size_of::<Place>(), 64);
    }
}
