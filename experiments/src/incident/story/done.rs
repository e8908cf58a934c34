//! What was really done for a request, beside what it was told; and its connections.

use super::Story;
use crate::incident::heard::Event;
use crate::incident::names::{self, millis};
use brownout_core::{Span, Time};
use brownout_topologies::effect::Truth;
use brownout_topologies::ledger::{AtConnection, AtEffect};

/// What was done in all.
#[derive(Debug, Default)]
pub(super) struct Done {
    effects: u32,
    duplicates: u32,
    /// Effects done when the user had been told already.
    after_the_end: u32,
    is_over: bool,
    /// Waited for connections.
    waited: Span,
    /// What had been done when the user was told that the request failed.
    told: Option<Truth>,
}

impl Done {
    /// The user is told how it went.
    pub(super) fn end(&mut self) {
        self.is_over = true;
    }

    fn effect(&mut self, again: bool) {
        self.effects += 1;
        self.duplicates += u32::from(again);
        self.after_the_end += u32::from(self.is_over);
    }

    /// What a reader has to know of it behind the other totals; nothing where there is nothing.
    pub(super) fn text(&self) -> String {
        let Done { effects, duplicates, after_the_end, waited, told, .. } = self;
        let mut out = match waited.is_zero() {
            true => String::new(),
            false => format!(", {} waiting for connections", millis(*waited)),
        };
        match (effects, duplicates) {
            (0, _) if told.is_none() => {}
            (0, _) => out += "\nno effect of it was done",
            (1, _) => out += "\nits effect was done once",
            (many, 0) => out += &format!("\n{many} effects of it were done, each once"),
            (many, 1) => out += &format!("\n{many} effects of it were done, one a duplicate"),
            (many, again) => {
                out += &format!("\n{many} effects of it were done, {again} of them duplicates");
            }
        }
        if *after_the_end > 0 {
            out += &format!(", {after_the_end} after its user had been told how it went");
        }
        if let Some(truth) = told {
            out += &format!("; it was reported failed, and {}", names::truth(*truth));
        }
        out
    }
}

impl Story {
    /// What happens to connections, effects and keys.
    pub(super) fn hear_of_deeds(&mut self, at: Time, event: Event) {
        match event {
            Event::Connection { call, what, .. } => {
                let Some(&place) = self.calls.get(&call) else { return };
                if let AtConnection::Lent { since, is_dead } = what {
                    self.totals.done.waited = self.totals.done.waited + (at - since);
                    // Of one that is at hand there is nothing to say.
                    if since == at && !is_dead {
                        return;
                    }
                }
                self.add(Some(place), at, names::connection(what, at));
            }
            Event::Effect { what: AtEffect::KeyGivenBack, .. } => {}
            Event::Effect { work, what, .. } => {
                if let (AtEffect::Done { again, .. }, true) = (what, self.works.contains_key(&work))
                {
                    self.totals.done.effect(again);
                }
                self.add_to_work(work, at, names::effect(what).to_owned());
            }
            Event::Reported { call, truth, .. } => {
                let Some(&place) = self.calls.get(&call) else { return };
                self.add(Some(place), at, format!("reported failed: {}", names::truth(truth)));
                if call == self.found.lineage {
                    self.totals.done.told = Some(truth);
                }
            }
            _ => {}
        }
    }
}
