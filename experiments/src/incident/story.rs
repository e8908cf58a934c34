//! The life of one request, told as a tree: what happened where and when, each attempt with what
//! came of it, also after its caller had left.

mod done;

use super::find::Found;
use super::heard::{AtDoor, Event, Hearing};
use super::names::{self, Names, millis, moment};
use brownout_core::random::Seed;
use brownout_core::{Span, Time};
use brownout_topologies::envelope::Address;
use brownout_topologies::graph::{Graph, SiteId};
use brownout_topologies::ledger::{Leaving, Maker, Plan};
use brownout_topologies::run::{Finished, RunError, listen};
use done::Done;
use std::collections::BTreeMap;

/// The life of a request.
#[derive(Debug)]
pub struct Story {
    found: Found,
    lines: Vec<Line>,
    /// By lineage: the line of each call, and of each attempt with the work behind it.
    calls: BTreeMap<u64, usize>,
    works: BTreeMap<u64, usize>,
    totals: Totals,
    end: Option<(Time, &'static str)>,
}

/// One thing that happened, and what follows from it.
#[derive(Debug)]
struct Line {
    above: Option<usize>,
    below: Vec<usize>,
    at: Time,
    text: String,
    /// Attempts of a call so far.
    attempts: u32,
    /// When the work behind an attempt began to wait, or to be worked on.
    since: Option<Time>,
    /// Whether its caller has given it up.
    given_up: bool,
    /// Whether it is over for its caller.
    ended: bool,
    /// Whether a service has it.
    inside: bool,
}

/// Where the time went, of all that was done for the request.
#[derive(Debug, Default)]
struct Totals {
    attempts: u32,
    waited: Span,
    worked: Span,
    in_vain: Span,
    done: Done,
}

impl Story {
    /// Runs `graph` again and hears of one request. Also what came of the run.
    ///
    /// # Errors
    /// When the run has no result.
    pub fn of(graph: &Graph, seed: Seed, found: Found) -> Result<(Story, Finished), RunError> {
        let mut story = Story {
            found,
            lines: Vec::new(),
            calls: BTreeMap::new(),
            works: BTreeMap::new(),
            totals: Totals::default(),
            end: None,
        };
        let names = Names(graph);
        let mut hearing = Hearing(|at, event| story.hear(names, at, event));
        let finished = listen(graph, seed, &Plan::default(), &mut hearing)?;
        Ok((story, finished))
    }

    /// Whether everything that began has come to an end: every call, attempt and piece of work.
    pub fn is_over(&self) -> bool {
        let named = self.calls.values().chain(self.works.values());
        named.copied().all(|place| self.lines[place].ended && !self.lines[place].inside)
    }

    /// The story as text; every line with its moment, and the time since the request arrived.
    pub fn text(&self, graph: &Graph) -> String {
        let Found { nth, at, .. } = self.found;
        let mut out = format!("request {nth}, arrived at {}", moment(at));
        match self.end {
            Some((end, how)) => out += &format!(": {how} after {}\n", millis(end - at)),
            None => out += &format!(": still open at the end, {}\n", graph.time),
        }
        out += "\n          at       since\n";
        for place in (0..self.lines.len()).filter(|place| self.lines[*place].above.is_none()) {
            self.tell(place, 0, &mut out);
        }
        let Totals { attempts, waited, worked, in_vain, done } = &self.totals;
        let (attempts, waited, worked, in_vain) = (*attempts, *waited, *worked, *in_vain);
        out += &format!(
            "\nin all: {attempts} {}, {} waiting for workers, {} of work",
            if attempts == 1 { "attempt" } else { "attempts" },
            millis(waited),
            millis(worked)
        );
        if !in_vain.is_zero() {
            out += &format!(", {} of it when nobody waited any more", millis(in_vain));
        }
        out += &done.text();
        out.push('\n');
        out
    }

    fn tell(&self, place: usize, depth: usize, out: &mut String) {
        let line = &self.lines[place];
        let since = millis(line.at - self.found.at);
        *out +=
            &format!("{:>12}  {since:>10}  {}{}\n", moment(line.at), "  ".repeat(depth), line.text);
        for below in &line.below {
            self.tell(*below, depth + 1, out);
        }
    }

