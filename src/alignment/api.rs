//! Alignment over HTTP.

use super::store;
use super::types::{Alignment, AlignmentQuery, ExpectationProposal, Watermelon, WatermelonQuery};
use crate::agreements::Expectation;
use crate::organization::today;
use crate::shared::app::App;
use crate::shared::auth::May;
use crate::shared::body::Body;
use crate::shared::days::{self, WindowQuery};
use crate::shared::error::Result;
use crate::shared::id::AgreementId;
use crate::shared::idempotency::Once;
use crate::shared::page::Page;
use crate::shared::params::Params;
use crate::shared::permission::agreements::Update;
use crate::shared::permission::alignment::Read;
use crate::shared::reply::{Created, Listed};
use crate::shared::tag::Tag;
use poem_openapi::OpenApi;
use poem_openapi::param::Path;

pub struct AlignmentApi {
    pub app: App,
}

#[OpenApi(prefix_path = "/v1", tag = "Tag::Alignment")]
impl AlignmentApi {
    /// Hold what was kept against what customers lived
    ///
    /// How often what customers were promised was kept, against how many of them are satisfied, with the test whether
    /// the two differ by more than chance; how many were unhappy on jobs of which everything was kept (joined by
    /// `job_ref`); and in which dimensions of quality customers miss what no clause is about. `watermelon`: promises
    /// reach their target, the upper bound of satisfaction misses that of the agreement, and z is 1.96 or more.
    /// Rates of fewer than 10 have no value, and nothing is decided then.
    #[oai(path = "/agreements/:agreement_id/alignment", method = "get", operation_id = "getAlignment")]
    async fn get_alignment(
        &self,
        by: May<Read>,
        agreement_id: Path<AgreementId>,
        query: Params<AlignmentQuery>,
    ) -> Result<Listed<Alignment>> {
        let db = self.app.db.snapshot().await?;
        let window = days::window(&query.days, today(&db, &by.clock).await?)?;
        Listed::new(&store::get_alignment(&db, &by, agreement_id.0, window).await?)
    }

    /// List agreements that are kept while customers suffer
    ///
    /// Watermelons, green outside and red inside: the greatest difference between kept and lived first.
    #[oai(path = "/alignment/watermelons", method = "get", operation_id = "listWatermelons")]
    async fn list_watermelons(
        &self,
        by: May<Read>,
        query: Params<WatermelonQuery>,
    ) -> Result<Listed<Page<Watermelon>>> {
        let db = self.app.db.snapshot().await?;
        let window = days::window(&query.days, today(&db, &by.clock).await?)?;
        Listed::new(&store::list_watermelons(&db, &by, &query, window).await?)
    }

    /// Propose a clause for what customers miss
    ///
    /// For the dimension that is named, or else for the one without a clause in which customers missed most in the
    /// last 365 days (422 when every dimension has one), in words that are usual unless you give your own. It is
    /// written into the version that is ours to write; an agreement in force is amended for it, and the supplier
    /// sees nothing before it is proposed. On the supplier's turn, and when nothing is negotiated any more, 409
    /// `invalid_state`.
    #[oai(
        path = "/agreements/:agreement_id/expectation-proposals",
        method = "post",
        operation_id = "proposeExpectation"
    )]
    async fn propose(
        &self,
        by: May<Update>,
        agreement_id: Path<AgreementId>,
        once: Once,
        wanted: Body<ExpectationProposal>,
    ) -> Result<Created<Expectation>> {
        let keyed = once.over(&by, &wanted.digest);
        let propose = (by.by(), agreement_id.0, wanted.value);
        self.app
            .db
            .once(keyed, propose, |txn, (by, agreement, wanted)| {
                Box::pin(async move {
                    let window = days::window(&WindowQuery::default(), today(txn, &by.clock).await?)?;
                    let clause = store::propose(txn, by, *agreement, wanted, window).await?;
                    let address = format!("/v1/agreements/{agreement}/expectations/{}", clause.id);
                    Created::new(address, clause.revision, &clause)
                })
            })
            .await
    }
}
