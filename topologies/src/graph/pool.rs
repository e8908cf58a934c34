//! Pools of connections between the replicas of a service and another service.

use super::{Caller, Graph, Service, ServiceId, Site, SiteId};
use brownout_core::Span;
use brownout_core::dist::Dist;

/// The pool that each replica of a service has for its calls to another service.
///
/// An attempt needs a connection, from the moment it is sent until it has an outcome. Of idle
/// connections the one that was used last is lent first. With none idle a new one is opened, up to
/// the size; else attempts wait, in order. A connection leads to one replica for its life; replicas
/// have them in turn. Where the replicas keep the same and anything that is sent over the pool has
/// to go to the primary, all connections lead to the one that was taken for it when they were
/// opened: who leads no more has them until they break or are too old.
#[derive(Debug, Clone, PartialEq)]
pub struct Pool {
    /// To whom its connections lead.
    pub to: ServiceId,
    /// How many connections there are at most, in 1..=[`Pool::SIZE_MAX`].
    pub size: u32,
    /// How many may wait beside those for whom a connection is being made ready; `None` is
    /// unbounded.
    pub queue_limit: Option<u32>,
    /// How long an attempt waits for a connection.
    pub timeout: Span,
    /// How long it takes to open one, in nanoseconds.
    pub connect: Dist,
    /// How long opening one may take when nobody answers.
    pub connect_timeout: Span,
    /// Whether a connection is tried before it is lent.
    pub validate: Option<Validate>,
    /// A connection that was idle for longer is closed instead of lent.
    pub max_idle: Option<Span>,
    /// A connection that is older is closed instead of lent.
    pub max_lifetime: Option<Span>,
    /// For how long nothing may come over a connection that is lent: then it is given up, and with
    /// it the attempt, as if it had been reset. TCP by itself takes minutes.
    pub socket_timeout: Span,
    /// What becomes of a connection whose attempt is given up by its caller.
    pub given_up: GivenUp,
}

/// The question that is put to a connection before it is lent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Validate {
    /// How long the answer takes.
    pub takes: Span,
    /// How long it is waited for where nobody answers.
    pub timeout: Span,
}

/// What becomes of a connection whose attempt is given up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GivenUp {
    /// It is closed.
    Close,
    /// It stays lent until the answer has come after all, or the socket's time is up.
    Keep,
}

impl Pool {
    /// Most connections of one pool.
    pub const SIZE_MAX: u32 = 100_000;
    /// Most connections of all pools of a graph.
    pub const ALL_MAX: u64 = 10_000_000;
}

impl Service {
    /// Its pool for calls to another service.
    pub fn pool(&self, to: ServiceId) -> Option<&Pool> {
        self.pools.iter().find(|pool| pool.to == to)
    }
}

impl Graph {
    /// Whether anybody has pools.
    pub fn has_pools(&self) -> bool {
        self.services.iter().any(|service| !service.pools.is_empty())
    }

    /// From where something is sent over a pool of a service to the primary, if anything is: then
    /// all its connections lead there.
    pub fn leads_for(&self, caller: ServiceId, pool: &Pool) -> Option<SiteId> {
        let mut sites = (0..).map(SiteId).zip(&self.sites);
        let is_it = |site: &Site| {
            site.caller == Caller::Service(caller)
                && site.target == pool.to
                && self.goes_to_primary(site)
        };
        sites.find(|(_, site)| is_it(site)).map(|(id, _)| id)
    }
}