    fn add(&mut self, above: Option<usize>, at: Time, text: String) -> usize {
        let place = self.lines.len();
        let (below, attempts, since) = (Vec::new(), 0, None);
        let (given_up, ended, inside) = (false, false, false);
        self.lines.push(Line { above, below, at, text, attempts, since, given_up, ended, inside });
        if let Some(above) = above {
            self.lines[above].below.push(place);
        }
        place
    }

    /// Adds a line below a piece of work, and says so if nobody waits for it any more.
    fn add_to_work(&mut self, work: u64, at: Time, text: String) {
        let Some(&place) = self.works.get(&work) else { return };
        let text = if self.is_for_nobody(place) { text + ", for nobody" } else { text };
        self.add(Some(place), at, text);
    }

    fn is_for_nobody(&self, place: usize) -> bool {
        let mut at = Some(place);
        while let Some(place) = at {
            if self.lines[place].given_up {
                return true;
            }
            at = self.lines[place].above;
        }
        false
    }

    fn hear(&mut self, names: Names<'_>, at: Time, event: Event) {
        match event {
            Event::CallBegan { call, site, by, replica, .. } => {
                self.begin_call(names, at, call, (site, by, replica));
            }
            Event::AttemptSent { call, attempt, to, .. } => {
                self.send(names, at, (call, attempt), to);
            }
            Event::AttemptEnded { attempt, outcome, given_up, .. } => {
                let Some(&place) = self.works.get(&attempt) else { return };
                let seen = names::outcome(outcome);
                let text = match given_up {
                    true => format!("given up: {seen}"),
                    false => format!("back at its caller: {seen}"),
                };
                self.add(Some(place), at, text);
                self.lines[place].given_up |= given_up;
                self.lines[place].ended = true;
            }
            Event::CallEnded { call, outcome, .. } => {
                self.end_call(at, call, names::outcome(outcome))
            }
            Event::CallAbandoned { call } => self.end_call(at, call, "abandoned with its caller"),
            Event::AnswerLate { attempt, accepted } => {
                let Some(&place) = self.works.get(&attempt) else { return };
                let text = match accepted {
                    true => "answer, late, and taken all the same",
                    false => "answer, for which nobody waits",
                };
                self.add(Some(place), at, text.to_owned());
            }
            Event::Decided { call, site, layer, notice } => {
                let Some(&place) = self.calls.get(&call) else { return };
                self.add(Some(place), at, names.notice(site, layer, notice, at));
            }
            Event::Connection { .. } | Event::Effect { .. } | Event::Reported { .. } => {
                self.hear_of_deeds(at, event);
            }
            other => self.hear_of_work(names, at, other),
        }
    }

    /// What happens at services.
    fn hear_of_work(&mut self, names: Names<'_>, at: Time, event: Event) {
        match event {
            Event::Arrived { attempt, to, waiting, busy } => {
                let workers = match names.workers(to.service) {
                    Some(workers) => format!("{busy} of {workers} workers busy"),
                    None => format!("{busy} workers busy"),
                };
                let text = format!("arrives: {workers}, {waiting} wait");
                self.add_to_work(attempt, at, text);
            }
            Event::TurnedAway { attempt, how, .. } => {
                let text = match how {
                    AtDoor::Refused => "refused at the door",
                    AtDoor::Failed => "an error at the door",
                    AtDoor::Lost => "lost at the door, without a word",
                    AtDoor::Limited => "a limit at the door says no",
                    AtDoor::Shed => "shed at the door",
                };
                self.add_to_work(attempt, at, text.to_owned());
            }
            Event::Waits { work, at_gate, .. } => {
                if at_gate {
                    self.add_to_work(work, at, "waits at a gate".to_owned());
                }
                self.enter(work);
                self.mark(work, at);
            }
            Event::Seated { work, .. } => self.sit(work, at),
            Event::WorkBegan { work, .. } => self.mark(work, at),
            Event::WorkEnded { work, took, broken_off, .. } => {
                self.end_work(at, work, took, broken_off)
            }
            Event::Interrupted { work, .. } => {
                let text = "interrupted by one who is more important".to_owned();
                self.add_to_work(work, at, text);
                self.mark(work, at);
            }
            Event::Sleeps { work, until } => {
                self.add_to_work(work, at, format!("sleeps for {}", millis(until - at)));
            }
            Event::BranchBegan { parent, work, .. } => {
                let Some(&place) = self.works.get(&parent) else { return };
                let line = self.add(Some(place), at, "branch".to_owned());
                (self.lines[line].ended, self.lines[line].inside) = (true, true);
                self.works.insert(work, line);
            }
            Event::Onward { from, work, to } => {
                let Some(&place) = self.works.get(&from) else { return };
                self.add(Some(place), at, format!("goes on to {}", names.place(to)));
                self.works.remove(&from);
                self.works.insert(work, place);
            }
            Event::Left { work, how, .. } => {
                let text = match how {
                    Leaving::Finished => return self.leave(work, at),
                    how => names::leaving(how).to_owned(),
                };
                self.add_to_work(work, at, text);
                self.leave(work, at);
            }
            Event::Lost { attempt, is_request } => {
                let what = if is_request { "the request" } else { "the answer" };
                self.add_to_work(attempt, at, format!("{what} is lost on the way"));
            }
            _ => {}
        }
    }

