//! Reciprocity over HTTP.

use super::store;
use super::types::{Reciprocity, ReciprocityQuery};
use crate::agreements::get_agreement;
use crate::organization::today;
use crate::shared::app::App;
use crate::shared::auth::May;
use crate::shared::days;
use crate::shared::error::Result;
use crate::shared::id::AgreementId;
use crate::shared::params::Params;
use crate::shared::permission::agreements::Read;
use crate::shared::reply::Listed;
use crate::shared::tag::Tag;
use poem_openapi::OpenApi;
use poem_openapi::param::Path;

pub struct ReciprocityApi {
    pub app: App,
}

#[OpenApi(prefix_path = "/v1", tag = "Tag::Numbers")]
impl ReciprocityApi {
    /// Compare what both sides keep
    ///
    /// Our kept rate against the supplier's, over what was promised within published versions: of the whole agreement,
    /// and for each dimension of quality (RATER). A rate of fewer than 10 occasions has no value, and then there is no
    /// gap either.
    #[oai(path = "/agreements/:agreement_id/reciprocity", method = "get", operation_id = "getReciprocity")]
    async fn get_reciprocity(
        &self,
        by: May<Read>,
        agreement_id: Path<AgreementId>,
        query: Params<ReciprocityQuery>,
    ) -> Result<Listed<Reciprocity>> {
        let db = self.app.db.read();
        get_agreement(self.app.db.fresh(), &by, agreement_id.0).await?;
        let window = days::window(&query.days, today(db, &by.clock).await?)?;
        Listed::new(&store::get_reciprocity(db, &by, agreement_id.0, window).await?)
    }
}
