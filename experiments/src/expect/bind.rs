//! From names to ids, per variant: what a run of each must be asked.

use super::batches::batched;
use super::error::{SentenceError, suggest};
use super::kind::Kind;
use super::sentence::{
    Chance, Claim, Compare, Expectation, Measure, Metric, Right, Side, Spanned, When,
};
use super::stretch::phase_name;
use super::target::{callee, fault, leveled, metric, monitor, service_or_load, window};
use super::unit::Unit;
use brownout_topologies::graph::Graph;
use brownout_topologies::ledger::query::{Metric as Asked, MonitorStat, Query};

/// What names can mean.
#[derive(Debug, Clone, Copy)]
pub struct BindContext<'a> {
    /// Every variant by name, in the order of the file; a file without variants has one.
    pub variants: &'a [(&'a str, &'a Graph)],
    /// Into how many stretches of equal length a window is cut, each of which is asked like a run.
    pub batches: Option<u32>,
}

/// An expectation whose names are known.
#[derive(Debug, Clone, PartialEq)]
pub struct BoundExpectation {
    pub(super) text: String,
    pub(super) line: Line,
    pub(super) compare: Comparison,
    /// The share of runs that it is to hold in, in (0, 1]; without one it is about the mean.
    pub(super) quota: Option<f64>,
    /// One verdict each.
    pub(super) cases: Vec<Case>,
}

/// The line of the experiment file that a sentence stands on, from 1; 0 where it is not known. All
/// are equal: where something is said is no part of what is said.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Line(pub(super) usize);

impl PartialEq for Line {
    fn eq(&self, _: &Line) -> bool {
        true
    }
}

/// A measure whose names are known.
#[derive(Debug, Clone, PartialEq)]
pub struct BoundMeasure {
    pub(super) text: String,
    /// One row each.
    pub(super) rows: Vec<BoundSide>,
}

/// How the left value must compare with the right one, in the metric's unit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Comparison {
    Below,
    AtMost,
    Above,
    AtLeast,
    Exactly,
    Within { tolerance: f64 },
}

/// One verdict to come.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Case {
    pub(super) left: BoundSide,
    pub(super) right: BoundRight,
}

/// What the left side is compared with.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum BoundRight {
    /// A number, in the metric's unit.
    Value(f64),
    /// `factor` times another value of the same run.
    Side { factor: f64, side: BoundSide },
}

/// A value to take from every run of one variant.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct BoundSide {
    /// Place in [`BindContext::variants`].
    pub(super) variant: usize,
    pub(super) variant_name: String,
    /// What to ask, and what to make of the answer; several where a run is cut into batches.
    pub(super) parts: Vec<(Query, Shape)>,
    pub(super) unit: Unit,
    /// The least and the most that an interval is shown to reach.
    pub(super) range: (f64, f64),
    /// Whether each run answers 0 or 1.
    pub(super) is_binary: bool,
}

/// What is made of the answer.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Shape {
    /// Nothing.
    Plain,
    /// One less it.
    Complement,
    /// It over the answer to this one.
    Over(Query),
}

impl Expectation {
    /// Looks up every name, in every variant concerned. Without `on` these are all variants.
    pub fn bind(&self, cx: &BindContext<'_>) -> Result<BoundExpectation, SentenceError> {
        let Claim { left, compare, right, quota } = &self.claim;
        let cases = match right {
            Right::Value(_) | Right::Side { .. } => compared(cx, left, right)?,
            Right::Ranks(names) => ranked(cx, left, names)?,
            Right::Others(best) => best_of(cx, left, best)?,
        };
        let compare = match compare {
            Compare::Below => Comparison::Below,
            Compare::AtMost => Comparison::AtMost,
            Compare::Above => Comparison::Above,
            Compare::AtLeast => Comparison::AtLeast,
            Compare::Exactly => Comparison::Exactly,
            Compare::Within(tolerance) => Comparison::Within { tolerance: tolerance.value() },
        };
        let quota = quota.map(|quota| quota.value());
        Ok(BoundExpectation {
            text: self.text.clone(),
            line: Line::default(),
            compare,
            quota,
            cases,
        })
    }
}

