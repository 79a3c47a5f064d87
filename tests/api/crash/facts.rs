//! Commitments that are recorded while the server is killed.

use super::{Write, send_again, send_until_killed};
use crate::real;
use crate::support::place::{hours_ago, promised};
use serde_json::json;

const ALL: usize = 600;

/// A third of them kept, a third broken, a third open.
fn commitments(promise: &str) -> Vec<Write> {
    let (made, fulfilled, just_now) = (hours_ago(72), hours_ago(48), hours_ago(1));
    let commitment = |number: usize| {
        let mut body = json!({"promise_id": promise, "external_id": format!("crash-{number}"), "made_at": made});
        match number % 3 {
            0 => body["fulfilled_at"] = json!(fulfilled),
            1 => {}
            _ => body["made_at"] = json!(just_now),
        }
        Write { path: "/v1/commitments".to_owned(), body }
    };
    (0..ALL).map(commitment).collect()
}

real! {
    async fn a_killed_server_loses_no_commitment_and_counts_none_twice(place: Place) {
        let app = place.open().await;
        let (_, promises) = promised(&app, &["P"]).await;
        let token = app.owner().await.token.expect("a token");
        app.app.db.close().await;
        let writes = commitments(&promises[0]);
        let server = place.serve();
        let caller = server.with_token(&token);
        let before = send_until_killed(server, &caller, &writes).await;

        // As it was left: every commitment with its entry, its answer and its place in the tallies.
        let half = "SELECT (SELECT count(*) FROM commitment) - (SELECT count(*) FROM history WHERE action = 'commitment.create')";
        assert_eq!(place.number(half).await, 0);
        let half = "SELECT (SELECT count(*) FROM commitment) - (SELECT count(*) FROM idempotency_key WHERE outcome IS NOT NULL)";
        assert_eq!(place.number(half).await, 0);
        let there = place.number("SELECT count(*) FROM commitment").await;
        assert!(usize::try_from(there).expect("a number") >= before.len(), "{there} of {}", before.len());
        place.verify_tallies();

        let server = place.serve();
        let caller = server.with_token(&token);
        let made = send_again(&caller, &writes, &before).await;
        assert_eq!(made.len(), ALL);
        let all = i64::try_from(ALL).expect("a number");
        for sql in [
            "SELECT count(*) FROM commitment",
            "SELECT count(DISTINCT external_id) FROM commitment",
            "SELECT count(DISTINCT resource_id) FROM history WHERE action = 'commitment.create'",
        ] {
            assert_eq!(place.number(sql).await, all, "{sql}");
        }
        assert_eq!(place.noted("commitment.create").await, all);
        let rate = caller.get(&format!("/v1/kept-rate?promise_id={}", promises[0])).await;
        let third = json!(ALL / 3);
        assert_eq!((&rate["rate"]["k"], &rate["rate"]["n"], &rate["open"]), (&third, &json!(ALL / 3 * 2), &third));
        place.verify_tallies();
    }
}
