//! The moves of a negotiation, and what follows it, over HTTP.

use super::super::rules::Verb;
use super::super::store;
use super::super::types::{Activation, Agreement, Consent, Offer, Termination};
use crate::organization::today;
use crate::shared::app::App;
use crate::shared::auth::{By, May};
use crate::shared::body::Body;
use crate::shared::db::Txn;
use crate::shared::error::Result;
use crate::shared::etag::IfMatch;
use crate::shared::history::{self, Entry};
use crate::shared::id::AgreementId;
use crate::shared::idempotency::{Keyed, Once};
use crate::shared::permission::agreements::{Negotiate, Transition};
use crate::shared::reply::Changed;
use crate::shared::tag::Tag;
use crate::suppliers::Reason;
use chrono::NaiveDate;
use poem_openapi::OpenApi;
use poem_openapi::param::Path;

pub struct StepsApi {
    pub app: App,
}

type Moved = Result<Changed<Agreement>>;

/// What is done, with what is said to it.
enum Step {
    Propose(Offer),
    Counter(Offer),
    Agree(Consent),
    Withdraw(Reason),
    Amend(Offer),
    Activate(Activation),
    Terminate(Termination),
}

#[OpenApi(prefix_path = "/v1", tag = "Tag::Agreements")]
impl StepsApi {
    /// Propose an agreement to its supplier
    ///
    /// draft or countered → proposed; while amending, the open version is proposed. The supplier sees
    /// it from now on as it is now, and it is its turn. Proposing accepts every clause as it stands. 409
    /// `invalid_state` when it is the supplier's turn.
    #[oai(path = "/agreements/:agreement_id/propose", method = "post", operation_id = "proposeAgreement")]
    async fn propose(
        &self,
        by: May<Transition>,
        agreement_id: Path<AgreementId>,
        once: Once,
        if_match: IfMatch,
        offer: Body<Offer>,
    ) -> Moved {
        let keyed = once.over(&by, &offer.digest);
        self.change(by.by(), agreement_id.0, keyed, if_match, Step::Propose(offer.value)).await
    }

    /// Answer an offer with another one
    ///
    /// By the side whose turn it is: proposed → countered by the supplier, countered → proposed by
    /// us. It is the other side's turn then. Countering accepts every clause as it stands.
    #[oai(path = "/agreements/:agreement_id/counter", method = "post", operation_id = "counterAgreement")]
    async fn counter(
        &self,
        by: May<Negotiate>,
        agreement_id: Path<AgreementId>,
        once: Once,
        if_match: IfMatch,
        offer: Body<Offer>,
    ) -> Moved {
        let keyed = once.over(&by, &offer.digest);
        self.change(by.by(), agreement_id.0, keyed, if_match, Step::Counter(offer.value)).await
    }

    /// Agree to what was offered
    ///
    /// By the side whose turn it is: proposed or countered → agreed. The version is frozen, with
    /// its content hash. 422 lists the clauses that this side has not accepted; `accept_all` accepts
    /// them. 409 `invalid_state` when this side has changed something: that is another offer. With `on_paper` staff
    /// records, on the supplier's turn, that the supplier has accepted all of it in writing.
    #[oai(path = "/agreements/:agreement_id/agree", method = "post", operation_id = "agreeAgreement")]
    async fn agree(
        &self,
        by: May<Negotiate>,
        agreement_id: Path<AgreementId>,
        once: Once,
        if_match: IfMatch,
        consent: Body<Consent>,
    ) -> Moved {
        let keyed = once.over(&by, &consent.digest);
        self.change(by.by(), agreement_id.0, keyed, if_match, Step::Agree(consent.value)).await
    }

    /// Withdraw from a negotiation
    ///
    /// Either side, on anybody's turn, before the version is in force: draft, proposed, countered or
    /// agreed → withdrawn. While amending, only the open version is given up and the signed one goes on.
    #[oai(path = "/agreements/:agreement_id/withdraw", method = "post", operation_id = "withdrawAgreement")]
    async fn withdraw(
        &self,
        by: May<Negotiate>,
        agreement_id: Path<AgreementId>,
        once: Once,
        if_match: IfMatch,
        why: Body<Reason>,
    ) -> Moved {
        let keyed = once.over(&by, &why.digest);
        self.change(by.by(), agreement_id.0, keyed, if_match, Step::Withdraw(why.value)).await
    }

