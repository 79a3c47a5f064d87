//! Files that are uploaded while the server is killed: every row has its bytes, and bytes without a row go.

use super::moment;
use crate::real;
use crate::support::files::pdf;
use crate::support::place::Place;
use crate::support::process::{Client, Sent};
use accord::shared::clock::Clock;
use accord::shared::crypto::{hex, sha256};
use chrono::TimeDelta;
use futures_util::StreamExt;
use futures_util::stream;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

const ALL: usize = 300;
const IN_FLIGHT: usize = 16;

/// Larger than a part, and each of its own.
fn content(number: usize) -> Vec<u8> {
    let mut bytes = pdf(1_100_000, b'x');
    bytes.extend(format!("file {number}").into_bytes());
    bytes
}

async fn upload(caller: &Client, number: usize) -> (usize, Result<Sent, reqwest::Error>) {
    let query = format!("filename=file-{number}.pdf");
    (number, caller.try_upload(&query, content(number), &format!("key-{number}")).await)
}

fn objects(place: &Place) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(place.path("data/files")).expect("the folder");
    entries.map(|entry| entry.expect("an entry").path()).collect()
}

async fn count(place: &Place) -> usize {
    usize::try_from(place.number("SELECT count(*) FROM file").await).expect("a number")
}

/// Every file that is listed comes back as it was sent.
async fn check_all(caller: &Client) -> usize {
    let (mut seen, mut path) = (0, "/v1/files?limit=100".to_owned());
    loop {
        let page = caller.get(&path).await;
        for file in page["data"].as_array().expect("a page") {
            let name = file["filename"].as_str().expect("a name");
            let number = name.trim_start_matches("file-").trim_end_matches(".pdf").parse().expect("a number");
            let got = caller.bytes(&format!("/v1/files/{}/content", file["id"].as_str().expect("an id"))).await;
            assert!(got == content(number), "{name} is not what was sent");
            assert_eq!(file["sha256"], hex(&sha256(&got)));
            seen += 1;
        }
        match page["next_cursor"].as_str() {
            Some(cursor) => path = format!("/v1/files?limit=100&cursor={cursor}"),
            None => return seen,
        }
    }
}

real! {
    async fn a_killed_server_keeps_no_half_of_a_file(place: Place) {
        let app = place.open().await;
        let token = app.owner().await.token.clone().expect("a token");
        app.app.db.close().await;
        let mut server = place.serve();
        let caller = server.with_token(&token);
        let (last, mut answered) = (moment(ALL), BTreeMap::new());
        let mut sending = stream::iter((0..ALL).map(|number| upload(&caller, number))).buffer_unordered(IN_FLIGHT);
        while let Some((number, outcome)) = sending.next().await {
            let Ok(sent) = outcome else { continue };
            assert_eq!(sent.status, 201, "{}", sent.body);
            answered.insert(number, sent.body["id"].clone());
            if answered.len() == last {
                server.kill();
            }
        }
        drop((sending, server));
        let (rows, there) = (count(&place).await, objects(&place).len());
        eprintln!("crash: {} answered, {rows} files, {there} objects, drafts among them", answered.len());
        assert!(rows >= answered.len() && rows < ALL && there > rows, "{rows} of {}", answered.len());
        assert_eq!(place.noted("file.create").await, i64::try_from(rows).expect("a number"));

        // A day goes by for what is there.
        for path in objects(&place) {
            let file = std::fs::File::options().append(true).open(path).expect("an object");
            let yesterday = Clock::system().now().plus(TimeDelta::hours(-25));
            file.set_modified(yesterday.instant().into()).expect("an age");
        }
        let server = place.serve();
        let caller = server.with_token(&token);
        place.time_goes_by().await;
        for _ in 0..300 {
            place.time_goes_by().await;
            if objects(&place).len() == rows {
                break;
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        assert_eq!(objects(&place).len(), rows, "what belongs to no file is gone, and nothing else");
        assert_eq!(check_all(&caller).await, rows);

        // Whoever heard nothing sends it again.
        let mut again = stream::iter((0..ALL).map(|number| upload(&caller, number))).buffer_unordered(4);
        while let Some((number, outcome)) = again.next().await {
            let sent = outcome.expect("an answer");
            assert_eq!(sent.status, 201, "{}", sent.body);
            if let Some(id) = answered.get(&number) {
                assert_eq!((&sent.body["id"], sent.replayed), (id, true));
            }
        }
        assert_eq!((count(&place).await, objects(&place).len()), (ALL, ALL));
    }
}
