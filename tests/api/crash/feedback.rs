//! Answers of customers that are recorded while the server is killed.

use super::{Write, send_again, send_until_killed};
use crate::feedback::{item, survey};
use crate::real;
use serde_json::json;

const ALL: usize = 600;

real! {
    async fn a_killed_server_loses_no_answer_and_counts_none_twice(place: Place) {
        let app = place.open().await;
        let owner = app.owner().await;
        let supplier = owner.supplier("Acme").await;
        let items = json!([item("satisfaction", "scale", json!({"measure": "csat"}))]);
        let terms = json!({"languages": ["en"], "title": {"en": "Visit"}, "items": items,
            "follow_up": {"item": "satisfaction", "threshold": 1, "within": "P1D"}});
        let survey = survey(&owner, json!({"name": "S", "instrument": "custom", "terms": terms})).await;
        let token = owner.token.clone().expect("a token");
        app.app.db.close().await;
        let write = |number: usize| {
            let answers = json!([{"item": "satisfaction", "value": number % 5 + 1}]);
            let key = format!("crash-{number}");
            let body = json!({"survey_id": survey, "supplier_id": supplier, "external_id": key, "answers": answers});
            Write { path: "/v1/feedback".to_owned(), body }
        };
        let writes: Vec<_> = (0..ALL).map(write).collect();
        let server = place.serve();
        let caller = server.with_token(&token);
        let before = send_until_killed(server, &caller, &writes).await;

        // As it was left: every answer with its entry and its place in the tallies, every low one with its follow-up.
        for half in [
            "SELECT (SELECT count(*) FROM feedback) - (SELECT count(*) FROM history WHERE action = 'feedback.create')",
            "SELECT (SELECT count(*) FROM feedback) - (SELECT count(*) FROM idempotency_key WHERE outcome IS NOT NULL)",
            "SELECT (SELECT count(*) FROM follow_up) - (SELECT count(*) FROM history WHERE action = 'follow_up.open')",
        ] {
            assert_eq!(place.number(half).await, 0, "{half}");
        }
        let there = place.number("SELECT count(*) FROM feedback").await;
        assert!(usize::try_from(there).expect("a number") >= before.len(), "{there} of {}", before.len());
        place.verify_tallies();

        let server = place.serve();
        let caller = server.with_token(&token);
        let made = send_again(&caller, &writes, &before).await;
        assert_eq!(made.len(), ALL);
        let all = i64::try_from(ALL).expect("a number");
        for (sql, wanted) in [
            ("SELECT count(*) FROM feedback", all),
            ("SELECT count(DISTINCT external_id) FROM feedback", all),
            ("SELECT count(*) FROM follow_up", all / 5),
        ] {
            assert_eq!(place.number(sql).await, wanted, "{sql}");
        }
        assert_eq!(place.noted("feedback.create").await, all);
        assert_eq!(place.noted("follow_up.open").await, all / 5);
        let told = caller.get(&format!("/v1/feedback-numbers?supplier_id={supplier}")).await;
        let counts: Vec<_> = told["items"][0]["distribution"].as_array().expect("bins").iter().map(|bin| bin["count"].clone()).collect();
        assert_eq!(counts, vec![json!(ALL / 5); 5]);
        place.verify_tallies();
    }
}
