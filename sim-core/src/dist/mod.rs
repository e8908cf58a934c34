//! Distributions: what a person describes ([`Dist`]) and what a run draws from ([`Sampler`]).
//!
//! A new distribution is one file with a `Kind`, its `mod` line and its entry in the list below.
//! Numbers carry no unit here: a service time comes in and goes out in nanoseconds, a batch size
//! in items. Every value drawn is zero or more.

mod constant;
mod empirical;
mod erlang;
mod exp;
mod folded;
mod gamma;
mod hyper_exp;
mod log_normal;
mod mixture;
mod normal;
mod pareto;
mod problem;
mod sequence;
mod special;
#[cfg(test)]
mod tests;
mod uniform;
mod weibull;
mod weights;
mod ziggurat;
mod zipf;

use crate::Draws;

pub use special::normal_quantile;
pub use ziggurat::UnitExp;

distributions! {
    constant::Const,
    uniform::Uniform,
    exp::Exp,
    erlang::Erlang,
    hyper_exp::HyperExp,
    log_normal::LogNormal,
    normal::Normal,
    folded::Folded,
    gamma::Gamma,
    weibull::Weibull,
    pareto::Pareto,
    zipf::Zipf,
    empirical::Empirical,
    mixture::Mixture,
    sequence::Sequence,
}

/// What every distribution answers. The methods of [`Dist`] say what each answer means.
trait Kind: Clone + PartialEq + std::fmt::Debug {
    /// Its name in files.
    const NAME: &'static str;
    /// One line for a list of distributions.
    const ABOUT: &'static str;
    /// Its parameters made ready for drawing.
    type Sampler: Sample;

    fn examples() -> Vec<Self>;
    fn problems(&self) -> Vec<String>;
    fn mean(&self) -> f64;
    fn variance(&self) -> f64;
    fn cdf(&self, x: f64) -> Option<f64>;
    /// Called with p in [0, 1].
    fn quantile(&self, p: f64) -> Option<f64>;
    /// Called with a positive, finite factor.
    fn scaled(&self, factor: f64) -> Self;
    /// Called on parameters without problems.
    fn sampler(&self) -> Self::Sampler;
}

/// What every compiled sampler does: one value, from as many words as it takes.
trait Sample: Clone + std::fmt::Debug {
    fn sample(&self, draws: &mut Draws, nth: u64) -> f64;
    /// Whether it makes a difference which draw it is.
    fn counts(&self) -> bool {
        false
    }
}

/// Makes [`Dist`], [`Sampler`] and their dispatch from the list of kinds.
macro_rules! distributions {
    ($($file:ident::$kind:ident,)+) => {
        $(pub use $file::$kind;)+

        /// A distribution of numbers that are zero or more, by its parameters.
        ///
        /// Each kind has constructors here (`Dist::exp`, `Dist::log_normal_p50_p99`, …). A `Dist`
        /// is a plain description and may be wrong: ask [`Dist::problems`] before anything else.
        #[derive(Debug, Clone, PartialEq)]
        pub enum Dist {
            $(#[doc = concat!("See [`", stringify!($kind), "`].")] $kind($kind),)+
        }

        $(impl From<$kind> for Dist {
            fn from(kind: $kind) -> Dist {
                Dist::$kind(kind)
            }
        })+

        impl Dist {
            /// Every kind there is: its name in files and one line about it.
            pub const KINDS: &[(&str, &str)] =
                &[$((<$kind as Kind>::NAME, <$kind as Kind>::ABOUT)),+];

            /// Valid distributions, at least one of every kind, for tests and reference pages.
            pub fn examples() -> Vec<Dist> {
                let mut examples = Vec::new();
                $(examples.extend(<$kind as Kind>::examples().into_iter().map(Dist::$kind));)+
                examples
            }

            /// The kind's name in files.
            pub fn name(&self) -> &'static str {
                match self { $(Dist::$kind(_) => <$kind as Kind>::NAME,)+ }
            }

            /// What is wrong with the parameters, in words: "mean is -3: it must be positive and
            /// finite". Empty when nothing is; the other methods are for that case.
            pub fn problems(&self) -> Vec<String> {
                match self { $(Dist::$kind(kind) => Kind::problems(kind),)+ }
            }

            /// The expected value; infinite where the tail is too heavy for one.
            pub fn mean(&self) -> f64 {
                match self { $(Dist::$kind(kind) => Kind::mean(kind),)+ }
            }

            /// The expected square of the distance from the mean, in squared units; infinite where
            /// the tail is too heavy for one.
            pub fn variance(&self) -> f64 {
                match self { $(Dist::$kind(kind) => Kind::variance(kind),)+ }
            }

            /// P(X ≤ x), in [0, 1]; `None` when the values have an order instead of chances.
            pub fn cdf(&self, x: f64) -> Option<f64> {
                match self { $(Dist::$kind(kind) => Kind::cdf(kind, x),)+ }
            }

            /// The least value with at least the share `p` of the mass at or below it. At 0 and 1
            /// it is the edge of the support, which may be infinite. `None` as for [`Dist::cdf`].
            ///
            /// # Panics
            /// If `p` is outside [0, 1].
            pub fn quantile(&self, p: f64) -> Option<f64> {
                assert!((0.0..=1.0).contains(&p), "a probability lies in [0, 1], {p} does not");
                match self { $(Dist::$kind(kind) => Kind::quantile(kind, p),)+ }
            }

            /// The distribution of `factor` times the value.
            ///
            /// # Panics
            /// If `factor` is not positive and finite.
            pub fn scaled(&self, factor: f64) -> Dist {
                assert!(factor > 0.0 && factor.is_finite(), "a scale is positive, {factor} is not");
                match self { $(Dist::$kind(kind) => Dist::$kind(Kind::scaled(kind, factor)),)+ }
            }

            /// The parameters made ready for drawing.
            ///
            /// # Panics
            /// If the parameters have [`Dist::problems`].
            pub fn sampler(&self) -> Sampler {
                let problems = self.problems();
                assert!(problems.is_empty(), "a sampler's parameters are valid: {problems:?}");
                match self {
                    $(Dist::$kind(kind) => Sampler(Compiled::$kind(Kind::sampler(kind))),)+
                }
            }
        }

        #[derive(Debug, Clone)]
        enum Compiled {
            $($kind(<$kind as Kind>::Sampler),)+
        }

        impl Sampler {
            /// One value. `nth` is the ordinal of this draw, from 0: [`Sequence`] answers by it,
            /// everything else draws from `draws` as many words as it takes.
            #[inline]
            pub fn sample(&self, draws: &mut Draws, nth: u64) -> f64 {
                // Memoryless times are what most models draw most: they do not pay for a call.
                if let Compiled::Exp(exp) = &self.0 {
                    return exp.sample(draws, nth);
                }
                self.sample_any(draws, nth)
            }

            /// Whether it makes a difference which draw it is, and not only what it is drawn from.
            pub fn counts(&self) -> bool {
                match &self.0 { $(Compiled::$kind(kind) => kind.counts(),)+ }
            }

            #[inline(never)]
            fn sample_any(&self, draws: &mut Draws, nth: u64) -> f64 {
                match &self.0 { $(Compiled::$kind(kind) => kind.sample(draws, nth),)+ }
            }
        }
    };
}
use distributions;

/// A distribution ready for drawing: tables found, constants worked out, nothing to allocate.
#[derive(Debug, Clone)]
pub struct Sampler(Compiled);
