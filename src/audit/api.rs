//! The audit trail over HTTP.

use super::store;
use super::types::{AuditEvent, AuditQuery};
use crate::shared::app::App;
use crate::shared::auth::May;
use crate::shared::error::Result;
use crate::shared::history::verify::{Verification, verify};
use crate::shared::page::Page;
use crate::shared::params::Params;
use crate::shared::permission::audit::{Read, Verify};
use crate::shared::reply::Listed;
use crate::shared::tag::Tag;
use poem_openapi::OpenApi;

pub struct AuditApi {
    pub app: App,
}

#[OpenApi(prefix_path = "/v1", tag = "Tag::Audit")]
impl AuditApi {
    /// List audit events
    ///
    /// Who did what to which thing, newest first. One row per accepted change, written in the
    /// change's own transaction; sign-ins, refused sign-ins, refusals for lack of a right (the first of
    /// each kind in a minute) and the use of API keys (the first of a day, or from a new address) as well.
    /// Owners and auditors see everything, managers what concerns suppliers, a supplier's administrator
    /// what its own people and keys did.
    #[oai(path = "/audit-events", method = "get", operation_id = "listAuditEvents")]
    async fn list_events(&self, by: May<Read>, query: Params<AuditQuery>) -> Result<Listed<Page<AuditEvent>>> {
        Listed::new(&store::list_events(self.app.db.read(), &by, &query).await?)
    }

    /// Verify the audit trail
    ///
    /// Reads the whole chain of seals again: every sealed row that was changed or removed by hand
    /// is named. Rows are sealed within seconds after they were written.
    #[oai(path = "/audit-events/verify", method = "get", operation_id = "verifyAuditEvents")]
    async fn verify(&self, _by: May<Verify>) -> Result<Listed<Verification>> {
        Listed::new(&verify(self.app.db.fresh()).await?)
    }
}
