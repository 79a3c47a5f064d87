//! Health, version and the catalogue of problems over HTTP.

use super::types::{Health, ProblemCatalogue, ProblemKind, Version};
use crate::shared::app::App;
use crate::shared::auth::Anyone;
use crate::shared::db::schema;
use crate::shared::error::{Code, Error, Result};
use crate::shared::reply::Listed;
use crate::shared::tag::Tag;
use poem_openapi::OpenApi;
use poem_openapi::param::Path;

pub struct OperationsApi {
    pub app: App,
}

#[OpenApi(tag = "Tag::Operations")]
impl OperationsApi {
    /// Whether the process is alive
    #[oai(path = "/healthz", method = "get", operation_id = "getHealth")]
    async fn health(&self, _anyone: Anyone) -> Result<Listed<Health>> {
        Listed::new(&Health { status: "ok".to_owned() })
    }

    /// Whether it can serve requests
    ///
    /// The database answers and its schema is up to date; 503 otherwise.
    #[oai(path = "/readyz", method = "get", operation_id = "getReadiness")]
    async fn readiness(&self, _anyone: Anyone) -> Result<Listed<Health>> {
        match schema::pending(&self.app.db).await {
            Ok(steps) if steps.is_empty() => Listed::new(&Health { status: "ok".to_owned() }),
            Ok(_) => Err(Error::new(Code::DatabaseBusy, "The schema is not up to date.").retry_after(5)),
            Err(error) => {
                Err(Error::new(Code::DatabaseBusy, "The database does not answer.").retry_after(5).because(error))
            }
        }
    }

    /// What is running
    #[oai(path = "/version", method = "get", operation_id = "getVersion")]
    async fn version(&self, _anyone: Anyone) -> Result<Listed<Version>> {
        Listed::new(&Version { version: env!("CARGO_PKG_VERSION").to_owned() })
    }

    /// List all kinds of problems
    #[oai(path = "/problems", method = "get", operation_id = "listProblems")]
    async fn list_problems(&self, _anyone: Anyone) -> Result<Listed<ProblemCatalogue>> {
        let data = Code::ALL.iter().map(|code| ProblemKind::of(*code, &self.app.public_url)).collect();
        Listed::new(&ProblemCatalogue { data })
    }

    /// Get one kind of problem
    #[oai(path = "/problems/:code", method = "get", operation_id = "getProblem")]
    async fn get_problem(&self, _anyone: Anyone, code: Path<String>) -> Result<Listed<ProblemKind>> {
        let code = Code::ALL.iter().find(|known| known.name() == code.0).ok_or_else(Error::not_found)?;
        Listed::new(&ProblemKind::of(*code, &self.app.public_url))
    }
}
