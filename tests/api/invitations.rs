//! Invitations.

mod refused;

use crate::both;
use crate::support::{Answer, Caller, TestApp, Wishes, mail};
use accord::shared::mail::Settings;
use accord::shared::permission::Role;
use chrono::TimeDelta;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};

const JO: &str = "jo@accord.example";
const CHOSEN: &str = "ladder violin comet harvest";
const NOWHERE: &str = "01a1ff81-7540-74d8-bf1a-931cc1c79f06";
const INVITATIONS: &str = "/v1/invitations";

async fn invite(caller: &Caller<'_>, email: &str, role: &str, supplier: Option<&str>) -> Answer {
    let mut new = json!({"email": email, "role": role});
    if let Some(supplier) = supplier {
        new["supplier_id"] = json!(supplier);
    }
    caller.post(INVITATIONS, new).await
}

async fn accept(app: &TestApp, token: &str) -> Answer {
    let body = json!({"token": token, "name": "Jo Example", "password": CHOSEN});
    app.nobody().post("/v1/invitations/accept", body).await
}

fn token(answer: &Answer) -> String {
    answer.body["accept_token"].as_str().unwrap_or_else(|| panic!("no token in {}", answer.text)).to_owned()
}

both! {
    async fn somebody_joins_with_the_token_of_the_mail(app: TestApp) {
        let owner = app.owner().await;
        let supplier = owner.supplier("Acme").await;
        let made = invite(&owner, "Jo@Accord.example", "supplier_admin", Some(&supplier)).await.expect(201);
        let path = format!("/v1/invitations/{}", made.id());
        assert_eq!((made.header("location"), made.header("etag")), (path.as_str(), "\"1\""));
        let me = owner.get("/v1/me").await.expect(200).id();
        let mut expected = json!({"id": made.id(), "email": JO, "role": "supplier_admin", "supplier_id": supplier,
            "status": "pending", "expires_at": "2026-11-28T09:00:00.000Z", "accepted_at": null, "revoked_at": null,
            "account_id": null, "invited_by": me, "accept_token": token(&made), "revision": 1,
            "created_at": "2026-11-21T09:00:00.000Z", "updated_at": "2026-11-21T09:00:00.000Z"});
        assert_eq!(made.body, expected);
        expected["accept_token"] = Value::Null;
        assert_eq!(owner.get(&path).await.expect(200).body, expected, "nobody sees the token again");

        let mail = app.mail_to(JO).await;
        assert_eq!(mail.subject, "Your invitation to Our organisation");
        assert!(mail.text.contains("as supplier admin of Acme."), "{}", mail.text);
        assert!(mail.text.contains("POST https://accord.example/v1/invitations/accept\n"), "{}", mail.text);
        assert!(mail.text.contains("until 2026-11-28 09:00 UTC"), "{}", mail.text);
        assert_eq!(mail.token("acc_inv_"), token(&made));

        app.clock.advance(TimeDelta::hours(1));
        let joined = accept(&app, &mail.token("acc_inv_")).await.expect(201);
        assert_eq!(joined.body, json!({"id": joined.id(), "email": JO, "name": "Jo Example",
            "role": "supplier_admin", "supplier_id": supplier}));
        assert_eq!(joined.header("location"), format!("/v1/users/{}", joined.id()));
        let login = app.nobody().post("/v1/auth/login", json!({"email": JO, "password": CHOSEN})).await.expect(200);
        assert_eq!(login.body["password_change_required"], false);
        let jo = app.with_token(login.body["access_token"].as_str().expect("a token"));
        assert_eq!(jo.get("/v1/suppliers").await.expect(200).each("name"), ["Acme"]);

        let owner = app.owner().await;
        let after = owner.get(&path).await.expect(200);
        assert_eq!((&after.body["status"], &after.body["account_id"]), (&json!("accepted"), &json!(joined.id())));
        assert_eq!((&after.body["accepted_at"], after.header("etag")), (&json!("2026-11-21T10:00:00.000Z"), "\"2\""));
        let events = owner.get(&format!("/v1/audit-events?limit=100&supplier_id={supplier}")).await.expect(200);
        let of_invitations: Vec<_> = events.body["data"].as_array().expect("a list").iter()
            .filter(|event| event["resource"]["type"] == "invitation").collect();
        assert_eq!(of_invitations.len(), 2, "{}", events.text);
        assert_eq!(of_invitations[0]["actor"]["label"], "Jo Example");
    }

    async fn a_replay_has_no_token(app: TestApp) {
        let owner = app.owner().await;
        let keyed = owner.with("idempotency-key", "k1");
        let (first, again) = (invite(&keyed, JO, "agent", None).await, invite(&keyed, JO, "agent", None).await);
        assert!(token(&first.expect(201)).starts_with("acc_inv_"));
        let again = again.expect(201);
        assert_eq!((again.header("idempotency-replayed"), &again.body["accept_token"]), ("true", &Value::Null));
        let resend = format!("{}/resend", again.header("location"));
        let keyed = owner.with("idempotency-key", "k2");
        let (first, again) = (keyed.act(&resend).await.expect(200), keyed.act(&resend).await.expect(200));
        assert!(token(&first).starts_with("acc_inv_"));
        assert_eq!((&again.body["accept_token"], &again.body["revision"]), (&Value::Null, &json!(2)));
        assert_eq!(app.mails().await.len(), 1, "only the latest of two that wait is sent");
    }

    async fn sending_it_again_voids_the_older_token(app: TestApp) {
        let owner = app.owner().await;
        let made = invite(&owner, JO, "agent", None).await.expect(201);
        let older = app.mail_to(JO).await.token("acc_inv_");
        app.clock.advance(TimeDelta::minutes(10));
        let resend = format!("{}/resend", made.header("location"));
        owner.with("if-match", "\"7\"").act(&resend).await.refused(412, "etag_mismatch");
        let sent = owner.act(&resend).await.expect(200);
        assert_eq!((sent.header("etag"), &sent.body["expires_at"]), ("\"2\"", &json!("2026-11-28T09:10:00.000Z")));
        accept(&app, &older).await.refused(410, "invitation_expired");
        accept(&app, &app.mail_to(JO).await.token("acc_inv_")).await.expect(201);
        owner.act(&resend).await.refused(409, "invalid_state");
    }

    async fn an_invitation_expires_after_seven_days_and_can_be_sent_again(app: TestApp) {
        let made = invite(&app.owner().await, JO, "agent", None).await.expect(201);
        app.clock.advance(TimeDelta::days(7));
        accept(&app, &token(&made)).await.refused(410, "invitation_expired");
        let owner = app.owner().await;
        assert_eq!(owner.get(made.header("location")).await.expect(200).body["status"], "expired");
        let over = owner.delete(made.header("location")).await.refused(409, "invalid_state");
        assert_eq!((&over.body["current_status"], &over.body["allowed"]), (&json!("expired"), &json!(["pending"])));
        let again = owner.act(&format!("{}/resend", made.header("location"))).await.expect(200);
        assert_eq!(again.body["status"], "pending");
        accept(&app, &token(&again)).await.expect(201);
    }

    async fn a_revoked_invitation_is_void_and_gets_no_mail(app: TestApp) {
        let owner = app.owner().await;
        let made = invite(&owner, JO, "agent", None).await.expect(201);
        assert_eq!(owner.delete(made.header("location")).await.expect(204).text, "");
        accept(&app, &token(&made)).await.refused(410, "invitation_expired");
        assert_eq!(app.mails().await.len(), 0);
        owner.delete(made.header("location")).await.refused(409, "invalid_state");
        assert_eq!(owner.get(made.header("location")).await.expect(200).body["status"], "revoked");
        invite(&owner, JO, "agent", None).await.expect(201);
    }

    async fn of_two_that_accept_at_once_one_joins(app: TestApp) {
        let made = invite(&app.owner().await, JO, "agent", None).await.expect(201);
        let token = token(&made);
        let (one, other) = tokio::join!(accept(&app, &token), accept(&app, &token));
        let mut statuses = [one.status, other.status];
        statuses.sort_unstable();
        assert_eq!(statuses, [201, 410], "{} {}", one.text, other.text);
    }

    async fn invitations_are_listed_by_state_supplier_and_address(app: TestApp) {
        let owner = app.owner().await;
        let supplier = owner.supplier("Acme").await;
        let over = invite(&owner, "old@accord.example", "agent", None).await.expect(201);
        let taken_back = invite(&owner, "back@accord.example", "agent", None).await.expect(201);
        owner.delete(taken_back.header("location")).await.expect(204);
        app.clock.advance(TimeDelta::days(7));
        let owner = app.owner().await;
        let joined = invite(&owner, "in@accord.example", "agent", None).await.expect(201);
        accept(&app, &token(&joined)).await.expect(201);
        let open = invite(&owner, JO, "supplier_user", Some(&supplier)).await.expect(201);
        let all = [open.id(), joined.id(), taken_back.id(), over.id()];
        assert_eq!(owner.walk("/v1/invitations?limit=1", "id").await, all);
        for (query, expected) in [
            ("status=pending", vec![open.id()]),
            ("status=expired&status=revoked", vec![taken_back.id(), over.id()]),
            ("status=accepted", vec![joined.id()]),
            ("email=JO@accord.example", vec![open.id()]),
            (&*format!("supplier_id={supplier}"), vec![open.id()]),
        ] {
            let found = owner.get(&format!("/v1/invitations?{query}")).await.expect(200);
            assert_eq!(found.each("id"), expected, "{query}");
            assert!(!found.text.contains("acc_inv_"));
        }
    }

    async fn no_token_is_stored(app: TestApp) {
        let owner = app.owner().await;
        let made = invite(&owner.with("idempotency-key", "k1"), JO, "agent", None).await.expect(201);
        let resend = format!("{}/resend", made.header("location"));
        owner.with("idempotency-key", "k2").act(&resend).await.expect(200);
        accept(&app, &app.mail_to(JO).await.token("acc_inv_")).await.expect(201);
        let stored = app.everything(&["job", "history", "invitation", "idempotency_key"]).await;
        assert!(stored.contains("invitation.accept") && !stored.contains("acc_inv_"), "{stored}");
        let payloads = app.job_payloads("mail.send").await;
        assert!(payloads.iter().all(|payload| !payload.to_string().contains('@')), "{payloads:?}");
    }
}

