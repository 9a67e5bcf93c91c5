//! Random numbers that are the same for ever: `SplitMix64` (Steele, Lea & Flood, Fast Splittable Pseudorandom Number Generators, 2014).

use std::str::FromStr;

use guanxi_domain::Timestamp;

const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;

/// A stream of random numbers.
#[derive(Clone, Debug)]
pub struct Random(u64);

const fn mixed(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

impl Random {
    /// A stream of its own for each purpose and record, so that none depends on how many numbers another took.
    pub const fn of(seed: u64, purpose: u64, index: u64) -> Self {
        let key = mixed(seed.wrapping_add(GOLDEN)) ^ mixed(purpose.wrapping_mul(GOLDEN));
        Self(mixed(key.wrapping_add(mixed(index.wrapping_add(GOLDEN)))))
    }

    pub const fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(GOLDEN);
        mixed(self.0)
    }

    /// From 0 up to, and without, 1.
    #[allow(
        clippy::cast_precision_loss,
        reason = "53 bits are what a double holds"
    )]
    pub fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// From 0 up to, and without, `n`; 0 if that is 0.
    pub fn below(&mut self, n: usize) -> usize {
        let wide = u128::from(self.next()) * n as u128;
        // The upper half of the product is below n.
        usize::try_from(wide >> 64).unwrap_or(0)
    }

    /// From the first to the last, both included.
    pub fn between(&mut self, first: i64, last: i64) -> i64 {
        let span = usize::try_from(last.saturating_sub(first).saturating_add(1)).unwrap_or(1);
        first + i64::try_from(self.below(span)).unwrap_or(0)
    }

    pub fn chance(&mut self, probability: f64) -> bool {
        self.unit() < probability
    }

    pub fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len())]
    }

    /// A pick where the first are the likeliest: rank r with a probability that falls as r grows.
    pub fn pick_front<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        let first = self.below(from.len());
        let second = self.below(from.len());
        &from[first.min(second).min(self.below(from.len() * 2))]
    }

    /// Standard normal (Box & Muller 1958).
    pub fn normal(&mut self) -> f64 {
        let radius = (-2.0 * (1.0 - self.unit()).ln()).sqrt();
        radius * (std::f64::consts::TAU * self.unit()).cos()
    }

    /// Exponential with this mean.
    pub fn exponential(&mut self, mean: f64) -> f64 {
        -mean * (1.0 - self.unit()).ln()
    }

    /// An id in the form of a UUID version 7 of this time.
    pub fn id<T: FromStr>(&mut self, at: Timestamp) -> T
    where
        T::Err: std::fmt::Debug,
    {
        const HEX: &[u8; 16] = b"0123456789abcdef";
        let millis = u64::try_from(at.micros() / 1_000).unwrap_or(0);
        let (a, b) = (self.next(), self.next());
        let high = (millis << 16) | 0x7000 | (a & 0x0fff);
        let low = 0x8000_0000_0000_0000 | (b >> 2);
        let mut text = [b'-'; 36];
        let mut place = 0;
        for nibble in 0..32 {
            if [8, 12, 16, 20].contains(&nibble) {
                place += 1;
            }
            let half = if nibble < 16 { high } else { low };
            let digit = (half >> (60 - 4 * (nibble % 16))) & 15;
            text[place] = HEX[usize::try_from(digit).unwrap_or(0)];
            place += 1;
        }
        std::str::from_utf8(&text)
            .unwrap_or_default()
            .parse()
            .expect("32 hexadecimal digits in groups")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use guanxi_domain::CustomerId;

    #[test]
    fn a_stream_repeats_itself_and_no_other() {
        let first: Vec<u64> = (0..4).map(|i| Random::of(1, 2, i).next()).collect();
        let again: Vec<u64> = (0..4).map(|i| Random::of(1, 2, i).next()).collect();
        assert_eq!(first, again);
        assert_ne!(first[0], first[1]);
        assert_ne!(Random::of(1, 2, 0).next(), Random::of(2, 1, 0).next());
    }

    #[test]
    fn ids_sort_by_time() {
        let id = |micros: i64| -> CustomerId {
            Random::of(1, 1, 1).id(Timestamp::from_micros(micros * 1_000))
        };
        assert!(id(1_700_000_000_000) < id(1_700_000_000_001));
        assert_eq!(id(1_700_000_000_000).as_str().as_bytes()[14], b'7');
    }

    #[test]
    fn numbers_stay_within_their_bounds() {
        let mut random = Random::of(7, 7, 7);
        let mut sum = 0.0;
        for _ in 0..10_000 {
            assert!((0.0..1.0).contains(&random.unit()));
            assert!((3..=5).contains(&random.between(3, 5)));
            assert!(random.below(3) < 3);
            sum += random.normal();
        }
        assert!((sum / 10_000.0_f64).abs() < 0.05, "mean {}", sum / 10_000.0);
    }
}