    fn begin_call(
        &mut self,
        names: Names<'_>,
        at: Time,
        call: u64,
        (site, by, replica): (SiteId, Maker, u32),
    ) {
        let target = names.target(site);
        let (above, text) = match by {
            Maker::User(load) if call == self.found.lineage => {
                let client = match names.0.loads[load.index()].clients {
                    1 => String::new(),
                    _ => format!(", client {replica}"),
                };
                (None, format!("a user of \"{}\"{client} calls {target}", names.load(load)))
            }
            Maker::User(_) => return,
            Maker::Work(work) => match self.works.get(&work) {
                Some(&place) => (Some(place), format!("calls {target}")),
                None => return,
            },
        };
        let place = self.add(above, at, text);
        self.calls.insert(call, place);
    }

    fn send(
        &mut self,
        names: Names<'_>,
        at: Time,
        (call, attempt): (u64, u64),
        to: Option<Address>,
    ) {
        let Some(&place) = self.calls.get(&call) else { return };
        self.lines[place].attempts += 1;
        self.totals.attempts += 1;
        let nth = self.lines[place].attempts;
        let text = match to {
            Some(to) => format!("attempt {nth} to {}", names.place(to)),
            None => format!("attempt {nth}: every replica is set aside, so it goes nowhere"),
        };
        let line = self.add(Some(place), at, text);
        self.works.insert(attempt, line);
    }

    fn end_call(&mut self, at: Time, call: u64, how: &'static str) {
        let Some(&place) = self.calls.get(&call) else { return };
        self.add(Some(place), at, format!("the call is over: {how}"));
        self.lines[place].ended = true;
        if call == self.found.lineage {
            self.end = Some((at, how));
            self.totals.done.end();
        }
    }

    /// Something lasts from now on.
    fn mark(&mut self, work: u64, at: Time) {
        if let Some(&place) = self.works.get(&work) {
            self.lines[place].since = Some(at);
        }
    }

    fn enter(&mut self, work: u64) {
        if let Some(&place) = self.works.get(&work) {
            self.lines[place].inside = true;
        }
    }

    fn sit(&mut self, work: u64, at: Time) {
        let Some(&place) = self.works.get(&work) else { return };
        self.lines[place].inside = true;
        let text = match self.lines[place].since.take() {
            Some(since) => {
                self.totals.waited = self.totals.waited + (at - since);
                format!("a worker, after {} in the queue", millis(at - since))
            }
            None => "a worker, at once".to_owned(),
        };
        self.add_to_work(work, at, text);
    }

    fn end_work(&mut self, at: Time, work: u64, took: Span, broken_off: bool) {
        let Some(&place) = self.works.get(&work) else { return };
        self.lines[place].since = None;
        self.totals.worked = self.totals.worked + took;
        if self.is_for_nobody(place) {
            self.totals.in_vain = self.totals.in_vain + took;
        }
        let text = match broken_off {
            true => format!("broken off after {} of work", millis(took)),
            false => format!("{} of work done", millis(took)),
        };
        self.add_to_work(work, at, text);
    }

    fn leave(&mut self, work: u64, at: Time) {
        if let Some(&place) = self.works.get(&work) {
            self.lines[place].inside = false;
            if let Some(since) = self.lines[place].since.take() {
                self.totals.waited = self.totals.waited + (at - since);
            }
        }
    }
}
