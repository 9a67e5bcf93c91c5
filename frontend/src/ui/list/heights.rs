//! How high the rows of a table are: those that have been seen as they were, the others as these on the average.

/// Of a row before any has been seen, in CSS pixels.
const GUESS: f64 = 41.0;

#[derive(Clone, Default)]
pub(super) struct Heights {
    /// Zero: not seen yet.
    seen: Vec<f64>,
    sum: f64,
    count: usize,
}

impl Heights {
    fn average(&self) -> f64 {
        if self.count == 0 {
            GUESS
        } else {
            #[allow(clippy::cast_precision_loss)] // Some thousands.
            let count = self.count as f64;
            self.sum / count
        }
    }

    pub fn set(&mut self, row: usize, height: f64) {
        if height <= 0.0 {
            return;
        }
        if self.seen.len() <= row {
            self.seen.resize(row + 1, 0.0);
        }
        let before = std::mem::replace(&mut self.seen[row], height);
        self.sum += height - before;
        self.count += usize::from(before == 0.0);
    }

    pub fn of(&self, row: usize) -> f64 {
        match self.seen.get(row) {
            Some(height) if *height > 0.0 => *height,
            _ => self.average(),
        }
    }

    /// From the top of one row to the top of another.
    pub fn between(&self, from: usize, to: usize) -> f64 {
        (from..to).map(|row| self.of(row)).sum()
    }

    /// The row at this distance from the top of the first, at most `count`.
    pub fn row_at(&self, distance: f64, count: usize) -> usize {
        let mut top = 0.0;
        for row in 0..count {
            top += self.of(row);
            if top > distance {
                return row;
            }
        }
        count
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_not_seen_are_as_high_as_the_others_on_the_average() {
        let mut heights = Heights::default();
        assert!((heights.between(0, 10) - 10.0 * GUESS).abs() < 1e-9);
        heights.set(0, 30.0);
        heights.set(1, 50.0);
        assert!((heights.between(0, 10) - 400.0).abs() < 1e-9);
        heights.set(1, 70.0);
        assert!((heights.between(0, 2) - 100.0).abs() < 1e-9);
        assert!((heights.of(9) - 50.0).abs() < 1e-9);
    }

    #[test]
    fn a_distance_leads_to_the_row_that_is_there() {
        let mut heights = Heights::default();
        for (row, height) in [40.0, 80.0, 40.0].into_iter().enumerate() {
            heights.set(row, height);
        }
        for (distance, row) in [
            (-5.0, 0),
            (0.0, 0),
            (39.9, 0),
            (40.0, 1),
            (119.9, 1),
            (120.0, 2),
        ] {
            assert_eq!(heights.row_at(distance, 3), row, "{distance}");
        }
        assert_eq!(heights.row_at(1e6, 3), 3);
        assert_eq!(heights.row_at(10.0, 0), 0);
    }
}
