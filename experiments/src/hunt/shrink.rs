//! From a file that is bad to the least file that still is: parts left out, numbers made smaller.
//!
//! The text is edited in place, so what is left is as its author wrote it. Every step is judged
//! the way the hunt judges, and one that cannot be loaded or is no longer bad is taken back. This
//! is greedy: no single part can go and no single number shrink further, but two together might.

mod numbers;

use super::{Ground, Halt};
use crate::experiment::{Bad, Experiment};
use crate::runner::question::entries;
use crate::spec::rewrite::{self, Part};
use crate::sweep::source::{Settings, Source};
use brownout_core::random::Seed;
use brownout_topologies::ledger::verdict::triggers;
use numbers::Number;

/// Times that all parts are tried again after one has gone.
const ROUNDS: usize = 5;

/// How a text is judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Judge {
    /// By the share of bad runs.
    Share,
    /// By one run.
    Run(Seed),
}

/// A file on its way to less.
pub struct Shrink<'s> {
    /// How it is judged.
    pub judge: Judge,
    ground: &'s Ground<'s>,
    source: &'s Source<'s>,
    /// The text so far: it is bad.
    pub text: String,
    /// What was done to it, a line each.
    pub steps: Vec<String>,
    /// Texts that were tried.
    pub tried: usize,
    /// Whether it was told to stop before nothing more could go.
    pub is_interrupted: bool,
}