async fn with_mail(change: impl FnOnce(&mut Settings)) -> (TestApp, tempfile::TempDir) {
    let folder = tempfile::tempdir().expect("a folder");
    let mut settings = mail::settings(folder.path());
    change(&mut settings);
    let app = TestApp::sqlite_with(Wishes { mail: Some(settings), ..Wishes::default() }).await;
    (app, folder)
}

/// A mail server that takes one mail and returns what it was told.
async fn mail_server(listener: tokio::net::TcpListener) -> String {
    let (socket, _) = listener.accept().await.expect("a client");
    let (reader, mut writer) = socket.into_split();
    let (mut lines, mut heard, mut in_mail) = (BufReader::new(reader).lines(), String::new(), false);
    writer.write_all(b"220 ready\r\n").await.expect("it listens");
    while let Some(line) = lines.next_line().await.expect("text") {
        heard.push_str(&format!("{line}\n"));
        let answer = match line.as_str() {
            "." => "250 taken\r\n",
            "DATA" => "354 go on\r\n",
            "QUIT" => return heard,
            _ if in_mail => continue,
            _ => "250 fine\r\n",
        };
        in_mail = line == "DATA";
        writer.write_all(answer.as_bytes()).await.expect("it listens");
        if line == "." {
            return heard;
        }
    }
    heard
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_a_mail_server_only_the_mail_has_the_token() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("smtp://{}", listener.local_addr().expect("its address"));
    let (app, _folder) = with_mail(|settings| settings.url = Some(url.into())).await;
    let made = invite(&app.owner().await, JO, "agent", None).await.expect(201);
    assert_eq!(made.body["accept_token"], Value::Null);
    let (heard, mails) = tokio::join!(mail_server(listener), app.mails());
    assert!(mails.is_empty(), "nothing is written to the folder");
    assert!(heard.contains("MAIL FROM:<accord@localhost>") && heard.contains(&format!("RCPT TO:<{JO}>")), "{heard}");
    let token = heard.lines().find(|line| line.starts_with("acc_inv_")).expect("a token");
    accept(&app, token).await.expect(201);
}

