//! Load sources: users and what makes them ask.

mod pace;
mod steered;
mod users;

use crate::caller::{Begin, Callers, Owner};
use crate::event::Event;
use crate::fault::{self, Harm};
use crate::graph::{Arrivals, ClassId, Graph, Load, LoadId, Profile, SiteId, Size};
use crate::world::{Io, Kit, ORDINARY};
use brownout_core::dist::Sampler;
use brownout_core::draw::mix;
use brownout_core::queue::Rank;
use brownout_core::random::{Seed, Stream, name_hash};
use brownout_core::slab::Slab;
use brownout_core::{Draws, Time};
use brownout_policies::outcome::Outcome;
use pace::Pace;
use users::{Temper, Users, Visitor};

/// All loads at work.
#[derive(Debug)]
pub struct Sources {
    /// In the order of the graph.
    all: Vec<Source>,
    /// Users of closed loops; all loads' are numbered together.
    users: u32,
    /// Who came to an open loop and may ask again; numbered after the users.
    visitors: Slab<Visitor>,
    /// Names the luck of faults.
    seed: Seed,
}

/// One load at work, in the order of use.
#[derive(Debug)]
#[repr(C, align(64))]
struct Source {
    load: LoadId,
    site: SiteId,
    /// Names its requests: the root of all lineages.
    name: u64,
    /// Requests of an open loop so far.
    made: u64,
    /// One draw after the other, of an open loop.
    draws: Draws,
    /// The number of its first user among all users of closed loops.
    first_user: u32,
    class: ClassId,
    /// Whether there is one caller with one place to call, an arrival is one request, and failures
    /// change nothing: then nothing but the rhythm is looked at.
    simple: bool,
    rhythm: Rhythm,
    clients: Clients,
    mix: Mix,
    sizes: Option<Sizes>,
    temper: Temper,
}

#[derive(Debug)]
enum Rhythm {
    /// An open loop.
    Open(Pace),
    /// Users who think before each request.
    Closed(Users),
}

/// Whose request an arrival is.
#[derive(Debug)]
struct Clients {
    number: u32,
    /// One after the other, or else drawn: a Poisson process whose arrivals are dealt out at random
    /// is that many independent ones.
    in_turn: bool,
    /// Names the draws.
    stream: Stream,
}

/// Where requests go.
#[derive(Debug)]
struct Mix {
    /// Probability of this place or an earlier one; empty if there is but one.
    up_to: Vec<f64>,
    /// Names the draws.
    stream: Stream,
}

/// How many requests a batch has.
#[derive(Debug)]
struct Sizes {
    size: Sampler,
    /// Batches so far.
    nth: u64,
    /// Names the draws: the n-th batch has its own.
    stream: Stream,
}

impl Sizes {
    fn next(&mut self) -> u64 {
        let size = self.size.sample(&mut self.stream.draws(self.nth), self.nth);
        self.nth += 1;
        size.ceil().max(1.0) as u64
    }
}

impl Sources {
    /// The loads of `graph`, with the draws of `seed`.
    pub fn new(graph: &Graph, seed: Seed) -> Sources {
        let mut users = 0;
        let loads = (0..graph.loads.len() as u32).map(|load| {
            let source = Source::new(graph, LoadId(load), seed, users);
            if let Rhythm::Closed(own) = &source.rhythm {
                users += own.made.len() as u32;
            }
            source
        });
        let all = loads.collect();
        Sources { all, users, visitors: Slab::default(), seed }
    }

    /// Schedules the first arrivals.
    pub fn begin<K: Kit>(&mut self, io: &mut Io<'_, K>) {
        for source in &mut self.all {
            match source.rhythm {
                Rhythm::Open(_) => source.schedule_next(0, io),
                Rhythm::Closed(_) => source.begin_users(io),
            }
        }
    }

    /// Someone comes to an open loop.
    #[inline(always)]
    pub fn arrive<K: Kit>(
        &mut self,
        load: LoadId,
        rank: Rank,
        callers: &mut Callers,
        io: &mut Io<'_, K>,
    ) {
        let source = &mut self.all[load.index()];
        if source.simple {
            let begin = source.next(io);
            callers.begin(begin, io);
        } else if self.awaits(load, rank) {
            self.all[load.index()].arrive(&mut self.visitors, callers, io);
        }
    }

    /// Whether an arrival is still to come at its moment.
    pub fn awaits(&mut self, load: LoadId, rank: Rank) -> bool {
        self.pending(load).is_none_or(|pending| *pending == rank)
    }

    /// The event of the next arrival, where it may be taken back.
    pub fn pending(&mut self, load: LoadId) -> Option<&mut Rank> {
        match &mut self.all[load.index()].rhythm {
            Rhythm::Open(pace) => pace.steered().map(|steered| &mut steered.pending),
            Rhythm::Closed(_) => None,
        }
    }

