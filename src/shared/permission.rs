//! The whole policy on one screen: who may do what. It drives the checks at run time,
//! `x-required-permission` in the document, and the access test. Which rows a caller sees is
//! decided by its scope (`Entity::visible`), inside the query.

use poem_openapi::Enum;
use sea_orm::{DeriveActiveEnum, EnumIter};
use serde::{Deserialize, Serialize};

/// What somebody is to the organisation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Enum, Serialize, Deserialize, EnumIter, DeriveActiveEnum)]
#[oai(rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum Role {
    /// Owner or administrator of the organisation.
    Owner,
    /// Manages suppliers.
    Manager,
    /// Owns a service, reviews agreements.
    Reviewer,
    /// Works on complaints.
    Agent,
    /// Reads, changes nothing.
    Auditor,
    /// Administers one supplier's side.
    SupplierAdmin,
    /// Works for one supplier.
    SupplierUser,
}

impl Role {
    pub const ALL: [Role; 7] = [
        Role::Owner,
        Role::Manager,
        Role::Reviewer,
        Role::Agent,
        Role::Auditor,
        Role::SupplierAdmin,
        Role::SupplierUser,
    ];

    /// Supplier roles see one supplier only: their own.
    pub fn is_supplier(self) -> bool {
        matches!(self, Role::SupplierAdmin | Role::SupplierUser)
    }

    pub fn name(self) -> &'static str {
        match self {
            Role::Owner => "owner",
            Role::Manager => "manager",
            Role::Reviewer => "reviewer",
            Role::Agent => "agent",
            Role::Auditor => "auditor",
            Role::SupplierAdmin => "supplier_admin",
            Role::SupplierUser => "supplier_user",
        }
    }
}

/// A right to do one kind of thing. Operations name it in their first argument: `May<P>`.
pub trait Permission: Send + Sync + 'static {
    const NAME: &'static str;
    /// The security scheme of the document with the permission behind it.
    const SCHEME: &'static str;
    /// One cell per role, in the order of `Role::ALL`.
    const ROLES: [bool; 7];
}

macro_rules! cell {
    (x) => {
        true
    };
    (o) => {
        true
    };
    (-) => {
        false
    };
}

macro_rules! policy {
    ($($module:ident { $($permission:ident $name:literal [$($cell:tt)*])* })*) => {
        $(pub mod $module {
            $(
                #[doc = concat!("`", $name, "`")]
                pub struct $permission;

                impl super::Permission for $permission {
                    const NAME: &'static str = $name;
                    const SCHEME: &'static str = concat!("bearerAuth:", $name);
                    const ROLES: [bool; 7] = [$(cell!($cell)),*];
                }
            )*
        })*

        /// Every permission with its row of the table.
        pub const POLICY: &[(&str, [bool; 7])] = &[$($(
            (<$module::$permission as Permission>::NAME, <$module::$permission as Permission>::ROLES),
        )*)*];
    };
}

// x = every row, o = rows of the own supplier, - = not at all.
policy! {
    //                                        owner  manager  reviewer agent    auditor sup.admin sup.user
    suppliers {
        Read       "suppliers.read"             [x        x        x        x        x        o        o]
        Create     "suppliers.create"           [x        x        -        -        -        -        -]
        Update     "suppliers.update"           [x        x        -        -        -        -        -]
        Delete     "suppliers.delete"           [x        -        -        -        -        -        -]
        Transition "suppliers.transition"       [x        x        -        -        -        -        -]
    }
    notes {
        Read       "supplier_notes.read"        [x        x        x        x        x        -        -]
        Write      "supplier_notes.write"       [x        x        -        -        -        -        -]
    }
    people {
        Read       "people.read"                [x        x        x        x        x        o        o]
        Write      "people.write"               [x        x        -        -        -        o        -]
    }
    credentials {
        Read       "credentials.read"           [x        x        x        x        x        o        o]
        Write      "credentials.write"          [x        x        -        -        -        o        -]
        Verify     "credentials.verify"         [x        x        -        -        -        -        -]
    }
    jobs {
        Read       "jobs.read"                  [x        -        -        -        x        -        -]
        Cancel     "jobs.cancel"                [x        -        -        -        -        -        -]
    }
    audit {
        Read       "audit_events.read"          [x        -        -        -        x        -        -]
    }
}
