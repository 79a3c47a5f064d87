//! What calls send: the document's examples, but where they depend on who asks, and the transitions
//! that lead to the state in which an operation is possible.

use super::Who;
use super::negotiated;
use super::world::World;
use crate::contract::Operation;
use crate::support::PASSWORD;
use crate::support::files::PDF;
use accord::shared::auth::secret;
use accord::shared::permission::Role;
use chrono::TimeDelta;
use sea_orm::{ConnectionTrait, Statement};
use serde_json::{Value, json};

impl World<'_> {
    /// A token that resets the password of the example account.
    async fn reset_token(&self) -> String {
        let id = self.app.clock.uuid();
        let (email, _) = self.example_login().await;
        let input = (id, email, self.app.clock.now().plus(TimeDelta::minutes(30)));
        let made = self.app.app.db.write(input, |txn, (id, email, until)| {
            Box::pin(async move {
                let sql = "INSERT INTO password_reset (id, account_id, expires_at) \
                           SELECT $1, id, $2 FROM account WHERE email = $3";
                let values = [(*id).into(), (*until).into(), email.as_str().into()];
                txn.execute_raw(Statement::from_sql_and_values(txn.get_database_backend(), sql, values)).await?;
                Ok(())
            })
        });
        made.await.expect("a reset");
        secret::signed(&self.app.app.gate.keys().link_key(), secret::RESET, id, 1)
    }

    /// A file that hangs on nothing: of these reviewers and agents see what they uploaded themselves.
    pub async fn file(&self, who: Who) -> String {
        let by_itself = matches!(who, Who::Staff(Role::Reviewer | Role::Agent));
        let caller = if by_itself { &self.caller(who) } else { self.owner() };
        let supplier = if who.is_own() { &self.own } else { &self.other };
        let query = format!("filename=proof.pdf&supplier_id={supplier}");
        caller.upload(&query, "application/pdf", PDF).await.expect(201).id()
    }

    /// A body that is valid for this caller: the document's example, but where it depends on who asks.
    pub async fn body(&self, operation: &Operation, who: Who) -> Option<(String, Value)> {
        let (media_type, mut body) = operation.example_body()?;
        body = negotiated::body(&operation.id, &self.other).unwrap_or(body);
        let is_supplier = who.role().is_some_and(Role::is_supplier);
        match operation.id.as_str() {
            "updateSupplier" if is_supplier => body = json!({"regions": ["US-NY"]}),
            "updateUser" if who == Who::Staff(Role::Owner) => body["role"] = json!("supplier_admin"),
            "updateUser" => body = json!({"name": "Renamed"}),
            "createCommitment" => body["promise_id"] = json!(self.promise(who).await.0),
            "createPromise" => {
                let on = self.app.seed_agreement(&self.own).await;
                body["agreement_id"] = json!(on.agreement);
                body["expectation_id"] = json!(on.theirs);
            }
            "putUnderpinning" => body["tree"] = json!({"kind": "promise", "promise_id": self.promise(who).await.0}),
            "createSurveyLink" => {
                body["survey_id"] = json!(self.owner().published_survey("csat5").await);
                body["agreement_id"] = json!(self.agreement_in_force(&self.own, who).await.agreement);
            }
            "assignAssessments" => {
                body["questionnaire_id"] = json!(self.owner().published_questionnaire().await);
                body["supplier_ids"] = json!([self.own]);
            }
            "createReview" | "createEarlyWarning" => {
                body["agreement_id"] = json!(self.agreement_in_force(&self.own, who).await.agreement);
            }
            "holdReview" => body["present"] = self.present(who).await,
            "createFeedback" => {
                body.as_object_mut().expect("an object").remove("external_id");
                body["survey_id"] = json!(self.owner().published_survey("csat5").await);
                body["agreement_id"] = json!(self.agreement_in_force(&self.own, who).await.agreement);
            }
            "createAction" => {
                body = self.action_terms().await;
                body["agreement_id"] = json!(self.owned_agreement(&self.own, who).await);
            }
            "counterAction" => body = self.action_terms().await,
            "updateAction" => body = json!({"title": "Answer within an hour"}),
            "signAction" => body = json!({}),
            "claimAction" => body = self.claim(),
            "changePassword" => body = json!({"current_password": PASSWORD, "new_password": PASSWORD}),
            "createInvitation" => {
                body["email"] = json!(self.email());
                body["role"] = json!("supplier_user");
                body["supplier_id"] = json!(self.own);
            }
            "refreshToken" => {
                let (email, password) = self.example_login().await;
                let login = json!({"email": email, "password": password});
                let pair = self.app.nobody().post("/v1/auth/login", login).await.expect(200);
                body["refresh_token"] = pair.body["refresh_token"].clone();
            }
            "acceptInvitation" => {
                let new = json!({"email": self.email(), "role": "supplier_user", "supplier_id": self.own});
                let made = self.owner().post("/v1/invitations", new).await.expect(201);
                body["token"] = made.body["accept_token"].clone();
            }
            "resetPassword" => body["token"] = json!(self.reset_token().await),
            _ => {}
        }
        Some((media_type.to_owned(), body))
    }
}

/// The transitions that lead to the state in which an operation is possible.
pub fn before(operation: &str) -> &'static [&'static str] {
    match operation {
        "qualifySupplier" | "rejectSupplier" => &["nominate"],
        "activateSupplier" | "suspendSupplier" => &["nominate", "qualify"],
        "reinstateSupplier" => &["nominate", "qualify", "suspend"],
        "exitSupplier" => &["nominate", "qualify", "activate"],
        "completeSupplierExit" => &["nominate", "qualify", "activate", "exit"],
        "revokeCredential" => &["verify"],
        _ => &[],
    }
}
