//! The ziggurat (Marsaglia & Tsang, *The Ziggurat Method for Generating Random Variables*, 2000).
//!
//! A decreasing density is covered by 256 layers of equal area. One word picks a layer and a
//! point across it, and 98 times in 100 that point is under the curve whatever its height, so no
//! transcendental is computed. The word's bits are shared out once: 0–7 choose the layer, 8 is
//! the sign (normal only), 11–63 are the point. The tables are computed with the pinned `libm`,
//! once, so they have the same bits on every platform.

use crate::{Draws, math};
use std::fmt;
use std::sync::LazyLock;

/// Where the tail of the exponential begins with 256 layers (Marsaglia & Tsang 2000, section 3).
const EXP_TAIL: f64 = 7.697_117_470_131_05;
/// Where the tail of the normal begins with 256 layers (Marsaglia & Tsang 2000, section 2).
const NORMAL_TAIL: f64 = 3.654_152_885_361_009;

/// Bits of the point across a layer.
const POINT_BITS: u32 = 53;
const POINT_SCALE: f64 = (1u64 << POINT_BITS) as f64;
/// The bit of the word that is the sign of a normal, and where an `f64` has its own.
const SIGN_BIT: u32 = 8;
const F64_SIGN_BIT: u32 = 63;

static EXP: LazyLock<Table> = LazyLock::new(|| {
    let area = (EXP_TAIL + 1.0) * math::exp(-EXP_TAIL);
    Table::build(EXP_TAIL, area, |x| math::exp(-x), |y| -math::ln(y))
});

static NORMAL: LazyLock<Table> = LazyLock::new(|| {
    let tail = (std::f64::consts::PI / 2.0).sqrt()
        * math::erfc(NORMAL_TAIL * std::f64::consts::FRAC_1_SQRT_2);
    let area = NORMAL_TAIL * bell(NORMAL_TAIL) + tail;
    Table::build(NORMAL_TAIL, area, bell, |y| (-2.0 * math::ln(y)).sqrt())
});

/// The normal density without its constant.
fn bell(x: f64) -> f64 {
    math::exp(-0.5 * x * x)
}

/// One layer, together in half a cache line.
#[derive(Clone, Copy)]
struct Layer {
    /// The layer's right edge over 2⁵³: times the point it is the candidate.
    width: f64,
    /// Points below this are under the curve at every height of the layer.
    inside: u64,
    /// The density at the right edge: the layer's floor.
    floor: f64,
    /// The density at the next layer's right edge: this layer's ceiling.
    ceiling: f64,
}

/// Layers from the widest, which also owns the tail, to the peak.
struct Table {
    layers: [Layer; 256],
}

impl Table {
    /// Layers of `area` each under `density`, whose tail begins at `tail`.
    fn build(
        tail: f64,
        area: f64,
        density: impl Fn(f64) -> f64,
        inverse: impl Fn(f64) -> f64,
    ) -> Table {
        // The widest layer holds the tail too, so its rectangle is wider than `tail`.
        let (mut edge, mut next) = (area / density(tail), tail);
        let layers = std::array::from_fn(|index| {
            let layer = Layer {
                width: edge / POINT_SCALE,
                inside: (next / edge * POINT_SCALE) as u64,
                floor: if index == 0 { 0.0 } else { density(edge) },
                ceiling: density(next),
            };
            edge = next;
            // The last layer reaches the peak, whose density is 1, exactly.
            next = if index >= 254 { 0.0 } else { inverse(area / edge + density(edge)) };
            layer
        });
        Table { layers }
    }
}

impl fmt::Debug for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Table")
    }
}

/// The exponential with mean 1: inter-arrival times, and what other samplers are made of.
#[derive(Debug, Clone, Copy)]
pub struct UnitExp {
    table: &'static Table,
}

impl UnitExp {
    /// The sampler, with its table found.
    pub fn new() -> UnitExp {
        UnitExp { table: LazyLock::force(&EXP) }
    }

    /// One exponential with mean 1, ≥ 0.
    #[inline(always)]
    pub fn sample(self, draws: &mut Draws) -> f64 {
        let word = draws.word();
        let layer = &self.table.layers[(word & 0xFF) as usize];
        let point = word >> (64 - POINT_BITS);
        let x = point as f64 * layer.width;
        if point < layer.inside {
            return x;
        }
        let (x, left) = self.outside(draws.clone(), word, x);
        *draws = left;
        x
    }

