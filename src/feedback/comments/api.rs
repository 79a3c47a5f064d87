//! Comments over HTTP.

use super::store;
use super::types::{CommentQuery, SharedComment};
use crate::shared::app::App;
use crate::shared::auth::May;
use crate::shared::error::Result;
use crate::shared::page::Page;
use crate::shared::params::Params;
use crate::shared::permission::comments::Read;
use crate::shared::reply::Listed;
use crate::shared::tag::Tag;
use poem_openapi::OpenApi;

pub struct CommentsApi {
    pub app: App,
}

#[OpenApi(prefix_path = "/v1", tag = "Tag::Feedback")]
impl CommentsApi {
    /// List what customers share with suppliers
    ///
    /// Comments and praise whose writers agreed that the supplier reads them, with the month and without anything that
    /// tells who wrote them or what else they answered. What was hidden, quarantined or erased is left out.
    #[oai(path = "/comments", method = "get", operation_id = "listComments")]
    async fn list_comments(&self, by: May<Read>, query: Params<CommentQuery>) -> Result<Listed<Page<SharedComment>>> {
        Listed::new(&store::list_comments(self.app.db.read(), &by, &query).await?)
    }
}
