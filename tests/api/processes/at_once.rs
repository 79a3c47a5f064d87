//! The same thing, asked of two processes over one PostgreSQL at once.

use crate::agreements::field;
use crate::support::TestApp;
use crate::support::place::{Place, hours_ago, promised};
use crate::support::process::{Client, Sent};
use accord::shared::clock::Clock;
use accord::shared::permission::Role;
use chrono::TimeDelta;
use serde_json::{Value, json};

async fn both(callers: &[Client; 2], path: &str, body: &Value, key: Option<&str>) -> [Sent; 2] {
    let [one, other] = callers;
    let (one, other) = tokio::join!(one.try_post(path, body, key), other.try_post(path, body, key));
    [one.expect("an answer"), other.expect("an answer")]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_commitment_sent_to_two_processes_at_once_is_recorded_once() {
    let Some(place) = Place::postgres().await else { return };
    let app = place.open().await;
    let (_, promises) = promised(&app, &["P"]).await;
    let token = app.owner().await.token.expect("a token");
    app.app.db.close().await;
    let servers = [place.serve(), place.serve()];
    let callers = servers.each_ref().map(|server| server.with_token(&token));
    let (made_at, mut replayed) = (hours_ago(72), 0);
    for number in 0..40 {
        let body = json!({"promise_id": promises[0], "made_at": made_at});
        let [one, other] = both(&callers, "/v1/commitments", &body, Some(&format!("key-{number}"))).await;
        assert_eq!((one.status, other.status), (201, 201), "{} {}", one.body, other.body);
        assert_eq!(one.body, other.body);
        replayed += usize::from(one.replayed) + usize::from(other.replayed);
    }
    assert_eq!(replayed, 40, "of each pair one is done and one is the answer again");
    assert_eq!(place.number("SELECT count(*) FROM commitment").await, 40);
    assert_eq!(place.noted("commitment.create").await, 40);
    place.verify_tallies();

    // Without a key the key of the other system holds.
    for number in 0..10 {
        let body = json!({"promise_id": promises[0], "made_at": made_at, "external_id": format!("row-{number}")});
        let sent = both(&callers, "/v1/commitments", &body, None).await;
        let mut statuses = sent.each_ref().map(|sent| sent.status);
        statuses.sort_unstable();
        assert_eq!(statuses, [201, 409], "{} {}", sent[0].body, sent[1].body);
    }
    assert_eq!(place.number("SELECT count(*) FROM commitment").await, 50);
    place.verify_tallies();
}

/// An agreement both sides have agreed to: its address and the tokens of both.
async fn agreed(app: &TestApp) -> (String, String, String) {
    let owner = app.owner().await;
    let supplier = field(&owner, "Acme").await;
    let admin = app.sign_in(Role::SupplierAdmin, Some(&supplier)).await;
    let today = Clock::system().now().instant().date_naive();
    let new = json!({"supplier_id": supplier, "title": "Lifts", "template": "field-service",
        "starts_on": today, "ends_on": today + TimeDelta::days(365)});
    let agreement = owner.post("/v1/agreements", new).await.expect(201).header("location").to_owned();
    owner.post(&format!("{agreement}/propose"), json!({})).await.expect(200);
    admin.post(&format!("{agreement}/agree"), json!({"accept_all": true})).await.expect(200);
    (agreement, owner.token.expect("a token"), admin.token.expect("a token"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_agreement_is_signed_and_put_in_force_once_by_two_processes() {
    let Some(place) = Place::postgres().await else { return };
    let app = place.open().await;
    let (agreement, us, supplier) = agreed(&app).await;
    app.app.db.close().await;
    let servers = [place.serve(), place.serve()];
    let as_ = |token: &str| servers.each_ref().map(|server| server.with_token(token));
    for (token, verb, refusal) in
        [(&us, "sign", "already_exists"), (&supplier, "sign", "already_exists"), (&us, "activate", "invalid_state")]
    {
        let [one, other] = both(&as_(token), &format!("{agreement}/{verb}"), &json!({}), None).await;
        let (done, refused) = if one.status == 200 { (one, other) } else { (other, one) };
        assert_eq!(done.status, 200, "{}", done.body);
        assert_eq!((refused.status, &refused.body["code"]), (409, &json!(refusal)), "{}", refused.body);
    }
    assert_eq!(place.number("SELECT count(*) FROM signature").await, 2);
    assert_eq!((place.noted("agreement.sign").await, place.noted("agreement.activate").await), (2, 1));
    let shown = as_(&us)[1].get(&agreement).await;
    assert_eq!((&shown["status"], &shown["version_in_force"]), (&json!("active"), &json!(1)));
}
