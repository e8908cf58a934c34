//! Quantiles of Student's t, the normal and the binomial law.

use brownout_policies::math;
use core::f64::consts::{PI, SQRT_2};

/// The value that a standard normal stays below with probability `p` in (0, 1).
///
/// Newton's and Halley's steps on erfc; relative error about 1e-15 away from 0.
pub fn normal_quantile(p: f64) -> f64 {
    assert!(p > 0.0 && p < 1.0, "a normal quantile needs 0 < p < 1; found {p}");
    if p == 0.5 {
        return 0.0;
    }
    let tail = p.min(1.0 - p);
    // Abramowitz & Stegun 26.2.22, good to 3e-3: near enough for the iteration.
    let root = (-2.0 * math::ln(tail)).sqrt();
    let mut x = root - (2.30753 + 0.27061 * root) / (1.0 + root * (0.99229 + 0.04481 * root));
    for _ in 0..20 {
        let density = math::exp(-x * x / 2.0) / (2.0 * PI).sqrt();
        let step = (math::erfc(x / SQRT_2) / 2.0 - tail) / density;
        let halley = step / (1.0 - x * step / 2.0);
        x += halley;
        if halley.abs() <= 1e-15 * x.abs() {
            break;
        }
    }
    if p < 0.5 { -x } else { x }
}

/// The value that Student's t with `df` ≥ 1 degrees of freedom (whole or not) stays below with
/// probability `p` in (0, 1). Relative error under 1e-11.
///
/// P(|T| > t) = I_{df/(df+t²)}(df/2, 1/2). It is convex in t, and the normal quantile is below the
/// root, so Newton's method climbs to it without overshooting.
pub fn student_t_quantile(p: f64, df: f64) -> f64 {
    assert!(p > 0.0 && p < 1.0, "a t quantile needs 0 < p < 1; found {p}");
    assert!(df >= 1.0, "a t quantile needs at least one degree of freedom; found {df}");
    if p == 0.5 {
        return 0.0;
    }
    let tail = p.min(1.0 - p);
    let t = if df < 1e5 { student_by_newton(tail, df) } else { student_by_expansion(tail, df) };
    if p < 0.5 { -t } else { t }
}

/// t in powers of 1/df about the normal z (Abramowitz & Stegun 26.7.5); the next term is 1e-3
/// z⁹/df⁴.
///
/// From df = 1e5 on it is exact to the last digits, where the continued fraction is losing them.
fn student_by_expansion(tail: f64, df: f64) -> f64 {
    let z = -normal_quantile(tail);
    let (z2, z4) = (z * z, z * z * z * z);
    let first = (z2 + 1.0) / 4.0;
    let second = (5.0 * z4 + 16.0 * z2 + 3.0) / 96.0;
    let third = (3.0 * z4 * z2 + 19.0 * z4 + 17.0 * z2 - 15.0) / 384.0;
    z * (1.0 + (first + (second + third / df) / df) / df)
}

/// t with P(T > t) = `tail` < 1/2, by Newton's method from the left.
fn student_by_newton(tail: f64, df: f64) -> f64 {
    let ln_beta = ln_beta_half(df / 2.0);
    let mut t = -normal_quantile(tail);
    for _ in 0..500 {
        let ln_density = -(df + 1.0) / 2.0 * math::ln_1p(t * t / df) - ln_beta - math::ln(df) / 2.0;
        let step = (student_tails(t, df, ln_beta) - 2.0 * tail) / (2.0 * math::exp(ln_density));
        t += step;
        if step.abs() <= 1e-14 * t {
            break;
        }
    }
    t
}

/// P(|T| > t), t > 0.
fn student_tails(t: f64, df: f64, ln_beta: f64) -> f64 {
    let ratio = t * t / df;
    let (ln_x, ln_y) = (-math::ln_1p(ratio), -math::ln_1p(1.0 / ratio));
    let (x, y) = (1.0 / (1.0 + ratio), ratio / (1.0 + ratio));
    let front = math::exp(df / 2.0 * ln_x + 0.5 * ln_y - ln_beta);
    // The continued fraction converges on the near side of the mean a/(a + b).
    if x < (df / 2.0 + 1.0) / (df / 2.0 + 2.5) {
        front / (df / 2.0) * beta_fraction(x, df / 2.0, 0.5)
    } else {
        1.0 - front / 0.5 * beta_fraction(y, 0.5, df / 2.0)
    }
}

/// ln B(a, 1/2) = ln Γ(a) + ln Γ(1/2) − ln Γ(a + 1/2).
fn ln_beta_half(a: f64) -> f64 {
    let ratio = if a < 50.0 {
        math::ln_gamma(a + 0.5) - math::ln_gamma(a)
    } else {
        // The difference of two large logarithms keeps few digits; its own series keeps all.
        let inverse = 1.0 / a;
        let square = inverse * inverse;
        0.5 * math::ln(a) - inverse / 8.0 + inverse * square / 192.0
            - inverse * square * square / 640.0
    };
    0.5 * math::ln(PI) - ratio
}

/// The continued fraction of the incomplete beta function, by Lentz's method (DLMF 8.17.22).
fn beta_fraction(x: f64, a: f64, b: f64) -> f64 {
    let floor = |value: f64| if value.abs() < 1e-300 { 1e-300 } else { value };
    let mut c = 1.0;
    let mut d = 1.0 / floor(1.0 - (a + b) * x / (a + 1.0));
    let mut fraction = d;
    for m in 1..100_000 {
        let m = f64::from(m);
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        d = 1.0 / floor(1.0 + even * d);
        c = floor(1.0 + even / c);
        fraction *= d * c;
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        d = 1.0 / floor(1.0 + odd * d);
        c = floor(1.0 + odd / c);
        fraction *= d * c;
        if (d * c - 1.0).abs() < 1e-16 {
            break;
        }
    }
    fraction
}

/// The least k with P(X ≤ k) ≥ `p`, X binomial of `trials` trials at `share` in [0, 1).
///
/// With N independent metrics each missing its 99 % interval by chance, at most
/// `binomial_upper(N, 0.01, 0.999)` misses are no news.
pub fn binomial_upper(trials: u64, share: f64, p: f64) -> u64 {
    let n = trials as f64;
    let odds = math::ln(share) - math::ln_1p(-share);
    let (mut ln_term, mut below) = (n * math::ln_1p(-share), 0.0);
    for k in 0..trials {
        below += math::exp(ln_term);
        if below >= p {
            return k;
        }
        ln_term += odds + math::ln((n - k as f64) / (k as f64 + 1.0));
    }
    trials
}
