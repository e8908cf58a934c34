//! Expectations and measures, bound to the variants.

use crate::expect::{
    BindContext, BoundExpectation, BoundMeasure, SentenceError, parse_expectation, parse_measure,
};
use crate::experiment::Variant;
use crate::spec::document::Questions;
use crate::spec::plot::Sentence;
use crate::spec::problem::{Cx, Problem};
use crate::spec::values::inside;
use brownout_topologies::graph::Graph;

/// The variants as sentences know them.
pub(crate) fn known(variants: &[Variant]) -> Vec<(&str, &Graph)> {
    variants.iter().map(|variant| (variant.name.as_str(), &variant.graph)).collect()
}

/// Binds every sentence, to so many stretches of a single run; complains where one means nothing.
pub(crate) fn bind(
    questions: &Questions,
    variants: &[Variant],
    batches: Option<u32>,
    cx: &mut Cx,
) -> (Vec<BoundExpectation>, Vec<BoundMeasure>) {
    let known = known(variants);
    let context = BindContext { variants: &known, batches };
    let expect = read(&questions.expect, cx, |text, line| {
        Ok(parse_expectation(text)?.bind(&context)?.on_line(line))
    });
    let measure = read(&questions.measure, cx, |text, _| parse_measure(text)?.bind(&context));
    (expect, measure)
}

/// Judges the form of the sentences where there is no graph to bind them to.
pub(crate) fn check_form(questions: &Questions, cx: &mut Cx) {
    read(&questions.expect, cx, |text, _| parse_expectation(text));
    read(&questions.measure, cx, |text, _| parse_measure(text));
}

fn read<T>(
    sentences: &[Sentence],
    cx: &mut Cx,
    bind: impl Fn(&str, usize) -> Result<T, SentenceError>,
) -> Vec<T> {
    let mut bound = Vec::with_capacity(sentences.len());
    for sentence in sentences {
        match bind(&sentence.text, cx.line_of(sentence.place)) {
            Ok(one) => bound.push(one),
            Err(error) => complain(sentence, error, cx),
        }
    }
    bound
}

/// Complains of a sentence at the words that are wrong.
pub(crate) fn complain(sentence: &Sentence, error: SentenceError, cx: &mut Cx) {
    let place = inside(sentence.place, &sentence.text, error.at, cx);
    cx.push(Problem::error(place, error.message).maybe_help(error.hint));
}
