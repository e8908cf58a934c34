//! Distributions of times, by parameters or by the quantiles people know.

use super::fields::{Fields, Names, Variant};
use super::numbers;
use super::problem::{Cx, Problem};
use super::reading::Reading;
use super::tree::{Kind, Node};
use super::values::{self, nanos};
use brownout_core::dist::{Dist, LogNormal, Pareto, Weibull};

/// Every kind of distribution, as written.
pub(crate) const KINDS: Names = Names::new(
    "a distribution",
    &[
        "Const",
        "Uniform",
        "Exp",
        "Erlang",
        "HyperExp",
        "LogNormal",
        "Normal",
        "Folded",
        "Gamma",
        "Weibull",
        "Pareto",
        "Zipf",
        "Empirical",
        "Mixture",
        "Sequence",
    ],
);

/// A distribution of times, in nanoseconds. A bare time such as `"1ms"` is a constant.
pub(crate) fn times(node: &Node, reading: &mut Reading<'_>) -> Option<Dist> {
    let cx = &mut *reading.cx;
    match &node.kind {
        Kind::Text(text) if !KINDS.known.contains(&text.as_str()) => {
            return nanos(node, cx).map(Dist::constant);
        }
        Kind::Number(_) => return nanos(node, cx).map(Dist::constant),
        _ => {}
    }
    let variant = Variant::read(node, KINDS, cx)?;
    let dist = kind(&variant, reading)?;
    for problem in dist.problems() {
        let message = format!("{}: {problem}", variant.name);
        reading.cx.push(
            Problem::error(variant.whole, message)
                .label("times count in nanoseconds in this message"),
        );
    }
    dist.problems().is_empty().then_some(dist)
}

fn kind(variant: &Variant<'_>, reading: &mut Reading<'_>) -> Option<Dist> {
    match variant.name {
        "Empirical" => return numbers::empirical(variant, reading),
        "Mixture" => return mixture(variant, reading),
        _ => {}
    }
    let cx = &mut *reading.cx;
    match variant.name {
        "Const" => one(variant, "Const", &["value"], cx).map(Dist::constant),
        "Exp" => one(variant, "Exp", &["mean"], cx).map(Dist::exp),
        "Uniform" => {
            let fields =
                variant.fields(Names::new("Uniform", &["from", "to"]), &["from", "to"], cx)?;
            let (from, to) = (time(&fields, "from", cx), time(&fields, "to", cx));
            Some(Dist::uniform(from?, to?))
        }
        "Erlang" => {
            let fields = variant.fields(Names::new("Erlang", &["k", "mean"]), &[], cx)?;
            let k =
                fields.need("k", "2", cx).and_then(|node| values::count32(node, 1..=10_000, cx));
            let mean = time(&fields, "mean", cx);
            Some(Dist::erlang(k?, mean?))
        }
        "HyperExp" => hyper_exp(variant, cx),
        "LogNormal" => log_normal(variant, cx),
        "Normal" => mean_sd(variant, "Normal", cx).map(|(mean, sd)| Dist::normal(mean, sd)),
        "Folded" => mean_sd(variant, "Folded", cx).map(|(mean, sd)| Dist::folded(mean, sd)),
        "Gamma" => {
            let fields = variant.fields(Names::new("Gamma", &["mean", "cv"]), &[], cx)?;
            let (mean, cv) = (time(&fields, "mean", cx), plain(&fields, "cv", "0.5", cx));
            Some(Dist::gamma(mean?, cv?))
        }
        "Weibull" => weibull(variant, cx),
        "Pareto" => pareto(variant, cx),
        "Zipf" => zipf(variant, cx),
        _ => sequence(variant, cx),
    }
}

fn one(
    variant: &Variant<'_>,
    what: &'static str,
    names: &'static [&'static str],
    cx: &mut Cx,
) -> Option<f64> {
    let fields = variant.fields(Names::new(what, names), names, cx)?;
    time(&fields, names[0], cx)
}

fn time(fields: &Fields<'_>, key: &str, cx: &mut Cx) -> Option<f64> {
    fields.need(key, "\"20ms\"", cx).and_then(|node| nanos(node, cx))
}

fn plain(fields: &Fields<'_>, key: &str, example: &str, cx: &mut Cx) -> Option<f64> {
    let node = fields.need(key, example, cx)?;
    values::number(node, "of zero or more", |value| value >= 0.0, cx)
}

fn mean_sd(variant: &Variant<'_>, what: &'static str, cx: &mut Cx) -> Option<(f64, f64)> {
    let fields = variant.fields(Names::new(what, &["mean", "sd"]), &[], cx)?;
    let (mean, sd) = (time(&fields, "mean", cx), time(&fields, "sd", cx));
    Some((mean?, sd?))
}

/// Which of several sets of parameters is written; complains about none and about a mixture.
fn form(fields: &Fields<'_>, what: &str, forms: &[&[&str]], cx: &mut Cx) -> Option<usize> {
    let written = |form: &[&str]| form.iter().any(|key| fields.get(key).is_some());
    let mut found = (0..forms.len()).filter(|at| written(forms[*at]));
    if let (Some(only), None) = (found.next(), found.next()) {
        return Some(only);
    }
    if !cx.is_mangled {
        let all: Vec<String> =
            forms.iter().map(|form| format!("({}:)", form.join(":, "))).collect();
        cx.push(
            Problem::error(fields.place, format!("{what} is given in one of {} ways", forms.len()))
                .label(format!("write one of {}", all.join(" "))),
        );
    }
    None
}

