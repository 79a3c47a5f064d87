//! Promises that are paused while the server is killed.

use super::{Write, send_again, send_until_killed};
use crate::real;
use crate::support::place::promised;
use serde_json::json;

const ALL: usize = 160;

real! {
    async fn a_killed_server_loses_no_step_and_takes_none_by_half(place: Place) {
        let app = place.open().await;
        let keys: Vec<_> = (0..ALL).map(|number| format!("P-{number}")).collect();
        let (_, promises) = promised(&app, &keys.iter().map(String::as_str).collect::<Vec<_>>()).await;
        let token = app.owner().await.token.expect("a token");
        app.app.db.close().await;
        let pause = |promise: &String| Write {
            path: format!("/v1/promises/{promise}/pause"),
            body: json!({"reason": "The lift is out of order."}),
        };
        let writes: Vec<_> = promises.iter().map(pause).collect();
        let server = place.serve();
        let caller = server.with_token(&token);
        let before = send_until_killed(server, &caller, &writes).await;

        // As it was left: the state, the end of its version and the entry go together, promise by promise.
        let half = "SELECT count(*) FROM promise JOIN promise_version ON promise_id = promise.id \
            LEFT JOIN history ON action = 'promise.pause' AND resource_id = promise.id \
            WHERE (status = 'paused') <> (unpublished_at IS NOT NULL) OR (status = 'paused') <> (history.id IS NOT NULL)";
        assert_eq!(place.number(half).await, 0);
        let there = place.number("SELECT count(*) FROM promise WHERE status = 'paused'").await;
        assert!(usize::try_from(there).expect("a number") >= before.len(), "{there} of {}", before.len());

        let server = place.serve();
        let caller = server.with_token(&token);
        for id in before.values() {
            let promise = caller.get(&format!("/v1/promises/{id}")).await;
            assert_eq!((&promise["status"], &promise["revision"]), (&json!("paused"), &json!(2)));
        }
        let after = send_again(&caller, &writes, &before).await;
        assert_eq!(after.into_values().collect::<Vec<_>>(), promises);
        let all = i64::try_from(ALL).expect("a number");
        let once = "SELECT count(*) FROM promise WHERE status = 'paused' AND revision = 2";
        assert_eq!((place.number(once).await, place.number(half).await), (all, 0));
        assert_eq!(place.noted("promise.pause").await, all);
    }
}
