//! What becomes of a review, over HTTP.

use crate::reviews::store::{self, Step};
use crate::reviews::types::{MissedReview, NewRatings, NewResponse, NewRuling, Review, ReviewHeld, UseAgain};
use crate::shared::app::App;
use crate::shared::auth::{By, May};
use crate::shared::body::Body;
use crate::shared::error::Result;
use crate::shared::etag::IfMatch;
use crate::shared::id::ReviewId;
use crate::shared::idempotency::{Keyed, Once};
use crate::shared::permission::reviews::{Decide, Rate, Respond, Transition, Write};
use crate::shared::reply::Changed;
use crate::shared::tag::Tag;
use crate::suppliers::Reason;
use poem_openapi::OpenApi;
use poem_openapi::param::Path;

pub struct StepsApi {
    pub app: App,
}

type Moved = Result<Changed<Review>>;

#[OpenApi(prefix_path = "/v1", tag = "Tag::Reviews")]
impl StepsApi {
    /// Freeze the evidence of a review
    ///
    /// scheduled → ready, when its period is over (422). The evidence pack is written once and never changes again; from
    /// now on both sides read it.
    #[oai(path = "/reviews/:review_id/ready", method = "post", operation_id = "readyReview")]
    async fn ready(&self, by: May<Transition>, review_id: Path<ReviewId>, once: Once, if_match: IfMatch) -> Moved {
        let keyed = once.over(&by, b"");
        self.take(by.by(), review_id.0, keyed, if_match, Step::Ready).await
    }

    /// Record that a review was held
    ///
    /// ready → held. Somebody of each side was there, and a main employee contact of the supplier; otherwise it is
    /// refused (422) and to be recorded as missed. Ratings are open from now on.
    #[oai(path = "/reviews/:review_id/hold", method = "post", operation_id = "holdReview")]
    async fn hold(
        &self,
        by: May<Transition>,
        review_id: Path<ReviewId>,
        once: Once,
        if_match: IfMatch,
        held: Body<ReviewHeld>,
    ) -> Moved {
        let keyed = once.over(&by, &held.digest);
        self.take(by.by(), review_id.0, keyed, if_match, Step::Hold(held.value)).await
    }

    /// Record that a review was missed
    ///
    /// scheduled or ready → missed, by whomever caused it, from the day on for which it is called (422 before); both
    /// sides read it. Another one is called in its place, in 14 days and when its period is over. Where one is called for
    /// a day until then already, that one is about the missed days, too.
    #[oai(path = "/reviews/:review_id/miss", method = "post", operation_id = "missReview")]
    async fn miss(
        &self,
        by: May<Transition>,
        review_id: Path<ReviewId>,
        once: Once,
        if_match: IfMatch,
        missed: Body<MissedReview>,
    ) -> Moved {
        let keyed = once.over(&by, &missed.digest);
        self.take(by.by(), review_id.0, keyed, if_match, Step::Miss(missed.value)).await
    }

    /// Cancel a review
    ///
    /// In every state in which something is still to come → cancelled, with the reason.
    #[oai(path = "/reviews/:review_id/cancel", method = "post", operation_id = "cancelReview")]
    async fn cancel(
        &self,
        by: May<Transition>,
        review_id: Path<ReviewId>,
        once: Once,
        if_match: IfMatch,
        reason: Body<Reason>,
    ) -> Moved {
        let keyed = once.over(&by, &reason.digest);
        self.take(by.by(), review_id.0, keyed, if_match, Step::Cancel(reason.value.reason)).await
    }

    /// Rate the other side
    ///
    /// While the review is held: staff rates the supplier, the supplier's people rate us, each for themselves and as
    /// often as they like. Nobody reads what others said before ratings are locked. After a dispute that was sent back
    /// those of our side who rated before rate again (403 for others), with the reason; what was said before stays on
    /// record, and what is said now is read once the review is finalised. Needs words for 1, 2 and 5 (422).
    #[oai(path = "/reviews/:review_id/rate", method = "post", operation_id = "rateReview")]
    async fn rate(
        &self,
        by: May<Rate>,
        review_id: Path<ReviewId>,
        once: Once,
        if_match: IfMatch,
        ratings: Body<NewRatings>,
    ) -> Moved {
        let keyed = once.over(&by, &ratings.digest);
        self.take(by.by(), review_id.0, keyed, if_match, Step::Rate(ratings.value)).await
    }

    /// Say whether to use the supplier again
    ///
    /// While the review is held, by the owner of the agreement (403); by anybody with the permission where nobody owns
    /// it, and by a manager where the owner cannot sign in any more.
    #[oai(path = "/reviews/:review_id/would-use-again", method = "post", operation_id = "sayWhetherToUseAgain")]
    async fn would_use_again(
        &self,
        by: May<Write>,
        review_id: Path<ReviewId>,
        once: Once,
        if_match: IfMatch,
        said: Body<UseAgain>,
    ) -> Moved {
        let keyed = once.over(&by, &said.digest);
        self.take(by.by(), review_id.0, keyed, if_match, Step::WouldUseAgain(said.value)).await
    }

