//! Feedback over HTTP, for staff and integrators.

mod moderation;
mod public;

pub use moderation::ModerationApi;
pub use public::PublicFeedbackApi;

use super::store::{self, Draft, Named, Subjects};
use super::types::{Feedback, FeedbackId, FeedbackQuery, NewFeedback, Recorded};
use crate::organization::home;
use crate::shared::app::App;
use crate::shared::auth::May;
use crate::shared::body::Body;
use crate::shared::error::Result;
use crate::shared::etag::IfNoneMatch;
use crate::shared::history::{self, Entry};
use crate::shared::idempotency::Once;
use crate::shared::page::Page;
use crate::shared::params::Params;
use crate::shared::permission::feedback::{Create, Read};
use crate::shared::reply::{Created, Found, Listed};
use crate::shared::tag::Tag;
use crate::shared::tally::slot;
use poem_openapi::OpenApi;
use poem_openapi::param::Path;

pub struct FeedbackApi {
    pub app: App,
}

#[OpenApi(prefix_path = "/v1", tag = "Tag::Feedback")]
impl FeedbackApi {
    /// List feedback
    ///
    /// In the order it was recorded. Answers that others took the place of are left out unless `superseded=true`.
    /// Suppliers read numbers (`getFeedbackNumbers`) and what customers share with them (`listComments`).
    #[oai(path = "/feedback", method = "get", operation_id = "listFeedback")]
    async fn list_feedback(&self, by: May<Read>, query: Params<FeedbackQuery>) -> Result<Listed<Page<Feedback>>> {
        Listed::new(&store::list_feedback(self.app.db.read(), &by, &query).await?)
    }

    /// Record feedback
    ///
    /// What a customer answered on paper, by telephone or elsewhere. It is about an agreement, a supplier or a person,
    /// whose people cannot answer about themselves: an answer with the address, the domain or the telephone number of
    /// one of them is kept and does not count (`quarantined`), nor does a second one of the same customer to the same
    /// survey about the same job. A retired survey takes none (409), a required item without an answer is 422
    /// `missing_answers`.
    #[oai(path = "/feedback", method = "post", operation_id = "createFeedback")]
    async fn create_feedback(&self, by: May<Create>, once: Once, new: Body<NewFeedback>) -> Result<Created<Feedback>> {
        let keyed = once.over(&by, &new.digest);
        let create = (by.by(), new.value);
        let made = self.app.db.once(keyed, create, |txn, (by, new)| {
            Box::pin(async move {
                let asked = store::open_survey(by.gate.db(), new.survey_id).await?;
                store::refuse_known(txn, by, new.external_id.as_ref()).await?;
                let named = Named::from(new);
                let subject = Subjects::find(txn, by, std::slice::from_ref(&named)).await?.of(&named)?;
                let (zone, slot, answers) = (home(by.gate.db()).await?, slot(txn), new.answers.clone());
                let draft = Draft { new, answers, subject, asked: &asked, zone: &zone, slot };
                let row = store::insert(txn, &asked, store::row(&by.clock, draft)?).await?;
                store::open_follow_ups(txn, &by.clock, &[(&row, &asked)]).await?;
                let entry = Entry::new("feedback.create", row.id.0).about(row.supplier_id);
                history::record(txn, by, entry.between(None, Some(&Recorded::from(&row)))).await?;
                let (path, revision) = (format!("/v1/feedback/{}", row.id), row.revision);
                Created::new(path, revision, &store::shown(by, row))
            })
        });
        made.await
    }

    /// Get one answer
    #[oai(path = "/feedback/:feedback_id", method = "get", operation_id = "getFeedback")]
    async fn get_feedback(
        &self,
        by: May<Read>,
        feedback_id: Path<FeedbackId>,
        if_none_match: IfNoneMatch,
    ) -> Result<Found<Feedback>> {
        let row = store::get_feedback(self.app.db.fresh(), &by, feedback_id.0).await?;
        Found::new(&if_none_match, row.revision, &store::shown(&by, row))
    }
}
