//! Everything that is wrong with an experiment.

pub(crate) use brownout_policies::notation::problem::{Cx, Subject, did_you_mean, listed, short};
pub use brownout_policies::notation::problem::{Place, Problem, Severity, Source};

/// What an experiment file should hold.
pub(crate) static EXPERIMENT: Subject = Subject {
    one: "an experiment",
    noun: "experiment",
    least: "the least that runs is Experiment(run: (time: \"1m\"), load: […], services: {…})",
    large: "large data belongs in a file of its own: Empirical(file: \"…\")",
};

/// Everything that is wrong with an experiment, with the texts it is wrong in.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Problems {
    /// The texts; the first is the experiment file.
    pub sources: Vec<Source>,
    /// In the order of the file.
    pub list: Vec<Problem>,
    /// How many more there were that are not kept.
    pub more: usize,
}

impl Problems {
    /// What was noted while an experiment was read.
    pub(crate) fn of(cx: Cx) -> Problems {
        let noted = cx.finish();
        Problems { sources: noted.sources, list: noted.list, more: noted.more }
    }

    /// Whether nothing is wrong.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// The line and column of a place, both from 1, columns in characters.
    pub fn line_and_column(&self, place: Place) -> (usize, usize) {
        let source = self.sources.get(place.source as usize);
        source.map_or((1, 1), |source| source.line_and_column(place.start))
    }
}
