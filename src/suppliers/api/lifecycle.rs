//! The transitions of a supplier's lifecycle over HTTP.

use super::super::rules::Verb;
use super::super::store;
use super::super::types::{Reason, Supplier};
use crate::shared::app::App;
use crate::shared::auth::May;
use crate::shared::body::Body;
use crate::shared::error::Result;
use crate::shared::etag::IfMatch;
use crate::shared::history::{self, Entry};
use crate::shared::id::SupplierId;
use crate::shared::idempotency::Once;
use crate::shared::permission::suppliers::Transition;
use crate::shared::reply::Changed;
use crate::shared::tag::Tag;
use poem_openapi::OpenApi;
use poem_openapi::param::Path;

pub struct LifecycleApi {
    pub app: App,
}

type Moved = Result<Changed<Supplier>>;

#[OpenApi(prefix_path = "/v1", tag = "Tag::Suppliers")]
impl LifecycleApi {
    /// Nominate a supplier
    ///
    /// prospect, rejected or exited → candidate.
    #[oai(path = "/suppliers/:supplier_id/nominate", method = "post", operation_id = "nominateSupplier")]
    async fn nominate(
        &self,
        by: May<Transition>,
        supplier_id: Path<SupplierId>,
        once: Once,
        if_match: IfMatch,
    ) -> Moved {
        self.change(by, supplier_id.0, once, if_match, Verb::Nominate, None).await
    }

    /// Qualify a supplier
    ///
    /// candidate → qualified.
    #[oai(path = "/suppliers/:supplier_id/qualify", method = "post", operation_id = "qualifySupplier")]
    async fn qualify(
        &self,
        by: May<Transition>,
        supplier_id: Path<SupplierId>,
        once: Once,
        if_match: IfMatch,
    ) -> Moved {
        self.change(by, supplier_id.0, once, if_match, Verb::Qualify, None).await
    }

    /// Reject a supplier
    ///
    /// candidate → rejected, with the reason.
    #[oai(path = "/suppliers/:supplier_id/reject", method = "post", operation_id = "rejectSupplier")]
    async fn reject(
        &self,
        by: May<Transition>,
        supplier_id: Path<SupplierId>,
        once: Once,
        if_match: IfMatch,
        why: Body<Reason>,
    ) -> Moved {
        self.change(by, supplier_id.0, once, if_match, Verb::Reject, Some(why)).await
    }

    /// Activate a supplier
    ///
    /// qualified → active.
    #[oai(path = "/suppliers/:supplier_id/activate", method = "post", operation_id = "activateSupplier")]
    async fn activate(
        &self,
        by: May<Transition>,
        supplier_id: Path<SupplierId>,
        once: Once,
        if_match: IfMatch,
    ) -> Moved {
        self.change(by, supplier_id.0, once, if_match, Verb::Activate, None).await
    }

    /// Suspend a supplier
    ///
    /// qualified or active → suspended, with the reason. A suspended supplier gets nothing new and
    /// its users may only read.
    #[oai(path = "/suppliers/:supplier_id/suspend", method = "post", operation_id = "suspendSupplier")]
    async fn suspend(
        &self,
        by: May<Transition>,
        supplier_id: Path<SupplierId>,
        once: Once,
        if_match: IfMatch,
        why: Body<Reason>,
    ) -> Moved {
        self.change(by, supplier_id.0, once, if_match, Verb::Suspend, Some(why)).await
    }

    /// Reinstate a supplier
    ///
    /// suspended → active.
    #[oai(path = "/suppliers/:supplier_id/reinstate", method = "post", operation_id = "reinstateSupplier")]
    async fn reinstate(
        &self,
        by: May<Transition>,
        supplier_id: Path<SupplierId>,
        once: Once,
        if_match: IfMatch,
    ) -> Moved {
        self.change(by, supplier_id.0, once, if_match, Verb::Reinstate, None).await
    }

    /// Let a supplier exit
    ///
    /// active or suspended → exiting: what is open is being settled.
    #[oai(path = "/suppliers/:supplier_id/exit", method = "post", operation_id = "exitSupplier")]
    async fn exit(&self, by: May<Transition>, supplier_id: Path<SupplierId>, once: Once, if_match: IfMatch) -> Moved {
        self.change(by, supplier_id.0, once, if_match, Verb::Exit, None).await
    }

    /// Complete the exit of a supplier
    ///
    /// exiting → exited.
    #[oai(path = "/suppliers/:supplier_id/complete-exit", method = "post", operation_id = "completeSupplierExit")]
    async fn complete_exit(
        &self,
        by: May<Transition>,
        supplier_id: Path<SupplierId>,
        once: Once,
        if_match: IfMatch,
    ) -> Moved {
        self.change(by, supplier_id.0, once, if_match, Verb::CompleteExit, None).await
    }
}

impl LifecycleApi {
    async fn change(
        &self,
        by: May<Transition>,
        id: SupplierId,
        once: Once,
        if_match: IfMatch,
        verb: Verb,
        why: Option<Body<Reason>>,
    ) -> Moved {
        let (digest, reason) = why.map(|why| (why.digest, why.value.reason)).unzip();
        let keyed = once.over(&by, &digest.unwrap_or_default());
        let change = (by.by(), id, if_match, verb, reason);
        self.app
            .db
            .once(keyed, change, |txn, (by, id, if_match, verb, reason)| {
                Box::pin(async move {
                    let before = store::lock_supplier(txn, by.scope, *id).await?;
                    if_match.check(before.revision)?;
                    store::update_status(txn, by, &before, verb.apply(before.status)?).await?;
                    let after = store::get_supplier(txn, by.scope, *id).await?;
                    let entry = Entry::new(verb.action(), id.0).about(*id).between(Some(&before), Some(&after));
                    history::record(txn, by, entry.because(reason.as_deref())).await?;
                    Changed::new(after.revision, &after)
                })
            })
            .await
    }
}
