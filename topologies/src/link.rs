//! Links: they delay envelopes and lose some of them.

use crate::activation::Doing;
use crate::effect::{Effects, Truth};
use crate::envelope::{Body, Envelopes};
use crate::event::{Delivery, Event};
use crate::fault::{LinkHarm, Reach, Sick};
use crate::graph::{Caller, Graph, LinkId, SiteId, ZoneId};
use crate::ledger::Row;
use crate::store::note::Notes;
use crate::world::{Io, Kit, ORDINARY};
use brownout_core::Span;
use brownout_core::dist::{Dist, Sampler};
use brownout_core::random::{Seed, Stream};
use brownout_core::slab::Id;
use brownout_policies::outcome::{Done, ErrorKind, Outcome, Seen};

/// One link, ready to carry.
#[derive(Debug)]
struct Carrier {
    latency: Latency,
    loss: f64,
    /// Names the link's draws.
    stream: Stream,
    /// The faults at work on it.
    sick: Vec<Sick>,
}

#[derive(Debug)]
enum Latency {
    /// No time at all: the envelope is there at the same instant.
    None,
    /// Always the same, so in order.
    Constant(Span),
    /// Drawn for each envelope; one may overtake another.
    Drawn(Sampler),
}

/// Which link an envelope takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Way(u32);

impl Way {
    /// A link that takes no time and loses nothing: there is nothing to look up.
    pub const AT_ONCE: Way = Way(u32::MAX);
}

/// The way by each link.
#[derive(Debug)]
pub(crate) struct Ways(Vec<Way>);

impl Ways {
    /// The ways by the links of `graph`, whose faults can do so much.
    pub(crate) fn of(graph: &Graph, reach: &Reach) -> Ways {
        let is_far = graph.between_zones != Dist::constant(0.0);
        let far = if is_far { graph.links_between_zones() } else { Vec::new() };
        let ways = (0..).map(LinkId).zip(&graph.links).map(|(id, link)| {
            let is_perfect = link.loss == 0.0 && link.latency == Dist::constant(0.0);
            let is_felt = reach.strikes(id) || far.contains(&id);
            if is_perfect && !is_felt { Way::AT_ONCE } else { Way(id.0) }
        });
        Ways(ways.collect())
    }

    /// The way by a link.
    pub(crate) fn by(&self, link: LinkId) -> Way {
        self.0[link.index()]
    }
}

impl Default for Way {
    fn default() -> Way {
        Way::AT_ONCE
    }
}

/// All links of a run, and the envelopes between nodes.
///
/// An envelope is written once and stays where it is: what moves is its name. The callee keeps it
/// while it works on the request, and the answer goes back in it.
#[derive(Debug)]
pub struct Links {
    carriers: Vec<Carrier>,
    /// What faults do to links, by the place of the fault.
    harms: Vec<Option<LinkHarm>>,
    /// What is at work between zones and elsewhere.
    pub(crate) around: Vec<Sick>,
    /// Every envelope there is, on its way or in a service's hands.
    pub envelopes: Envelopes,
    /// What goes with each.
    pub notes: Notes,
    /// Where each comes from, by place, where that makes a difference.
    from: Option<Vec<Option<ZoneId>>>,
    /// How much longer it takes from one zone to another, and the draws of that.
    between_zones: Option<(Sampler, Stream)>,
    /// What each really did.
    pub effects: Effects,
}

impl Links {
    /// The links of `graph`, with the draws of `seed`.
    pub fn new(graph: &Graph, seed: Seed) -> Links {
        let carriers = graph.links.iter().map(|link| Carrier {
            latency: match &link.latency {
                Dist::Const(constant) if constant.value == 0.0 => Latency::None,
                Dist::Const(constant) => Latency::Constant(Span::round(constant.value)),
                drawn => Latency::Drawn(drawn.sampler()),
            },
            loss: link.loss,
            stream: seed.stream("link"),
            sick: Vec::new(),
        });
        let carriers = carriers.collect();
        let (harms, notes) = (LinkHarm::all(graph, seed), Notes::new(graph.has_stores()));
        let between_zones = (graph.between_zones != Dist::constant(0.0))
            .then(|| (graph.between_zones.sampler(), seed.stream("between zones")));
        let from = graph.minds_zones().then(Vec::new);
        let (around, envelopes, effects) = (Vec::new(), Envelopes::default(), Effects::new(false));
        Links { carriers, harms, around, envelopes, notes, from, between_zones, effects }
    }

