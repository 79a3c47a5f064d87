//! Excuses over HTTP.

use super::super::api::changed;
use super::super::entity::Model;
use super::super::rules::invalid_state;
use super::super::store::lock_commitment;
use super::super::types::{Commitment, CommitmentId, CommitmentStatus, ExcuseStatus};
use super::types::{Excuse, ExcuseGrant, ExcuseQuery, ExcuseRefusal, ExcuseRequest};
use super::{rules, store};
use crate::agreements::side_of;
use crate::shared::app::App;
use crate::shared::auth::May;
use crate::shared::body::Body;
use crate::shared::error::Result;
use crate::shared::etag::IfMatch;
use crate::shared::idempotency::{Keyed, Once};
use crate::shared::page::Page;
use crate::shared::params::Params;
use crate::shared::permission::commitments::{Ask, Decide, Read};
use crate::shared::reply::{Changed, Listed};
use crate::shared::tag::Tag;
use crate::suppliers::lock_for_change;
use poem_openapi::OpenApi;
use poem_openapi::param::Path;

pub struct ExcusesApi {
    pub app: App,
}

#[OpenApi(prefix_path = "/v1", tag = "Tag::Commitments")]
impl ExcusesApi {
    /// List excuses
    #[oai(path = "/excuses", method = "get", operation_id = "listExcuses")]
    async fn list_excuses(&self, by: May<Read>, query: Params<ExcuseQuery>) -> Result<Listed<Page<Excuse>>> {
        Listed::new(&store::list_excuses(self.app.db.read(), &by, &query).await?)
    }

    /// Ask for a commitment to be excused
    ///
    /// broken → excuse_requested; it counts as broken until another person grants it. What we owed the
    /// supplier, and what we caused (`us`), is excused only at the supplier's request (422).
    #[oai(path = "/commitments/:commitment_id/ask-excuse", method = "post", operation_id = "askExcuse")]
    async fn ask(
        &self,
        by: May<Ask>,
        commitment_id: Path<CommitmentId>,
        once: Once,
        if_match: IfMatch,
        asked: Body<ExcuseRequest>,
    ) -> Result<Changed<Commitment>> {
        let keyed = once.over(&by, &asked.digest);
        let ask = (by.by(), commitment_id.0, if_match, asked.value);
        self.app
            .db
            .once(keyed, ask, |txn, (by, id, if_match, asked)| {
                Box::pin(async move {
                    let before = lock_commitment(txn, by, *id).await?;
                    lock_for_change(txn, by, before.supplier_id).await?;
                    if_match.check(before.revision)?;
                    if before.status != CommitmentStatus::Broken || before.superseded_by_id.is_some() {
                        return Err(invalid_state("ask-excuse", before.status));
                    }
                    rules::may_ask(store::direction(txn, before.promise_id).await?, side_of(by), asked.cause)?;
                    store::insert_excuse(txn, by, &before, asked).await?;
                    let after = Model { status: CommitmentStatus::ExcuseRequested, ..before.clone() };
                    changed(txn, by, "commitment.ask-excuse", &before, after, Some(&asked.reason)).await
                })
            })
            .await
    }

    /// Excuse a commitment
    ///
    /// excuse_requested → excused, by somebody who did not ask for it (422 `four_eyes`). It leaves the rate,
    /// but not the strict one.
    #[oai(path = "/commitments/:commitment_id/grant-excuse", method = "post", operation_id = "grantExcuse")]
    async fn grant(
        &self,
        by: May<Decide>,
        commitment_id: Path<CommitmentId>,
        once: Once,
        if_match: IfMatch,
        said: Body<ExcuseGrant>,
    ) -> Result<Changed<Commitment>> {
        let keyed = once.over(&by, &said.digest);
        self.decide(by, commitment_id.0, keyed, if_match, ExcuseStatus::Granted, said.value.note).await
    }

    /// Refuse to excuse a commitment
    ///
    /// excuse_requested → broken, by somebody who did not ask for it (422 `four_eyes`).
    #[oai(path = "/commitments/:commitment_id/refuse-excuse", method = "post", operation_id = "refuseExcuse")]
    async fn refuse(
        &self,
        by: May<Decide>,
        commitment_id: Path<CommitmentId>,
        once: Once,
        if_match: IfMatch,
        why: Body<ExcuseRefusal>,
    ) -> Result<Changed<Commitment>> {
        let keyed = once.over(&by, &why.digest);
        self.decide(by, commitment_id.0, keyed, if_match, ExcuseStatus::Refused, Some(why.value.reason)).await
    }
}

impl ExcusesApi {
    async fn decide(
        &self,
        by: May<Decide>,
        id: CommitmentId,
        keyed: Keyed,
        if_match: IfMatch,
        decision: ExcuseStatus,
        said: Option<String>,
    ) -> Result<Changed<Commitment>> {
        let decide = (by.by(), id, if_match, decision, said);
        self.app
            .db
            .once(keyed, decide, |txn, (by, id, if_match, decision, said)| {
                Box::pin(async move {
                    let before = lock_commitment(txn, by, *id).await?;
                    if_match.check(before.revision)?;
                    let (verb, action, status) = match decision {
                        ExcuseStatus::Granted => ("grant-excuse", "commitment.grant-excuse", CommitmentStatus::Excused),
                        _ => ("refuse-excuse", "commitment.refuse-excuse", CommitmentStatus::Broken),
                    };
                    if before.status != CommitmentStatus::ExcuseRequested || before.superseded_by_id.is_some() {
                        return Err(invalid_state(verb, before.status));
                    }
                    let excuse = store::requested(txn, before.id).await?;
                    rules::may_decide(excuse.asked_by, by.caller.id())?;
                    store::decide(txn, by, &excuse, *decision, said.clone()).await?;
                    let cause = if *decision == ExcuseStatus::Granted { Some(excuse.cause) } else { before.cause };
                    let after = Model { status, cause, ..before.clone() };
                    changed(txn, by, action, &before, after, said.as_deref()).await
                })
            })
            .await
    }
}