/// The left side of every variant concerned against a number or another side.
fn compared(cx: &BindContext<'_>, left: &Side, right: &Right) -> Result<Vec<Case>, SentenceError> {
    let other = match right {
        Right::Side { side, .. } => Some(side.as_ref()),
        _ => None,
    };
    // Of two sides, the one that does not say when or where takes it from the other.
    let left_on = left.on.as_ref().or(other.and_then(|side| side.on.as_ref()));
    let left_when = left.when.as_ref().or(other.and_then(|side| side.when.as_ref()));
    let mut cases = Vec::new();
    for variant in cx.concerned(left_on)? {
        let right = match right {
            Right::Value(amount) => BoundRight::Value(amount.value()),
            Right::Side { factor, side } => {
                let variant = match &side.on {
                    Some(on) => cx.find(on)?,
                    None => variant,
                };
                let when = side.when.as_ref().or(left.when.as_ref());
                BoundRight::Side { factor: factor.value(), side: side.bind(cx, variant, when)? }
            }
            Right::Ranks(_) | Right::Others(_) => unreachable!("these are bound by themselves"),
        };
        cases.push(Case { left: left.bind(cx, variant, left_when)?, right });
    }
    Ok(cases)
}

/// Each variant against the next.
fn ranked(
    cx: &BindContext<'_>,
    of: &Side,
    names: &[Spanned<String>],
) -> Result<Vec<Case>, SentenceError> {
    let places: Result<Vec<usize>, _> = names.iter().map(|name| cx.find(name)).collect();
    places?.windows(2).map(|pair| against(cx, of, pair[0], pair[1])).collect()
}

/// One variant against every other.
fn best_of(
    cx: &BindContext<'_>,
    of: &Side,
    best: &Spanned<String>,
) -> Result<Vec<Case>, SentenceError> {
    let place = cx.find(best)?;
    if cx.variants.len() == 1 {
        let hint = "compare it with a value";
        return Err(SentenceError::new(best.at.clone(), "it is the only variant", hint));
    }
    let others = (0..cx.variants.len()).filter(|other| *other != place);
    others.map(|other| against(cx, of, place, other)).collect()
}

/// One side on two variants.
fn against(
    cx: &BindContext<'_>,
    of: &Side,
    left: usize,
    right: usize,
) -> Result<Case, SentenceError> {
    let bind = |variant| of.bind(cx, variant, of.when.as_ref());
    Ok(Case { left: bind(left)?, right: BoundRight::Side { factor: 1.0, side: bind(right)? } })
}

impl Measure {
    /// Looks up every name, in every variant concerned. Without `on` these are all variants.
    pub fn bind(&self, cx: &BindContext<'_>) -> Result<BoundMeasure, SentenceError> {
        self.bind_on(cx, &cx.concerned(self.side.on.as_ref())?)
    }

    /// The same in these variants.
    pub(super) fn bind_on(
        &self,
        cx: &BindContext<'_>,
        variants: &[usize],
    ) -> Result<BoundMeasure, SentenceError> {
        let bind = |variant: &usize| self.side.bind(cx, *variant, self.side.when.as_ref());
        let rows = variants.iter().map(bind).collect::<Result<_, _>>()?;
        Ok(BoundMeasure { text: self.text.clone(), rows })
    }
}

impl BindContext<'_> {
    /// The variant named after `on`, or all of them.
    pub(super) fn concerned(
        &self,
        on: Option<&Spanned<String>>,
    ) -> Result<Vec<usize>, SentenceError> {
        match on {
            Some(on) => Ok(vec![self.find(on)?]),
            None => Ok((0..self.variants.len()).collect()),
        }
    }

    /// The variant named after `on`.
    pub(super) fn find(&self, on: &Spanned<String>) -> Result<usize, SentenceError> {
        let found = self.variants.iter().position(|(name, _)| *name == on.what);
        found.ok_or_else(|| {
            let message = format!("unknown variant \"{}\"", on.what);
            let known: Vec<&str> = self.variants.iter().map(|(name, _)| *name).collect();
            let has_window =
                [" during ", " after ", " before "].into_iter().any(|word| on.what.contains(word));
            let hint = match known.as_slice() {
                _ if has_window => "write the window before `on`".to_owned(),
                ["base"] => "the file has no variants: drop `on`".to_owned(),
                known => suggest(&on.what, known, "variants are"),
            };
            SentenceError::new(on.at.clone(), message, hint)
        })
    }
}

