//! What tests look at in answers and lists.

use super::{Answer, Caller, TestApp};
use accord::shared::error::Error;
use accord::shared::jobs;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter, Statement};
use serde_json::{Value, json};

impl Answer {
    /// Where and why, of every field error, in order: `#/name too_short`.
    #[track_caller]
    pub fn errors(&self) -> Vec<String> {
        let errors = self.body["errors"].as_array().expect("a problem lists its errors");
        let mut lines: Vec<_> = errors
            .iter()
            .map(|error| {
                let place = ["pointer", "parameter", "header"].iter().find_map(|member| error[*member].as_str());
                let code = error["code"].as_str().expect("every error has a code");
                format!("{} {code}", place.expect("every error has a place"))
            })
            .collect();
        lines.sort();
        lines
    }

    /// The body without what differs from request to request.
    #[track_caller]
    pub fn lasting(&self) -> Value {
        let mut body = self.body.clone();
        body.as_object_mut().expect("an object").remove("request_id");
        body
    }

    /// One member of every item of a list.
    #[track_caller]
    pub fn each(&self, member: &str) -> Vec<String> {
        let items = self.body["data"].as_array().expect("a list");
        items.iter().map(|item| item[member].as_str().expect("text").to_owned()).collect()
    }
}

impl Caller<'_> {
    /// Reads a list to its end, page by page; one member of every item. `path` has a query.
    pub async fn walk(&self, path: &str, member: &str) -> Vec<String> {
        let mut found = Vec::new();
        let mut next = path.to_owned();
        for _ in 0..100 {
            let page = self.get(&next).await.expect(200);
            found.extend(page.each(member));
            assert_eq!(page.body["has_more"], page.body["next_cursor"].is_string(), "{}", page.text);
            let Some(cursor) = page.body["next_cursor"].as_str() else {
                return found;
            };
            next = format!("{path}&cursor={cursor}");
        }
        panic!("{path} does not end");
    }
}

impl TestApp {
    /// Changes the database behind the application's back.
    pub async fn sql(&self, sql: &str) {
        let change = self.app.db.write(sql.to_owned(), |txn, sql| {
            Box::pin(async move { txn.execute_unprepared(sql).await.map(drop).map_err(Error::from) })
        });
        change.await.expect("the statement runs");
    }

    /// All rows of some tables, as text.
    pub async fn everything(&self, tables: &[&str]) -> String {
        let db = self.app.db.fresh();
        let mut found = String::new();
        for table in tables {
            let all = Statement::from_string(db.get_database_backend(), format!("SELECT * FROM {table}"));
            for row in Value::find_by_statement(all).all(db).await.expect("the rows") {
                found.push_str(&format!("{table}: {row}\n"));
            }
        }
        found
    }

    /// Does a job of a kind that comes by itself, now.
    pub async fn job(&self, kind: &'static str) {
        let ordered = self.app.db.write(self.clock.clone(), move |txn, clock| {
            let job = jobs::NewJob { kind, payload: json!({}), dedupe_key: None, max_attempts: jobs::ATTEMPTS };
            Box::pin(jobs::enqueue(txn, clock, job))
        });
        ordered.await.expect("a job");
        assert!(jobs::worker::run_one(&self.app, &accord::app::work()).await.expect("it runs"));
    }

    /// What the jobs of a kind hold.
    pub async fn job_payloads(&self, kind: &str) -> Vec<Value> {
        let rows = jobs::Entity::find().filter(jobs::Column::Kind.eq(kind)).all(self.app.db.fresh()).await;
        rows.expect("the jobs").into_iter().map(|job| job.payload.0).collect()
    }
}
