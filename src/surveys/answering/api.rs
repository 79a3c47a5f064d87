//! What customers are asked, over HTTP.

use super::AnyoneWithLink;
use super::types::PublicSurvey;
use crate::shared::app::App;
use crate::shared::error::{Error, Result};
use crate::shared::reply::Listed;
use crate::shared::tag::Tag;
use crate::surveys::links::open_link;
use crate::surveys::store::published;
use poem_openapi::OpenApi;

pub struct AnsweringApi {
    pub app: App,
}

#[OpenApi(prefix_path = "/v1", tag = "Tag::Surveys")]
impl AnsweringApi {
    /// Get the survey that a link leads to
    ///
    /// What a form needs to ask it. It says nothing about the supplier, the agreement, the person, the job or the
    /// customer. A link that was used is 410 `link_used_up`, one whose time is over `link_expired`, one that was taken
    /// back, or whose survey is retired, `gone`. `/s#<token>` is a form that is ready to use.
    #[oai(path = "/public/survey", method = "get", operation_id = "getPublicSurvey")]
    async fn get_public_survey(&self, anyone: AnyoneWithLink) -> Result<Listed<PublicSurvey>> {
        let db = self.app.db.fresh();
        let link = open_link(db, anyone.link, self.app.clock.now()).await?;
        let terms = published(db, link.survey_id).await?.ok_or_else(Error::not_found)?;
        let survey = PublicSurvey {
            title: terms.title,
            introduction: terms.introduction,
            thanks: terms.thanks,
            // A later version may have no words in it any more.
            language: link.language.filter(|language| terms.languages.contains(language)),
            languages: terms.languages,
            items: terms.items,
            asks_importance: terms.asks_importance,
            asks_minimum: terms.asks_minimum,
            needs_customer_ref: link.max_uses > 1,
        };
        Listed::new(&survey)
    }
}
