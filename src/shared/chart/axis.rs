//! Values along a line.

/// From which value to which, how far lines are apart, and where that is in the picture.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Axis {
    pub floor: f64,
    pub ceiling: f64,
    step: f64,
    pixels: (f64, f64),
}

impl Axis {
    pub fn new((floor, ceiling): (f64, f64), step: f64, pixels: (f64, f64)) -> Self {
        Self { floor, ceiling, step, pixels }
    }

    /// Round values around what is shown, with so many parts at most; `lowest` is below `highest`.
    pub fn around((lowest, highest): (f64, f64), parts: f64, pixels: (f64, f64)) -> Self {
        let least = (highest - lowest) / parts;
        let size = 10_f64.powf(least.log10().floor());
        let fits = |step: &f64| (highest / step).ceil() - (lowest / step).floor() <= parts;
        let steps = [1.0, 2.0, 5.0, 10.0].map(|times| times * size);
        let step = steps.into_iter().find(fits).unwrap_or(20.0 * size);
        Self::new(((lowest / step).floor() * step, (highest / step).ceil() * step), step, pixels)
    }

    /// Where a value is; what is outside is at the edge.
    pub fn at(&self, value: f64) -> f64 {
        let part = (value.clamp(self.floor, self.ceiling) - self.floor) / (self.ceiling - self.floor);
        self.pixels.0 + part * (self.pixels.1 - self.pixels.0)
    }

    pub fn levels(&self) -> impl Iterator<Item = f64> {
        let (step, first) = (self.step, (self.floor / self.step).round());
        #[expect(clippy::cast_possible_truncation, reason = "a few lines")]
        let last = (self.ceiling / step - first).round() as i32;
        (0..=last).map(move |place| (first + f64::from(place)) * step)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn lines_are_at_round_values() {
        let levels = |lowest, highest| Axis::around((lowest, highest), 8.0, (0.0, 1.0)).levels().collect::<Vec<_>>();
        assert_eq!(levels(-100.0, 100.0), [-100.0, -50.0, 0.0, 50.0, 100.0]);
        assert_eq!(levels(-10.0, 53.0), [-10.0, 0.0, 10.0, 20.0, 30.0, 40.0, 50.0, 60.0]);
        assert_eq!(levels(1.0, 7.0), [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0]);
        assert_eq!(levels(-1.2, 0.5), [-1.5, -1.0, -0.5, 0.0, 0.5]);
    }

    proptest! {
        #[test]
        fn everything_has_a_place(lowest in -1e6f64..1e6, width in 0.001f64..1e6, value in -2e6f64..2e6) {
            let axis = Axis::around((lowest, lowest + width), 8.0, (10.0, 50.0));
            prop_assert!(axis.floor - lowest < 1e-6 && lowest + width - axis.ceiling < 1e-6);
            prop_assert!((2..=9).contains(&axis.levels().count()), "{axis:?}");
            prop_assert!((10.0..=50.0).contains(&axis.at(value)));
        }
    }
}