#[tokio::test]
async fn a_mail_that_cannot_be_sent_is_tried_again() {
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("its address");
    let (app, _folder) = with_mail(|settings| settings.url = Some(format!("smtp://{nobody}").into())).await;
    let owner = app.owner().await;
    invite(&owner, JO, "agent", None).await.expect(201);
    for attempt in 1..=16 {
        let status = if attempt == 16 { "failed" } else { "queued" };
        app.mails().await;
        let jobs = app.owner().await.get("/v1/jobs?kind=mail.send").await.expect(200);
        assert_eq!(jobs.each("status"), [status]);
        assert!(!jobs.text.contains(JO) && !jobs.text.contains("acc_inv_"), "{}", jobs.text);
        app.clock.advance(TimeDelta::seconds(1 << attempt.min(10)));
    }
}

#[tokio::test]
async fn the_operators_template_and_page_are_used() {
    use accord::shared::mail::Templates;
    let templates = tempfile::tempdir().expect("a folder");
    let text = "Subject: Welcome, {{ recipient }}\n\nGo to {{ link }}\n";
    std::fs::write(templates.path().join("invitation.txt"), text).expect("a file");
    let (app, folder) = with_mail(|settings| {
        settings.templates = Templates::read(Some(templates.path())).expect("it is right");
        settings.invitation_url = Some("https://app.example.com/join".to_owned());
    })
    .await;
    let made = invite(&app.owner().await, JO, "agent", None).await.expect(201);
    app.mails().await;
    let mails = std::fs::read_dir(folder.path().join("mail")).expect("mails");
    let mail = mails.map(|mail| mail.expect("a mail").path()).next().expect("a mail");
    let text = std::fs::read_to_string(mail).expect("text").replace("=\r\n", "").replace("=3D", "=");
    assert!(text.contains("Subject: Welcome, jo@accord.example\r\n"), "{text}");
    assert!(text.contains(&format!("Go to https://app.example.com/join#token={}", token(&made))), "{text}");
}

