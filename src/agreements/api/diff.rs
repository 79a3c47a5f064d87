//! Differences between versions over HTTP.

use super::super::diff::{Content, VersionDiff, diff};
use super::super::store;
use super::super::types::{AgreementVersion, Terms};
use crate::shared::app::App;
use crate::shared::auth::May;
use crate::shared::error::{Code, Error, Result};
use crate::shared::id::AgreementId;
use crate::shared::params::Params;
use crate::shared::permission::agreements::Read;
use crate::shared::reply::Listed;
use crate::shared::tag::Tag;
use poem_openapi::param::Path;
use poem_openapi::{Object, OpenApi};

pub struct DiffApi {
    pub app: App,
}

/// With what to compare.
#[derive(Debug, Clone, Object)]
pub struct DiffQuery {
    /// The other version. Absent: the last one before it that you may see; for the first, none.
    #[oai(validator(minimum(value = "1"), maximum(value = "1000000")))]
    pub against: Option<i64>,
}

#[OpenApi(prefix_path = "/v1", tag = "Tag::Agreements")]
impl DiffApi {
    /// Compare two versions of an agreement
    ///
    /// Terms and clauses, member by member and in sentences. Marks of acceptance and confirmation
    /// and `review_by` make no difference. 404 for versions that you do not see; 422
    /// `invalid_reference` when that is `against`.
    #[oai(
        path = "/agreements/:agreement_id/versions/:version/diff",
        method = "get",
        operation_id = "diffAgreementVersions"
    )]
    async fn diff_versions(
        &self,
        by: May<Read>,
        agreement_id: Path<AgreementId>,
        version: Path<i64>,
        query: Params<DiffQuery>,
    ) -> Result<Listed<VersionDiff>> {
        let (db, id) = (&self.app.db.snapshot().await?, agreement_id.0);
        let after = store::get_version(db, &by, id, version.0).await?;
        let seen = store::list_versions(db, &by, id).await?;
        let older = || seen.iter().rev().map(|seen| seen.version).find(|number| *number < version.0);
        let against = query.against.or_else(older);
        let before = match against {
            Some(number) if !seen.iter().any(|seen| seen.version == number) => return Err(unknown()),
            Some(number) => Some(store::get_version(db, &by, id, number).await?),
            None => None,
        };
        Listed::new(&diff((id, version.0, against), before.as_ref().map(content), content(&after)))
    }
}

fn content(version: &AgreementVersion) -> Content<'_, Terms> {
    Content { terms: &version.terms, clauses: &version.clauses }
}

fn unknown() -> Error {
    Error::query(Code::InvalidReference, "against", "The agreement has no such version that you can see.")
}
