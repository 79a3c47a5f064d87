//! The scanner: a clamd of our own that finds one word.

use super::keeping::tidy;
use super::{ANY, supplier_with_admin};
use crate::both;
use crate::support::files::{PDF, objects, pdf};
use crate::support::{TestApp, Wishes};
use accord::app;
use accord::shared::jobs::worker::run_one;
use accord::shared::objects::Settings;
use chrono::TimeDelta;
use serde_json::json;
use std::io;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

const EVIL: &[u8] = b"EICAR";

/// Answers one question as clamd does.
async fn answer(mut caller: TcpStream) -> io::Result<()> {
    let mut command = [0; 10];
    caller.read_exact(&mut command).await?;
    assert_eq!(&command, b"zINSTREAM\0");
    let mut content = Vec::new();
    loop {
        let length = caller.read_u32().await?;
        if length == 0 {
            break;
        }
        let at = content.len();
        content.resize(at + length as usize, 0);
        caller.read_exact(&mut content[at..]).await?;
    }
    let is_evil = content.windows(EVIL.len()).any(|window| window == EVIL);
    caller.write_all(if is_evil { b"stream: Eicar-Test FOUND\0" } else { b"stream: OK\0" }).await
}

async fn clamd() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address").to_string();
    tokio::spawn(async move {
        while let Ok((caller, _)) = listener.accept().await {
            tokio::spawn(answer(caller));
        }
    });
    address
}

async fn scanned_by(app: &TestApp, address: &str) -> TestApp {
    let settings = Settings { scanner: Some(address.to_owned()), ..app.files() };
    app.over_the_same(Wishes { files: Some(settings), ..Wishes::default() }).await
}

async fn work(app: &TestApp) {
    while run_one(&app.app, &app::long_work()).await.expect("the worker works") {}
}

both! {
    async fn a_file_is_available_once_it_was_looked_at(app: TestApp) {
        let scanned = scanned_by(&app, &clamd().await).await;
        let owner = scanned.owner().await;
        let made = owner.upload("filename=a.pdf", ANY, &pdf(1_200_000, b'x')).await.expect(201);
        assert_eq!(made.body["status"], "pending_scan");
        let content = format!("{}/content", made.header("location"));
        let refused = owner.get(&content).await.refused(409, "invalid_state");
        assert_eq!((&refused.body["current_status"], &refused.body["allowed"]), (&json!("pending_scan"), &json!([])));
        work(&scanned).await;
        let read = owner.get(made.header("location")).await.expect(200);
        assert_eq!((&read.body["status"], &read.body["revision"]), (&json!("available"), &json!(2)));
        owner.get(&content).await.expect(200);
        assert_eq!(owner.get("/v1/files?status=pending_scan").await.expect(200).body["data"], json!([]));
    }

    async fn what_is_infected_loses_its_content(app: TestApp) {
        let (_, admin) = supplier_with_admin(&app, "Acme").await;
        let scanned = scanned_by(&app, &clamd().await).await;
        let admin = scanned.with_token(admin.token.as_deref().expect("a token"));
        let made = admin.upload("filename=a.pdf", ANY, &[PDF, EVIL].concat()).await.expect(201);
        work(&scanned).await;
        assert_eq!(admin.get(made.header("location")).await.expect(200).body["status"], "rejected");
        let refused = admin.get(&format!("{}/content", made.header("location"))).await.refused(409, "invalid_state");
        assert_eq!(refused.body["current_status"], "rejected");
        assert!(objects(&app.files()).is_empty());
        let events = scanned.owner().await.get("/v1/audit-events?action=file.scan").await.expect(200);
        assert_eq!(events.body["data"][0]["reason"], "Eicar-Test");
        assert_eq!(events.body["data"][0]["changes"], json!([{"path": "/status", "before": "pending_scan", "after": "rejected"}]));
    }

    async fn a_scanner_that_is_away_is_asked_again(app: TestApp) {
        let gone = scanned_by(&app, "127.0.0.1:1").await;
        let made = gone.owner().await.upload("filename=a.pdf", ANY, PDF).await.expect(201);
        work(&gone).await;
        let status = async |app: &TestApp| app.owner().await.get(made.header("location")).await.expect(200).body["status"].clone();
        assert_eq!(status(&gone).await, "pending_scan");
        let scanned = scanned_by(&app, &clamd().await).await;
        app.clock.advance(TimeDelta::seconds(2));
        work(&scanned).await;
        assert_eq!(status(&scanned).await, "available");
    }

    async fn a_scan_that_was_given_up_is_ordered_again_a_day_later(app: TestApp) {
        let gone = scanned_by(&app, "127.0.0.1:1").await;
        let made = gone.owner().await.upload("filename=a.pdf", ANY, PDF).await.expect(201);
        for _ in 0..20 {
            work(&gone).await;
            app.clock.advance(TimeDelta::minutes(18));
        }
        let jobs = gone.owner().await.get("/v1/jobs?kind=files.scan").await.expect(200);
        assert_eq!(jobs.body["data"][0]["status"], "failed", "{}", jobs.text);
        app.clock.advance(TimeDelta::days(1));
        let scanned = scanned_by(&app, &clamd().await).await;
        tidy(&scanned).await;
        assert_eq!(scanned.owner().await.get(made.header("location")).await.expect(200).body["status"], "available");
    }
}
