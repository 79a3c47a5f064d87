//! Templates over HTTP.

use super::rules;
use super::types::AgreementTemplate;
use crate::shared::auth::May;
use crate::shared::error::{Error, Result};
use crate::shared::page::Page;
use crate::shared::permission::agreements::Read;
use crate::shared::reply::Listed;
use crate::shared::tag::Tag;
use poem_openapi::OpenApi;
use poem_openapi::param::Path;

pub struct TemplatesApi;

#[OpenApi(prefix_path = "/v1", tag = "Tag::Agreements")]
impl TemplatesApi {
    /// List templates of agreements
    ///
    /// All in one page: they are few and come with the program.
    #[oai(path = "/agreement-templates", method = "get", operation_id = "listAgreementTemplates")]
    async fn list_agreement_templates(&self, _by: May<Read>) -> Result<Listed<Page<AgreementTemplate>>> {
        Listed::new(&Page::whole(rules::all().to_vec()))
    }

    /// Get a template of agreements
    #[oai(path = "/agreement-templates/:template_key", method = "get", operation_id = "getAgreementTemplate")]
    async fn get_agreement_template(
        &self,
        _by: May<Read>,
        template_key: Path<String>,
    ) -> Result<Listed<AgreementTemplate>> {
        Listed::new(rules::find(&template_key.0).ok_or_else(Error::not_found)?)
    }
}
