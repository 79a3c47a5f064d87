//! The tags of the published document, in reading order.

use poem_openapi::Tags;

#[derive(Tags)]
pub enum Tag {
    /// Signing in, staying signed in, signing out.
    Auth,
    /// Who you are and what you may do.
    Me,
    /// Where somebody is signed in.
    Sessions,
    /// The organisation that runs this installation.
    Organization,
    /// People who can sign in.
    Users,
    /// Asking somebody to join.
    Invitations,
    /// How other systems sign in.
    ApiKeys,
    /// Companies, individuals and internal units that serve your customers, with their lifecycle.
    Suppliers,
    /// People who work for a supplier.
    People,
    /// Certificates, insurances and permits, with their validity.
    Credentials,
    /// What staff notes about a supplier; suppliers never see it.
    Notes,
    /// Work that takes longer than a request.
    Jobs,
    /// Who did what, sealed against tampering.
    Audit,
    /// Health, version and the catalogue of problems. Public.
    Operations,
}

/// The order in which the document lists them.
pub const ORDER: [&str; 14] = [
    "Auth",
    "Me",
    "Sessions",
    "Organization",
    "Users",
    "Invitations",
    "ApiKeys",
    "Suppliers",
    "People",
    "Credentials",
    "Notes",
    "Jobs",
    "Audit",
    "Operations",
];
