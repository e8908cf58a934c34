//! Why a run went as it did: a chain of findings, each said only when what it says was measured.
//!
//! A run is cut at its trigger: before, during and after. Every link of the chain (slower work,
//! more work than workers, a queue, timeouts, retries, work for nobody) has a condition on those
//! numbers, written beside it in [`trigger`], [`links`] and [`after`]; a link whose condition holds
//! narrowly is hedged, and one whose condition does not hold is not there. The same run without its
//! triggers stands beside it. One run is explained, so a finding is about that run and has no
//! interval.

pub mod after;
pub mod deeds;
pub mod evidence;
pub mod links;
pub mod measure;
pub mod tally;
pub mod trigger;

use super::id::RunId;
use crate::experiment::Experiment;
use crate::report::json::Json;
use brownout_core::random::Seed;
use brownout_topologies::run::RunError;
use evidence::Evidence;

/// What a finding is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// How the run ended: never tipped, recovered, stuck.
    Verdict,
    /// What began it.
    Trigger,
    /// A service was asked for more than it can do.
    Overload,
    /// A queue grew.
    Queue,
    /// Attempts were refused, failed or were lost.
    Refusals,
    /// Attempts waited for connections, or had dead ones.
    Connections,
    /// Callers' clocks ran out.
    Timeouts,
    /// Attempts multiplied.
    Retries,
    /// Workers were taken by waiting for somebody else.
    Spread,
    /// A budget or a breaker held attempts back.
    HeldBack,
    /// What keeps it down after the trigger.
    KeptDown,
    /// Work that nobody waited for.
    ForNobody,
    /// Who waits in line waits longer than its caller does.
    StaleQueue,
    /// The same run without its triggers.
    Control,
    /// Where the work went.
    Work,
    /// What was done, and what users were told of it.
    Deeds,
}

/// How clear the evidence is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Certainty {
    /// The numbers are far beyond the condition.
    Clear,
    /// The condition holds narrowly.
    Weak,
}

/// A number behind a sentence.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Number {
    /// What it is.
    pub name: &'static str,
    /// In its unit.
    pub value: f64,
    /// `s`, `/s`, `share`, `ratio`, or nothing for a count.
    pub unit: &'static str,
}

/// One sentence with the numbers behind it.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// What it is about.
    pub kind: Kind,
    /// The service that it is about, if it is one.
    pub service: Option<String>,
    /// How clear it is.
    pub certainty: Certainty,
    /// The sentence.
    pub text: String,
    /// What was measured.
    pub numbers: Vec<Number>,
}

/// Why one run went as it did.
#[derive(Debug, Clone, PartialEq)]
pub struct Explanation {
    /// Which run.
    pub id: RunId,
    /// From the trigger to the end of it.
    pub findings: Vec<Finding>,
}

impl Kind {
    /// Its name in files.
    pub const fn name(self) -> &'static str {
        match self {
            Kind::Verdict => "verdict",
            Kind::Trigger => "trigger",
            Kind::Overload => "overload",
            Kind::Queue => "queue",
            Kind::Refusals => "refusals",
            Kind::Connections => "connections",
            Kind::Timeouts => "timeouts",
            Kind::Retries => "retries",
            Kind::Spread => "spread",
            Kind::HeldBack => "held_back",
            Kind::KeptDown => "kept_down",
            Kind::ForNobody => "for_nobody",
            Kind::StaleQueue => "stale_queue",
            Kind::Control => "control",
            Kind::Work => "work",
            Kind::Deeds => "deeds",
        }
    }

    /// The heading under which a report tells it.
    const fn heading(self) -> &'static str {
        match self {
            Kind::Verdict => "What happened",
            Kind::Trigger
            | Kind::Overload
            | Kind::Queue
            | Kind::Refusals
            | Kind::Connections
            | Kind::Timeouts
            | Kind::Retries
            | Kind::Spread
            | Kind::HeldBack => "How it came about",
            Kind::KeptDown | Kind::ForNobody | Kind::StaleQueue => "After the trigger",
            Kind::Control => "Without the trigger",
            Kind::Work => "Where the work went",
            Kind::Deeds => "What was done",
        }
    }
}

impl Finding {
    /// A finding with its numbers.
    pub(crate) fn new(kind: Kind, certainty: Certainty, text: String) -> Finding {
        Finding { kind, service: None, certainty, text, numbers: Vec::new() }
    }

    /// The same about a service.
    #[must_use]
    pub(crate) fn of(self, service: &str) -> Finding {
        Finding { service: Some(service.to_owned()), ..self }
    }

    /// The same with one number more behind it.
    #[must_use]
    pub(crate) fn with(mut self, name: &'static str, value: f64, unit: &'static str) -> Finding {
        self.numbers.push(Number { name, value, unit });
        self
    }
}

/// Runs one variant with one seed, and once more without its triggers, and says what is to be
/// found.
///
/// # Errors
/// When a run has no result.
pub fn explain(experiment: &Experiment, place: usize, seed: Seed) -> Result<Explanation, RunError> {
    let graph = &experiment.variants[place].graph;
    let evidence = Evidence::of(graph, seed)?;
    Ok(Explanation { id: RunId::of(experiment, place, seed), findings: evidence.findings() })
}

impl Explanation {
    /// The findings as text for a person.
    pub fn text(&self) -> String {
        let mut out = format!("run {}: one run, no intervals\n", self.id);
        let mut last = "";
        for finding in &self.findings {
            let heading = finding.kind.heading();
            if heading != last {
                out += &format!("\n{heading}\n");
                last = heading;
            }
            let lines = crate::report::human::wrapped(&finding.text, "  - ", "    ");
            out += &(lines.join("\n") + "\n");
        }
        out
    }

    /// The findings for machines.
    pub fn json(&self) -> Json {
        let findings = self.findings.iter().map(|finding| {
            let numbers = finding.numbers.iter().map(|number| {
                Json::object([
                    ("name", Json::text(number.name)),
                    ("value", Json::Number(number.value)),
                    ("unit", Json::text(number.unit)),
                ])
            });
            let service = finding.service.as_ref().map_or(Json::Null, Json::text);
            let is_clear = finding.certainty == Certainty::Clear;
            Json::object([
                ("kind", Json::text(finding.kind.name())),
                ("service", service),
                ("clear", Json::Bool(is_clear)),
                ("text", Json::text(&finding.text)),
                ("numbers", Json::List(numbers.collect())),
            ])
        });
        Json::object([
            ("format", Json::Whole(1)),
            ("id", Json::text(self.id.to_string())),
            ("findings", Json::List(findings.collect())),
        ])
    }
}
