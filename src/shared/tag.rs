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
    /// Evidence: documents, pictures and tables, with the time they speak of.
    Files,
    /// Working hours and holidays, in which business time is counted.
    Calendars,
    /// Two-way service agreements: versions, negotiation, signatures.
    Agreements,
    /// The clauses of agreements: what each side expects of the other.
    Expectations,
    /// What is promised, to whom, and whether it can be kept again and again.
    Promises,
    /// Every occasion on which a promise was made: due, then kept, broken or excused.
    Commitments,
    /// How often promises were kept, with bounds.
    Numbers,
    /// What customers are asked, and the links under which they answer.
    Surveys,
    /// What customers said, and what follows from it.
    Feedback,
    /// Whether what is agreed is what customers care about.
    Alignment,
    /// What suppliers are asked about themselves, in versions.
    Questionnaires,
    /// What suppliers say of themselves, with evidence, and what becomes of it when somebody looks.
    Assessments,
    /// Agreed improvements, which count only when they worked.
    Actions,
    /// Performance reviews of agreements: called by their cadence, held with both sides on frozen evidence.
    Reviews,
    /// What a supplier says before it goes wrong.
    EarlyWarnings,
    /// Files of rows, read row by row.
    Imports,
    /// Lists as files.
    Exports,
    /// Work that takes longer than a request.
    Jobs,
    /// Who did what, sealed against tampering.
    Audit,
    /// Health, version and the catalogue of problems. Public.
    Operations,
}

/// The order in which the document lists them.
pub const ORDER: [&str; 31] = [
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
    "Files",
    "Calendars",
    "Agreements",
    "Expectations",
    "Promises",
    "Commitments",
    "Numbers",
    "Surveys",
    "Feedback",
    "Alignment",
    "Questionnaires",
    "Assessments",
    "Actions",
    "Reviews",
    "EarlyWarnings",
    "Imports",
    "Exports",
    "Jobs",
    "Audit",
    "Operations",
];