    /// These spikes are broken off, all but so many of them just now: the loads that they were on
    /// go on at what is left. Others are left alone.
    #[cold]
    pub fn end_spikes<K: Kit>(&mut self, ended: &[u32], before: usize, io: &mut Io<'_, K>) {
        let (graph, seed) = (io.graph, self.seed);
        let is_struck = |load: LoadId| {
            let mut harms = ended[before..].iter().map(|fault| &graph.faults[*fault as usize].harm);
            harms.any(|harm| matches!(harm, Harm::Load { load: own, .. } if *own == load))
        };
        for source in self.all.iter_mut().filter(|source| is_struck(source.load)) {
            let rate = match &graph.loads[source.load.index()].arrivals {
                Arrivals::Poisson(rate) | Arrivals::Batch { rate, .. } => rate,
                Arrivals::Steady(rate) => rate,
                _ => continue,
            };
            let Rhythm::Open(pace) = &mut source.rhythm else { continue };
            let Some(steered) = pace.steered() else { continue };
            let rate = fault::spiked(rate, source.load, &graph.faults, (seed, io.end), ended);
            let next = steered.steer(io.queue.now(), rate);
            source.await_next(next, io);
        }
    }

    /// The call of someone who comes to an open loop that is simple, if there is something to find
    /// about its site, with that.
    #[inline(always)]
    pub(crate) fn arrive_straight<T, K: Kit>(
        &mut self,
        load: LoadId,
        find: impl FnOnce(SiteId) -> Option<T>,
        io: &mut Io<'_, K>,
    ) -> Option<(Begin, T)> {
        let source = &mut self.all[load.index()];
        let found = if source.simple { find(source.site) } else { None };
        found.map(|found| (source.next(io), found))
    }

    /// A user asks, or a visitor asks again.
    pub fn ask<K: Kit>(&mut self, number: u32, callers: &mut Callers, io: &mut Io<'_, K>) {
        if number < self.users {
            let at = self.all.partition_point(|source| source.first_user <= number) - 1;
            self.all[at].ask(number, callers, io);
        } else {
            let place = number - self.users;
            let visitor = *self.visitors.entry(place);
            self.all[visitor.load.index()].reload(place, visitor, callers, io);
        }
    }

    /// A user or a visitor has an answer, or none.
    #[inline]
    pub fn ended<K: Kit>(&mut self, load: LoadId, user: u32, outcome: Outcome, io: &mut Io<'_, K>) {
        let source = &mut self.all[load.index()];
        match source.rhythm {
            Rhythm::Open(_) => {
                source.visitor_ended(user, outcome, (self.users, &mut self.visitors), io);
            }
            Rhythm::Closed(_) => source.user_ended(user, outcome, io),
        }
    }
}

impl Source {
    fn new(graph: &Graph, load: LoadId, seed: Seed, first_user: u32) -> Source {
        let spec = &graph.loads[load.index()];
        let name = &spec.name;
        let stream = |what: &str| seed.stream(&format!("{what} {name}"));
        let (arrivals, faults) = (stream("arrivals"), &graph.faults[..]);
        let (mut draws, steered) = (arrivals.draws(0), fault::spikes_end(faults, load));
        let rhythm = match &spec.arrivals {
            Arrivals::Closed { users, think, start } => {
                let reloads = if spec.conduct.reload.is_some() { *users as usize } else { 0 };
                let (think, start, reloads) = (think.sampler(), *start, vec![0; reloads]);
                let made = vec![0; *users as usize];
                Rhythm::Closed(Users { think, stream: arrivals, start, reloads, made })
            }
            open => {
                let end = Time::ZERO + graph.time;
                let spiked = |rate: &Profile| fault::spiked(rate, load, faults, (seed, end), &[]);
                let pace = Pace::of(open, stream("stays"), spiked, steered, &mut draws);
                Rhythm::Open(pace.expect("an open loop has a pace"))
            }
        };
        let up_to = spec.mix.iter().scan(0.0, |sum, share| {
            *sum += share;
            Some(*sum)
        });
        Source {
            load,
            site: spec.site,
            class: spec.class,
            name: name_hash(name),
            made: 0,
            draws,
            first_user,
            rhythm,
            simple: is_simple(spec) && !steered,
            clients: Clients {
                number: spec.clients,
                in_turn: matches!(spec.arrivals, Arrivals::Steady(_) | Arrivals::AtOnce { .. }),
                stream: stream("clients"),
            },
            mix: Mix { up_to: up_to.collect(), stream: stream("mix") },
            sizes: sizes(&spec.arrivals, stream("sizes")),
            temper: Temper::new(&spec.conduct, name, seed),
        }
    }

