//! What stretches of an attempt's life, and levels, are called in sentences.

use brownout_topologies::ledger::query::{Level, Phase};

/// The stretch of an attempt's life called `name`.
pub(super) fn phase(name: &str) -> Option<Phase> {
    [Phase::Wait, Phase::Service, Phase::Sojourn, Phase::Age]
        .into_iter()
        .find(|&p| phase_name(p) == name)
}

/// What a stretch of an attempt's life is called.
pub(super) const fn phase_name(phase: Phase) -> &'static str {
    match phase {
        Phase::Wait => "wait",
        Phase::Service => "service",
        Phase::Sojourn => "sojourn",
        Phase::Age => "age",
    }
}

/// The level called `name`.
pub(super) fn level(name: &str) -> Option<Level> {
    [Level::Queue, Level::InSystem, Level::Busy].into_iter().find(|&l| level_name(l) == name)
}

/// What a level is called.
pub(super) const fn level_name(level: Level) -> &'static str {
    match level {
        Level::Queue => "queue",
        Level::InSystem => "in_system",
        Level::Busy => "busy",
    }
}
