//! Reviews and early warnings of the world.

use super::Who;
use super::world::World;
use crate::support::reviews::Stage;
use accord::shared::permission::Role;
use serde_json::{Value, json};

/// In which state the operation is possible.
fn stage(operation: &str) -> Stage {
    match operation {
        "readyReview" | "updateReview" | "missReview" | "cancelReview" => Stage::Scheduled,
        "rateReview" | "sayWhetherToUseAgain" => Stage::Held,
        "lockReviewRatings" => Stage::Rated,
        "respondToReview" => Stage::Responding,
        "decideReview" => Stage::Disputed,
        "finaliseReview" => Stage::Decided,
        "commitReview" => Stage::Finalised,
        "closeReview" => Stage::Committed,
        _ => Stage::Ready,
    }
}

impl World<'_> {
    /// A review in the state in which the operation is possible, and a clause that it is about; the reviewer reviews
    /// the agreement.
    pub async fn review(&self, operation: &str, who: Who) -> (String, String) {
        let supplier = if who.is_own() { &self.own } else { &self.other };
        // Staff responds for suppliers of which nobody can sign in.
        let is_on_behalf = operation == "respondToReview" && matches!(who, Who::Staff(_));
        let alone = match is_on_behalf {
            true => Some(self.owner().supplier(&format!("Alone {}", self.app.clock.uuid())).await),
            false => None,
        };
        let supplier = alone.as_ref().unwrap_or(supplier);
        let on = self.agreement_in_force(supplier, who).await;
        let path = self.app.reviewed(&on, stage(operation)).await;
        if is_on_behalf {
            self.app.disable_admin(supplier).await;
        }
        (path.trim_start_matches("/v1/reviews/").to_owned(), on.ours)
    }

    /// Somebody of each side.
    pub async fn present(&self, who: Who) -> Value {
        let supplier = if who.is_own() { &self.own } else { &self.other };
        let (me, contact) = (self.owner().get("/v1/me").await.expect(200).id(), self.owner().contact(supplier).await);
        json!([{"account_id": me}, {"person_id": contact}])
    }

    pub async fn early_warning(&self, who: Who) -> String {
        let supplier = if who.is_own() { &self.own } else { &self.other };
        let on = self.agreement_in_force(supplier, who).await;
        let new = json!({"agreement_id": on.agreement, "text": "Parts run out."});
        self.owner().post("/v1/early-warnings", new).await.expect(201).id()
    }

    /// The query of a calendar: that of somebody of `own`, for suppliers read the answer, too.
    pub async fn calendar(&self) -> String {
        let given = self.caller(Who::Own(Role::SupplierAdmin)).act("/v1/me/calendar-feed").await.expect(200);
        let url = given.body["url"].as_str().expect("an address");
        format!("?{}", url.split_once('?').expect("a query").1)
    }
}
