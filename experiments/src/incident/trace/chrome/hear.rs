//! What each event is in Chrome's format.

use super::{Chrome, FAULTS, Mark, Work};
use crate::incident::heard::Event;
use crate::incident::names;
use crate::incident::trace::Writer;
use crate::report::json::Json;
use brownout_core::Time;
use brownout_topologies::envelope::Address;
use brownout_topologies::graph::SiteId;
use brownout_topologies::ledger::Maker;
use std::io::{self, Write};

/// The length of a slice that stands for a moment: one nanosecond, so that no two of different
/// moments overlap and an arrow finds it.
const MOMENT_US: f64 = 0.001;

impl Writer for Chrome<'_> {
    fn begin(&mut self, out: &mut dyn Write) -> io::Result<()> {
        out.write_all(b"{\"displayTimeUnit\":\"ms\",\"traceEvents\":[\n")?;
        self.name_process(FAULTS, "faults", out)?;
        let faults = self.names.0.faults.iter().map(|fault| fault.name.clone());
        for (place, name) in faults.collect::<Vec<_>>().iter().enumerate() {
            self.name_thread((FAULTS, place as u64 + 1), name, out)?;
        }
        let graph = self.names.0;
        for (place, service) in (0..).zip(&graph.services) {
            self.name_process(FAULTS + 1 + place, &service.name, out)?;
            self.name_thread((FAULTS + 1 + place, 0), "door", out)?;
        }
        for (place, load) in (0..).zip(&graph.loads) {
            let process = self.process_of_load(place);
            self.name_process(process, &format!("users of {}", load.name), out)?;
        }
        Ok(())
    }

    fn hear(&mut self, at: Time, event: Event, out: &mut dyn Write) -> io::Result<()> {
        self.open_or_close(at, out)?;
        match event {
            Event::CallBegan { call, site, by, .. } => self.begin_call(at, call, (site, by), out),
            Event::CallEnded { call, outcome, .. } => {
                self.calls.remove(&call);
                self.end_request(at, call, names::outcome(outcome), out)
            }
            Event::CallAbandoned { call } => {
                self.calls.remove(&call);
                Ok(())
            }
            Event::AttemptSent { call, attempt, .. } => self.send(at, (call, attempt), out),
            Event::Decided { call, site, layer, notice } => {
                self.say_of_call(at, call, self.names.notice(site, layer, notice, at), out)
            }
            Event::Connection { call, what, .. } => {
                self.say_of_call(at, call, names::connection(what, at), out)
            }
            Event::Effect { work, at: place, what } => {
                let lane = self.works.get(&work).and_then(|work| work.lane);
                let thread = lane.map_or(0, |lane| Chrome::thread_of(place, lane));
                let whom = (Chrome::process_of(place), thread);
                self.instant(at, whom, names::effect(what).to_owned(), "t", out)
            }
            Event::Reported { call, truth, .. } => {
                let said = format!("reported failed: {}", names::truth(truth));
                self.say_of_call(at, call, said, out)
            }
            Event::TurnedAway { attempt, service, how } => {
                let name = format!("{how:?} at the door").to_lowercase();
                self.end_arrow(at, Address { service, replica: 0 }, attempt, &name, out)
            }
            Event::Lost { attempt, .. } => {
                self.arrows.remove(&attempt);
                Ok(())
            }
            Event::Fault { fault, strength } => self.fault(at, fault, strength, out),
            Event::Process { service, replica, is_up } => {
                let name = format!("replica {replica} {}", if is_up { "starts" } else { "dies" });
                let process = Chrome::process_of(Address { service, replica });
                self.instant(at, (process, 0), name, "p", out)
            }
            other => self.hear_of_work(at, other, out),
        }
    }

    fn end(&mut self, out: &mut dyn Write) -> io::Result<()> {
        self.open_or_close(self.stretch.to, out)?;
        out.write_all(b"]}\n")
    }
}

