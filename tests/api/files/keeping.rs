//! How much is kept, and what goes by itself.

use super::{ANY, supplier_with_admin};
use crate::both;
use crate::support::files::{PDF, objects, pdf};
use crate::support::{TestApp, Wishes};
use accord::shared::jobs::worker::run_one;
use accord::shared::jobs::{self, ATTEMPTS, NewJob};
use accord::shared::objects::{Quotas, Settings};
use accord::{app, files};
use chrono::TimeDelta;
use serde_json::json;
use std::path::Path;

/// The daily job, now.
pub async fn tidy(app: &TestApp) {
    let enqueued = app.app.db.write(app.clock.clone(), |txn, clock| {
        let new = NewJob { kind: files::TIDYING, payload: json!({}), dedupe_key: None, max_attempts: ATTEMPTS };
        Box::pin(jobs::enqueue(txn, clock, new))
    });
    enqueued.await.expect("a job");
    while run_one(&app.app, &app::long_work()).await.expect("it runs") {}
}

/// Makes a file as old as if it had been written so long before now.
fn age(app: &TestApp, path: &Path, by: TimeDelta) {
    let file = std::fs::File::options().append(true).open(path).expect("the file");
    file.set_modified(app.clock.now().plus(-by).instant().into()).expect("another age");
}

both! {
    async fn a_supplier_keeps_so_much_and_no_more(app: TestApp) {
        let (acme, _) = supplier_with_admin(&app, "Acme").await;
        let quotas = Quotas { supplier: 10_000, organization: 1_000 };
        let strict = app.over_the_same(Wishes { files: Some(Settings { quotas, ..app.files() }), ..Wishes::default() }).await;
        let (owner, query) = (strict.owner().await, format!("filename=a.pdf&supplier_id={acme}"));
        let (one, other) = (pdf(6_000, b'1'), pdf(6_000, b'2'));
        let both = tokio::join!(owner.upload(&query, ANY, &one), owner.upload(&query, ANY, &other));
        let (made, refused) = if both.0.status == 201 { both } else { (both.1, both.0) };
        let made = made.expect(201);
        assert_eq!(refused.refused(409, "quota_exceeded").body["max_bytes"], 10_000);
        assert_eq!(objects(&app.files()).len(), 1, "what was refused is gone");
        owner.upload(&query, ANY, &pdf(4_000, b'3')).await.expect(201);
        owner.upload(&query, ANY, PDF).await.refused(409, "quota_exceeded");
        owner.upload("filename=a.pdf", ANY, &pdf(1_001, b'1')).await.refused(409, "quota_exceeded");
        owner.upload("filename=a.pdf", ANY, &pdf(1_000, b'1')).await.expect(201);
        owner.delete(made.header("location")).await.expect(204);
        owner.upload(&query, ANY, &other).await.expect(201);
    }

    async fn what_nobody_attaches_goes_after_seven_days(app: TestApp) {
        let owner = app.owner().await;
        let made = owner.upload("filename=a.pdf", ANY, PDF).await.expect(201);
        app.clock.advance(TimeDelta::days(7));
        tidy(&app).await;
        app.owner().await.get(made.header("location")).await.expect(200);
        app.clock.advance(TimeDelta::seconds(1));
        tidy(&app).await;
        let owner = app.owner().await;
        owner.get(made.header("location")).await.refused(404, "not_found");
        assert!(objects(&app.files()).is_empty());
        let events = owner.get("/v1/audit-events?action=file.expire").await.expect(200);
        assert_eq!(events.body["data"][0]["actor"]["type"], "program");
        assert_eq!(events.body["data"][0]["resource"]["id"], made.body["id"]);
    }

    async fn bytes_that_belong_to_no_file_go_after_a_day(app: TestApp) {
        let owner = app.owner().await;
        let made = owner.upload("filename=a.pdf", ANY, PDF).await.expect(201);
        let kept = objects(&app.files());
        let folder = Path::new(&app.files().place).to_owned();
        let (orphan, draft, young) = (folder.join("0a0b"), folder.join("0a0c#1"), folder.join("0a0d"));
        for path in [&orphan, &draft, &young] {
            std::fs::write(path, PDF).expect("a file");
        }
        for path in [&kept[0], &orphan, &draft] {
            age(&app, path, TimeDelta::hours(25));
        }
        age(&app, &young, TimeDelta::hours(23));
        tidy(&app).await;
        assert_eq!(objects(&app.files()).into_iter().filter(|path| *path != young).collect::<Vec<_>>(), kept);
        assert!(young.exists(), "it may be on its way");
        owner.get(&format!("{}/content", made.header("location"))).await.expect(200);
    }
}
