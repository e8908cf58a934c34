//! Hit ratios of caches whose keys are asked for independently of each other.

/// Hit ratio of an LRU cache with room for `capacity` keys of these popularities (they sum to 1).
///
/// The keys that are there, latest first, are j₁ … j_C with probability Πp_{jᵢ}/(1 − Σ_{k<i}p_{jₖ})
/// (King, Analysis of demand paging algorithms, IFIP 1971). Takes O(nᶜ) steps.
pub fn lru_hit_ratio(popularity: &[f64], capacity: usize) -> f64 {
    fn over(popularity: &[f64], there: &mut Vec<usize>, left: usize, chance: f64) -> f64 {
        let held: f64 = there.iter().map(|key| popularity[*key]).sum();
        if left == 0 {
            return chance * held;
        }
        let mut sum = 0.0;
        for key in 0..popularity.len() {
            if !there.contains(&key) {
                there.push(key);
                sum += over(popularity, there, left - 1, chance * popularity[key] / (1.0 - held));
                there.pop();
            }
        }
        sum
    }
    over(popularity, &mut Vec::new(), capacity.min(popularity.len()), 1.0)
}

/// Hit ratio of a cache with room for all, whose entries live for `ttl` from when they are put
/// there, at once after a miss: of a key with rate λᵢ one miss is followed by λᵢ·ttl hits on
/// average.
///
/// `rates` are those of the keys (Jung, Berger & Balakrishnan, INFOCOM 2003).
pub fn ttl_hit_ratio(rates: &[f64], ttl: f64) -> f64 {
    let hits: f64 = rates.iter().map(|rate| rate * (rate * ttl) / (1.0 + rate * ttl)).sum();
    hits / rates.iter().sum::<f64>()
}

/// Popularities of `number` keys by Zipf's law: the k-th is asked for as k^{−s}.
pub fn zipf(number: u32, exponent: f64) -> Vec<f64> {
    let weight = |k: u32| brownout_policies::math::pow(f64::from(k), -exponent);
    let all: f64 = (1..=number).map(weight).sum();
    (1..=number).map(|k| weight(k) / all).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_equal_keys_those_that_are_there_are_hit_and_a_single_one_when_it_comes_twice() {
        let equal = zipf(6, 0.0);
        assert!((lru_hit_ratio(&equal, 3) - 0.5).abs() < 1e-12);
        let steep = zipf(5, 1.0);
        let twice: f64 = steep.iter().map(|p| p * p).sum();
        assert!((lru_hit_ratio(&steep, 1) - twice).abs() < 1e-12);
        assert!((lru_hit_ratio(&steep, 5) - 1.0).abs() < 1e-12);
    }
}