    /// Someone comes to an open loop that is not simple.
    #[inline(never)]
    fn arrive<K: Kit>(
        &mut self,
        visitors: &mut Slab<Visitor>,
        callers: &mut Callers,
        io: &mut Io<'_, K>,
    ) {
        let size = self.sizes.as_mut().map_or(1, Sizes::next);
        let first = self.made;
        self.made += size;
        self.schedule_next(first + size, io);
        for nth in first..first + size {
            let lineage = request_lineage(self.name, 0, nth);
            let (site, client) = (self.site_of(lineage), self.client_of(nth, lineage));
            let user = match self.temper.reloads() {
                true => {
                    let load = self.load;
                    let visitor = Visitor { load, client, site, first: lineage, reloads: 0 };
                    visitors.insert(visitor).place() as u32
                }
                false => 0,
            };
            callers.begin(self.request(site, client, user, lineage, io.now()), io);
        }
    }

    /// The next one who comes, where that is simple.
    #[inline(always)]
    fn next<K: Kit>(&mut self, io: &mut Io<'_, K>) -> Begin {
        let nth = self.made;
        self.made += 1;
        self.schedule_next(nth + 1, io);
        self.request(self.site, 0, 0, request_lineage(self.name, 0, nth), io.now())
    }

    #[inline(always)]
    fn request(&self, site: SiteId, client: u32, user: u32, lineage: u64, now: Time) -> Begin {
        Begin {
            site,
            owner: Owner::User { load: self.load, user },
            replica: client,
            class: self.class,
            intended: now,
            lineage,
            deadline: Time::MAX,
        }
    }

    /// Schedules the next arrival of an open loop; so many requests have been made.
    #[inline(always)]
    fn schedule_next<K: Kit>(&mut self, made: u64, io: &mut Io<'_, K>) {
        let Rhythm::Open(pace) = &mut self.rhythm else { return };
        let next = pace.next(io.now(), made, io.end, &mut self.draws);
        self.await_next(next, io);
    }

    /// Schedules the next arrival of an open loop, if there is one before the end.
    #[inline(always)]
    fn await_next<K: Kit>(&mut self, next: Option<Time>, io: &mut Io<'_, K>) {
        let Some(at) = next.filter(|at| *at < io.end) else { return };
        let rank = io.queue.at(at, ORDINARY, Event::Arrival(self.load).payload());
        if let Rhythm::Open(Pace::Steered(steered)) = &mut self.rhythm {
            steered.pending = rank;
        }
    }

    /// Where a user goes whose first request in a row has this lineage.
    fn site_of(&self, lineage: u64) -> SiteId {
        let Mix { up_to, stream } = &self.mix;
        if up_to.is_empty() {
            return self.site;
        }
        let unit = stream.draws(lineage).unit();
        let place = up_to.partition_point(|up_to| *up_to <= unit).min(up_to.len() - 1);
        SiteId(self.site.0 + place as u32)
    }

    /// Whose request the n-th is.
    fn client_of(&self, nth: u64, lineage: u64) -> u32 {
        let Clients { number, in_turn, stream } = &self.clients;
        match (*number, in_turn) {
            (1, _) => 0,
            (number, true) => (nth % u64::from(number)) as u32,
            (number, false) => {
                let unit = stream.draws(lineage).unit();
                ((unit * f64::from(number)) as u32).min(number - 1)
            }
        }
    }

    /// The users of a closed loop; only asked of one.
    fn users(&self) -> &Users {
        match &self.rhythm {
            Rhythm::Closed(users) => users,
            Rhythm::Open(_) => unreachable!("users belong to closed loops"),
        }
    }

    fn users_mut(&mut self) -> &mut Users {
        match &mut self.rhythm {
            Rhythm::Closed(users) => users,
            Rhythm::Open(_) => unreachable!("users belong to closed loops"),
        }
    }
}

fn is_simple(load: &Load) -> bool {
    let one_each = !matches!(load.arrivals, Arrivals::Batch { .. } | Arrivals::AtOnce { .. });
    one_each && load.clients == 1 && load.mix.is_empty() && load.conduct == Default::default()
}

fn sizes(arrivals: &Arrivals, stream: Stream) -> Option<Sizes> {
    let size = match arrivals {
        Arrivals::Batch { size, .. } => size.dist().sampler(),
        Arrivals::AtOnce { count, .. } => Size::Const(*count).dist().sampler(),
        Arrivals::Poisson(_)
        | Arrivals::Steady(_)
        | Arrivals::Renewal(_)
        | Arrivals::Bursty(_)
        | Arrivals::Trace(_)
        | Arrivals::Closed { .. } => return None,
    };
    Some(Sizes { size, nth: 0, stream })
}

/// The lineage of the n-th request of a user of a load.
#[inline]
pub fn request_lineage(load: u64, user: u32, nth: u64) -> u64 {
    mix(load ^ u64::from(user).rotate_left(32), nth)
}