    /// Lock the ratings of a review
    ///
    /// held → responding, when our side has rated every criterion and the owner has said whether to use the supplier
    /// again (422), and when the supplier has rated us, or had 14 days to do so since it was recorded that the review was
    /// held (422). The grade follows from the ratings; both sides read all of them, and the supplier has 14 days to
    /// respond.
    #[oai(path = "/reviews/:review_id/lock-ratings", method = "post", operation_id = "lockReviewRatings")]
    async fn lock_ratings(
        &self,
        by: May<Transition>,
        review_id: Path<ReviewId>,
        once: Once,
        if_match: IfMatch,
    ) -> Moved {
        let keyed = once.over(&by, b"");
        self.take(by.by(), review_id.0, keyed, if_match, Step::LockRatings).await
    }

    /// Respond to a review
    ///
    /// responding → finalised, or disputed when the supplier disagrees. Words are needed unless it agrees (422). The
    /// supplier responds for itself: staff does on its behalf only while nobody can sign in for it (403), and the response
    /// says so. When the 14 days are over without a response, what was found stands; they do not run while the supplier
    /// is suspended and begin anew afterwards.
    #[oai(path = "/reviews/:review_id/respond", method = "post", operation_id = "respondToReview")]
    async fn respond(
        &self,
        by: May<Respond>,
        review_id: Path<ReviewId>,
        once: Once,
        if_match: IfMatch,
        response: Body<NewResponse>,
    ) -> Moved {
        let keyed = once.over(&by, &response.digest);
        self.take(by.by(), review_id.0, keyed, if_match, Step::Respond(response.value)).await
    }

    /// Decide a disputed review
    ///
    /// disputed → decided, one level above: by an owner who neither owns nor reviews the agreement, and who neither
    /// prepared, held or locked the review, nor rated or took part (422 `four_eyes`). The ratings are upheld, or sent back
    /// to be given anew.
    #[oai(path = "/reviews/:review_id/decide", method = "post", operation_id = "decideReview")]
    async fn decide(
        &self,
        by: May<Decide>,
        review_id: Path<ReviewId>,
        once: Once,
        if_match: IfMatch,
        ruling: Body<NewRuling>,
    ) -> Moved {
        let keyed = once.over(&by, &ruling.digest);
        self.take(by.by(), review_id.0, keyed, if_match, Step::Decide(ruling.value)).await
    }

    /// Finalise a review after a dispute
    ///
    /// decided → finalised. Where ratings were sent back, somebody has changed one (422), and the grade follows from what
    /// stands now.
    #[oai(path = "/reviews/:review_id/finalise", method = "post", operation_id = "finaliseReview")]
    async fn finalise(&self, by: May<Transition>, review_id: Path<ReviewId>, once: Once, if_match: IfMatch) -> Moved {
        let keyed = once.over(&by, b"");
        self.take(by.by(), review_id.0, keyed, if_match, Step::Finalise).await
    }

    /// Record that both sides have committed
    ///
    /// finalised → committed: what follows from the review is agreed on. No action of the agreement waits for a signature
    /// (422 with each that does).
    #[oai(path = "/reviews/:review_id/commit", method = "post", operation_id = "commitReview")]
    async fn commit(&self, by: May<Transition>, review_id: Path<ReviewId>, once: Once, if_match: IfMatch) -> Moved {
        let keyed = once.over(&by, b"");
        self.take(by.by(), review_id.0, keyed, if_match, Step::Commit).await
    }

    /// Close a review
    ///
    /// committed → closed, when every early warning about the agreement is answered (422 with each that waits). Clauses
    /// that were confirmed are marked so; changes are written into the version that is ours to write, and an agreement
    /// in force is amended for them (409 `invalid_state` while the supplier writes). Nothing is done about clauses that
    /// the agreement has no more; the audit trail names them.
    #[oai(path = "/reviews/:review_id/close", method = "post", operation_id = "closeReview")]
    async fn close(&self, by: May<Transition>, review_id: Path<ReviewId>, once: Once, if_match: IfMatch) -> Moved {
        let keyed = once.over(&by, b"");
        self.take(by.by(), review_id.0, keyed, if_match, Step::Close).await
    }
}

impl StepsApi {
    async fn take(&self, by: By, id: ReviewId, keyed: Keyed, if_match: IfMatch, step: Step) -> Moved {
        self.app
            .db
            .once(keyed, (by, id, if_match, step), |txn, (by, id, if_match, step)| {
                Box::pin(async move {
                    let before = store::lock_review(txn, by, *id).await?;
                    if_match.check(before.revision)?;
                    let after = store::take(txn, by, &before, step).await?;
                    let shown = store::shown_one(txn, by, after).await?;
                    Changed::new(shown.revision, &shown)
                })
            })
            .await
    }
}
