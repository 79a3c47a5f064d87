//! Which role may stand where. Pure: no HTTP, no SQL.

use crate::shared::error::{Code, Error, Result};
use crate::shared::id::SupplierId;
use crate::shared::permission::Role;

/// Supplier roles belong to a supplier, staff to none.
pub fn check_place(role: Role, supplier: Option<SupplierId>) -> Result<()> {
    match (role.is_supplier(), supplier) {
        (true, Some(_)) | (false, None) => Ok(()),
        (true, None) => {
            Err(Error::rule(Code::RuleViolated, "/supplier_id", format!("The role {} needs a supplier.", role.name())))
        }
        (false, Some(_)) => {
            Err(Error::rule(Code::RuleViolated, "/supplier_id", format!("The role {} has no supplier.", role.name())))
        }
    }
}

/// Roles are changed by owners only, and nobody changes sides: what a supplier's user has seen and done is
/// that supplier's.
pub fn check_new_role(is_owner: bool, before: Role, after: Role) -> Result<()> {
    if before == after {
        return Ok(());
    }
    if !is_owner {
        return Err(Error::rule(Code::Forbidden, "/role", "Roles are changed by owners only."));
    }
    match before.is_supplier() == after.is_supplier() {
        true => Ok(()),
        false => {
            let detail = "Staff stays staff, and a supplier's user one of that supplier. Make another user.";
            Err(Error::rule(Code::RuleViolated, "/role", detail))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_changes_sides() {
        assert!(check_new_role(true, Role::Manager, Role::Owner).is_ok());
        assert!(check_new_role(true, Role::SupplierUser, Role::SupplierAdmin).is_ok());
        let sides = check_new_role(true, Role::SupplierAdmin, Role::Manager).expect_err("another side");
        assert_eq!(sides.code, Code::RuleViolated);
        let role = check_new_role(false, Role::SupplierUser, Role::SupplierAdmin).expect_err("no owner");
        assert_eq!(role.code, Code::Forbidden);
        assert!(check_new_role(false, Role::SupplierUser, Role::SupplierUser).is_ok());
    }
}
