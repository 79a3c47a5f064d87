//! Users over HTTP.

use super::types::{NewUser, User, UserChange, UserQuery};
use super::{rules, store};
use crate::shared::app::App;
use crate::shared::auth::{By, May, password};
use crate::shared::body::{Body, Patch};
use crate::shared::db::Txn;
use crate::shared::error::Result;
use crate::shared::etag::{IfMatch, IfNoneMatch};
use crate::shared::history::{self, Entry};
use crate::shared::id::AccountId;
use crate::shared::idempotency::Once;
use crate::shared::page::Page;
use crate::shared::params::Params;
use crate::shared::permission::Role;
use crate::shared::permission::users::{Create, Delete, Read, Update};
use crate::shared::reply::{Changed, Created, Found, Listed, Nothing, Removed};
use crate::shared::tag::Tag;
use poem_openapi::OpenApi;
use poem_openapi::param::Path;

pub struct UsersApi {
    pub app: App,
}

#[OpenApi(prefix_path = "/v1", tag = "Tag::Users")]
impl UsersApi {
    /// List users
    ///
    /// Everybody who can sign in, or could. Supplier roles find those of their own supplier only.
    #[oai(path = "/users", method = "get", operation_id = "listUsers")]
    async fn list_users(&self, by: May<Read>, query: Params<UserQuery>) -> Result<Listed<Page<User>>> {
        Listed::new(&store::list_users(self.app.db.fresh(), &by, &query).await?)
    }

    /// Create a user
    ///
    /// For systems without mail; otherwise send an invitation. The user has to change the first
    /// password after signing in. An address that has an account is 409 `already_exists`; an easily guessed
    /// password 422 `weak_password`, a role in the wrong place `rule_violated`, an unknown supplier
    /// `invalid_reference`.
    #[oai(path = "/users", method = "post", operation_id = "createUser")]
    async fn create_user(&self, by: May<Create>, once: Once, new: Body<NewUser>) -> Result<Created<User>> {
        let keyed = once.over(&by, &new.digest);
        let new = new.value;
        rules::check_place(new.role, new.supplier_id)?;
        password::check(&new.password, &[&new.email, &new.name], "/password").await?;
        let hash = password::hash(new.password.clone(), self.app.password_cost).await?;
        let create = (by.by(), new, hash);
        self.app
            .db
            .once(keyed, create, |txn, (by, new, hash)| {
                Box::pin(async move {
                    let id = store::insert_user(txn, by, new, hash).await?;
                    let user = store::get_user(txn, by.scope, id).await?;
                    let entry = Entry::new("user.create", id.0).about_any(user.supplier_id);
                    history::record(txn, by, entry.between(None, Some(&user))).await?;
                    Created::new(format!("/v1/users/{id}"), user.revision, &user)
                })
            })
            .await
    }

    /// Get a user
    #[oai(path = "/users/:user_id", method = "get", operation_id = "getUser")]
    async fn get_user(
        &self,
        by: May<Read>,
        user_id: Path<AccountId>,
        if_none_match: IfNoneMatch,
    ) -> Result<Found<User>> {
        let user = store::get_user(self.app.db.fresh(), by.scope, user_id.0).await?;
        Found::new(&if_none_match, user.revision, &user)
    }

    /// Change a user
    ///
    /// The name, and by owners the role (403 for others). Staff stays staff and a supplier's user one of it
    /// (422 `rule_violated`); the last owner who can sign in stays one (409 `last_owner`).
    #[oai(path = "/users/:user_id", method = "patch", operation_id = "updateUser")]
    async fn update_user(
        &self,
        by: May<Update>,
        user_id: Path<AccountId>,
        if_match: IfMatch,
        change: Patch<UserChange>,
    ) -> Result<Changed<User>> {
        let update = (by.by(), user_id.0, if_match, change.0);
        let updated = self.app.db.write(update, |txn, (by, id, if_match, change)| {
            Box::pin(async move {
                let before = store::lock_user(txn, by, *id).await?;
                if_match.check(before.revision)?;
                let role = change.role.wanted().copied().unwrap_or(before.role);
                rules::check_new_role(by.caller.is(Role::Owner), before.role, role)?;
                let after = store::update_user(txn, by, &before, change).await?;
                note(txn, by, "user.update", &before, &after).await?;
                Changed::new(after.revision, &after)
            })
        });
        let updated = updated.await;
        self.app.gate.forget();
        updated
    }

    /// Disable a user
    ///
    /// The user cannot sign in any more and all its sessions end, on all instances within a second. The last
    /// owner who can sign in stays (409 `last_owner`).
    #[oai(path = "/users/:user_id/disable", method = "post", operation_id = "disableUser")]
    async fn disable_user(
        &self,
        by: May<Update>,
        user_id: Path<AccountId>,
        if_match: IfMatch,
    ) -> Result<Changed<User>> {
        self.set_disabled(&by, user_id.0, if_match, true).await
    }

    /// Enable a user
    ///
    /// The user can sign in again, with the password it had. A supplier's administrator does not enable whom
    /// staff disabled (403).
    #[oai(path = "/users/:user_id/enable", method = "post", operation_id = "enableUser")]
    async fn enable_user(&self, by: May<Update>, user_id: Path<AccountId>, if_match: IfMatch) -> Result<Changed<User>> {
        self.set_disabled(&by, user_id.0, if_match, false).await
    }

    /// Delete a user
    ///
    /// With all its sessions. What the user did stays in the audit trail, under its name. Disable
    /// a user who may come back. The last owner who can sign in stays (409 `last_owner`).
    #[oai(path = "/users/:user_id", method = "delete", operation_id = "deleteUser")]
    async fn delete_user(
        &self,
        by: May<Delete>,
        user_id: Path<AccountId>,
        if_match: IfMatch,
    ) -> Result<Removed<Nothing>> {
        let delete = (by.by(), user_id.0, if_match);
        let deleted = self.app.db.write(delete, |txn, (by, id, if_match)| {
            Box::pin(async move {
                let before = store::lock_user(txn, by, *id).await?;
                if_match.check(before.revision)?;
                store::delete_user(txn, &before).await?;
                let entry = Entry::new("user.delete", id.0).about_any(before.supplier_id);
                history::record(txn, by, entry.between(Some(&before), None)).await
            })
        });
        deleted.await?;
        self.app.gate.forget();
        Ok(Removed::new())
    }
}

impl UsersApi {
    async fn set_disabled(&self, by: &By, id: AccountId, if_match: IfMatch, disabled: bool) -> Result<Changed<User>> {
        let change = (by.clone(), id, if_match, disabled);
        let changed = self.app.db.write(change, |txn, (by, id, if_match, disabled)| {
            Box::pin(async move {
                let before = store::lock_user(txn, by, *id).await?;
                if_match.check(before.revision)?;
                let after = store::set_disabled(txn, by, &before, disabled.then(|| by.clock.now())).await?;
                note(txn, by, if *disabled { "user.disable" } else { "user.enable" }, &before, &after).await?;
                Changed::new(after.revision, &after)
            })
        });
        let changed = changed.await;
        self.app.gate.forget();
        changed
    }
}

/// A change that changed nothing leaves no entry.
async fn note(txn: &Txn, by: &By, action: &'static str, before: &User, after: &User) -> Result<()> {
    if before.revision == after.revision {
        return Ok(());
    }
    let entry = Entry::new(action, before.id.0).about_any(before.supplier_id).between(Some(before), Some(after));
    history::record(txn, by, entry).await
}
