//! Files that hang on something: whoever reads it reads them, and what was handed in keeps them.

use super::ANY;
use crate::both;
use crate::support::files::{PDF, objects};
use crate::support::{TestApp, Wishes};
use accord::agreements::{self, AgreementStatus};
use accord::files::{self, FileFacts};
use accord::shared::auth::{By, Caller};
use accord::shared::error::Error;
use accord::shared::id::{self, AgreementId, FileId, SupplierId};
use accord::shared::owner::Owner;
use accord::shared::permission::Role;
use chrono::TimeDelta;
use sea_orm::{EntityTrait, QuerySelect, QueryTrait};
use serde_json::json;

type Column = <agreements::Entity as EntityTrait>::Column;

/// Agreements, for want of something that files belong to: frozen once they are in force.
const OWNERS: &[Owner] = &[Owner {
    kind: "agreement",
    seen: |by| agreements::Entity::visible(by).select_only().column(Column::Id).into_query(),
    is_frozen: |txn, id| {
        Box::pin(async move {
            let statuses = agreements::statuses_of(txn, vec![AgreementId(id)]).await?;
            Ok(statuses.get(&AgreementId(id)) != Some(&AgreementStatus::Draft))
        })
    },
    let_go: |_, _, _| Box::pin(async { Ok(()) }),
}];

fn uuid(text: &str) -> uuid::Uuid {
    id::parse(text).expect("an id")
}

fn file(text: &str) -> FileId {
    FileId(uuid(text))
}

async fn with_owners(app: &TestApp) -> TestApp {
    app.over_the_same(Wishes { files: Some(app.files()), owners: Some(OWNERS), ..Wishes::default() }).await
}

async fn attach(app: &TestApp, agreement: &str, supplier: &str, files: &[&str]) -> Result<Vec<FileFacts>, Error> {
    let by = By::acting(&app.app.gate, Caller::command_line(), "-").expect("a caller");
    let files: Vec<_> = files.iter().map(|id| file(id)).collect();
    let input = (by, uuid(agreement), SupplierId(uuid(supplier)), files);
    let attached = app.app.db.write(input, |txn, (by, agreement, supplier, files)| {
        Box::pin(files::attach(txn, by, "agreement", *agreement, *supplier, files))
    });
    attached.await
}

async fn detach(app: &TestApp, agreement: &str, files: &[&str]) {
    let by = By::acting(&app.app.gate, Caller::command_line(), "-").expect("a caller");
    let input = (by, uuid(agreement), files.iter().map(|id| file(id)).collect::<Vec<_>>());
    let detached = app
        .app
        .db
        .write(input, |txn, (by, agreement, files)| Box::pin(files::detach(txn, by, "agreement", *agreement, files)));
    detached.await.expect("they are let go");
}

/// A supplier with which agreements can be made.
async fn partner(app: &TestApp, name: &str) -> String {
    let owner = app.owner().await;
    let supplier = owner.supplier(name).await;
    owner.act(&format!("/v1/suppliers/{supplier}/nominate")).await.expect(200);
    supplier
}

/// A draft of an agreement with the supplier.
async fn draft(app: &TestApp, supplier: &str) -> String {
    let new = json!({"supplier_id": supplier, "title": "Service", "starts_on": "2026-01-01"});
    app.owner().await.post("/v1/agreements", new).await.expect(201).id()
}

