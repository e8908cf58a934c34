//! Who leads, as far as those who call know: they learn of a change some time after it.

use super::Callers;
use super::place::Place;
use crate::graph::{Caller, Graph, ServiceId, Site};
use brownout_core::dist::Sampler;
use brownout_core::random::{Seed, Stream};
use brownout_core::{Span, Time};

/// So many changes are remembered of a service: nobody learns of one later than of so many after
/// it.
const REMEMBERED: usize = 64;

/// Who has led a service, the first one since the beginning.
#[derive(Debug, Clone, Default)]
pub(super) struct Led {
    /// How many changes were before those that are remembered.
    before: u64,
    since: Vec<(Time, u32)>,
}

/// How a caller learns who leads.
#[derive(Debug)]
pub(super) struct Learns {
    after: Sampler,
    /// Names the draws of how long that takes: a member for each change.
    stream: Stream,
}

impl Learns {
    /// How those learn who call from a site, if whatever they send goes to who leads.
    pub(super) fn at(graph: &Graph, site: &Site, seed: Seed) -> Option<Learns> {
        if !graph.goes_to_primary(site) {
            return None;
        }
        let target = &graph.services[site.target.index()];
        let caller = match site.caller {
            Caller::Load(load) => &graph.loads[load.index()].name,
            Caller::Service(service) => &graph.services[service.index()].name,
        };
        let rule = target.replication.as_ref()?;
        let stream = seed.stream(&format!("learns {caller} {}", target.name));
        Some(Learns { after: rule.learned.sampler(), stream })
    }
}

impl Led {
    /// Somebody else leads from now on.
    fn changed(&mut self, now: Time, replica: u32) {
        if self.since.len() == REMEMBERED {
            self.since.remove(0);
            self.before += 1;
        }
        self.since.push((now, replica));
    }

    /// Who leads as far as a caller's replica knows: at the beginning number 0.
    fn as_known(&self, learns: &Learns, caller: u32, now: Time) -> u32 {
        for (place, &(since, replica)) in self.since.iter().enumerate().rev() {
            let nth = self.before + place as u64;
            let mut draws = learns.stream.member(nth).draws(u64::from(caller));
            let after = Span::round(learns.after.sample(&mut draws, nth));
            if since.saturating_add(after) <= now {
                return replica;
            }
        }
        0
    }
}

impl Callers {
    /// Another replica of a service leads from now on.
    pub(crate) fn promoted(&mut self, service: ServiceId, replica: u32, now: Time) {
        let led = &mut self.desk.led;
        if led.len() <= service.index() {
            led.resize(service.index() + 1, Led::default());
        }
        led[service.index()].changed(now, replica);
    }
}

/// Who is sent what goes to who leads.
pub(super) fn leader(place: &Place, learns: &Learns, led: &[Led], caller: u32, now: Time) -> u32 {
    let led = led.get(place.of.target.index());
    led.map_or(0, |led| led.as_known(learns, caller, now))
}