#[tokio::test]
async fn mails_are_readable_by_their_owner_only() {
    use crate::support::process::mode;
    let app = TestApp::sqlite().await;
    invite(&app.owner().await, JO, "agent", None).await.expect(201);
    app.mails().await;
    let folder = app.mail_folder();
    let file = std::fs::read_dir(&folder).expect("mails").next().expect("a mail").expect("a mail").path();
    assert_eq!((mode(&folder), mode(&file)), (0o700, 0o600));
}

/// The administrator of a supplier.
async fn admin<'a>(app: &'a TestApp, supplier: &str) -> Caller<'a> {
    app.sign_in(Role::SupplierAdmin, Some(supplier)).await
}

both! {
    async fn an_invitation_is_over_when_its_sender_may_not_invite_any_more(app: TestApp) {
        let owner = app.owner().await;
        let own = owner.supplier("Own").await;
        let admin = app.sign_in(Role::SupplierAdmin, Some(&own)).await;
        let new = json!({"email": "jo@accord.example", "role": "supplier_admin"});
        let made = admin.post("/v1/invitations", new).await.expect(201);
        assert_eq!(made.body["accept_token"], Value::Null, "only staff hands tokens on");
        let token = app.mail_to("jo@accord.example").await.token("acc_inv_");
        let id = admin.get("/v1/me").await.expect(200).id();
        owner.act(&format!("/v1/users/{id}/disable")).await.expect(200);
        let joining = json!({"token": token, "name": "Jo", "password": "seven yellow barges upstream"});
        app.nobody().post("/v1/invitations/accept", joining.clone()).await.refused(410, "invitation_expired");
        owner.act(&format!("/v1/users/{id}/enable")).await.expect(200);
        app.nobody().post("/v1/invitations/accept", joining).await.expect(201);
    }

    async fn nobody_is_mailed_twice_in_a_minute_and_few_wait_at_a_time(app: TestApp) {
        let owner = app.owner().await;
        let own = owner.supplier("Own").await;
        let admin = app.sign_in(Role::SupplierAdmin, Some(&own)).await;
        let new = |number: i32| json!({"email": format!("jo{number}@accord.example"), "role": "supplier_user"});
        let first = admin.post("/v1/invitations", new(0)).await.expect(201);
        let again = format!("/v1/invitations/{}/resend", first.id());
        assert_eq!(admin.act(&again).await.refused(429, "rate_limited").header("retry-after"), "60");
        app.clock.advance(chrono::TimeDelta::seconds(60));
        admin.act(&again).await.expect(200);
        for number in 1..50 {
            admin.post("/v1/invitations", new(number)).await.expect(201);
        }
        admin.post("/v1/invitations", new(50)).await.refused(422, "rule_violated");
    }
}