both! {
    async fn whoever_reads_the_parent_reads_its_files(app: TestApp) {
        let app = with_owners(&app).await;
        let owner = app.owner().await;
        let supplier = partner(&app, "Acme").await;
        let (on, hidden) = (app.seed_agreement(&supplier).await.agreement, draft(&app, &supplier).await);
        let query = format!("filename=a.pdf&supplier_id={supplier}");
        let (shared, secret) = (owner.upload(&query, ANY, PDF).await.expect(201), owner.upload(&query, ANY, PDF).await.expect(201));
        let admin = app.sign_in(Role::SupplierAdmin, Some(&supplier)).await;
        assert_eq!(admin.get("/v1/files").await.expect(200).each("id").len(), 2, "what hangs on nothing");
        let facts = attach(&app, &on, &supplier, &[&shared.id()]).await.expect("it is attached");
        assert_eq!((facts[0].id, facts[0].size), (file(&shared.id()), PDF.len() as i64));
        attach(&app, &hidden, &supplier, &[&secret.id()]).await.expect("it is attached");
        let read = admin.get(shared.header("location")).await.expect(200);
        assert_eq!((&read.body["parent"], &read.body["revision"]), (&json!({"kind": "agreement", "id": on}), &json!(2)));
        admin.get(&format!("{}/content", secret.header("location"))).await.refused(404, "not_found");
        assert_eq!(admin.get("/v1/files").await.expect(200).each("id"), [shared.id()]);
        let reviewer = app.sign_in(Role::Reviewer, None).await;
        reviewer.get(shared.header("location")).await.refused(404, "not_found");
        let me = reviewer.get("/v1/me").await.expect(200).id();
        let cells = vec![("agreement_id", uuid(&on).into()), ("account_id", uuid(&me).into())];
        app.row("agreement_reviewer", false, cells).await;
        reviewer.get(&format!("{}/content", shared.header("location"))).await.expect(200);
        reviewer.get(secret.header("location")).await.refused(404, "not_found");
        for query in [format!("parent_id={on}"), format!("parent_kind=agreement&parent_id={on}")] {
            assert_eq!(owner.get(&format!("/v1/files?{query}")).await.expect(200).each("id"), [shared.id()]);
        }
        assert_eq!(owner.get("/v1/files?parent_kind=dragon").await.expect(200).body["data"], json!([]));
        app.clock.advance(TimeDelta::days(8));
        super::keeping::tidy(&app).await;
        app.owner().await.get(shared.header("location")).await.expect(200);
    }

    async fn only_loose_files_of_the_supplier_are_attached(app: TestApp) {
        let app = with_owners(&app).await;
        let owner = app.owner().await;
        let (acme, other) = (partner(&app, "Acme").await, partner(&app, "Other").await);
        let (one, two) = (draft(&app, &acme).await, draft(&app, &acme).await);
        let of = |supplier: &str| format!("filename=a.pdf&supplier_id={supplier}");
        let mine = owner.upload(&of(&acme), ANY, PDF).await.expect(201).id();
        let theirs = owner.upload(&of(&other), ANY, PDF).await.expect(201).id();
        let own = owner.upload("filename=a.pdf", ANY, PDF).await.expect(201).id();
        for wrong in [&*theirs, &own, "01a1ff81-7540-74d8-bf1a-931cc1c79f06"] {
            let refused = attach(&app, &one, &acme, &[&mine, wrong]).await.expect_err("refused");
            assert_eq!(refused.code.name(), "invalid_reference");
            assert_eq!(refused.fields[0].pointer.as_deref(), Some("#/file_ids/1"));
        }
        attach(&app, &one, &acme, &[&mine]).await.expect("attached");
        attach(&app, &one, &acme, &[&mine]).await.expect("it is attached there already");
        let elsewhere = attach(&app, &two, &acme, &[&mine]).await.expect_err("refused");
        assert_eq!(elsewhere.code.name(), "invalid_reference");
        detach(&app, &two, &[&mine]).await;
        attach(&app, &two, &acme, &[&mine]).await.expect_err("it still hangs on the first");
        detach(&app, &one, &[&mine]).await;
        attach(&app, &two, &acme, &[&mine]).await.expect("attached");
        let facts = files::facts(app.app.db.fresh(), &[file(&mine), file(&theirs)]).await.expect("facts");
        assert_eq!(facts.len(), 2);
    }

    async fn an_infected_file_is_not_attached(app: TestApp) {
        let app = with_owners(&app).await;
        let owner = app.owner().await;
        let supplier = partner(&app, "Acme").await;
        let on = draft(&app, &supplier).await;
        let made = owner.upload(&format!("filename=a.pdf&supplier_id={supplier}"), ANY, PDF).await.expect(201);
        app.sql("UPDATE file SET status = 'rejected'").await;
        let refused = attach(&app, &on, &supplier, &[&made.id()]).await.expect_err("refused");
        assert_eq!(refused.code.name(), "file_infected");
    }

    async fn what_was_handed_in_keeps_its_files(app: TestApp) {
        let kept = app.files();
        let app = with_owners(&app).await;
        let owner = app.owner().await;
        let supplier = partner(&app, "Acme").await;
        let (open, frozen) = (draft(&app, &supplier).await, app.seed_agreement(&supplier).await.agreement);
        let query = format!("filename=a.pdf&supplier_id={supplier}");
        let (one, two) = (owner.upload(&query, ANY, PDF).await.expect(201), owner.upload(&query, ANY, PDF).await.expect(201));
        attach(&app, &open, &supplier, &[&one.id()]).await.expect("attached");
        attach(&app, &frozen, &supplier, &[&two.id()]).await.expect("attached");
        let change = json!({"effective_from": "2026-01-01"});
        owner.patch(two.header("location"), change.clone()).await.refused(409, "in_use");
        owner.delete(two.header("location")).await.refused(409, "in_use");
        owner.patch(one.header("location"), change).await.expect(200);
        owner.delete(one.header("location")).await.expect(204);
        assert_eq!(objects(&kept).len(), 1);
    }
}
