//! A file that is imported by a server that is killed in the middle, and by whoever goes on.

use crate::real;
use crate::support::place::{Place, hours_ago, promised};
use crate::support::process::Client;
use serde_json::{Value, json};
use std::fmt::Write;
use std::time::Duration;

const ROWS: i64 = 20_000;
/// Every so many rows one is refused.
const REFUSED: i64 = 100;

/// Two promises in turn; kept, broken and open in turn.
fn file() -> String {
    let mut text = String::from("promise_external_id,external_id,made_at,fulfilled_at\n");
    let (made, fulfilled, just_now) = (hours_ago(72), hours_ago(48), hours_ago(1));
    for row in 0..ROWS {
        let promise = if row % REFUSED == 0 { "P-9" } else { ["P-1", "P-2"][usize::from(row % 2 == 0)] };
        let (made, fulfilled) = match row % 3 {
            0 => (&made, &*fulfilled),
            1 => (&made, ""),
            _ => (&just_now, ""),
        };
        writeln!(text, "{promise},row-{row},{made},{fulfilled}").expect("text");
    }
    text
}

/// Asks for the import until it is as wanted.
async fn until(caller: &Client, import: &str, wanted: impl Fn(&Value) -> bool) -> Value {
    for _ in 0..2_000 {
        let found = caller.get(import).await;
        if wanted(&found) {
            return found;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("{} does not come about", caller.get(import).await);
}

/// Every batch is written whole or not at all: rows, how far it is, and its entry.
async fn check_batches(place: &Place) -> i64 {
    for half in [
        "SELECT rows_created - (SELECT count(*) FROM commitment) FROM import",
        "SELECT rows_failed - (SELECT count(*) FROM import_row) FROM import",
        "SELECT rows_done - rows_created - rows_failed FROM import",
        "SELECT rows_done - 2000 * (SELECT count(*) FROM history WHERE action = 'import.batch') FROM import",
    ] {
        assert_eq!(place.number(half).await, 0, "{half}");
    }
    place.verify_tallies();
    place.number("SELECT rows_done FROM import").await
}

real! {
    async fn an_import_goes_on_where_a_killed_server_was(place: Place) {
        let app = place.open().await;
        promised(&app, &["P-1", "P-2"]).await;
        let token = app.owner().await.token.expect("a token");
        app.app.db.close().await;
        let mut server = place.serve();
        let caller = server.with_token(&token);
        let job = caller.import("kind=commitments&on_error=continue", file()).await;
        let import = format!("/v1/imports/{}", job["import_id"].as_str().expect("an id"));
        until(&caller, &import, |import| import["rows_done"].as_i64() >= Some(ROWS / 4)).await;
        server.kill();

        let done = check_batches(&place).await;
        assert!((ROWS / 4..ROWS).contains(&done), "it was not killed in the middle but at {done}");
        // Whoever comes next leaves it alone while it is leased, and takes it over then.
        let server = place.serve();
        let caller = server.with_token(&token);
        tokio::time::sleep(Duration::from_secs(2)).await;
        assert_eq!(caller.get(&import).await["rows_done"], done);
        place.time_goes_by().await;
        let ended = until(&caller, &import, |import| !import["finished_at"].is_null()).await;

        let refused = ROWS / REFUSED;
        assert_eq!((&ended["status"], &ended["rows_done"]), (&json!("succeeded"), &json!(ROWS)));
        assert_eq!((&ended["rows_created"], &ended["rows_failed"]), (&json!(ROWS - refused), &json!(refused)));
        let attempts = "SELECT count(*) FROM job WHERE kind = 'import' AND attempt = 2 AND status = 'succeeded'";
        for _ in 0..50 {
            // The job ends a moment after its import.
            if place.number(attempts).await == 1 {
                break;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        assert_eq!(place.number(attempts).await, 1);
        assert_eq!(check_batches(&place).await, ROWS);
        assert_eq!(place.number("SELECT count(DISTINCT external_id) FROM commitment").await, ROWS - refused);
        assert_eq!(place.number("SELECT count(*) FROM spool").await, 0, "parts of the file are left");
    }
}
