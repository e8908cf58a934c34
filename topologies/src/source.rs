//! Load sources: users and what makes them ask.

use crate::caller::{Begin, Callers, Owner};
use crate::event::Event;
use crate::graph::{Arrivals, Graph, LoadId, Profile, SiteId};
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
    /// Names its requests: the root of all lineages.
    name: u64,
    /// The number of its first user among all users of closed loops.
    first_user: u32,
    rhythm: Rhythm,
}

#[derive(Debug)]
enum Rhythm {
    /// An open loop with one draw after the other, and how many requests it has made.
    Open { pace: Pace, draws: Draws, made: u64 },
    /// Users who think before each request, and how many each has made.
    Closed { think: Sampler, stream: Stream, made: Vec<u64> },
}

#[derive(Debug)]
enum Pace {
    /// Unit exponentials are amounts of this cumulative rate.
    Poisson(UnitExp, Profile),
    /// Ones, after a half, are amounts of this cumulative rate.
    Steady(Profile),
    /// Gaps.
    Renewal(Box<Sampler>),
}

impl Source {
    /// The loads of `graph`, in order.
    pub fn all(graph: &Graph, seed: Seed) -> Vec<Source> {
        let mut users = 0;
        let loads = (0..graph.loads.len() as u32).map(|load| {
            let source = Source::new(graph, LoadId(load), seed, users);
            if let Rhythm::Closed { made, .. } = &source.rhythm {
                users += made.len() as u32;
            }
            source
        });
        loads.collect()
    }

    fn new(graph: &Graph, load: LoadId, seed: Seed, first_user: u32) -> Source {
        let spec = &graph.loads[load.index()];
        let stream = seed.stream(&format!("arrivals {}", spec.name));
        let open = |pace| Rhythm::Open { pace, draws: stream.draws(0), made: 0 };
        let rhythm = match &spec.arrivals {
            Arrivals::Poisson(rate) => open(Pace::Poisson(UnitExp::new(), rate.clone())),
            Arrivals::Steady(rate) => open(Pace::Steady(rate.clone())),
            Arrivals::Renewal(gaps) => open(Pace::Renewal(Box::new(gaps.sampler()))),
            Arrivals::Closed { users, think } => {
                Rhythm::Closed { think: think.sampler(), stream, made: vec![0; *users as usize] }
            }
        };
        Source { load, site: spec.site, name: name_hash(&spec.name), first_user, rhythm }
    }

    /// Schedules the first arrivals.
    pub fn begin<K: Kit>(&mut self, io: &mut Io<'_, K>) {
        let users = match &self.rhythm {
            Rhythm::Open { .. } => return self.schedule_next(io),
            Rhythm::Closed { made, .. } => made.len(),
        };
        for user in 0..users {
            self.think(user as u32, io);
        }
    }

    /// The place of the load to which a user of a closed loop belongs.
    pub fn of_user(sources: &[Source], number: u32) -> usize {
        sources.partition_point(|source| source.first_user <= number) - 1
    }

    /// Someone comes to an open loop.
    #[inline(always)]
    pub fn arrive<K: Kit>(&mut self, callers: &mut Callers, io: &mut Io<'_, K>) {
        let Rhythm::Open { made, .. } = &mut self.rhythm else { return };
        let nth = *made;
        *made += 1;
        self.schedule_next(io);
        self.request(0, nth, callers, io);
    }

    /// A user of a closed loop asks.
    pub fn ask<K: Kit>(&mut self, number: u32, callers: &mut Callers, io: &mut Io<'_, K>) {
        let Rhythm::Closed { made, .. } = &mut self.rhythm else { return };
        let user = number - self.first_user;
        let nth = made[user as usize];
        made[user as usize] += 1;
        self.request(user, nth, callers, io);
    }

    #[inline(always)]
    fn request<K: Kit>(&self, user: u32, nth: u64, callers: &mut Callers, io: &mut Io<'_, K>) {
        let begin = Begin {
            site: self.site,
            owner: Owner::User { load: self.load, user },
            replica: 0,
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
        let Rhythm::Open { pace, draws, made } = &mut self.rhythm else { return };
        let (now, made) = (io.now(), *made);
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
        let Rhythm::Closed { think, stream, made } = &self.rhythm else { return };
        let nth = made[user as usize];
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
