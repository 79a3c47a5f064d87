//! What is said when an agreement is negotiated, signed, activated or ended.

use super::Side;
use chrono::NaiveDate;
use poem_openapi::Object;

/// What is said to an offer.
#[derive(Clone, Debug, Object)]
pub struct Offer {
    /// What the other side should know about it.
    #[oai(validator(min_length = 1, max_length = 2000))]
    pub note: Option<String>,
}

/// How the offer on the table is agreed to.
#[derive(Clone, Debug, Object)]
pub struct Consent {
    /// Whether to accept at once every clause that your side has not accepted one by one.
    #[oai(default)]
    pub accept_all: bool,
    /// Whether staff records that the supplier has accepted all of it on paper, while it is the supplier's turn
    /// (403 for suppliers).
    #[oai(default)]
    pub on_paper: bool,
    /// What should be known about it; kept in the history.
    #[oai(validator(min_length = 1, max_length = 2000))]
    pub note: Option<String>,
}

/// A signature: your own, or one on paper that staff records.
#[derive(Clone, Debug, Object)]
pub struct NewSignature {
    /// As what you sign: `Managing director`. Not together with `on_paper` (422).
    #[oai(validator(min_length = 1, max_length = 200))]
    pub title: Option<String>,
    /// A signature on paper. Only staff records one, for either side (403 for others).
    pub on_paper: Option<PaperSignature>,
    /// The `content_hash` of the version that was read: nothing else is signed then (422).
    #[oai(validator(pattern = "^[0-9a-f]{64}$"))]
    pub content_hash: Option<String>,
}

/// A signature on paper.
#[derive(Clone, Debug, Object)]
pub struct PaperSignature {
    /// For which side it is.
    pub side: Side,
    /// Who signed.
    #[oai(validator(min_length = 1, max_length = 200))]
    pub name: String,
    /// As what: `Managing director`.
    #[oai(validator(min_length = 1, max_length = 200))]
    pub title: Option<String>,
    /// On which day; not in the future (422).
    pub signed_on: NaiveDate,
}

/// From when on a version is in force.
#[derive(Clone, Debug, Object)]
pub struct Activation {
    /// Its first day. Of the first version: a day between start and end of the agreement, by
    /// default its start; it may lie in the past, so that history can be loaded. Of later versions:
    /// a day from the one on which it was agreed until today, which is the default (422 otherwise).
    pub effective_on: Option<NaiveDate>,
}

/// How an agreement is ended before its time.
#[derive(Clone, Debug, Object)]
pub struct Termination {
    /// The reason in your words.
    #[oai(validator(min_length = 1, max_length = 2000))]
    pub reason: String,
    /// From which day on it is terminated: today plus the notice or later (422 otherwise).
    pub effective_on: NaiveDate,
    /// Both sides want it: the notice does not count, today is early enough.
    #[oai(default)]
    pub by_consent: bool,
}

/// The agreement that continues this one.
#[derive(Clone, Debug, Object)]
pub struct Successor {
    /// Its last day. It starts on the day after this one ends.
    pub ends_on: NaiveDate,
}
