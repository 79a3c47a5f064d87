//! Who is the weaker partner. Pure: no HTTP, no SQL.

use super::types::WeakerPartner;
use crate::agreements::Direction;
use crate::promises::numbers::Counts;
use crate::shared::stats::{Rate, Window};
use crate::shared::time::Timestamp;

const OURS: &str =
    "Share of occasions kept of what we promised the supplier, among those made within a published version.";
const THEIRS: &str = "Share of occasions kept of what the supplier promised us and our customers, among those made within a published version.";

/// What became of what both sides promised.
#[derive(Clone, Copy, Debug, Default)]
pub struct Kept {
    ours: Counts,
    theirs: Counts,
}

impl Kept {
    pub fn add(&mut self, direction: Direction, counts: Counts) {
        match direction {
            Direction::UsToSupplier => self.ours += counts,
            Direction::SupplierToUs | Direction::SupplierToCustomer => self.theirs += counts,
        }
    }
}

/// Our rate, theirs, the gap between them and who keeps less.
pub fn compared(kept: Kept, window: Window, now: Timestamp) -> (Rate, Rate, Option<f64>, Option<WeakerPartner>) {
    let rate = |of: Counts, what| Rate::new(of.kept, of.kept + of.broken, window, now, what);
    let (ours, theirs) = (rate(kept.ours, OURS), rate(kept.theirs, THEIRS));
    let (gap, weaker) = ours.value.zip(theirs.value).map(|(ours, theirs)| gap(ours, theirs)).unzip();
    (ours, theirs, gap, weaker)
}

/// Our rate less theirs, and who keeps less. Below one in a million nobody does.
fn gap(ours: f64, theirs: f64) -> (f64, WeakerPartner) {
    let gap = ours - theirs;
    let weaker = match gap {
        less if less < -1e-6 => WeakerPartner::Us,
        more if more > 1e-6 => WeakerPartner::Supplier,
        _ => WeakerPartner::Neither,
    };
    (gap, weaker)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_keeps_less_is_the_weaker_partner() {
        let (found, weaker) = gap(0.90, 0.96);
        assert!((found + 0.06).abs() < 1e-9);
        assert_eq!(weaker, WeakerPartner::Us);
        assert_eq!(gap(0.96, 0.90).1, WeakerPartner::Supplier);
        assert_eq!(gap(0.9, 0.9), (0.0, WeakerPartner::Neither));
    }
}
