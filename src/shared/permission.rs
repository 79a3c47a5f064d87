//! The whole policy on one screen: who may do what. It drives the checks at run time,
//! `x-required-permission` in the document, `GET /v1/me/permissions` and the access test. Which
//! rows a caller sees is decided by its scope (`Entity::visible`), inside the query.
//!
//! The last column is for API keys of the organisation. A key of a supplier stands in the column of
//! that supplier's administrator; both do only what their scopes name as well.

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

/// How many columns the table has: one per role and one for API keys of the organisation.
pub const COLUMNS: usize = 8;
/// The column of API keys of the organisation.
pub const SERVICE: usize = 7;

/// A right to do one kind of thing. Operations name it in their first argument: `May<P>`.
pub trait Permission: Send + Sync + 'static {
    const NAME: &'static str;
    /// The security scheme of the document with the permission behind it.
    const SCHEME: &'static str;
    /// One cell per role, in the order of `Role::ALL`, and one for API keys.
    const CELLS: [bool; COLUMNS];
    /// Whether it is about the caller's own account: allowed before a password that somebody else
    /// chose has been changed.
    const IS_OWN: bool;
}

/// What an API key needs besides its column: `suppliers:read`, `suppliers:write`, ...
pub fn scope(permission: &str) -> String {
    let (module, verb) = permission.split_once('.').unwrap_or((permission, ""));
    format!("{module}:{}", if verb == "read" { "read" } else { "write" })
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
                    const CELLS: [bool; super::COLUMNS] = [$(cell!($cell)),*];
                    const IS_OWN: bool = matches!(stringify!($module).as_bytes(), b"me");
                }
            )*
        })*

        /// Every permission with its row of the table.
        pub const POLICY: &[(&str, [bool; COLUMNS])] = &[$($(
            (<$module::$permission as Permission>::NAME, <$module::$permission as Permission>::CELLS),
        )*)*];
    };
}

