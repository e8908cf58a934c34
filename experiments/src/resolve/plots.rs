//! Plots whose names mean something.

use super::sentences::{complain, known};
use crate::expect::{BindContext, SentenceError, parse_measure};
use crate::experiment::{Plot, Variant};
use crate::spec::document::Questions;
use crate::spec::named::Named;
use crate::spec::plot::{PlotSpec, Sentence};
use crate::spec::problem::{Cx, Problem, did_you_mean};

/// Series that need no target.
const BARE: [&str; 5] = ["offered", "throughput", "goodput", "errors", "attempts"];
/// Distributions whose curve can be drawn.
const CURVES: [&str; 4] = ["latency", "wait", "service", "sojourn"];

/// Complains of series, curves and axes that do not exist.
pub(crate) fn check(questions: &Questions, variants: &[Variant], cx: &mut Cx) {
    for spec in &questions.plots {
        for axis in &spec.axes {
            let paths = || questions.axes.iter().map(|axis| axis.axis.path.as_str());
            if !paths().any(|path| path == axis.text) {
                cx.push(
                    Problem::error(axis.place, format!("`{}` is no axis of the sweep", axis.text))
                        .maybe_help(
                            did_you_mean(&axis.text, paths())
                                .or(Some("add it to `sweep: Grid({…})`".to_owned())),
                        ),
                );
            }
        }
        for metric in &spec.metrics {
            check_metric(spec, metric, variants, cx);
        }
    }
}

fn check_metric(spec: &PlotSpec, metric: &Named, variants: &[Variant], cx: &mut Cx) {
    let known = known(variants);
    let context = BindContext { variants: &known, batches: None };
    let bind = |text: &str| -> Result<(), SentenceError> {
        parse_measure(text)?.bind(&context).map(|_| ())
    };
    match &spec.plot {
        Plot::Timeline { .. } if BARE.contains(&metric.text.as_str()) => {}
        Plot::Timeline { .. } => match metric.text.rsplit_once('.') {
            // `ledger.queue` is short for `queue(ledger)`.
            Some((service, series)) if !metric.text.contains('(') => {
                if let Err(error) = bind(&format!("{series}({service})")) {
                    let message = format!("`{}`: {}", metric.text, error.message);
                    cx.push(Problem::error(metric.place, message).maybe_help(error.hint));
                }
            }
            _ => report(metric, bind(&metric.text), cx),
        },
        Plot::Heatmap { .. } => report(metric, bind(&metric.text), cx),
        Plot::Cdf { .. } => check_curve(metric, bind, cx),
        Plot::Cascade => {}
    }
}

fn check_curve(metric: &Named, bind: impl Fn(&str) -> Result<(), SentenceError>, cx: &mut Cx) {
    let inner = metric.text.strip_suffix(')').and_then(|text| text.split_once('('));
    match inner {
        Some((curve, target)) if CURVES.contains(&curve) => {
            let mean = match curve {
                "latency" => format!("mean({target})"),
                inside => format!("{inside}.mean({target})"),
            };
            if let Err(error) = bind(&mean) {
                cx.push(Problem::error(metric.place, error.message).maybe_help(error.hint));
            }
        }
        _ => {
            cx.push(
                Problem::error(metric.place, "not a curve that can be drawn")
                    .label("expected latency(…), wait(…), service(…) or sojourn(…) of a service"),
            );
        }
    }
}

fn report(metric: &Named, result: Result<(), SentenceError>, cx: &mut Cx) {
    if let Err(error) = result {
        let sentence = Sentence { text: metric.text.clone(), place: metric.place };
        complain(&sentence, error, cx);
    }
}
