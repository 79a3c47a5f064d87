//! The organisation over HTTP.

use super::store;
use super::types::{Organization, OrganizationChange};
use crate::shared::app::App;
use crate::shared::auth::May;
use crate::shared::body::Patch;
use crate::shared::error::Result;
use crate::shared::etag::{IfMatch, IfNoneMatch};
use crate::shared::history::{self, Entry};
use crate::shared::permission::organization::{Read, Update};
use crate::shared::reply::{Changed, Found};
use crate::shared::tag::Tag;
use poem_openapi::OpenApi;

pub struct OrganizationApi {
    pub app: App,
}

#[OpenApi(prefix_path = "/v1", tag = "Tag::Organization")]
impl OrganizationApi {
    /// Get the organisation
    #[oai(path = "/organization", method = "get", operation_id = "getOrganization")]
    async fn get_organization(&self, _by: May<Read>, if_none_match: IfNoneMatch) -> Result<Found<Organization>> {
        let organization = store::get_organization(&self.app.db, &self.app.clock).await?;
        Found::new(&if_none_match, organization.revision, &organization)
    }

    /// Change the organisation
    ///
    /// A time zone that the IANA database does not know is 422 `rule_violated`.
    #[oai(path = "/organization", method = "patch", operation_id = "updateOrganization")]
    async fn update_organization(
        &self,
        by: May<Update>,
        if_match: IfMatch,
        change: Patch<OrganizationChange>,
    ) -> Result<Changed<Organization>> {
        self.app
            .db
            .write((by.by(), if_match, change.0), |txn, (by, if_match, change)| {
                Box::pin(async move {
                    let before = store::lock_organization(txn, by).await?;
                    if_match.check(before.revision)?;
                    let after = store::update_organization(txn, by, &before, change).await?;
                    if after.revision != before.revision {
                        let entry = Entry::of_nothing("organization.update").between(Some(&before), Some(&after));
                        history::record(txn, by, entry).await?;
                    }
                    Changed::new(after.revision, &after)
                })
            })
            .await
    }
}