    /// The two draws in a hundred that need the density itself. The source goes in and out by
    /// value: by reference it could not stay in a register (measured: 18 → 13 ns for three).
    #[cold]
    #[inline(never)]
    fn outside(self, mut draws: Draws, word: u64, x: f64) -> (f64, Draws) {
        if word & 0xFF == 0 {
            // Memoryless: the tail beyond a point is the same distribution again.
            let x = EXP_TAIL + self.sample(&mut draws);
            return (x, draws);
        }
        let layer = &self.table.layers[(word & 0xFF) as usize];
        let height = layer.floor + draws.unit() * (layer.ceiling - layer.floor);
        let x = if height < math::exp(-x) { x } else { self.sample(&mut draws) };
        (x, draws)
    }
}

impl Default for UnitExp {
    fn default() -> UnitExp {
        UnitExp::new()
    }
}

/// The normal with mean 0 and standard deviation 1.
#[derive(Debug, Clone, Copy)]
pub(super) struct UnitNormal {
    table: &'static Table,
    exp: UnitExp,
}

impl UnitNormal {
    /// The sampler, with its tables found.
    pub(super) fn new() -> UnitNormal {
        UnitNormal { table: LazyLock::force(&NORMAL), exp: UnitExp::new() }
    }

    /// One standard normal.
    #[inline]
    pub(super) fn sample(self, draws: &mut Draws) -> f64 {
        let word = draws.word();
        let layer = &self.table.layers[(word & 0xFF) as usize];
        let point = word >> (64 - POINT_BITS);
        let x = point as f64 * layer.width;
        if point < layer.inside {
            return signed(x, word);
        }
        let (x, left) = self.outside(draws.clone(), word, x);
        *draws = left;
        x
    }

    #[cold]
    #[inline(never)]
    fn outside(self, mut draws: Draws, word: u64, x: f64) -> (f64, Draws) {
        if word & 0xFF == 0 {
            let x = signed(self.tail(&mut draws), word);
            return (x, draws);
        }
        let layer = &self.table.layers[(word & 0xFF) as usize];
        let height = layer.floor + draws.unit() * (layer.ceiling - layer.floor);
        let x = if height < bell(x) { signed(x, word) } else { self.sample(&mut draws) };
        (x, draws)
    }

    /// A normal conditioned on being beyond [`NORMAL_TAIL`] (Marsaglia 1964).
    fn tail(self, draws: &mut Draws) -> f64 {
        loop {
            let beyond = self.exp.sample(draws) / NORMAL_TAIL;
            if 2.0 * self.exp.sample(draws) > beyond * beyond {
                return NORMAL_TAIL + beyond;
            }
        }
    }
}

/// `x` ≥ 0 with the sign that `word` carries.
#[inline]
fn signed(x: f64, word: u64) -> f64 {
    f64::from_bits(x.to_bits() | (word >> SIGN_BIT & 1) << F64_SIGN_BIT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_layers_close_at_the_peak_with_equal_areas() {
        for (table, unit_area) in [
            (&*EXP, (EXP_TAIL + 1.0) * math::exp(-EXP_TAIL)),
            (&*NORMAL, {
                let layer = &NORMAL.layers[1];
                layer.width * POINT_SCALE * (layer.ceiling - layer.floor)
            }),
        ] {
            for layer in &table.layers[1..] {
                let area = layer.width * POINT_SCALE * (layer.ceiling - layer.floor);
                assert!((area / unit_area - 1.0).abs() < 1e-11, "{area} against {unit_area}");
            }
            assert_eq!(table.layers[255].ceiling, 1.0);
        }
    }

    #[test]
    fn the_widest_layer_is_cut_where_the_tail_begins() {
        for (table, tail) in [(&*EXP, EXP_TAIL), (&*NORMAL, NORMAL_TAIL)] {
            let cut = table.layers[0].inside as f64 * table.layers[0].width;
            assert!((cut - tail).abs() < 1e-14, "{cut} against {tail}");
        }
    }
}
