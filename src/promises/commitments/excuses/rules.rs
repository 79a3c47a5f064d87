//! Who may excuse what. Pure: no HTTP, no SQL.

use crate::agreements::{Direction, Side};
use crate::shared::error::{Code, Error, Result};
use uuid::Uuid;

/// What we broke is ours to excuse only when the supplier asks for it.
pub fn may_ask(direction: Direction, side: Side) -> Result<()> {
    match (direction, side) {
        (Direction::UsToSupplier, Side::Us) => {
            let detail = "What we owed a supplier is excused only at the supplier's request.";
            Err(Error::new(Code::RuleViolated, detail))
        }
        _ => Ok(()),
    }
}

/// It takes two people.
pub fn may_decide(asked_by: Uuid, caller: Uuid) -> Result<()> {
    match asked_by == caller {
        true => Err(Error::new(Code::FourEyes, "Whoever asks for an excuse does not decide about it.")),
        false => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn we_do_not_excuse_ourselves() {
        assert!(may_ask(Direction::UsToSupplier, Side::Us).is_err());
        assert!(may_ask(Direction::UsToSupplier, Side::Supplier).is_ok());
        assert!(may_ask(Direction::SupplierToUs, Side::Us).is_ok());
    }

    #[test]
    fn whoever_asks_does_not_decide() {
        let somebody = Uuid::from_u128(1);
        assert_eq!(may_decide(somebody, somebody).expect_err("two people").code, Code::FourEyes);
        assert!(may_decide(somebody, Uuid::from_u128(2)).is_ok());
    }
}
