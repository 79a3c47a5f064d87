//! Who is the weaker partner. Pure: no HTTP, no SQL.

use super::types::WeakerPartner;

/// Our rate less theirs, and who keeps less. Below one in a million nobody does.
pub fn gap(ours: f64, theirs: f64) -> (f64, WeakerPartner) {
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
