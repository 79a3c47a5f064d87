//! Commitments whose time ran out while nobody was there.

use crate::real;
use crate::support::place::{hours_ago, promised};
use crate::support::process::Client;
use accord::promises;
use accord::shared::app::App;
use accord::shared::jobs::{self, ATTEMPTS, NewJob};
use serde_json::json;
use std::fmt::Write;
use std::time::Duration;

/// More than break in one transaction.
const ALL: i64 = 1_700;

/// Jobs that were left behind: each server finds one to do, at the same time as the other.
async fn leave_jobs(app: &App) {
    let left = app.db.write(app.clock.clone(), |txn, clock| {
        Box::pin(async move {
            for _ in 0..4 {
                let new =
                    NewJob { kind: promises::SWEEPING, payload: json!({}), dedupe_key: None, max_attempts: ATTEMPTS };
                jobs::enqueue(txn, clock, new).await?;
            }
            Ok(())
        })
    });
    left.await.expect("the jobs are stored");
}

async fn until_none_is_open(caller: &Client, promise: &str) {
    for _ in 0..300 {
        let rate = caller.get(&format!("/v1/kept-rate?promise_id={promise}")).await;
        if rate["open"] == 0 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("commitments stay open");
}

real! {
    async fn what_ran_out_while_nobody_was_there_breaks_once_when_they_are_back(place: Place) {
        let app = place.open().await;
        let (_, promises) = promised(&app, &["P"]).await;
        let token = app.owner().await.token.expect("a token");
        app.app.db.close().await;
        let mut file = String::from("promise_external_id,external_id,made_at\n");
        let made = hours_ago(24);
        for row in 0..ALL {
            writeln!(file, "P,row-{row},{made}").expect("text");
        }
        place.write("open.csv", &file);
        place.run(&["import", "commitments", "open.csv"]).expect(0);
        // They have run before: what comes by itself is known, and has its time.
        let (code, said) = place.serve().stop();
        assert_eq!(code, Some(0), "{said}");
        assert_eq!(place.number("SELECT count(*) FROM commitment WHERE status = 'open'").await, ALL);

        let app = place.open().await;
        leave_jobs(&app.app).await;
        app.app.db.close().await;
        place.time_goes_by().await;
        let servers = match place.is_postgres() {
            true => std::thread::scope(|scope| {
                let starts = [scope.spawn(|| place.serve()), scope.spawn(|| place.serve())];
                starts.map(|start| start.join().expect("it starts")).into()
            }),
            false => vec![place.serve()],
        };
        for server in &servers {
            until_none_is_open(&server.with_token(&token), &promises[0]).await;
        }
        let once = "SELECT count(*) FROM commitment WHERE status = 'broken' AND revision = 2";
        assert_eq!(place.number(once).await, ALL);
        assert_eq!(place.number("SELECT CAST(sum(broken) AS BIGINT) FROM commitment_tally").await, ALL);
        place.verify_tallies();

        // The history tells of every one of them, once.
        let told = "SELECT count(*) FROM history WHERE action = 'commitment.break'";
        assert_eq!(place.number(told).await, ALL);
        let apart = "SELECT count(DISTINCT resource_id) FROM history WHERE action = 'commitment.break'";
        assert_eq!(place.number(apart).await, ALL);
    }
}