// x = every row, o = rows of the own supplier or what is one's own, - = not at all.
policy! {
    //                                        owner  manager  reviewer agent    auditor sup.admin sup.user key
    me {
        Read       "me.read"                    [x        x        x        x        x        x        x        x]
        Update     "me.update"                  [x        x        x        x        x        x        x        -]
    }
    sessions {
        Read       "sessions.read"              [x        o        o        o        o        o        o        -]
        End        "sessions.end"               [x        o        o        o        o        o        o        -]
    }
    organization {
        Read       "organization.read"          [x        x        x        x        x        -        -        -]
        Update     "organization.update"        [x        -        -        -        -        -        -        -]
    }
    users {
        Read       "users.read"                 [x        x        -        -        x        o        o        -]
        Create     "users.create"               [x        -        -        -        -        -        -        -]
        Update     "users.update"               [x        -        -        -        -        o        -        -]
        Delete     "users.delete"               [x        -        -        -        -        o        -        -]
    }
    invitations {
        Read       "invitations.read"           [x        o        -        -        x        o        -        -]
        Write      "invitations.write"          [x        o        -        -        -        o        -        -]
    }
    api_keys {
        Read       "api_keys.read"              [x        -        -        -        x        o        -        -]
        Write      "api_keys.write"             [x        -        -        -        -        o        -        -]
        Rotate     "api_keys.rotate"            [x        -        -        -        -        -        -        -]
    }
    suppliers {
        Read       "suppliers.read"             [x        x        x        x        x        o        o        x]
        Create     "suppliers.create"           [x        x        -        -        -        -        -        x]
        Update     "suppliers.update"           [x        x        -        -        -        o        -        x]
        Delete     "suppliers.delete"           [x        -        -        -        -        -        -        -]
        Transition "suppliers.transition"       [x        x        -        -        -        -        -        x]
    }
    notes {
        Read       "supplier_notes.read"        [x        x        x        x        x        -        -        x]
        Write      "supplier_notes.write"       [x        x        -        -        -        -        -        x]
    }
    people {
        Read       "people.read"                [x        x        x        x        x        o        o        x]
        Write      "people.write"               [x        x        -        -        -        o        -        x]
    }
    credentials {
        Read       "credentials.read"           [x        x        x        x        x        o        o        x]
        Write      "credentials.write"          [x        x        -        -        -        o        -        x]
        Verify     "credentials.verify"         [x        x        -        -        -        -        -        -]
    }
    files {
        Read       "files.read"                 [x        x        o        o        x        o        o        x]
        Write      "files.write"                [x        x        o        o        -        o        o        x]
        Delete     "files.delete"               [x        x        -        -        -        o        o        x]
    }
    calendars {
        Read       "calendars.read"             [x        x        x        x        x        x        x        x]
        Write      "calendars.write"            [x        x        -        -        -        -        -        -]
    }
    agreements {
        Read       "agreements.read"            [x        x        o        x        x        o        o        x]
        Create     "agreements.create"          [x        x        -        -        -        -        -        x]
        Update     "agreements.update"          [x        x        -        -        -        -        -        x]
        Delete     "agreements.delete"          [x        -        -        -        -        -        -        -]
        Negotiate  "negotiations.write"         [x        x        -        -        -        o        -        -]
        Sign       "signatures.sign"            [x        x        -        -        -        o        -        -]
        Transition "agreements.transition"      [x        x        -        -        -        -        -        -]
    }
    promises {
        Read       "promises.read"              [x        x        o        x        x        o        o        x]
        Write      "promises.write"             [x        x        -        -        -        -        -        -]
        Delete     "promises.delete"            [x        -        -        -        -        -        -        -]
        Publish    "promises.publish"           [x        x        -        -        -        -        -        -]
    }
    underpinnings {
        Read       "underpinnings.read"         [x        x        -        x        x        -        -        x]
    }
    commitments {
        Read       "commitments.read"           [x        x        o        x        x        o        o        x]
        Create     "commitments.create"         [x        x        -        x        -        -        -        x]
        Transition "commitments.transition"     [x        x        -        x        -        -        -        x]
        Ask        "excuses.ask"                [x        x        -        x        -        o        -        -]
        Decide     "excuses.decide"             [x        x        -        -        -        -        -        -]
    }
    surveys {
        Read       "surveys.read"               [x        x        x        x        x        -        -        x]
        Write      "surveys.write"              [x        x        -        -        -        -        -        -]
        Delete     "surveys.delete"             [x        x        -        -        -        -        -        -]
        Publish    "surveys.publish"            [x        x        -        -        -        -        -        -]
    }
    survey_links {
        Read       "survey_links.read"          [x        x        o        x        x        -        -        x]
        Write      "survey_links.write"         [x        x        o        -        -        -        -        x]
        Revoke     "survey_links.revoke"        [x        x        o        -        -        -        -        -]
    }
    feedback {
        Read       "feedback.read"              [x        x        o        x        x        -        -        x]
        Create     "feedback.create"            [x        x        -        x        -        -        -        x]
        FollowUp   "feedback.follow_up"         [x        x        o        x        -        -        -        -]
        Moderate   "feedback.moderate"          [x        -        -        -        -        -        -        -]
        Erase      "feedback.erase"             [x        -        -        -        -        -        -        -]
    }
    feedback_numbers {
        Read       "feedback_numbers.read"      [x        x        o        x        x        o        o        x]
    }
    comments {
        Read       "comments.read"              [x        x        o        x        x        o        o        x]
    }
    alignment {
        Read       "alignment.read"             [x        x        o        x        x        -        -        x]
    }
    questionnaires {
        Read       "questionnaires.read"        [x        x        x        -        x        -        -        x]
        Write      "questionnaires.write"       [x        x        -        -        -        -        -        -]
        Delete     "questionnaires.delete"      [x        -        -        -        -        -        -        -]
        Publish    "questionnaires.publish"     [x        x        -        -        -        -        -        -]
    }
    assessments {
        Read       "assessments.read"           [x        x        o        -        x        o        o        x]
        Assign     "assessments.assign"         [x        x        -        -        -        -        -        -]
        Answer     "answers.write"              [x        x        -        -        -        o        o        x]
        Submit     "assessments.submit"         [x        -        -        -        -        o        -        -]
        Verify     "assessments.verify"         [x        x        o        -        -        -        -        -]
        Decide     "assessments.decide"         [x        x        -        -        -        -        -        -]
    }
    calibration {
        Read       "calibration.read"           [x        x        o        -        x        -        -        x]
    }
    actions {
        Read       "actions.read"               [x        x        o        -        x        o        o        x]
        Create     "actions.create"             [x        x        o        -        -        -        -        -]
        Write      "actions.write"              [x        x        o        -        -        o        -        -]
        Sign       "actions.sign"               [x        x        o        -        -        o        -        -]
        Verify     "actions.verify"             [x        x        -        -        -        -        -        -]
    }
    reviews {
        Read       "reviews.read"               [x        x        o        -        x        o        o        x]
        Write      "reviews.write"              [x        x        o        -        -        -        -        -]
        Transition "reviews.transition"         [x        x        -        -        -        -        -        -]
        Rate       "reviews.rate"               [x        x        o        -        -        o        -        -]
        Respond    "reviews.respond"            [x        -        -        -        -        o        -        -]
        Decide     "reviews.decide"             [x        -        -        -        -        -        -        -]
    }
    early_warnings {
        Read       "early_warnings.read"        [x        x        o        -        x        o        o        x]
        Raise      "early_warnings.raise"       [x        x        -        -        -        o        -        -]
        Answer     "early_warnings.answer"      [x        x        o        -        -        -        -        -]
    }
    imports {
        Read       "imports.read"               [x        o        -        -        x        -        -        o]
        Create     "imports.create"             [x        x        -        -        -        -        -        x]
    }
    exports {
        Read       "exports.read"               [x        o        o        o        x        o        -        o]
        Create     "exports.create"             [x        x        x        x        x        o        -        x]
    }
    jobs {
        Read       "jobs.read"                  [x        o        o        o        x        o        -        o]
        Cancel     "jobs.cancel"                [x        o        -        -        -        o        -        o]
    }
    audit {
        Read       "audit_events.read"          [x        o        -        -        x        o        -        -]
        Verify     "audit_events.verify"        [x        -        -        -        x        -        -        -]
    }
}

