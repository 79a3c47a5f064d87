//! Links over HTTP.

use super::types::{IssuedSurveyLink, NewSurveyLink, SurveyLink, SurveyLinkQuery};
use super::{rules, store};
use crate::shared::app::App;
use crate::shared::auth::{By, May};
use crate::shared::body::Body;
use crate::shared::db::Txn;
use crate::shared::error::Result;
use crate::shared::etag::{IfMatch, IfNoneMatch};
use crate::shared::history::{self, Entry};
use crate::shared::id::SurveyLinkId;
use crate::shared::idempotency::Once;
use crate::shared::page::Page;
use crate::shared::params::Params;
use crate::shared::permission::survey_links::{Read, Revoke, Write};
use crate::shared::reply::{Changed, Created, Found, Listed};
use crate::shared::tag::Tag;
use poem_openapi::OpenApi;
use poem_openapi::param::Path;

pub struct LinksApi {
    pub app: App,
}

#[OpenApi(prefix_path = "/v1", tag = "Tag::Surveys")]
impl LinksApi {
    /// List survey links
    ///
    /// Reviewers see those about agreements that are assigned to them.
    #[oai(path = "/survey-links", method = "get", operation_id = "listSurveyLinks")]
    async fn list_survey_links(
        &self,
        by: May<Read>,
        query: Params<SurveyLinkQuery>,
    ) -> Result<Listed<Page<SurveyLink>>> {
        Listed::new(&store::list_links(self.app.db.read(), &by, &query).await?)
    }

    /// Create a survey link
    ///
    /// For a customer, or with `max_uses` for a sign on the wall. The answer holds the token and the address of the
    /// form; they are not shown again, not even when the answer is repeated for an `Idempotency-Key`. A survey that is
    /// not published is 409 `invalid_state`; what is not there, or not assigned to a reviewer, 422
    /// `invalid_reference`. Links may be made about a suspended supplier: customers may still speak.
    #[oai(path = "/survey-links", method = "post", operation_id = "createSurveyLink")]
    async fn create_survey_link(
        &self,
        by: May<Write>,
        once: Once,
        new: Body<NewSurveyLink>,
    ) -> Result<Created<IssuedSurveyLink>> {
        let keyed = once.over(&by, &new.digest);
        let create = (self.app.clone(), by.by(), new.value);
        self.app
            .db
            .once(keyed, create, |txn, (app, by, new)| {
                Box::pin(async move {
                    let link = store::insert_link(txn, by, new).await?;
                    record(txn, by, "survey_link.create", None, &link).await?;
                    let (at, revision) = (format!("/v1/survey-links/{}", link.id), link.revision);
                    let hidden = IssuedSurveyLink { link, token: None, url: None };
                    Created::new(at, revision, &hidden)?.showing_once(&with_token(app, hidden.link))
                })
            })
            .await
    }

    /// Get a survey link
    #[oai(path = "/survey-links/:survey_link_id", method = "get", operation_id = "getSurveyLink")]
    async fn get_survey_link(&self, by: May<Read>, survey_link_id: Path<SurveyLinkId>) -> Result<Found<SurveyLink>> {
        let link = store::get_link(self.app.db.fresh(), &by, survey_link_id.0).await?;
        // It expires without a new revision.
        Found::new(&IfNoneMatch::ignored(), link.revision, &link)
    }

    /// Revoke a survey link
    ///
    /// Nobody can answer under it any more. Only while it is open (409 `invalid_state`). It still counts as an
    /// invitation.
    #[oai(path = "/survey-links/:survey_link_id/revoke", method = "post", operation_id = "revokeSurveyLink")]
    async fn revoke_survey_link(
        &self,
        by: May<Revoke>,
        survey_link_id: Path<SurveyLinkId>,
        once: Once,
        if_match: IfMatch,
    ) -> Result<Changed<SurveyLink>> {
        let revoke = (by.by(), survey_link_id.0, if_match);
        self.app
            .db
            .once(once.over(&by, b""), revoke, |txn, (by, id, if_match)| {
                Box::pin(async move {
                    let before = store::lock_link(txn, by, *id).await?;
                    if_match.check(before.revision)?;
                    let after = store::revoke_link(txn, by, &before).await?;
                    record(txn, by, "survey_link.revoke", Some(&before), &after).await?;
                    Changed::new(after.revision, &after)
                })
            })
            .await
    }
}

/// Enters a change. The customer is left out: what is erased later shall not go on in the history.
async fn record(
    txn: &Txn,
    by: &By,
    action: &'static str,
    before: Option<&SurveyLink>,
    after: &SurveyLink,
) -> Result<()> {
    let without_customer = |link: &SurveyLink| SurveyLink { customer_ref: None, ..link.clone() };
    let (before, after) = (before.map(without_customer), without_customer(after));
    let entry = Entry::new(action, after.id.0).about(after.supplier_id);
    history::record(txn, by, entry.between(before.as_ref(), Some(&after))).await
}

fn with_token(app: &App, link: SurveyLink) -> IssuedSurveyLink {
    let token = rules::token(&app.gate.keys().link_key(), link.id);
    let url = format!("{}/s#{token}", app.public_url);
    IssuedSurveyLink { link, token: Some(token), url: Some(url) }
}
