//! What can be exported.

use super::types::{Export, ExportQuery};
use crate::actions::EXPORT as ACTIONS;
use crate::agreements::{
    EXPECTATIONS_EXPORT as EXPECTATIONS, EXPORT as AGREEMENTS, STALE_EXPECTATIONS_EXPORT as STALE_EXPECTATIONS,
    VERSIONS_EXPORT as AGREEMENT_VERSIONS,
};
use crate::assessments::EXPORT as ASSESSMENTS;
use crate::audit::EXPORT as AUDIT_EVENTS;
use crate::calendars::EXPORT as CALENDARS;
use crate::feedback::{COMMENTS_EXPORT as COMMENTS, EXPORT as FEEDBACK, FOLLOW_UPS_EXPORT as FOLLOW_UPS};
use crate::files::EXPORT as FILES;
use crate::imports::{EXPORT as IMPORTS, ROWS_EXPORT as IMPORT_ROWS};
use crate::jobs::EXPORT as JOBS;
use crate::parsed;
use crate::promises::{
    AT_RISK_EXPORT as COMMITMENTS_AT_RISK, CANDIDATES_EXPORT as EXCUSE_CANDIDATES, CHECKS_EXPORT as CAPABILITY_CHECKS,
    COMMITMENTS_EXPORT as COMMITMENTS, EXCUSES_EXPORT as EXCUSES, EXPORT as PROMISES,
    VERSIONS_EXPORT as PROMISE_VERSIONS,
};
use crate::questionnaires::{EXPORT as QUESTIONNAIRES, VERSIONS_EXPORT as QUESTIONNAIRE_VERSIONS};
use crate::reviews::{EARLY_WARNINGS_EXPORT as EARLY_WARNINGS, EXPORT as REVIEWS};
use crate::shared::error::{Error, Result};
use crate::shared::export::Source;
use crate::shared::permission::exports::Read;
use crate::suppliers::{
    CREDENTIALS_EXPORT as CREDENTIALS, EXPORT as SUPPLIERS, NOTES_EXPORT as NOTES, PEOPLE_EXPORT as PEOPLE,
};
use crate::surveys::{EXPORT as SURVEYS, LINKS_EXPORT as SURVEY_LINKS, VERSIONS_EXPORT as SURVEY_VERSIONS};
use crate::users::{
    API_KEYS_EXPORT as API_KEYS, EXPORT as USERS, INVITATIONS_EXPORT as INVITATIONS, SESSIONS_EXPORT as SESSIONS,
};

const EXPORTS: Source = crate::source!("exports", Read, ExportQuery, Export, super::store::list_exports);

pub const SOURCES: &[Source] = &[
    SUPPLIERS,
    PEOPLE,
    CREDENTIALS,
    NOTES,
    FILES,
    USERS,
    API_KEYS,
    INVITATIONS,
    SESSIONS,
    CALENDARS,
    AGREEMENTS,
    AGREEMENT_VERSIONS,
    EXPECTATIONS,
    STALE_EXPECTATIONS,
    PROMISES,
    PROMISE_VERSIONS,
    CAPABILITY_CHECKS,
    COMMITMENTS,
    COMMITMENTS_AT_RISK,
    EXCUSES,
    EXCUSE_CANDIDATES,
    SURVEYS,
    SURVEY_VERSIONS,
    SURVEY_LINKS,
    FEEDBACK,
    COMMENTS,
    FOLLOW_UPS,
    QUESTIONNAIRES,
    QUESTIONNAIRE_VERSIONS,
    ASSESSMENTS,
    ACTIONS,
    REVIEWS,
    EARLY_WARNINGS,
    JOBS,
    IMPORTS,
    IMPORT_ROWS,
    EXPORTS,
    AUDIT_EVENTS,
];

const NAMES: [&str; SOURCES.len()] = {
    let mut names = [""; SOURCES.len()];
    let mut place = 0;
    while place < names.len() {
        names[place] = SOURCES[place].kind;
        place += 1;
    }
    names
};

parsed!(
    /// What is exported.
    ExportKind, one_of: NAMES
);

pub fn find(kind: &str) -> Result<Source> {
    SOURCES.iter().find(|source| source.kind == kind).copied().ok_or_else(Error::not_found)
}
