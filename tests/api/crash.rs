//! A server that is killed in the middle of its work: what it has answered is there, once and
//! whole, and nothing else is half there.

mod answers;
mod facts;
mod feedback;
mod files;
mod imports;
mod transitions;

use crate::support::process::{Client, Installation, SECRET, Sent, Server};
use crate::support::{PASSWORD, fresh_postgres};
use futures_util::StreamExt;
use futures_util::stream;
use sea_orm::{ConnectionTrait, Statement};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

const ALL: usize = 2_000;
const IN_FLIGHT: usize = 64;
const PAGES: usize = ALL / 100 + 1;

/// Number → the id it was answered with.
pub type Answered = BTreeMap<usize, String>;

/// A POST that is sent under a key of its own.
pub struct Write {
    pub path: String,
    pub body: Value,
}

impl Write {
    async fn send(&self, caller: &Client, number: usize) -> (usize, Result<Sent, reqwest::Error>) {
        (number, caller.try_post(&self.path, &self.body, Some(&format!("key-{number}"))).await)
    }
}

fn suppliers() -> Vec<Write> {
    let supplier = |number: usize| {
        // Names that begin alike are compared with each other, which is not what this is about.
        let begin = [number / 676, number / 26, number].map(|letter| char::from(b'a' + (letter % 26) as u8));
        let body = json!({
            "kind": "company",
            "name": format!("{} Wreck", String::from_iter(begin)),
            "external_id": format!("crash-{number:04}"),
            "legal_ids": [{"scheme": "LGL", "value": format!("salvage{number:04}")}],
            "categories": ["diving"],
        });
        Write { path: "/v1/suppliers".to_owned(), body }
    };
    (0..ALL).map(supplier).collect()
}

fn id(body: &Value) -> String {
    body["id"].as_str().expect("an id").to_owned()
}

/// Somewhere in the middle, each time somewhere else.
fn moment(all: usize) -> usize {
    let any = u16::from_be_bytes(accord::shared::crypto::random());
    all / 4 + usize::from(any) % (all / 2)
}

fn is_done(sent: &Sent) -> bool {
    matches!(sent.status, 200 | 201)
}

/// Sends the writes to a server that is killed meanwhile; what it had answered.
pub async fn send_until_killed(mut server: Server, caller: &Client, writes: &[Write]) -> Answered {
    let last = moment(writes.len());
    let mut answered = Answered::new();
    let sends = writes.iter().enumerate().map(|(number, write)| write.send(caller, number));
    let mut sending = stream::iter(sends).buffer_unordered(IN_FLIGHT);
    while let Some((number, outcome)) = sending.next().await {
        let Ok(sent) = outcome else { continue };
        assert!(is_done(&sent), "{}", sent.body);
        answered.insert(number, id(&sent.body));
        if answered.len() == last {
            server.kill();
        }
    }
    drop(sending);
    let (heard, all) = (answered.len(), writes.len());
    assert!(heard >= last && heard < all, "killed at {last}, answered {heard}");
    answered
}

/// Sends every key again; those that were answered before get the same answer.
pub async fn send_again(caller: &Client, writes: &[Write], before: &Answered) -> Answered {
    let mut after = Answered::new();
    let mut unheard = 0;
    let sends = writes.iter().enumerate().map(|(number, write)| write.send(caller, number));
    let mut sending = stream::iter(sends).buffer_unordered(IN_FLIGHT);
    while let Some((number, outcome)) = sending.next().await {
        let mut sent = outcome.expect("an answer");
        // PostgreSQL may not have noticed yet that the killed process is gone.
        for _ in 0..10 {
            if is_done(&sent) {
                break;
            }
            assert!(matches!(sent.status, 409 | 503) && sent.body["code"] != "already_exists", "{}", sent.body);
            tokio::time::sleep(Duration::from_millis(500)).await;
            sent = writes[number].send(caller, number).await.1.expect("an answer");
        }
        assert!(is_done(&sent), "{}", sent.body);
        match before.get(&number) {
            Some(id) => assert_eq!((Some(id.as_str()), sent.replayed), (sent.body["id"].as_str(), true), "{number}"),
            None => unheard += usize::from(sent.replayed),
        }
        after.insert(number, id(&sent.body));
    }
    eprintln!("crash: {} of {} answered before the kill, {unheard} stored but unheard", before.len(), writes.len());
    after
}

/// Every item of a list, in its order.
async fn all(caller: &Client, path: &str) -> Vec<Value> {
    let (mut found, mut next) = (Vec::new(), path.to_owned());
    for _ in 0..PAGES {
        let mut page = caller.get(&next).await;
        found.append(page["data"].as_array_mut().expect("a page"));
        let Some(cursor) = page["next_cursor"].as_str() else {
            return found;
        };
        next = format!("{path}&cursor={cursor}");
    }
    panic!("{path} does not end");
}

