//! The caller itself over HTTP.

use super::store;
use super::types::{Me, MeChange, MyPermissions, PasswordChange, Task, TaskQuery};
use crate::shared::app::App;
use crate::shared::auth::May;
use crate::shared::body::{Body, Patch};
use crate::shared::error::Result;
use crate::shared::etag::IfMatch;
use crate::shared::page::Page;
use crate::shared::params::Params;
use crate::shared::permission::POLICY;
use crate::shared::permission::me::{Read, Update};
use crate::shared::reply::{Changed, Listed, Nothing, Removed};
use crate::shared::tag::Tag;
use poem_openapi::OpenApi;

pub struct MeApi {
    pub app: App,
}

#[OpenApi(prefix_path = "/v1", tag = "Tag::Me")]
impl MeApi {
    /// Get yourself
    #[oai(path = "/me", method = "get", operation_id = "getMe")]
    async fn get_me(&self, by: May<Read>) -> Result<Listed<Me>> {
        Listed::new(&store::get_me(self.app.db.fresh(), &by).await?)
    }

    /// Change yourself
    ///
    /// The name of your own account. The role is changed by owners, the password with its own
    /// operation.
    #[oai(path = "/me", method = "patch", operation_id = "updateMe")]
    async fn update_me(&self, by: May<Update>, if_match: IfMatch, change: Patch<MeChange>) -> Result<Changed<Me>> {
        let input = (by.by(), if_match, change.0);
        let changed = self.app.db.write(input, |txn, (by, if_match, change)| {
            Box::pin(async move {
                let before = store::lock_own(txn, by).await?;
                if_match.check(before.revision)?;
                store::update_me(txn, by, &before, change).await?;
                let me = store::get_me(txn, by).await?;
                Changed::new(me.revision.unwrap_or_default(), &me)
            })
        });
        let changed = changed.await?;
        self.app.gate.forget();
        Ok(changed)
    }

    /// List what you may do
    ///
    /// From the same table that every request is checked with.
    #[oai(path = "/me/permissions", method = "get", operation_id = "listMyPermissions")]
    async fn permissions(&self, by: May<Read>) -> Result<Listed<MyPermissions>> {
        let mine = POLICY.iter().filter(|(name, cells)| by.caller.has(name, cells));
        let permissions = mine.map(|(name, _)| (*name).to_owned()).collect();
        Listed::new(&MyPermissions { permissions, supplier_id: by.caller.supplier_id })
    }

    /// List what is due from you
    ///
    /// Soonest first. What is done is listed with `done=true` only. Nothing is due from an API key.
    #[oai(path = "/me/tasks", method = "get", operation_id = "listMyTasks")]
    async fn list_tasks(&self, by: May<Read>, query: Params<TaskQuery>) -> Result<Listed<Page<Task>>> {
        Listed::new(&store::list_tasks(self.app.db.read(), &by, &query).await?)
    }

    /// Change your password
    ///
    /// All your other sessions end. A wrong current password is 422 `rule_violated`, an easily
    /// guessed new one 422 `weak_password`.
    #[oai(path = "/me/password", method = "post", operation_id = "changePassword")]
    async fn change_password(&self, by: May<Update>, change: Body<PasswordChange>) -> Result<Removed<Nothing>> {
        let PasswordChange { current_password, new_password } = change.value;
        store::change_password(&self.app, &by, current_password, new_password).await?;
        Ok(Removed::new())
    }
}