/// What scopes an API key may be given: those of everything that a key may do at all.
pub const SCOPES: &[&str] = &[
    "suppliers:read",
    "suppliers:write",
    "supplier_notes:read",
    "supplier_notes:write",
    "people:read",
    "people:write",
    "credentials:read",
    "credentials:write",
    "files:read",
    "files:write",
    "calendars:read",
    "agreements:read",
    "agreements:write",
    "promises:read",
    "underpinnings:read",
    "commitments:read",
    "commitments:write",
    "surveys:read",
    "survey_links:read",
    "survey_links:write",
    "feedback:read",
    "feedback:write",
    "feedback_numbers:read",
    "comments:read",
    "alignment:read",
    "questionnaires:read",
    "assessments:read",
    "answers:write",
    "calibration:read",
    "actions:read",
    "reviews:read",
    "early_warnings:read",
    "imports:read",
    "imports:write",
    "exports:read",
    "exports:write",
    "jobs:read",
    "jobs:write",
];

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn roles_are_named_as_they_are_sent_and_two_are_of_suppliers() {
        for role in Role::ALL {
            assert_eq!(serde_json::json!(role), role.name());
            assert_eq!(role.is_supplier(), role.name().starts_with("supplier_"), "{role:?}");
        }
    }

    #[test]
    fn whoever_only_reads_needs_no_scope_to_write() {
        assert_eq!(scope("suppliers.read"), "suppliers:read");
        assert_eq!(scope("suppliers.update"), "suppliers:write");
    }

    #[test]
    fn there_is_a_scope_for_everything_a_key_may_do_and_for_nothing_else() {
        let admin = Role::ALL.iter().position(|role| *role == Role::SupplierAdmin).expect("a role");
        let for_keys = POLICY.iter().filter(|(name, cells)| cells[SERVICE] && !name.starts_with("me."));
        let needed: BTreeSet<_> = for_keys.map(|(name, _)| scope(name)).collect();
        assert_eq!(needed, SCOPES.iter().map(|scope| (*scope).to_owned()).collect());
        let manager = Role::ALL.iter().position(|role| *role == Role::Manager).expect("a role");
        for (name, cells) in POLICY {
            assert!(!cells[SERVICE] || cells[manager], "{name}: a key may do no more than a manager");
            assert!(!cells[admin] || cells[0], "{name}: owners may do what supplier administrators may");
        }
    }
}