impl Chrome<'_> {
    /// What is under way when the stretch begins, begins; when it ends, it ends.
    fn open_or_close(&mut self, at: Time, out: &mut dyn Write) -> io::Result<()> {
        if !self.is_on && at >= self.stretch.from {
            self.is_on = true;
            self.all_under_way(self.stretch.from, true, out)?;
        }
        if self.is_on && !self.is_off && at >= self.stretch.to {
            self.all_under_way(self.stretch.to, false, out)?;
            self.is_off = true;
        }
        Ok(())
    }

    /// Something is said where a call is made from.
    fn say_of_call(
        &mut self,
        at: Time,
        call: u64,
        said: String,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        let Some(&made) = self.calls.get(&call) else { return Ok(()) };
        let (process, thread, is_worker) = self.origin(made);
        self.instant(at, (process, thread), said, if is_worker { "t" } else { "p" }, out)
    }

    fn begin_call(
        &mut self,
        at: Time,
        call: u64,
        made: (SiteId, Maker),
        out: &mut dyn Write,
    ) -> io::Result<()> {
        self.calls.insert(call, made);
        let Maker::User(load) = made.1 else { return Ok(()) };
        let (process, name) = (self.process_of_load(load.0), self.names.target(made.0));
        self.span(at, true, (process, call), ("request", &name), out)?;
        self.requests.insert(call, (process, name));
        Ok(())
    }

    fn end_request(
        &mut self,
        at: Time,
        call: u64,
        seen: &str,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        let Some((process, name)) = self.requests.remove(&call) else { return Ok(()) };
        if seen != "answered" {
            self.instant(at, (process, 1), format!("{name}: {seen}"), "t", out)?;
        }
        self.span(at, false, (process, call), ("request", &name), out)
    }

    /// An arrow begins. An arrow needs a slice at its tail: where there is none, one that
    /// stands for the moment.
    fn send(
        &mut self,
        at: Time,
        (call, attempt): (u64, u64),
        out: &mut dyn Write,
    ) -> io::Result<()> {
        let Some(&made) = self.calls.get(&call) else { return Ok(()) };
        let (process, thread, is_worker) = self.origin(made);
        if !self.is_on || self.is_off {
            return Ok(());
        }
        if !is_worker {
            let name = format!("calls {}", self.names.target(made.0));
            let more = vec![("dur", Json::Number(MOMENT_US))];
            self.put(at, Mark { phase: "X", process, thread, name, more }, out)?;
        }
        self.arrows.insert(attempt);
        self.arrow(at, "s", (process, thread), attempt, out)
    }

    /// An arrow ends where nobody takes it up: at the door of a service.
    fn end_arrow(
        &mut self,
        at: Time,
        place: Address,
        attempt: u64,
        name: &str,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        if !self.arrows.remove(&attempt) {
            return Ok(());
        }
        let (process, more) = (Chrome::process_of(place), vec![("dur", Json::Number(MOMENT_US))]);
        self.put(at, Mark { phase: "X", process, thread: 0, name: name.to_owned(), more }, out)?;
        self.arrow(at, "f", (process, 0), attempt, out)
    }

    fn arrow(
        &mut self,
        at: Time,
        phase: &'static str,
        (process, thread): (u64, u64),
        attempt: u64,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        let id = Json::text(format!("{attempt:016x}"));
        let mut more = vec![("cat", Json::text("attempt")), ("id", id)];
        if phase == "f" {
            more.push(("bp", Json::text("e")));
        }
        self.put(at, Mark { phase, process, thread, name: "attempt".to_owned(), more }, out)
    }

    fn hear_of_work(&mut self, at: Time, event: Event, out: &mut dyn Write) -> io::Result<()> {
        match event {
            Event::Waits { work, at: place, at_gate: false } => self.wait(at, work, place, out),
            Event::Seated { work, at: place } => self.sit(at, work, place, out),
            Event::Rose { work, .. } => self.rise(at, work, out),
            Event::Interrupted { work, at: place } => {
                self.end_work(at, work, out)?;
                self.rise(at, work, out)?;
                self.wait(at, work, place, out)
            }
            Event::HandedOver { from, to, at: place } => {
                self.rise(at, from, out)?;
                self.sit(at, to, place, out)
            }
            Event::WorkBegan { work, .. } => {
                let lane = self.works.get(&work).and_then(|work| work.lane);
                let Some(lane) = lane else { return Ok(()) };
                self.slice(at, true, (work, lane), "work", out)?;
                self.change(work, |work| work.works = true);
                Ok(())
            }
            Event::WorkEnded { work, .. } => self.end_work(at, work, out),
            Event::Left { work, .. } => {
                self.stop_waiting(at, work, out)?;
                self.rise(at, work, out)?;
                let Some(Work { at: place, .. }) = self.works.remove(&work) else { return Ok(()) };
                self.end_arrow(at, place, work, "leaves the queue", out)
            }
            _ => Ok(()),
        }
    }

    fn change(&mut self, work: u64, change: impl FnOnce(&mut Work)) {
        if let Some(work) = self.works.get_mut(&work) {
            change(work);
        }
    }

    fn known(&mut self, work: u64, at: Address) {
        let fresh = Work { at, waits: false, lane: None, works: false };
        self.works.entry(work).or_insert(fresh);
    }

    fn wait(&mut self, at: Time, work: u64, place: Address, out: &mut dyn Write) -> io::Result<()> {
        self.known(work, place);
        self.change(work, |work| work.waits = true);
        self.span(at, true, (Chrome::process_of(place), work), ("queue", "waits"), out)?;
        self.count(at, place, 1, out)
    }

    fn stop_waiting(&mut self, at: Time, work: u64, out: &mut dyn Write) -> io::Result<()> {
        let Some(&Work { at: place, waits: true, .. }) = self.works.get(&work) else {
            return Ok(());
        };
        self.change(work, |work| work.waits = false);
        self.span(at, false, (Chrome::process_of(place), work), ("queue", "waits"), out)?;
        self.count(at, place, -1, out)
    }

    fn sit(&mut self, at: Time, work: u64, place: Address, out: &mut dyn Write) -> io::Result<()> {
        self.known(work, place);
        self.stop_waiting(at, work, out)?;
        let (lane, is_new) = self.lanes.take(place);
        let whom = (Chrome::process_of(place), Chrome::thread_of(place, lane));
        if is_new {
            let name = match self.names.0.services[place.service.index()].replicas {
                1 => format!("worker {lane}"),
                _ => format!("replica {} worker {lane}", place.replica),
            };
            self.name_thread(whom, &name, out)?;
        }
        self.change(work, |work| work.lane = Some(lane));
        self.slice(at, true, (work, lane), "request", out)?;
        if self.arrows.remove(&work) {
            self.arrow(at, "f", whom, work, out)?;
        }
        Ok(())
    }

    fn rise(&mut self, at: Time, work: u64, out: &mut dyn Write) -> io::Result<()> {
        let Some(&Work { at: place, lane: Some(lane), .. }) = self.works.get(&work) else {
            return Ok(());
        };
        self.slice(at, false, (work, lane), "request", out)?;
        self.change(work, |work| work.lane = None);
        self.lanes.give_back(place, lane);
        Ok(())
    }

    fn end_work(&mut self, at: Time, work: u64, out: &mut dyn Write) -> io::Result<()> {
        let Some(&Work { lane: Some(lane), works: true, .. }) = self.works.get(&work) else {
            return Ok(());
        };
        self.slice(at, false, (work, lane), "work", out)?;
        self.change(work, |work| work.works = false);
        Ok(())
    }
}