async fn check_through_the_api(caller: &Client, made: &Answered) {
    for filter in ["q=wreck", "q=salvage", "q=crash", "category=diving", "status=prospect"] {
        let counted = caller.get(&format!("/v1/suppliers?{filter}&limit=1&count=true")).await;
        assert_eq!(counted["total_count"], ALL, "{filter}");
    }
    let suppliers = all(caller, "/v1/suppliers?limit=100").await;
    let listed: BTreeMap<_, _> = suppliers
        .iter()
        .map(|supplier| (supplier["external_id"].as_str().expect("its key").to_owned(), id(supplier)))
        .collect();
    let made_ids: BTreeMap<_, _> = made.iter().map(|(number, id)| (format!("crash-{number:04}"), id.clone())).collect();
    assert_eq!(suppliers.len(), ALL);
    assert_eq!(listed, made_ids);

    let events = all(caller, "/v1/audit-events?action=supplier.create&limit=100").await;
    let noted: BTreeSet<_> = events.iter().map(|event| id(&event["resource"])).collect();
    assert_eq!(events.len(), ALL);
    assert_eq!(noted, made_ids.into_values().collect());

    for number in (0..ALL).step_by(100) {
        let same = json!({"kind": "company", "name": "Copy", "legal_ids": [
            {"scheme": "LGL", "value": format!("SALVAGE-{number:04}")}]});
        let (status, refusal) = caller.post("/v1/suppliers", &same).await;
        assert_eq!((status, refusal["existing_id"].as_str()), (409, Some(made[&number].as_str())), "{refusal}");
    }
}

async fn check_in_the_database(url: &str) {
    let db = sea_orm::Database::connect(url).await.expect("a connection");
    let count = async |sql: &str| -> i64 {
        let statement = Statement::from_string(db.get_database_backend(), sql);
        db.query_one_raw(statement).await.expect("the query").expect("a row").try_get_by_index(0).expect("a number")
    };
    let all = i64::try_from(ALL).expect("a number");
    for sql in [
        "SELECT count(*) FROM supplier",
        "SELECT count(*) FROM supplier_legal_id",
        "SELECT count(DISTINCT supplier_id) FROM supplier_legal_id",
        "SELECT count(*) FROM supplier_tag",
        "SELECT count(DISTINCT resource_id) FROM search_word",
        "SELECT count(*) FROM idempotency_key WHERE outcome IS NOT NULL",
        "SELECT count(*) FROM idempotency_key",
    ] {
        assert_eq!(count(sql).await, all, "{sql}");
    }
    let words = count("SELECT count(*) FROM search_word").await;
    assert_eq!(words % all, 0, "some supplier is found by fewer words than another");
    if url.starts_with("sqlite:") {
        assert_eq!(count("SELECT count(*) FROM pragma_integrity_check WHERE integrity_check <> 'ok'").await, 0);
    }
}

async fn wait_for_seals(caller: &Client) {
    for _ in 0..150 {
        let report = caller.get("/v1/audit-events/verify").await;
        assert_eq!(report["is_intact"], true, "{report}");
        if report["unsealed"] == 0 {
            // The account and its sign-in as well.
            assert_eq!(report["sealed"], ALL + 2, "{report}");
            return;
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    panic!("rows stay unsealed");
}

async fn crash(place: Installation, url: &str) {
    let place = place.with("ACCORD_RATE_LIMITS", "off").with("ACCORD_ACCESS_LOG", "off");
    place.user("owner@accord.example", "owner").expect(0);
    let writes = suppliers();
    let server = place.serve();
    let owner = server.sign_in("owner@accord.example", PASSWORD).await;
    let before = send_until_killed(server, &owner, &writes).await;
    let server = place.serve();
    let caller = server.with_token(&owner.token);
    let made = send_again(&caller, &writes, &before).await;
    check_through_the_api(&caller, &made).await;
    wait_for_seals(&caller).await;
    check_in_the_database(url).await;
    let (code, said) = server.stop();
    assert_eq!(code, Some(0), "{said}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_server_loses_nothing_it_has_answered_on_sqlite() {
    let place = Installation::new();
    let url = format!("sqlite:{}", place.path("data/accord.db").display());
    crash(place, &url).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_server_loses_nothing_it_has_answered_on_postgres() {
    if let Some(addresses) = fresh_postgres().await {
        let place = Installation::new().with("ACCORD_SECRET", SECRET);
        crash(place.with("ACCORD_DATABASE_URL", &addresses.primary), &addresses.primary).await;
    }
}