fn log_normal(variant: &Variant<'_>, cx: &mut Cx) -> Option<Dist> {
    const NAMES: Names = Names::new("LogNormal", &["p50", "p99", "median", "sigma", "mean", "cv"]);
    let fields = variant.fields(NAMES, &[], cx)?;
    let forms: &[&[&str]] = &[&["p50", "p99"], &["median", "sigma"], &["mean", "cv"]];
    let made = match form(&fields, "LogNormal", forms, cx)? {
        0 => {
            let (p50, p99) = (time(&fields, "p50", cx), time(&fields, "p99", cx));
            let (p50, p99) = (p50?, p99?);
            if !(p50 > 0.0 && p99 >= p50) {
                cx.push(
                    Problem::error(variant.whole, "p99 is less than p50, or p50 is not above 0")
                        .label("expected 0 < p50 ≤ p99"),
                );
                return None;
            }
            LogNormal::from_p50_p99(p50, p99)
        }
        1 => {
            let median = time(&fields, "median", cx);
            LogNormal::from_median_sigma(median?, plain(&fields, "sigma", "0.7", cx)?)
        }
        _ => {
            let mean = time(&fields, "mean", cx);
            LogNormal::from_mean_cv(mean?, plain(&fields, "cv", "0.5", cx)?)
        }
    };
    Some(Dist::LogNormal(made))
}

fn weibull(variant: &Variant<'_>, cx: &mut Cx) -> Option<Dist> {
    let fields = variant.fields(Names::new("Weibull", &["shape", "scale", "mean"]), &[], cx)?;
    let shape = fields.need("shape", "1.5", cx).and_then(|node| values::positive(node, cx));
    let made = match form(&fields, "Weibull", &[&["scale"], &["mean"]], cx)? {
        0 => Weibull { shape: shape?, scale: time(&fields, "scale", cx)? },
        _ => Weibull::from_mean(shape?, time(&fields, "mean", cx)?),
    };
    Some(Dist::Weibull(made))
}

fn pareto(variant: &Variant<'_>, cx: &mut Cx) -> Option<Dist> {
    let fields = variant.fields(Names::new("Pareto", &["shape", "from", "cap"]), &[], cx)?;
    let shape = fields.need("shape", "1.5", cx).and_then(|node| values::positive(node, cx));
    let from = time(&fields, "from", cx);
    let cap = fields.with("cap", cx, nanos);
    Some(Dist::Pareto(Pareto { shape: shape?, from: from?, cap }))
}

fn zipf(variant: &Variant<'_>, cx: &mut Cx) -> Option<Dist> {
    let fields = variant.fields(Names::new("Zipf", &["n", "exponent", "step"]), &[], cx)?;
    let n = fields.need("n", "100", cx).and_then(|node| values::count(node, 1..=1 << 53, cx));
    let exponent = plain(&fields, "exponent", "1.0", cx);
    let step = time(&fields, "step", cx)?;
    if step <= 0.0 {
        cx.push(Problem::error(variant.whole, "Zipf's step is not above 0"));
        return None;
    }
    let ranks = brownout_core::dist::Zipf { n: n?, exponent: exponent?, step: 1.0 };
    let ranks = Dist::Zipf(ranks);
    if ranks.problems().is_empty() { Some(ranks.scaled(step)) } else { Some(ranks) }
}

fn hyper_exp(variant: &Variant<'_>, cx: &mut Cx) -> Option<Dist> {
    if let Some(items) = variant.items() {
        let mut branches = Vec::with_capacity(items.len());
        for item in items {
            let Some((weight, mean)) = values::pair(item, "weight, mean", cx) else { continue };
            let weight = weight_of(weight, cx);
            branches.extend(weight.zip(nanos(mean, cx)));
        }
        return (branches.len() == items.len()).then(|| Dist::hyper_exp(branches));
    }
    let fields = variant.fields(Names::new("HyperExp", &["mean", "cv"]), &[], cx)?;
    let mean = time(&fields, "mean", cx);
    let node = fields.need("cv", "2.0", cx)?;
    let cv = values::number(node, "above 1 (1 is Exp)", |value| value > 1.0, cx)?;
    // Two branches with balanced means (Whitt 1982): p₁m₁ = p₂m₂.
    let square = cv * cv;
    let p = (1.0 + ((square - 1.0) / (square + 1.0)).sqrt()) / 2.0;
    let (fast, slow) = (mean? / (2.0 * p), mean? / (2.0 * (1.0 - p)));
    Some(Dist::hyper_exp([(p, fast), (1.0 - p, slow)]))
}

fn sequence(variant: &Variant<'_>, cx: &mut Cx) -> Option<Dist> {
    let Some(items) = variant.items() else {
        cx.push(
            Problem::error(variant.whole, "Sequence takes a list of times")
                .label("write Sequence([\"1ms\", \"2ms\"])"),
        );
        return None;
    };
    let times: Vec<f64> = items.iter().filter_map(|item| nanos(item, cx)).collect();
    (times.len() == items.len()).then(|| Dist::sequence(times))
}

fn mixture(variant: &Variant<'_>, reading: &mut Reading<'_>) -> Option<Dist> {
    let Some(items) = variant.items() else {
        reading.cx.push(
            Problem::error(variant.whole, "Mixture takes a list of pairs")
                .label("write Mixture([(0.9, Exp(mean: \"5ms\")), (0.1, Const(\"1s\"))])"),
        );
        return None;
    };
    let mut parts = Vec::with_capacity(items.len());
    for item in items {
        let Some((weight, part)) = values::pair(item, "weight, distribution", reading.cx) else {
            continue;
        };
        let weight = weight_of(weight, reading.cx);
        parts.extend(weight.zip(times(part, reading)));
    }
    (parts.len() == items.len()).then(|| Dist::mixture(parts))
}

/// A weight among others.
pub(super) fn weight_of(node: &Node, cx: &mut Cx) -> Option<f64> {
    values::number(node, "of zero or more", |value| value >= 0.0, cx)
}