    /// Whether it makes a difference where envelopes come from.
    #[inline(always)]
    pub fn minds_zones(&self) -> bool {
        self.from.is_some()
    }

    /// An envelope comes from here.
    pub fn comes_from(&mut self, id: Id, zone: Option<ZoneId>) {
        if let Some(from) = &mut self.from {
            if from.len() <= id.place() {
                from.resize(id.place() + 1, None);
            }
            from[id.place()] = zone;
        }
    }

    /// From which zone to which an envelope goes, if that makes a difference.
    fn zones(&self, graph: &Graph, id: Id) -> (Option<ZoneId>, Option<ZoneId>) {
        let Some(from) = &self.from else { return (None, None) };
        let envelope = &self.envelopes[id];
        let caller = from.get(id.place()).copied().flatten();
        let callee = graph.services[envelope.to.service.index()].zone(envelope.to.replica);
        if is_back(envelope.body) { (callee, caller) } else { (caller, callee) }
    }

    /// Remembers what a branch of an activation is about.
    pub(crate) fn tag_branch(&mut self, parent: Id, branch: Id, nth: u32) {
        let envelopes = &self.envelopes;
        self.effects.branch(parent, branch, nth, |id| envelopes.contains(id));
    }

    /// The faults at work on a link, to be changed.
    pub(crate) fn sickness(&mut self, link: LinkId) -> &mut Vec<Sick> {
        &mut self.carriers[link.index()].sick
    }

    /// What the faults at work on the link of an envelope do to it: lost, or later by so much.
    #[inline(never)]
    fn strike(&self, graph: &Graph, id: Id) -> Option<Span> {
        let envelope = &self.envelopes[id];
        let (back, (from, to)) = (is_back(envelope.body), self.zones(graph, id));
        let mut late = Span::ZERO;
        for sick in &self.carriers[envelope.way.0 as usize].sick {
            if sick.strikes(back, from, to) {
                let (harm, direction) = (self.harm(sick), direction(envelope.body));
                late =
                    late.saturating_add(harm.strike(envelope.lineage, direction, sick.strength)?);
            }
        }
        Some(late)
    }

    /// What a fault does that is at work.
    pub(crate) fn harm(&self, sick: &Sick) -> &LinkHarm {
        let harm = self.harms[sick.harm as usize].as_ref();
        harm.expect("what strikes a link is a fault of links")
    }
}

