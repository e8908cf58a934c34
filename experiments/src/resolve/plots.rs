//! Plots whose names mean something.

use super::sentences::{complain, known};
use crate::expect::{BindContext, SentenceError, parse_measure};
use crate::experiment::{Plot, Variant};
use crate::report::chart::{Needs, chart};
use crate::runner::pictures::mean_of;
use crate::spec::document::Questions;
use crate::spec::named::Named;
use crate::spec::plot::{PlotSpec, Sentence};
use crate::spec::problem::{Cx, Problem, did_you_mean};

/// Series that need no target.
const BARE: [&str; 5] = ["offered", "throughput", "goodput", "errors", "attempts"];
/// Series of a service that are no metrics.
const SEEN: [&str; 3] = ["retrying", "open", "half_open"];
/// Distributions whose curve can be drawn.
const CURVES: [&str; 4] = ["latency", "wait", "service", "sojourn"];

/// Complains of series, curves and axes that do not exist.
pub(crate) fn check(questions: &Questions, variants: &[Variant], cx: &mut Cx) {
    for spec in &questions.plots {
        for axis in &spec.axes {
            let paths = || questions.sweep.axes.iter().map(|axis| axis.axis.path.as_str());
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
            // What breakers and retries do has a series and no metric.
            Some((service, series)) if SEEN.contains(&series) => {
                if let Err(error) = bind(&format!("queue({service})")) {
                    cx.push(Problem::error(metric.place, error.message).maybe_help(error.hint));
                }
            }
            Some((service, series)) if !metric.text.contains('(') => {
                if let Err(error) = bind(&format!("{series}({service})")) {
                    let message = format!("`{}`: {}", metric.text, error.message);
                    cx.push(Problem::error(metric.place, message).maybe_help(error.hint));
                }
            }
            _ => report(metric, bind(&metric.text), cx),
        },
        Plot::Heatmap { .. } => report(metric, bind(&metric.text), cx),
        Plot::Chart { name, .. } => match chart(name).needs {
            Needs::Curve => check_curve(metric, &CURVES, bind, cx),
            Needs::Heat => check_curve(metric, &CURVES[..1], bind, cx),
            Needs::Service => check_service(metric, variants, cx),
            Needs::Edges | Needs::Series | Needs::Request => {}
        },
    }
}

fn check_service(metric: &Named, variants: &[Variant], cx: &mut Cx) {
    let services = || variants[0].graph.services.iter().map(|service| service.name.as_str());
    if services().all(|name| name != metric.text) {
        metric.unknown("service", services().collect::<Vec<&str>>(), cx);
    }
}

fn check_curve(
    metric: &Named,
    curves: &[&str],
    bind: impl Fn(&str) -> Result<(), SentenceError>,
    cx: &mut Cx,
) {
    let inner = metric.text.strip_suffix(')').and_then(|text| text.split_once('('));
    match inner {
        Some((curve, _)) if curves.contains(&curve) => {
            if let Err(error) = bind(&mean_of(&metric.text)) {
                cx.push(Problem::error(metric.place, error.message).maybe_help(error.hint));
            }
        }
        _ => {
            let label = match curves {
                ["latency"] => "expected latency(…) of a service",
                _ => "expected latency(…), wait(…), service(…) or sojourn(…) of a service",
            };
            cx.push(Problem::error(metric.place, "not a curve that can be drawn").label(label));
        }
    }
}

fn report(metric: &Named, result: Result<(), SentenceError>, cx: &mut Cx) {
    if let Err(error) = result {
        let sentence = Sentence { text: metric.text.clone(), place: metric.place };
        complain(&sentence, error, cx);
    }
}
