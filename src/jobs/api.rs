//! Jobs over HTTP.

use super::store;
use super::types::{Job, JobQuery};
use crate::shared::app::App;
use crate::shared::auth::May;
use crate::shared::error::Result;
use crate::shared::etag::IfNoneMatch;
use crate::shared::history::{self, Entry};
use crate::shared::idempotency::Once;
use crate::shared::jobs::JobId;
use crate::shared::page::Page;
use crate::shared::params::Params;
use crate::shared::permission::jobs::{Cancel, Read};
use crate::shared::reply::{Changed, Found, Listed};
use crate::shared::tag::Tag;
use poem_openapi::OpenApi;
use poem_openapi::param::Path;

pub struct JobsApi {
    pub app: App,
}

#[OpenApi(prefix_path = "/v1", tag = "Tag::Jobs")]
impl JobsApi {
    /// List jobs
    #[oai(path = "/jobs", method = "get", operation_id = "listJobs")]
    async fn list_jobs(&self, by: May<Read>, query: Params<JobQuery>) -> Result<Listed<Page<Job>>> {
        Listed::new(&store::list_jobs(self.app.db.read(), &by, &query).await?)
    }

    /// Get a job
    ///
    /// Jobs are kept for 30 days after they ended.
    #[oai(path = "/jobs/:job_id", method = "get", operation_id = "getJob")]
    async fn get_job(&self, by: May<Read>, job_id: Path<JobId>, if_none_match: IfNoneMatch) -> Result<Found<Job>> {
        let job = store::get_job(self.app.db.fresh(), &by, job_id.0).await?;
        Found::new(&if_none_match, job.revision, &job)
    }

    /// Cancel a job
    ///
    /// queued or running → cancelled. What it has written stays; it writes nothing more.
    #[oai(path = "/jobs/:job_id/cancel", method = "post", operation_id = "cancelJob")]
    async fn cancel_job(&self, by: May<Cancel>, job_id: Path<JobId>, once: Once) -> Result<Changed<Job>> {
        let keyed = once.over(&by, &[]);
        self.app
            .db
            .once(keyed, (by.by(), job_id.0), |txn, (by, id)| {
                Box::pin(async move {
                    let before = store::lock_job(txn, by, *id).await?;
                    let after = store::cancel_job(txn, by, &before).await?;
                    let entry = Entry::new("job.cancel", id.0).between(Some(&before), Some(&after));
                    history::record(txn, by, entry).await?;
                    Changed::new(after.revision, &after)
                })
            })
            .await
    }
}