impl<K: Kit> Io<'_, K> {
    /// Sends an envelope back to where its request came from, with an answer in it.
    #[inline(always)]
    pub fn reply(&mut self, id: Id, outcome: Outcome) {
        if self.links.effects.are_kept() {
            self.note_done(id, outcome);
        }
        let envelope = &mut self.links.envelopes[id];
        debug_assert!(envelope.work.doing == Doing::Travelling, "it has left, or never was inside");
        envelope.body = Body::Reply(outcome);
        if let Seen::Error(ErrorKind::Dependency) = outcome.seen {
            envelope.work.doing = Doing::Failing(self.died);
        }
        let way = envelope.way;
        self.post(id, way, Delivery::Answer);
    }

    /// An answer says what was done.
    #[inline(never)]
    fn note_done(&mut self, id: Id, outcome: Outcome) {
        match outcome.done {
            Done::Done => {
                let too_late = self.links.effects.finished(id);
                self.report_too_late(too_late);
            }
            Done::Partly => self.links.effects.broke_off(id),
            Done::Nothing | Done::Unknown => {}
        }
    }

    /// What a call was for is done, and its caller has been told that it failed.
    pub(crate) fn report_too_late(&mut self, site: Option<SiteId>) {
        let Some(site) = site else { return };
        let own = &self.graph.sites[site.index()];
        let load = match own.caller {
            Caller::Load(load) => Some(load),
            Caller::Service(_) => None,
        };
        self.record(Row::Reported { site, target: own.target, load, truth: Truth::DoneLater });
    }

    /// Puts an envelope that is written on its way, or loses it. What takes no time is handed over
    /// as soon as its sender is done.
    #[inline(always)]
    pub fn post(&mut self, id: Id, way: Way, what: Delivery) {
        self.record(Row::EnvelopeSent);
        if way == Way::AT_ONCE {
            self.queue.at_once(what.word(id));
        } else {
            self.carry(id, what);
        }
    }

    #[inline(never)]
    fn carry(&mut self, id: Id, what: Delivery) {
        let envelope = &self.links.envelopes[id];
        let carrier = &self.links.carriers[envelope.way.0 as usize];
        // Each direction of an attempt has its own draws; loss is drawn first.
        let mut draws = carrier.stream.member(direction(envelope.body)).draws(envelope.lineage);
        if carrier.loss > 0.0 && draws.unit() < carrier.loss {
            return self.lose(id);
        }
        let late = if carrier.sick.is_empty() {
            Some(Span::ZERO)
        } else {
            self.links.strike(self.graph, id)
        };
        let Some(mut late) = late else { return self.lose(id) };
        if self.links.between_zones.is_some() {
            late = late.saturating_add(self.links.far(self.graph, id));
        }
        let event = Event::Delivery(what, id.place() as u32).payload();
        let span = match &carrier.latency {
            Latency::None if late.is_zero() => return self.queue.at_once(what.word(id)),
            Latency::Constant(span) if late.is_zero() => {
                self.queue.after_constant(*span, ORDINARY, event);
                return;
            }
            Latency::None => Span::ZERO,
            Latency::Constant(span) => *span,
            Latency::Drawn(sampler) => Span::round(sampler.sample(&mut draws, 0)),
        };
        let at = self.queue.now().saturating_add(span).saturating_add(late);
        self.queue.at(at, ORDINARY, event);
    }

    /// An envelope never arrives.
    #[inline(never)]
    fn lose(&mut self, id: Id) {
        let envelope = self.links.envelopes[id];
        let to = match (envelope.body, self.graph.sites[envelope.site.index()].caller) {
            (Body::Request { .. } | Body::RequestBy { .. } | Body::Cancel, _) => {
                Some(envelope.to.service)
            }
            (Body::Probe(_) | Body::Probed(..), _) => None,
            (Body::Reply(_), Caller::Service(caller)) => Some(caller),
            (Body::Reply(_), Caller::Load(_)) => None,
        };
        self.record(Row::EnvelopeLost { envelope: &envelope, to });
        self.links.envelopes.discard(id);
    }
}

impl Links {
    /// How much longer an envelope takes because it goes to another zone.
    #[inline(never)]
    fn far(&self, graph: &Graph, id: Id) -> Span {
        let (Some((sampler, stream)), (from, to)) = (&self.between_zones, self.zones(graph, id))
        else {
            return Span::ZERO;
        };
        // Who is nowhere in particular is as near as it can be.
        if from == to || from.is_none() || to.is_none() {
            return Span::ZERO;
        }
        let envelope = &self.envelopes[id];
        let mut draws = stream.member(direction(envelope.body)).draws(envelope.lineage);
        Span::round(sampler.sample(&mut draws, 0))
    }
}

/// Whether an envelope goes back to who called.
fn is_back(body: Body) -> bool {
    matches!(body, Body::Reply(_) | Body::Probed(..))
}

/// Tells the directions of one attempt apart.
fn direction(body: Body) -> u64 {
    match body {
        Body::Request { .. } | Body::RequestBy { .. } => 1,
        Body::Reply(_) => 2,
        Body::Cancel => 3,
        Body::Probe(_) => 4,
        Body::Probed(..) => 5,
    }
}
