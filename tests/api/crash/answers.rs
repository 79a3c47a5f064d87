//! Answers that are saved while they are written, by many at once, while the server is killed.

use crate::real;
use crate::support::assessments::{asked, assignment};
use crate::support::process::Client;
use futures_util::future::join_all;
use serde_json::json;
use std::sync::atomic::{AtomicUsize, Ordering};

const SUPPLIERS: usize = 8;
const QUESTIONS: [&str; 4] = ["measured", "good", "fined", "story"];
/// How often each answer is saved.
const SAVES: u64 = 25;

/// Saves an answer again and again, each time under the revision that was answered last, until nobody answers; the
/// revision that was answered last.
async fn save(caller: &Client, path: &str, mut revision: u64, answered: &AtomicUsize) -> u64 {
    while revision < SAVES {
        let body = json!({"note": format!("Note {}", revision + 1)});
        let Ok(sent) = caller.try_patch(path, revision, &body).await else {
            break;
        };
        assert_eq!((sent.status, &sent.body["revision"]), (200, &json!(revision + 1)), "{}", sent.body);
        revision += 1;
        answered.fetch_add(1, Ordering::Relaxed);
    }
    revision
}

real! {
    async fn a_killed_server_loses_nothing_that_was_saved_while_it_was_written(place: Place) {
        let app = place.open().await;
        let owner = app.owner().await;
        let mut suppliers = Vec::new();
        for number in 0..SUPPLIERS {
            suppliers.push(owner.supplier(&format!("Supplier {number}")).await);
        }
        let suppliers: Vec<_> = suppliers.iter().map(String::as_str).collect();
        let mut new = assignment(&owner.questionnaire_of(asked()).await, &suppliers);
        new["due_on"] = json!("2099-12-31");
        let all = owner.assigned(new).await;
        let path = |id: &String| QUESTIONS.map(|question| format!("/v1/assessments/{id}/answers/{question}"));
        let paths: Vec<_> = all.iter().flat_map(path).collect();
        let token = owner.token.clone().expect("a token");
        app.app.db.close().await;

        let mut server = place.serve();
        let caller = server.with_token(&token);
        let answered = AtomicUsize::new(0);
        let last = super::moment(paths.len() * usize::try_from(SAVES).expect("a number"));
        let saving = join_all(paths.iter().map(|path| save(&caller, path, 0, &answered)));
        let killing = async {
            while answered.load(Ordering::Relaxed) < last {
                tokio::time::sleep(std::time::Duration::from_millis(1)).await;
            }
            server.kill();
        };
        let (heard, ()) = tokio::join!(saving, killing);
        assert!(heard.iter().any(|revision| *revision < SAVES), "it was killed in the middle");

        // As it was left: every save with its entry, and nothing that was begun without its answer.
        for half in [
            "SELECT (SELECT coalesce(CAST(sum(revision) AS bigint), 0) FROM assessment_answer) \
             - (SELECT count(*) FROM history WHERE action = 'assessment.answer')",
            "SELECT (SELECT count(*) FROM assessment WHERE status = 'in_progress') \
             - (SELECT count(DISTINCT assessment_id) FROM assessment_answer)",
        ] {
            assert_eq!(place.number(half).await, 0, "{half}");
        }
        let server = place.serve();
        let caller = server.with_token(&token);
        for (path, heard) in paths.iter().zip(heard) {
            let answer = caller.get(path).await;
            let revision = answer["revision"].as_u64().expect("a number");
            assert!(revision == heard || revision == heard + 1, "{path}: {revision} after {heard}");
            if revision > 0 {
                assert_eq!(answer["note"], format!("Note {revision}"));
            }
            assert_eq!(save(&caller, path, revision, &answered).await, SAVES);
        }
        let saves = i64::try_from(paths.len()).expect("a number") * i64::try_from(SAVES).expect("a number");
        assert_eq!(place.noted("assessment.answer").await, saves);
    }
}
