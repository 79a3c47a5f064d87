//! Sessions over HTTP.

use super::store;
use super::types::{Session, SessionQuery};
use crate::shared::app::App;
use crate::shared::auth::{May, SessionId};
use crate::shared::error::Result;
use crate::shared::page::Page;
use crate::shared::params::Params;
use crate::shared::permission::sessions::{End, Read};
use crate::shared::reply::{Listed, Nothing, Removed};
use crate::shared::tag::Tag;
use poem_openapi::OpenApi;
use poem_openapi::param::Path;

pub struct SessionsApi {
    pub app: App,
}

#[OpenApi(prefix_path = "/v1", tag = "Tag::Sessions")]
impl SessionsApi {
    /// List sessions
    ///
    /// Where you are signed in. Owners see everybody's sessions.
    #[oai(path = "/sessions", method = "get", operation_id = "listSessions")]
    async fn list_sessions(&self, by: May<Read>, query: Params<SessionQuery>) -> Result<Listed<Page<Session>>> {
        Listed::new(&store::list_sessions(self.app.db.fresh(), &by, &query).await?)
    }

    /// End a session
    ///
    /// Its tokens are refused at once here, and on all other instances within a second.
    #[oai(path = "/sessions/:session_id", method = "delete", operation_id = "endSession")]
    async fn end_session(&self, by: May<End>, session_id: Path<SessionId>) -> Result<Removed<Nothing>> {
        store::end(&self.app, &by, session_id.0).await?;
        Ok(Removed::new())
    }
}