impl Side {
    /// The value of one variant's runs that this side stands for.
    fn bind(
        &self,
        cx: &BindContext<'_>,
        variant: usize,
        when: Option<&Spanned<When>>,
    ) -> Result<BoundSide, SentenceError> {
        let (variant_name, graph) = cx.variants[variant];
        let whole = self.ask(graph, when).map_err(|mut error| {
            // Worth saying only when another variant would do.
            if cx.variants.iter().any(|(_, other)| self.ask(other, when).is_ok()) {
                error.message.push_str(&format!(", in variant \"{variant_name}\""));
            }
            error
        })?;
        Ok(BoundSide {
            variant,
            variant_name: variant_name.to_owned(),
            parts: match cx.batches {
                Some(batches) if self.takes_batches() => batched(&whole, batches),
                _ => vec![whole],
            },
            unit: self.unit(),
            range: self.range(),
            is_binary: self.metric.kind().is_some_and(|kind| kind.is_binary()),
        })
    }

    /// Whether the mean over stretches of a run stands for the run.
    fn takes_batches(&self) -> bool {
        self.metric.takes_a_window() && !self.metric.kind().is_some_and(|kind| kind.is_exact())
    }

    /// The question to ask of a run of `graph`, and what to make of the answer.
    fn ask(
        &self,
        graph: &Graph,
        when: Option<&Spanned<When>>,
    ) -> Result<(Query, Shape), SentenceError> {
        let window = window(graph, when.filter(|_| self.metric.takes_a_window()))?;
        let (metric, shape) = self.metric.bind(graph)?;
        let shape = match self.of_offered {
            true => Shape::Over(Query { metric: self.metric.offered(graph)?, window }),
            false => shape,
        };
        Ok((Query { metric, window }, shape))
    }
}

impl Metric {
    /// The question to ask, and what to make of the answer.
    fn bind(&self, graph: &Graph) -> Result<(Asked, Shape), SentenceError> {
        Ok(match self {
            Metric::Events => (Asked::Events, Shape::Plain),
            Metric::Since { kind, target, fault: name } => {
                let fault = match name {
                    Some(name) => Some(fault(graph, name)?),
                    None => None,
                };
                let asked = match kind {
                    Kind::Detected => {
                        let monitor = monitor(graph, target, "detected")?;
                        Asked::Monitor(monitor, MonitorStat::Detected(fault))
                    }
                    _ => Asked::Recovery(service_or_load(graph, target)?, fault),
                };
                (asked, Shape::Plain)
            }
            Metric::Of { kind, target } => (metric(graph, kind.what, target)?, Shape::Plain),
            Metric::Chance { of, target } => {
                let complement = |not: bool| if not { Shape::Complement } else { Shape::Plain };
                match *of {
                    Chance::Above { phase: Some(phase), bound, not } => {
                        let of = callee(graph, target, phase_name(phase))?;
                        (Asked::InsideAbove(of, phase, bound), complement(not))
                    }
                    Chance::Above { phase: None, bound, not } => {
                        let of = service_or_load(graph, target)?;
                        (Asked::LatencyAbove(of, bound), complement(not))
                    }
                    Chance::Exactly { level, k } => {
                        let of = leveled(graph, level, target)?;
                        (Asked::LevelIs(of, level, k), Shape::Plain)
                    }
                    Chance::AtLeast { level, k, not } => {
                        let of = leveled(graph, level, target)?;
                        (Asked::LevelAtLeast(of, level, k), complement(not))
                    }
                }
            }
        })
    }

    /// The offered rate of what this is of.
    fn offered(&self, graph: &Graph) -> Result<Asked, SentenceError> {
        match self {
            Metric::Of { target, .. } => Ok(Asked::Offered(service_or_load(graph, target)?)),
            Metric::Events | Metric::Since { .. } | Metric::Chance { .. } => {
                unreachable!("only a rate of something is a share of offered")
            }
        }
    }
}
