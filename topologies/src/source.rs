//! Load sources: users and what makes them ask.

use crate::caller::{Begin, Callers, Owner};
use crate::envelope::Address;
use crate::graph::{Arrivals, Graph, LoadId, SiteId};
use crate::world::{Event, Io, Node, ORDINARY};
use brownout_core::dist::{Sampler, UnitExp};
use brownout_core::draw::mix;
use brownout_core::heap::Heap;
use brownout_core::random::{Seed, Stream, name_hash};
use brownout_core::slab::Id;
use brownout_core::{Draws, Span, Time};

/// One load at work.
#[derive(Debug)]
pub struct Source {
    load: LoadId,
    site: SiteId,
    /// Names its requests: the root of all lineages.
    name: u64,
    /// Requests made so far; of each user, where users are told apart.
    made: Vec<u64>,
    rhythm: Rhythm,
}

#[derive(Debug)]
enum Rhythm {
    /// An open loop with one draw after the other.
    Open { pace: Pace, draws: Draws },
    /// Users who think before each request.
    Closed { think: Sampler, stream: Stream },
}

#[derive(Debug)]
enum Pace {
    /// Amounts of cumulative rate: unit exponentials.
    Poisson(UnitExp),
    /// Amounts of cumulative rate: ones, after a half.
    Steady,
    /// Gaps.
    Renewal(Sampler),
}

impl Source {
    /// The load numbered `load` of `graph`.
    pub fn new(graph: &Graph, load: LoadId, seed: Seed) -> Source {
        let spec = &graph.loads[load.index()];
        let stream = seed.stream(&format!("arrivals {}", spec.name));
        let open = |pace| Rhythm::Open { pace, draws: stream.draws(0) };
        let (rhythm, users) = match &spec.arrivals {
            Arrivals::Poisson(_) => (open(Pace::Poisson(UnitExp::new())), 1),
            Arrivals::Steady(_) => (open(Pace::Steady), 1),
            Arrivals::Renewal(gaps) => (open(Pace::Renewal(gaps.sampler())), 1),
            Arrivals::Closed { users, think } => {
                (Rhythm::Closed { think: think.sampler(), stream }, *users as usize)
            }
        };
        let (site, name) = (spec.site, name_hash(&spec.name));
        Source { load, site, name, made: vec![0; users], rhythm }
    }

    /// Schedules the first arrivals.
    pub fn begin<H: Heap>(&mut self, io: &mut Io<'_, H>) {
        match self.rhythm {
            Rhythm::Open { .. } => self.schedule_next(io),
            Rhythm::Closed { .. } => {
                for user in 0..self.made.len() {
                    self.think(user as u32, io);
                }
            }
        }
    }

    /// A user asks.
    #[inline]
    pub fn wake<H: Heap>(&mut self, token: Id, callers: &mut Callers, io: &mut Io<'_, H>) {
        let user = token.place() as u32;
        let nth = self.made[user as usize];
        self.made[user as usize] += 1;
        if let Rhythm::Open { .. } = self.rhythm {
            self.schedule_next(io);
        }
        let begin = Begin {
            site: self.site,
            owner: Owner::User { load: self.load, user },
            from: Address::OUTSIDE,
            intended: io.now,
            lineage: request_lineage(self.name, user, nth),
            deadline: Time::MAX,
        };
        callers.begin(begin, io);
    }

    /// A user has an answer, or none.
    #[inline]
    pub fn ended<H: Heap>(&mut self, user: u32, io: &mut Io<'_, H>) {
        match self.rhythm {
            Rhythm::Open { .. } => {}
            Rhythm::Closed { .. } => self.think(user, io),
        }
    }

    /// Schedules the next arrival of an open loop.
    #[inline]
    fn schedule_next<H: Heap>(&mut self, io: &mut Io<'_, H>) {
        let Rhythm::Open { pace, draws } = &mut self.rhythm else { return };
        let (now, made) = (io.now, self.made[0]);
        let spec = &io.graph.loads[self.load.index()].arrivals;
        let next = match (pace, spec) {
            (Pace::Poisson(unit), Arrivals::Poisson(profile)) => {
                profile.after(now, unit.sample(draws))
            }
            (Pace::Steady, Arrivals::Steady(profile)) => {
                profile.after(now, if made == 0 && now == Time::ZERO { 0.5 } else { 1.0 })
            }
            (Pace::Renewal(gaps), Arrivals::Renewal(_)) => {
                Some(now.saturating_add(Span::round(gaps.sample(draws, made))))
            }
            (Pace::Poisson(_) | Pace::Steady | Pace::Renewal(_), _) => {
                unreachable!("a pace is made from its own kind of arrivals")
            }
        };
        if let Some(at) = next.filter(|at| *at < io.end) {
            io.queue.at(at, ORDINARY, Event::Wake(Node::Source(self.load), token(0)));
        }
    }

    /// A user thinks before the next request.
    fn think<H: Heap>(&mut self, user: u32, io: &mut Io<'_, H>) {
        let Rhythm::Closed { think, stream } = &self.rhythm else { return };
        let nth = self.made[user as usize];
        let mut draws = stream.draws(request_lineage(self.name, user, nth));
        let at = io.now.saturating_add(Span::round(think.sample(&mut draws, nth)));
        if at < io.end {
            io.queue.at(at, ORDINARY, Event::Wake(Node::Source(self.load), token(user)));
        }
    }
}

/// What a source's timer carries: the user.
const fn token(user: u32) -> Id {
    Id::from_word((user as u64) << 32)
}

/// The lineage of the n-th request of a user of a load.
#[inline]
pub fn request_lineage(load: u64, user: u32, nth: u64) -> u64 {
    mix(load ^ u64::from(user).rotate_left(32), nth)
}
