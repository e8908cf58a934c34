//! Load sources: users and what makes them ask.

use crate::caller::{Begin, Callers, Owner};
use crate::event::Event;
use crate::graph::{Arrivals, ClassId, Graph, LoadId, Profile, SiteId};
use crate::world::{Io, Kit, ORDINARY};
use brownout_core::dist::{Sampler, UnitExp};
use brownout_core::draw::mix;
use brownout_core::random::{Seed, Stream, name_hash};
use brownout_core::{Draws, Span, Time};

/// One load at work.
#[derive(Debug)]
pub struct Source {
    load: LoadId,
    site: SiteId,
    class: ClassId,
    /// Names its requests: the root of all lineages.
    name: u64,
    /// Requests made so far; of each user, where users are told apart.
    made: Vec<u64>,
    /// The number of its first user among all users of closed loops.
    first_user: u32,
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
    /// Unit exponentials are amounts of this cumulative rate.
    Poisson(UnitExp, Profile),
    /// Ones, after a half, are amounts of this cumulative rate.
    Steady(Profile),
    /// Gaps.
    Renewal(Sampler),
}

impl Source {
    /// The loads of `graph`, in order.
    pub fn all(graph: &Graph, seed: Seed) -> Vec<Source> {
        let mut users = 0;
        let loads = (0..graph.loads.len() as u32).map(|load| {
            let source = Source::new(graph, LoadId(load), seed, users);
            if let Rhythm::Closed { .. } = source.rhythm {
                users += source.made.len() as u32;
            }
            source
        });
        loads.collect()
    }

    fn new(graph: &Graph, load: LoadId, seed: Seed, first_user: u32) -> Source {
        let spec = &graph.loads[load.index()];
        let stream = seed.stream(&format!("arrivals {}", spec.name));
        let open = |pace| Rhythm::Open { pace, draws: stream.draws(0) };
        let (rhythm, users) = match &spec.arrivals {
            Arrivals::Poisson(rate) => (open(Pace::Poisson(UnitExp::new(), rate.clone())), 1),
            Arrivals::Steady(rate) => (open(Pace::Steady(rate.clone())), 1),
            Arrivals::Renewal(gaps) => (open(Pace::Renewal(gaps.sampler())), 1),
            Arrivals::Closed { users, think } => {
                (Rhythm::Closed { think: think.sampler(), stream }, *users as usize)
            }
        };
        let (site, class, name) = (spec.site, spec.class, name_hash(&spec.name));
        Source { load, site, class, name, made: vec![0; users], first_user, rhythm }
    }

    /// Schedules the first arrivals.
    pub fn begin<K: Kit>(&mut self, io: &mut Io<'_, K>) {
        match self.rhythm {
            Rhythm::Open { .. } => self.schedule_next(io),
            Rhythm::Closed { .. } => {
                for user in 0..self.made.len() {
                    self.think(user as u32, io);
                }
            }
        }
    }

    /// The place of the load to which a user of a closed loop belongs.
    pub fn of_user(sources: &[Source], number: u32) -> usize {
        sources.partition_point(|source| source.first_user <= number) - 1
    }

    /// Someone comes to an open loop.
    #[inline]
    pub fn arrive<K: Kit>(&mut self, callers: &mut Callers, io: &mut Io<'_, K>) {
        let nth = self.made[0];
        self.made[0] += 1;
        self.schedule_next(io);
        self.request(0, nth, callers, io);
    }

    /// A user of a closed loop asks.
    pub fn ask<K: Kit>(&mut self, number: u32, callers: &mut Callers, io: &mut Io<'_, K>) {
        let user = number - self.first_user;
        let nth = self.made[user as usize];
        self.made[user as usize] += 1;
        self.request(user, nth, callers, io);
    }

    #[inline(always)]
    fn request<K: Kit>(&self, user: u32, nth: u64, callers: &mut Callers, io: &mut Io<'_, K>) {
        let begin = Begin {
            site: self.site,
            owner: Owner::User { load: self.load, user },
            replica: 0,
            class: self.class,
            intended: io.now(),
            lineage: request_lineage(self.name, user, nth),
            deadline: Time::MAX,
        };
        callers.begin(begin, io);
    }

    /// A user has an answer, or none.
    #[inline]
    pub fn ended<K: Kit>(&mut self, user: u32, io: &mut Io<'_, K>) {
        match self.rhythm {
            Rhythm::Open { .. } => {}
            Rhythm::Closed { .. } => self.think(user, io),
        }
    }

    /// Schedules the next arrival of an open loop.
    #[inline(always)]
    fn schedule_next<K: Kit>(&mut self, io: &mut Io<'_, K>) {
        let Rhythm::Open { pace, draws } = &mut self.rhythm else { return };
        let (now, made) = (io.now(), self.made[0]);
        let next = match pace {
            Pace::Poisson(unit, rate) => rate.after(now, unit.sample(draws)),
            Pace::Steady(rate) => {
                rate.after(now, if made == 0 && now == Time::ZERO { 0.5 } else { 1.0 })
            }
            Pace::Renewal(gaps) => Some(now.saturating_add(Span::round(gaps.sample(draws, made)))),
        };
        if let Some(at) = next.filter(|at| *at < io.end) {
            io.queue.at(at, ORDINARY, Event::Arrival(self.load).payload());
        }
    }

    /// A user thinks before the next request.
    fn think<K: Kit>(&mut self, user: u32, io: &mut Io<'_, K>) {
        let Rhythm::Closed { think, stream } = &self.rhythm else { return };
        let nth = self.made[user as usize];
        let mut draws = stream.draws(request_lineage(self.name, user, nth));
        let at = io.now().saturating_add(Span::round(think.sample(&mut draws, nth)));
        if at < io.end {
            io.queue.at(at, ORDINARY, Event::User(self.first_user + user).payload());
        }
    }
}

/// The lineage of the n-th request of a user of a load.
#[inline]
pub fn request_lineage(load: u64, user: u32, nth: u64) -> u64 {
    mix(load ^ u64::from(user).rotate_left(32), nth)
}
