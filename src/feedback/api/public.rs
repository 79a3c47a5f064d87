//! What customers answer under links, over HTTP.

use super::super::rules::receipt;
use super::super::store::{self, Draft, Subject};
use super::super::types::{NewFeedback, PublicFeedback, Receipt, Recorded};
use crate::organization::home;
use crate::shared::app::App;
use crate::shared::body::Body;
use crate::shared::clock::Clock;
use crate::shared::db::{Db, Txn};
use crate::shared::error::{Code, Error, Result};
use crate::shared::history::{self, Author, Entry};
use crate::shared::id::SurveyLinkId;
use crate::shared::idempotency::Once;
use crate::shared::reply::Made;
use crate::shared::tag::Tag;
use crate::shared::tally::slot;
use crate::surveys::{AnyoneWithLink, OpenLink, use_link};
use poem_openapi::OpenApi;
use std::sync::Arc;

pub struct PublicFeedbackApi {
    pub app: App,
}

#[OpenApi(prefix_path = "/v1", tag = "Tag::Feedback")]
impl PublicFeedbackApi {
    /// Answer a survey under a link
    ///
    /// About what, and whom, the link knows. 410 `link_used_up`, `link_expired` or `gone` when it cannot be used any
    /// more; sent again with the same idempotency key, an answer that was stored is acknowledged again.
    #[oai(path = "/public/feedback", method = "post", operation_id = "submitFeedback")]
    async fn submit_feedback(
        &self,
        anyone: AnyoneWithLink,
        once: Once,
        said: Body<PublicFeedback>,
    ) -> Result<Made<Receipt>> {
        let keyed = once.over_link(&self.app.gate, anyone.link.0, &said.digest);
        let (app, request_id) = (&self.app, anyone.context.request_id.clone());
        let input = (app.db.clone(), app.clock.clone(), request_id, anyone.link, said.value);
        let made = self.app.db.once(keyed, input, |txn, (db, clock, request_id, link, said)| {
            Box::pin(submit(txn, db, clock, request_id, *link, said))
        });
        made.await
    }
}

async fn submit(
    txn: &Txn,
    db: &Db,
    clock: &Clock,
    request_id: &Arc<str>,
    link: SurveyLinkId,
    said: &PublicFeedback,
) -> Result<Made<Receipt>> {
    let link = use_link(txn, link, clock.now()).await?;
    let asked = store::open_survey(db, link.survey_id).await?;
    let new = about(&link, said)?;
    let subject = Subject {
        agreement_id: link.agreement_id,
        supplier_id: link.supplier_id,
        person_id: link.person_id,
        complimented_id: None,
    };
    let (zone, slot, answers) = (home(db).await?, slot(txn), new.answers.clone());
    let mut row = store::row(clock, Draft { new: &new, answers, subject, asked: &asked, zone: &zone, slot })?;
    (row.link_id, row.receipt) = (Some(link.id), Some(receipt(row.id.0)));
    let row = store::insert(txn, &asked, row).await?;
    store::open_follow_ups(txn, clock, &[(&row, &asked)]).await?;
    let entry = Entry::new("feedback.submit", row.id.0).about(row.supplier_id);
    let author = Author::survey_link(link.id.0, request_id);
    history::record_as(txn, clock, author, entry.between(None, Some(&Recorded::from(&row)))).await?;
    Made::new(&Receipt { receipt: row.receipt.unwrap_or_default(), created_at: row.created_at })
}

/// What the customer said, about what the link is about.
fn about(link: &OpenLink, said: &PublicFeedback) -> Result<NewFeedback> {
    let customer_ref = link.customer_ref.clone().or_else(|| said.customer_ref.clone());
    if link.max_uses > 1 && customer_ref.is_none() {
        let detail = "Several people answer under this link: say who you are.";
        return Err(Error::rule(Code::MissingAnswers, "/customer_ref", detail));
    }
    let said = said.clone();
    Ok(NewFeedback {
        survey_id: link.survey_id,
        agreement_id: link.agreement_id,
        supplier_id: Some(link.supplier_id),
        person_id: link.person_id,
        job_ref: link.job_ref.clone(),
        customer_ref,
        respondent_kind: Some(link.respondent_kind),
        stage: link.stage,
        channel: Some(link.channel),
        language: said.language,
        answers: said.answers,
        importance: said.importance,
        comment: said.comment,
        is_comment_shared: said.is_comment_shared,
        compliment: said.compliment,
        complimented_id: None,
        contact: said.contact,
        answered_at: None,
        external_id: None,
    })
}
