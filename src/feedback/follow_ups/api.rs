//! Follow-ups over HTTP.

use super::rules::{self, Verb};
use super::store;
use super::types::{FollowUp, FollowUpContact, FollowUpEnd, FollowUpId, FollowUpOwner, FollowUpQuery};
use crate::feedback::entity::follow_up::Model;
use crate::shared::app::App;
use crate::shared::auth::{By, May};
use crate::shared::body::Body;
use crate::shared::db::Txn;
use crate::shared::error::{Code, Error, Result};
use crate::shared::etag::{IfMatch, IfNoneMatch};
use crate::shared::history::{self, Entry};
use crate::shared::idempotency::{Keyed, Once};
use crate::shared::page::Page;
use crate::shared::params::Params;
use crate::shared::permission::feedback;
use crate::shared::permission::feedback::Read;
use crate::shared::reply::{Changed, Found, Listed};
use crate::shared::tag::Tag;
use poem_openapi::OpenApi;
use poem_openapi::param::Path;

pub struct FollowUpsApi {
    pub app: App,
}

type Moved = Result<Changed<FollowUp>>;

/// What is done, with what is said to it.
enum Step {
    Own(FollowUpOwner),
    Contact(FollowUpContact),
    Resolve(FollowUpEnd),
    GiveUp(FollowUpEnd),
}

#[OpenApi(prefix_path = "/v1", tag = "Tag::Feedback")]
impl FollowUpsApi {
    /// List follow-ups
    ///
    /// Low answers that somebody has to follow up, soonest due first. Reviewers see those of their agreements.
    #[oai(path = "/follow-ups", method = "get", operation_id = "listFollowUps")]
    async fn list_follow_ups(&self, by: May<Read>, query: Params<FollowUpQuery>) -> Result<Listed<Page<FollowUp>>> {
        Listed::new(&store::list_follow_ups(self.app.db.read(), &by, &query).await?)
    }

    /// Get a follow-up
    #[oai(path = "/follow-ups/:follow_up_id", method = "get", operation_id = "getFollowUp")]
    async fn get_follow_up(
        &self,
        by: May<Read>,
        follow_up_id: Path<FollowUpId>,
        if_none_match: IfNoneMatch,
    ) -> Result<Found<FollowUp>> {
        let shown = store::get_follow_up(self.app.db.fresh(), &by, follow_up_id.0).await?;
        Found::new(&if_none_match, shown.revision, &shown)
    }

    /// Take a follow-up on
    ///
    /// required → owned, by you or by whom you hand it to: somebody of the staff who may follow up (422), who is
    /// told by mail. One that is owned, or whose customer was contacted, changes hands and stays as it is.
    #[oai(path = "/follow-ups/:follow_up_id/own", method = "post", operation_id = "ownFollowUp")]
    async fn own(
        &self,
        by: May<feedback::FollowUp>,
        follow_up_id: Path<FollowUpId>,
        once: Once,
        if_match: IfMatch,
        owner: Body<FollowUpOwner>,
    ) -> Moved {
        let keyed = once.over(&by, &owner.digest);
        self.change(by.by(), follow_up_id.0, keyed, if_match, Step::Own(owner.value)).await
    }

    /// Note that the customer was contacted
    ///
    /// owned → contacted: the clock stops.
    #[oai(path = "/follow-ups/:follow_up_id/contact", method = "post", operation_id = "contactFollowUp")]
    async fn contact(
        &self,
        by: May<feedback::FollowUp>,
        follow_up_id: Path<FollowUpId>,
        once: Once,
        if_match: IfMatch,
        contact: Body<FollowUpContact>,
    ) -> Moved {
        let keyed = once.over(&by, &contact.digest);
        self.change(by.by(), follow_up_id.0, keyed, if_match, Step::Contact(contact.value)).await
    }

    /// Resolve a follow-up
    ///
    /// contacted → resolved: what made the customer unhappy is settled.
    #[oai(path = "/follow-ups/:follow_up_id/resolve", method = "post", operation_id = "resolveFollowUp")]
    async fn resolve(
        &self,
        by: May<feedback::FollowUp>,
        follow_up_id: Path<FollowUpId>,
        once: Once,
        if_match: IfMatch,
        end: Body<FollowUpEnd>,
    ) -> Moved {
        let keyed = once.over(&by, &end.digest);
        self.change(by.by(), follow_up_id.0, keyed, if_match, Step::Resolve(end.value)).await
    }

    /// Give up reaching the customer
    ///
    /// owned or contacted → unreachable.
    #[oai(
        path = "/follow-ups/:follow_up_id/mark-unreachable",
        method = "post",
        operation_id = "markFollowUpUnreachable"
    )]
    async fn give_up(
        &self,
        by: May<feedback::FollowUp>,
        follow_up_id: Path<FollowUpId>,
        once: Once,
        if_match: IfMatch,
        end: Body<FollowUpEnd>,
    ) -> Moved {
        let keyed = once.over(&by, &end.digest);
        self.change(by.by(), follow_up_id.0, keyed, if_match, Step::GiveUp(end.value)).await
    }
}

impl Step {
    fn verb(&self) -> Verb {
        match self {
            Step::Own(_) => Verb::Own,
            Step::Contact(_) => Verb::Contact,
            Step::Resolve(_) => Verb::Resolve,
            Step::GiveUp(_) => Verb::GiveUp,
        }
    }

    /// What the follow-up becomes.
    async fn apply(&self, txn: &Txn, by: &By, before: &Model) -> Result<Model> {
        let (now, mut after) = (by.clock.now(), before.clone());
        after.status = self.verb().apply(before.status)?;
        match self {
            Step::Own(new) => {
                let owner = new.owner_id.or(by.account());
                let owner = owner.ok_or_else(|| Error::new(Code::Forbidden, "People follow up, not programs."))?;
                store::refuse_stranger(txn, owner).await?;
                after.owner_id = Some(owner);
            }
            Step::Contact(contact) => {
                after.contacted_at = Some(rules::contacted_at(contact.contacted_at, now)?);
                after.note = contact.note.clone().or(after.note);
            }
            Step::Resolve(end) | Step::GiveUp(end) => {
                after.ended_at = Some(now);
                after.note = Some(end.note.clone());
            }
        }
        Ok(after)
    }
}

impl FollowUpsApi {
    async fn change(&self, by: By, id: FollowUpId, keyed: Keyed, if_match: IfMatch, step: Step) -> Moved {
        self.app
            .db
            .once(keyed, (by, id, if_match, step), |txn, (by, id, if_match, step)| {
                Box::pin(async move {
                    let before = store::lock_follow_up(txn, by, *id).await?;
                    if_match.check(before.revision)?;
                    let after = step.apply(txn, by, &before).await?;
                    let after = store::update_follow_up(txn, by, &before, after).await?;
                    let (old, new) = (FollowUp::of(before, by.clock.now()), FollowUp::of(after, by.clock.now()));
                    let entry = Entry::new(step.verb().action(), id.0).about(new.supplier_id);
                    history::record(txn, by, entry.between(Some(&old), Some(&new))).await?;
                    Changed::new(new.revision, &new)
                })
            })
            .await
    }
}
