//! Who may excuse what. Pure: no HTTP, no SQL.

use crate::agreements::{Direction, Side};
use crate::promises::commitments::types::Cause;
use crate::shared::error::{Code, Error, Result};
use uuid::Uuid;

/// We decide about excuses, so what we broke, and what we caused, is excused only when the supplier asks
/// for it: both sides agree to it.
pub fn may_ask(direction: Direction, side: Side, cause: Cause) -> Result<()> {
    match (direction, side, cause) {
        (Direction::UsToSupplier, Side::Us, _) => {
            let detail = "What we owed a supplier is excused only at the supplier's request.";
            Err(Error::new(Code::RuleViolated, detail))
        }
        (_, Side::Us, Cause::Us) => {
            let detail = "What we caused is excused only at the supplier's request.";
            Err(Error::rule(Code::RuleViolated, "/cause", detail))
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
        assert!(may_ask(Direction::UsToSupplier, Side::Us, Cause::Supplier).is_err());
        assert!(may_ask(Direction::UsToSupplier, Side::Supplier, Cause::Supplier).is_ok());
        assert!(may_ask(Direction::SupplierToUs, Side::Us, Cause::Us).is_err());
        assert!(may_ask(Direction::SupplierToUs, Side::Us, Cause::Customer).is_ok());
        assert!(may_ask(Direction::SupplierToUs, Side::Supplier, Cause::Us).is_ok());
    }

    #[test]
    fn whoever_asks_does_not_decide() {
        let somebody = Uuid::from_u128(1);
        assert_eq!(may_decide(somebody, somebody).expect_err("two people").code, Code::FourEyes);
        assert!(may_decide(somebody, Uuid::from_u128(2)).is_ok());
    }
}
