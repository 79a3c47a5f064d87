//! Invitations over HTTP.

use super::types::{Acceptance, Invitation, InvitationId, InvitationQuery, JoinedUser, NewInvitation};
use super::{joining, rules, store};
use crate::shared::app::App;
use crate::shared::auth::{Anyone, By, May, Scope};
use crate::shared::body::Body;
use crate::shared::error::Result;
use crate::shared::etag::{IfMatch, IfNoneMatch};
use crate::shared::history::{self, Entry};
use crate::shared::idempotency::Once;
use crate::shared::page::Page;
use crate::shared::params::Params;
use crate::shared::permission::invitations::{Read, Write};
use crate::shared::rate::Policy;
use crate::shared::reply::{Changed, Created, Found, Listed, Nothing, Removed};
use crate::shared::tag::Tag;
use poem_openapi::OpenApi;
use poem_openapi::param::Path;

pub struct InvitationsApi {
    pub app: App,
}

#[OpenApi(prefix_path = "/v1", tag = "Tag::Invitations")]
impl InvitationsApi {
    /// List invitations
    ///
    /// Managers see those into suppliers, a supplier's administrator those into its own supplier.
    #[oai(path = "/invitations", method = "get", operation_id = "listInvitations")]
    async fn list_invitations(
        &self,
        by: May<Read>,
        query: Params<InvitationQuery>,
    ) -> Result<Listed<Page<Invitation>>> {
        Listed::new(&store::list_invitations(self.app.db.read(), &by, &query).await?)
    }

    /// Invite somebody
    ///
    /// Sends a mail with a token that works once, for 7 days. Nobody invites to a role above their own
    /// (403): managers and a supplier's administrator invite to supplier roles only. An address
    /// that has an account, or a pending invitation to the same place, is 409 `already_exists`. While
    /// no mail server is configured the answer has the token for staff to hand on; a replay has it not.
    #[oai(path = "/invitations", method = "post", operation_id = "createInvitation")]
    async fn create_invitation(
        &self,
        by: May<Write>,
        once: Once,
        new: Body<NewInvitation>,
    ) -> Result<Created<Invitation>> {
        let keyed = once.over(&by, &new.digest);
        let create = (self.app.clone(), by.by(), new.value);
        self.app
            .db
            .once(keyed, create, |txn, (app, by, new)| {
                Box::pin(async move {
                    let (made, round) = store::insert_invitation(txn, by, new).await?;
                    let entry = Entry::new("invitation.create", made.id.0).about_any(made.supplier_id);
                    history::record(txn, by, entry.between(None, Some(&made))).await?;
                    let reply = Created::new(format!("/v1/invitations/{}", made.id), made.revision, &made)?;
                    reply.showing_once(&with_token(app, by, made, round))
                })
            })
            .await
    }

    /// Get an invitation
    #[oai(path = "/invitations/:invitation_id", method = "get", operation_id = "getInvitation")]
    async fn get_invitation(&self, by: May<Read>, invitation_id: Path<InvitationId>) -> Result<Found<Invitation>> {
        let invitation = store::get_invitation(self.app.db.fresh(), &by, invitation_id.0).await?;
        // It expires without a new revision.
        Found::new(&IfNoneMatch::ignored(), invitation.revision, &invitation)
    }

    /// Send an invitation again
    ///
    /// With another token, for another 7 days; the older tokens are void. Only while it is pending or
    /// expired. While no mail server is configured the answer has the token; a replay has it not.
    #[oai(path = "/invitations/:invitation_id/resend", method = "post", operation_id = "resendInvitation")]
    async fn resend_invitation(
        &self,
        by: May<Write>,
        invitation_id: Path<InvitationId>,
        once: Once,
        if_match: IfMatch,
    ) -> Result<Changed<Invitation>> {
        let resend = (self.app.clone(), by.by(), invitation_id.0, if_match);
        self.app
            .db
            .once(once.over(&by, &[]), resend, |txn, (app, by, id, if_match)| {
                Box::pin(async move {
                    let before = store::lock_invitation(txn, by, *id).await?;
                    if_match.check(before.0.revision)?;
                    let (after, round) = store::resend_invitation(txn, by, &before).await?;
                    let entry = Entry::new("invitation.resend", id.0).about_any(after.supplier_id);
                    history::record(txn, by, entry.between(Some(&before.0), Some(&after))).await?;
                    Changed::new(after.revision, &after)?.showing_once(&with_token(app, by, after, round))
                })
            })
            .await
    }

    /// Revoke an invitation
    ///
    /// Its token is void. Only while it is pending (409 `invalid_state` otherwise).
    #[oai(path = "/invitations/:invitation_id", method = "delete", operation_id = "revokeInvitation")]
    async fn revoke_invitation(
        &self,
        by: May<Write>,
        invitation_id: Path<InvitationId>,
        if_match: IfMatch,
    ) -> Result<Removed<Nothing>> {
        let revoke = (by.by(), invitation_id.0, if_match);
        self.app
            .db
            .write(revoke, |txn, (by, id, if_match)| {
                Box::pin(async move {
                    let (before, _) = store::lock_invitation(txn, by, *id).await?;
                    if_match.check(before.revision)?;
                    let after = store::revoke_invitation(txn, by, &before).await?;
                    let entry = Entry::new("invitation.revoke", id.0).about_any(after.supplier_id);
                    history::record(txn, by, entry.between(Some(&before), Some(&after))).await?;
                    Ok(Removed::new())
                })
            })
            .await
    }

    /// Accept an invitation
    ///
    /// Makes your account; sign in with it then. The token works once: one that was used, replaced,
    /// taken back or is too old is 410 `invitation_expired`, one that was never ours 401
    /// `invalid_token`. An easily guessed password is 422 `weak_password`.
    #[oai(path = "/invitations/accept", method = "post", operation_id = "acceptInvitation")]
    async fn accept_invitation(&self, anyone: Anyone, acceptance: Body<Acceptance>) -> Result<Created<JoinedUser>> {
        self.app.gate.limit_peer(&anyone.context, Policy::Login)?;
        let joined = joining::accept(&self.app, &anyone, acceptance.value).await?;
        Created::new(format!("/v1/users/{}", joined.id), 1, &joined)
    }
}

/// The invitation with its token, while nobody but the caller can hand it on.
fn with_token(app: &App, by: &By, invitation: Invitation, round: i64) -> Invitation {
    let token = || rules::token(&app.gate.keys().link_key(), invitation.id, round);
    let accept_token = (!app.mail.reaches_people() && by.scope == Scope::Everything).then(token);
    Invitation { accept_token, ..invitation }
}