impl<'s> Shrink<'s> {
    /// Starts from a source with its settings written into its text, where they must be.
    ///
    /// # Errors
    /// Why it cannot begin: a setting that has no place in the text, or a text that is not bad.
    pub fn start(
        ground: &'s Ground<'s>,
        source: &'s Source<'s>,
        settings: &Settings,
        judge: Judge,
    ) -> Result<Shrink<'s>, Halt> {
        let mut text = source.text.clone();
        let seed = [("run.seed".to_owned(), ground.seed.to_string())];
        for (path, value) in settings.iter().chain(&seed) {
            text = rewrite::set(&source.name, &text, path, value).ok_or_else(|| {
                Halt::Broken(format!("{path}={value} has no place in the text of the file"))
            })?;
        }
        let (steps, tried) = (Vec::new(), 0);
        let mut shrink =
            Shrink { judge, ground, source, text, steps, tried, is_interrupted: false };
        shrink.ask_for_the_verdict();
        match shrink.is_bad(&shrink.text.clone()) {
            Ok(true) => Ok(shrink),
            Ok(false) => Err(Halt::Broken("the file with its settings is not bad".to_owned())),
            Err(halt) => Err(halt),
        }
    }

    /// Leaves out and makes smaller until nothing more can be.
    ///
    /// # Errors
    /// When a run fails that cannot: a defect.
    pub fn run(&mut self) -> Result<(), Halt> {
        match self.run_all() {
            Err(Halt::Stopped) => {
                self.is_interrupted = true;
                Ok(())
            }
            other => other,
        }
    }

    fn run_all(&mut self) -> Result<(), Halt> {
        // A heatmap needs the sweep, so it goes first.
        for field in ["hunt", "plots", "measure", "sweep"] {
            self.drop_field(field)?;
        }
        for _ in 0..ROUNDS {
            let before = self.text.len();
            if self.ground.bad == Bad::Failed {
                self.drop_parts("expect")?;
                // Until now a sentence about the whole sweep may have kept it in.
                self.drop_field("sweep")?;
            }
            self.drop_parts("variants")?;
            for list in ["faults", "load", "deploys", "monitors"] {
                self.drop_parts(list)?;
            }
            self.drop_calls()?;
            for map in ["services", "policies", "links", "domains"] {
                self.drop_parts(map)?;
            }
            if self.text.len() == before {
                break;
            }
        }
        for number in numbers::all(&self.source.name, &self.text) {
            self.make_smaller(&number)?;
        }
        // A run that ends before it could recover is bad for no reason of the system's.
        match numbers::time(&self.source.name, &self.text) {
            Some(number) if !self.has_triggers() => self.make_smaller(&number),
            Some(_) | None => Ok(()),
        }
    }

    fn has_triggers(&self) -> bool {
        let Ok(experiment) = self.source.with_text(&self.text) else { return true };
        experiment.variants.iter().any(|variant| !triggers(&variant.graph).is_empty())
    }

    /// Lets the file itself say what is bad, so that who runs it sees it fail.
    fn ask_for_the_verdict(&mut self) {
        let metric = match self.ground.bad {
            Bad::Stuck => "stuck",
            Bad::Tipped => "tipped",
            Bad::Failed => return,
        };
        let Ok(experiment) = self.source.base() else { return };
        let Some(first) = experiment.variants.first() else { return };
        let names = entries(&first.graph).into_iter().map(|entry| entry.name(&first.graph));
        let sentences = names.map(|name| format!("\"{metric}('{name}') == 0\""));
        let list = format!("[{}]", sentences.collect::<Vec<String>>().join(", "));
        if let Some(text) = rewrite::set(&self.source.name, &self.text, "expect", &list) {
            self.text = text;
        }
    }

    fn drop_field(&mut self, field: &str) -> Result<(), Halt> {
        let parts = rewrite::parts(&self.source.name, &self.text, "");
        match parts.into_iter().find(|part| part.path == field) {
            Some(part) => self.try_without(&part).map(|_| ()),
            None => Ok(()),
        }
    }

    /// Tries to leave out each item, the last first; a list need not keep any.
    fn drop_parts(&mut self, path: &str) -> Result<(), Halt> {
        let mut place = 0;
        loop {
            let parts = rewrite::parts(&self.source.name, &self.text, path);
            let Some(part) = parts.get(place) else { return Ok(()) };
            // The part at this place is gone, or the next one is to be tried.
            if !self.try_without(part)? {
                place += 1;
            }
        }
    }

    /// Calls of every service, which keep other services in.
    fn drop_calls(&mut self) -> Result<(), Halt> {
        for service in rewrite::parts(&self.source.name, &self.text, "services") {
            self.drop_parts(&format!("{}.calls", service.path))?;
        }
        Ok(())
    }

    fn try_without(&mut self, part: &Part) -> Result<bool, Halt> {
        let text = rewrite::without(&self.text, part);
        let is_bad = self.is_bad(&text)?;
        if is_bad {
            self.text = text;
            self.steps.push(format!("without {}", part.path));
        }
        Ok(is_bad)
    }

    fn make_smaller(&mut self, number: &Number) -> Result<(), Halt> {
        let (mut last, mut changed) = (number.clone(), false);
        let mut least = 0.0;
        for _ in 0..numbers::HALVINGS {
            let Some(less) = last.towards_nothing(least) else { break };
            let written = less.written();
            let Some(text) = rewrite::set(&self.source.name, &self.text, &number.path, &written)
            else {
                break;
            };
            if self.is_bad(&text)? {
                self.text = text;
                (last, changed) = (less, true);
            } else {
                least = less.share();
            }
        }
        if changed {
            let (path, from, to) = (&number.path, number.written(), last.written());
            self.steps.push(format!("{path}: {from} → {to}"));
        }
        Ok(())
    }

    /// Whether a text can be loaded and is bad.
    fn is_bad(&mut self, text: &str) -> Result<bool, Halt> {
        let Ok(experiment) = self.source.with_text(text) else { return Ok(false) };
        if experiment.variants.iter().all(|variant| variant.name != self.ground.variant) {
            return Ok(false);
        }
        self.tried += 1;
        match is_bad(self.ground, self.judge, &experiment) {
            // A run without end is no smaller incident.
            Err(Halt::Broken(_)) => Ok(false),
            other => other,
        }
    }
}

/// Whether an experiment is bad.
///
/// # Errors
/// When a run has no result, or when it is to stop.
pub fn is_bad(ground: &Ground<'_>, judge: Judge, experiment: &Experiment) -> Result<bool, Halt> {
    match judge {
        Judge::Run(seed) => Ok(ground.bad_runs(experiment, vec![seed])? == [true]),
        Judge::Share => {
            let probe = ground.probe(experiment, 0.0, &[])?;
            Ok(probe.verdict == super::probe::Verdict::Bad)
        }
    }
}
