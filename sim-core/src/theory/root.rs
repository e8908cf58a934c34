//! Where a decreasing function crosses a level: bracketing, then Chandrupatla's method.

use brownout_policies::math;

/// The t ≥ 0 at which `tail`, decreasing from at most 1 towards 0, has fallen to 1 − `p`.
///
/// 0 when it starts there (an atom at zero). `scale` > 0 is any guess of the answer's size. Works
/// on ln tail, which is nearly straight for the laws of this crate, to the last digits of an `f64`.
pub fn quantile(tail: impl Fn(f64) -> f64, p: f64, scale: f64) -> f64 {
    let target = 1.0 - p;
    if tail(0.0) <= target {
        return 0.0;
    }
    let excess = |t: f64| math::ln(tail(t).max(1e-300) / target);
    let (mut low, mut high) = (0.0, scale);
    for _ in 0..1_000 {
        if excess(high) <= 0.0 {
            return zero(excess, low, high);
        }
        low = high;
        high *= 2.0;
    }
    f64::INFINITY
}

/// The zero of `f` between `low` and `high`, where its signs differ, to about 1e-15 relative.
///
/// Inverse quadratic interpolation where it is safe, halving where it is not (Chandrupatla, A new
/// hybrid quadratic/bisection algorithm, Advances in Engineering Software 28, 1997).
pub fn zero(f: impl Fn(f64) -> f64, low: f64, high: f64) -> f64 {
    let (mut a, mut b) = (high, low);
    let (mut fa, mut fb) = (f(a), f(b));
    let mut share = 0.5;
    for _ in 0..200 {
        let t = a + share * (b - a);
        let ft = f(t);
        let (c, fc);
        if (ft > 0.0) == (fa > 0.0) {
            (c, fc) = (a, fa);
        } else {
            (c, fc) = (b, fb);
            (b, fb) = (a, fa);
        }
        (a, fa) = (t, ft);
        let (best, f_best) = if fa.abs() < fb.abs() { (a, fa) } else { (b, fb) };
        let tolerance = 2.0 * f64::EPSILON * best.abs() + f64::MIN_POSITIVE;
        let share_min = tolerance / (b - c).abs().max((b - a).abs());
        if f_best == 0.0 || share_min > 0.5 {
            return best;
        }
        let xi = (a - b) / (c - b);
        let phi = (fa - fb) / (fc - fb);
        share = if phi * phi < xi && (1.0 - phi) * (1.0 - phi) < 1.0 - xi {
            fa / (fb - fa) * fc / (fb - fc) + (c - a) / (b - a) * fa / (fc - fa) * fb / (fc - fb)
        } else {
            0.5
        };
        share = share.clamp(share_min.min(0.5), 1.0 - share_min.min(0.5));
    }
    a
}
