//! Expectations and measures, bound to the variants.

use crate::expect::{
    BindContext, BoundExpectation, BoundMeasure, BoundTrend, SentenceError, parse_expectation,
    parse_measure, parse_trend,
};
use crate::experiment::{Sweep, Variant};
use crate::spec::document::Questions;
use crate::spec::plot::Sentence;
use crate::spec::problem::{Cx, Place, Problem};
use crate::spec::values::inside;
use brownout_topologies::graph::Graph;

/// The variants as sentences know them.
pub(crate) fn known(variants: &[Variant]) -> Vec<(&str, &Graph)> {
    variants.iter().map(|variant| (variant.name.as_str(), &variant.graph)).collect()
}

/// Every sentence of a file.
#[derive(Default)]
pub(crate) struct Bound {
    pub(crate) expect: Vec<BoundExpectation>,
    pub(crate) trends: Vec<BoundTrend>,
    pub(crate) measure: Vec<BoundMeasure>,
}

/// Binds every sentence, to so many stretches of a single run; complains where one means nothing.
pub(crate) fn bind(
    questions: &Questions,
    variants: &[Variant],
    batches: Option<u32>,
    cx: &mut Cx,
) -> Bound {
    let known = known(variants);
    let context = BindContext { variants: &known, batches };
    let sweep: Option<Sweep> = questions.sweep.plain();
    let mut bound = Bound::default();
    read(&questions.expect, cx, |text, line| {
        match parse_trend(text)? {
            Some(trend) => bound.trends.push(trend.bind(&context, sweep.as_ref())?.on_line(line)),
            None => bound.expect.push(parse_expectation(text)?.bind(&context)?.on_line(line)),
        }
        Ok(())
    });
    bound.measure = read(&questions.measure, cx, |text, _| parse_measure(text)?.bind(&context));
    bound
}

/// Judges the form of the sentences where there is no graph to bind them to.
pub(crate) fn check_form(questions: &Questions, cx: &mut Cx) {
    read(&questions.expect, cx, |text, _| match parse_trend(text)? {
        Some(_) => Ok(()),
        None => parse_expectation(text).map(|_| ()),
    });
    read(&questions.measure, cx, |text, _| parse_measure(text));
}

fn read<T>(
    sentences: &[Sentence],
    cx: &mut Cx,
    mut bind: impl FnMut(&str, usize) -> Result<T, SentenceError>,
) -> Vec<T> {
    let mut bound = Vec::with_capacity(sentences.len());
    let mut lines = Lines::default();
    for sentence in sentences {
        match bind(&sentence.text, lines.of(sentence.place, cx)) {
            Ok(one) => bound.push(one),
            Err(error) => complain(sentence, error, cx),
        }
    }
    bound
}

/// Lines of places, each counted from the place before: together one pass over the text.
#[derive(Default)]
struct Lines {
    before: Place,
    newlines: usize,
}

impl Lines {
    /// The line of a place, from 1.
    fn of(&mut self, place: Place, cx: &Cx) -> usize {
        let Some(source) = cx.sources.get(place.source as usize) else { return 0 };
        if place.source != self.before.source || place.start < self.before.start {
            *self =
                Lines { before: Place { source: place.source, ..Place::default() }, newlines: 0 };
        }
        let between = self.before.start as usize..place.start as usize;
        let between = source.text.as_bytes().get(between).unwrap_or_default();
        self.newlines += between.iter().filter(|byte| **byte == b'\n').count();
        self.before = place;
        self.newlines + 1
    }
}

/// Complains of a sentence at the words that are wrong.
pub(crate) fn complain(sentence: &Sentence, error: SentenceError, cx: &mut Cx) {
    let place = inside(sentence.place, &sentence.text, error.at, cx);
    cx.push(Problem::error(place, error.message).maybe_help(error.hint));
}