    /// Open the next version of an agreement
    ///
    /// active or expiring → amending, by either side. The new version is a copy of the one in force,
    /// written by the side that asks for it. Until it is offered with `propose` or `counter`, the agreement
    /// stays as it was for the other side, which opens no other one meanwhile (409 `invalid_state`). The
    /// signed version stays in force until the new one is activated.
    #[oai(path = "/agreements/:agreement_id/amend", method = "post", operation_id = "amendAgreement")]
    async fn amend(
        &self,
        by: May<Negotiate>,
        agreement_id: Path<AgreementId>,
        once: Once,
        if_match: IfMatch,
        offer: Body<Offer>,
    ) -> Moved {
        let keyed = once.over(&by, &offer.digest);
        self.change(by.by(), agreement_id.0, keyed, if_match, Step::Amend(offer.value)).await
    }

    /// Put the agreed version in force
    ///
    /// agreed → active; while amending, the new version replaces the one before. It needs the
    /// signatures of both sides, an active supplier, a review cadence, and clauses in both
    /// directions; for a supplier whose people meet customers also a clause for the customers and
    /// a service code. 422 lists everything that is missing.
    #[oai(path = "/agreements/:agreement_id/activate", method = "post", operation_id = "activateAgreement")]
    async fn activate(
        &self,
        by: May<Transition>,
        agreement_id: Path<AgreementId>,
        once: Once,
        if_match: IfMatch,
        activation: Body<Activation>,
    ) -> Moved {
        let keyed = once.over(&by, &activation.digest);
        self.change(by.by(), agreement_id.0, keyed, if_match, Step::Activate(activation.value)).await
    }

    /// Terminate an agreement
    ///
    /// active or expiring → terminated on a day, at once when that is today. The notice is kept, or
    /// both sides consent (422 names the earliest day). Called again, it replaces the day and the
    /// reason until that day has come. While amending, withdraw the open version first.
    #[oai(path = "/agreements/:agreement_id/terminate", method = "post", operation_id = "terminateAgreement")]
    async fn terminate(
        &self,
        by: May<Transition>,
        agreement_id: Path<AgreementId>,
        once: Once,
        if_match: IfMatch,
        termination: Body<Termination>,
    ) -> Moved {
        let keyed = once.over(&by, &termination.digest);
        self.change(by.by(), agreement_id.0, keyed, if_match, Step::Terminate(termination.value)).await
    }
}

impl Step {
    fn verb(&self) -> Verb {
        match self {
            Step::Propose(_) => Verb::Propose,
            Step::Counter(_) => Verb::Counter,
            Step::Agree(_) => Verb::Agree,
            Step::Withdraw(_) => Verb::Withdraw,
            Step::Amend(_) => Verb::Amend,
            Step::Activate(_) => Verb::Activate,
            Step::Terminate(_) => Verb::Terminate,
        }
    }

    /// The word in history.
    fn action(&self) -> &'static str {
        match self {
            Step::Agree(consent) if consent.on_paper => "agreement.agree-on-paper",
            _ => self.verb().action(),
        }
    }

    /// The words that become part of the history.
    fn said(&self) -> Option<&str> {
        match self {
            Step::Propose(offer) | Step::Counter(offer) | Step::Amend(offer) => offer.note.as_deref(),
            Step::Withdraw(why) => Some(&why.reason),
            Step::Terminate(termination) => Some(&termination.reason),
            Step::Agree(consent) => consent.note.as_deref(),
            Step::Activate(_) => None,
        }
    }

    async fn apply(&self, txn: &Txn, by: &By, id: AgreementId, if_match: &IfMatch, today: NaiveDate) -> Result<()> {
        match self {
            Step::Propose(offer) | Step::Counter(offer) => {
                store::offer(txn, by, id, if_match, self.verb(), offer).await
            }
            Step::Agree(consent) => store::agree(txn, by, id, if_match, consent).await,
            Step::Withdraw(why) => store::withdraw(txn, by, id, if_match, &why.reason, today).await,
            Step::Amend(offer) => store::amend(txn, by, id, if_match, offer).await,
            Step::Activate(activation) => store::activate(txn, by, id, if_match, activation, today).await,
            Step::Terminate(termination) => store::terminate(txn, by, id, if_match, termination, today).await,
        }
    }
}

impl StepsApi {
    async fn change(&self, by: By, id: AgreementId, keyed: Keyed, if_match: IfMatch, step: Step) -> Moved {
        self.app
            .db
            .once(keyed, (by, id, if_match, step), |txn, (by, id, if_match, step)| {
                Box::pin(async move {
                    let before = store::get_agreement(txn, by, *id).await?;
                    step.apply(txn, by, *id, if_match, today(txn, &by.clock).await?).await?;
                    let after = store::get_agreement(txn, by, *id).await?;
                    let entry = Entry::new(step.action(), id.0).about(after.supplier_id);
                    let entry = entry.between(Some(&before), Some(&after)).because(step.said());
                    history::record(txn, by, entry).await?;
                    Changed::new(after.revision, &after)
                })
            })
            .await
    }
}
